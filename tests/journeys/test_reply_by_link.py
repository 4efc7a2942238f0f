"""Three taps from the mail to an answer: no account, no password, no script needed."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from coprod import links
from meetings.models import Reply
from meetings.services.calendar import default_invitees, invite_to_meeting
from tests.factories.meetings import MeetingFactory, invite, past_meeting
from tests.journeys.acting import errors_of, follow, press, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def invited(rep, coordinator):
    """A meeting two months ahead, whose invitation to the rep is in the outbox."""
    meeting = MeetingFactory(
        title="Forum meeting with services", format="both", expect="Two breaks, a quiet room."
    )
    people = [options[0] for options in default_invitees(meeting).values()]
    invite_to_meeting(meeting=meeting, people=people, by=coordinator)
    return meeting


def test_three_taps_from_the_mail_answer_without_an_account(
    page, invited, rep, mailed, link_in, look
):
    mail = mailed(rep)
    assert mail.subject.startswith("Say if you can come on ")

    page.goto(link_in(mail))  # the first tap is in the mail
    assert rep.name in words_of(page)
    look(page, "reply-ask")
    assert not Reply.objects.exists(), "opening the link changed something"

    page.get_by_text("I’ll join online").click()
    press(page, "Send my answer")

    assert page.locator("h1").inner_text() == "Thank you: see you there"
    look(page, "reply-thanks")
    reply = Reply.objects.get()
    assert (reply.answer, reply.replied_by) == ("online", rep)
    assert not [c for c in page.context.cookies() if c["name"] == "sessionid"]


def test_the_whole_row_of_an_answer_can_be_tapped(page_phone, rep):
    """It looks like one button, so its far corner must choose it, too."""
    invitation = invite(MeetingFactory(format="both"), rep)
    page_phone.goto(f"/meetings/reply/{links.make('reply', person=rep, about=invitation.pk)}/")
    for row in page_phone.locator(".govuk-radios__item").all():
        size = row.bounding_box()
        for corner in ((3, size["height"] - 4), (size["width"] - 4, 4)):
            page_phone.locator("input[type=radio]").first.evaluate(
                "one => one.form.querySelectorAll('[type=radio]').forEach(e => e.checked = false)"
            )
            row.tap(position={"x": corner[0], "y": corner[1]})
            assert row.locator("input").is_checked(), f"{row.inner_text()} at {corner}"


def test_an_answer_changed_by_link_takes_the_place_of_the_first(
    page_no_script, invited, rep, mailed, link_in
):
    page = page_no_script
    page.goto(link_in(mailed(rep)))
    press(page, "Send my answer")
    assert "Choose whether you can come" in errors_of(page)
    page.get_by_label("I’ll be there").check()
    page.get_by_label("Anything you need this time?").fill("A lift from Mill Row")
    press(page, "Send my answer")
    follow(page, "Change my answer")
    assert page.get_by_label("I’ll be there").is_checked()
    assert page.get_by_label("Anything you need this time?").input_value() == "A lift from Mill Row"
    page.get_by_label("can’t come").check()
    press(page, "Send my answer")
    assert page.locator("h1").inner_text() == "Thank you for telling us"
    assert [reply.answer for reply in Reply.objects.all()] == ["cannot"]


def test_a_link_that_was_cut_off_or_belongs_to_nobody_says_what_to_do(
    page, invited, rep, stranger, look
):
    whole = links.make("reply", person=rep, about=invited.invitations.get(person=rep).pk)
    other = links.make("reply", person=stranger, about=invited.invitations.get(person=rep).pk)
    for token in (whole[:-6], other, links.make("draft", person=rep, about=1)):
        answer = page.goto(f"/meetings/reply/{token}/")
        assert answer.status == 404
        assert "01632 960 100" in words_of(page)
    look(page, "link-refused")


def test_a_link_to_a_meeting_that_is_over_says_so(page_phone, rep, look):
    meeting = past_meeting(absent=[rep])
    invitation = meeting.invitations.get()
    page_phone.goto(f"/meetings/reply/{links.make('reply', person=rep, about=invitation.pk)}/")
    assert page_phone.locator("h1").inner_text() == "This meeting is over"
    assert page_phone.locator("main button").count() == 0
    look(page_phone, "reply-over")


def test_a_link_whose_time_has_passed_says_so(page_phone, rep, look):
    meeting = MeetingFactory()
    invitation = invite(meeting, rep)
    token = links.make("reply", person=rep, about=invitation.pk)
    later = timezone.now() + timedelta(days=links.DAYS["reply"] + 1)
    with time_machine.travel(later, tick=True):
        assert page_phone.goto(f"/meetings/reply/{token}/").status == 410
        look(page_phone, "link-ended")
