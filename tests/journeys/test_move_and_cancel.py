"""A meeting moves, everybody says again if they can come; then it can't take place at all."""

from datetime import timedelta

import pytest

from coprod.models import Message
from meetings.models import Meeting, Reply
from tests.factories.meetings import (
    AgendaItemFactory,
    ClosedPeriodFactory,
    coming_meeting,
    reply,
)
from tests.journeys.acting import errors_of, follow, press, words_of

pytestmark = pytest.mark.django_db

WHY = "The hall is flooded."


@pytest.fixture
def meeting(coordinator, rep, person_without_email):
    """Three weeks ahead; the rep said yes; nobody should meet a week after it."""
    found = coming_meeting(
        coordinator, rep, person_without_email, days=21, title="Forum meeting with services"
    )
    reply(found.invitations.get(person=rep))
    AgendaItemFactory(meeting=found, title="School transport")
    later = found.date + timedelta(days=7)
    ClosedPeriodFactory(name="Autumn half-term", first_day=later, last_day=later)
    return found


def test_a_meeting_moves_and_the_answer_is_given_again_by_link(
    page_desktop, page_phone, meeting, coordinator, rep, signed_in, mailed, link_in, look
):
    old, day = meeting.get_absolute_url(), meeting.date + timedelta(days=7)
    page = signed_in(coordinator, on=page_desktop)
    page.goto(f"{old}move/")
    look(page, "move")
    page.get_by_label("New date").fill(f"{day:%-d %B %Y}")
    press(page, "See what would be sent")
    assert "Say why, in a few words" in errors_of(page)
    page.get_by_label("Why does it change?").fill(WHY)
    press(page, "See what would be sent")
    said = words_of(page)
    assert "Autumn half-term" in said
    assert "2 e-mails and 1 letter" in said.lower()
    assert f"Why: {WHY}" in said
    look(page, "move-preview")
    assert not Message.objects.exists(), "looking at it sent something"
    press(page, "Move the meeting all the same")
    assert "The meeting has moved." in words_of(page)
    look(page, "moved")

    mail = mailed(rep)
    assert mail.subject == f"Note the new date: {day:%A %-d %B}"
    page_phone.goto(link_in(mail))
    assert "before the meeting moved" in words_of(page_phone)
    look(page_phone, "moved-confirm")
    assert Reply.objects.get().to_confirm, "opening the link changed something"
    page_phone.get_by_label("I’ll be there").check()
    press(page_phone, "Send my answer")
    assert page_phone.locator("h1").inner_text() == "Thank you: see you there"
    assert not Reply.objects.get().to_confirm

    page_phone.goto(old)
    assert page_phone.url.endswith(Meeting.objects.get().get_absolute_url())
    assert not page_phone.url.endswith(old)
    assert "the hall is flooded" in words_of(page_phone)
    look(page_phone, "moved-page")


def test_a_meeting_is_cancelled_with_a_reason_that_everybody_reads(
    page_desktop, page_no_script, meeting, coordinator, rep, signed_in, mailed, link_in, look
):
    page = signed_in(coordinator, on=page_desktop)
    page.goto(f"{meeting.get_absolute_url()}cancel/")
    look(page, "cancel")
    press(page, "See what would be sent")
    assert "Say why, in a few words" in errors_of(page)
    page.get_by_label("Why is it cancelled?").fill(WHY)
    press(page, "See what would be sent")
    look(page, "cancel-preview")
    press(page, "Cancel the meeting")
    assert "The meeting is cancelled." in words_of(page)
    look(page, "cancelled")
    follow(page, "It takes place after all")
    look(page, "after-all")

    mail = mailed(rep)
    assert "cancelled" in mail.subject
    page_no_script.goto(link_in(mail))
    said = words_of(page_no_script)
    assert "This meeting does not take place" in said
    assert WHY in said
    look(page_no_script)
    page_no_script.goto("/meetings/")
    assert "Cancelled" in words_of(page_no_script)
