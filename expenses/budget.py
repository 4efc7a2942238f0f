"""The budget of a year, counted from records: planned, spent, committed and left. Never writes.

A year begins on 1 April and takes its number from that day. Every penny counts once, in the
year of its own day: a line by the day of the journey or purchase, a thank-you by the day of
what it is for, an advance by its meeting's day or the day it was agreed.

*Spent*: lines of paid claims, thank-you payments that were received, other spendings that are
paid. Vouchers count when they are bought, so handing one over counts nothing more.
*Committed*: lines of claims that were sent and aren't paid; thank-you payments from the moment
they are offered, because somebody who was offered money may say yes, and then it must be
there; what was ordered; and advances, less what claims have used or will use. A claim of
somebody who has an advance is money that is out already: counted once, as lines.
*Left* is the budget less both. A thank-you given away counts as other spending once it is
paid to whoever got it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from coprod import clocks
from coprod.templatetags.forum import pence as in_pounds
from expenses.models import (
    Advance,
    AdvanceUse,
    Allocation,
    Claim,
    Heading,
    Line,
    Recognition,
    Spending,
    VoucherBatch,
)

#: Claims that were asked for and aren't paid.
OPEN = tuple(state for state in Claim.STANDING if state != Claim.State.PAID)
#: Thank-you payments that may still have to be paid.
OWED = (Recognition.State.OFFERED, Recognition.State.ACCEPTED, Recognition.State.PAYING)
#: From this share of a budget on, spent and committed together, its page warns.
MUCH = 80
#: A ring-fenced sum of which less than this share is used when a quarter of the year is left.
LITTLE = 50
NO_HEADING = "Not under a heading yet"
IN_ADVANCE = "Money in advance that no claim has used"


def year_of(day: date) -> int:
    """The budget year of a day, by the calendar year in which it begins."""
    return day.year if day.month >= 4 else day.year - 1


def year_days(year: int) -> tuple[date, date]:
    """Its first and its last day."""
    return date(year, 4, 1), date(year + 1, 3, 31)


def year_name(year: int) -> str:
    """``2026/27``."""
    return f"{year}/{(year + 1) % 100:02}"


def this_year() -> int:
    return year_of(clocks.today())


@dataclass
class Sums:
    """Pence under one heading, by what it is: money back, thank-yous and the rest never mix."""

    claims: int = 0
    thanks: int = 0
    other: int = 0
    claims_open: int = 0
    thanks_open: int = 0
    other_open: int = 0

    @property
    def spent(self) -> int:
        return self.claims + self.thanks + self.other

    @property
    def committed(self) -> int:
        return self.claims_open + self.thanks_open + self.other_open


@dataclass(frozen=True)
class Alert:
    """Something to look at: in words, with the look of its mark."""

    look: str
    text: str


@dataclass
class Row:
    """One heading in one year. Pence."""

    label: str
    sums: Sums
    heading: Heading | None = None
    allocation: Allocation | None = None
    warnings: list[Alert] = field(default_factory=list)

    @property
    def budget(self) -> int:
        return self.allocation.pence if self.allocation else 0

    @property
    def spent(self) -> int:
        return self.sums.spent

    @property
    def committed(self) -> int:
        return self.sums.committed

    @property
    def left(self) -> int:
        """May be below nothing."""
        return self.budget - self.spent - self.committed

    @property
    def share(self) -> int | None:
        """Percent of the budget that is spent or committed; None without a budget."""
        return (self.spent + self.committed) * 100 // self.budget if self.budget else None


@dataclass
class Budget:
    """A whole year."""

    year: int
    rows: list[Row]

    @property
    def budget(self) -> int:
        return sum(row.budget for row in self.rows)

    @property
    def spent(self) -> int:
        return sum(row.spent for row in self.rows)

    @property
    def committed(self) -> int:
        return sum(row.committed for row in self.rows)

    @property
    def left(self) -> int:
        return self.budget - self.spent - self.committed

    @property
    def name(self) -> str:
        return year_name(self.year)

    @property
    def warnings(self) -> list[tuple[Row, Alert]]:
        return [(row, warning) for row in self.rows for warning in row.warnings]

    @property
    def funders(self) -> list[str]:
        named = (row.allocation.from_whom for row in self.rows if row.allocation)
        return sorted({name for name in named if name})


# Counting -----------------------------------------------------------------------------------------


#: In which column an entry counts, by its note. Everything else doesn’t count.
_SPENT = {
    "claims": (Claim.State.PAID,),
    "thanks": (Recognition.State.DONE,),
    "other": ("paid",),
}
_COMMITTED = {"claims": OPEN, "thanks": OWED, "other": ("ordered",)}


@dataclass(frozen=True)
class Entry:
    """What one source holds of one heading in one state. Pence, and how many rows.

    ``source``: claims, thanks (payments), gifts (thank-yous of other kinds), other, planned.
    ``note``: the state; who gives the money, where it is planned.
    """

    source: str
    heading: int | None
    note: str
    pence: int
    many: int


def entries(first: date, last: date) -> list[Entry]:
    """Everything that is planned and happened on days from ``first`` to ``last``. One question."""
    days = (first, last)
    paid = Case(When(is_paid=True, then=Value("paid")), default=Value("ordered"))
    years = (year_of(first), year_of(last))
    parts = [
        _of(Line.objects.filter(on__range=days), "claims", F("claim__state")),
        _of(_thanks(days, is_paid=True), "thanks", F("state")),
        _of(_thanks(days, is_paid=False), "gifts", F("state")),
        _of(Spending.objects.filter(on__range=days, taken_back_at=None), "other", paid),
        _of(
            Allocation.objects.filter(year__range=years, replaced_at=None),
            "planned",
            F("from_whom"),
        ),
        vouchers(first, last),
    ]
    rows: Any = parts[0].union(*parts[1:], all=True)
    return [Entry(*row) for row in rows]


def _of(rows: Any, source: str, note: Any) -> Any:
    """Rows that have ``heading`` and ``pence``, as an Entry’s columns."""
    return (
        rows.order_by()
        .annotate(from_source=_words(source), in_state=Cast(note, CharField()))
        .values_list("from_source", "heading", "in_state")
        .annotate(sum=Coalesce(Sum("pence"), 0), many=Count("pk"))
    )


def _words(text: str) -> Any:
    return Value(text, output_field=CharField())


def _thanks(days: tuple[date, date], *, is_paid: bool) -> Any:
    rows = Recognition.objects.filter(on__range=days)
    kind = Recognition.Kind.HONORARIUM
    return rows.filter(kind=kind) if is_paid else rows.exclude(kind=kind)


def vouchers(first: date, last: date) -> Any:
    """Batches that no spending stands for, as an Entry’s columns: what they cost when bought."""
    paid_for = Q(spending__isnull=False, spending__taken_back_at__isnull=True)
    bought = Q(moves__kind="bought")
    cost = Sum(F("pence") * F("moves__change"), filter=bought, output_field=IntegerField())
    return (
        VoucherBatch.objects.filter(bought_on__range=(first, last))
        .exclude(paid_for)
        .order_by()
        .annotate(from_source=_words("other"), in_state=_words("paid"))
        .values_list("from_source", "heading", "in_state")
        .annotate(sum=Coalesce(cost, 0), many=Count("pk", distinct=True))
    )


def counted(rows: Iterable[Entry]) -> dict[int | None, Sums]:
    """Pence by heading (None: under none)."""
    found: dict[int | None, Sums] = defaultdict(Sums)
    for row in rows:
        here = found[row.heading]
        if row.note in _SPENT.get(row.source, ()):
            setattr(here, row.source, getattr(here, row.source) + row.pence)
        elif row.note in _COMMITTED.get(row.source, ()):
            name = f"{row.source}_open"
            setattr(here, name, getattr(here, name) + row.pence)
    return {heading: sums for heading, sums in found.items() if sums != Sums()}


def in_advance(first: date, last: date) -> int:
    """Pence of agreed advances that no claim has used, nor will use of those that are open.

    The oldest advance of a person is used first. One question.
    """
    agreed = (Advance.State.APPROVED, Advance.State.PAYING, Advance.State.PAID)
    whose = {"claim__person": OuterRef("person"), "claim__state__in": OPEN}
    advances: Any = (
        Advance.objects.filter(state__in=agreed)
        .with_used()
        .annotate(asked=_sum_of(Line, whose), taken=_sum_of(AdvanceUse, whose))
        .select_related("meeting")
        .order_by("asked_at", "pk")
    )
    waiting: dict[int, int] = {}
    out = 0
    for advance in advances:
        # Of open claims, what no advance has been counted against yet.
        due = waiting.setdefault(advance.person_id, max(advance.asked - advance.taken, 0))
        left = max(advance.pence - advance.used, 0)
        waiting[advance.person_id] -= min(left, due)
        if first <= day_of(advance) <= last:
            out += left - min(left, due)
    return out


def _sum_of(model: Any, whose: dict[str, Any]) -> Any:
    rows = model.objects.filter(**whose).order_by().values("claim__person")
    found = Subquery(rows.annotate(sum=Sum("pence")).values("sum"), output_field=IntegerField())
    return Coalesce(found, 0)


def day_of(advance: Advance) -> date:
    """The day that decides an advance’s year."""
    if advance.meeting is not None:
        return advance.meeting.date
    return clocks.today(advance.decided_at or advance.asked_at)


def budget_of(year: int) -> Budget:
    """The year's budget by heading, in a fixed number of questions."""
    rows = _by_heading(year)
    if out := in_advance(*year_days(year)):
        rows.append(Row(IN_ADVANCE, Sums(other_open=out)))
    return Budget(year, rows)


def alerts_of(year: int) -> list[tuple[Row, Alert]]:
    """What to look at under the year's headings: three questions, since no advance is counted."""
    return Budget(year, _by_heading(year)).warnings


def _by_heading(year: int) -> list[Row]:
    """One row a heading, and one for what is under none, each with its warnings."""
    sums = counted(entries(*year_days(year)))
    allocations = {
        each.heading_id: each
        for each in Allocation.objects.filter(year=year, replaced_at__isnull=True)
    }
    rows = []
    for heading in Heading.objects.all():
        here = sums.pop(heading.pk, Sums())
        allocation = allocations.get(heading.pk)
        if heading.ended_at is None or here != Sums() or (allocation and allocation.pence):
            rows.append(Row(heading.name, here, heading, allocation))
    if (none := sums.get(None, Sums())) != Sums():
        rows.append(Row(NO_HEADING, none))
    for row in rows:
        row.warnings = warnings_of(row, year, clocks.today())
    return rows


def warnings_of(row: Row, year: int, today: date) -> list[Alert]:
    """What to look at under one heading. At most one about its sum, the gravest."""
    if row.heading is None:
        return []
    fenced = row.heading.is_ring_fenced
    if row.spent > row.budget:
        over = in_pounds(row.spent - row.budget)
        if not row.budget:
            return [Alert("late", f"{over} spent, and no budget")]
        more = ". The sum is ring-fenced, so this has to be paid from elsewhere" if fenced else ""
        return [Alert("late", f"Overspent by {over}{more}")]
    if row.left < 0:
        return [Alert("late", f"{in_pounds(-row.left)} more is promised than is left")]
    if row.share is not None and row.share >= MUCH:
        return [Alert("todo", f"{row.share}% used")]
    last = year_days(year)[1]
    late_in_year = last - timedelta(days=90) <= today <= last
    if fenced and row.share is not None and row.share < LITTLE and late_in_year:
        return [Alert("todo", f"Ring-fenced and only {row.share}% used: the year ends on 31 March")]
    return []


# What has no heading ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Loose:
    """Something that counts and stands under no heading. ``key`` names it in a form."""

    key: str
    on: date
    what: str
    pence: int


def loose(year: int) -> list[Loose]:
    """All of a year, by kind and day. No names: whose claim it is doesn't matter here."""
    first, last = year_days(year)
    lines = Line.objects.standing().filter(heading=None, on__range=(first, last))
    found = [
        Loose(f"line-{line.pk}", line.on, line.get_kind_display(), line.pence)
        for line in lines.order_by("kind", "on", "pk")
    ]
    thanks = Recognition.objects.filter(
        heading=None,
        on__range=(first, last),
        kind=Recognition.Kind.HONORARIUM,
        state__in=(*OWED, Recognition.State.DONE),
    ).order_by("on", "pk")
    found += [
        Loose(f"thanks-{each.pk}", each.on, each.get_kind_display(), each.pence) for each in thanks
    ]
    batches = VoucherBatch.objects.filter(
        heading=None, bought_on__range=(first, last), spending__isnull=True
    ).annotate(bought=Coalesce(Sum("moves__change", filter=Q(moves__kind="bought")), 0))
    found += [
        Loose(
            f"batch-{each.pk}", each.bought_on, f"Vouchers, {each.shop}", each.pence * each.bought
        )
        for each in batches.order_by("bought_on", "pk")
    ]
    return found
