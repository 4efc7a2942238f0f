"""One meeting: making it, listing it, its details, and taking it away."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from coprod import pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Forum
from meetings.models import FormerAddress, Meeting, Move
from meetings.models.calendar import Audience

#: Date, beginning, end, place in words and address of a meeting before a change.
Was = tuple[date, time, time, str, str]
#: What a meeting copies from the forum's rules when it is made.
RULES = ("minutes_days", "agenda_days", "invitation_days", "parents_share")


def make_meeting(*, by: Any, at: datetime | None = None, **fields: Any) -> Meeting:
    """A meeting under the forum's rules of today."""
    forum = Forum.current()
    rules = {name: getattr(forum, name) for name in RULES}
    meeting = Meeting(created_by=by, created_at=at or timezone.now(), **rules, **fields)
    _save_with_free_address(meeting)
    AuditEvent.record("add_meeting", meeting, by=by, at=at)
    return meeting


def _save_with_free_address(meeting: Meeting) -> None:
    """Two people adding the same title and day at once: the second gets the next address."""
    for _ in range(3):
        try:
            with transaction.atomic():
                meeting.save()
            return
        except IntegrityError:
            if not Meeting.objects.filter(slug=meeting.slug).exclude(pk=meeting.pk).exists():
                raise
            meeting.slug = ""
    raise TransitionNotAllowed("Somebody else is adding this meeting just now. Try again.")


@transaction.atomic
def add_meeting(
    *, by: Any, show: bool = True, at: datetime | None = None, **fields: Any
) -> Meeting:
    """An extra meeting, or one entered afterwards. ``show``: list it now; nobody is written to."""
    meeting = make_meeting(by=by, at=at, **fields)
    if show:
        show_meeting(meeting=meeting, by=by, at=at)
    return meeting


@transaction.atomic
def show_meeting(*, meeting: Meeting, by: Any, at: datetime | None = None) -> None:
    """List one meeting in the calendar without writing to anybody."""
    now = at or timezone.now()
    if Meeting.objects.filter(pk=meeting.pk, announced_at__isnull=True).update(
        announced_at=now, announced_by=by
    ):
        meeting.announced_at, meeting.announced_by = now, by
        AuditEvent.record("show_meeting", meeting, by=by, at=at)
        pages.forget("/")


def was_announced_by_message(meeting: Meeting) -> bool:
    """Whether this date was in a message to every member, not merely listed."""
    if meeting.announced_at is None or meeting.series_id is None:
        return False
    announced = AuditEvent.objects.filter(
        verb="announce_year", model="meetings.Series", object_id=meeting.series_id
    )
    return any(meeting.pk in event.data.get("meetings", ()) for event in announced)


def may_move(meeting: Meeting) -> bool:
    """Whether a change of date needs no notice, because nobody was written to about it."""
    if meeting.is_recorded_later:
        return True
    if meeting.invited_at is not None or meeting.is_cancelled:
        return False
    return meeting.has_begun or not was_announced_by_message(meeting)


@transaction.atomic
def change_meeting(
    *, meeting: Meeting, by: Any, fields: Sequence[str], at: datetime | None = None
) -> None:
    """Save changed details. A new date gives a new address, and the old one redirects for ever.

    Nobody is written to. Whatever was public is kept as a move, without a reason, so that the
    page shows it and calendars follow. Raises TransitionNotAllowed for another date once people
    were told of this one.
    """
    stored = Meeting.objects.select_for_update().get(pk=meeting.pk)
    open_to_officers = stored.audience != Audience.PARENTS
    was = (stored.date, stored.starts, stored.ends, stored.where, stored.slug)
    for name in fields:
        setattr(stored, name, getattr(meeting, name))
    if open_to_officers and stored.audience == Audience.PARENTS:
        _refuse_invited_officers(stored)
    data: dict[str, Any] = {"fields": list(fields)}
    if stored.date != was[0]:
        if not may_move(Meeting.objects.get(pk=meeting.pk)):
            raise TransitionNotAllowed(
                "People have been told of this date. Move the meeting with notice instead."
            )
        data |= {"date_was": was[0].isoformat(), "date": stored.date.isoformat()}
        stored.slug = ""
    stored.save(update_fields=[*fields, "slug", "starts_at"])
    if (stored.date, stored.starts, stored.ends) != was[:3] and is_public(stored):
        keep_move(stored, was, reason="", by=by, at=at or timezone.now())
    meeting.slug, meeting.starts_at = stored.slug, stored.starts_at
    AuditEvent.record("change_meeting", meeting, by=by, at=at, **data)
    pages.forget("/")


def _refuse_invited_officers(meeting: Meeting) -> None:
    """A parents' meeting never shows to officers: it can't become one once they were invited.

    A meeting that is recorded later has its people before its details are settled. Raises
    TransitionNotAllowed.
    """
    if meeting.invitations.filter(organisation__isnull=False).exists():
        raise TransitionNotAllowed(
            "People from services are on its list, so it can’t be for parents only."
        )


def is_public(meeting: Meeting) -> bool:
    """Whether anybody but coordinators may know of it."""
    return meeting.announced_at is not None or meeting.invited_at is not None


def keep_move(meeting: Meeting, was: Was, *, reason: str, by: Any, at: datetime) -> Move:
    """Keep for ever what a saved meeting was before; its old address leads to the new one.

    ``was``: its date, times, place in words and address before the change.
    """
    if meeting.slug != was[4]:
        meeting.former_addresses.filter(slug=meeting.slug).delete()
        FormerAddress.objects.create(meeting=meeting, slug=was[4])
    return Move.objects.create(
        meeting=meeting,
        date_was=was[0],
        starts_was=was[1],
        ends_was=was[2],
        where_was=was[3],
        date=meeting.date,
        starts=meeting.starts,
        ends=meeting.ends,
        where=meeting.where,
        reason=reason,
        moved_at=at,
        moved_by=by,
    )


@transaction.atomic
def delete_meeting(*, meeting: Meeting, by: Any) -> None:
    """Take away a meeting that nobody was ever told of. Raises TransitionNotAllowed otherwise."""
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if meeting.announced_at or meeting.invited_at or meeting.invitations.exists():
        raise TransitionNotAllowed(
            "People know of this meeting, so it stays. Change its details instead."
        )
    AuditEvent.record("delete_meeting", meeting, by=by)
    meeting.delete()


def former_date(meeting: Meeting) -> date | None:
    """The date that it had last before another one; None while that is its date."""
    moves = [move for move in meeting.moves.all() if move.date_was != move.date]
    day = moves[-1].date_was if moves else None
    return day if day != meeting.date else None
