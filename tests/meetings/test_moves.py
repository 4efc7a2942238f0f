"""Moving a meeting with notice, and what everybody else sees of it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from meetings import feeds
from meetings.models import FormerAddress, Invitation, Meeting, Minutes, Move, Reply
from meetings.page import history_of
from meetings.promises import of_meetings
from meetings.services import agenda, moves
from meetings.services.calendar import announce_year, former_date
from meetings.services.invitations import default_invitees, invite_to_meeting
from meetings.services.notices import readers_of_notice
from tests.factories.meetings import (
    AgendaItemFactory,
    ClosedPeriodFactory,
    MeetingFactory,
    SeriesFactory,
    coming_meeting,
    past_meeting,
    reply,
)
from tests.factories.members import PersonFactory, SeatFactory


@pytest.fixture
def page(client_for, coordinator):
    return client_for(coordinator)


def seated(**person):
    return SeatFactory(person=PersonFactory(**person)).person


def plan(meeting, days=7, **changes):
    fields = {name: getattr(meeting, name) for name in moves.Plan.__dataclass_fields__}
    return moves.Plan(**{**fields, "date": meeting.date + timedelta(days=days), **changes})


def move(meeting, by=None, days=7, reason="The hall is flooded", **changes):
    fields = {"seen": meeting.moves.count(), "knowing": True}
    fields |= {name: changes.pop(name) for name in ("seen", "knowing", "at") if name in changes}
    wanted = plan(meeting, days, **changes)
    return moves.move_meeting(meeting=meeting, plan=wanted, reason=reason, by=by, **fields)


def typed(meeting, days=7, **changes):
    day = meeting.date + timedelta(days=days)
    return {
        "date": day.isoformat(),
        "starts": "10am",
        "ends": "12 noon",
        "format": meeting.format,
        "place": meeting.place,
        "reason": "The hall is flooded",
        "seen": str(meeting.moves.count()),
        **changes,
    }


def url_of(name, meeting):
    return reverse(f"meetings:{name}", args=[meeting.slug])


def words_of(text):
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


# Case 3 of the twelve messy ones ------------------------------------------------------------------


def test_meeting_moved_after_agenda_sent_then_it_is_one_meeting_and_everybody_knows(
    coordinator, client, client_for, outbox_drained
):
    """Same meeting, old date kept, all told by own channel, replies to confirm, real clock."""
    reader, writer = seated(), seated(email=None, channel="letter", postal_address="1 Kiln Lane")
    rung = seated(email=None, channel="phone", phone="01632 960 111")
    meeting = coming_meeting(reader, writer, rung, days=14)
    AgendaItemFactory(meeting=meeting)
    agenda.send_agenda(meeting=meeting, by=coordinator)
    answer = reply(meeting.invitations.get(person=reader))
    outbox_drained(now=timezone.now() + timedelta(days=1))
    old, before = meeting.slug, meeting.date
    Message.objects.update(state="sent")

    move(meeting, coordinator)

    # The same meeting, with its invitations, its agenda and its old date.
    meeting = Meeting.objects.get()
    kept = Move.objects.get()
    assert (
        (kept.date_was, kept.date)
        == (before, before + timedelta(days=7))
        == (
            former_date(meeting),
            meeting.date,
        )
    )
    assert meeting.invitations.count() == 3
    assert meeting.agenda_items.count() == 1
    shown = client_for(reader).get(meeting.get_absolute_url()).content.decode()
    assert f"Was {before:%A} {before.day} {before:%B %Y}. Moved on" in words_of(shown)
    assert "the hall is flooded" in shown
    # Everybody is told, each by their own channel, once.
    told = Message.objects.filter(template="meetings/meeting_moved")
    assert {m.person: m.channel for m in told} == {
        reader: "email",
        writer: "letter",
        rung: "phone",
    }
    mails = outbox_drained(now=timezone.now() + timedelta(days=1))
    [mail] = [m for m in mails if m.to == [reader.email] and m.subject.startswith("Note")]
    said = " ".join(mail.body.split())
    assert f"{before:%A} {before.day} {before:%B %Y}" in said
    assert f"{meeting.date:%A} {meeting.date.day} {meeting.date:%B %Y}" in said
    assert "The hall is flooded" in said
    # Replies wait to be confirmed, and the link in the letter confirms them.
    answer.refresh_from_db()
    assert answer.to_confirm
    link = re.search(r"/meetings/reply/\S+/", mail.body)[0]
    asked = client.get(link).content.decode()
    assert "before the meeting moved" in asked
    client.post(link, {"answer": "room", "planned": f"{meeting.date} 10:00"})
    answer.refresh_from_db()
    assert not answer.to_confirm
    # The two weeks run from the real date.
    assert Minutes(meeting=meeting).clock.due_on == meeting.date + timedelta(days=14)
    # The calendar entry is updated, not doubled.
    entry = feeds.calendar_of([meeting], name="x").decode()
    assert entry.count("BEGIN:VEVENT") == 1
    assert f"SEQUENCE:{meeting.moves.count()}" in entry
    # The old address leads on.
    assert client.get(f"/meetings/{old}/").url == meeting.get_absolute_url()


# Who hears ----------------------------------------------------------------------------------------


def test_move_when_announced_and_not_yet_invited_then_all_members_hear(coordinator):
    rep, series = seated(), SeriesFactory()
    MeetingFactory(series=series, announced_at=None)
    announce_year(series=series, by=coordinator)
    late = seated()
    assert set(readers_of_notice(Meeting.objects.get())) == {rep, coordinator, late}
    move(Meeting.objects.get(), coordinator)
    told = Message.objects.filter(template="meetings/meeting_moved")
    assert {m.person for m in told} == {rep, coordinator, late}


def test_move_when_merely_listed_then_only_those_invited_hear(coordinator):
    rep, other = seated(), seated()
    meeting = coming_meeting(rep, days=30)
    assert readers_of_notice(meeting) == [rep]
    assert other not in readers_of_notice(meeting)


def test_move_of_a_parents_meeting_when_announced_then_no_officer_hears(
    coordinator, officer, outbox_drained, client_for
):
    rep, series = seated(), SeriesFactory(audience="parents")
    MeetingFactory(series=series, audience="parents", announced_at=None)
    announce_year(series=series, by=coordinator)
    meeting = Meeting.objects.get()
    old = meeting.slug
    move(meeting, coordinator)
    told = Message.objects.filter(template="meetings/meeting_moved")
    assert {m.person for m in told} == {rep}
    for address in (old, Meeting.objects.get().slug):
        assert client_for(officer).get(f"/meetings/{address}/").status_code == 404


def test_move_letter_when_the_reader_left_meanwhile_then_it_isnt_sent(coordinator, outbox_drained):
    rep = seated()
    series = SeriesFactory()
    MeetingFactory(series=series, announced_at=None)
    announce_year(series=series, by=coordinator)
    Message.objects.update(state="sent")
    move(Meeting.objects.get(), coordinator)
    rep.seats.get().end(by=coordinator)
    mails = outbox_drained(now=timezone.now() + timedelta(days=1))
    assert {m.to[0] for m in mails} == {coordinator.email}


def test_move_when_twice_in_a_night_then_one_letter_says_the_date_that_people_know(
    coordinator, rep, outbox_drained
):
    meeting = coming_meeting(rep, days=30)
    first = meeting.date
    with time_machine.travel(clocks.local(clocks.today(), clocks.QUIET_FROM), tick=False):
        move(meeting, coordinator)
        move(Meeting.objects.get(), coordinator, days=0, place="The library", reason="Bigger room")
    mails = outbox_drained(now=timezone.now() + timedelta(days=2))
    [mail] = [m for m in mails if m.to == [rep.email]]
    said = " ".join(mail.body.split())
    assert mail.subject.startswith("Note the new date")
    assert f"{first:%A} {first.day} {first:%B %Y}" in said
    assert "The library" in said


def test_move_when_an_invitation_waits_unsent_then_it_says_the_new_date(
    coordinator, rep, outbox_drained
):
    meeting = MeetingFactory(date=clocks.today() + timedelta(days=20))
    people = [options[0] for options in default_invitees(meeting).values()]
    invite_to_meeting(meeting=meeting, people=people, by=coordinator)
    was = meeting.date
    move(Meeting.objects.get(), coordinator)
    now = Meeting.objects.get().date
    mails = outbox_drained(now=timezone.now() + timedelta(days=1))
    [mail] = [m for m in mails if m.subject.startswith("Say if") and m.to == [rep.email]]
    assert f"When: {now:%A} {now.day} {now:%B}" in mail.body
    assert f"planned for {was:%A} {was.day} {was:%B %Y}" in " ".join(mail.body.split())


@time_machine.travel("2026-03-10 21:30", tick=False)
def test_move_when_the_meeting_is_tomorrow_morning_then_it_goes_at_night_and_letters_become_calls(
    coordinator,
):
    by_post = seated(
        email=None, channel="letter", postal_address="1 Kiln Lane", phone="01632 960 111"
    )
    meeting = coming_meeting(coordinator, by_post, days=1)
    move(meeting, coordinator)
    mail, call = Message.objects.order_by("channel")
    assert (mail.channel, mail.not_before) == ("email", timezone.now())
    assert call.channel == "phone"


# Replies ------------------------------------------------------------------------------------------


def test_move_when_only_the_place_changes_then_answers_stay(coordinator, rep):
    meeting = coming_meeting(rep, days=20)
    reply(meeting.invitations.get(), "room")
    move(meeting, coordinator, days=0, place="The library")
    assert not Reply.objects.get().to_confirm
    assert Message.objects.filter(template="meetings/meeting_moved").count() == 1
    assert not FormerAddress.objects.exists()


def test_move_when_it_becomes_online_only_then_answers_for_the_room_are_asked_again(coordinator):
    meeting = coming_meeting(seated(), seated(), days=20)
    here, there = meeting.invitations.all()
    reply(here, "room")
    reply(there, "online")
    move(meeting, coordinator, days=0, format="online")
    assert {r.answer: r.to_confirm for r in Reply.objects.all()} == {
        "room": True,
        "online": False,
    }


def test_move_when_people_had_answered_then_they_count_as_not_answered(
    page, coordinator, rep, client_for
):
    meeting = coming_meeting(rep, coordinator, days=20)
    reply(meeting.invitations.get(person=rep), "room")
    move(meeting, coordinator)
    meeting.refresh_from_db()
    people = page.get(url_of("meeting_people", meeting))
    assert people.context["tally"] == [
        ("in person", 0),
        ("online", 0),
        ("can’t come", 0),
        ("no answer yet", 2),
    ]
    assert "said so for the old date" in people.content.decode()
    today = client_for(rep).get(reverse("today")).content.decode()
    assert "Say again if you can come" in today
    assert "0 of 2 have replied" in page.get(reverse("today")).content.decode()


def test_reply_when_the_meeting_moved_since_the_page_was_opened_then_asked_again(
    coordinator, rep, client_for
):
    meeting = coming_meeting(rep, days=20)
    browser = client_for(rep)
    opened = browser.get(url_of("meeting_reply", meeting))
    planned = opened.context["form"]["planned"].value()
    old = url_of("meeting_reply", meeting)
    move(meeting, coordinator)
    answered = browser.post(old, {"answer": "room", "planned": planned}, follow=True)
    assert "has moved to" in answered.content.decode()
    assert not Reply.objects.exists()
    again = answered.context["form"]["planned"].value()
    browser.post(answered.request["PATH_INFO"], {"answer": "room", "planned": again})
    assert Reply.objects.get().answer == "room"


# Former addresses ---------------------------------------------------------------------------------

PAGES = (
    "meeting_detail",
    "meeting_reply",
    "meeting_people",
    "meeting_edit",
    "agenda_edit",
    "agenda_propose",
    "sign_in_sheet",
    "meeting_calendar",
)


@pytest.mark.parametrize("name", PAGES)
def test_former_address_when_any_page_is_asked_for_then_it_leads_there(name, page, coordinator):
    meeting = coming_meeting(coordinator, days=20)
    old = url_of(name, meeting)
    move(meeting, coordinator)
    meeting.refresh_from_db()
    response = page.get(old, {"change": "1"})
    assert response.status_code == 301
    assert response.url == url_of(name, meeting) + "?change=1"


def test_former_address_when_a_form_is_sent_there_then_nothing_typed_is_lost(page, coordinator):
    meeting = coming_meeting(coordinator, days=20)
    old = url_of("agenda_propose", meeting)
    move(meeting, coordinator)
    response = page.post(old, {"title": "School transport", "purpose": "ask"})
    assert response.status_code == 308
    page.post(old, {"title": "School transport", "purpose": "ask"}, follow=True)
    assert Meeting.objects.get().agenda_items.get().title == "School transport"


def test_former_address_when_not_signed_in_then_private_pages_still_ask_to(client, coordinator):
    meeting = coming_meeting(coordinator, days=20)
    old = url_of("meeting_people", meeting)
    move(meeting, coordinator)
    assert "/accounts/login/" in client.get(old).url


# Refusals -----------------------------------------------------------------------------------------


def test_move_when_pressed_twice_then_it_moves_and_sends_once(page, coordinator, rep):
    meeting = coming_meeting(rep, days=20)
    sent = typed(meeting, send="1")
    page.post(url_of("meeting_move", meeting), sent)
    again = page.post(url_of("meeting_move", meeting), sent, follow=True)
    assert "wasn’t moved twice" in again.content.decode()
    assert Move.objects.count() == 1
    assert Message.objects.filter(template="meetings/meeting_moved").count() == 1


def test_move_when_the_meeting_has_begun_then_refused(coordinator, rep):
    meeting = past_meeting(rep, days=1)
    with pytest.raises(TransitionNotAllowed, match="begun"):
        move(meeting, coordinator)


def test_move_when_the_new_day_has_passed_then_refused(coordinator, rep):
    meeting = coming_meeting(rep, days=5)
    with pytest.raises(TransitionNotAllowed, match="still to come"):
        move(meeting, coordinator, days=-6)


def test_move_when_nothing_differs_then_refused(coordinator, rep):
    meeting = coming_meeting(rep, days=5)
    with pytest.raises(TransitionNotAllowed, match="already"):
        move(meeting, coordinator, days=0)


def test_move_when_the_new_day_clashes_then_only_knowingly(page, coordinator, rep):
    meeting = coming_meeting(rep, days=20)
    day = meeting.date + timedelta(days=7)
    ClosedPeriodFactory(name="Spring half term", first_day=day, last_day=day)
    shown = page.post(url_of("meeting_move", meeting), typed(meeting)).content.decode()
    assert "Spring half term" in shown
    assert "all the same" in shown
    refused = page.post(url_of("meeting_move", meeting), typed(meeting, send="1"))
    assert "That day clashes" in refused.content.decode()
    assert not Move.objects.exists()
    page.post(url_of("meeting_move", meeting), typed(meeting, send="1", knowing="1"))
    assert Move.objects.count() == 1


# Pages --------------------------------------------------------------------------------------------


def test_move_page_when_looked_at_then_it_shows_counts_and_words_and_sends_nothing(
    page, coordinator
):
    meeting = coming_meeting(
        seated(), seated(), seated(email=None, channel="letter", postal_address="x"), days=20
    )
    shown = words_of(page.post(url_of("meeting_move", meeting), typed(meeting)).content.decode())
    assert "2 e-mails and 1 letter" in shown
    assert "Note the new date" in shown
    assert "The hall is flooded" in shown
    assert not Message.objects.exists()
    assert not Move.objects.exists()


def test_move_page_when_changed_once_more_then_everything_typed_is_there(page, coordinator, rep):
    meeting = coming_meeting(rep, days=20)
    back = page.post(url_of("meeting_move", meeting), typed(meeting, change="1"))
    assert back.context["look"] is None
    assert "The hall is flooded" in back.content.decode()


def test_move_page_when_no_reason_is_given_then_asked_for(page, rep):
    meeting = coming_meeting(rep, days=20)
    response = page.post(url_of("meeting_move", meeting), typed(meeting, reason="", send="1"))
    assert "Say why" in response.content.decode()
    assert not Move.objects.exists()


def test_edit_page_when_people_are_invited_then_it_leads_to_moving(page, rep):
    meeting = coming_meeting(rep, days=20)
    shown = page.get(url_of("meeting_edit", meeting)).content.decode()
    assert url_of("meeting_move", meeting) in shown
    assert 'name="starts"' not in shown
    assert 'name="place"' in shown


def test_edit_when_announced_by_message_then_the_date_needs_notice(page, coordinator):
    series = SeriesFactory()
    MeetingFactory(series=series, announced_at=None)
    seated()
    announce_year(series=series, by=coordinator)
    meeting = Meeting.objects.get()
    shown = page.get(url_of("meeting_edit", meeting)).content.decode()
    assert 'name="date"' not in shown
    assert url_of("meeting_move", meeting) in shown


def test_history_when_a_parents_meeting_is_published_then_the_public_reads_no_reason(
    client, coordinator, rep
):
    meeting = coming_meeting(rep, days=20, audience="parents")
    move(meeting, coordinator, reason="A family matter")
    meeting = Meeting.objects.get()
    assert history_of(meeting, None, AnonymousUser()) == []
    assert "family matter" in history_of(meeting, None, rep)[0]


# Promises -----------------------------------------------------------------------------------------


@time_machine.travel("2026-03-10 10:00", tick=False)
def test_promise_when_moved_nearer_after_the_agenda_went_out_then_it_stays_kept(coordinator, forum):
    rep = seated()
    meeting = coming_meeting(rep, days=8)
    AgendaItemFactory(meeting=meeting)
    agenda.send_agenda(meeting=meeting, by=coordinator)
    move(meeting, coordinator, days=-4)
    meeting = Meeting.objects.get()
    assert not agenda.agenda_clock(meeting).is_late
    agendas, _ = of_meetings(forum)
    assert [result.state for result in agendas.results] == ["kept"]


@time_machine.travel("2026-03-10 10:00", tick=False)
def test_promise_when_the_meeting_moves_then_the_draft_is_due_after_the_real_date(
    coordinator, forum
):
    meeting = coming_meeting(seated(), days=8)
    was = meeting.date
    move(meeting, coordinator)
    with time_machine.travel(clocks.local(was + timedelta(days=16), meeting.starts), tick=False):
        _, drafts = of_meetings(forum)
        assert [r.state for r in drafts.results if r.state == "late"] == []
    with time_machine.travel(clocks.local(was + timedelta(days=23), meeting.starts), tick=False):
        _, drafts = of_meetings(forum)
        assert [r.due for r in drafts.results] == [was + timedelta(days=21)]


def test_audit_when_moved_then_both_dates_are_kept_and_no_words(coordinator, rep):
    meeting = coming_meeting(rep, days=20)
    move(meeting, coordinator)
    event = AuditEvent.objects.get(verb="move_meeting")
    assert event.by_id == coordinator.pk
    assert event.data["date_was"] == meeting.date.isoformat()
    assert "flooded" not in str(event.data)
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize(
    ("days_ahead", "moved_by", "states"),
    [
        (14, -10, []),  # no time was left for the agenda of the nearer day
        (5, 1, ["late"]),  # it was late already, and a move of a day excuses nothing
        (5, 14, []),  # it runs anew towards the real date
    ],
)
@time_machine.travel("2026-03-10 10:00", tick=False)
def test_agenda_promise_when_the_meeting_moves_then_only_what_could_be_kept_counts(
    coordinator, forum, days_ahead, moved_by, states
):
    meeting = coming_meeting(seated(), days=days_ahead)
    move(meeting, coordinator, days=moved_by)
    agendas, _ = of_meetings(forum)
    assert [result.state for result in agendas.results] == states
