"""Which dates a year of meetings falls on, and what speaks against them. Pure: no queries.

Findings warn and never block: terms differ by school, and only the coordinator knows.
Source: bank holidays of England with substitute days, from the ``holidays`` library.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import lru_cache
from typing import Any, Protocol

import holidays

from coprod.forms import DAY_NAMES, MONTH_NAMES, say_time

CLEAR, LOOK, CLASH, PAST = "clear", "look", "clash", "past"
_ORDER = (CLEAR, LOOK, CLASH, PAST)

#: Most schools open at nine and close at ten past three: nobody can be at both.
MORNING_RUN = (time(8, 15), time(9, 15))
AFTERNOON_RUN = (time(14, 45), time(16))

#: A clash is moved without asking when a clear day comes this soon; otherwise it is left out.
NEAR_DAYS = 14
#: How many weeks ahead a clear day is looked for.
SEARCH_WEEKS = 12

_NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_PLAIN_NAMES = {
    "May Day": "the early May bank holiday",
    "Spring Bank Holiday": "the spring bank holiday",
    "Late Summer Bank Holiday": "the summer bank holiday",
}


class Period(Protocol):
    """Days when nobody should meet; a ``ClosedPeriod`` is one."""

    name: str
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Finding:
    """What was found about one date: clear, look or clash, and why in words."""

    level: str
    reasons: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return " ".join(self.reasons)


@dataclass(frozen=True)
class Against:
    """Everything that can speak against a date.

    ``others``: what else is on a day; ``own``: days on which this series meets already.
    ``today``: days before it are past, and nothing speaks against them any more.
    """

    closed: Sequence[Period] = ()
    others: Mapping[date, str] = field(default_factory=dict)
    own: Collection[date] = ()
    today: date | None = None


@dataclass(frozen=True)
class Proposal:
    """One date of the plan, what was found, the next clear day, and what we would do."""

    day: date
    finding: Finding
    move_to: date | None
    #: keep, move or leave
    advice: str


def twelve_months_after(day: date) -> date:
    """The same day a year later; 1 March after a 29 February."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)


def dates_of_year(first: date, every_weeks: int, every_months: int | None = None) -> list[date]:
    """Every ``every_weeks`` weeks from ``first``, less than twelve months ahead.

    With ``every_months`` instead: the same weekday of the month, such as the second Wednesday.
    Raises ValueError when a pattern has no step.
    """
    end = twelve_months_after(first)
    if every_months is not None:
        if every_months < 1:
            raise ValueError("A pattern needs at least one month between meetings.")
        ahead = range(0, 12, every_months)
        return [day for n in ahead if (day := same_weekday(first, n)) < end]
    if every_weeks < 1:
        raise ValueError("A pattern needs at least one week between meetings.")
    days, day = [], first
    while day < end:
        days.append(day)
        day += timedelta(weeks=every_weeks)
    return days


def same_weekday(day: date, months: int) -> date:
    """The same weekday of the month so many months later: the second Wednesday, say.

    Not every month has a fifth one, so from a fifth the last of each month is meant.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    found = first + timedelta(days=(day.weekday() - first.weekday()) % 7, weeks=(day.day - 1) // 7)
    return found if found.month == month + 1 else found - timedelta(weeks=1)


_NTH = ("first", "second", "third", "fourth", "last")


def say_rhythm(every_weeks: int, every_months: int | None, first: date | None = None) -> str:
    """``every six weeks``; ``every three months on the second Wednesday``."""
    if every_months is None:
        return "every week" if every_weeks == 1 else f"every {_number(every_weeks)} weeks"
    said = "every month" if every_months == 1 else f"every {_number(every_months)} months"
    if first is None:
        return said
    return f"{said} on the {_NTH[(first.day - 1) // 7]} {DAY_NAMES[first.weekday()]}"


@lru_cache
def _bank_holidays(year: int) -> Mapping[date, str]:
    found: Any = holidays.country_holidays("GB", subdiv="ENG", years=year)
    return dict(found.items())


def bank_holiday(day: date) -> str:
    """The bank holiday on that day in words, or an empty text."""
    name = _bank_holidays(day.year).get(day, "").split(";")[0]
    base = name.removesuffix("(observed)").strip()
    said = _PLAIN_NAMES.get(base, base)
    return f"the substitute day for {said}" if base != name else said


def check(day: date, starts: time, ends: time, against: Against) -> Finding:
    """What speaks against meeting on ``day`` from ``starts`` to ``ends``."""
    if against.today is not None and day < against.today:
        return Finding(PAST)
    clashes, looks = [], []
    if name := bank_holiday(day):
        clashes.append(f"A bank holiday: {name}.")
    shut = [period for period in against.closed if period.first_day <= day <= period.last_day]
    clashes += [f"{period.name}: {say_period(period)}." for period in shut]
    if day in against.own:
        clashes.append("This series has a meeting on that day already.")
    elif day in against.others:
        looks.append(f"Another meeting is on the same day: {against.others[day]}.")
    elif near := _same_week(day, against):
        looks.append(f"Another meeting is in the same week: {near}.")
    if day.weekday() > 4:
        looks.append(f"A {DAY_NAMES[day.weekday()]}.")
    elif not clashes:
        looks += _school_run(starts, ends)
    level = CLASH if clashes else LOOK if looks else CLEAR
    return Finding(level, (*clashes, *looks))


def _same_week(day: date, against: Against) -> str:
    """What else is on between that week's Monday and Sunday, with its weekday."""
    monday = day - timedelta(days=day.weekday())
    for other in (monday + timedelta(days=n) for n in range(7)):
        if other in against.others:
            return f"{against.others[other]}, on {DAY_NAMES[other.weekday()]} {other.day}"
    return ""


def say_period(period: Period) -> str:
    """``22 July to 1 September``, with the years where they differ."""
    first, last = period.first_day, period.last_day
    if first == last:
        return f"{first.day} {MONTH_NAMES[first.month - 1]}"
    year = f" {first.year}" if first.year != last.year else ""
    ends = f"{last.day} {MONTH_NAMES[last.month - 1]}{f' {last.year}' if year else ''}"
    return f"{first.day} {MONTH_NAMES[first.month - 1]}{year} to {ends}"


def end_after(starts: time, typed: str) -> time | None:
    """What ``12`` or ``1:30`` most likely means as the end of a meeting that starts then."""
    hour, _, minute = re.sub(r"[.h]", ":", typed).partition(":")
    if not hour.isdecimal() or not (minute or "0").isdecimal() or not 1 <= int(hour) <= 12:
        return None
    later = [
        end
        for half in (0, 12)
        if (end := time(int(hour) % 12 + half, int(minute or 0) % 60)) > starts
    ]
    return later[0] if later else None


def _school_run(starts: time, ends: time) -> list[str]:
    """Reasons when parents would have to be at a school's gate. Evenings are fine."""
    begins, closes = AFTERNOON_RUN
    if starts < closes and ends > closes:
        return [f"Goes on through the school run: {_hour(starts)} to {_hour(ends)}."]
    if starts < closes and begins < ends:
        return [f"Ends in the school run: it would finish at {_hour(ends)}."]
    if MORNING_RUN[0] <= starts < MORNING_RUN[1]:
        return [f"Starts in the school run, at {_hour(starts)}."]
    return []


def _hour(moment: time) -> str:
    return say_time(moment.hour, moment.minute)


def next_clear(
    day: date, starts: time, ends: time, against: Against, taken: Collection[date] = ()
) -> date | None:
    """The next same weekday with nothing against it that isn't ``taken``; None if none is near.

    A time that ends in the school run never becomes clear, so then no worse than "look" will do.
    """
    usual = LOOK if day.weekday() > 4 or _school_run(starts, ends) else CLEAR
    for week in range(1, SEARCH_WEEKS + 1):
        later = day + timedelta(weeks=week)
        finding = check(later, starts, ends, against)
        quiet = later not in against.others and later not in taken
        if quiet and _ORDER.index(finding.level) <= _ORDER.index(usual):
            return later
    return None


def propose(days: Iterable[date], starts: time, ends: time, against: Against) -> list[Proposal]:
    """What was found for each date and what we would do about it, in order."""
    ordered = sorted(days)
    taken, proposals = set(ordered), []
    for day in ordered:
        finding = check(day, starts, ends, against)
        settled = finding.level in (CLEAR, PAST)
        move_to = None if settled else next_clear(day, starts, ends, against, taken)
        advice = "keep"
        if finding.level == CLASH:
            near = move_to is not None and (move_to - day).days <= NEAR_DAYS
            advice = "move" if near and day not in against.own else "leave"
        if advice == "move" and move_to:
            taken.add(move_to)
        proposals.append(Proposal(day, finding, move_to, advice))
    return proposals


def in_words(proposals: Sequence[Proposal]) -> str:
    """``Eight are clear, two clash, one needs a look.`` Parts with none are left out."""
    counts = {level: sum(p.finding.level == level for p in proposals) for level in _ORDER}
    said = [
        f"{_number(counts[level])} {one if counts[level] == 1 else many}"
        for level, one, many in (
            (CLEAR, "is clear", "are clear"),
            (CLASH, "clashes", "clash"),
            (LOOK, "needs a look", "need a look"),
            (PAST, "has passed", "have passed"),
        )
        if counts[level]
    ]
    sentence = ", ".join(said)
    return sentence[:1].upper() + sentence[1:] + "." if said else ""


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)
