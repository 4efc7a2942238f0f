"""What the public may read of the money: totals of whole quarters, never anybody's. Never writes.

A sum that fewer than three people were paid is added to “other”; where “other” would then still
be of fewer than three, the heading with the fewest people goes there too. Only what was paid by
the end of the last whole quarter counts, so that nobody can compare one day with the next and
see what one person was paid.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Sum
from django.urls import reverse

from coprod import clocks
from expenses import in_kind
from expenses.budget import NO_HEADING, vouchers, year_days, year_name
from expenses.models import Claim, Line, Policy, Recognition, Spending
from expenses.reports import FEW_PEOPLE

THANKS = "Thank-you payments"
OTHER = "Other headings together"


@dataclass(frozen=True)
class Totals:
    """One year up to ``until``; None: its first quarter isn’t over. Pence."""

    year: int
    until: date | None
    parts: list[tuple[str, int]]  # what people were paid, by heading
    is_hidden: bool = False  # too few people were paid for any sum
    direct: int = 0  # rooms, post, vouchers: paid to nobody who claims
    time: in_kind.Sum | None = None

    @property
    def name(self) -> str:
        return year_name(self.year)

    @property
    def paid(self) -> int:
        return sum(pence for _, pence in self.parts)

    @property
    def altogether(self) -> int:
        return self.paid + self.direct


def totals_of(year: int, today: date) -> Totals:
    """The year's totals as of the last whole quarter. A fixed number of questions."""
    until = last_quarter(year, today)
    if until is None:
        return Totals(year, None, [])
    first = year_days(year)[0]
    people = _paid(first, year_days(year)[1], until)
    parts = merged(people)
    spendings = Spending.objects.filter(
        on__range=(first, until), taken_back_at__isnull=True, is_paid=True
    )
    direct = spendings.aggregate(sum=Sum("pence"))["sum"] or 0
    direct += sum(row[3] for row in vouchers(first, until))
    time = in_kind.summed(in_kind.given(first, until))
    return Totals(
        year,
        until,
        parts or [],
        is_hidden=parts is None,
        direct=direct,
        time=time if time.people >= FEW_PEOPLE else None,
    )


def last_quarter(year: int, today: date) -> date | None:
    """The last day of the budget year's last quarter that is over."""
    ends = (date(year, 6, 30), date(year, 9, 30), date(year, 12, 31), date(year + 1, 3, 31))
    return max((end for end in ends if end < today), default=None)


def _paid(first: date, last: date, until: date) -> dict[str, dict[int, int]]:
    """Pence by heading and person: of days of the year, paid by ``until``."""
    found: dict[str, dict[int, int]] = defaultdict(dict)
    by = clocks.end_of(until)
    lines = Line.objects.filter(
        on__range=(first, last), claim__state=Claim.State.PAID, claim__paid_at__lte=by
    ).order_by()
    rows = lines.values_list("heading__name", "claim__person").annotate(sum=Sum("pence"))
    for heading, person, pence in rows:
        found[heading or NO_HEADING][person] = pence
    thanks = Recognition.objects.filter(
        on__range=(first, last),
        kind=Recognition.Kind.HONORARIUM,
        state=Recognition.State.DONE,
        done_at__lte=by,
    ).order_by()
    for person, pence in thanks.values_list("person").annotate(sum=Sum("pence")):
        found[THANKS][person] = pence
    return found


def merged(people: Mapping[str, Mapping[int, int]]) -> list[tuple[str, int]] | None:
    """Sums by heading that name nobody; None where too few people were paid at all."""
    by_size = sorted(people, key=lambda label: (len(people[label]), label))
    hidden = [label for label in by_size if len(people[label]) < FEW_PEOPLE]
    shown = [label for label in by_size if label not in hidden]
    together = {person for label in hidden for person in people[label]}
    while hidden and shown and len(together) < FEW_PEOPLE:
        hidden.append(shown.pop(0))
        together |= set(people[hidden[-1]])
    if hidden and len(together) < FEW_PEOPLE:
        return None
    parts = [(label, sum(people[label].values())) for label in sorted(shown)]
    if hidden:
        parts.append((OTHER, sum(sum(people[label].values()) for label in hidden)))
    return parts


# Where it is linked -------------------------------------------------------------------------------


def is_open(today: date) -> bool:
    """Whether the rules in force let everybody read totals."""
    return bool(Policy.objects.begun(today).values_list("shows_totals", flat=True).first())


def about_links() -> list[tuple[str, str]]:
    """For “About us”, which is made anew each day."""
    return [("What we spend", reverse("expenses:totals"))] if is_open(clocks.today()) else []


def public_addresses() -> list[tuple[str, Any]]:
    """For the sitemap."""
    return [(url, None) for _, url in about_links()]
