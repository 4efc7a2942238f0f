"""What readers are told about corrections, and which versions they may still have; no writes.

Every version from the agreed one on was public once and stays readable at its own address,
except those from which something was taken out since.
"""

import itertools
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from coprod.templatetags.forum import day
from meetings import amending
from meetings.models import Correction, Minutes, Version


def paragraphs_of(rendition: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {p["uid"]: p for item in rendition["items"] for p in item["paragraphs"]}


@dataclass(frozen=True)
class Told:
    """One dated note: what was put right, who agreed, and where it shows."""

    correction: Correction
    #: The version that it made, and the one before it.
    number: int
    before: int
    #: Numbers of the changed paragraphs that the public can see, in order.
    places: list[str] = field(default_factory=list)
    #: In words, what else changed: the short version, who came.
    parts: list[str] = field(default_factory=list)
    uids: frozenset[str] = frozenset()

    @property
    def made_at(self) -> datetime:
        return self.correction.made_at

    @property
    def title(self) -> str:
        words = {
            Correction.Kind.CORRECTION: "Put right",
            Correction.Kind.RELEASE: "Shown since",
            Correction.Kind.REDACTION: "Taken out",
        }
        return f"{words[Correction.Kind(self.correction.kind)]} on {day(self.made_at)}"

    @property
    def anchor(self) -> str:
        return f"note{self.number}"

    @property
    def links(self) -> list[dict[str, str]]:
        """The changed paragraphs: number and where it stands on the page."""
        return [{"number": n, "anchor": f"#p{n.replace('.', '-')}"} for n in self.places]


def corrections_of(minutes: Minutes) -> list[Told]:
    """Every correction, newest first, in one query; none costs nothing."""
    agreed, shown = minutes.agreed_version, minutes.shown_version
    if agreed is None or shown is None or agreed.pk == shown.pk:
        return []
    versions = list(
        minutes.versions.filter(number__gte=agreed.number)
        .select_related("correction")
        .order_by("number")
    )
    found = [_told(before, after) for before, after in itertools.pairwise(versions)]
    return found[::-1]


def _told(before: Version, after: Version) -> Told:
    uids = amending.changed_uids(before.public, after.public)
    numbers = [
        p["number"]
        for item in after.public["items"]
        for p in item["paragraphs"]
        if p["uid"] in uids
    ]
    parts = []
    if before.public["short_version"] != after.public["short_version"]:
        parts.append("The short version")
    if before.public["who"] != after.public["who"]:
        parts.append("Who was invited and who came")
    return Told(
        correction=after.correction,
        number=after.number,
        before=before.number,
        places=numbers,
        parts=parts,
        uids=frozenset(uids),
    )


def marks_of(told: list[Told]) -> dict[str, dict[str, Any]]:
    """By paragraph id, the newest note about it, for the mark beside the paragraph."""
    marks: dict[str, dict[str, Any]] = {}
    for each in told:
        for uid in each.uids:
            marks.setdefault(uid, {"text": each.title, "anchor": f"#{each.anchor}"})
    return marks


def first_served(minutes: Minutes) -> int:
    """The lowest version number that the public may have: nothing from before a redaction."""
    newest = (
        Correction.objects.filter(version__minutes=minutes, kind=Correction.Kind.REDACTION)
        .order_by("-version__number")
        .values_list("version__number", flat=True)
        .first()
    )
    agreed = minutes.agreed_version.number if minutes.agreed_version else 1
    return max(newest or 0, agreed)


def redaction_after(minutes: Minutes, number: int) -> Correction | None:
    """The redaction because of which an earlier version isn't shown any more."""
    return (
        Correction.objects.filter(
            version__minutes=minutes,
            kind=Correction.Kind.REDACTION,
            version__number__gt=number,
        )
        .order_by("version__number")
        .first()
    )


def earlier_of(minutes: Minutes) -> list[int]:
    """Numbers of the earlier published versions that can still be read, newest first."""
    if minutes.shown_version is None:
        return []
    return list(range(minutes.shown_version.number - 1, first_served(minutes) - 1, -1))


# Taken out, for those who may still open a draft --------------------------------------------------


@dataclass(frozen=True)
class TakenOut:
    """What one redaction changed: the number of its version, and the words that stand there now."""

    number: int
    #: By paragraph id: as those who were there read it, and as the public does, if at all.
    paragraphs: dict[str, tuple[dict[str, Any], dict[str, Any] | None]]
    short_version: str | None


def taken_out_of(minutes: Minutes) -> list[TakenOut]:
    """Every redaction, oldest first; no query for minutes that never were published."""
    if minutes.shown_version_id in (None, minutes.agreed_version_id):
        return []
    versions = {
        each.number: each
        for each in minutes.versions.select_related("correction").order_by("number")
    }
    found = []
    for number, after in versions.items():
        correction = getattr(after, "correction", None)
        if correction is None or correction.kind != Correction.Kind.REDACTION:
            continue
        before = versions[number - 1]
        uids = amending.changed_uids(before.full, after.full)
        now, public = paragraphs_of(after.full), paragraphs_of(after.public)
        short = after.full["short_version"]
        found.append(
            TakenOut(
                number=number,
                paragraphs={uid: (now[uid], public.get(uid)) for uid in uids if uid in now},
                short_version=short if short != before.full["short_version"] else None,
            )
        )
    return found


def without_taken_out(
    rendition: dict[str, Any], number: int, taken: list[TakenOut], *, full: bool
) -> dict[str, Any]:
    """A version's rendition with the words of every later redaction in place of what it took out.

    The stored text is never changed; it just isn't shown to anybody any more. ``full``: whether
    nothing private is kept from this reader.
    """
    later = [each for each in taken if each.number > number]
    if not later:
        return rendition
    shown = dict(rendition)
    words = {uid: both for each in later for uid, both in each.paragraphs.items()}
    for each in later:
        if each.short_version is not None:
            shown["short_version"] = each.short_version
    shown["items"] = [
        {
            **item,
            "paragraphs": [_replaced(p, words.get(p["uid"]), full) for p in item["paragraphs"]],
        }
        for item in rendition["items"]
    ]
    return shown


def was_taken_out(taken: list[TakenOut], uid: str, number: int) -> bool:
    """Whether something was taken out of a paragraph after the version with this number."""
    return any(each.number > number and uid in each.paragraphs for each in taken)


def _replaced(
    paragraph: dict[str, Any],
    words: tuple[dict[str, Any], dict[str, Any] | None] | None,
    full: bool,
) -> dict[str, Any]:
    """The newer words that this reader may have; for a private paragraph else the public's."""
    if words is None:
        return paragraph
    kept = {key: paragraph[key] for key in ("number", "private", "private_reason")}
    newer = words[0] if full or not paragraph["private"] else words[1]
    return {**newer, **kept} if newer is not None else {**paragraph, "text": ""}
