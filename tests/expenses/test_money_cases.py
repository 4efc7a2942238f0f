"""A table of money cases. Every figure was worked out by hand; none comes from the code.

Sums are pence. Unless a case says otherwise the rates are: car 45p a mile before 6 April 2026
and 55p from then on, 25p above 10,000 miles a tax year; motorcycle 24p, bicycle 20p, each
passenger 5p; childcare £10 and care £15 an hour at most, food £8 a day at most, printing 10p.
"""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from coprod import clocks
from expenses.attended import There, payment_for
from expenses.models import Advance, Claim, Line
from expenses.pricing import CannotPrice
from expenses.services.advances import open_advances
from expenses.services.lines import write_lines
from expenses.services.miles import declare_miles
from expenses.services.paying import make_run, pay_run
from expenses.services.top_ups import bring_up_to_date
from tests.factories.members import PersonFactory
from tests.factories.money import ClaimFactory, PolicyFactory

pytestmark = pytest.mark.django_db

OLD_YEAR, NEW_YEAR = date(2025, 4, 6), date(2026, 4, 6)
BEFORE, AFTER = date(2026, 4, 5), date(2026, 4, 6)
DAY = date(2026, 11, 10)


def car(miles, on=DAY, **said):
    return {"kind": "car", "on": on, "miles": Decimal(miles), **said}


def ride(kind, miles):
    return {"kind": kind, "on": DAY, "miles": Decimal(miles)}


def cost(kind, asked, hours=None):
    return {"kind": kind, "on": DAY, "asked": asked, "hours": hours and Decimal(hours)}


def pages(number):
    return {"kind": "printing", "on": DAY, "pages": number}


@pytest.fixture
def usual(forum):
    return [
        PolicyFactory(begins_on=OLD_YEAR, rates={"car": "45"}),
        PolicyFactory(begins_on=NEW_YEAR),
    ]


#: name: (miles declared for others by tax year, miles claimed before, lines, what each pays)
LINES = {
    # An ordinary journey: 12 × 55.
    "plain": ({}, [], [car("12")], [660]),
    # 10 miles are left: 10 × 55 = 550 and 14 × 25 = 350.
    "band crossed in the middle": ({2026: 9990}, [], [car("24")], [900]),
    # 5 × 55 = 275 and 5.5 × 25 = 137.5, together 412.5: half a penny goes up.
    "band crossed, half a penny": ({2026: 9995}, [], [car("10.5")], [413]),
    # 10,000 were declared: none are left. 12 × 25.
    "band filled elsewhere": ({2026: 10_000}, [], [car("12")], [300]),
    # More than the band was declared: not below nothing. 12 × 25.
    "band overfilled elsewhere": ({2026: 23_000}, [], [car("12")], [300]),
    # 9,900 elsewhere and 94 claimed leave 6: 6 × 55 = 330 and 6 × 25 = 150.
    "band filled elsewhere and here": ({2026: 9900}, ["60", "34"], [car("12")], [480]),
    # 10 left: 6 × 55 = 330, then 4 × 55 = 220 and 4 × 25 = 100.
    "band crossed by the second journey": ({2026: 9990}, [], [car("6"), car("8")], [330, 320]),
    # The band is for cars: 12 × 24, 12 × 20.
    "band of no concern": (
        {2026: 10_000},
        [],
        [ride("motorcycle", "12"), ride("bicycle", "12")],
        [288, 240],
    ),
    # 12 × 45, and a day later 12 × 55.
    "rate changed on the day": ({}, [], [car("12", BEFORE), car("12", AFTER)], [540, 660]),
    # The old year's band is full (12 × 25), the new year's is empty (12 × 55).
    "tax year's edge": ({2025: 10_000}, [], [car("12", BEFORE), car("12", AFTER)], [300, 660]),
    # Of the new year's band 4 are left on the same pages: 4 × 55 = 220 and 8 × 25 = 200.
    "tax year's edge, the other way": (
        {2026: 9996},
        [],
        [car("12", BEFORE), car("12", AFTER)],
        [540, 420],
    ),
    # 12 × 55 = 660 and 12 × 5 = 60.
    "a passenger": ({}, [], [car("12", passengers=1)], [720]),
    # 6.4 × 55 = 352 and 3 × 6.4 × 5 = 96.
    "three passengers": ({}, [], [car("6.4", passengers=3)], [448]),
    # 550 + 350 for the miles, and passengers in either band: 2 × 24 × 5 = 240.
    "passengers over the band": ({2026: 9990}, [], [car("24", passengers=2)], [1140]),
    # 0.1 × 55 = 5.5 and 0.1 × 5 = 0.5, rounded once: 6, not 6 + 1.
    "rounded once a line": ({}, [], [car("0.1", passengers=1)], [6]),
    # 0.3 × 55 = 16.5 up; 0.1 × 24 = 2.4 down; 0.3 × 20 = 6.
    "parts of a penny": (
        {},
        [],
        [car("0.3"), ride("motorcycle", "0.1"), ride("bicycle", "0.3")],
        [17, 2, 6],
    ),
    # Three lines of 5.5 are 6 + 6 + 6: each line is rounded, the total is their sum.
    "three half pennies": ({}, [], [car("0.1"), car("0.1"), car("0.1")], [6, 6, 6]),
    # £36 for 3 hours at £10; £24 for 2.5 hours stays; £9.50 for food is £8.
    "at most": (
        {},
        [],
        [cost("childcare", 3600, "3"), cost("care", 2400, "2.5"), cost("meal", 950)],
        [3000, 2400, 800],
    ),
    # 7 pages at 10p; a bus at what it cost.
    "as it cost": ({}, [], [pages(7), cost("transport", 315)], [70, 315]),
}


@pytest.mark.parametrize("name", LINES)
def test_lines_when_priced_then_as_worked_out_by_hand(name, usual):
    elsewhere, claimed, lines, pays = LINES[name]
    person = PersonFactory()
    for year, miles in elsewhere.items():
        declare_miles(person=person, year=year, miles=miles, by=person)
    for miles in claimed:
        ClaimFactory(person=person, state="paid", lines=[{"kind": "car", "miles": miles}])
    claim = ClaimFactory(person=person, lines=[])
    write_lines(claim, lines)
    assert [line.pence for line in claim.lines.all()] == pays
    assert claim.total == sum(pays)


#: The moment a journey began (UTC, as a clock on the server shows it), the day, what 12 miles pay.
MIDNIGHTS = [
    # 11:50pm on 5 April in the UK, home at half past midnight: the old rate for all of it.
    (datetime(2026, 4, 5, 22, 50, tzinfo=UTC), BEFORE, 540),
    # 12:10am on 6 April in the UK, though the server's clock still shows the 5th.
    (datetime(2026, 4, 5, 23, 10, tzinfo=UTC), AFTER, 660),
    (datetime(2026, 4, 6, 0, 10, tzinfo=UTC), AFTER, 660),
]


@pytest.mark.parametrize(("began", "on", "pays"), MIDNIGHTS)
def test_journey_over_midnight_when_priced_then_by_the_day_it_began_in_the_uk(
    began, on, pays, usual
):
    assert clocks.today(began) == on
    claim = ClaimFactory(lines=[])
    write_lines(claim, [car("12", clocks.today(began))])
    assert claim.total == pays


#: A rate of 50p from the leap day: 12 × 45, 12 × 50, 12 × 50.
LEAP_DAYS = [(date(2024, 2, 28), 540), (date(2024, 2, 29), 600), (date(2024, 3, 1), 600)]


@pytest.mark.parametrize(("on", "pays"), LEAP_DAYS)
def test_leap_day_when_a_rate_begins_on_it_then_counts_from_it(on, pays, forum):
    PolicyFactory(begins_on=date(2023, 4, 6), rates={"car": "45"})
    PolicyFactory(begins_on=date(2024, 2, 29), rates={"car": "50"})
    claim = ClaimFactory(lines=[])
    write_lines(claim, [car("12", on)])
    assert claim.total == pays


def test_leap_day_when_the_band_is_full_then_of_the_tax_year_before(forum):
    PolicyFactory(begins_on=date(2023, 4, 6), rates={"car": "45"})
    claim = ClaimFactory(lines=[])
    line = {"kind": "car", "miles": "9996", "on": date(2023, 4, 6)}
    ClaimFactory(person=claim.person, state="paid", lines=[line])
    write_lines(claim, [car("12", date(2024, 2, 29)), car("12", date(2024, 4, 6))])
    # 4 × 45 = 180 and 8 × 25 = 200; in the next tax year 12 × 45.
    assert [line.pence for line in claim.lines.all()] == [380, 540]


#: Hours there, what a thank-you pays at £75 for half a day and £150 for a full one of 4 hours.
DAYS = [("0.5", 7500), ("2", 7500), ("3.99", 7500), ("4", 15_000), ("7.5", 15_000)]


@pytest.mark.parametrize(("hours", "pays"), DAYS)
def test_thank_you_when_by_time_attended_then_half_or_full_day(hours, pays, forum):
    policy = PolicyFactory(rates={"half_day": "7500", "full_day": "15000"})
    rates = {rate.kind: rate.pence for rate in policy.rates.all()}
    there = There(int(Decimal(hours) * 60), "There")
    assert payment_for(there, rates, policy.full_day_hours).pence == pays


@pytest.mark.parametrize(
    "line",
    [
        car("0"),
        car("-3"),
        car("12", passengers=-1),
        {**ride("bicycle", "12"), "passengers": 1},
        cost("transport", 0),
        cost("transport", -100),
        cost("transport", None),
        cost("childcare", 1000, "0"),
        cost("childcare", 1000),
        pages(-3),
        car("12", date(2025, 4, 5)),
    ],
)
def test_line_when_it_would_pay_nothing_then_refused_in_words(line, usual):
    with pytest.raises(CannotPrice, match=r"^[A-Z]"):
        write_lines(ClaimFactory(lines=[]), [line])


#: name: (miles elsewhere, the line, what was paid at 45p, car rates of the versions that
#: follow for the same days, what each adds)
TOP_UPS = {
    # 12 × 45 = 540, then 12 × 55 = 660.
    "plain": (0, {"miles": "12"}, 540, ["55"], [120]),
    # 10 × 45 + 14 × 25 = 800, then 10 × 55 + 14 × 25 = 900: only the upper miles gain.
    "band crossed": (9990, {"miles": "24"}, 800, ["55"], [100]),
    # 12 × 25 by either.
    "above the band": (10_000, {"miles": "12"}, 300, ["55"], [None]),
    # 660 in all, then 720 in all: each adds what is missing, not everything again.
    "twice": (0, {"miles": "12"}, 540, ["55", "60"], [120, 60]),
    # A lower rate takes nothing back, and the next higher one adds to what was paid.
    "down and up": (0, {"miles": "12"}, 540, ["40", "50"], [None, 60]),
    # 0.1 × 45 = 4.5 → 5; 0.1 × 50 = 5: nothing. 0.1 × 55 = 5.5 → 6: a penny.
    "a penny": (0, {"miles": "0.1"}, 5, ["50", "55"], [None, 1]),
    # 540 + 60 = 600 with a passenger, then 660 + 60 = 720.
    "passenger": (0, {"miles": "12", "passengers": 1}, 600, ["55"], [120]),
}


@pytest.mark.parametrize("name", TOP_UPS)
def test_paid_claim_when_a_later_version_pays_more_then_topped_up(name, forum, treasurer):
    elsewhere, line, paid, rates, adds = TOP_UPS[name]
    PolicyFactory(begins_on=OLD_YEAR, rates={"car": "45"})
    person = PersonFactory()
    declare_miles(person=person, year=2026, miles=elsewhere, by=person)
    claim = ClaimFactory(
        person=person, state="paid", lines=[{"kind": "car", "pence": paid, **line}]
    )
    for rate, added in zip(rates, adds, strict=True):
        policy = PolicyFactory(begins_on=NEW_YEAR, rates={"car": rate})
        bring_up_to_date(policy=policy, by=treasurer)
        bring_up_to_date(policy=policy, by=treasurer)
        found = Line.objects.filter(tops_up__claim=claim, policy=policy)
        assert [each.pence for each in found] == ([] if added is None else [added])
    assert claim.total == paid
    assert Claim.objects.count() == 1 + sum(added is not None for added in adds)


#: name: (paid in advance, claims approved after it, what each pays out and takes off the
#: advance, what is left of it in the end)
ADVANCES = {
    # £100 in advance, £6.60 spent: nothing is paid, £93.40 are left.
    "larger than the claim": ([10_000], [660], [(0, 660)], 9340),
    # The next claim of £99 takes the £93.40 that are left; £5.60 go out.
    "used up by the second": ([10_000], [660, 9900], [(0, 660), (560, 9340)], 0),
    "to the penny": ([660], [660], [(0, 660)], 0),
    "smaller": ([500], [660], [(160, 500)], 0),
    # The older one first: £3 and £2 of £6.60, £1.60 go out.
    "two of them": ([300, 200], [660], [(160, 500)], 0),
    "one penny short": ([659], [660], [(1, 659)], 0),
}


@pytest.mark.parametrize("name", ADVANCES)
def test_advance_when_claims_follow_then_used_up_to_the_penny(name, usual, treasurer):
    advanced, spent, paid, left = ADVANCES[name]
    person, today = PersonFactory(), clocks.today()
    for pence in advanced:
        Advance.objects.create(person=person, what_for="Train", pence=pence, state="paid")
    for pence, expected in zip(spent, paid, strict=True):
        lines = [{"kind": "transport", "asked": pence, "pence": pence}]
        claim = ClaimFactory(person=person, state="approved", lines=lines)
        run = make_run(claims=[claim], by=treasurer, key=uuid.uuid4())
        pay_run(run=run, by=treasurer, paid_on=today)
        payment = run.payments.get()
        assert (payment.pence, payment.offset) == expected
        assert payment.pence + payment.offset == claim.total
    still = open_advances([person.pk]).get(person.pk, [])
    assert sum(each.left for each in still) == left
