"""The outbox: every message is a row, written with what caused it and delivered afterwards.

The row is the truth, the broker only a bell. Delivery is at least once: a worker that dies
between the mail server's yes and our mark sends again with the same Message-ID.
"""

import logging
import smtplib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.utils import timezone

from coprod import clocks, registry, texts
from coprod.exceptions import NoLongerDue
from coprod.models import Forum, Message

logger = logging.getLogger(__name__)

BATCH = 25
#: Why news didn't go to somebody.
NO_NEWS = "They asked us not to send news."
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
    news: bool = False,
    at: datetime | None = None,
) -> Message:
    """Write one message in the caller's transaction; the same key again changes nothing.

    ``channel`` defaults to the person's own. ``urgent`` messages ignore quiet hours: sign-in
    codes, security notices, same-day cancellations. ``news``: nothing has to be done by a
    date, so it waits for the weekly letter, or doesn't go, as its reader chose. What answers
    something that they did themselves is never news.
    """
    now = at or timezone.now()
    channel = channel or (person.reached_by if person is not None else Message.Channel.EMAIL)
    waits, reason = _as_chosen(person, channel) if news else (False, "")
    by_worker = channel in Message.SENT_BY_WORKER
    not_before = clocks.after_quiet_hours(now) if by_worker and not urgent else now
    if waits:
        not_before = clocks.next_weekly(now)
    message, made = Message.objects.get_or_create(
        key=key,
        defaults={
            "template": template,
            "person": person,
            "address": address or address_of(person, channel),
            "channel": channel,
            "ids": ids or {},
            "secret": secret or {},
            "state": Message.State.DROPPED if reason else Message.State.QUEUED,
            "reason": reason,
            "is_news": waits,
            "created_at": now,
            "not_before": not_before,
            "next_try_at": not_before,
        },
    )
    if made and by_worker and not (waits or reason):
        poke()
    return message


def _as_chosen(person: Any, channel: str) -> tuple[bool, str]:
    """Whether news waits for this person's weekly letter, and why it doesn't go at all."""
    wish = getattr(person, "news", "each")
    gathers = channel in (Message.Channel.EMAIL, Message.Channel.LETTER)
    return wish == "weekly" and gathers, NO_NEWS if wish == "none" else ""


def address_of(person: Any, channel: str) -> str:
    """What the worker needs to reach somebody: their e-mail address or their mobile number."""
    if person is None:
        return ""
    if channel == Message.Channel.EMAIL:
        return str(person.mail_address)
    return texts.mobile(person.phone) if channel == Message.Channel.TEXT else ""


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
        what = "mobile number" if message.channel == Message.Channel.TEXT else "e-mail address"
        _close(message, Message.State.FAILED, reason=f"There is no {what}. Add one.")
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
    if message.channel == Message.Channel.TEXT:
        _send_text(message, letter)
    else:
        _send_mail(message, letter, mailer)


def _send_text(message: Message, letter: registry.Letter) -> None:
    """Hand a text to what carries texts, and note how that ended."""
    try:
        service = texts.service()
        if service is None:
            _close(message, Message.State.FAILED, reason="Texts are switched off here.")
            return
        service.send(message.address, texts.words_of(letter), reference=str(message.uuid))
    except texts.Refused as refused:
        _close(message, Message.State.FAILED, reason=str(refused))
    except texts.TryLater as trouble:
        _try_later(message, str(trouble))
    except Exception:  # counted as a try like any other, or it would come back for ever
        logger.exception("Message %s could not be texted", message.pk)
        _try_later(message, "The text could not be sent. An administrator should look.")
    else:
        _close(message, Message.State.SENT)


def _send_mail(message: Message, letter: registry.Letter, mailer: BaseEmailBackend) -> None:
    """Send an e-mail on the kept connection, and note how that ended."""
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
            bounced=True,
        )
    else:
        _try_later(message, f"The mail server asked us to try later ({code}).")


def _close(message: Message, state: str, *, reason: str = "", bounced: bool = False) -> None:
    """Mark a row as done; the secret goes with it. ``bounced``: the address refused for good."""
    now, sent = timezone.now(), state == Message.State.SENT
    fields: dict[str, Any] = {"sent_at": now if sent else None}
    if sent or bounced:
        fields["bounced_at"] = now if bounced else None
    Message.objects.filter(pk=message.pk).update(
        state=state, reason=reason[:300], secret={}, claimed_at=None, **fields
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


def sweep_for_hands() -> int:
    """Take letters and calls off their lists that nobody should have any more; how many.

    The worker finds that out of an e-mail when it writes it. What hands deliver is looked at
    in between, so that lists and counts hold only what there is to do.
    """
    dropped = 0
    for message in Message.objects.for_hands().select_related("person").order_by("pk"):
        try:
            write(message)
        except NoLongerDue as reason:
            dropped += Message.objects.filter(pk=message.pk, state=Message.State.QUEUED).update(
                state=Message.State.DROPPED, reason=str(reason)[:300], secret={}
            )
        except Exception:
            logger.exception("Message %s could not be written", message.pk)
    return dropped


# Said beforehand ------------------------------------------------------------------------------


def counts(people: Iterable[Any], *, news: bool = False) -> dict[str, int]:
    """How many people each channel reaches, to be shown before anything is sent.

    ``news``: also how many get it in the weekly letter, and how many want none.
    """
    tally: dict[str, int] = {}
    for person in people:
        name = person.reached_by
        if news:
            waits, reason = _as_chosen(person, name)
            name = "none" if reason else f"weekly {name}" if waits else name
        tally[name] = tally.get(name, 0) + 1
    return tally


#: What is counted, in the order in which it is said.
_NAMES = {
    "email": "e-mail",
    "text": "text",
    "letter": "letter",
    "phone": "phone call",
    "weekly email": "e-mail in Monday’s weekly letter",
    "weekly letter": "letter with Monday’s weekly post",
}


def in_words(tally: dict[str, int]) -> str:
    """``22 e-mails, 4 texts, 3 letters and 2 phone calls``."""
    parts = [_some(n, _NAMES[c]) for c in _NAMES if (n := tally.get(c, 0))]
    if not parts:
        return "no messages"
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def _some(number: int, name: str) -> str:
    """``1 letter``, ``3 letters with Monday’s weekly post``."""
    noun, _, rest = name.partition(" in ") if " in " in name else name.partition(" with ")
    joint = " in " if " in " in name else " with "
    return f"{number} {noun}{'' if number == 1 else 's'}{joint + rest if rest else ''}"
