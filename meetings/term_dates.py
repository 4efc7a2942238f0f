"""The dates in one line of term dates: in words or digits, alone, listed, or from one to another.

Pure. A date without a year takes it from its neighbour or from a heading, and says so.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from coprod.forms import DAY_NAMES, MONTH_NAMES, say_date

#: Years that term dates can be of.
EARLIEST, LATEST = 2000, 2100

_MONTHS = {name[:3].lower(): number for number, name in enumerate(MONTH_NAMES, 1)}
_DAY = r"(?:(?P<{0}wd>mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day|s)?\.?,?\s+)?"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DATE = re.compile(
    r"(?P<iso>\b\d{4}-\d{1,2}-\d{1,2}\b)"
    r"|" + _DAY.format("n") + r"(?P<digits>\b\d{1,2}(?P<sep>[./-])\d{1,2}(?P=sep)\d{2,6}\b)"
    r"|" + _DAY.format("w") + r"(?P<day>\b\d{1,2})(?:st|nd|rd|th)?\s*(?:of\s+)?"
    r"(?P<month>" + _MONTH + r")\b\.?,?(?:\s*['’]?(?P<year>\d{4,6}|\d{2})(?![\d/]|[.:]\d))?"
    r"|" + _DAY.format("s") + r"(?P<short>\b\d{1,2}/\d{1,2}\b)(?![./\d])"
    r"|" + _DAY.format("d") + r"(?P<only>(?<![\d./:-])\b\d{1,2})(?:st|nd|rd|th)?"
    r"(?=\s*(?:-|–|—|to\b|until\b|and\b|&|,)\s*(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
    r"\d{1,2}(?:st|nd|rd|th)?\s*(?:of\s+)?" + _MONTH + r"\b)",
    re.I,
)
#: A number after one of these counts something and is no day.
_COUNTED = re.compile(r"\b(term|half|week|year|phase|block|part|no|number|session)\.?\s*$", re.I)
_RANGE = re.compile(
    r"\b(to|until|till?|through|thru|ends?|ending|finish(es)?|closes?)\b|[-–—]", re.I
)
_WEEKS = re.compile(
    r"\b(?:(?P<count>\d|one|two|three|four|five|six)\s+weeks?\s+(?:from|commencing|beginning)"
    r"|week\s+(?:commencing|beginning|of)|w[/.]?[cb]\b)",
    re.I,
)
_COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_SCHOOL_YEAR = re.compile(r"\b(20\d\d)\s*(?:/|-|–|—|to)\s*(20)?(\d\d)\b")


@dataclass(frozen=True)
class Year:
    """A year named above or beside dates: of the calendar, or a school year by its first."""

    number: int
    is_school_year: bool

    def of(self, month: int) -> int:
        return self.number + 1 if self.is_school_year and month < 8 else self.number

    @property
    def words(self) -> str:
        return (
            f"{self.number}/{(self.number + 1) % 100:02}"
            if self.is_school_year
            else f"{self.number}"
        )


def find_years(words: str) -> Year | None:
    """The year that a heading names, if it names one."""
    school = _SCHOOL_YEAR.search(words)
    if school and (int(school[1]) + 1) % 100 == int(school[3]):
        return Year(int(school[1]), True)
    plain = re.findall(r"\b(20\d\d)\b", words)
    return Year(int(plain[0]), False) if len(set(plain)) == 1 else None


@dataclass(frozen=True)
class Found:
    """One date as it was written, and what it was understood as."""

    written: str
    start: int
    end: int
    day: int
    month: int | None
    year: int | None
    weekday: int | None = None
    on: date | None = None
    problem: str = ""
    remark: str = ""
    #: The year came from a heading, so somebody should look at it.
    is_inferred: bool = False


@dataclass(frozen=True)
class Span:
    """One day, or from one day to another, with the words around it."""

    found: tuple[Found, ...]
    before: str
    after: str
    #: A name of its own, from a table's header.
    title: str = ""
    weeks: int = 0

    @property
    def first(self) -> date | None:
        return self.found[0].on

    @property
    def last(self) -> date | None:
        if self.weeks and self.first:
            return self.first + timedelta(days=7 * self.weeks - 3)
        return self.found[-1].on


def spans_of(line: str, year: Year | None, header: Sequence[str] = ()) -> list[Span]:
    """Every day and period in ``line``, in order. ``year``: what stands above it."""
    cells = _cells(line)
    if cells is not None:
        return _spans_of_cells(cells, year, header)
    found = [f for m in _DATE.finditer(line) if (f := _found(m, line)) is not None]
    if not found:
        return []
    groups = _grouped(found, line)
    before, after = line[: found[0].start], line[found[-1].end :]
    spans: list[Span] = []
    for group in groups:
        weeks = _weeks_in(line[: group[0].start]) if len(group) == 1 else 0
        spans.append(Span(tuple(_dated(group, year)), before, after, weeks=weeks))
    return _with_shared_months(spans, groups, year)


def _with_shared_months(
    spans: list[Span], groups: list[list[Found]], year: Year | None
) -> list[Span]:
    """Give "23 & 24 October" its month: a day alone belongs to the date that follows."""
    flat = [f for group in groups for f in group]
    filled = _fill_months(flat)
    if filled == flat:
        return spans
    rest, done = list(filled), []
    for span, group in zip(spans, groups, strict=True):
        mine, rest = rest[: len(group)], rest[len(group) :]
        done.append(replace(span, found=tuple(_dated(mine, year))))
    return done


def _weeks_in(words: str) -> int:
    match = _WEEKS.search(words)
    if match is None:
        return 0
    count = match["count"] or "1"
    return _COUNTS.get(count.lower()) or int(count)


# Tables -------------------------------------------------------------------------------------------


def _cells(line: str) -> list[str] | None:
    """The cells of a table's row with two or more that hold a date and nothing else."""
    for delimiter in ("\t", ";", "|", ","):
        if delimiter in line:
            cells = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
            if sum(_is_date(cell) for cell in cells) >= 2 and not _is_date(cells[0]):
                return cells
            if delimiter == "\t" and sum(_is_date(cell) for cell in cells) >= 2:
                return cells
    return None


def _is_date(cell: str) -> bool:
    match = _DATE.fullmatch(cell)
    return match is not None


def _spans_of_cells(cells: list[str], year: Year | None, header: Sequence[str]) -> list[Span]:
    """Pairs of first and last days; a second pair is named by the table's header."""
    words = " ".join(cell for cell in cells if not _is_date(cell))
    at = [n for n, cell in enumerate(cells) if _is_date(cell)]
    spans: list[Span] = []
    for pair in [at[n : n + 2] for n in range(0, len(at), 2)]:
        found = [f for n in pair if (f := _found(_DATE.fullmatch(cells[n]), cells[n])) is not None]
        title = _title(header, pair[0]) if spans and len(header) > pair[0] else ""
        spans.append(Span(tuple(_dated(found, year)), words, "", title))
    return spans


def _title(header: Sequence[str], number: int) -> str:
    noise = r"\b(starts?|begins?|first|from|ends?|last|to|day|date|opens?|closes?)\b"
    return re.sub(r"\s+", " ", re.sub(noise, " ", header[number], flags=re.I)).strip(" :-")


# One date -----------------------------------------------------------------------------------------


def _found(match: "re.Match[str] | None", line: str) -> Found | None:
    """What a match was written as; None when its number only counts something."""
    if match is None:
        return None
    named = next((match[g] for g in ("nwd", "wwd", "swd", "dwd") if match[g]), None)
    weekday = None if named is None else [d[:3].lower() for d in DAY_NAMES].index(named[:3].lower())
    base = Found(match[0].strip(" ,"), match.start(), match.end(), 0, None, None, weekday)
    if match["iso"]:
        year, month, day = (int(part) for part in match["iso"].split("-"))
        return replace(base, day=day, month=month, year=year)
    if match["digits"]:
        parts = re.split(r"[./-]", match["digits"])
        return _with_year(replace(base, day=int(parts[0]), month=int(parts[1])), parts[2])
    if match["month"]:
        month = _MONTHS[match["month"][:3].lower()]
        return _with_year(replace(base, day=int(match["day"]), month=month), match["year"])
    if match["short"]:
        day, month = (int(part) for part in match["short"].split("/"))
        return replace(base, day=day, month=month)
    if _COUNTED.search(line[: match.start()]):
        return None
    return replace(base, day=int(match["only"]))


def _with_year(found: Found, written: str | None) -> Found:
    if not written:
        return found
    if len(written) not in (2, 4):
        return replace(found, problem=f"“{written}” isn’t a year.")
    year = int(written) + (2000 if len(written) == 2 else 0)
    if not EARLIEST <= year <= LATEST:
        return replace(found, problem=f"“{written}” isn’t a year of term dates.")
    return replace(found, year=year)


def _grouped(found: list[Found], line: str) -> list[list[Found]]:
    """Dates that belong together: from one to the next where the words between say so."""
    groups: list[list[Found]] = []
    for each in found:
        previous = groups[-1][-1] if groups else None
        joins = (
            previous is not None
            and len(groups[-1]) == 1
            and _RANGE.search(line[previous.end : each.start])
        )
        if joins:
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups


def _fill_months(found: list[Found]) -> list[Found]:
    filled: list[Found] = []
    for each in reversed(found):
        if each.month is None and filled:
            each = replace(each, month=filled[-1].month, year=each.year or filled[-1].year)
        filled.append(each)
    return filled[::-1]


def _dated(group: Sequence[Found], year: Year | None) -> list[Found]:
    """Give each date of a period its year, from the other one or from above, and say so."""
    found = _fill_months(list(group))
    if len(found) == 2:
        found = _years_of_neighbours(*found)
    return [_real(_inferred(each, year)) for each in found]


def _years_of_neighbours(first: Found, last: Found) -> list[Found]:
    if not first.month or not last.month or first.problem or last.problem:
        return [first, last]
    if first.year and not last.year:
        later = first.year + (last.month < first.month)
        said = f"The year of {last.written} isn’t written: {later} follows from the first day."
        return [first, replace(last, year=later, remark=said)]
    if last.year and not first.year:
        earlier = last.year - (first.month > last.month)
        if (earlier, first.month) == (last.year, last.month) or earlier == last.year:
            return [replace(first, year=earlier), last]
        said = f"The year of {first.written} isn’t written: {earlier} follows from the last day."
        return [replace(first, year=earlier, remark=said), last]
    return [first, last]


def _inferred(found: Found, year: Year | None) -> Found:
    if found.problem or found.year:
        return found
    if found.month is None:
        return replace(found, problem=f"“{found.written}” has no month.")
    if year is None:
        return replace(found, problem=f"“{found.written}” has no year. Add it.")
    number = year.of(found.month)
    said = f"The year isn’t written: {number} follows from “{year.words}” above."
    return replace(found, year=number, remark=said, is_inferred=True)


def _real(found: Found) -> Found:
    """The date that exists on that day; otherwise what is wrong."""
    if found.problem or not found.month or not found.year:
        return found
    if not 1 <= found.month <= 12:
        return replace(
            found, problem=f"“{found.written}” has no month {found.month}. Write the day first."
        )
    try:
        day = date(found.year, found.month, found.day)
    except ValueError:
        month = MONTH_NAMES[found.month - 1]
        return replace(found, problem=f"{month} {found.year} has no day {found.day}.")
    if found.weekday is not None and day.weekday() != found.weekday:
        is_, said = DAY_NAMES[day.weekday()], DAY_NAMES[found.weekday]
        return replace(found, problem=f"{say_date(day)} is a {is_}, not a {said}: which is meant?")
    return replace(found, on=day)
