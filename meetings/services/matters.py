"""What is said about minutes after they were agreed: a matter arising at the next meeting.

Source: a comment after agreement is accepted and marked late, isn't in the text, goes on the
next agenda, and its author is told why.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from coprod.templatetags.forum import day, day_month
from meetings.models import AgendaItem, Comment, Invitation, Meeting, Minutes, Version
from meetings.services.agenda import save_item
from meetings.services.comments import keep, outcomes_state, sent_before
from meetings.services.minutes import lock_minutes, was_told


@transaction.atomic
def comment_later(
    *,
    version: Version,
    invitation: Invitation,
    uid: str,
    kind: str,
    speaking_for: str,
    text: str,
    once: uuid.UUID,
    by: Any,
    quote: str = "",
    via: str = "",
    at: datetime | None = None,
) -> Comment:
    """Keep a comment on agreed minutes; it goes to the next meeting and never into the text.

    The same form sent twice (``once``) is one comment. Raises TransitionNotAllowed before the
    minutes are agreed and while they are withdrawn, LookupError when the author's rendition
    has no such paragraph.
    """
    minutes = lock_minutes(version.minutes)
    if found := sent_before(minutes, invitation, once):
        return found
    if not minutes.takes_late_comments:
        raise TransitionNotAllowed("These minutes aren’t agreed, so nothing waits for later.")
    said = {"kind": kind, "speaking_for": speaking_for, "text": text, "quote": quote}
    comment = keep(version, invitation, uid, once=once, via=via, by=by, at=at, is_late=True, **said)
    AuditEvent.record("comment_later", comment, by=by, at=at, minutes=minutes.pk)
    meeting = next_meeting(minutes, at=at)
    if meeting is not None:
        _place(comment, meeting, by=by, at=at)
    return comment


def next_meeting(minutes: Minutes, *, at: datetime | None = None) -> Meeting | None:
    """Where a matter arising goes: the next meeting of the series, or else for the same people.

    Not one whose agenda people have already: they were promised it seven days before.
    """
    after = (at or timezone.now()) + timedelta(minutes=1)
    met = minutes.meeting
    following = (
        Meeting.objects.taking_place()
        .filter(audience=met.audience, starts_at__gt=after, agenda_sent_at__isnull=True)
        .exclude(pk=met.pk)
        .order_by("starts_at", "pk")
    )
    own = following.filter(series=met.series_id) if met.series_id else following.none()
    return own.first() or following.first()


@transaction.atomic
def place_matters(*, meeting: Meeting, at: datetime | None = None) -> int:
    """Put what waits for a next meeting on this one's agenda, where it is that; how many.

    Called when a meeting is made or announced and by the timetable: doing it twice is
    harmless. What the coordinator took off stays off; what stood on the agenda of a cancelled
    meeting and wasn't carried on moves here.
    """
    waiting = (
        Comment.objects.filter(
            Q(matter__isnull=True)
            | Q(matter__meeting__cancelled_at__isnull=False, matter__went_to__isnull=True),
            is_late=True,
            outcome__in=[Comment.Outcome.OPEN, Comment.Outcome.NEXT_MEETING],
            version__minutes__meeting__audience=meeting.audience,
        )
        .select_related("version__minutes__meeting", "matter")
        .order_by("made_at", "pk")
    )
    placed = 0
    for comment in waiting:
        if next_meeting(comment.version.minutes, at=at) == meeting and _still_waits(comment):
            _place(comment, meeting, by=None, at=at)
            placed += 1
    return placed


def _still_waits(comment: Comment) -> bool:
    """Whether nobody else has placed it meanwhile; nobody can until this transaction ends."""
    held = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    return held.matter_id == comment.matter_id


def place_all_matters(*, at: datetime | None = None) -> None:
    """The same for every comment that waits, whichever meeting its next one is."""
    coming = Meeting.objects.taking_place().filter(
        starts_at__gt=at or timezone.now(), agenda_sent_at__isnull=True
    )
    if Comment.objects.filter(is_late=True).exists():
        for meeting in coming.order_by("starts_at"):
            place_matters(meeting=meeting, at=at)


def _place(comment: Comment, meeting: Meeting, *, by: Any, at: datetime | None) -> None:
    item = AgendaItem(
        meeting=meeting,
        kind=AgendaItem.Kind.MATTER,
        about_minutes=comment.version.minutes,
        came_from=comment.matter,
        title=title_for(comment, meeting),
        purpose=AgendaItem.Purpose.WORK,
    )
    comment.matter = save_item(item=item, by=by, at=at)
    comment.save(update_fields=["matter"])


def title_for(comment: Comment, meeting: Meeting) -> str:
    """``A comment on 4.2 of the minutes of 9 September``: no private word, nobody's name.

    Of a private item not even the paragraph's number is public.
    """
    met = comment.version.minutes.meeting.date
    when = day_month(met) if met.year == meeting.date.year else day(met)
    place = comment.number
    if comment.version.paragraph(str(comment.uid), full=False) is None:
        place = f"item {comment.number.partition('.')[0]}"
    return f"A comment on {place} of the minutes of {when}"


@transaction.atomic
def settle_later(
    *, comment: Comment, outcome: str, reason: str, by: Any, at: datetime | None = None
) -> None:
    """Say what became of a late comment: it goes to the next meeting, or it was answered.

    Its author is written to. Raises TransitionNotAllowed for any other outcome or comment.
    """
    lock_minutes(comment.version.minutes)
    comment = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    allowed = (Comment.Outcome.NEXT_MEETING, Comment.Outcome.ANSWERED)
    if not comment.is_late or outcome not in allowed:
        raise TransitionNotAllowed("What came after agreement is answered or goes to a meeting.")
    if outcome == Comment.Outcome.ANSWERED and not reason.strip():
        raise TransitionNotAllowed("Write the answer. The person who asked reads it.")
    comment.outcome = outcome
    comment.outcome_reason = reason
    comment.outcome_at = at or timezone.now()
    comment.outcome_by = by
    comment.save(update_fields=["outcome", "outcome_reason", "outcome_at", "outcome_by"])
    AuditEvent.record("settle_comment", comment, by=by, at=at, outcome=outcome)
    agreed = comment.version.minutes.agreed_version or comment.version
    if not was_told(agreed):
        return
    state = outcomes_state(Comment.objects.filter(pk=comment.pk))
    outbox.queue(
        key=f"matter:{comment.pk}:{state}",
        template="meetings/matter_settled",
        person=comment.author.person,
        ids={"comment": comment.pk, "state": state},
        at=at,
    )
