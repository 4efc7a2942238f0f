"""Sending pressed by many at once: one message each. The control drops the guards, and breaks."""

import os
import uuid
from collections import Counter
from datetime import timedelta

import pytest

from coprod import clocks, outbox
from coprod.models import Message
from meetings.models import Meeting, Series
from meetings.services import agenda, attendance, calendar
from tests.factories.meetings import AgendaItemFactory, MeetingFactory, SeriesFactory, invite
from tests.factories.members import ForumFactory, PersonFactory, SeatFactory
from tests.members.test_seat_races import all_at_once

ROUNDS = int(os.environ.get("COPROD_ROUNDS", "5"))
THREADS = 20
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")


def announce(_):
    return calendar.announce_year(series=Series.objects.get(), by=None)


def invite_everybody(_):
    return calendar.invite_by_default(meeting=Meeting.objects.get())


def send_agenda(_):
    return agenda.send_agenda(meeting=Meeting.objects.get(), by=None, times=0)


def prepare(work):
    """Three reps and what ``work`` needs, beside what earlier rounds left."""
    people = [SeatFactory().person for _ in range(3)]
    series = SeriesFactory()
    days = clocks.today() + timedelta(days=40)
    meeting = MeetingFactory(series=series, date=days)
    if work is announce:
        Meeting.objects.update(announced_at=None)
    if work is send_agenda:
        AgendaItemFactory(meeting=meeting)
        for person in people:
            invite(meeting, person)


def clear():
    for model in (Message, Meeting, Series):
        model.objects.all().delete()


def most_messages_to_one_person():
    return max(Counter(Message.objects.values_list("person", flat=True)).values())


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("work", [announce, invite_everybody, send_agenda])
def test_sending_when_twenty_press_at_once_then_each_person_gets_one_message(work):
    ForumFactory()
    for _ in range(ROUNDS):
        prepare(work)
        all_at_once(work, range(THREADS))
        assert most_messages_to_one_person() == 1
        assert Message.objects.count() >= 3
        clear()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite writes one after the other")
@pytest.mark.parametrize("work", [announce, send_agenda])
def test_sending_when_row_lock_and_key_are_dropped_then_it_breaks(work, monkeypatch):
    """The control: this is how the test above would look if nothing held."""
    for model in (Meeting, Series):
        queryset = type(model.objects.all())
        monkeypatch.setattr(queryset, "select_for_update", lambda self, **_: self)
    real = outbox.queue
    monkeypatch.setattr(outbox, "queue", lambda key, **more: real(key=str(uuid.uuid4()), **more))
    ForumFactory()
    broken = 0
    for _ in range(ROUNDS):
        prepare(work)
        all_at_once(work, range(THREADS))
        broken += most_messages_to_one_person() > 1
        clear()
    assert broken


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_attendance_when_twenty_tick_somebody_each_at_once_then_all_are_there():
    ForumFactory()
    for _ in range(ROUNDS):
        meeting = MeetingFactory(date=clocks.today())
        rows = [invite(meeting, PersonFactory()).pk for _ in range(THREADS)]
        all_at_once(
            lambda pk, meeting=meeting: attendance.record_attendance(
                meeting=meeting, changes={pk: "room"}, by=None
            ),
            rows,
        )
        assert attendance.attendance_summary(meeting).total == THREADS
        clear()
