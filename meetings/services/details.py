"""One meeting: making it, listing it, its details, and taking it away."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from coprod import pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Forum
from meetings.models import FormerAddress, Meeting

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


def may_move(meeting: Meeting) -> bool:
    """Whether a change of date needs no notice to people who were invited for the old one."""
    return meeting.invited_at is None or meeting.is_recorded_later


@transaction.atomic
def change_meeting(
    *, meeting: Meeting, by: Any, fields: Sequence[str], at: datetime | None = None
) -> None:
    """Save changed details. A new date gives a new address, and the old one redirects for ever.

    Raises TransitionNotAllowed for another date once people were invited to this one.
    """
    stored = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if stored.date != meeting.date:
        if not may_move(stored):
            raise TransitionNotAllowed(
                "People have been invited for this date, so it can’t be changed here."
            )
        meeting.slug = ""
    meeting.save(update_fields=[*fields, "slug", "starts_at"])
    if stored.slug != meeting.slug:
        meeting.former_addresses.filter(slug=meeting.slug).delete()
        if stored.announced_at or stored.invited_at:
            FormerAddress.objects.create(meeting=meeting, slug=stored.slug)
    data: dict[str, Any] = {"fields": list(fields)}
    if stored.date != meeting.date:
        data |= {"date_was": stored.date.isoformat(), "date": meeting.date.isoformat()}
    AuditEvent.record("change_meeting", meeting, by=by, at=at, **data)
    pages.forget("/")


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
    """The date that people heard of last before it moved, read from its former address."""
    former = meeting.former_addresses.order_by("-pk").first()
    day = date.fromisoformat(former.slug[:10]) if former else None
    return day if day != meeting.date else None
