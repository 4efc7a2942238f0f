"""What a letter for a benefits office tells about one person and a period. Never writes.

Money back and thank-yous are counted apart, because an office treats them differently. Only
what has reached somebody counts, on the day on which it did. What each was for is said by its
day and never in words that people typed, so that nothing about a family can get in.
"""

from dataclasses import dataclass
from datetime import date

from coprod import clocks
from coprod.templatetags.forum import day
from expenses.models import Claim, Recognition
from members.models import Person


@dataclass(frozen=True)
class Row:
    """One sum on the day it was received. Pence."""

    received: date
    what: str
    pence: int


@dataclass(frozen=True)
class Received:
    """What one person received from one day to another."""

    person: Person
    first: date
    last: date
    back: list[Row]
    thanks: list[Row]

    @property
    def back_pence(self) -> int:
        return sum(row.pence for row in self.back)

    @property
    def thanks_pence(self) -> int:
        return sum(row.pence for row in self.thanks)


def received(person: Person, first: date, last: date) -> Received:
    """Money back and thank-yous of a period, oldest first. Three questions."""
    claims = Claim.objects.filter(
        person=person, state="paid", paid_at__date__gte=first, paid_at__date__lte=last
    )
    return Received(
        person=person,
        first=first,
        last=last,
        back=[_back(claim) for claim in claims.order_by("paid_at", "pk").prefetch_related("lines")],
        thanks=[_thanks(row) for row in Recognition.objects.received_between(person, first, last)],
    )


def _back(claim: Claim) -> Row:
    assert claim.paid_at is not None  # it was looked for by that
    what = "Costs of a meeting" if claim.meeting_id else "Costs of work for the forum"
    return Row(clocks.today(claim.paid_at), f"{what} on {day(claim.on)}", claim.total)


def _thanks(row: Recognition) -> Row:
    assert row.done_at is not None  # it was looked for by that
    what = f"{row.get_kind_display()} for time given on {day(row.on)}"
    return Row(clocks.today(row.done_at), what, row.pence)
