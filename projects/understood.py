"""A row of a table as it is understood: words to fields, and what has to be said of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from projects.columns import FIELDS, Columns
from projects.models import Project
from projects.tables import MOST_CELL
from projects.vague import Kind, VagueDate, understand

#: Where a field holds fewer characters than a note. A title that long is no title.
_MOST = {"title": 300, "summary": 1000, "started": 300, "due": 300, "wards": 300, "theme": 80}
_ONE_LINE = ("title", "started", "due", "review", "completed", "lead", "wards", "theme", "public")
NO_DATE = VagueDate()
YES = {"", "yes", "y", "public", "true", "1", "open"}
NO = {"no", "n", "private", "not public", "false", "0"}
_FINISHED = re.compile(
    r"(?<!to be )(?<!almost )(?<!nearly )(?<!not )(?<!not yet )(?<!once )(?<!when )(?<!partly )"
    r"(?<!half )(?<!be )\b(?:completed?|finished|signed off|launched|closed|achieved)\b",
    re.IGNORECASE,
)
_FINISHED_WHEN = re.compile(
    r"\b(?:completed?|finished|signed off|launched|closed|achieved)\W{0,3}(?:in |on |by )?"
    r"((?:\d{1,2}(?:st|nd|rd|th)? )?(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*"
    r"\.? \d{4}|\d{1,2}/\d{1,2}/\d{2,4}|(?:spring|summer|autumn|winter) \d{4}|\d{4})\b",
    re.IGNORECASE,
)


def fold(text: str) -> str:
    """Words without case and doubled blanks: what makes two texts the same."""
    return " ".join(text.split()).casefold()


@dataclass(frozen=True)
class Note:
    """Words of a table's notes; ``on`` where our own export says the day."""

    text: str
    on: date | None = None


@dataclass(frozen=True)
class Problem:
    """Something to say of a row, in which column. ``stops``: the row can't be added so."""

    column: str
    text: str
    stops: bool = False

    def kept(self) -> dict[str, Any]:
        return {"column": self.column, "text": self.text, "stops": self.stops}


@dataclass
class Understood:
    """What one row says of a project. ``words`` are all its fields as they were written."""

    words: dict[str, str]
    started: VagueDate = NO_DATE
    due: VagueDate = NO_DATE
    review_on: date | None = None
    completed: VagueDate = NO_DATE
    is_public: bool = True
    notes: list[Note] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    reads_finished: bool = False

    @property
    def title(self) -> str:
        return self.words.get("title", "")

    @property
    def stops(self) -> bool:
        return any(problem.stops for problem in self.problems)

    def project(self) -> Project:
        """The project that it becomes, not saved, without address, lead and theme."""
        project = Project(
            title=self.title,
            summary=self.words.get("summary", ""),
            driver=self.words.get("driver", ""),
            involved=self.words.get("involved", ""),
            wards=self.words.get("wards", ""),
            is_public=self.is_public,
            review_on=self.review_on,
            last_news_on=max((note.on for note in self.notes if note.on), default=None),
        )
        project.started, project.due = self.started, self.due
        return project


def row_understood(
    columns: Columns, cells: list[str], *, today: date, year_begins: int = 9
) -> Understood:
    """What ``cells`` say, with every problem in words. Dates are kept as written as well."""
    words = columns.read(cells)
    for name in _ONE_LINE:
        if name in words:
            words[name] = " ".join(words[name].split())
    row = Understood(words)
    heads = {name: columns.headings[place] for place, name in columns.fields.items()}
    _check_lengths(row, heads)
    row.started = _date(row, heads, "started", None, year_begins)
    row.due = _date(row, heads, "due", row.started, year_begins)
    row.completed = understand(words.get("completed", ""), year_begins=year_begins)
    row.notes = notes_of(words.get("notes", ""), ours=columns.ours, today=today)
    _review(row, heads)
    _public(row, heads)
    row.reads_finished = reads_finished(words)
    return row


def _check_lengths(row: Understood, heads: Mapping[str, str]) -> None:
    if not row.title:
        row.problems.append(Problem(heads.get("title", "Title"), "There is no title", stops=True))
    for name, text in row.words.items():
        most = _MOST.get(name, MOST_CELL)
        if len(text) > most:
            said = f"{FIELDS[name]}: {len(text):,} characters; {most:,} is the most"
            row.problems.append(Problem(heads[name], said, stops=True))


def _date(
    row: Understood,
    heads: Mapping[str, str],
    name: str,
    near: VagueDate | None,
    year_begins: int,
) -> VagueDate:
    found = understand(row.words.get(name, ""), near=near, year_begins=year_begins)
    if found.kind == Kind.UNREAD:
        said = f"We don’t understand the date “{found.text}”. Its words are kept"
        row.problems.append(Problem(heads[name], said))
    elif found.doubt:
        row.problems.append(Problem(heads[name], f"“{found.text}”: {found.doubt}"))
    return found


def _review(row: Understood, heads: Mapping[str, str]) -> None:
    text = row.words.get("review", "")
    found = understand(text)
    if found.kind == Kind.DAY:
        row.review_on = found.first
    elif text:
        said = f"“{text}” is no day, so no review is planned. Its words are kept"
        row.problems.append(Problem(heads["review"], said))


def _public(row: Understood, heads: Mapping[str, str]) -> None:
    text = row.words.get("public", "").casefold()
    row.is_public = text in YES
    if text not in YES | NO:
        said = f"“{row.words['public']}” is neither yes nor no, so it’s taken as not public"
        row.problems.append(Problem(heads["public"], said))


def reads_finished(words: Mapping[str, str]) -> bool:
    """Its notes, or a day in the column “Completed”, read as if the work were done."""
    return bool(words.get("completed") or _FINISHED.search(words.get("notes", "")))


def finished_on(words: Mapping[str, str], *, today: date) -> date | None:
    """The day that stands beside the word in the notes, as a proposal; its last possible one."""
    said = words.get("completed", "")
    if not said and (match := _FINISHED_WHEN.search(words.get("notes", ""))):
        said = match[1]
    found = understand(said).last
    return found if found is not None and found <= today else None


# Notes of our own export --------------------------------------------------------------------------

_DATED = re.compile(r"^\[(\d{4}-\d\d-\d\d)\] ?", re.MULTILINE)
_LIKE_DATED = re.compile(r"^(\\*\[\d{4}-\d\d-\d\d\])", re.MULTILINE)
_UNLIKE_DATED = re.compile(r"^\\(\\*\[\d{4}-\d\d-\d\d\])", re.MULTILINE)


def notes_joined(notes: list[Note]) -> str:
    """All notes in one cell: undated words first, then each day's after ``[2026-03-12]``.

    A line of somebody's that begins so gets a ``\\`` before it, which ``notes_of`` takes off.
    """
    blocks = [_LIKE_DATED.sub(r"\\\1", note.text) for note in notes if note.on is None]
    blocks += [
        f"[{note.on.isoformat()}] " + _LIKE_DATED.sub(r"\\\1", note.text)
        for note in notes
        if note.on is not None
    ]
    return "\n\n".join(blocks)


def notes_of(text: str, *, ours: bool, today: date) -> list[Note]:
    """The notes in a cell. Only in an export of ours does a day in brackets mean anything."""
    if not ours:
        return [Note(text)] if text else []
    found: list[Note] = []
    marks = [mark for mark in _DATED.finditer(text) if _day(mark[1], today)]
    ends = [mark.start() for mark in marks] + [len(text)]
    undated = text[: ends[0]].strip()
    if undated:
        found.append(Note(_UNLIKE_DATED.sub(r"\1", undated)))
    for mark, end in zip(marks, ends[1:], strict=True):
        words = _UNLIKE_DATED.sub(r"\1", text[mark.end() : end].strip())
        found.append(Note(words, _day(mark[1], today)))
    return found


def _day(text: str, today: date) -> date | None:
    """A real day that isn't in the future."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day <= today else None
