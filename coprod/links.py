"""Personal links in letters: signed, for one person and one purpose, ending after a time.

A link shows whose it is and may reply, comment and agree; it never signs anybody in.
Opening one changes nothing.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core import signing

#: How long a link answers, in days.
DAYS = {"reply": 60, "draft": 60, "join": 14, "set-up": 7}


class LinkInvalid(Exception):
    """The link was altered, belongs to another purpose, or has ended (``ended`` says which)."""

    def __init__(self, *, ended: bool = False) -> None:
        self.ended = ended
        super().__init__("This link has ended." if ended else "This link isn’t complete.")


@dataclass(frozen=True)
class Link:
    """What a token says: whose it is, and the row that it is about."""

    person_id: int
    about: int


def make(purpose: str, *, person: Any, about: int) -> str:
    """A token for one person, one purpose and one row."""
    return signing.dumps([person.pk, about], salt=f"link:{purpose}", compress=False)


def read(purpose: str, token: str) -> Link:
    """What a token says. Raises LinkInvalid."""
    try:
        person_id, about = signing.loads(
            token, salt=f"link:{purpose}", max_age=timedelta(days=DAYS[purpose])
        )
    except signing.SignatureExpired as error:
        raise LinkInvalid(ended=True) from error
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise LinkInvalid() from error
    return Link(person_id=person_id, about=about)
