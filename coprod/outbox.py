"""The outbox: every message is a row, written with what caused it and delivered afterwards.

The row is the truth, the broker only a bell. Delivery is at least once: a worker that dies
between the mail server's yes and our mark sends again with the same Message-ID.
"""

import logging
import smtplib
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.utils import timezone

from coprod import clocks, registry
from coprod.exceptions import NoLongerDue, TransitionNotAllowed
from coprod.models import AuditEvent, Forum, Message

logger = logging.getLogger(__name__)

BATCH = 25
#: Minutes to wait after the first, second … failed try; the last one repeats: 12 tries in a day.
WAITS = (1, 2, 5, 10, 20, 40, 60, 120, 240, 360, 480)


def queue(
    *,
    key: str,
    template: str,
    person: Any = None,
    address: str = "",
    channel: str = "",
    ids: dict[str, Any] | None = None,
    secret: dict[str, Any] | None = None,
    urgent: bool = False,
    at: datetime | None = None,
) -> Message:
    """Write one message in the caller's transaction; the same key again changes nothing.

    ``channel`` defaults to the person's own. ``urgent`` messages ignore quiet hours: sign-in
    codes, security notices, same-day cancellations.
    """
    now = at or timezone.now()
    channel = channel or (person.reached_by if person is not None else Message.Channel.EMAIL)
    not_before = (
        now if urgent or channel != Message.Channel.EMAIL else clocks.after_quiet_hours(now)
    )
    if not address and person is not None and channel == Message.Channel.EMAIL:
        address = person.mail_address
    message, made = Message.objects.get_or_create(
        key=key,
        defaults={
            "template": template,
            "person": person,
            "address": address,
            "channel": channel,
            "ids": ids or {},
            "secret": secret or {},
            "created_at": now,
            "not_before": not_before,
            "next_try_at": not_before,
        },
    )
    if made and channel in Message.SENT_BY_WORKER:
        poke()
    return message


def poke() -> None:
    """Ring the worker once when the transaction commits; a broker that is down is no error."""
    if not any(entry[1] is _ring for entry in connection.run_on_commit):
        transaction.on_commit(_ring)


def _ring() -> None:
    from coprod.tasks import drain_outbox

    if not settings.TESTING:
        try:
            drain_outbox.delay()
        except Exception:  # the timetable drains too, so a deaf broker only delays
            logger.warning("The broker could not be reached; the timetable will deliver.")


def write(message: Message) -> registry.Letter:
    """The words of a message as they stand now.

    Raises NoLongerDue when its reader may not have it any more. Nobody who is switched off
    gets anything, whatever the letter.
    """
    if message.person is not None and not message.person.is_active:
        raise NoLongerDue("This person doesn’t take part any more.")
    return registry.letters[message.template](message)


def deliver_due(*, now: datetime | None = None, limit: int = BATCH) -> int:
    """Deliver up to ``limit`` messages on one kept connection; how many were handled.

    Each row is claimed just before it is sent, so that a worker that dies holds up one
    message for a lease and no other.
    """
    mailer = get_connection(timeout=settings.EMAIL_TIMEOUT)
    handled = 0
    try:
        while handled < limit:
            claimed = Message.objects.claim(now or timezone.now(), 1)
            if not claimed:
                break
            _deliver(claimed[0], mailer)
            handled += 1
    finally:
        mailer.close()
    return handled


def _deliver(message: Message, mailer: BaseEmailBackend) -> None:
    if not message.address:
        # Django sends a mail without recipients to nobody, and calls that a success.
        _close(message, Message.State.FAILED, reason="There is no e-mail address. Add one.")
        return
    try:
        letter = write(message)
    except NoLongerDue as reason:
        _close(message, Message.State.DROPPED, reason=str(reason))
        return
    except Exception:
        logger.exception("Message %s could not be written", message.pk)
        _try_later(message, "The letter could not be written. An administrator should look.")
        return
    try:
        _send(message, letter, mailer)
    except smtplib.SMTPRecipientsRefused as refused:
        code, words = next(iter(refused.recipients.values()))
        _refused(message, code, words)
    except smtplib.SMTPDataError as refused:
        _refused(message, refused.smtp_code, refused.smtp_error)
    except smtplib.SMTPResponseException as trouble:
        # Our own server doesn't let us in or send: no fault of this address.
        mailer.close()
        _try_later(message, f"Our mail server refused us ({trouble.smtp_code}).")
    except (OSError, smtplib.SMTPException):
        mailer.close()
        _try_later(message, "The mail server could not be reached.")
    except ValueError:
        logger.exception("Message %s could not be addressed", message.pk)
        _close(message, Message.State.FAILED, reason="No mail can go to this address. Check it.")
    except Exception:  # counted as a try like any other, or it would come back for ever
        logger.exception("Message %s could not be sent", message.pk)
        _try_later(message, "The mail could not be sent. An administrator should look.")
    else:
        _close(message, Message.State.SENT)


def _send(message: Message, letter: registry.Letter, mailer: BaseEmailBackend) -> None:
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        from_email=_sender(),
        to=[message.address],
        reply_to=[address] if (address := Forum.current().email) else None,
        headers={"Message-ID": message.message_id, **letter.headers},
        connection=mailer,
    )
    if letter.html:
        mail.attach_alternative(letter.html, "text/html")
    # Kept open over the batch; Django opens it for the first mail and not again.
    mailer.open()
    mail.send()


def _sender() -> str:
    name = "".join(c for c in Forum.current().name if c.isprintable() and c not in '"<>')
    return f'"{name}" <{settings.DEFAULT_FROM_EMAIL}>'


def _refused(message: Message, code: int, words: bytes | str) -> None:
    if 500 <= code < 600:
        _close(
            message,
            Message.State.FAILED,
            reason=f"The address was refused by its mail server ({code}). Check the address.",
        )
    else:
        _try_later(message, f"The mail server asked us to try later ({code}).")


def _close(message: Message, state: str, *, reason: str = "") -> None:
    """Mark a row as done; the secret goes with it."""
    Message.objects.filter(pk=message.pk).update(
        state=state,
        reason=reason[:300],
        secret={},
        claimed_at=None,
        sent_at=timezone.now() if state == Message.State.SENT else None,
    )


def _try_later(message: Message, reason: str) -> None:
    if message.attempts >= Message.MOST_ATTEMPTS:
        _close(message, Message.State.FAILED, reason=f"{reason} We tried {message.attempts} times.")
        return
    wait = WAITS[min(message.attempts, len(WAITS)) - 1]
    Message.objects.filter(pk=message.pk).update(
        claimed_at=None,
        reason=reason[:300],
        next_try_at=timezone.now() + timedelta(minutes=wait),
    )


@transaction.atomic
def resend(*, message: Message, by: Any) -> None:
    """Put a failed message back in the queue, to the person's address as it is now.

    Raises TransitionNotAllowed unless it had failed.
    """
    message = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if message.state != Message.State.FAILED:
        raise TransitionNotAllowed("Only a message that failed can be sent again.")
    message.state = Message.State.QUEUED
    message.attempts = 0
    message.reason = ""
    message.next_try_at = timezone.now()
    if message.person is not None and message.person.mail_address:
        message.address = message.person.mail_address
    message.save(update_fields=["state", "attempts", "reason", "next_try_at", "address"])
    AuditEvent.record("resend", message, by=by)
    poke()


@transaction.atomic
def mark_done_by_hand(*, message: Message, by: Any, note: str = "") -> None:
    """Record that a letter was posted or a call made. ``note`` says what was said.

    Raises TransitionNotAllowed when it was done already or is no letter or call.
    """
    message = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    done = {Message.Channel.LETTER: Message.State.POSTED, Message.Channel.PHONE: Message.State.RUNG}
    channel = Message.Channel(message.channel)
    if message.state != Message.State.QUEUED or channel not in done:
        raise TransitionNotAllowed("This was already marked as done.")
    message.state = done[channel]
    message.sent_at = timezone.now()
    message.sent_by = by
    message.note = note
    message.save(update_fields=["state", "sent_at", "sent_by", "note"])
    AuditEvent.record(message.state, message, by=by)


def counts(people: Any) -> dict[str, int]:
    """How many people each channel reaches, to be shown before anything is sent."""
    tally: dict[str, int] = {}
    for person in people:
        tally[person.reached_by] = tally.get(person.reached_by, 0) + 1
    return tally


def in_words(tally: dict[str, int]) -> str:
    """``22 e-mails, 3 letters and 2 phone calls``."""
    names = {"email": "e-mail", "letter": "letter", "phone": "phone call", "text": "text"}
    parts = [f"{n} {names[c]}{'' if n == 1 else 's'}" for c in names if (n := tally.get(c, 0))]
    if not parts:
        return "no messages"
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
