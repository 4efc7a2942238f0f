"""An open event: a parent without an account keeps a place, and gives it back by link."""

import re
from urllib.parse import urlsplit

import pytest
from django.core import mail

from meetings.models import SignUp
from tests.factories.meetings import coming_meeting
from tests.journeys.acting import errors_of, follow, press, words_of

pytestmark = pytest.mark.django_db


def link_to(address, sent):
    """The path of the one address in the newest mail to somebody without an account."""
    newest = [each for each in sent if address in each.to][-1]
    return urlsplit(re.findall(r"^https?://\S+$", newest.body, re.MULTILINE)[0]).path


def test_a_parent_signs_up_without_an_account_and_cancels_by_link(
    page_no_script, page_desktop, coordinator, signed_in, outbox_drained, look
):
    event = coming_meeting(title="Open morning", audience="open", days=10, places=5)
    page, address = page_no_script, "marta@family.example"
    page.goto(event.get_absolute_url())
    follow(page, "Sign up")
    look(page)
    page.get_by_label("How many of you are coming?").fill("6")
    press(page, "Keep a place for us")
    assert "Enter a name" in errors_of(page)
    page.get_by_label("Your name").fill("Marta")
    page.get_by_label("E-mail address").fill(address)
    press(page, "Keep a place for us")
    assert "Only 5 places are left" in errors_of(page)
    assert page.get_by_label("Your name").input_value() == "Marta"
    look(page)
    page.get_by_label("How many of you are coming?").fill("2")
    page.get_by_label("Anything that would help you on the day?").fill("A ramp")
    press(page, "Keep a place for us")
    assert page.locator("h1").inner_text() == "See you there"
    look(page)

    # The coordinator sees who comes, and writes down somebody who rang.
    theirs = signed_in(coordinator, on=page_desktop)
    theirs.goto(f"{event.get_absolute_url()}sign-ups/")
    said = words_of(theirs)
    assert "2 people through 1 sign-up, of 5 places" in said
    assert "What would help: A ramp" in said
    look(theirs, "sign-ups")
    follow(theirs, "Add somebody who rang")
    look(theirs, "sign-up-add")
    theirs.get_by_label("Their name").fill("Wilf")
    theirs.get_by_label("Phone number").fill("01632 960 177")
    press(theirs, "Keep this place")
    assert "Wilf is on the list." in words_of(theirs)

    page.goto(link_to(address, outbox_drained()))
    assert page.locator("h1").inner_text() == "Your place is kept"
    look(page)
    assert SignUp.objects.filter(cancelled_at=None).count() == 2, "opening the link changed it"
    press(page, "We can’t come after all")
    assert page.locator("h1").inner_text() == "You’re off the list"
    look(page)

    theirs.reload()
    said = words_of(theirs)
    assert "1 person through 1 sign-up" in said
    assert "1 cancelled" in said
    follow(theirs, "Take off the list")
    look(theirs, "sign-up-off")
    press(theirs, "Take them off the list")
    assert "Nobody has signed up yet" in words_of(theirs)
    look(theirs, "sign-ups-empty")
    assert [each.to for each in mail.outbox] == [[address]], "somebody else was written to"
