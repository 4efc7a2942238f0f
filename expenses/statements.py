"""What one person was paid in one tax year (6 April to 5 April), to the penny. Never writes.

Money counts in the year in which it was paid, as a bank statement shows it and as benefits
offices ask. Miles count in the year of their journey, because the approved mileage rates count
them so; only journeys that have been paid are listed. The two can therefore differ around
6 April, and the statement says so. Thank-yous stand apart: they are no money back.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Prefetch

from coprod import clocks
from expenses.models import Advance, AdvanceUse, Claim, Line, Payment, Recognition
from expenses.pricing import BY_MILE, tax_year, tax_year_days, to_the_penny
from members.models import Person

#: Kinds of thank-you that are worth money.
WORTH = (Recognition.Kind.HONORARIUM, Recognition.Kind.VOUCHER)


@dataclass(frozen=True)
class PaidClaim:
    """One claim on the day it was paid. Pence; ``offset`` had been paid in advance."""

    on: date
    claim: Claim
    offset: int

    @property
    def pence(self) -> int:
        return self.claim.total


@dataclass(frozen=True)
class Miles:
    """Miles of one kind at one rate, in pence and parts of a penny."""

    what: str
    rate: Decimal
    miles: Decimal
    pence: int


@dataclass(frozen=True)
class Paid:
    """A thank-you or an advance on the day it was paid. Pence."""

    on: date
    what: str
    note: str
    pence: int


@dataclass
class Statement:
    """All of one tax year. Totals are sums of what is listed, and nothing else."""

    person: Person
    year: int
    claims: list[PaidClaim] = field(default_factory=list)
    miles: list[Miles] = field(default_factory=list)
    thanks: list[Paid] = field(default_factory=list)
    advances: list[Paid] = field(default_factory=list)
    returned: list[Paid] = field(default_factory=list)

    @property
    def first(self) -> date:
        return tax_year_days(self.year)[0]

    @property
    def last(self) -> date:
        return tax_year_days(self.year)[1]

    @property
    def name(self) -> str:
        return f"{self.year}/{(self.year + 1) % 100:02}"

    @property
    def money_back(self) -> int:
        return sum(each.pence for each in self.claims)

    @property
    def offset(self) -> int:
        return sum(each.offset for each in self.claims)

    @property
    def thanked(self) -> int:
        return sum(each.pence for each in self.thanks)

    @property
    def advanced(self) -> int:
        return sum(each.pence for each in self.advances)

    @property
    def given_back(self) -> int:
        return sum(each.pence for each in self.returned)

    @property
    def all_miles(self) -> Decimal:
        """Of journeys that they drove; a passenger’s miles are no more miles."""
        return sum((each.miles for each in self.miles if "passenger" not in each.what), Decimal(0))

    @property
    def miles_pence(self) -> int:
        return sum(each.pence for each in self.miles)

    @property
    def is_empty(self) -> bool:
        return not (self.claims or self.miles or self.thanks or self.advances or self.returned)

    @property
    def is_running(self) -> bool:
        """Whether the year isn’t over, so that more may come."""
        return clocks.today() <= self.last


def statement_of(person: Person, year: int) -> Statement:
    """Everything that somebody was paid in a tax year, in a fixed number of questions."""
    made = Statement(person, year)
    miles: list[Line] = []
    for claim in _claims(person):
        on = paid_on(claim.payments.all(), claim.paid_at)
        if on is not None and tax_year(on) == year:
            live = [each for each in claim.payments.all() if _is_alive(each)]
            made.claims.append(PaidClaim(on, claim, sum(each.offset for each in live)))
        miles += [line for line in claim.lines.all() if tax_year(_journey_day(line)) == year]
    made.claims.sort(key=lambda each: (each.on, each.claim.pk))
    made.miles = miles_by_rate(miles)
    made.thanks = [each for each in _thanks(person) if tax_year(each.on) == year]
    made.advances = [each for each in _advances(person) if tax_year(each.on) == year]
    made.returned = [each for each in _returned(person) if tax_year(each.on) == year]
    return made


def years_of(person: Person) -> list[int]:
    """The tax years in which somebody was paid anything, the newest first, and the present one."""
    found = {tax_year(clocks.today())}
    for claim in _claims(person):
        if (on := paid_on(claim.payments.all(), claim.paid_at)) is not None:
            found.add(tax_year(on))
        found |= {tax_year(_journey_day(line)) for line in claim.lines.all() if line.miles}
    for each in (*_thanks(person), *_advances(person), *_returned(person)):
        found.add(tax_year(each.on))
    return sorted(found, reverse=True)


def paid_on(payments: Iterable[Payment], paid_at: Any) -> date | None:
    """The day at the bank where the run says one, else the day it was marked as paid."""
    for payment in payments:
        if _is_alive(payment) and payment.run.paid_on:
            return payment.run.paid_on
    return clocks.today(paid_at) if paid_at else None


def _is_alive(payment: Payment) -> bool:
    return payment.came_back_at is None and payment.cancelled_at is None


def _with_runs() -> Any:
    return Prefetch("payments", Payment.objects.select_related("run"))


def _claims(person: Person) -> Any:
    paid = Claim.objects.filter(person=person, state=Claim.State.PAID).select_related("meeting")
    lines = Line.objects.select_related("policy", "tops_up").prefetch_related("policy__rates")
    return paid.prefetch_related(Prefetch("lines", lines), _with_runs()).order_by("pk")


def _journey_day(line: Line) -> date:
    """A difference to a new rate belongs to the journey that it tops up."""
    return line.tops_up.on if line.tops_up is not None else line.on


def _thanks(person: Person) -> list[Paid]:
    done = Recognition.objects.filter(
        person=person, kind__in=WORTH, state=Recognition.State.DONE, pence__gt=0
    )
    found = []
    for each in done.prefetch_related(_with_runs()).order_by("done_at", "pk"):
        on = paid_on(each.payments.all(), each.done_at) or each.on
        found.append(Paid(on, each.get_kind_display(), each.what_for, each.pence))
    return found


def _advances(person: Person) -> list[Paid]:
    rows = Advance.objects.filter(person=person, state=Advance.State.PAID)
    found = []
    for each in rows.prefetch_related(_with_runs()).order_by("paid_at", "pk"):
        on = paid_on(each.payments.all(), each.paid_at)
        if on is not None:
            found.append(Paid(on, "Money in advance", each.what_for, each.pence))
    return found


def _returned(person: Person) -> list[Paid]:
    back = AdvanceUse.objects.filter(advance__person=person, claim__isnull=True)
    return [
        Paid(clocks.today(each.made_at), "Given back", each.note, each.pence)
        for each in back.order_by("made_at", "pk")
    ]


# Miles --------------------------------------------------------------------------------------------

_NAMES = {"car": "Own car or van", "motorcycle": "Motorcycle", "bicycle": "Bicycle"}


def miles_by_rate(lines: Iterable[Line]) -> list[Miles]:
    """Miles and pence by kind, band and rate. The pence are exactly those of the lines."""
    miles: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    pence: dict[tuple[str, Decimal], int] = defaultdict(int)
    for line in lines:
        for what, rate, many, paid in _parts(line):
            miles[what, rate] += many
            pence[what, rate] += paid
    return [Miles(*key, miles=miles[key], pence=pence[key]) for key in sorted(pence)]


def _parts(line: Line) -> Iterable[tuple[str, Decimal, Decimal, int]]:
    """(what, rate, miles, pence) of one line: the two bands and passengers apart."""
    if line.kind == Line.Kind.TOP_UP and line.tops_up is not None and line.tops_up.miles:
        yield "Difference to a new rate", Decimal(0), Decimal(0), line.pence
        return
    if line.kind not in BY_MILE or line.miles is None:
        return
    rates = {rate.kind: rate.pence for rate in line.policy.rates.all()}
    rate, left = rates.get(line.kind, Decimal(0)), line.pence
    extra = rates.get("passenger", Decimal(0))
    many = line.passengers * line.miles
    if many and extra:
        paid = to_the_penny(many * extra)
        left -= paid
        yield "For passengers", extra, many, paid
    far, above = Decimal(0), rates.get("car_above", rate)
    if line.kind == Line.Kind.CAR:
        far = miles_above(line.miles, left, rate, above)
    if far:
        paid = to_the_penny(far * above) if far < line.miles else left
        left -= paid
        yield "Own car or van, above the yearly miles", above, far, paid
    if far < line.miles:
        yield _NAMES[line.kind], rate, line.miles - far, left


def miles_above(miles: Decimal, pence: int, rate: Decimal, above: Decimal) -> Decimal:
    """How many of a journey's miles were paid by the lower rate, from what it paid.

    Lines keep their workings in words only. Miles have one place and a penny is far more than a
    tenth of a mile times half a penny's rounding wherever the rates differ by 5p or more.
    """
    if rate - above < 5:
        return Decimal(0)
    far = (miles * rate - pence) / (rate - above)
    near = far.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    return min(max(near, Decimal(0)), miles)
