"""Text messages: the channel that ``TEXT_URL`` plugs in, and the short words it carries.

None (the channel is off), a folder beside the mail for the demonstration and for tests, or one
provider over HTTP. The provider's side is written to the plainest form of what such services
document and was tried against a local server only.
"""

import json
import re
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any, Protocol
from urllib import error, request
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from coprod import mail
from coprod.models import Forum
from coprod.registry import Letter

#: Characters of two joined messages in the alphabet of phones, and when one isn't in it.
TWO_PLAIN, TWO_WIDE = 2 * 153, 2 * 67
#: The alphabet that phones agreed on (GSM 03.38), and marks that count twice in it.
_PLAIN = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWICE = frozenset("^{}\\[~]|€")
_SIMPLER = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})
#: A line of a letter that says when: the one fact that a text can't leave to its link.
_FACT = re.compile(r"^When: (.+)$", re.MULTILINE)
#: Answers that mean "not now": too many at once, or the provider's own trouble.
_LATER = {408, 425, 429}


class Refused(Exception):
    """This number takes no texts, or these words can't go; trying again is no use."""


class TryLater(Exception):
    """The provider could not take it now."""


class Service(Protocol):
    """What carries texts. ``reference`` is the same on each try of one message."""

    def send(self, number: str, words: str, *, reference: str) -> str:
        """The provider's id of the message. Raises Refused or TryLater."""


class Folder:
    """Keep each text as a file among the mail: what the demonstration shows."""

    def send(self, number: str, words: str, *, reference: str) -> str:
        kept = EmailMessage()
        kept["From"] = "".join(c for c in Forum.current().name if c.isprintable())
        kept["To"] = number
        kept["Subject"] = "Text message"
        kept["Date"] = formatdate()
        kept["Message-ID"] = make_msgid(domain="texts.localhost")
        kept["X-Reference"] = reference
        kept.set_content(words)
        return str(mail.folder().add(kept.as_bytes()))


class _NoRedirects(request.HTTPRedirectHandler):
    """A key must not follow a redirect to somewhere else."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class Provider:
    """A provider over HTTP: JSON with a bearer token, answered with an id."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.token = unquote(parts.password or parts.username or "")
        host = parts.hostname or ""
        if parts.port:
            host = f"{host}:{parts.port}"
        self.address = parts._replace(netloc=host).geturl()

    def send(self, number: str, words: str, *, reference: str) -> str:
        said = {"to": number, "text": words, "reference": reference}
        if settings.TEXT_FROM:
            said["from"] = settings.TEXT_FROM
        head = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Authorization": f"Bearer {self.token}",
            "Idempotency-Key": reference,
        }
        asked = request.Request(self.address, json.dumps(said).encode(), head, method="POST")
        try:
            opener = request.build_opener(_NoRedirects)
            with opener.open(asked, timeout=settings.TEXT_TIMEOUT) as answer:
                return _id_in(answer.read(65536))
        except error.HTTPError as trouble:
            raise _refusal(trouble.code) from trouble
        except (OSError, ValueError) as trouble:
            raise TryLater("The text service could not be reached.") from trouble


def _refusal(code: int) -> Exception:
    """What an answer other than success means: a 4xx is about this text, unless about our key."""
    if code in (401, 403):
        return TryLater(f"The text service refused us ({code}). Check its key.")
    if 400 <= code < 500 and code not in _LATER:
        return Refused(f"The text service refused this number ({code}). Check the number.")
    return TryLater(f"The text service asked us to try later ({code}).")


def _id_in(body: bytes) -> str:
    """The id in an answer; it was taken all the same when there is none."""
    try:
        answer = json.loads(body)
    except ValueError:
        return ""
    found = answer.get("id", "") if isinstance(answer, dict) else ""
    return str(found)[:100]


def service() -> Service | None:
    """What carries texts here, or None while the channel is off."""
    url = settings.TEXT_URL
    if not url:
        return None
    if url.startswith("folder:"):
        return Folder()
    if url.startswith(("https://", "http://")):
        return Provider(url)
    raise ImproperlyConfigured("TEXT_URL is neither folder: nor a web address.")


def is_on() -> bool:
    return bool(settings.TEXT_URL)


def mobile(number: str) -> str:
    """A UK mobile number as providers want it, ``+447…``; else nothing: a landline reads none."""
    digits = re.sub(r"[\s().-]", "", number)
    found = re.fullmatch(r"(?:\+44\(?0?\)?|0044|0)(7[1-57-9]\d{8})", digits)
    return f"+44{found[1]}" if found else ""


def words_of(letter: Letter) -> str:
    """A letter as a text: who writes, its subject, when, and its link.

    Nothing else of the letter: what else it says may be private, and anybody sees a screen.
    """
    forum = Forum.current()
    said = letter.words
    who = f"{forum.name}: " if forum.name else ""
    link = said.button.get("url", "") if said else ""
    fact = _FACT.search("\n".join(said.paragraphs)) if said else None
    end = f" {link}" if link else f" Ring {forum.phone}." if forum.phone else ""
    start = _end(f"{who}{letter.subject}")
    whole = f"{start} {_end(fact[1])}{end}" if fact else start + end
    whole, short = whole.translate(_SIMPLER), (start + end).translate(_SIMPLER)
    return whole if fits(whole) else short


def _end(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def fits(words: str) -> bool:
    """Whether it goes out as two joined messages at most."""
    if all(c in _PLAIN or c in _TWICE for c in words):
        return len(words) + sum(c in _TWICE for c in words) <= TWO_PLAIN
    return len(words) <= TWO_WIDE
