"""What one line pays: properties that hold for every journey, and the words beside the sum."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from coprod.models import Forum
from expenses.models import Policy
from expenses.pricing import (
    CannotPrice,
    Said,
    care_hours,
    price,
    tax_year,
    tax_year_days,
    to_the_penny,
)
from expenses.services.lines import write_lines
from members.models import Person
from tests.factories.members import ForumFactory, PersonFactory
from tests.factories.money import ClaimFactory, PolicyFactory

DAY = date(2026, 11, 10)
RATES = {
    "car": Decimal("55"),
    "car_above": Decimal("25"),
    "motorcycle": Decimal("24.5"),
    "bicycle": Decimal("20"),
    "passenger": Decimal("5"),
    "childcare": Decimal("1000"),
    "meal": Decimal("800"),
    "printing": Decimal("2.5"),
}
MILES = st.decimals(min_value="0.1", max_value="999.9", places=1)
LEFT = st.decimals(min_value="-500", max_value="10000", places=1)
#: From 5p: a tenth of a mile pays a penny at least.
RATE = st.decimals(min_value="5", max_value="99.99", places=2)


def pays(miles, left=Decimal(10_000), rates=RATES, kind="car", passengers=0):
    said = Said(kind=kind, on=DAY, miles=miles, passengers=passengers)
    return price(said, rates, band_left=left).pence


def rates_of(car, above):
    return {**RATES, "car": max(car, above), "car_above": min(car, above)}


# Properties of one journey ------------------------------------------------------------------------


@given(miles=MILES, more=MILES, left=LEFT, car=RATE, above=RATE, passengers=st.integers(0, 4))
def test_journey_when_split_in_two_then_differs_by_rounding_alone(
    miles, more, left, car, above, passengers
):
    rates = rates_of(car, above)
    whole = pays(miles + more, left, rates, passengers=passengers)
    parts = pays(miles, left, rates, passengers=passengers)
    parts += pays(more, left - miles, rates, passengers=passengers)
    # Two lines are rounded by half a penny each, the whole by half a penny.
    assert abs(whole - parts) <= 1


@given(miles=MILES, more=MILES, left=LEFT, car=RATE, above=RATE)
def test_journey_when_longer_then_never_pays_less(miles, more, left, car, above):
    rates = rates_of(car, above)
    assert pays(miles + more, left, rates) >= pays(miles, left, rates)


@given(miles=MILES, left=LEFT, more=MILES, car=RATE, above=RATE)
def test_journey_when_more_of_the_band_is_left_then_never_pays_less(miles, left, more, car, above):
    rates = rates_of(car, above)
    assert pays(miles, left + more, rates) >= pays(miles, left, rates)


@given(miles=MILES, left=LEFT, car=RATE, above=RATE)
def test_journey_when_over_the_band_then_between_the_two_rates(miles, left, car, above):
    rates = rates_of(car, above)
    lowest, highest = (to_the_penny(miles * rates[kind]) for kind in ("car_above", "car"))
    assert lowest <= pays(miles, left, rates) <= highest


@given(journeys=st.lists(MILES, min_size=2, max_size=6), left=LEFT)
def test_journeys_when_in_another_order_then_the_same_but_for_rounding(journeys, left):
    def together(miles):
        total, before = 0, Decimal(0)
        for each in miles:
            total += pays(each, left - before)
            before += each
        return total

    assert abs(together(journeys) - together(reversed(journeys))) <= len(journeys)


# A claim is the sum of its lines ------------------------------------------------------------------


class LinesTest(TestCase):
    def setUp(self):
        if not Forum.objects.exists():
            ForumFactory()
        if not Policy.objects.exists():
            PolicyFactory()

    @settings(max_examples=20, deadline=None)
    @given(journeys=st.lists(MILES, min_size=1, max_size=5), declared=st.integers(0, 12_000))
    def test_claim_when_priced_then_the_sum_of_its_lines(self, journeys, declared):
        person: Person = PersonFactory()
        person.miles_elsewhere.create(tax_year=2026, miles=declared)
        claim = ClaimFactory(person=person, lines=[])
        lines = write_lines(claim, [{"kind": "car", "on": DAY, "miles": m} for m in journeys])
        assert claim.total == sum(line.pence for line in lines)
        # By hand again: all miles at the lower rate, and 30p more for those within the band.
        near = max(min(sum(journeys), Decimal(10_000 - declared)), Decimal(0))
        exact = sum(journeys) * 25 + near * 30
        assert abs(claim.total - exact) <= Decimal(len(journeys)) / 2
        assert all(line.pence > 0 for line in lines)


# Words beside the sum, and refusals ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "left", "workings"),
    [
        (Said("car", DAY, Decimal("12.0")), "10000", "12 miles at 55p"),
        (
            Said("car", DAY, Decimal("1.0"), 1),
            "10000",
            "1 mile at 55p and a passenger at 5p a mile",
        ),
        (
            Said("car", DAY, Decimal("24"), 2),
            "10",
            "10 miles at 55p and 14 miles above the yearly miles at 25p and 2 passengers at 5p "
            "a mile",
        ),
        (Said("motorcycle", DAY, Decimal("3")), "0", "3 miles at 24.5p"),
        (Said("printing", DAY, pages=1), "0", "1 page at 2.5p"),
        (
            Said("childcare", DAY, hours=Decimal("2.50"), asked=3000),
            "0",
            "£30 asked, at most £10 an hour for 2.5 hours",
        ),
        (Said("meal", DAY, asked=950), "0", "£9.50 asked, at most £8"),
        (Said("transport", DAY, asked=315), "0", ""),
    ],
)
def test_line_when_priced_then_says_how(said, left, workings):
    assert price(said, RATES, band_left=Decimal(left)).workings == workings


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Said("car", DAY), "Enter how many miles, such as 6.4"),
        (Said("car", DAY, Decimal("-1")), "Enter how many miles, such as 6.4"),
        (
            Said("motorcycle", DAY, Decimal("3"), 1),
            "Passengers are paid for in a car or van only",
        ),
        (Said("care", DAY, hours=Decimal(2)), "Enter what it cost"),
        (Said("childcare", DAY, asked=500), "Enter for how many hours"),
        (Said("parking", DAY), "Enter what it cost"),
        (Said("printing", DAY, pages=-1), "Enter how many pages"),
    ],
)
def test_line_when_it_pays_nothing_then_says_what_is_missing(said, words):
    with pytest.raises(CannotPrice, match=words):
        price(said, RATES)


def test_line_when_the_rate_is_nothing_then_refused():
    said = Said("bicycle", DAY, Decimal("3"))
    with pytest.raises(CannotPrice, match="less than a penny"):
        price(said, {"bicycle": Decimal(0)})
    with pytest.raises(CannotPrice, match="hold nothing for this"):
        price(said, {})
    capped = Said("meal", DAY, asked=500)
    with pytest.raises(CannotPrice, match="less than a penny"):
        price(capped, {"meal": Decimal(0)})


@pytest.mark.parametrize(
    ("begins", "ends", "minutes", "hours"),
    [
        ((18, 0), (20, 0), 60, "3"),
        ((18, 0), (20, 10), 60, "3.25"),
        ((10, 30), (12, 0), 0, "1.5"),
        ((10, 0), (10, 50), 15, "1.25"),
    ],
)
def test_care_when_around_a_meeting_then_to_the_next_quarter_hour(begins, ends, minutes, hours):
    at = [datetime(2026, 11, 10, *clock, tzinfo=UTC) for clock in (begins, ends)]
    assert care_hours(*at, minutes) == Decimal(hours)


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2026, 4, 5), 2025),
        (date(2026, 4, 6), 2026),
        (date(2026, 12, 31), 2026),
        (date(2027, 1, 1), 2026),
        (date(2028, 2, 29), 2027),
    ],
)
def test_tax_year_when_asked_of_a_day_then_from_6_april(day, year):
    first, last = tax_year_days(year)
    assert tax_year(day) == year
    assert first <= day <= last
