"""The draft minutes will be late: everybody hears why and when instead, and it is counted so."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from coprod import clocks
from tests.factories.meetings import past_meeting
from tests.factories.minutes import written
from tests.journeys.acting import errors_of, press, words_of

pytestmark = pytest.mark.django_db

WHY = "The person who takes our minutes is in hospital."


def test_a_promise_gets_a_new_date_and_the_public_page_says_explained(
    page_desktop, page_phone, coordinator, rep, person_without_email, signed_in, mailed, look
):
    meeting = past_meeting(
        coordinator, rep, person_without_email, days=12, title="Forum meeting with services"
    )
    written(meeting, "Six families tried the page.", by=coordinator)
    until = clocks.today() + timedelta(days=9)
    page = signed_in(coordinator, on=page_desktop)
    page.goto(f"{meeting.get_absolute_url()}delay/")
    look(page, "delay")
    press(page, "See the letter")
    assert "Say why it takes longer" in errors_of(page)
    page.get_by_label("Why does it take longer?").fill(WHY)
    page.get_by_label("The new date").fill(f"{until:%-d %B %Y}")
    press(page, "See the letter")
    assert "2 e-mails and 1 letter" in words_of(page).lower()
    look(page, "delay-preview")
    press(page, "Tell everybody")
    assert f"The new date is {until:%A %-d %B}." in words_of(page)
    assert WHY in mailed(rep).body

    page_phone.goto(meeting.get_absolute_url())
    assert WHY in words_of(page_phone)
    look(page_phone, "delayed-page")
    with time_machine.travel(timezone.now() + timedelta(days=5), tick=True):
        page_phone.goto("/promises/")
    said = words_of(page_phone)
    assert "Explained" in said
    assert WHY in said
    look(page_phone, "promises-explained")
