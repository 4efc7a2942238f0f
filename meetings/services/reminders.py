"""The clock of promises: reminders, and on the last day what there is goes out by itself.

Everything here asks "due and not yet done", so it may run as often as it likes, late, or
twice at once: message keys, rows locked for one meeting at a time, and an audit event of what
could not be sent make a repeat harmless.
"""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from coprod import clocks, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from meetings.models import Delay, Meeting, Minutes
from meetings.publicity import minutes_of
from meetings.services import agenda
from meetings.services import minutes as minutes_services
from meetings.services.delays import clock_of
from members.models import Person

logger = logging.getLogger(__name__)

#: What is longer overdue than this never goes by itself: whoever wrote it has gone on, and a
#: forgotten draft that suddenly went out would help nobody.
CATCH_UP = timedelta(days=14)
#: The audit's word for a last day on which there was nothing that could go out.
NOTHING = "nothing_to_send"

Promise = Delay.Promise


def keep_promises(*, at: datetime | None = None) -> None:
    """Remind, and send by itself what is due. One meeting that fails holds up no other."""
    now = at or timezone.now()
    for keep, meetings in (
        (keep_minutes_promise, Meeting.objects.owing_minutes(now)),
        (keep_agenda_promise, Meeting.objects.owing_agenda(now)),
    ):
        for pk in list(meetings.values_list("pk", flat=True)):
            try:
                keep(meeting_id=pk, at=now)
            except Exception:  # the next run tries again; the other meetings are due all the same
                logger.exception("The clock of meeting %s stopped in %s", pk, keep.__name__)


@transaction.atomic
def keep_minutes_promise(*, meeting_id: int, at: datetime) -> None:
    """Remind of one meeting's draft, or on the last day send it as it stands."""
    meeting = Meeting.objects.select_for_update().get(pk=meeting_id)
    minutes = Minutes.objects.select_for_update().filter(meeting=meeting).first()
    if minutes is not None and minutes.state != Minutes.State.DRAFT:
        return
    if not meeting.is_promised(Promise.MINUTES) or meeting.starts_at > at:
        return

    def send() -> None:
        refuse_draft(meeting)
        assert minutes is not None  # or it had been refused
        minutes_services.circulate_minutes(
            minutes=minutes, number=1, by=None, as_it_stands=True, at=at
        )

    _keep(meeting, Promise.MINUTES, send, at)


@transaction.atomic
def keep_agenda_promise(*, meeting_id: int, at: datetime) -> None:
    """Remind of one meeting's agenda, or on the last day send it as it stands."""
    meeting = Meeting.objects.select_for_update().get(pk=meeting_id)
    if meeting.agenda_sent_at is not None or meeting.starts_at <= at:
        return
    if not meeting.is_promised(Promise.AGENDA):
        return

    def send() -> None:
        agenda.send_agenda(meeting=meeting, by=None, as_it_stands=True, at=at)

    _keep(meeting, Promise.AGENDA, send, at)


def _keep(meeting: Meeting, promise: str, send: Callable[[], None], at: datetime) -> None:
    clock = clock_of(meeting, promise)
    if at < clock.goes_at:
        day = clock.reminder(clocks.today(at))
        if day is not None:
            _tell(meeting, promise, "reminder", day, at)
    elif at < clock.goes_at + CATCH_UP and not was_missed(meeting, promise):
        try:
            with transaction.atomic():
                send()
        except TransitionNotAllowed:
            due = clock.ends_on
            AuditEvent.record(
                NOTHING, meeting, by=None, at=at, promise=promise, due=due.isoformat()
            )
            _tell(meeting, promise, "missing", due, at)


def was_missed(meeting: Meeting, promise: str) -> bool:
    """Whether on the last day there was nothing to send. From then on nothing goes by itself:
    the first words that somebody writes afterwards are theirs to finish.
    """
    due = clock_of(meeting, promise).ends_on.isoformat()
    events = AuditEvent.objects.about(meeting).filter(verb=NOTHING)
    return any((e.data["promise"], e.data["due"]) == (promise, due) for e in events)


def refuse_draft(meeting: Meeting) -> None:
    """Raise TransitionNotAllowed with what is missing before a draft could go out."""
    minutes = minutes_of(meeting)
    if minutes is None:
        raise TransitionNotAllowed("Nothing has been written yet.")
    minutes_services.refuse_to_send(minutes)


def who_is_reminded(meeting: Meeting, promise: str) -> list[Person]:
    """The coordinators, and of minutes also whoever takes them."""
    people = list(Person.objects.coordinators())
    taker = meeting.minute_taker if promise == Promise.MINUTES else None
    if taker is not None and taker.is_active and taker not in people:
        people.append(taker)
    return people


def _tell(meeting: Meeting, promise: str, what: str, day: date, at: datetime) -> None:
    """One message to each of them for this meeting, promise and day."""
    for person in who_is_reminded(meeting, promise):
        outbox.queue(
            key=f"{promise}-{what}:{meeting.pk}:{day.isoformat()}:{person.pk}",
            template=f"meetings/{promise}_{what}",
            person=person,
            ids={"meeting": meeting.pk},
            at=at,
        )
