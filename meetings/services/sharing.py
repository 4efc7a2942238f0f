"""Telling more people of published minutes: the forum's channels, and what was done when."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from meetings.models import Minutes, PublicityChannel, PublicityStep


@transaction.atomic
def save_channel(
    *, channel: PublicityChannel, by: Any, fields: list[str], at: datetime | None = None
) -> None:
    """Add a channel, or keep changes to one. What was done through it stays."""
    is_new = channel.pk is None
    if is_new:
        channel.added_at, channel.added_by = at or timezone.now(), by
        channel.save()
    else:
        channel.save(update_fields=fields)
    AuditEvent.record("add_channel" if is_new else "change_channel", channel, by=by, at=at)


@transaction.atomic
def mark_told(
    *, minutes: Minutes, channel: PublicityChannel, by: Any, at: datetime | None = None
) -> None:
    """Record that these minutes were told of through one channel. Twice is once."""
    if minutes.state != Minutes.State.PUBLISHED:
        raise TransitionNotAllowed("Only published minutes can be told of.")
    try:
        with transaction.atomic():
            step = PublicityStep.objects.create(
                minutes=minutes, channel=channel, done_by=by, done_at=at or timezone.now()
            )
    except IntegrityError:
        return
    AuditEvent.record("tell_channel", step, by=by, at=at, minutes=minutes.pk)


@transaction.atomic
def unmark_told(*, minutes: Minutes, channel: PublicityChannel, by: Any) -> None:
    """Take a tick back that was set by mistake."""
    step = PublicityStep.objects.filter(minutes=minutes, channel=channel).first()
    if step is not None:
        AuditEvent.record("untell_channel", step, by=by, minutes=minutes.pk)
        step.delete()


def tell_contacts(*, minutes: Minutes, by: Any, at: datetime | None = None) -> list[Message]:
    """Mail each channel that has a contact that minutes are published, once a version shown.

    Called by what publishes, in its transaction; the mail is the step done. Of a correction
    they hear with everybody invited (``publicity.tell_corrected``).
    """
    told = []
    for channel in PublicityChannel.objects.filter(is_used=True).exclude(email=""):
        told.append(
            outbox.queue(
                key=f"told:{minutes.shown_version_id}:{channel.pk}",
                template="meetings/published_elsewhere",
                address=channel.email,
                channel=Message.Channel.EMAIL,
                ids={"minutes": minutes.pk, "channel": channel.pk},
                at=at,
            )
        )
        mark_told(minutes=minutes, channel=channel, by=by, at=at)
    return told
