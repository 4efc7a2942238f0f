"""A meeting ahead: who is asked, what goes out by mail, post and phone, what is talked about."""

import pytest

from coprod.models import Message
from meetings.models import AgendaItem, Invitation, Reply
from tests.factories.meetings import AgendaItemFactory, coming_meeting, past_meeting
from tests.factories.members import PersonFactory, SeatFactory
from tests.factories.minutes import circulated, paragraphs
from tests.journeys.acting import errors_of, follow, press, words_of
from tests.meetings.reading_pdf import words_of as words_of_pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def by_phone(group):
    person = PersonFactory(
        name="Wilf Hartley", email=None, phone="01632 960 177", channel=Message.Channel.PHONE
    )
    return SeatFactory(group=group, person=person).person


def test_people_are_invited_and_whoever_has_no_email_is_reached_too(
    page, coordinator, rep, person_without_email, by_phone, officer, signed_in, mailed, look
):
    meeting = coming_meeting(days=21, format="both", title="Forum meeting with services")
    signed_in(coordinator, on=page)
    page.goto(f"/meetings/{meeting.slug}/people/")
    look(page, "invite")
    page.get_by_role("checkbox", name=officer.name).uncheck()
    press(page, "See what will be sent")
    assert "2 e-mails, 1 letter and 1 phone call" in words_of(page)
    look(page, "invite-preview")
    assert not Invitation.objects.exists()
    press(page, "Send the invitations")
    assert "4 people are invited. Their messages are on the way." in words_of(page)
    assert mailed(rep).subject.startswith("Say if you can come")

    follow(page, f"the answer of {by_phone.name}")
    look(page, "reply-record")
    press(page, "Keep this answer")
    assert "Choose what Wilf Hartley said" in errors_of(page)
    page.get_by_label("They can’t come").check()
    assert page.get_by_label("By phone").is_checked(), "most of it comes by phone"
    press(page, "Keep this answer")
    assert "Wilf Hartley’s answer is kept." in words_of(page)
    kept = Reply.objects.get()
    assert (kept.replied_by, kept.via) == (coordinator, "phone")
    look(page, "invite-answers")


def test_an_item_is_proposed_accepted_and_sent(
    page, coordinator, rep, signed_in, open_page, look, mailed
):
    meeting = coming_meeting(coordinator, rep, days=20, title="Forum meeting with services")
    AgendaItemFactory(meeting=meeting, title="School transport")
    theirs = signed_in(rep, java_script_enabled=False)
    theirs.goto(f"/meetings/{meeting.slug}/agenda/propose/")
    theirs.get_by_label("What is it about?").fill("Waiting for speech therapy")
    press(theirs, "Propose this item")
    assert "The coordinator reads it" in words_of(theirs)

    signed_in(coordinator, on=page)
    page.goto(f"/meetings/{meeting.slug}/agenda/")
    look(page, "agenda-proposal")
    press(page, "Put it on the agenda")
    assert AgendaItem.objects.on().count() == 2
    follow(page, "Send the agenda")
    look(page, "agenda-send")
    press(page, "Send the agenda")
    assert "The agenda is on its way to 2 people." in words_of(page)
    assert "Waiting for speech therapy" in mailed(rep).body
    theirs.goto(f"/meetings/{meeting.slug}/")
    assert "Waiting for speech therapy" in words_of(theirs)


def test_letters_are_printed_and_calls_are_made_from_one_page(
    page, coordinator, rep, person_without_email, by_phone, signed_in, look
):
    meeting = past_meeting(coordinator, rep, person_without_email, by_phone)
    circulated(meeting, "The bus comes at eight.", by=coordinator)
    signed_in(coordinator, on=page)
    page.goto("/messages/")
    follow(page, "Letters to post")
    look(page, "messages-letters")
    address = page.get_by_role("link", name="Print all letters").get_attribute("href")
    letters = words_of_pdf(page.request.get(address).body())
    assert "4 Mill Row" in letters
    press(page, "Mark those ticked as posted")
    assert "No letters to post" in words_of(page)
    follow(page, "Calls to make")
    assert "01632 960 177" in words_of(page)
    look(page, "messages-calls")
    page.get_by_label("We spoke").check()
    press(page, "Note this call")
    assert "Write what was said" in errors_of(page)
    page.get_by_label("What was said?").fill("It is a fair record.")
    press(page, "Note this call")
    assert "No calls to make" in words_of(page)
    follow(page, "Sent (")
    look(page, "messages-sent")


def test_a_comment_by_phone_shows_who_wrote_it_down(
    page_phone, coordinator, person_without_email, group, signed_in, look
):
    meeting = past_meeting(coordinator, person_without_email)
    version = circulated(meeting, "The bus comes at eight.", by=coordinator)
    page = signed_in(coordinator, on=page_phone)
    page.goto(f"/meetings/{meeting.slug}/minutes/draft/?comment={paragraphs(version)[0]['uid']}")
    page.get_by_label("Who said it?").select_option(
        label=f"{person_without_email.name}, {group.name}"
    )
    page.get_by_label("Something’s wrong").check()
    page.get_by_label("What should it say?").fill("It comes at half past.")
    page.get_by_label("Themselves").check()
    press(page, "Send comment on 1.1")
    assert "Choose how it reached you" in errors_of(page)
    page.get_by_role("radio", name="By phone").first.check()
    look(page, "comment-for-somebody")
    press(page, "Send comment on 1.1")
    talk = page.locator("#p1-1").inner_text()
    assert "It comes at half past." in talk
    assert coordinator.name in talk or "ritten down" in talk
