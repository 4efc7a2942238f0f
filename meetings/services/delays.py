"""Delays: a promised date that can't be kept, told at once to everybody who was promised it."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import clocks, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from coprod.templatetags.forum import day
from meetings.models import Delay, Meeting
from meetings.services.agenda import agenda_clock, readers
from meetings.services.minutes import forget_pages

#: How many days the new date may lie after the date that was promised, or after today.
MOST_DAYS = 60

Promise = Delay.Promise


def clock_of(meeting: Meeting, promise: str) -> clocks.Clock:
    """The clock of one of a meeting's two promises."""
    if promise == Promise.AGENDA:
        return agenda_clock(meeting)
    return meeting.draft_clock


def promise_now(meeting: Meeting) -> str:
    """Which promise can be delayed now: the agenda until the meeting begins, then the minutes."""
    return Promise.MINUTES if meeting.has_begun else Promise.AGENDA


def allowed_dates(
    meeting: Meeting, promise: str, *, at: datetime | None = None
) -> tuple[date, date]:
    """The first and the last new date: after today and after the date that people expect."""
    clock, today = clock_of(meeting, promise), clocks.today(at)
    first = max(clock.ends_on, today) + timedelta(days=1)
    last = max(clock.due_on, today) + timedelta(days=MOST_DAYS)
    if promise == Promise.AGENDA:
        last = min(last, meeting.date - timedelta(days=1))
    return first, last


def refuse_delay(meeting: Meeting, promise: str, *, at: datetime | None = None) -> None:
    """Raise TransitionNotAllowed with the reason why there is nothing to delay."""
    name = "draft minutes" if promise == Promise.MINUTES else "agenda"
    kept_on = clock_of(meeting, promise).kept_on
    if meeting.is_cancelled:
        raise TransitionNotAllowed("This meeting is cancelled, so nothing is due any more.")
    if meeting.announced_at is None:
        raise TransitionNotAllowed("Nobody has been told of this meeting, so nothing is promised.")
    if kept_on is not None:
        raise TransitionNotAllowed(f"The {name} went out on {day(kept_on)}, so nothing is due.")
    if not meeting.is_promised(promise):
        how = "put on record later" if promise == Promise.MINUTES else "called at short notice"
        raise TransitionNotAllowed(f"This meeting was {how}, so no date was promised.")
    first, last = allowed_dates(meeting, promise, at=at)
    if first > last:
        raise TransitionNotAllowed(
            "No later date is possible any more. Please send what there is, as it stands."
        )


@transaction.atomic
def record_delay(
    *,
    meeting: Meeting,
    promise: str,
    until: date,
    reason: str,
    by: Any,
    at: datetime | None = None,
) -> Delay:
    """Give a promise a new date, with its reason, and tell everybody invited at once.

    From now on the clock runs to the new date. Raises TransitionNotAllowed.
    """
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    newest = next((d for d in reversed(meeting.known_delays) if d.promise == promise), None)
    if newest is not None and (newest.until, newest.reason) == (until, reason):
        raise TransitionNotAllowed("This delay is recorded already. Nobody was told twice.")
    refuse_delay(meeting, promise, at=at)
    first, last = allowed_dates(meeting, promise, at=at)
    if not first <= until <= last:
        raise TransitionNotAllowed(f"Choose a date from {day(first)} to {day(last)}.")
    delay = Delay.objects.create(
        meeting=meeting,
        promise=promise,
        was_due=clock_of(meeting, promise).ends_on,
        until=until,
        reason=reason,
        recorded_at=at or timezone.now(),
        recorded_by=by,
    )
    AuditEvent.record(
        "record_delay", meeting, by=by, at=at, promise=promise, until=until.isoformat()
    )
    for person in readers(meeting):
        outbox.queue(
            key=f"delay:{delay.pk}:{person.pk}",
            template=f"meetings/{promise}_delayed",
            person=person,
            ids={"delay": delay.pk},
            at=at,
        )
    forget_pages(meeting)
    return delay
