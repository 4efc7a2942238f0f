"""Which column of a table means what: guessed from its heading, corrected by people."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: Fields that a column can be, with what people see. What is in no field is kept beside it.
FIELDS = {
    "title": "Title",
    "summary": "What it is, in short",
    "started": "Started",
    "due": "Due",
    "review": "Review date",
    "completed": "Completed",
    "lead": "Who leads it",
    "involved": "Who is involved",
    "driver": "Why it is done",
    "theme": "Theme",
    "wards": "Where it matters",
    "notes": "Notes",
    "public": "Public or not",
    "reference": "Our reference",
}

_KNOWN = {
    "title": "title task tasks project projects name work activity workstream|project title"
    "|project name|task name|piece of work|name of project|area of work|what",
    "summary": "summary description about detail details|what it is|brief description",
    "started": "started start began begun|start date|date started|started on|date of start"
    "|starts|when started|commenced",
    "due": "due deadline|due date|by when|target date|end date|date due|to be completed by"
    "|completion due|expected completion|target completion|target|timescale|timescales|finish"
    "|due by|finish date",
    "review": "review|review date|review on|next review",
    "completed": "completed|completed on|date completed|actual completion|completed date",
    "lead": "lead|who leads it|lead organisation|led by|organisation|service|lead agency"
    "|lead service",
    "involved": "involved partners stakeholders participants|who is involved|who’s involved"
    "|whos involved|people involved|who was involved|agencies involved|those involved",
    "driver": "driver drivers why reason purpose rationale|why it is done|driver for change"
    "|reason for work|what is driving it|background",
    "theme": "theme themes category strand topic|priority area",
    "wards": "ward wards area place where location|where it matters",
    "notes": "notes note comments comment update updates progress news|progress notes|latest news"
    "|progress update|latest update|notes and progress|further information",
    "public": "public|public or not|is public",
    "reference": "reference|our reference",
}
#: What the portal works out itself. In a table of our own such columns are left alone.
DERIVED = frozenset(
    {
        "status",
        "level proven by the log",
        "level confirmed by the forum",
        "last news",
        "address",
    }
)
#: Long texts go on in a second column of a spreadsheet, under this heading.
_GOES_ON = re.compile(r"(.+) \((\d{1,3})\)")
KEPT = " (kept)"


def plain(heading: str) -> str:
    """A heading without case, signs and doubled blanks."""
    words = unicodedata.normalize("NFKC", heading).casefold()
    return " ".join(re.sub(r"[^\w’'() ]+", " ", words).split()).strip("'’ ")


def _by_words() -> dict[str, str]:
    found = {}
    for name, lists in _KNOWN.items():
        single, *phrases = lists.split("|")
        for words in (*single.split(), *phrases):
            found[words] = name
    return found


_MEANING = _by_words()


def meaning(heading: str) -> str:
    """The field that a heading names; empty when it names none."""
    return _MEANING.get(plain(heading), "")


def guess(headings: Sequence[str]) -> dict[int, str]:
    """Place to field, each field once: the first column that names it."""
    found: dict[int, str] = {}
    ours = is_ours(headings)
    for place, heading in enumerate(headings):
        name = meaning(heading)
        if name == "reference" and not ours:
            continue  # somebody else's number, which is kept as it stands
        if name and name not in found.values():
            found[place] = name
    if "title" not in found.values() and 0 not in found and headings:
        found[0] = "title"  # a table's first column says what its rows are
    return dict(sorted(found.items()))


def key_of(headings: Sequence[str]) -> str:
    """By what a matching is remembered: the same headings in the same order."""
    return hashlib.sha256("\x1f".join(plain(each) for each in headings).encode()).hexdigest()


def is_ours(headings: Sequence[str]) -> bool:
    """The table is an export of this portal, perhaps changed since."""
    return {"Reference", "Title"} <= set(headings)


def names_of(headings: Sequence[str]) -> list[str]:
    """Every column's name, also of those without one: ``Column 7``; no name twice."""
    names: list[str] = []
    for place, heading in enumerate(headings, 1):
        name = " ".join(heading.split())[:120] or f"Column {place}"
        again, count = name, 1
        while again in names:
            count += 1
            again = f"{name} – {count}"
        names.append(again)
    return names


def head_at(rows: Sequence[Sequence[str]]) -> int:
    """Where the headings stand: the first of the top rows that names two columns we know.

    Above them a table may have its title. Where no row does, the first one counts.
    """
    for place, cells in enumerate(rows[:10]):
        known = {meaning(cell) for cell in cells} - {""}
        if len(known) >= 2 or (known == {"title"} and sum(map(bool, cells)) == 1):
            return place
    return 0


@dataclass(frozen=True)
class Columns:
    """The headings of a table, and the field of each that has one."""

    headings: list[str]
    fields: Mapping[int, str]

    @property
    def ours(self) -> bool:
        return is_ours(self.headings)

    @property
    def kept(self) -> dict[int, str]:
        """The other columns, place to name: kept beside the project, and exported again."""
        found = {}
        for place, name in enumerate(self.headings):
            if place in self.fields or self.goes_on(place) is not None:
                continue
            if self.ours and plain(name) in DERIVED:
                continue
            found[place] = name.removesuffix(KEPT) if self.ours else name
        return found

    def goes_on(self, place: int) -> int | None:
        """The column that this one only goes on with, in an export of ours."""
        match = _GOES_ON.fullmatch(self.headings[place]) if self.ours else None
        if match and match[1] in self.headings:
            return self.headings.index(match[1])
        return None

    def joined(self, cells: Sequence[str]) -> list[str]:
        """A row as wide as the headings, texts that go on in another column put together."""
        row = [*cells, *[""] * (len(self.headings) - len(cells))][: len(self.headings)]
        for place in range(len(row)):
            before = self.goes_on(place)
            if before is not None and row[place]:
                row[before] += row[place]
                row[place] = ""
        return row

    def read(self, cells: Sequence[str]) -> dict[str, str]:
        """Field to words, of a row."""
        row = self.joined(cells)
        return {name: row[place] for place, name in self.fields.items() if place < len(row)}

    def kept_words(self, cells: Sequence[str]) -> dict[str, str]:
        """Name to words, of the columns that are only kept; without the empty ones."""
        row = self.joined(cells)
        return {name: row[place] for place, name in self.kept.items() if row[place]}
