"""Being there for a part of a meeting, and saying oneself that one was there."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from meetings.models import AgendaItem, Attendance, Invitation, Meeting, Minutes
from meetings.services.attendance import check_open
from meetings.services.substitutes import refuse_crowd

# For a part of it ---------------------------------------------------------------------------------


def missed_by_times(
    meeting: Meeting,
    items: Iterable[AgendaItem],
    *,
    arrived: time | None = None,
    left: time | None = None,
) -> list[AgendaItem]:
    """Items that were over when somebody came, or began after they went, by the agenda's minutes.

    Only a suggestion: whoever ticks decides. Items that say no minutes share what is left.
    """
    items = list(items)
    begins = datetime.combine(meeting.date, meeting.starts)
    whole = datetime.combine(meeting.date, meeting.ends) - begins
    said = timedelta(minutes=sum(item.minutes or 0 for item in items))
    unsaid = sum(item.minutes is None for item in items)
    share = max(whole - said, timedelta()) / unsaid if unsaid else timedelta()
    came = datetime.combine(meeting.date, arrived) if arrived else None
    went = datetime.combine(meeting.date, left) if left else None
    missed = []
    for item in items:
        ends = begins + (share if item.minutes is None else timedelta(minutes=item.minutes))
        if (came and ends <= came) or (went and begins >= went):
            missed.append(item)
        begins = ends
    return missed


@transaction.atomic
def record_part(
    *,
    invitation: Invitation,
    how: str,
    by: Any,
    arrived: time | None = None,
    left: time | None = None,
    missed: Iterable[AgendaItem] = (),
    at: datetime | None = None,
) -> Attendance:
    """That somebody was there, from when to when, and which items they missed.

    Raises TransitionNotAllowed like attendance.record_attendance, and for times that are none
    of this meeting's.
    """
    meeting = invitation.meeting
    check_open(meeting, at)
    if (arrived and arrived >= meeting.ends) or (left and left <= meeting.starts):
        raise TransitionNotAllowed("By these times they weren’t there while the meeting was on.")
    missed = list(missed)
    if missed and len(missed) == meeting.agenda_items.on().count():
        raise TransitionNotAllowed("They missed every item by this. Tick “Not there” instead.")
    kept, made = Attendance.objects.get_or_create(
        invitation=invitation,
        defaults={"how": how, "recorded_by": by, "recorded_at": at or timezone.now()},
    )
    kept.how, kept.arrived, kept.left = how, arrived, left
    kept.save(update_fields=["how", "arrived", "left"])
    kept.missed.set(missed)
    if made:
        refuse_crowd(meeting, [invitation.pk])
    AuditEvent.record(
        "record_part",
        meeting,
        by=by,
        at=at,
        row=invitation.pk,
        times=[arrived is not None, left is not None],
        missed=sorted(item.pk for item in missed),
    )
    pages.forget("/meetings/")
    return kept


# Said so themselves -------------------------------------------------------------------------------


def may_declare(meeting: Meeting, at: datetime | None = None) -> bool:
    """From the meeting's beginning until a first version of its minutes has gone out."""
    if meeting.is_cancelled or meeting.starts_at > (at or timezone.now()):
        return False
    minutes = getattr(meeting, "minutes", None)
    return minutes is None or (
        minutes.state == Minutes.State.DRAFT and minutes.circulated_at is None
    )


@transaction.atomic
def declare_attendance(
    *, invitation: Invitation, how: str, by: Any, at: datetime | None = None
) -> Attendance:
    """Keep that somebody invited says they were there. The coordinator sees who said so.

    Raises TransitionNotAllowed before the meeting began and once a version has gone out.
    """
    meeting = Meeting.objects.get(pk=invitation.meeting_id)
    check_open(meeting, at)
    if meeting.starts_at > (at or timezone.now()):
        raise TransitionNotAllowed("This meeting hasn’t begun yet.")
    # Asked under the lock: a version that goes out at the same moment comes before or after.
    if not may_declare(Meeting.objects.select_related("minutes").get(pk=meeting.pk), at):
        raise TransitionNotAllowed(
            "The draft minutes have gone out. Ring us, and we’ll put the list right."
        )
    if how not in Attendance.How.values:
        raise TransitionNotAllowed("Choose whether you were in the room or online.")
    kept, made = Attendance.objects.get_or_create(
        invitation=invitation,
        defaults={"how": how, "recorded_by": by, "recorded_at": at or timezone.now()},
    )
    if made:
        refuse_crowd(meeting, [invitation.pk])
        AuditEvent.record("declare_attendance", meeting, by=by, at=at, row=invitation.pk)
        pages.forget("/meetings/")
    return kept
