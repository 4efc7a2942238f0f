"""The tracker's questions: which projects in which order, and every count in one question.

A page asks for its 60 rows and for one table of counts, however many projects there are. Pages
follow one another by the last row of the page before (no counting, no offset), so the deepest
costs what the first does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from coprod import clocks
from projects.forms.filters import LATELY, NOT_YET, QUIET
from projects.ladder import quarter_of
from projects.models import LevelAtQuarter, Project
from projects.status import Status, as_case

#: Rows on one page.
PAGE = 60
#: Bars of the chart of days since the last news; half of them lie before the forum's limit.
BARS = 8
LONG_AGO = date(1900, 1, 1)
RANKS = {Status.OVERDUE: 0, Status.TO_COMPLETE: 1, Status.DUE_TO_START: 2, Status.COMPLETED: 3}
LAST = RANKS[Status.COMPLETED]


def with_shown_status(projects: QuerySet[Project], today: date) -> Any:
    """``shown`` is the status as everybody sees it: as ``with_status``, by a join, which costs
    less than a question a row where all rows are counted."""
    standing = FilteredRelation("overrides", condition=Q(overrides__ended_at__isnull=True))
    return projects.annotate(standing=standing).annotate(
        shown=Coalesce("standing__status", as_case(today), output_field=CharField(max_length=14))
    )


def waits_for_news(today: date) -> Q:
    """Work that goes on, so that news of it is expected. Wants ``with_shown_status``; the same
    projects as those that ``gone_quiet`` asks about."""
    goes_on = Q(standing__status__in=[Status.OVERDUE, Status.TO_COMPLETE])
    by_dates = Q(standing__isnull=True, completed_on__isnull=True)
    begun = Q(started_first__isnull=True) | Q(started_first__lte=today)
    return begun & (goes_on | by_dates)


def _news_after(day: date) -> Q:
    added = Q(last_news_on__isnull=True, created_at__gt=clocks.end_of(day))
    return Q(last_news_on__gt=day) | added


# Counts -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counted:
    """So many projects that have all of this in common. ``bar``: which of the bars of days since
    the last news, None where none is expected."""

    status: str
    level: int | None
    theme: str | None
    theme_name: str | None
    lead: int | None
    lead_name: str | None
    bar: int | None
    lately: int
    count: int
    squares: int  # of their ids, added up: another set of projects has another sum


class Counts:
    """Every count that the page shows, from one question."""

    def __init__(self, rows: Iterable[Counted]) -> None:
        self.rows = list(rows)

    @cached_property
    def total(self) -> int:
        return sum(row.count for row in self.rows)

    @property
    def which(self) -> str:
        """Tells one set of projects from another, for what is kept about them."""
        return f"{self.total}.{sum(row.squares for row in self.rows)}"

    def by(self, name: str) -> dict[Any, int]:
        """How many there are of each value of one column."""
        found: dict[Any, int] = {}
        for row in self.rows:
            key = getattr(row, name)
            found[key] = found.get(key, 0) + row.count
        return found

    @cached_property
    def quiet(self) -> int:
        return sum(row.count for row in self.rows if row.bar is not None and row.bar >= BARS // 2)

    @cached_property
    def lately(self) -> int:
        return sum(row.count for row in self.rows if row.lately)

    def of(self, chosen: dict[str, str]) -> int:
        """How many are left by what was chosen; words aren't counted here."""
        return sum(row.count for row in self.rows if _fits(row, chosen))


def _fits(row: Counted, chosen: dict[str, str]) -> bool:
    news = chosen.get("news")
    return (
        chosen.get("status") in (None, row.status)
        and chosen.get("level") in (None, level_key(row.level))
        and chosen.get("theme") in (None, row.theme)
        and chosen.get("lead") in (None, str(row.lead))
        and (news != QUIET or (row.bar is not None and row.bar >= BARS // 2))
        and (news != LATELY or bool(row.lately))
    )


def level_key(level: int | None) -> str:
    """A level as addresses have it."""
    return NOT_YET if level is None else str(level)


def counts_of(projects: QuerySet[Project], today: date, quiet_days: int) -> Counts:
    """One question over all of ``projects``."""
    bars = [
        When(_news_after(today - timedelta(days=edge)), then=Value(number))
        for number, edge in enumerate(bar_edges(quiet_days))
    ]
    bar = Case(*bars, default=Value(BARS - 1), output_field=IntegerField())
    rows = (
        with_shown_status(projects, today)
        .order_by()
        .annotate(
            bar=Case(When(waits_for_news(today), then=bar), output_field=IntegerField()),
            lately=Case(
                When(last_news_on__gte=month_before(today), then=Value(1)),
                default=Value(0),
                output_field=IntegerField(),
            ),
        )
        .values_list(
            *("shown", "level", "theme__slug", "theme__name", "lead", "lead__name"),
            *("bar", "lately"),
        )
        .annotate(
            n=Count("pk"),
            squares=Sum(F("pk") * F("pk"), output_field=BigIntegerField()),
        )
    )
    return Counts(Counted(*row) for row in rows)


def bar_edges(quiet_days: int) -> list[int]:
    """How many days ago each bar but the last ends; the middle one is the forum's limit."""
    half = BARS // 2
    return [round(quiet_days * number / half) for number in range(1, BARS)]


def month_before(today: date) -> date:
    return today - timedelta(days=30)


# Rows ---------------------------------------------------------------------------------------------


def narrowed(projects: Any, chosen: dict[str, str], today: date, quiet_days: int) -> Any:
    """Those of ``with_shown_status`` that fit everything that was chosen."""
    if status := chosen.get("status"):
        projects = projects.filter(shown=status)
    if level := chosen.get("level"):
        projects = projects.filter(level=None if level == NOT_YET else int(level))
    if theme := chosen.get("theme"):
        projects = projects.filter(theme__slug=theme)
    if lead := chosen.get("lead"):
        projects = projects.filter(lead=int(lead))
    if chosen.get("news") == QUIET:
        last = today - timedelta(days=quiet_days)
        projects = projects.filter(waits_for_news(today)).exclude(_news_after(last))
    if chosen.get("news") == LATELY:
        projects = projects.filter(last_news_on__gte=month_before(today))
    for word in chosen.get("words_in", "").split()[:8]:
        projects = projects.filter(
            Q(title__icontains=word)
            | Q(summary__icontains=word)
            | Q(driver__icontains=word)
            | Q(involved__icontains=word)
            | Q(wards__icontains=word)
            | Q(lead__name__icontains=word)
        )
    return projects


@dataclass(frozen=True)
class Cursor:
    """The last row of the page before: its rank, its day, its number."""

    rank: int
    day: date
    pk: int

    def __str__(self) -> str:
        return f"{self.rank}.{self.day}.{self.pk}"

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """From an address; None for the first page and for nonsense."""
        rank, _, rest = text.partition(".")
        day, _, pk = rest.partition(".")
        try:
            number = int(pk)
            found = cls(int(rank), date.fromisoformat(day), number)
        except ValueError:
            return None
        return found if 0 <= found.rank <= LAST and 0 < number < 2**62 else None


def in_order(projects: Any) -> Any:
    """Those that need news first: overdue, then what goes on, the longest silent first; what is
    completed comes last, the newest first."""
    ranks = [When(shown=status, then=Value(rank)) for status, rank in RANKS.items()]
    return projects.annotate(
        rank=Case(*ranks, output_field=IntegerField()),
        silent=Coalesce("last_news_on", LONG_AGO),
        finished=Coalesce("completed_on", LONG_AGO),
    )


ORDER = (
    F("rank"),
    Case(When(rank__lt=LAST, then="silent")),
    Case(When(rank=LAST, then="finished")).desc(),
    F("pk"),
)


def _after(projects: Any, cursor: Cursor) -> Any:
    if cursor.rank == LAST:
        later = Q(finished__lt=cursor.day) | Q(finished=cursor.day, pk__gt=cursor.pk)
        return projects.filter(later, rank=LAST)
    later = Q(silent__gt=cursor.day) | Q(silent=cursor.day, pk__gt=cursor.pk)
    return projects.filter(Q(rank__gt=cursor.rank) | (Q(rank=cursor.rank) & later))


def page_of(projects: Any, cursor: Cursor | None, today: date) -> list[Project]:
    """One page's rows and one more, in one question: ids in order first, so that nothing wide
    is sorted. ``level_before`` is the level of the quarter before; ``was`` None: no quarter."""
    ordered = in_order(projects)
    if cursor is not None:
        ordered = _after(ordered, cursor)
    ids = ordered.order_by(*ORDER).values("pk")[: PAGE + 1]
    rows = in_order(with_shown_status(Project.objects.filter(pk__in=Subquery(ids)), today))
    before = _level_before(today)
    rows = rows.annotate(by_hand=F("standing__status"))
    rows = rows.annotate(level_before=before.values("level")[:1], was=before.values("pk")[:1])
    rows = rows.select_related("lead").only(*SHOWN)
    return list(rows.order_by(*ORDER))


SHOWN = (
    *("slug", "title", "summary", "lead__name", "is_public", "level"),
    *("started_text", "started_first", "started_last", "started_kind", "started_doubt"),
    *("due_text", "due_first", "due_last", "due_kind", "due_doubt"),
    *("completed_on", "last_news_on", "created_at"),
)


def cursor_of(row: Any) -> Cursor:
    """Where the page after this row begins."""
    return Cursor(row.rank, row.finished if row.rank == LAST else row.silent, row.pk)


def _level_before(today: date) -> QuerySet[LevelAtQuarter]:
    """How a project stood at the end of the quarter before."""
    quarter = quarter_of(quarter_of(today) - timedelta(days=1))
    return LevelAtQuarter.objects.filter(project=OuterRef("pk"), quarter=quarter)
