"""What a correction makes of the two stored renditions of published minutes; pure, no queries.

It starts from the version that everyone reads, never from the working copy: nothing but the
one place changes, in the full and in the public rendition alike.
"""

import re
from copy import deepcopy
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from coprod.templatetags.forum import first_lower
from meetings import renditions, writing
from meetings.models import Version
from members.models import Sector

Rendition = dict[str, Any]

#: Places besides a paragraph's id, and the prefix of a whole item.
SHORT, WHO, ITEM = "short", "who", "item:"
#: Words of such a length are looked for elsewhere when something is taken out.
_LONG = re.compile(r"[^\W\d_]{3,}")
#: Words that begin with a capital without being anybody's name.
_NO_NAMES = frozenset(
    re.findall(
        r"\w+",
        """
        after all also and another any are ask asked because before both but can could did
        does each each everyone families few first for four from had has have her here his how
        its last many may more most must next nobody none not now once one only other our parents
        people she should since some somebody ten than that the their then there these they this
        those three today two until was were what when where which who why will with would you
        your forum council school schools group groups meeting minutes action decision team
        january february march april may june july august september october november december
        monday tuesday wednesday thursday friday saturday sunday
        """,
    )
)


@dataclass(frozen=True)
class Place:
    """Somewhere in the minutes that can be put right: its key, its number, its words."""

    key: str
    label: str
    text: str
    private: bool = False
    #: Whether the public reads other words here than those who were there.
    public_text: str | None = None
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As it is called inside a sentence."""
        if self.key in (SHORT, WHO):
            return {SHORT: "the short version", WHO: "the numbers of who came"}[self.key]
        return f"{'' if self.key.startswith(ITEM) else 'paragraph '}{first_lower(self.label)}"


#: The facts of a record that are words of the minutes, by kind: (key, what it is called).
FACTS = {
    "decision": [("how", "How it was decided")],
    "action": [("who", "Owner"), ("due_text", "By")],
    "ask": [("who", "Who must answer"), ("due_text", "By")],
}


def places_of(full: Rendition, public: Rendition) -> list[Place]:
    """Everywhere that a correction can be made, in the order of the text."""
    found = [Place(SHORT, "The short version", full["short_version"])]
    shown = {p["uid"]: p for item in public["items"] for p in item["paragraphs"]}
    for item in full["items"]:
        for paragraph in item["paragraphs"]:
            outside = shown.get(paragraph["uid"])
            private = outside is None or outside["private"]
            facts = {key: paragraph.get(key) or "" for key, _ in FACTS.get(paragraph["kind"], [])}
            found.append(
                Place(
                    key=paragraph["uid"],
                    label=paragraph["number"],
                    text=paragraph["text"],
                    private=private,
                    public_text=outside["text"] if outside is not None and private else None,
                    facts=facts,
                )
            )
    return [*found, Place(WHO, "Who was invited and who came", "")]


def place_of(full: Rendition, public: Rendition, key: str) -> Place | None:
    return next((place for place in places_of(full, public) if place.key == key), None)


def private_places(full: Rendition, public: Rendition) -> list[Place]:
    """What a recorded decision could show: private paragraphs, and whole private items."""
    kept = [place for place in places_of(full, public) if place.private]
    by_uid = {place.key: place for place in kept}
    found = []
    for item in full["items"]:
        if item["private"]:
            label = f"Item {item['number']}"
            row = item.get("item")
            found += [Place(f"{ITEM}{row}", label, item["title"], private=True)] if row else []
        else:
            uids = [p["uid"] for p in item["paragraphs"]]
            found += [by_uid[uid] for uid in uids if uid in by_uid]
    return found


# Changing one place -------------------------------------------------------------------------------


def reworded(
    full: Rendition,
    public: Rendition,
    key: str,
    *,
    text: str,
    public_text: str = "",
    facts: dict[str, str] | None = None,
    met_on: Any = None,
) -> tuple[Rendition, Rendition]:
    """Both renditions with other words in one place: the short version or a paragraph.

    A private paragraph changes for those who may read it; the public reads ``public_text``
    there, or the marker. Raises LookupError when there is no such paragraph.
    """
    full, public = deepcopy(full), deepcopy(public)
    if key == SHORT:
        full["short_version"] = public["short_version"] = text
        return full, public
    inside, outside = _find(full, key), _find(public, key)
    if inside is None:
        raise LookupError(key)
    _put(inside, text, facts or {}, met_on)
    if outside is not None and outside["private"]:
        outside["text"] = public_text
    elif outside is not None:
        _put(outside, text, facts or {}, met_on)
    return full, public


def _put(paragraph: dict[str, Any], text: str, facts: dict[str, str], met_on: Any) -> None:
    paragraph["text"] = text
    for key, _ in FACTS.get(paragraph["kind"], []):
        if key in facts:
            paragraph[key] = facts[key]
    if "due_text" in facts and "due_on" in paragraph:
        understood = writing.understood_date(facts["due_text"], after=met_on)
        paragraph["due_on"] = understood.isoformat() if understood else None


def _find(rendition: Rendition, key: str) -> dict[str, Any] | None:
    for item in rendition["items"]:
        for paragraph in item["paragraphs"]:
            if paragraph["uid"] == key:
                return paragraph  # type: ignore[no-any-return]
    return None


def recounted(
    full: Rendition,
    public: Rendition,
    *,
    rows: list[tuple[int, int]],
    parents: int,
    wanted: int,
    expected: list[str],
) -> tuple[Rendition, Rendition]:
    """Both renditions with other counts of who was invited and who came, in the order of rows.

    ``wanted`` is the share of parents in percent where the version holds none; ``expected``
    the sectors that belonged at the table.
    """
    full, public = deepcopy(full), deepcopy(public)
    who = full["who"]
    for row, (invited, came) in zip(who["rows"], rows, strict=True):
        row["invited"], row["came"] = invited, came
    who["total"] = sum(came for _, came in rows)
    who["parents"] = parents
    who["wanted"] = who.get("wanted", wanted)
    who["below_share"] = bool(who["total"]) and 100 * parents < who["wanted"] * who["total"]
    there = {row["sector"] for row in who["rows"] if row["came"]}
    who["sectors_missing"] = [str(Sector(s).label) for s in expected if s not in there]
    public["who"] = deepcopy(who)
    return full, public


def released(version: Version, key: str) -> tuple[Rendition, Rendition]:
    """Both renditions with one private paragraph, or one private item, shown to everyone.

    Raises LookupError when nothing private is there.
    """
    if key.startswith(ITEM):
        items, uids = {int(key.removeprefix(ITEM))}, set[str]()
    else:
        items, uids = set[int](), {key}
    full = renditions.full_with_released(version, uids, items)
    return full, renditions.public_with_released(version, uids, items)


# What changed -------------------------------------------------------------------------------------


def changed_uids(before: Rendition, after: Rendition) -> set[str]:
    """Paragraphs that read otherwise, or that only one of two renditions has."""
    old = {p["uid"]: p for item in before["items"] for p in item["paragraphs"]}
    new = {p["uid"]: p for item in after["items"] for p in item["paragraphs"]}
    return {uid for uid in old.keys() | new.keys() if old.get(uid) != new.get(uid)}


def names_gone(place: Place, text: str, facts: dict[str, Any]) -> set[str]:
    """Words with a capital that stood in a place and don't any more, in small letters."""
    before = " ".join([place.text, *place.facts.values()])
    after = " ".join([text, *(str(facts.get(key) or "") for key in place.facts)])
    named = {word.lower() for word in _LONG.findall(before) if word[:1].isupper()}
    return named - _NO_NAMES - words_in(after)


def words_in(text: str) -> set[str]:
    return set(writing.words(text))


def also_elsewhere(full: Rendition, public: Rendition, gone: set[str]) -> list[str]:
    """Places that hold one of these words still: a name rarely stands in one place."""
    found = []
    for place in places_of(full, public):
        words = words_in(" ".join([place.text, place.public_text or "", *place.facts.values()]))
        if words & gone:
            found.append(place.label)
    return found


def quotes_private(note: str, place: Place) -> bool:
    """Whether a note that everyone reads repeats what is private."""
    return place.private and bool(place.text) and writing.holds_words_of(note, place.text)


# The share of parents -----------------------------------------------------------------------------

_SHARES = {
    25: (Fraction(1, 4), "quarter"),
    33: (Fraction(1, 3), "third"),
    50: (Fraction(1, 2), "half"),
    66: (Fraction(2, 3), "two thirds"),
    75: (Fraction(3, 4), "three quarters"),
}


def share_words(who: dict[str, Any]) -> str:
    """``Parents were 9 of 15: above the forum’s third.`` Empty when nobody was there."""
    total, parents, wanted = who["total"], who["parents"], who.get("wanted")
    if not total:
        return ""
    said = f"Parents were {parents} of {total}"
    if not wanted:
        return f"{said}."
    share, words = _SHARES.get(wanted, (Fraction(wanted, 100), f"{wanted}%"))
    had = Fraction(parents, total)
    if who["below_share"]:
        return f"{said}: below the forum’s {words}."
    return f"{said}: {'above' if had > share else 'just'} the forum’s {words}."
