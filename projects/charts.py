"""What the tracker's charts show: the finding in a sentence, the marks, and every number.

Past quarters never change, so their counts are kept for a day; the running quarter is counted
from the projects themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.cache import caches
from django.db.models import Count, QuerySet

from coprod.templatetags.forum import MONTHS, NUMBER_WORDS, plural
from projects.ladder import NAMES, quarter_of
from projects.models import LevelAtQuarter, Project
from projects.rungs import lowest
from projects.status import Status
from projects.tracker import BARS, Counts, bar_edges

#: Quarters that lie behind, as the chart shows them.
QUARTERS = 4
#: "Not on the ladder yet", then levels 0 to 4.
COLUMNS: tuple[int | None, ...] = (None, 0, 1, 2, 3, 4)


@dataclass(frozen=True)
class Quarter:
    """How all projects stood at one moment: numbers in the order of ``COLUMNS``."""

    label: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def high(self) -> int:
        """Those at rung 3 or 4."""
        return sum(self.counts[-2:])

    @property
    def drawn(self) -> tuple[str, list[int]]:
        """What the chart draws: no column for those that aren't on the ladder yet."""
        return self.label, list(self.counts[1:])


def _count(word: int) -> str:
    return NUMBER_WORDS[word].capitalize() if word < len(NUMBER_WORDS) else f"{word:,}"


# Levels by quarter --------------------------------------------------------------------------------


def quarters(
    projects: QuerySet[Project], counts: Counts, today: date, audience: str
) -> list[Quarter]:
    """The quarters behind in which there was anything, and now; oldest first.

    ``audience`` names whose ``projects`` these are: the kept counts are theirs alone.
    """
    now = counts.by("level")
    behind = _behind(projects, today, f"{audience}.{counts.which}")
    return [*behind, Quarter("Now", tuple(now.get(level, 0) for level in COLUMNS))]


def _behind(projects: QuerySet[Project], today: date, key: str) -> list[Quarter]:
    key = f"tracker.quarters.{today}.{key}"
    kept: list[Quarter] | None = caches["pieces"].get(key)
    if kept is not None:
        return kept
    first = quarter_of(today)
    days: list[date] = []
    for _ in range(QUARTERS):
        first = quarter_of(first - timedelta(days=1))
        days.insert(0, first)
    rows = LevelAtQuarter.objects.filter(quarter__in=days, project__in=projects)
    found: dict[date, dict[int | None, int]] = {}
    for quarter, level, number in (
        rows.order_by().values_list("quarter", "level").annotate(Count("pk"))
    ):
        found.setdefault(quarter, {})[level] = number
    made = [
        Quarter(_ends(day), tuple(found[day].get(level, 0) for level in COLUMNS))
        for day in days
        if day in found
    ]
    caches["pieces"].set(key, made, 24 * 60 * 60)
    return made


def _ends(quarter: date) -> str:
    """``Sep 26``: the last month of a quarter, at whose end it stood so."""
    return f"{MONTHS[quarter.month + 1][:3]} {quarter.year % 100:02}"


def quarters_finding(found: Sequence[Quarter], numbers: Sequence[int]) -> str:
    """``7 of 14 projects are at rung 3 or 4. At the end of Dec 25 it was 1 of 11.``"""
    now = found[-1]
    if now.total == now.counts[0]:
        return "No project is on the ladder yet."
    verb = "is" if now.high == 1 else "are"
    said = f"{now.high} of {plural(now.total, 'project')} {verb} at rung "
    said += f"{numbers[2]} or {numbers[3]}."
    if len(found) > 1:
        said += f" At the end of {found[0].label} it was {found[0].high} of {found[0].total}."
    return said


# Days since the last news -------------------------------------------------------------------------


@dataclass(frozen=True)
class Bar:
    """How many have had no news for so many days."""

    label: str
    count: int
    is_late: bool


def news(counts: Counts, quiet_days: int) -> list[Bar]:
    """Work that goes on, by days since the last news; half the bars lie before the limit."""
    numbers, edges = counts.by("bar"), [0, *bar_edges(quiet_days)]
    bars = []
    for number in range(BARS):
        last = f" to {edges[number + 1] - 1}" if number < BARS - 1 else " or more"
        bars.append(Bar(f"{edges[number]}{last}", numbers.get(number, 0), number >= BARS // 2))
    return bars


def news_finding(counts: Counts, quiet_days: int) -> str:
    """``Three open projects have had no news for 60 days or more.``"""
    open_ones = counts.total - counts.by("bar").get(None, 0)
    if not open_ones:
        return "No project is under way, so no news is expected."
    if not counts.quiet:
        return f"Each of the {open_ones} open projects had news in the last {quiet_days} days."
    verb = "project has" if counts.quiet == 1 else "projects have"
    return f"{_count(counts.quiet)} open {verb} had no news for {quiet_days} days or more."


# Status -------------------------------------------------------------------------------------------


def statuses(counts: Counts) -> list[dict[str, Any]]:
    """One bar a status, the longest 200 wide; the words stand beside it."""
    numbers = counts.by("status")
    most = max([*numbers.values(), 1])
    return [
        {
            "label": each.label,
            "look": each.look,
            "count": numbers.get(each, 0),
            "wide": round(200 * numbers.get(each, 0) / most, 1),
            "number_x": round(136 + 200 * numbers.get(each, 0) / most, 1),
            "y": 44 * row,
        }
        for row, each in enumerate(Status)
    ]


def status_finding(counts: Counts) -> str:
    """``3 of 14 projects are overdue.``"""
    late = counts.by("status").get(Status.OVERDUE, 0)
    if not late:
        return "No project is overdue."
    of = plural(counts.total, "project")
    return f"{late} of {of} {'is' if late == 1 else 'are'} overdue."


def columns(rungs: Sequence[Any]) -> list[tuple[str, str]]:
    """Headings of the table by quarter: what is seen, and what is read aloud before it."""
    found = [("Not yet", "On the ladder: "), ("None", "Parents involved: ")]
    for level in (1, 2, 3, 4):
        rung = lowest(list(rungs), level)
        number, name = (rung.number, rung.name) if rung else (level, NAMES[level])
        found.append((str(number), f"{name}, rung "))
    return found
