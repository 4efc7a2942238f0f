"""What a claim comes to so far, in a sentence; for pages, also before anything is kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from coprod import clocks
from coprod.templatetags.forum import pence as in_pounds
from expenses import answers
from expenses.models import Claim, Line, Policy
from expenses.pricing import CannotPrice, Said, tax_year
from expenses.services.lines import SAID, RateBook, price_line

Kind = Line.Kind
#: What a sum was for, where the workings don't say it.
_FOR = {
    Kind.TRANSPORT: "for bus, train or tram",
    Kind.TAXI: "for a taxi",
    Kind.PARKING: "to park",
    Kind.CHILDCARE: "for childcare",
    Kind.CARE: "for replacement care",
    Kind.MEAL: "for food and drink",
    Kind.PHONE: "for phone and data",
}


@dataclass(frozen=True)
class Sum:
    """What there is so far. ``problem``: why it can't be added up, in words."""

    pence: int
    words: str
    pay_on: date | None = None
    problem: str = ""


def sum_of(lines: Iterable[Line], policy: Policy | None, problem: str = "") -> Sum:
    """The sum of lines that exist, or that would."""
    lines = list(lines)
    if policy is None:
        problem = problem or "The forum has agreed no rates for that day yet"
    pay_on = clocks.today() + timedelta(days=policy.pay_days) if policy else None
    return Sum(sum(line.pence for line in lines), in_words(lines), pay_on, problem)


def in_words(lines: Iterable[Line]) -> str:
    """``12 miles at 55p, and £3.20 to park``."""
    parts = [_part(line) for line in lines]
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])}, and {parts[-1]}"


def _part(line: Line) -> str:
    if line.kind in (*Line.BY_MILE, Kind.PRINTING):
        return line.workings
    what = _FOR.get(Kind(line.kind)) or f"for “{line.what}”"
    return f"{in_pounds(line.pence)} {what}"


def lines_ahead(claim: Claim, rows: Iterable[Mapping[str, Any]], book: RateBook) -> list[Line]:
    """The lines that these rows would make, none of them kept. Raises CannotPrice."""
    driven: dict[int, Decimal] = {}
    lines = []
    for row in rows:
        said = Said(**{k: row[k] for k in Said.__dataclass_fields__ if row.get(k) is not None})
        year = tax_year(said.on)
        earlier = driven.get(year, Decimal(0))
        priced, _ = price_line(claim.person, said, but=claim, earlier=earlier, book=book)
        if said.kind == Kind.CAR:
            driven[year] = earlier + said.miles
        known = {name: row[name] for name in SAID if row.get(name) is not None}
        lines.append(Line(**known, pence=priced.pence, workings=priced.workings))
    return lines


def lines_now(claim: Claim, book: RateBook) -> tuple[list[Line], str]:
    """A draft's lines by the rates as they stand now, and why they can't be priced, if so."""
    if not claim.typed.keys() & {"travel", "costs"}:
        return list(claim.lines.all()), ""
    try:
        return lines_ahead(claim, answers.rows_of(claim.typed, claim.on), book), ""
    except CannotPrice as error:
        return [], str(error)


def ahead(claim: Claim, rows: Iterable[Mapping[str, Any]], book: RateBook) -> Sum:
    """What it would come to with these rows."""
    policy = book.governing(claim.on)
    try:
        return sum_of(lines_ahead(claim, rows, book), policy)
    except CannotPrice as error:
        return sum_of([], policy, str(error))
