"""What somebody does with a message by hand: send it again or otherwise, post it, ring.

Each writes an audit event. Raises TransitionNotAllowed where the row isn't in that state.
"""

from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from coprod import clocks, registry
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from coprod.outbox import address_of, poke

State, Channel = Message.State, Message.Channel


class Call(models.TextChoices):
    """How a call ended."""

    SPOKE = "spoke", "We spoke"
    LEFT_WORD = "left_word", "I left a message"
    NO_ANSWER = "no_answer", "No answer"
    WRONG_NUMBER = "wrong_number", "Wrong number"


def _locked(message: Message) -> Message:
    return (
        Message.objects.select_for_update(of=("self",)).select_related("person").get(pk=message.pk)
    )


@transaction.atomic
def resend(*, message: Message, by: Any) -> Message:
    """Put a failed message back in the queue, to the person's address as it is now.

    A notice to a former address goes to that one again: the new one may be a stranger's.
    """
    message = _locked(message)
    if message.state != State.FAILED:
        raise TransitionNotAllowed("Only a message that failed can be sent again.")
    _requeue(message)
    AuditEvent.record("resend", message, by=by)
    return message


def _requeue(message: Message) -> None:
    """Back into the queue of its channel, as if it had just been written."""
    message.state = State.QUEUED
    message.attempts = 0
    message.reason = ""
    message.next_try_at = timezone.now()
    message.sent_at = message.sent_by = message.claimed_at = None
    if message.template not in registry.keep_address:
        message.address = address_of(message.person, message.channel) or message.address
    message.save()
    if message.channel in Message.SENT_BY_WORKER:
        poke()


def other_ways(message: Message) -> list[str]:
    """The channels that can carry a failed message instead of its own, as far as we hold them."""
    person = message.person
    if person is None or message.state != State.FAILED or message.template in registry.by_mail_only:
        return []
    held = {
        Channel.PHONE: person.phone,
        Channel.LETTER: person.postal_address,
        Channel.EMAIL: person.mail_address,
    }
    return [channel for channel, value in held.items() if value and channel != message.channel]


@transaction.atomic
def send_otherwise(*, message: Message, channel: str, by: Any) -> Message:
    """Let a failed message go by another channel: into the post, or onto the call list."""
    message = _locked(message)
    if channel not in other_ways(message):
        raise TransitionNotAllowed("It can’t go that way. Add what is missing to their details.")
    was, message.channel = message.channel, channel
    message.is_news = False
    _requeue(message)
    AuditEvent.record("send_otherwise", message, by=by, was=was, now=channel)
    return message


@transaction.atomic
def mark_posted(*, message: Message, by: Any) -> None:
    """Record that a letter went to the post."""
    message = _locked(message)
    if message.state != State.QUEUED or message.channel != Channel.LETTER:
        raise TransitionNotAllowed("This letter was already marked.")
    message.state, message.sent_at, message.sent_by = State.POSTED, timezone.now(), by
    message.save(update_fields=["state", "sent_at", "sent_by"])
    AuditEvent.record("posted", message, by=by)


@transaction.atomic
def unmark_posted(*, message: Message, by: Any, came_back: bool = False) -> None:
    """Take back that a letter was posted: it never was, or the post brought it back."""
    message = _locked(message)
    if message.state != State.POSTED:
        raise TransitionNotAllowed("This letter isn’t marked as posted.")
    if came_back:
        sent_on = clocks.today(message.sent_at)
        message.state = State.FAILED
        message.reason = f"The letter of {sent_on:%-d %B} came back. Check the postal address."
        message.save(update_fields=["state", "reason"])
    else:
        _requeue(message)
    AuditEvent.record("came_back" if came_back else "not_posted", message, by=by)


@transaction.atomic
def note_call(*, message: Message, outcome: str, by: Any, note: str = "") -> None:
    """Record how a call ended.

    Only having spoken takes it off the list. A message left or no answer counts as a try; a
    wrong number is a failure that somebody has to put right.
    """
    message = _locked(message)
    if message.state != State.QUEUED or message.channel != Channel.PHONE:
        raise TransitionNotAllowed("This call was already noted.")
    now = timezone.now()
    message.attempts += 1
    if outcome == Call.SPOKE:
        message.state, message.sent_at, message.sent_by, message.note = State.RUNG, now, by, note
        message.reason = ""
    elif outcome == Call.WRONG_NUMBER:
        message.state, message.reason = State.FAILED, "It is a wrong number. Check it."
        message.note = note
    else:
        said = "A message was left" if outcome == Call.LEFT_WORD else "Nobody answered"
        message.reason = f"{said} on {clocks.today(now):%-d %B}{f': {note}' if note else ''}"[:300]
        message.next_try_at = now + timedelta(hours=4)
    message.save()
    AuditEvent.record("call", message, by=by, outcome=str(outcome))
