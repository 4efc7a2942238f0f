"""Agenda items in their order, proposals, and sending the agenda, through the pages."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from meetings.models import AgendaItem
from meetings.services import agenda
from tests.factories.meetings import AgendaItemFactory, MeetingFactory, coming_meeting, past_meeting


@pytest.fixture
def page(client_for, coordinator):
    return client_for(coordinator)


@pytest.fixture
def meeting(rep, officer):
    return coming_meeting(rep, officer, days=14)


def at(name, meeting, *more):
    return reverse(f"meetings:{name}", args=[meeting.slug, *more])


def titles(meeting):
    return [item.title for item in meeting.agenda_items.on()]


ITEM = {"title": "Short breaks", "purpose": "decide", "lead": "The council", "minutes": "30",
        "can_decide": "yes", "note": "Read the paper."}  # fmt: skip


def test_item_add_then_at_the_end_of_the_agenda_with_a_trace(page, meeting, coordinator):
    AgendaItemFactory(meeting=meeting, title="First")
    page.post(at("agenda_item_add", meeting), ITEM)
    item = meeting.agenda_items.on().last()
    assert titles(meeting) == ["First", "Short breaks"]
    assert (item.purpose, item.minutes, item.can_decide) == ("decide", 30, "yes")
    assert item.proposed_by == coordinator
    assert AuditEvent.objects.get(verb="add_item").object_id == item.pk


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"),
        ({"minutes": "0"}, "minutes"),
        ({"minutes": "many"}, "minutes"),
        ({"minutes": "999999"}, "minutes"),
        ({"purpose": "to win"}, "purpose"),
        ({"is_private": "on"}, "private_reason"),
    ],
)
def test_item_add_when_something_is_wrong_then_its_field_says_so(page, meeting, wrong, field):
    response = page.post(at("agenda_item_add", meeting), ITEM | wrong)
    assert list(response.context["form"].errors) == [field]
    assert not meeting.agenda_items.exists()


def test_item_edit_then_saved_where_it_stands(page, meeting):
    item = AgendaItemFactory(meeting=meeting)
    AgendaItemFactory(meeting=meeting, title="Second")
    page.post(at("agenda_item_edit", meeting, item.pk), ITEM | {"title": "Changed"})
    assert titles(meeting) == ["Changed", "Second"]


def test_item_edit_when_no_longer_private_then_the_reason_goes_too(page, meeting):
    item = AgendaItemFactory(meeting=meeting, is_private=True, private_reason="About one family")
    page.post(at("agenda_item_edit", meeting, item.pk), ITEM)
    item.refresh_from_db()
    assert (item.is_private, item.private_reason) == (False, "")


def test_item_of_another_meeting_then_not_found(page, meeting):
    other = AgendaItemFactory(meeting=coming_meeting(days=30))
    for name in ("agenda_item_edit", "agenda_item_move", "agenda_item_decide"):
        assert page.post(at(name, meeting, other.pk), {"state": "off"}).status_code == 404


def test_item_move_then_it_changes_places_and_stops_at_the_ends(page, meeting):
    first, _, third = (AgendaItemFactory(meeting=meeting, title=t) for t in "ABC")
    AgendaItemFactory(meeting=meeting, title="off", state="off", position=2)
    page.post(at("agenda_item_move", meeting, third.pk), {"to": "up"})
    assert titles(meeting) == ["A", "C", "B"]
    page.post(at("agenda_item_move", meeting, first.pk), {"to": "down"})
    assert titles(meeting) == ["C", "A", "B"]
    page.post(at("agenda_item_move", meeting, third.pk), {"to": "up"})
    assert titles(meeting) == ["C", "A", "B"]


def test_item_move_when_positions_are_the_same_then_it_still_moves(meeting, coordinator):
    items = [AgendaItemFactory(meeting=meeting, title=t, position=1) for t in "ABC"]
    assert agenda.move_item(item=items[2], up=True, by=coordinator)
    assert titles(meeting) == ["A", "C", "B"]


def test_item_off_and_on_again_then_at_the_end(page, meeting):
    first = AgendaItemFactory(meeting=meeting, title="A")
    AgendaItemFactory(meeting=meeting, title="B")
    url = at("agenda_item_decide", meeting, first.pk)
    page.post(url, {"state": "off"})
    assert titles(meeting) == ["B"]
    page.post(url, {"state": "on"})
    assert titles(meeting) == ["B", "A"]
    page.post(url, {"state": "proposed"})
    assert titles(meeting) == ["B", "A"]


# Proposals


def test_propose_when_invited_then_the_coordinator_decides(page, client_for, meeting, rep):
    sent = {"title": "Travel training", "purpose": "ask", "note": "How did it go?"}
    client_for(rep).post(at("agenda_propose", meeting), sent)
    item = AgendaItem.objects.get()
    assert (item.state, item.proposed_by) == ("proposed", rep)
    assert titles(meeting) == []
    assert "Proposed by Nadia Karim" in page.get(at("agenda_edit", meeting)).content.decode()
    page.post(at("agenda_item_decide", meeting, item.pk), {"state": "on"})
    assert titles(meeting) == ["Travel training"]


@pytest.mark.parametrize("who", ["rep_of_other_group", "treasurer", "administrator", "stranger"])
def test_propose_when_not_invited_then_refused(who, request, client_for, meeting):
    browser = client_for(request.getfixturevalue(who))
    sent = {"title": "Travel training", "purpose": "ask"}
    assert browser.get(at("agenda_propose", meeting)).status_code == 403
    assert browser.post(at("agenda_propose", meeting), sent).status_code == 403
    assert not AgendaItem.objects.exists()


@pytest.mark.parametrize("who", ["rep", "officer", "rep_of_other_group"])
def test_agenda_when_not_the_coordinator_then_nothing_can_be_changed(
    who, request, client_for, meeting
):
    item = AgendaItemFactory(meeting=meeting)
    browser = client_for(request.getfixturevalue(who))
    for name in ("agenda_item_edit", "agenda_item_move", "agenda_item_decide"):
        url = at(name, meeting, item.pk)
        assert browser.post(url, ITEM | {"state": "off", "to": "up"}).status_code == 403
    item.refresh_from_db()
    assert (item.title, item.state) == ("Short breaks", "on")


def test_propose_when_the_meeting_is_over_then_refused(client_for, rep):
    meeting = past_meeting(rep)
    browser = client_for(rep)
    assert "This meeting is over" in browser.get(at("agenda_propose", meeting)).content.decode()
    browser.post(at("agenda_propose", meeting), {"title": "Late", "purpose": "ask"})
    assert not AgendaItem.objects.exists()


# Sending


def test_agenda_send_then_one_letter_each_with_the_items_in_order(
    page, meeting, rep, outbox_drained
):
    AgendaItemFactory(meeting=meeting, title="Short breaks", lead="The council", minutes=30)
    AgendaItemFactory(meeting=meeting, title="Speech therapy", purpose="decide")
    assert "2 e-mails" in page.get(at("agenda_send", meeting)).content.decode()
    page.post(at("agenda_send", meeting), {"times": "0"})
    meeting.refresh_from_db()
    assert meeting.agenda_sent_at is not None
    [mail] = [mail for mail in outbox_drained() if mail.to == [rep.email]]
    assert mail.subject.startswith("Read the agenda for ")
    assert len(mail.subject) <= 50
    body = mail.body
    assert body.index("1. Short breaks") < body.index("2. Speech therapy")
    assert "led by The council, 30 minutes" in " ".join(body.split())


def test_agenda_send_when_an_item_is_private_then_only_its_marker_goes_out(
    page, meeting, outbox_drained
):
    AgendaItemFactory(
        meeting=meeting,
        title="Canary Street",
        lead="Canary lead",
        note="Canary note",
        is_private=True,
        private_reason="It would point to one family",
    )
    page.post(at("agenda_send", meeting), {"times": "0"})
    mails = outbox_drained()
    assert len(mails) == 2
    for mail in mails:
        everything = mail.body + str(mail.alternatives) + mail.subject
        assert "Canary" not in everything
        assert "It would point to one family" in everything


def test_agenda_send_when_pressed_twice_then_sent_once(page, meeting):
    AgendaItemFactory(meeting=meeting)
    url = at("agenda_send", meeting)
    page.post(url, {"times": "0"})
    response = page.post(url, {"times": "0"})
    assert Message.objects.count() == 2
    assert "wasn’t sent twice" in str([*get_messages(response.wsgi_request)][-1])


def test_agenda_send_when_changed_and_sent_again_then_new_letters_and_the_first_day_counts(
    page, meeting
):
    AgendaItemFactory(meeting=meeting)
    page.post(at("agenda_send", meeting), {"times": "0"})
    meeting.refresh_from_db()
    first = meeting.agenda_sent_at
    page.post(at("agenda_send", meeting), {"times": "1"})
    meeting.refresh_from_db()
    assert Message.objects.count() == 4
    assert meeting.agenda_sent_at == first


def test_agenda_send_when_empty_begun_or_nobody_invited_then_refused(meeting, coordinator, rep):
    with pytest.raises(TransitionNotAllowed):
        agenda.send_agenda(meeting=meeting, by=coordinator)
    for other in (past_meeting(rep), coming_meeting(days=30)):
        AgendaItemFactory(meeting=other)
        with pytest.raises(TransitionNotAllowed):
            agenda.send_agenda(meeting=other, by=coordinator)
    assert not Message.objects.exists()


def test_agenda_letter_when_the_person_has_left_the_group_then_not_sent(
    meeting, coordinator, rep, officer, outbox_drained
):
    AgendaItemFactory(meeting=meeting)
    agenda.send_agenda(meeting=meeting, by=coordinator)
    rep.seats.get().end(by=coordinator)
    assert [mail.to for mail in outbox_drained()] == [[officer.email]]


@pytest.mark.parametrize(
    ("days", "state", "words"),
    [(28, "running", "Day 0 of 21"), (8, "running", "Day 20 of 21"), (7, "running", "Day 21 of 21"),
     (6, "late", "1 day late"), (3, "late", "4 days late")],
)  # fmt: skip
def test_agenda_clock_by_the_day_then_due_seven_days_before(forum, days, state, words):
    clock = agenda.agenda_clock(coming_meeting(days=days))
    assert (clock.state, clock.words) == (state, words)
    assert clock.due_on == clocks.today() + timedelta(days=days - 7)


def test_agenda_clock_when_sent_in_time_then_it_stays_kept(forum):
    meeting = coming_meeting(days=10, agenda_sent_at=timezone.now())
    with time_machine.travel(timezone.now() + timedelta(days=20)):
        assert agenda.agenda_clock(meeting).state == "kept"


def test_item_when_saved_then_another_then_the_empty_form_follows(coordinator, client_for):
    meeting = MeetingFactory()
    address = f"/meetings/{meeting.slug}/agenda/add/"
    page = client_for(coordinator).post(
        address, {"title": "Short breaks", "purpose": "work", "another": "1"}, follow=True
    )
    assert page.redirect_chain[0][0] == address
    assert "“Short breaks” is on the agenda." in page.text
