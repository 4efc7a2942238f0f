"""Personal links in letters: signed, for one person and one purpose, ending after a time.

A link shows whose it is and may reply, comment and agree; it never signs anybody in.
Opening one changes nothing. All of a person's links end at once when ``links_ended_at`` is
set on their row: what was signed before then is refused.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing
from django.db.models import QuerySet
from django.utils import timezone

from coprod import outbox
from coprod.models import Message

#: How long a link answers, in days.
DAYS = {"reply": 60, "draft": 60, "join": 14, "set-up": 7, "seat": 30, "news": 400, "ask": 120}

#: By purpose, the messages that hold such a link: what "Send me a new link" sends again.
#: Filled by the apps; called with the person's id and the row that the link is about.
letters_with: dict[str, Callable[[int, int], QuerySet[Message]]] = {}


@dataclass(frozen=True)
class Link:
    """What a token says: whose it is, and the row that it is about."""

    person_id: int
    about: int


class LinkInvalid(Exception):
    """The link was altered, belongs to another purpose, or has ended (``ended`` says which)."""

    def __init__(self, *, ended: bool = False, link: Link | None = None) -> None:
        self.ended = ended
        self.link = link
        super().__init__("This link has ended." if ended else "This link isn’t complete.")


class _Signer(signing.TimestampSigner):
    """Signs with the second that it is told, and says when something was signed."""

    def __init__(self, purpose: str, *, at: int | None = None) -> None:
        super().__init__(salt=f"link:{purpose}")
        self.at = at

    def timestamp(self) -> str:
        return signing.b62_encode(self.at) if self.at else super().timestamp()

    def signed_at(self, token: str) -> int:
        """The second of a token whose signature has been checked."""
        return signing.b62_decode(token.rsplit(self.sep, 2)[1])


def make(purpose: str, *, person: Any, about: int) -> str:
    """A token for one person, one purpose and one row.

    A token counts in whole seconds. One that is made in the very second in which the person's
    links were ended is dated to the next, so that it is on the living side.
    """
    ended = getattr(person, "links_ended_at", None)
    at = max(int(time.time()), int(ended.timestamp()) + 1 if ended else 0)
    return _Signer(purpose, at=at).sign_object([person.pk, about])


def read(purpose: str, token: str) -> Link:
    """What a token says. Raises LinkInvalid; asks the person's row unless nobody has it yet."""
    signer = _Signer(purpose)
    try:
        person_id, about = signer.unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise LinkInvalid() from error
    link = Link(person_id=person_id, about=about)
    signed_at = signer.signed_at(token)
    age = timedelta(seconds=timezone.now().timestamp() - signed_at)
    if age > timedelta(days=DAYS[purpose]) or (person_id and _is_revoked(person_id, signed_at)):
        raise LinkInvalid(ended=True, link=link)
    return link


def _is_revoked(person_id: int, signed_at: int) -> bool:
    """Whether somebody takes no part any more, or has ended their links since."""
    people = get_user_model()._default_manager.filter(pk=person_id, is_active=True)
    row = people.values_list("links_ended_at").first()
    return row is None or (row[0] is not None and signed_at <= row[0].timestamp())


def send_again(purpose: str, token: str) -> None:
    """Queue the letter that held this link once more, to the person's own channel.

    Whoever asks learns nothing: a token that isn't ours is passed over in silence, and a
    letter is sent again once a day at most.
    """
    try:
        link = read(purpose, token)
    except (LinkInvalid, KeyError) as refused:
        found = getattr(refused, "link", None)
        if found is None:
            return
        link = found
    letters = letters_with[purpose](link.person_id, link.about) if purpose in letters_with else None
    message = letters.select_related("person").order_by("-pk").first() if letters else None
    if message is None or message.person is None or not message.person.is_active:
        return
    outbox.queue(
        key=f"again:{message.template}:{link.person_id}:{link.about}:{timezone.localdate()}",
        template=message.template,
        person=message.person,
        ids=message.ids,
        urgent=True,
    )
