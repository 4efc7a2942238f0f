"""What one line pays: pure arithmetic over the rates of its own day, always to the penny.

Sums are whole pence; miles and hours are decimals; rates are pence and parts of a penny. A
line is rounded once, half a penny up, so that the sum of the lines is the total.
Source of the yearly band: the approved mileage rates count all miles of a tax year, for
everybody one drives for, from 6 April to 5 April; passengers are paid on top, in either band.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from coprod.templatetags.forum import pence as in_pounds

BY_MILE = ("car", "motorcycle", "bicycle")
#: Kinds that pay what it cost, up to the rate of the same name for each of these.
AT_MOST = {"childcare": "hours", "care": "hours", "meal": "", "phone": ""}


class CannotPrice(Exception):
    """Nothing can be paid for it as it was said, or by the rates of that day. For people."""


@dataclass(frozen=True)
class Said:
    """What somebody says of one line: pence, miles and hours as typed."""

    kind: str
    on: date
    miles: Decimal = Decimal(0)
    passengers: int = 0
    hours: Decimal = Decimal(0)
    pages: int = 0
    asked: int | None = None


@dataclass(frozen=True)
class Price:
    """What it pays in pence, and how that came about in words."""

    pence: int
    workings: str


def tax_year(day: date) -> int:
    """The year in which the tax year of ``day`` begins: it runs from 6 April to 5 April."""
    return day.year if (day.month, day.day) >= (4, 6) else day.year - 1


def tax_year_days(year: int) -> tuple[date, date]:
    """The first and the last day of the tax year that begins in ``year``."""
    return date(year, 4, 6), date(year + 1, 4, 5)


def to_the_penny(amount: Decimal) -> int:
    """Whole pence, half a penny up."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def price(
    said: Said, rates: Mapping[str, Decimal], *, band_left: Decimal = Decimal(10_000)
) -> Price:
    """What a line pays by the rates of its day: a penny at least.

    ``band_left``: miles of the year's higher band that are left to them before this journey.
    Raises CannotPrice where the rates hold nothing for its kind, or nothing would be paid.
    """
    if said.kind in BY_MILE:
        found = _journey(said, rates, band_left)
    elif said.kind in AT_MOST:
        found = _at_most(said, rates)
    elif said.kind == "printing" and said.pages:
        found = _pages(said, rates)
    else:
        found = Price(_cost(said), "")
    if found.pence <= 0:
        raise CannotPrice("This comes to less than a penny, so there is nothing to pay")
    return found


def _cost(said: Said) -> int:
    """The pence that it cost them."""
    if not said.asked or said.asked < 0:
        raise CannotPrice("Enter what it cost")
    return said.asked


def _pages(said: Said, rates: Mapping[str, Decimal]) -> Price:
    if said.pages < 0:
        raise CannotPrice("Enter how many pages")
    rate = _rate(rates, "printing")
    pages = f"{said.pages} page{'' if said.pages == 1 else 's'}"
    return Price(to_the_penny(said.pages * rate), f"{pages} at {_each(rate)}")


def _journey(said: Said, rates: Mapping[str, Decimal], band_left: Decimal) -> Price:
    """Miles by the rate of the vehicle; a car's beyond the yearly band by the lower one.

    Passengers are paid for by car or van only, as by the approved rates.
    """
    if said.miles <= 0:
        raise CannotPrice("Enter how many miles, such as 6.4")
    if said.passengers < 0 or (said.passengers and said.kind != "car"):
        raise CannotPrice("Passengers are paid for in a car or van only")
    rate = _rate(rates, said.kind)
    near = said.miles
    if said.kind == "car":
        near = max(min(said.miles, band_left), Decimal(0))
    amount, parts = near * rate, []
    if near:
        parts.append(f"{_miles(near)} at {_each(rate)}")
    if far := said.miles - near:
        above = _rate(rates, "car_above")
        amount += far * above
        parts.append(f"{_miles(far)} above the yearly miles at {_each(above)}")
    if said.passengers:
        extra = _rate(rates, "passenger")
        amount += said.passengers * said.miles * extra
        people = "a passenger" if said.passengers == 1 else f"{said.passengers} passengers"
        parts.append(f"{people} at {_each(extra)} a mile")
    return Price(to_the_penny(amount), " and ".join(parts))


def _at_most(said: Said, rates: Mapping[str, Decimal]) -> Price:
    """What it cost, up to the rate; a rate of the same name that isn’t there means no limit."""
    asked = _cost(said)
    rate = rates.get(said.kind)
    if rate is None:
        return Price(asked, "")
    by_hour = AT_MOST[said.kind] == "hours"
    if by_hour and said.hours <= 0:
        raise CannotPrice("Enter for how many hours")
    most = to_the_penny(rate * said.hours) if by_hour else to_the_penny(rate)
    if asked <= most:
        return Price(asked, "")
    limit = f"{_each(rate)} an hour for {_hours(said.hours)}" if by_hour else _each(rate)
    return Price(most, f"{in_pounds(asked)} asked, at most {limit}")


def care_hours(begins: datetime, ends: datetime, minutes: int) -> Decimal:
    """Hours of care that a meeting takes, with ``minutes`` for the way there and back.

    To the quarter of an hour, up: what somebody is offered, never a limit.
    """
    took = Decimal(int((ends - begins).total_seconds())) / 60 + minutes
    return (took / 15).to_integral_value(rounding=ROUND_CEILING) / 4


def _rate(rates: Mapping[str, Decimal], kind: str) -> Decimal:
    if kind not in rates:
        raise CannotPrice("The forum’s rates hold nothing for this on that day")
    return rates[kind]


def _each(rate: Decimal) -> str:
    """``55p``, ``24.5p``, ``£9.00``."""
    return in_pounds(int(rate)) if rate >= 100 and rate == int(rate) else f"{rate.normalize():f}p"


def _hours(hours: Decimal) -> str:
    return f"{hours.normalize():f} hour{'' if hours == 1 else 's'}"


def _miles(miles: Decimal) -> str:
    return f"{miles.normalize():f} mile{'' if miles == 1 else 's'}"
