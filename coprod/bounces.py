"""Mail that came back: which message it was, and why, in plain words.

Reads delivery status notifications (RFC 3464). Anything else, such as "I'm away until Monday",
is left alone. Our Message-ID holds a random number, so that nobody can make up a bounce for a
message that they didn't get.
"""

import imaplib
import logging
import mailbox
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.message import Message as Mail
from enum import Enum
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone

from coprod.models import AuditEvent, Message

logger = logging.getLogger(__name__)

#: A status notification is small; what is longer is cut, since our number stands near its end
#: only where the whole mail is sent back.
MOST_BYTES = 2 * 1024 * 1024
#: Mails read from a box at one go.
MOST_MAILS = 200

#: What a status means (RFC 3463), by its second and third number, else by its second.
_REASONS = {
    "1.1": "There is no such address. Check it.",
    "1.10": "This address takes no mail. Check it.",
    "1.2": "The part after the @ doesn’t exist. Check the address.",
    "1.3": "The address isn’t written as an address is. Check it.",
    "1.6": "They have moved and left no new address.",
    "2": "The mailbox can’t take mail.",
    "2.1": "The mailbox is switched off.",
    "2.2": "The mailbox is full.",
    "3": "Their mail server can’t take mail now.",
    "4": "Their mail server could not be found or reached.",
    "7": "Their mail server took it for unwanted mail.",
}
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_OURS = re.compile(r"<([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@")


class Done(Enum):
    """What became of one mail that was read."""

    FAILED = "it came back for good"
    DELAYED = "it is still being tried"
    IGNORED = "it is no notice about a message of ours"
    TOO_EARLY = "our own mark that it was sent isn’t there yet"


@dataclass(frozen=True)
class Notice:
    """What a status notification says about one message of ours."""

    number: uuid.UUID
    status: str
    for_good: bool

    @property
    def reason(self) -> str:
        """Why, in words for people."""
        _, _, detail = self.status.partition(".")
        subject = detail.partition(".")[0]
        known = _REASONS.get(detail) or _REASONS.get(subject)
        return known or f"Their mail server sent it back ({self.status or 'no reason given'})."


def read(raw: bytes) -> Notice | None:
    """What a mail says, if it is a status notification about a message of ours."""
    mail = message_from_bytes(raw[:MOST_BYTES], policy=policy.default)
    reports = [part for part in mail.walk() if part.get_content_type() == "message/delivery-status"]
    if not reports:
        return None
    number = _number_in(mail, raw)
    status, action = _said(reports[0])
    if number is None or action not in ("failed", "delayed") or not status:
        return None
    return Notice(number, status, for_good=action == "failed" and status.startswith("5"))


def _said(report: Mail) -> tuple[str, str]:
    """Status and action of the first recipient that a report tells of. We write to one each."""
    blocks = report.get_payload()
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, Mail) and (words := str(block["Action"] or "").split()):
            action = words[0].lower()
            found = _STATUS.search(str(block["Status"] or ""))
            found = found or _STATUS.search(str(block["Diagnostic-Code"] or ""))
            if found is None:
                return ("5.0.0" if action == "failed" else "4.0.0"), action
            return found[0], action
    return "", ""


def _number_in(mail: EmailMessage | Mail, raw: bytes) -> uuid.UUID | None:
    """Our number: in the head of what was sent back, else anywhere in the notice."""
    for part in mail.walk():
        if part.get_content_type() == "message/rfc822":
            inner: Any = part.get_payload()
            head = str(inner[0]["Message-ID"]) if isinstance(inner, list) and inner else ""
        elif part.get_content_type() == "text/rfc822-headers":
            head = str(part.get_payload())
        else:
            continue
        if found := _OURS.search(head):
            return uuid.UUID(found[1])
    found = _OURS.search(raw[:MOST_BYTES].decode("ascii", "replace"))
    return uuid.UUID(found[1]) if found else None


@transaction.atomic
def take(raw: bytes, *, at: datetime | None = None) -> Done:
    """Record what one mail says. The same mail read twice changes nothing more."""
    try:
        notice = read(raw)
    except Exception:  # anybody can write to this box; one odd mail must not stop the others
        logger.warning("A mail that came back could not be read", exc_info=True)
        return Done.IGNORED
    if notice is None:
        return Done.IGNORED
    message = Message.objects.select_for_update(of=("self",)).filter(uuid=notice.number).first()
    if message is None or message.channel != Message.Channel.EMAIL:
        return Done.IGNORED
    if message.state == Message.State.QUEUED and message.claimed_at is not None:
        return Done.TOO_EARLY
    if message.state != Message.State.SENT:
        return Done.IGNORED
    now = at or timezone.now()
    message.reason = notice.reason
    if notice.for_good:
        message.state, message.bounced_at = Message.State.FAILED, now
    message.save(update_fields=["reason", "state", "bounced_at"])
    verb = "bounce" if notice.for_good else "delayed"
    AuditEvent.record(verb, message, by=None, at=at, status=notice.status)
    return Done.FAILED if notice.for_good else Done.DELAYED


# The box ----------------------------------------------------------------------------------------


def read_box() -> int:
    """Read the new mail of the box that ``BOUNCE_URL`` names; how many came back for good.

    A mail is marked as seen once it has been dealt with, so that one which was too early, or
    at which we died, is read again.
    """
    if not settings.BOUNCE_URL:
        return 0
    scheme = urlsplit(settings.BOUNCE_URL).scheme
    if scheme == "maildir":
        return _read_folder(settings.BOUNCE_URL.removeprefix("maildir:"))
    if scheme in ("imap", "imaps"):
        return _read_imap(settings.BOUNCE_URL)
    raise ImproperlyConfigured("BOUNCE_URL is neither maildir:/path nor imaps://…")


def _read_folder(path: str) -> int:
    box, failed = mailbox.Maildir(path, create=False), 0
    unseen = [key for key in box.keys() if "S" not in box.get_message(key).get_flags()]  # noqa: SIM118
    for key in unseen[:MOST_MAILS]:
        done = take(box.get_bytes(key))
        failed += done is Done.FAILED
        if done is not Done.TOO_EARLY:
            seen = box.get_message(key)
            seen.set_subdir("cur")
            seen.add_flag("S")
            box[key] = seen
    return failed


def _read_imap(url: str) -> int:
    failed = 0
    with _imap(url) as box:
        _, found = box.search(None, "UNSEEN")
        for number in found[0].split()[:MOST_MAILS]:
            _, answer = box.fetch(number, "(BODY.PEEK[])")
            raw = next((part[1] for part in answer if isinstance(part, tuple)), b"")
            done = take(raw)
            failed += done is Done.FAILED
            if done is not Done.TOO_EARLY:
                box.store(number, "+FLAGS", "\\Seen")
    return failed


@contextmanager
def _imap(url: str) -> Iterator[imaplib.IMAP4]:
    """The opened box. Raises OSError or imaplib's errors where it can't be reached."""
    parts = urlsplit(url)
    kind = imaplib.IMAP4_SSL if parts.scheme == "imaps" else imaplib.IMAP4
    port = parts.port or (993 if parts.scheme == "imaps" else 143)
    box = kind(parts.hostname or "localhost", port, timeout=settings.EMAIL_TIMEOUT)
    try:
        box.login(unquote(parts.username or ""), unquote(parts.password or ""))
        box.select(unquote(parts.path.lstrip("/")) or "INBOX")
        yield box
    finally:
        box.logout()
