"""Moving and cancelling pressed by many at once: one effect. The control drops the lock."""

import contextlib
import os
import uuid
from datetime import time, timedelta

import pytest

from coprod import clocks, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from meetings.models import FormerAddress, Meeting, Move
from meetings.services import cancelling, moves
from tests.factories.meetings import MeetingFactory, invite
from tests.factories.members import ForumFactory, SeatFactory
from tests.members.test_seat_races import all_at_once

ROUNDS = int(os.environ.get("COPROD_ROUNDS", "5"))
THREADS = 20
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")


def move(_):
    """To another hour: to another day, the unique former address would refuse a second one."""
    meeting = Meeting.objects.get()
    plan = moves.Plan(
        date=meeting.date,
        starts=time(14),
        ends=time(14, 30),
        format=meeting.format,
        place=meeting.place,
    )
    with contextlib.suppress(TransitionNotAllowed):
        moves.move_meeting(
            meeting=meeting, plan=plan, reason="Flooded", by=None, seen=0, knowing=True
        )


def cancel(_):
    with contextlib.suppress(TransitionNotAllowed):
        cancelling.cancel_meeting(meeting=Meeting.objects.get(), reason="Flooded", by=None)


def prepare():
    meeting = MeetingFactory(date=clocks.today() + timedelta(days=40))
    for _ in range(3):
        invite(meeting, SeatFactory().person)


def done():
    """How often it happened, by the record of what was done."""
    return AuditEvent.objects.filter(verb__in=["move_meeting", "cancel_meeting"]).count()


def clear():
    for model in (Message, Move, FormerAddress, Meeting):
        model.objects.all().delete()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("work", [move, cancel])
def test_notice_when_twenty_press_at_once_then_it_happens_and_is_sent_once(work):
    ForumFactory()
    before = done()
    for number in range(1, ROUNDS + 1):
        prepare()
        all_at_once(work, range(THREADS))
        assert done() == before + number
        assert Message.objects.count() == 3
        clear()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite writes one after the other")
@pytest.mark.parametrize("work", [move, cancel])
def test_notice_when_row_lock_and_key_are_dropped_then_it_breaks(work, monkeypatch):
    """The control: this is how the test above would look if nothing held."""
    queryset = type(Meeting.objects.all())
    monkeypatch.setattr(queryset, "select_for_update", lambda self, **_: self)
    real = outbox.queue
    monkeypatch.setattr(outbox, "queue", lambda key, **more: real(key=str(uuid.uuid4()), **more))
    ForumFactory()
    broken = 0
    for _ in range(ROUNDS):
        prepare()
        all_at_once(work, range(THREADS))
        broken += Message.objects.count() > 3
        clear()
    assert broken
