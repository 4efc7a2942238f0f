"""Lines of a claim: priced by the rates of their own day and the miles that are left."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from expenses.models import Claim, Heading, Line, MilesElsewhere, Policy
from expenses.pricing import CannotPrice, Price, Said, price, tax_year, tax_year_days
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


def miles_elsewhere(person: Any, year: int) -> int | None:
    """Miles that somebody last declared to have driven for others; None: never asked."""
    said = MilesElsewhere.objects.filter(person=person, tax_year=year).first()
    return said.miles if said else None


def miles_left(person: Any, policy: Policy, day: Any, *, but: Claim | None = None) -> Decimal:
    """Miles of the year's higher band that are left to somebody before a journey.

    Counted are the miles declared for others and those of claims that were sent, in the order
    of their sending, since a line that has been priced never changes.
    """
    year = tax_year(day)
    lines = Line.objects.exclude(claim=but) if but is not None else Line.objects.all()
    known: Decimal = lines.miles_by_car(person, *tax_year_days(year))
    return Decimal(policy.band_miles) - known - (miles_elsewhere(person, year) or 0)


def price_line(
    person: Any, said: Said, *, but: Claim | None = None, earlier: Decimal = Decimal(0)
) -> tuple[Price, Policy]:
    """What a line pays to somebody, and the version of the rates that says so.

    ``earlier``: miles by car of the same claim and year that come before it. Raises CannotPrice
    where the forum had agreed nothing for that day.
    """
    policy = Policy.objects.governing(said.on)
    if policy is None:
        raise CannotPrice("The forum has agreed no rates for that day yet")
    rates: Mapping[str, Decimal] = {rate.kind: rate.pence for rate in policy.rates.all()}
    left = Decimal(0)
    if said.kind == "car":
        left = miles_left(person, policy, said.on, but=but) - earlier
    return price(said, rates, band_left=left), policy


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
    claim.lines.all().delete()
    headings = list(Heading.objects.current())
    driven: dict[int, Decimal] = {}
    lines = []
    for position, row in enumerate(rows):
        said = Said(**{k: row[k] for k in Said.__dataclass_fields__ if row.get(k) is not None})
        year = tax_year(said.on)
        priced, policy = price_line(
            claim.person, said, but=claim, earlier=driven.get(year, Decimal(0))
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
