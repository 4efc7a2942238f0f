"""Who may read the private parts of one meeting's minutes: the one rule, for every channel.

A private item is for everybody who was there for it, or only for the people named for it; a
private paragraph likewise. Coordinators and the minute-taker read all. Whoever may not read a
part has what the stored public rendition has in its place. The lists are read live: a changed
one acts at once, also on versions that went out. Never a write. Source: the permission matrix.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from coprod.templatetags.forum import and_list
from meetings.models import AgendaItem, Meeting, Minutes, Paragraph, Version
from meetings.models.attendance import Attendance
from meetings.renditions import shut_item, withheld

#: A row's id to the people named for it.
Named = dict[Any, set[int]]


@dataclass(frozen=True)
class Later:
    """What versions after the one that is read keep private, with the reasons."""

    items: dict[int, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    #: Paragraph id → its reason, and the private item that it stands in.
    paragraphs: dict[str, tuple[str, int | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, versions: Iterable[Version]) -> "Later":
        found = cls()
        for item in (item for version in versions for item in version.full["items"]):
            row = item.get("item")
            if item["private"]:
                found.titles[item["title"]] = item["private_reason"]
                if row is not None:
                    found.items[row] = item["private_reason"]
            for p in item["paragraphs"]:
                if p["private"] or item["private"]:
                    reason = p["private_reason"] or item["private_reason"]
                    found.paragraphs[p["uid"]] = (reason, row if item["private"] else None)
        return found

    def reason_for(self, item: dict[str, Any]) -> str | None:
        """Why an item is private since; None where it isn't. Old versions know only titles."""
        row = item.get("item")
        return self.titles.get(item["title"]) if row is None else self.items.get(row)


@dataclass(frozen=True)
class Access:
    """What one person may read of the private parts of one meeting's minutes."""

    all_parts: bool = False
    came: bool = False
    missed: frozenset[int] = frozenset()
    #: Items and paragraphs for named readers only, and whether this person is one of them.
    items: dict[int, bool] = field(default_factory=dict)
    paragraphs: dict[str, bool] = field(default_factory=dict)

    @property
    def reads_all(self) -> bool:
        """Whether nothing at all is kept from them, whatever a version holds."""
        if self.all_parts:
            return True
        named = all([*self.items.values(), *self.paragraphs.values()])
        return self.came and not self.missed and named

    def item(self, row: int | None) -> bool:
        """A private item. ``None``: of an old version, which doesn't say which one it is."""
        if row is not None and row in self.items:
            return self.all_parts or self.items[row]
        # It may be any of those that are for named readers only.
        unknown = row is None and not all(self.items.values())
        return self.all_parts or (self._was_there(row) and not unknown)

    def paragraph(self, uid: str, row: int | None) -> bool:
        """A private paragraph of an item that they may read."""
        if self.all_parts:
            return True
        if uid in self.paragraphs:
            return self.paragraphs[uid]
        named = row is not None and self.items.get(row, False)
        return named or self._was_there(row)

    def _was_there(self, row: int | None) -> bool:
        """For this item; where it isn't known which, for all of them."""
        return self.came and (row not in self.missed if row is not None else not self.missed)

    def rendition(self, version: Version, since: Iterable[Version] = ()) -> dict[str, Any]:
        """What they read of a version, put together from its two stored renditions.

        ``since``: the versions after it. What one of them keeps private, this one shows to
        those only who may read it, although it was for everybody when it went out.
        """
        if self.reads_all:
            return version.full  # type: ignore[no-any-return]
        later = Later.of(since)
        public = {item["number"]: item for item in version.public["items"]}
        items = [
            self._item(item, public[item["number"]], later)
            for item in version.full["items"]
            if item["number"] in public
        ]
        return {**version.public, "items": items}

    def _item(self, full: dict[str, Any], public: dict[str, Any], later: Later) -> dict[str, Any]:
        row, since = full.get("item"), later.reason_for(full)
        if (full["private"] or since is not None) and not self.item(row):
            return public if full["private"] else shut_item(public, since or "")
        shown = {p["uid"]: p for p in public["paragraphs"]}
        return {
            **full,
            "paragraphs": [self._part(p, row, shown, later) for p in full["paragraphs"]],
        }

    def _part(
        self, part: dict[str, Any], row: int | None, shown: dict[str, Any], later: Later
    ) -> dict[str, Any]:
        uid = part["uid"]
        reason, shut_in = later.paragraphs.get(uid, (part["private_reason"], None))
        if not part["private"] and uid not in later.paragraphs:
            return part
        if self.paragraph(uid, row) and (shut_in is None or self.item(shut_in)):
            return part
        kept = shown.get(uid)
        return kept if part["private"] and kept is not None else withheld(part, reason)

    def find(self, version: Version, uid: str) -> dict[str, Any] | None:
        """One paragraph of a version as they read it, or None."""
        items = self.rendition(version)["items"]
        return next((p for item in items for p in item["paragraphs"] if p["uid"] == uid), None)

    def hidden(self, versions: Iterable[Version]) -> set[str]:
        """Paragraphs that any of these versions keeps from them: also what is said of these."""
        if self.reads_all:
            return set()
        return {
            p["uid"]
            for version in versions
            for item in version.full["items"]
            for p in item["paragraphs"]
            if (item["private"] and not self.item(item.get("item")))
            or (p["private"] and not self.paragraph(p["uid"], item.get("item")))
        }


@dataclass
class Readership:
    """The records that decide, read once for everybody who reads one meeting's minutes."""

    meeting: Meeting
    #: Items missed, by the person, of everybody who was there.
    came: dict[int, set[int]]
    items: Named
    paragraphs: Named

    def access(self, person: Any) -> Access:
        """What this person may read."""
        if reads_all_parts(person, self.meeting):
            return Access(all_parts=True)
        return Access(
            came=person.pk in self.came,
            missed=frozenset(self.came.get(person.pk, ())),
            items={row: person.pk in people for row, people in self.items.items()},
            paragraphs={uid: person.pk in people for uid, people in self.paragraphs.items()},
        )


def reads_all_parts(person: Any, meeting: Meeting) -> bool:
    """Coordinators, and the minute-taker, who writes them."""
    return bool(
        person.is_authenticated and (person.is_coordinator or meeting.minute_taker_id == person.pk)
    )


def has_private_parts(version: Version) -> bool:
    """Whether there is anything in a version that not everybody may read."""
    return any(
        item["private"] or any(p["private"] for p in item["paragraphs"])
        for item in version.full["items"]
    )


def readership_of(meeting: Meeting) -> Readership:
    """Two queries, whoever reads."""
    came: dict[int, set[int]] = {}
    there = Attendance.objects.of(meeting).values_list("invitation__person", "missed")
    for person, item in there:
        came.setdefault(person, set()).update([] if item is None else [item])
    readership = Readership(meeting, came, {}, {})
    rows = AgendaItem.objects.filter(meeting=meeting).order_by()
    rows = rows.filter(Q(only_named=True) | Q(section__paragraphs__only_named=True))
    for row in rows.values_list("pk", "only_named", *NAMED):
        item, item_only, item_reader, uid, only, reader = row
        if item_only:
            _name(readership.items, item, item_reader)
        if only:
            _name(readership.paragraphs, str(uid), reader)
    return readership


#: Beside an item: its named reader, and its paragraphs with theirs.
NAMED = (
    "named_readers__person",
    "section__paragraphs__uid",
    "section__paragraphs__only_named",
    "section__paragraphs__named_readers__person",
)


def _name(named: Named, key: Any, person: int | None) -> None:
    """Nobody named: nobody reads it."""
    named.setdefault(key, set()).update([] if person is None else [person])


def access_for(person: Any, meeting: Meeting) -> Access:
    """What one person may read; no query for those who read all."""
    if reads_all_parts(person, meeting):
        return Access(all_parts=True)
    return readership_of(meeting).access(person)


def readers_in_words(part: AgendaItem | Paragraph) -> str:
    """Who reads a private part, for whoever decides it: ``Nadia Karim and Leah Tomlin``."""
    if not part.only_named:
        return "Everybody who was there for it"
    names = part.named_readers.order_by("person__name").values_list("person__name", flat=True)
    return and_list(list(names))


def hidden_from(person: Any, minutes: Minutes, versions: Iterable[Version]) -> set[str]:
    """Paragraphs of these minutes that this person may know nothing of."""
    return access_for(person, minutes.meeting).hidden(versions)
