"""Cancelling a meeting with notice, taking that back, and carrying its agenda on."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from coprod import pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from meetings.models import AgendaItem, Meeting, NamedReader, Reply
from meetings.services.events import tell_signed_up
from meetings.services.notices import haste_of, readers_of_notice, send_notice

#: States in which a message has left us, or can't be called back.
OUT = (Message.State.SENT, Message.State.POSTED, Message.State.RUNG)


def why_not_cancel(meeting: Meeting, *, at: datetime | None = None) -> str:
    """Why this meeting can't be cancelled, in words; empty when it can."""
    if meeting.is_cancelled:
        return "This meeting is cancelled already. Nothing was sent twice."
    if meeting.starts_at <= (at or timezone.now()):
        return "This meeting has begun, so it can’t be cancelled any more."
    if meeting.announced_at is None and meeting.invited_at is None:
        return "Nobody knows of this meeting yet: take it away instead."
    return ""


def times_cancelled(meeting: Meeting) -> int:
    return AuditEvent.objects.about(meeting).filter(verb="cancel_meeting").count()


@transaction.atomic
def cancel_meeting(*, meeting: Meeting, reason: str, by: Any, at: datetime | None = None) -> int:
    """Cancel a meeting and tell everybody who knew of it; how many are told.

    It stays at its address, with the reason. Within a day of its start nothing waits for the
    morning, and whoever gets letters is rung if we hold a number. Raises TransitionNotAllowed.
    """
    now = at or timezone.now()
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if words := why_not_cancel(meeting, at=now):
        raise TransitionNotAllowed(words)
    meeting.cancelled_at, meeting.cancelled_by = now, by
    meeting.cancelled_reason = reason
    meeting.save(update_fields=["cancelled_at", "cancelled_by", "cancelled_reason"])
    number = times_cancelled(meeting) + 1
    told = send_notice(
        kind="meeting_cancelled",
        people=readers_of_notice(meeting),
        key=f"cancelled:{meeting.pk}:{number}",
        ids={"meeting": meeting.pk, "number": number},
        haste=haste_of(meeting.starts_at, now=now),
        at=at,
    )
    event = AuditEvent.record("cancel_meeting", meeting, by=by, at=at, people=told)
    tell_signed_up(meeting=meeting, about="cancelled", cause=event.pk, at=at)
    pages.forget("/")
    return told


# After all ----------------------------------------------------------------------------------------


def why_not_reinstate(meeting: Meeting, *, at: datetime | None = None) -> str:
    """Why this meeting can't take place after all; empty when it can."""
    if not meeting.is_cancelled:
        return "This meeting isn’t cancelled. Nothing was sent."
    if meeting.starts_at <= (at or timezone.now()):
        return "Its day has passed. Add a new meeting instead."
    return ""


def notices_of(meeting: Meeting) -> list[Message]:
    """What was written to people when it was cancelled last."""
    key = f"cancelled:{meeting.pk}:{times_cancelled(meeting)}:"
    sent = Message.objects.filter(template="meetings/meeting_cancelled", key__startswith=key)
    return list(sent.select_related("person").order_by("pk"))


def has_heard(message: Message) -> bool:
    """Whether a notice has left us, or is on its way out just now."""
    return message.state in OUT or (
        message.state == Message.State.QUEUED and message.claimed_at is not None
    )


@transaction.atomic
def reinstate_meeting(*, meeting: Meeting, by: Any, at: datetime | None = None) -> int:
    """Say that a cancelled meeting takes place after all; how many people are told.

    Notices that haven't gone out are called back, and only those who heard of the
    cancellation hear that it is off. If any did, everybody is asked again whether they come.
    Raises TransitionNotAllowed.
    """
    now = at or timezone.now()
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if words := why_not_reinstate(meeting, at=now):
        raise TransitionNotAllowed(words)
    number, sent = times_cancelled(meeting), notices_of(meeting)
    Message.objects.filter(
        pk__in=[m.pk for m in sent], state=Message.State.QUEUED, claimed_at__isnull=True
    ).update(state=Message.State.DROPPED, reason="The meeting takes place after all.")
    heard = [m.person for m in sent if has_heard(m) and m.person and m.person.is_active]
    meeting.cancelled_at, meeting.cancelled_by, meeting.cancelled_reason = None, None, ""
    meeting.save(update_fields=["cancelled_at", "cancelled_by", "cancelled_reason"])
    if heard:
        Reply.objects.filter(invitation__meeting=meeting).update(to_confirm=True)
    told = send_notice(
        kind="meeting_after_all",
        people=heard,
        key=f"after-all:{meeting.pk}:{number}",
        ids={"meeting": meeting.pk, "number": number},
        haste=haste_of(meeting.starts_at, now=now),
        at=at,
    )
    event = AuditEvent.record("reinstate_meeting", meeting, by=by, at=at, people=told)
    tell_signed_up(meeting=meeting, about="after_all", cause=event.pk, at=at)
    pages.forget("/")
    return told


# Its agenda ---------------------------------------------------------------------------------------


def next_for_agenda(meeting: Meeting, *, at: datetime | None = None) -> Meeting | None:
    """Where its agenda can go: the next meeting of its series, or else for the same people."""
    after = (at or timezone.now()) + timedelta(minutes=1)
    following = (
        Meeting.objects.taking_place()
        .filter(audience=meeting.audience, starts_at__gt=after)
        .exclude(pk=meeting.pk)
        .order_by("starts_at")
    )
    own = following.filter(series=meeting.series) if meeting.series_id else following.none()
    return own.first() or following.first()


def items_to_carry(meeting: Meeting) -> list[AgendaItem]:
    """What stood on its agenda or was proposed, and hasn't gone on yet."""
    wanted = [AgendaItem.State.ON, AgendaItem.State.PROPOSED]
    items = meeting.agenda_items.filter(state__in=wanted, went_to__isnull=True)
    return list(items.order_by("position", "pk"))


@transaction.atomic
def carry_agenda(*, meeting: Meeting, by: Any, at: datetime | None = None) -> Meeting:
    """Put a cancelled meeting's items on the agenda of the next one, each at most once.

    Raises TransitionNotAllowed when there is no next meeting, or nothing to carry.
    """
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if not meeting.is_cancelled:
        raise TransitionNotAllowed("Only the agenda of a cancelled meeting is carried on.")
    target = next_for_agenda(meeting, at=at)
    if target is None:
        raise TransitionNotAllowed("There is no later meeting for the same people yet. Add one.")
    target = Meeting.objects.select_for_update().get(pk=target.pk)
    items = items_to_carry(meeting)
    if not items:
        raise TransitionNotAllowed("These items have been carried on already.")
    last = target.agenda_items.aggregate(last=Max("position"))["last"] or 0
    there = set(target.agenda_items.filter(kind="confirm").values_list("about_minutes", flat=True))
    items = [i for i in items if i.kind != "confirm" or i.about_minutes_id not in there]
    for position, item in enumerate(items, last + 1):
        carry_item(item, target, position)
    AuditEvent.record("carry_agenda", meeting, by=by, at=at, to=target.pk, items=len(items))
    pages.forget("/meetings/")
    return target


def carry_item(item: AgendaItem, target: Meeting, position: int) -> None:
    """A copy on the next agenda, as private as it was, with its readers and papers."""
    copy = AgendaItem.objects.get(pk=item.pk)
    copy.pk, copy._state.adding = None, True
    copy.meeting, copy.position, copy.came_from = target, position, item
    copy.kind = copy.kind or AgendaItem.Kind.CARRIED
    copy.save()
    for reader in item.named_readers.all():
        NamedReader.objects.create(
            item=copy, person=reader.person, named_at=reader.named_at, named_by=reader.named_by
        )
    for paper in item.papers.all():
        paper.pk, paper._state.adding = None, True
        paper.item = copy
        paper.save()
