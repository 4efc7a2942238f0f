"""The words of a date that end: a day, a month, a season, a year, or a span of them.

Spring is March to May, summer June to August, autumn September to November, winter December
to February. Whatever had to be guessed is in a period's ``doubt``; what can't be understood
raises NotRead, with the reason where there is one to give.
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db import models

from coprod.templatetags.forum import day


class Kind(models.TextChoices):
    """What a date's words are. Only a period that ends can ever be overdue."""

    NONE = "none", "No date given"
    DAY = "day", "A day"
    MONTH = "month", "A month"
    SEASON = "season", "A season"
    YEAR = "year", "A year"
    SPAN = "span", "A span of two years, or from one date to another"
    OPEN = "open", "Without an end"
    RECURRING = "recurring", "Again and again"
    URGENT = "urgent", "As soon as possible, without a date"
    UNKNOWN = "unknown", "Not known yet"
    MIXED = "mixed", "A date first, then without an end"
    UNREAD = "unread", "Not understood"


#: Kinds of period that end, which are the only ones that can be overdue.
ENDS = (Kind.DAY, Kind.MONTH, Kind.SEASON, Kind.YEAR, Kind.SPAN)

#: No work of a forum began before, nor is due after.
EARLIEST_YEAR, LATEST_YEAR = 1950, 2100


class NotRead(ValueError):
    """The words are no period; the reason is empty when there is nothing to say about it."""


class NoYear(NotRead):
    """They would be one, if they named a year."""

    def __init__(self) -> None:
        super().__init__("It doesn’t say which year.")


@dataclass(frozen=True)
class Period:
    """First and last possible day, kind, and what was guessed."""

    first: date
    last: date
    kind: str
    doubt: str = ""

    def doubting(self, words: str) -> "Period":
        """The same, with one more doubt."""
        return replace(self, doubt=join(self.doubt, words))


@dataclass(frozen=True)
class Reading:
    """What helps to read: the other date, for words without a year, and when a year begins.

    ``since``: the first such period that doesn't end before it is meant. ``until``: the last
    one that doesn't begin after it.
    """

    since: date | None = None
    until: date | None = None
    why_this_year: str = ""
    year_begins: int = 9


def join(*doubts: str) -> str:
    """Doubts one after another, each once."""
    return ". ".join(dict.fromkeys(filter(None, doubts)))


_MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): n for n, name in enumerate(calendar.month_abbr) if name}
_MONTHS["sept"] = 9
MONTH = rf"(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})(?!\w)\.?"
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
SEASON = "(?:spring|summer|autumn|winter)"
#: First and last month of the terms of a school year, as schools in England keep them roughly.
_TERMS = {"autumn": (9, 12), "spring": (1, 4), "summer": (4, 7)}
_WEEKDAYS = [name.lower() for name in calendar.day_name]
_WEEKDAY = r"(mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? "
_NTH = r"(\d{1,2})(?:st|nd|rd|th)?"
_SPLIT = re.compile(r"\s*-\s*| (?:to|until|till|and|&) |\s*[/&]\s*")
_MOST_SPLITS = 8


def read(words: str, reading: Reading) -> Period:
    """The period of tidy words (see ``vague.tidy``). Raises NotRead."""
    words = re.sub(r"^(?:between|from) (?=.* (?:and|to|until|till|-) ?)", "", words)
    try:
        return _one(words, reading)
    except NoYear as trouble:
        found: NotRead = trouble
    except NotRead as trouble:
        found = trouble
    for split in list(_SPLIT.finditer(words))[:_MOST_SPLITS]:
        left, right = words[: split.start()], words[split.end() :]
        try:
            return _span(left, right, split.group().strip(), reading)
        except NotRead as trouble:
            # A reason says more than that it isn't understood.
            found = found if str(found) else trouble
    raise found


def _span(left: str, right: str, sign: str, reading: Reading) -> Period:
    """From one date to another, where a year that one lacks is the other's."""
    bare = replace(reading, since=None, until=None, why_this_year="")
    if re.fullmatch(_NTH, left):
        end = _one(right, reading)
        if end.kind != Kind.DAY:
            raise NotRead
        start = _one(
            f"{left} {calendar.month_name[end.first.month].lower()} {end.first.year}", bare
        )
    else:
        try:
            end = _one(right, bare)
        except NoYear:
            start = _one(left, reading)
            end = _one(right, replace(bare, since=start.last))
        else:
            start = _start(left, end, bare)
    if start.first > end.first or start.last > end.last:
        raise NotRead("It ends before it begins.")
    neighbours = start.last + timedelta(days=1) == end.first
    if sign in ("/", "&", "and") and not neighbours and sign != "and":
        raise NotRead
    if sign == "and" and not neighbours and start.first.year != end.first.year:
        raise NotRead("There are two dates.")
    return Period(start.first, end.last, Kind.SPAN, join(start.doubt, end.doubt))


def _start(left: str, end: Period, bare: Reading) -> Period:
    """Where a span with a known end begins."""
    try:
        return _one(left, bare)
    except NoYear:
        start = _one(left, replace(bare, until=end.first))
    if start.first.year != end.first.year:
        return start.doubting(f"Read as beginning in {start.first.year}")
    return start


def _one(words: str, reading: Reading) -> Period:
    """One period. Raises NotRead."""
    for shape, make in _SHAPES:
        match = re.fullmatch(shape, words, re.ASCII)
        if match:
            return make(match, reading)
    raise NotRead


# Makers, one for each shape -----------------------------------------------------------------------


def _year(text: str | int) -> int:
    year = int(text)
    if isinstance(text, str) and len(text) == 2:
        year += 2000
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise NotRead(f"{text} can’t be the year.")
    return year


def _day(year: str | int, month: str | int, day: str | int) -> Period:
    try:
        on = date(_year(year), int(month), int(day))
    except NotRead:
        raise
    except ValueError:
        raise NotRead("There is no such day.") from None
    return Period(on, on, Kind.DAY)


def _months(year: int, first: int, last: int, kind: str) -> Period:
    """From the first of a month to the last of another; a last before the first is next year's."""
    ends = year + (last < first)
    _year(ends)
    return Period(date(year, first, 1), date(ends, last, calendar.monthrange(ends, last)[1]), kind)


def _in_year(make: Callable[[int], Period], reading: Reading) -> Period:
    """The period in the year that fits what is known of the other date. Raises NoYear."""
    if reading.since is not None:
        years = range(reading.since.year - 1, reading.since.year + 2)
        fitting = [p for p in _possible(make, years) if p.last >= reading.since]
    elif reading.until is not None:
        years = range(reading.until.year, reading.until.year - 2, -1)
        fitting = [p for p in _possible(make, years) if p.first <= reading.until]
    else:
        make(2024)  # so that 31 June isn't asked for its year
        raise NoYear
    if not fitting:
        raise NotRead
    return fitting[0].doubting(reading.why_this_year)


def _possible(make: Callable[[int], Period], years: range) -> list[Period]:
    found = []
    for year in years:
        try:
            found.append(make(year))
        except NotRead:
            continue
    return found


def _named_day(match: re.Match[str], reading: Reading) -> Period:
    """``Sunday 31 May 2026``, ``May 31, 2026``, ``31 May``."""
    part = match.groupdict()
    month = _MONTHS[part["month"].rstrip(".")]
    if part["year"]:
        period = _day(part["year"], month, part["day"])
    else:
        period = _in_year(lambda year: _day(year, month, part["day"]), reading)
    said = part.get("weekday")
    falls_on = _WEEKDAYS[period.first.weekday()]
    if said and not falls_on.startswith(said):
        period = period.doubting(f"{day(period.first)} is a {falls_on.capitalize()}")
    return period


def _month(match: re.Match[str], reading: Reading) -> Period:
    """``Jan 2021``, ``March``; of ``May 26`` it is said how it was read."""
    month, year = _MONTHS[match["month"].rstrip(".")], match["year"]
    if not year:
        return _in_year(lambda y: _months(y, month, month, Kind.MONTH), reading)
    period = _months(_year(year), month, month, Kind.MONTH)
    if len(year) == 2:
        return period.doubting(f"Read as {calendar.month_name[month]} {period.first.year}")
    return period


def _month_number(match: re.Match[str], reading: Reading) -> Period:
    """``05/2026``."""
    month = int(match["month"])
    if not 1 <= month <= 12:
        raise NotRead(f"There is no month {month}.")
    return _months(_year(match["year"]), month, month, Kind.MONTH)


def _season(match: re.Match[str], reading: Reading) -> Period:
    """``Autumn 2020``, ``winter 2022/23``, ``Summer``."""
    first = _SEASONS[match["season"]]
    last = (first + 1) % 12 + 1

    def make(year: int) -> Period:
        return _months(year, first, last, Kind.SEASON)

    if not match["year"]:
        return _in_year(make, reading)
    period = make(_year(match["year"]))
    begins, ends = period.first.year, match.groupdict().get("to")
    if ends and (first != 12 or int(ends) % 100 != (begins + 1) % 100):
        raise NotRead
    if first == 12 and not ends:
        return period.doubting(f"Read as December {begins} to February {begins + 1}")
    return period


def _term(match: re.Match[str], reading: Reading) -> Period:
    """``Autumn term 2026``: roughly, since each school's differs."""
    first, last = _TERMS[match["season"]]

    def make(year: int) -> Period:
        return _months(year, first, last, Kind.SEASON)

    period = make(_year(match["year"])) if match["year"] else _in_year(make, reading)
    return period.doubting(
        f"Read as {calendar.month_name[first]} to {calendar.month_name[last]} {period.last.year}"
    )


def _quarter(match: re.Match[str], reading: Reading) -> Period:
    """``Q3 2026``, by the calendar."""
    last = int(match["quarter"]) * 3
    period = _months(_year(match["year"]), last - 2, last, Kind.SPAN)
    return period.doubting(
        f"Read as {calendar.month_name[last - 2]} to {calendar.month_name[last]} {match['year']}"
    )


def _whole_year(match: re.Match[str], reading: Reading) -> Period:
    return _months(_year(match["year"]), 1, 12, Kind.YEAR)


def _two_years(match: re.Match[str], reading: Reading) -> Period:
    """``2022/23``: one year that begins in another month; ``2021-25``: the years together."""
    part = match.groupdict()
    first, sign = _year(part["year"]), part["sign"].strip()
    last = int(part["to"]) if len(part["to"]) == 4 else first - first % 100 + int(part["to"])
    begins = {"financial": 4, "school": 9}.get(_named_year(part), reading.year_begins)
    if first % 100 == 99 and part["to"] == "00":
        last = first + 1
    if last != first + 1:
        return _other_years(part, first, last)
    period = _months(first, begins, (begins + 10) % 12 + 1, Kind.SPAN)
    short = f"{first}/{last % 100:02}"
    if _named_year(part):
        return period
    if len(part["year"]) == 2:
        if 1 <= int(part["to"]) <= 12:
            raise NotRead(f"It may be a day or {short}.")
        return period.doubting(f"Read as {short}")
    if sign == "-" and len(part["to"]) == 4:
        return period.doubting(f"Read as {short}, from {day(period.first)}")
    if sign == "-" and 1 <= int(part["to"]) <= 12:
        month = calendar.month_name[int(part["to"])]
        return period.doubting(f"Read as {short}, not as {month} {first}")
    return period


def _other_years(part: dict[str, str | None], first: int, last: int) -> Period:
    """``2026-05`` is a month, ``2021-2025`` its years; the rest is no period."""
    to = part["to"] or ""
    if last > first and len(part["year"] or "") == 4 and not _named_year(part):
        return _years(first, last)
    if len(to) == 2 and len(part["year"] or "") == 4 and 1 <= int(to) <= 12:
        period = _months(first, int(to), int(to), Kind.MONTH)
        if part["sign"] == "-":
            return period
        return period.doubting(f"Read as {calendar.month_name[int(to)]} {first}")
    raise NotRead("It ends before it begins." if last <= first else "")


def _named_year(part: dict[str, str | None]) -> str:
    """Which year it says that it is: the financial one, or the school's."""
    name = part.get("named") or part.get("named_after") or ""
    if not name:
        return ""
    return "school" if name.startswith(("school", "academic")) else "financial"


def _years(first: int, last: int) -> Period:
    return Period(date(first, 1, 1), date(_year(last), 12, 31), Kind.SPAN)


def _years_to(match: re.Match[str], reading: Reading) -> Period:
    """``2022 to 2023``: both years whole."""
    first, last = _year(match["year"]), _year(match["to"])
    if last <= first:
        raise NotRead("It ends before it begins.")
    return _years(first, last)


def _damaged(match: re.Match[str], reading: Reading) -> Period:
    """``023/24`` and ``023``, which have lost their first digit."""
    mended = f"2{match.group()}"
    return _one(mended, reading).doubting(f"Looks damaged: read as {mended}")


def _week(match: re.Match[str], reading: Reading) -> Period:
    """``w/c 4 May 2026``: seven days."""
    start = _one(match["rest"], reading)
    if start.kind != Kind.DAY:
        raise NotRead
    return Period(start.first, start.first + timedelta(days=6), Kind.SPAN, start.doubt)


def _end_of(match: re.Match[str], reading: Reading) -> Period:
    """``end of Feb 2021``: the last day of it."""
    whole = _one(match["rest"], reading)
    return Period(whole.last, whole.last, Kind.DAY, whole.doubt)


def _part_of(match: re.Match[str], reading: Reading) -> Period:
    """``early 2027``: no day can be told from that, so it is taken as the whole."""
    whole = _one(match["rest"], reading)
    if whole.kind == Kind.DAY:
        raise NotRead
    return whole.doubting(f"“{match['part']}” gives no day, so the whole of it counts")


def _about(match: re.Match[str], reading: Reading) -> Period:
    """``about May 2026``."""
    return _one(match["rest"], reading).doubting(f"It says “{match['about'].strip()}”")


def _asked(match: re.Match[str], reading: Reading) -> Period:
    """``May 2026?``."""
    return _one(match["rest"], reading).doubting("It has a question mark")


_LEADS = (
    r"(?:(?:due|deadline|expected|planned|target|date|started|starting|starts|begins|began|by|in|on"
    r"|from|since|for|during|until|till|up to|no later than|finish|complete|to be completed|the)"
    r":? |due: ?)+"
)
_TIME = r"(?:[t ]\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?z?)?"
_YEAR = r"(?P<year>\d{4}|\d{2})"
_FULL_YEAR = r"(?P<year>\d{4})"
_NAMED = r"fy|f/y|financial year|tax year|school year|academic year"
_TO = r"(?P<sign> ?[/-] ?)(?P<to>\d{4}|\d{2})"


def _numbers(match: re.Match[str], reading: Reading) -> Period:
    return _day(match["year"], match["month"], match["day"])


_SHAPES: list[tuple[str, Callable[[re.Match[str], Reading], Period]]] = [
    (rf"{_FULL_YEAR}([-/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}}){_TIME}", _numbers),
    (rf"(?P<day>\d{{1,2}})([-/. ])(?P<month>\d{{1,2}})\2{_YEAR}{_TIME}", _numbers),
    (
        rf"(?:{_WEEKDAY.replace('(mon', '(?P<weekday>mon')})?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?"
        rf"(?: of)?[ -]?(?P<month>{MONTH})(?:[ ,-]+{_YEAR})?",
        _named_day,
    ),
    (
        rf"(?P<month>{MONTH}) (?P<day>\d{{1,2}})(?:(?:st|nd|rd|th)?,? {_FULL_YEAR}"
        r"|(?:st|nd|rd|th))",
        _named_day,
    ),
    (rf"(?P<month>{MONTH})(?:[ ,/-]*{_YEAR})?", _month),
    (rf"{_FULL_YEAR} (?P<month>{MONTH})", _month),
    (rf"(?P<month>\d{{1,2}}) ?[/.-] ?{_FULL_YEAR}", _month_number),
    (rf"(?P<season>{SEASON})(?:[ ,/-]*{_FULL_YEAR}(?: ?[/-] ?(?P<to>\d{{4}}|\d{{2}}))?)?", _season),
    (rf"{_FULL_YEAR} (?P<season>{SEASON})", _season),
    (rf"(?P<season>autumn|spring|summer) term(?:[ ,/-]*{_FULL_YEAR})?", _term),
    (rf"q(?P<quarter>[1-4])[ ,/-]*{_FULL_YEAR}", _quarter),
    (rf"{_FULL_YEAR}[ /-]?q(?P<quarter>[1-4])", _quarter),
    (_FULL_YEAR, _whole_year),
    (rf"(?:(?P<named>{_NAMED}) ?)?{_YEAR}{_TO}(?: (?P<named_after>{_NAMED}))?", _two_years),
    (rf"{_FULL_YEAR} (?:to|until|till) (?P<to>\d{{4}})", _years_to),
    (r"0\d\d(?: ?[/-] ?(?:\d{4}|\d{2}))?", _damaged),
    (r"(?:w/c|week commencing|week beginning|week of) (?P<rest>.+)", _week),
    (r"(?:the )?end(?: of|-)?(?: the)? (?P<rest>.+)", _end_of),
    (
        r"(?:the )?(?P<part>early|mid|middle|late|start|beginning)(?: of|-)?(?: in)?[ -]"
        r"(?P<rest>.+)",
        _part_of,
    ),
    (
        r"(?P<about>approximately|approx\.?|around|about|roughly|circa|c\.|c|~|probably"
        r"|provisionally|hopefully|possibly) ?(?P<rest>.+)",
        _about,
    ),
    (r"(?P<rest>.+?) ?\?+", _asked),
    (rf"{_LEADS}(?P<rest>.+)", lambda match, reading: _one(match["rest"], reading)),
]
