"""Lines of a claim: priced by the rates of their own day and the miles that are left."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from expenses.models import Claim, Heading, Line, MilesElsewhere, Policy
from expenses.pricing import CannotPrice, Price, Said, price, tax_year
from members.models import Person

#: What of a line somebody says; the rest follows.
SAID = (
    "kind",
    "on",
    "what",
    "miles",
    "passengers",
    "with_whom",
    "hours",
    "pages",
    "asked",
    "reason",
    "no_receipt",
    "by_relative",
)


class RateBook:
    """All confirmed versions with their rates, read once: what governs which day.

    ``also``: a version that isn't confirmed yet, taken as if it were.
    """

    def __init__(self, *, also: Policy | None = None) -> None:
        found = list(Policy.objects.confirmed().prefetch_related("rates"))
        if also is not None and also not in found:
            found.append(also)
        #: As ``PolicyQuerySet.governing`` sorts them.
        self.versions = sorted(found, key=lambda p: (p.begins_on, p.number), reverse=True)
        self._rates = {
            policy.pk: {rate.kind: rate.pence for rate in policy.rates.all()} for policy in found
        }

    def governing(self, day: date) -> Policy | None:
        return next((policy for policy in self.versions if policy.begins_on <= day), None)

    def rates(self, policy: Policy) -> Mapping[str, Decimal]:
        return self._rates[policy.pk]

    def on(self, day: date) -> tuple[Policy, Mapping[str, Decimal]]:
        """The version of a day and its rates. Raises CannotPrice where there is none."""
        policy = self.governing(day)
        if policy is None:
            raise CannotPrice("The forum has agreed no rates for that day yet")
        return policy, self.rates(policy)


class MilesBook:
    """What some people drove by car, by tax year, read once: declared for others and claimed.

    Counted are claims that were sent, in the order of their sending: a draft comes after all
    of them, and one that was sent keeps its place, with what had been declared by then.
    """

    def __init__(self, people: Iterable[int]) -> None:
        ids = set(people)
        self._claimed: dict[tuple[int, int], list[tuple[datetime, int, Decimal]]] = {}
        driven: Any = Line.objects.standing().filter(claim__person__in=ids, kind="car")
        for person, claim, sent_at, on, miles in driven.values_list(
            "claim__person", "claim", "claim__sent_at", "on", "miles"
        ):
            self._claimed.setdefault((person, tax_year(on)), []).append((sent_at, claim, miles))
        self._declared: dict[tuple[int, int], list[tuple[datetime, int]]] = {}
        declared = MilesElsewhere.objects.filter(person__in=ids).order_by("declared_at", "pk")
        for said in declared:
            key = (said.person_id, said.tax_year)
            self._declared.setdefault(key, []).append((said.declared_at, said.miles))

    def elsewhere(self, person: int, year: int, at: datetime | None = None) -> int | None:
        """As it was last declared, by then; None: never."""
        said = self._declared.get((person, year), [])
        return next((miles for on, miles in reversed(said) if at is None or on <= at), None)

    def before(self, person: int, year: int, claim: Claim | None = None) -> Decimal:
        """Miles of the year that come before a claim; all where there is none."""
        rows = self._claimed.get((person, year), [])
        at = None
        if claim is not None:
            rows = [row for row in rows if row[1] != claim.pk]
            if claim.state != Claim.State.DRAFT and claim.sent_at:
                at = claim.sent_at
                rows = [row for row in rows if row[:2] < (at, claim.pk)]
        elsewhere = self.elsewhere(person, year, at) or 0
        return sum((miles for _, _, miles in rows), Decimal(elsewhere))


def miles_elsewhere(person: Any, year: int) -> int | None:
    """Miles that somebody last declared to have driven for others; None: never asked."""
    said = MilesElsewhere.objects.filter(person=person, tax_year=year)
    newest = said.order_by("-declared_at", "-pk").first()
    return newest.miles if newest else None


def miles_left(person: Any, policy: Policy, day: date, *, but: Claim | None = None) -> Decimal:
    """Miles of the year's higher band that are left to somebody before a claim, or now."""
    before = MilesBook([person.pk]).before(person.pk, tax_year(day), but)
    return Decimal(policy.band_miles) - before


def price_line(
    person: Any,
    said: Said,
    *,
    but: Claim | None = None,
    earlier: Decimal = Decimal(0),
    book: RateBook | None = None,
) -> tuple[Price, Policy]:
    """What a line pays to somebody, and the version of the rates that says so.

    ``earlier``: miles by car of the same claim and year that come before it. ``book``: where
    many lines are priced. Raises CannotPrice where the forum had agreed nothing for that day.
    """
    policy, rates = (book or RateBook()).on(said.on)
    left = Decimal(0)
    if said.kind == "car":
        left = miles_left(person, policy, said.on, but=but) - earlier
    return price(said, rates, band_left=left), policy


def said_of(line: Line) -> Said:
    """What somebody said of a line that is stored."""
    named = {name: getattr(line, name) for name in Said.__dataclass_fields__}
    return Said(**{name: value for name, value in named.items() if value is not None})


@dataclass(frozen=True)
class Repriced:
    """A stored line and what it pays by the rates that govern its day now."""

    line: Line
    price: Price
    policy: Policy


def prices_now(claim: Claim, book: RateBook, miles: MilesBook) -> list[Repriced]:
    """What each line of a claim pays by the rates as they are now; changes nothing.

    Left out is what can't be priced any more, which keeps what it was, and top-ups.
    """
    driven: dict[int, Decimal] = {}
    found = []
    for line in sorted(claim.lines.all(), key=lambda line: (line.position, line.pk)):
        if line.kind == Line.Kind.TOP_UP:
            continue
        said, year = said_of(line), tax_year(line.on)
        earlier = driven.get(year, Decimal(0))
        if said.kind == "car":
            driven[year] = earlier + said.miles
        try:
            policy, rates = book.on(said.on)
            known = miles.before(claim.person_id, year, claim) if said.kind == "car" else 0
            left = policy.band_miles - known - earlier
            found.append(Repriced(line, price(said, rates, band_left=left), policy))
        except CannotPrice:
            continue
    return found


def heading_for(kind: str, person: Person, headings: list[Heading]) -> Heading | None:
    """Under which heading of the budget a line falls by itself.

    Whatever it is, the ring-fenced one for people without e-mail where the claimant has none.
    """
    if not person.email:
        for heading in headings:
            if heading.for_no_email:
                return heading
    return next((heading for heading in headings if kind in heading.kinds), None)


def write_lines(claim: Claim, rows: list[dict[str, Any]]) -> list[Line]:
    """Put these lines in place of a draft's, each priced. The caller holds the claim.

    ``rows`` hold what ``SAID`` names. Receipts stay with the claim. Raises CannotPrice.
    """
    is_top_up = claim.lines.filter(kind=Line.Kind.TOP_UP).exists()
    if is_top_up or Line.objects.filter(tops_up__claim=claim).exists():
        raise CannotPrice("A new rate was added to this claim, so its lines stay as they are")
    claim.lines.all().delete()
    headings, book = list(Heading.objects.current()), RateBook()
    driven: dict[int, Decimal] = {}
    lines = []
    for position, row in enumerate(rows):
        said = Said(**{k: row[k] for k in Said.__dataclass_fields__ if row.get(k) is not None})
        year = tax_year(said.on)
        priced, policy = price_line(
            claim.person, said, but=claim, earlier=driven.get(year, Decimal(0)), book=book
        )
        if said.kind == "car":
            driven[year] = driven.get(year, Decimal(0)) + said.miles
        line = Line(
            claim=claim,
            position=position,
            pence=priced.pence,
            workings=priced.workings,
            policy=policy,
            heading=heading_for(said.kind, claim.person, headings),
            **{name: row[name] for name in SAID if row.get(name) is not None},
        )
        lines.append(line)
    return list(Line.objects.bulk_create(lines))
