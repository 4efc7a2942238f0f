"""Moving a meeting to another day, time or place, with notice to everybody who knew of it."""

from dataclasses import dataclass, fields
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from coprod import clocks, pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from meetings import planner
from meetings.models import ClosedPeriod, Meeting, Move, Reply
from meetings.models.calendar import Format
from meetings.services.details import keep_move
from meetings.services.events import tell_signed_up
from meetings.services.notices import haste_of, readers_of_notice, send_notice


@dataclass(frozen=True)
class Plan:
    """When and where a meeting is to be from now on."""

    date: date
    starts: time
    ends: time
    format: str
    place: str = ""
    online_link: str = ""

    @property
    def starts_at(self) -> datetime:
        return clocks.local(self.date, self.starts)

    def changes(self, meeting: Meeting) -> list[str]:
        """The names of what would be different."""
        return [f.name for f in fields(self) if getattr(self, f.name) != getattr(meeting, f.name)]

    def put_on(self, meeting: Meeting) -> None:
        for each in fields(self):
            setattr(meeting, each.name, getattr(self, each.name))


def clashes_of(meeting: Meeting, plan: Plan) -> planner.Finding:
    """What speaks against the new day, apart from this meeting itself."""
    same_day = Meeting.objects.taking_place().filter(date=plan.date).exclude(pk=meeting.pk)
    titles = [other.title for other in same_day]
    on_day = {plan.date: " and ".join(titles)} if titles else {}
    own = same_day.filter(series=meeting.series) if meeting.series_id else same_day.none()
    closed = list(ClosedPeriod.objects.touching(plan.date, plan.date))
    against = planner.Against(closed=closed, others=on_day, own=[other.date for other in own])
    return planner.check(plan.date, plan.starts, plan.ends, against)


def why_not_move(meeting: Meeting, *, at: datetime | None = None) -> str:
    """Why this meeting can't be moved with notice, in words; empty when it can."""
    if meeting.is_cancelled:
        return "This meeting is cancelled. If it takes place after all, say that first."
    if meeting.starts_at <= (at or timezone.now()):
        return "This meeting has begun, so it can’t be moved any more."
    if meeting.announced_at is None and meeting.invited_at is None:
        return "Nobody knows of this meeting yet, so change its details instead."
    return ""


def _check(meeting: Meeting, plan: Plan, *, knowing: bool, at: datetime) -> None:
    if words := why_not_move(meeting, at=at):
        raise TransitionNotAllowed(words)
    if not plan.changes(meeting):
        raise TransitionNotAllowed("This is when and where the meeting is already.")
    if plan.starts_at <= at:
        raise TransitionNotAllowed("Choose a day and time that are still to come.")
    finding = clashes_of(meeting, plan)
    if finding.level == planner.CLASH and not knowing:
        raise TransitionNotAllowed(f"That day clashes. {finding.words} Look at it once more.")


@transaction.atomic
def move_meeting(
    *,
    meeting: Meeting,
    plan: Plan,
    reason: str,
    by: Any,
    seen: int,
    knowing: bool = False,
    at: datetime | None = None,
) -> Move:
    """Move a meeting and tell everybody who knew of it; the old date is kept for ever.

    It stays the same meeting: agenda, invitations and promises go with it, and every clock
    runs from the new date. Answers to "can you come?" given for another time must be given
    again. ``seen``: how often it had moved when the page was made, so that a second press
    moves and sends nothing. ``knowing``: a clash of the new day was shown and accepted.
    Raises TransitionNotAllowed.
    """
    now = at or timezone.now()
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if meeting.moves.count() != seen:
        raise TransitionNotAllowed("This meeting has just been moved. It wasn’t moved twice.")
    _check(meeting, plan, knowing=knowing, at=now)
    old_start = meeting.starts_at
    move = _put(plan, meeting, reason=reason, by=by, at=now)
    confirm = _ask_again(meeting, move)
    told = send_notice(
        kind="meeting_moved",
        people=readers_of_notice(meeting),
        key=f"moved:{move.pk}",
        ids={"move": move.pk},
        haste=haste_of(old_start, meeting.starts_at, now=now),
        at=at,
    )
    AuditEvent.record(
        "move_meeting",
        meeting,
        by=by,
        at=at,
        date_was=move.date_was.isoformat(),
        date=move.date.isoformat(),
        people=told,
        to_confirm=confirm,
    )
    tell_signed_up(meeting=meeting, about="moved", cause=move.pk, at=at)
    pages.forget("/")
    return move


def _put(plan: Plan, meeting: Meeting, *, reason: str, by: Any, at: datetime) -> Move:
    """Save the plan on a locked meeting, under its new address, and keep what it was."""
    was = (meeting.date, meeting.starts, meeting.ends, meeting.where, meeting.slug)
    plan.put_on(meeting)
    if meeting.date != was[0]:
        meeting.slug = ""
    meeting.save(update_fields=[*(f.name for f in fields(Plan)), "slug", "starts_at"])
    return keep_move(meeting, was, reason=reason, by=by, at=at)


def _ask_again(meeting: Meeting, move: Move) -> int:
    """Mark answers that may not hold any more; how many there are.

    All of them when the time changed; otherwise those that the new format doesn't offer.
    """
    replies = Reply.objects.filter(invitation__meeting=meeting, to_confirm=False)
    if not move.is_to_another_time:
        replies = replies.filter(lost_answers(meeting))
    return replies.update(to_confirm=True)


def lost_answers(meeting: Meeting) -> Q:
    """Answers that name a way of taking part which this meeting doesn't have."""
    gone = {Format.ROOM: [Reply.Answer.ONLINE], Format.ONLINE: [Reply.Answer.ROOM]}
    return Q(answer__in=gone.get(Format(meeting.format), []))
