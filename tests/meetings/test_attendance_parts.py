"""Being there for a part of a meeting, and saying oneself that one was there."""

from datetime import time, timedelta

import pytest
import time_machine
from django.urls import reverse

from coprod import links
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from meetings.models import Attendance, Minutes, Paragraph
from meetings.models.agreement import tally
from meetings.readership import access_for
from meetings.services import attendance, presence
from meetings.services.minutes import circulate_minutes, has_unsent_changes, keep_private
from tests.factories.meetings import AgendaItemFactory, coming_meeting, invite, past_meeting
from tests.factories.members import PersonFactory
from tests.factories.minutes import answer, circulated, comment, paragraphs, written

SECRET = "A family in Harlow Close waits since March."


def at(name, meeting, *args):
    return reverse(f"meetings:{name}", args=[meeting.slug, *args])


def by_link(name, invitation):
    token = links.make("reply", person=invitation.person, about=invitation.pk)
    return reverse(f"meetings:{name}_by_link", args=[token])


@pytest.fixture
def meeting(coordinator, rep, rep_of_other_group, officer):
    """10am to noon; everybody was there throughout."""
    return past_meeting(coordinator, rep, rep_of_other_group, officer)


@pytest.fixture
def own(meeting, rep):
    return meeting.invitations.get(person=rep)


def agenda(meeting, *minutes):
    return [
        AgendaItemFactory(meeting=meeting, title=f"Item {n}", minutes=each)
        for n, each in enumerate(minutes, 1)
    ]


# What the times suggest


@pytest.mark.parametrize(
    ("arrived", "left", "missed"),
    [
        (time(10, 40), None, [1, 2]),
        (time(10, 39), None, [1]),
        (None, time(11, 30), [4]),
        (None, time(11, 31), []),
        (time(10, 20), time(10, 40), [1, 3, 4]),
        (None, None, []),
    ],
)
def test_items_missed_by_times_are_those_over_before_or_begun_after(meeting, arrived, left, missed):
    items = agenda(meeting, 20, 20, 50, 30)
    found = presence.missed_by_times(meeting, items, arrived=arrived, left=left)
    assert [items.index(item) + 1 for item in found] == missed


def test_items_without_minutes_share_what_is_left(meeting):
    items = agenda(meeting, None, 60, None)  # half an hour each
    found = presence.missed_by_times(meeting, items, arrived=time(10, 30), left=time(11, 30))
    assert found == [items[0], items[2]]


def test_part_when_times_are_typed_then_suggested_first_and_kept_on_the_second_press(
    client_for, coordinator, meeting, own
):
    items = agenda(meeting, 20, 20, 50, 30)
    page, address = client_for(coordinator), at("attendance_detail", meeting, own.pk)
    sent = {"how": "room", "arrived": "10:40"}

    first = page.post(address, sent)

    assert "they missed items 1 and 2, ticked here" in first.text
    assert not Attendance.objects.filter(arrived__isnull=False).exists()
    form = first.context["form"]
    ticked = {name: form[name].value() for name in ("missed", "suggested")}
    assert ticked["missed"] == [str(item.pk) for item in items[:2]]

    # The coordinator knows better: item 2 was talked about late.
    page.post(address, {**sent, **ticked, "missed": ticked["missed"][:1]})

    kept = Attendance.objects.get(invitation=own)
    assert (kept.arrived, list(kept.missed.all())) == (time(10, 40), items[:1])
    shown = page.get(at("meeting_attendance", meeting)).text
    assert "came at 10:40am" in shown
    assert "1 for part of it" in shown


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"arrived": "11:00", "left": "10:30"}, "must be later than the time they came"),
        ({"arrived": "12:30"}, "while the meeting was on"),
        ({"left": "9am"}, "while the meeting was on"),
    ],
)
def test_part_when_times_make_no_sense_then_refused(
    client_for, coordinator, meeting, own, sent, words
):
    page = client_for(coordinator).post(
        at("attendance_detail", meeting, own.pk), {"how": "room", **sent}
    )
    assert words in page.text
    assert not Attendance.objects.filter(arrived__isnull=False).exists()


def test_part_when_every_item_is_missed_then_refused(meeting, own, coordinator):
    items = agenda(meeting, 20, 20)
    with pytest.raises(TransitionNotAllowed, match="Not there"):
        presence.record_part(invitation=own, how="room", missed=items, by=coordinator)


def test_part_when_minutes_are_agreed_then_refused(meeting, own, coordinator):
    circulated(meeting, by=coordinator)
    Minutes.objects.update(state="agreed", agreed_version=meeting.minutes.latest)
    with pytest.raises(TransitionNotAllowed):
        presence.record_part(invitation=own, how="room", left=time(11), by=coordinator)


def test_sheet_when_printed_then_has_columns_for_times(client_for, coordinator, meeting):
    page = client_for(coordinator).get(at("sign_in_sheet", meeting)).text
    assert "Came at</th>" in page
    assert "Left at</th>" in page


# Case 10


@pytest.fixture
def half(meeting, own, coordinator):
    """Two private items with a decision each; the rep missed the second one."""
    text = f"{SECRET}\n\nDecision: We write to the council. (Everyone agreed)"
    minutes = written(
        meeting,
        f"First. {text}",
        f"Second. {text}",
        by=coordinator,
        is_private=True,
        private_reason="It points to one family",
    )
    first, second = (s.item for s in minutes.sections.all())
    presence.record_part(invitation=own, how="room", left=time(11), missed=[second], by=coordinator)
    return circulate_minutes(minutes=minutes, number=1, by=coordinator)


def test_case_10_half_attendance_reads_and_comments_on_their_part_and_may_agree(
    client_for, half, rep, rep_of_other_group, meeting
):
    page = client_for(rep).get(at("minutes_draft", meeting)).text
    assert f"First. {SECRET}" in page
    assert f"Second. {SECRET}" not in page
    assert (
        f"Second. {SECRET}" in client_for(rep_of_other_group).get(at("minutes_draft", meeting)).text
    )
    comment(half, rep, place=0)
    with pytest.raises(LookupError):
        comment(half, rep, place=2)
    answer(half, rep)
    assert (tally(half).present, tally(half).fair) == (4, 1)


def test_case_10_quorum_is_counted_again_for_each_decision(half, group, other_group):
    rooms = [p["room"] for p in paragraphs(half) if p["kind"] == "decision"]
    assert [(r["parents"], r["total"]) for r in rooms] == [(2, 4), (1, 3)]
    assert rooms[0]["groups"] == sorted([group.name, other_group.name])
    assert rooms[1]["groups"] == [other_group.name]
    assert half.public["who"]["partly"] == 1


def test_case_10_the_decision_says_who_was_in_the_room(client_for, half, coordinator, meeting):
    page = client_for(coordinator).get(at("minutes_draft", meeting)).text
    assert "4 people, 2 of them parents" in page
    assert "3 people, 1 of them parents" in page


def test_decision_when_everybody_was_there_throughout_then_counts_no_room(meeting, coordinator):
    version = circulated(meeting, "Decision: We go on. (Everyone agreed)", by=coordinator)
    assert "room" not in paragraphs(version)[0]
    assert "partly" not in version.public["who"]


def test_paragraph_when_private_and_its_item_was_missed_then_not_read(
    client_for, meeting, own, rep, coordinator
):
    minutes = written(meeting, f"Buses.\n\n{SECRET}", "Trains.", by=coordinator)
    presence.record_part(
        invitation=own, how="room", missed=[minutes.sections.first().item], by=coordinator
    )
    keep_private(paragraph=Paragraph.objects.get(text=SECRET), reason="Family", by=coordinator)
    circulate_minutes(minutes=minutes, number=1, by=coordinator)
    page = client_for(rep).get(at("minutes_draft", meeting)).text
    assert "Harlow" not in page
    assert "Buses." in page


def test_version_of_old_when_it_does_not_tell_items_apart_then_less_is_shown(half, rep, meeting):
    """Versions that went out before items had their row in them: the safe guess."""
    for rendition in (half.full, half.public):
        for item in rendition["items"]:
            del item["item"]
    read = access_for(rep, meeting).rendition(half)
    assert read["items"] == half.public["items"]


def test_unsent_when_an_old_version_tells_no_items_apart_then_nothing_is_waiting(
    meeting, coordinator, rep
):
    version = circulated(meeting, by=coordinator)
    for item in version.full["items"]:
        del item["item"]
    assert not has_unsent_changes(version.minutes, version)


# Said so themselves


@pytest.fixture
def absent(coordinator, rep):
    return past_meeting(coordinator, absent=[rep]).invitations.get(person=rep)


def test_declared_when_by_link_then_counts_as_attendance_by_themselves(client, absent):
    page = client.get(by_link("reply", absent))
    assert "I was there" in page.text

    client.post(by_link("attendance_declare", absent), {"how": "online"})

    kept = Attendance.objects.get(invitation=absent)
    assert (kept.how, kept.recorded_by, kept.is_self_declared) == ("online", absent.person, True)
    assert "You’re on the list" in client.get(by_link("attendance_declare", absent)).text
    assert AuditEvent.objects.filter(verb="declare_attendance").count() == 1


def test_declared_when_link_is_only_opened_then_nothing(client, absent):
    client.get(by_link("attendance_declare", absent))
    assert not Attendance.objects.filter(invitation=absent).exists()


def test_declared_when_signed_in_then_marked_for_the_coordinator(
    client_for, rep, coordinator, absent
):
    meeting = absent.meeting
    page = client_for(rep)
    assert at("attendance_declare", meeting) in page.get(meeting.get_absolute_url()).text
    page.post(at("attendance_declare", meeting), {"how": "room"})
    assert (
        "said so themselves" in client_for(coordinator).get(at("meeting_attendance", meeting)).text
    )


def test_declared_when_taken_away_then_the_person_is_told(
    client_for, coordinator, absent, outbox_drained
):
    presence.declare_attendance(invitation=absent, how="room", by=absent.person)
    sent = {f"how_{absent.pk}": "", f"was_{absent.pk}": "room"}
    client_for(coordinator).post(at("meeting_attendance", absent.meeting), sent)
    assert not Attendance.objects.filter(invitation=absent).exists()
    letter = next(m for m in outbox_drained() if absent.person.email in m.to)
    assert "taken you off the list" in letter.body


def test_tick_when_taken_away_that_nobody_declared_then_nobody_is_told(
    coordinator, rep, outbox_drained
):
    own = past_meeting(coordinator, rep).invitations.get(person=rep)
    attendance.record_attendance(meeting=own.meeting, changes={own.pk: ""}, by=coordinator)
    assert outbox_drained() == []


def test_declared_before_the_meeting_began_then_refused(client, rep):
    meeting = coming_meeting(rep)
    own = meeting.invitations.get(person=rep)
    with time_machine.travel(meeting.starts_at - timedelta(minutes=1), tick=False):
        page = client.post(by_link("attendance_declare", own), {"how": "room"})
    assert "hasn’t begun yet" in page.text
    assert not Attendance.objects.exists()


def test_declared_after_a_version_went_out_then_asked_to_ring(client, coordinator, absent):
    circulated(absent.meeting, by=coordinator)
    page = client.get(by_link("attendance_declare", absent))
    assert "ring us on" in page.text
    assert page.context["may_declare"] is False
    assert "I was there" not in client.get(by_link("reply", absent)).text
    client.post(by_link("attendance_declare", absent), {"how": "room"})
    assert not Attendance.objects.filter(invitation=absent).exists()


def test_declared_when_their_substitute_is_ticked_then_refused(client, coordinator, absent):
    invite(
        absent.meeting,
        PersonFactory(),
        came="room",
        capacity="parent",
        group=absent.group,
        substitute_for=absent,
    )
    page = client.post(by_link("attendance_declare", absent), {"how": "room"})
    assert "one place between them" in page.text
    assert not Attendance.objects.filter(invitation=absent).exists()
