"""Term dates as schools and councils send them, read line by line. Pure: no queries.

Nothing is guessed silently: what follows from elsewhere says so, and what can't be understood
says what is wrong. Lines hold days when schools are closed, or terms, between which the
holidays lie. ``meetings/term_dates.py`` finds the dates in one line.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise

from coprod.forms import DAY_NAMES, MONTH_NAMES, say_date
from meetings.term_dates import Found, Span, Year, find_years, spans_of

CLOSED, OPEN, CLOSES, OPENS = "closed", "open", "closes", "opens"
OK, LOOK, BAD = "ok", "look", "bad"

#: More lines than any year of any area has. A longer text is something else.
MOST_LINES = 400
#: Letters of one line, and rows, that are read: each row is compared with every other.
MOST_LETTERS, MOST_ROWS = 1000, 400
#: Days: a holiday lasts no longer than the summer, a half term no longer than a fortnight.
LONGEST, LONGEST_HALF_TERM = 75, 16

_CLOSED_WORDS = re.compile(
    r"half[\s-]*terms?\b|holiday|break\b|inset|closed|closure|training|non[\s-]pupil"
    r"|staff development|professional development|vacation|easter|christmas|bank holiday",
    re.I,
)
_CLOSES_WORDS = re.compile(r"\b(closes?|breaks? up|ends?|last day|finish(es)?)\b", re.I)
_OPENS_WORDS = re.compile(
    r"\b(opens?|re-?opens?|returns?|starts?|begins?|first day|back to school)\b", re.I
)
_TERM_WORDS = re.compile(r"\bterms?\b|\bschools? open\b", re.I)
_UNSURE = re.compile(r"\b(tbc|to be confirmed|provisional|draft)\b", re.I)
_FROM = re.compile(
    r"\b(from|between|starts?|begins?|w/?[cb]|weeks?|commencing|beginning|on|of|the|inclusive"
    r"|tbc|to be confirmed|provisional|one|two|three|\d+(?=\s*weeks?))\b|\(inclusive\)",
    re.I,
)


@dataclass(frozen=True)
class Row:
    """One thing that was read: days when schools are closed or open, or what is wrong with it."""

    number: int
    source: str
    name: str
    kind: str
    first: date | None = None
    last: date | None = None
    #: What is wrong: such a row can't be kept.
    problems: tuple[str, ...] = ()
    #: What follows from elsewhere, or what to look at.
    remarks: tuple[str, ...] = ()
    #: Whether somebody has to decide: such a row isn't ticked beforehand.
    look: bool = False
    #: Whether it stands in no line, but follows from two of them.
    is_derived: bool = False

    @property
    def level(self) -> str:
        return BAD if self.problems else LOOK if self.look else OK

    @property
    def is_closed(self) -> bool:
        return self.kind == CLOSED

    @property
    def may_keep(self) -> bool:
        """Whether it can be put on the list of closed days."""
        return self.is_closed and not self.problems

    @property
    def code(self) -> str:
        """What a page sends back for a ticked row."""
        return f"{self.number}.{self.first}.{self.last}"

    @property
    def words(self) -> str:
        """``Row 4: the last day, 12 April 2024, is before the first.``"""
        said = " ".join((*self.problems, *self.remarks))
        if self.is_derived:
            return said
        if re.match(r"(The|It|That|A|Understood|Overlaps)\b", said):
            said = said[:1].lower() + said[1:]
        return f"Row {self.number}: {said}" if said else ""


@dataclass
class _Page:
    """What earlier lines say about later ones: the year above them, and a name."""

    year: Year | None = None
    name: str = ""
    header: list[str] = field(default_factory=list)


def read(text: str) -> list[Row]:
    """Every dated line of ``text`` as rows, then the holidays that lie between its terms.

    Lines without a date are headings: they name what stands beneath, or its year.
    """
    page = _Page()
    rows: list[Row] = []
    for number, line in enumerate(text.splitlines()[:MOST_LINES], 1):
        line = " ".join(line.replace("\u00a0", " ").split(" ")).strip()
        if line and len(rows) < MOST_ROWS:
            rows += _rows_of(number, line[:MOST_LETTERS], page)
    return _compared([*rows, *_between(rows)])


def _rows_of(number: int, line: str, page: _Page) -> list[Row]:
    spans = spans_of(line, page.year, page.header)
    if not spans:
        _remember(line, page)
        return []
    # "Autumn term 2025: 2 September to …": the year stands in the line's own words.
    own = find_years(spans[0].before)
    if own is not None and any(f.year is None for f in spans[0].found):
        spans = spans_of(line, own, page.header)
    name = _name(spans[0].before) or _name(spans[-1].after) or page.name
    # The table's own first heading often says what its rows are: "Term".
    about = page.header[0] if page.header else ""
    return [_row(number, line, each.title or name, each, about) for each in spans]


def _remember(line: str, page: _Page) -> None:
    cells = [cell.strip(' "') for cell in re.split(r"[\t;,]", line)]
    if len(cells) > 2 and any(re.search(r"start|first|from|begin", c, re.I) for c in cells):
        page.header = cells
        return
    page.year = find_years(line) or page.year
    page.name = _name(re.sub(r"\b20\d\d\s*(/|-|–|to)?\s*(20)?(\d\d)?\b", " ", line))


def _name(words: str) -> str:
    """What a line calls its days, without what belongs to the dates."""
    words = re.sub(r"^\s*([-•*·]|\d{1,2}[.)](?=\s))\s*", "", words)
    words = _FROM.sub(" ", words)
    words = re.sub(r"\s+", " ", words).strip(" \t\"'“”|,;:.–—-=>()")
    return (words[:1].upper() + words[1:])[:80]


def _kind(name: str, line: str, span: Span) -> str:
    """Whether schools are closed or open then; empty when the words don't say."""
    lone = len(span.found) == 1
    for words in (name, line):
        if _CLOSED_WORDS.search(words):
            return CLOSED
        if lone and _CLOSES_WORDS.search(words):
            return CLOSES
        if lone and _OPENS_WORDS.search(words):
            return OPENS
        if _TERM_WORDS.search(words):
            return OPEN
    return ""


def _row(number: int, line: str, name: str, span: Span, about: str) -> Row:
    kind = _kind(name, line, span) or _kind(about, "", span)
    row = Row(number, line[:300], name or "Closed days", kind or CLOSED)
    problems = [f.problem for f in span.found if f.problem]
    remarks = list(dict.fromkeys(f.remark for f in span.found if f.remark))
    if problems:
        return replace(row, problems=tuple(dict.fromkeys(problems)))
    first, last = span.first, span.last
    assert first is not None  # no problem was found
    assert last is not None
    row = replace(row, first=first, last=last)
    problems = list(_wrong_with(row, kind, first, last))
    if span.weeks:
        remarks.append(f"Understood as {_weekday(first)} to {_weekday(last)}.")
    unsure = bool(_UNSURE.search(line))
    if unsure:
        remarks.append("It isn’t confirmed yet.")
    look = unsure or any(f.is_inferred for f in span.found)
    return replace(row, problems=tuple(problems), remarks=tuple(remarks), look=look)


def _wrong_with(row: Row, kind: str, first: date, last: date) -> list[str]:
    days = (last - first).days + 1
    if last < first:
        return [f"The last day, {say_date(last)}, is before the first, {say_date(first)}."]
    if not kind:
        return [
            "It doesn’t say whether schools are open or closed then. Write “holiday” or “term” "
            "in the line."
        ]
    half_term = re.search(r"half[\s-]*term", row.name, re.I)
    if kind == CLOSED and half_term and days > LONGEST_HALF_TERM:
        return [
            f"A half term of {days} days: if schools are open then, write “term” instead of "
            "“half term”."
        ]
    if kind == CLOSED and days > LONGEST:
        return [f"That would be {days} days. Check the years."]
    if kind == OPEN and days > 200:
        return [f"A term of {days} days. Check the years."]
    return []


def _weekday(day: date) -> str:
    return f"{DAY_NAMES[day.weekday()]} {say_date(day)}"


# Holidays between terms ---------------------------------------------------------------------------


def _between(rows: Sequence[Row]) -> list[Row]:
    """Closed days that follow from terms, or from the days on which schools close and open."""
    marks = [row for row in rows if row.kind in (OPEN, CLOSES, OPENS)]
    if not any(row.problems for row in marks):
        marks = sorted(marks, key=lambda row: row.first or date.max)
    found = []
    for before, after in pairwise(marks):
        if before.kind != OPENS and after.kind != CLOSES:
            found += _gap(before, after, rows)
    return found


def _gap(before: Row, after: Row, rows: Sequence[Row]) -> list[Row]:
    if before.problems or after.problems or not (before.last and after.first):
        return []
    first, last = before.last + timedelta(days=1), after.first - timedelta(days=1)
    days = {day for day in _days(first, last) if day.weekday() < 5}
    known = {day for row in rows if row.may_keep for day in _days(row.first, row.last)}
    if not days - known:
        return []
    source = f"Between rows {before.number} and {after.number}"
    said = f"It follows from “{before.name}” and “{after.name}”."
    name = holiday_name(first, last)
    row = Row(after.number, source, name, CLOSED, first, last, remarks=(said,), is_derived=True)
    too_long = (last - first).days + 1 > LONGEST
    if too_long:
        return [replace(row, remarks=(said, "It is very long: is a term missing?"), look=True)]
    return [row]


def _days(first: date | None, last: date | None) -> list[date]:
    if first is None or last is None or last < first:
        return []
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def holiday_name(first: date, last: date) -> str:
    """What people call a holiday that lies there."""
    middle = first + (last - first) / 2
    if any((day.month, day.day) == (12, 25) for day in _days(first, last)):
        return "Christmas holiday"
    if (last - first).days > 25 and middle.month in (7, 8):
        return "Summer holiday"
    if middle.month in (3, 4):
        return "Easter holiday"
    if middle.month in (10, 11, 2, 5, 6):
        return f"{MONTH_NAMES[middle.month - 1]} half term"
    return "Summer holiday" if middle.month in (7, 8) else "School holiday"


# Rows beside each other ---------------------------------------------------------------------------


def _compared(rows: list[Row]) -> list[Row]:
    """Say which rows are the same as an earlier one, or overlap it."""
    done: list[Row] = []
    for row in rows:
        same = [r for r in done if r.may_keep and (r.first, r.last) == (row.first, row.last)]
        if row.may_keep and same:
            row = replace(row, problems=(f"The same days as row {same[0].number}.",))
        elif row.may_keep:
            crossed = [r for r in done if r.may_keep and _overlap(r, row)]
            said = tuple(f"Overlaps row {r.number}, {r.name}." for r in crossed[:2])
            row = replace(row, remarks=(*row.remarks, *said))
        done.append(row)
    return done


def _overlap(one: Row, other: Row) -> bool:
    if not (one.first and one.last and other.first and other.last):
        return False
    return one.first <= other.last and other.first <= one.last


__all__ = ["BAD", "CLOSED", "LOOK", "MOST_LINES", "OK", "OPEN", "Found", "Row", "read"]
