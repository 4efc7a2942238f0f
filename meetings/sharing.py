"""Words for passing published minutes on: from the stored public rendition only, never a write."""

from dataclasses import dataclass
from typing import Any

from coprod import letters
from coprod.models import Forum
from coprod.templatetags.forum import day
from meetings.models import Minutes
from meetings.templatetags.minutes import as_list

#: The longest post that the strictest of the usual sites takes, in characters.
POST = 280


@dataclass(frozen=True)
class Text:
    """One text to copy: for what, and the words."""

    title: str
    hint: str
    words: str


def address_of(minutes: Minutes) -> str:
    return letters.absolute(minutes.meeting.get_absolute_url())


def texts_of(minutes: Minutes) -> list[Text]:
    """A post, a paragraph for a newsletter or the Local Offer, and an e-mail."""
    version = minutes.shown_version
    assert version is not None  # a constraint of published minutes
    forum, address = Forum.current(), address_of(minutes)
    title, met = version.public["meeting"]["title"], day(minutes.meeting.date)
    points = [str(point) for point in as_list(version.public["short_version"])]
    said = " ".join(points)
    return [
        Text(
            "A short post",
            "For social pages and messages.",
            _post(f"{title}, {met}: the agreed minutes are out.", said, address),
        ),
        Text(
            "A paragraph",
            "For a newsletter, a school’s letter or the Local Offer.",
            f"{forum.name}: agreed minutes of {title}, {met}. {said} "
            f"Read them all: {address}".replace("  ", " "),
        ),
        Text(
            "An e-mail",
            "For people who would pass it on.",
            "\n".join(
                [
                    f"Subject: What was said at {title}, {met}",
                    "",
                    "Hello,",
                    "",
                    f"The people who were there have agreed the minutes of {title} on {met}.",
                    *(["", *(f"- {point}" for point in points)] if points else []),
                    "",
                    f"Read them here: {address}",
                    "",
                    f"{forum.name}{f', {forum.phone}' if forum.phone else ''}",
                ]
            ),
        ),
    ]


def _post(begins: str, said: str, address: str) -> str:
    """As many whole words as fit between the first sentence and the address."""
    room = POST - len(begins) - len(address) - 2
    words = said
    if len(said) > room:
        words = said[: max(room - 1, 0)].rsplit(" ", 1)[0].rstrip(",;:. ") + "…"
    return " ".join(part for part in (begins, words if room > 20 else "", address) if part)


def poster_context(minutes: Minutes) -> dict[str, Any]:
    """What the poster says: the short version large, and where to read the rest."""
    forum, version = Forum.current(), minutes.shown_version
    assert version is not None
    title, met = version.public["meeting"]["title"], day(minutes.meeting.date)
    return {
        "forum": forum,
        "title": f"What was said on {met}",
        "foot": f"{forum.name}. Run by parents and carers.",
        "about": f"Poster: {title}, {met}, {forum.name}",
        "sub": [title],
        "points": as_list(version.public["short_version"]),
        "address": address_of(minutes).split("//")[-1],
    }
