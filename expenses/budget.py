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
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import F, IntegerField, Q, Sum
from django.db.models.functions import Coalesce

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


def counted(first: date, last: date) -> dict[int | None, Sums]:
    """Pence by heading (None: under none) of days from ``first`` to ``last``. Four questions."""
    found: dict[int | None, Sums] = defaultdict(Sums)
    paid = Q(claim__state=Claim.State.PAID)
    lines = Line.objects.filter(on__range=(first, last))
    for heading, done, due in _both(lines, paid, Q(claim__state__in=OPEN)):
        found[heading].claims, found[heading].claims_open = done, due
    thanks = Recognition.objects.filter(on__range=(first, last), kind=Recognition.Kind.HONORARIUM)
    received = Q(state=Recognition.State.DONE)
    for heading, done, due in _both(thanks, received, Q(state__in=OWED)):
        found[heading].thanks, found[heading].thanks_open = done, due
    spendings = Spending.objects.filter(on__range=(first, last), taken_back_at__isnull=True)
    for heading, done, due in _both(spendings, Q(is_paid=True), Q(is_paid=False)):
        found[heading].other, found[heading].other_open = done, due
    for heading, pence in vouchers(first, last):
        found[heading].other += pence
    return found


def _both(rows: Any, done: Q, due: Q) -> Any:
    """(heading, pence spent, pence committed) of rows that have ``pence`` and ``heading``."""
    return (
        rows.order_by()
        .values_list("heading")
        .annotate(
            done=Coalesce(Sum("pence", filter=done), 0), due=Coalesce(Sum("pence", filter=due), 0)
        )
    )


def vouchers(first: date, last: date) -> Any:
    """Batches that no spending stands for, by heading: what all of them cost when bought."""
    paid_for = Q(spending__isnull=False, spending__taken_back_at__isnull=True)
    cost = Sum(
        F("pence") * F("moves__change"),
        filter=Q(moves__kind="bought"),
        output_field=IntegerField(),
    )
    batches = VoucherBatch.objects.filter(bought_on__range=(first, last)).exclude(paid_for)
    return batches.order_by().values_list("heading").annotate(cost=Coalesce(cost, 0))


def in_advance(first: date, last: date) -> int:
    """Pence of agreed advances that no claim has used, nor will use of those that are open.

    The oldest advance is used first. Three questions.
    """
    agreed = (Advance.State.APPROVED, Advance.State.PAYING, Advance.State.PAID)
    advances: Any = Advance.objects.filter(state__in=agreed).with_used()
    waiting = _waiting()
    out = 0
    for advance in advances.select_related("meeting").order_by("asked_at", "pk"):
        left = max(advance.pence - advance.used, 0)
        covered = min(left, waiting.get(advance.person_id, 0))
        waiting[advance.person_id] = waiting.get(advance.person_id, 0) - covered
        if first <= day_of(advance) <= last:
            out += left - covered
    return out


def day_of(advance: Advance) -> date:
    """The day that decides an advance's year."""
    if advance.meeting is not None:
        return advance.meeting.date
    return clocks.today(advance.decided_at or advance.asked_at)


def _waiting() -> dict[int, int]:
    """By person, pence of open claims that no advance has been counted against yet."""
    lines = Line.objects.filter(claim__state__in=OPEN).order_by()
    found = dict(lines.values_list("claim__person").annotate(sum=Sum("pence")))
    uses = AdvanceUse.objects.filter(claim__state__in=OPEN).order_by()
    for person, used in uses.values_list("claim__person").annotate(sum=Sum("pence")):
        found[person] = max(found.get(person, 0) - used, 0)
    return found


def budget_of(year: int) -> Budget:
    """The year's budget by heading, in a fixed number of questions."""
    rows = _by_heading(year)
    if out := in_advance(*year_days(year)):
        rows.append(Row(IN_ADVANCE, Sums(other_open=out)))
    return Budget(year, rows)


def alerts_of(year: int) -> list[tuple[Row, Alert]]:
    """What to look at under the year's headings: six questions, since no advance is counted."""
    return Budget(year, _by_heading(year)).warnings


def _by_heading(year: int) -> list[Row]:
    """One row a heading, and one for what is under none, each with its warnings."""
    sums = counted(*year_days(year))
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
