"""The statement of a tax year: by the day of payment, miles by journey, to the penny."""

from datetime import date
from decimal import Decimal

import page
import pytest
import time_machine
from django.utils import timezone

from coprod.models import AuditEvent
from expenses.models import Advance, AdvanceUse, Claim, Line, Payment, Recognition, Run
from expenses.pricing import Said, price
from expenses.statements import miles_above, miles_by_rate, statement_of, years_of
from tests.factories.members import PersonFactory
from tests.factories.money import ClaimFactory, LineFactory, PolicyFactory, RecognitionFactory
from tests.meetings.reading_pdf import words_of

NOW = "2026-11-20 10:00"
RATES = {"car": Decimal(55), "car_above": Decimal(25), "passenger": Decimal(5)}


@pytest.fixture(autouse=True)
def _on_a_day():
    with time_machine.travel(NOW, tick=False):
        yield


def _paid(person, when, lines=None, **fields):
    claim = ClaimFactory(person=person, state="paid", lines=lines, **fields)
    Claim.objects.filter(pk=claim.pk).update(paid_at=when)
    return claim


def _run_of(claim, paid_on, **fields):
    run = Run.objects.create(
        state="paid", paid_at=timezone.now(), paid_by=PersonFactory(), paid_on=paid_on
    )
    return Payment.objects.create(
        run=run, claim=claim, payee=claim.person, pence=claim.total, **fields
    )


# Which year ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid_at", "year"),
    [
        ("2026-04-05T12:00Z", 2025),
        ("2026-04-05T22:59Z", 2025),  # 11:59pm in the UK
        ("2026-04-05T23:01Z", 2026),  # already 6 April in the UK
        ("2026-04-06T12:00Z", 2026),
    ],
)
def test_claim_when_paid_around_6_april_then_in_the_year_of_that_day(rep, paid_at, year):
    _paid(rep, paid_at)
    assert statement_of(rep, year).money_back == 660
    assert statement_of(rep, 2 * 2025 + 1 - year).money_back == 0


def test_claim_when_the_run_says_a_day_at_the_bank_then_that_day_counts(rep):
    claim = _paid(rep, "2026-04-08T12:00Z")
    _run_of(claim, date(2026, 4, 3))
    assert statement_of(rep, 2025).money_back == 660
    assert statement_of(rep, 2025).claims[0].on == date(2026, 4, 3)


def test_claim_when_a_payment_came_back_then_the_next_one_counts(rep):
    claim = _paid(rep, "2026-05-01T12:00Z")
    _run_of(
        claim,
        date(2026, 4, 1),
        offset=100,
        came_back_at=timezone.now(),
        came_back_reason="Wrong number",
    )
    _run_of(claim, date(2026, 4, 30))
    paid = statement_of(rep, 2026).claims[0]
    assert (paid.on, paid.offset) == (date(2026, 4, 30), 0)


def test_miles_when_the_journey_was_in_another_tax_year_then_counted_there(rep):
    line = {"kind": "car", "miles": "12.0", "pence": 660, "on": date(2026, 4, 5)}
    _paid(rep, "2026-04-20T12:00Z", [line])
    old, new = statement_of(rep, 2025), statement_of(rep, 2026)
    assert (old.money_back, old.all_miles) == (0, 12)
    assert (new.money_back, new.all_miles) == (660, 0)
    assert years_of(rep) == [2026, 2025]


@pytest.mark.parametrize("state", ["submitted", "approved", "declined", "withdrawn", "draft"])
def test_claim_when_not_paid_then_in_no_statement(rep, state):
    ClaimFactory(person=rep, state=state)
    assert statement_of(rep, 2026).is_empty


def test_statement_when_somebody_else_was_paid_then_not_theirs(rep):
    _paid(PersonFactory(), "2026-05-01T12:00Z")
    RecognitionFactory(state="done", done_at=timezone.now())
    assert statement_of(rep, 2026).is_empty


# Miles, by band and rate --------------------------------------------------------------------------


@pytest.mark.parametrize("near", ["0", "0.1", "3.7", "49.9", "50"])
@pytest.mark.parametrize("passengers", [0, 1, 3])
def test_miles_when_a_journey_crosses_the_band_then_split_as_it_was_paid(rep, near, passengers):
    said = Said("car", date(2026, 11, 10), miles=Decimal(50), passengers=passengers)
    paid = price(said, RATES, band_left=Decimal(near)).pence
    line = {"kind": "car", "miles": "50.0", "passengers": passengers, "pence": paid}
    claim = ClaimFactory(person=rep, lines=[line])
    found = {each.what: each for each in miles_by_rate(claim.lines.all())}
    above = found.get("Own car or van, above the yearly miles")
    below = found.get("Own car or van")
    assert (below.miles if below else 0) == Decimal(near)
    assert (above.miles if above else 0) == 50 - Decimal(near)
    assert sum(each.pence for each in found.values()) == paid
    if passengers:
        assert (found["For passengers"].miles, found["For passengers"].rate) == (
            50 * passengers,
            Decimal(5),
        )


def test_miles_when_the_rates_hardly_differ_then_not_split():
    assert miles_above(Decimal(50), 2700, Decimal(55), Decimal(54)) == 0


def test_miles_when_two_rates_governed_the_year_then_each_apart(rep):
    old = PolicyFactory(begins_on=date(2025, 4, 6), rates={"car": "45"})
    new = PolicyFactory(begins_on=date(2026, 6, 1))
    lines = [
        {"kind": "car", "miles": "10", "pence": 450, "policy": old},
        {"kind": "car", "miles": "10", "pence": 550, "policy": new},
        {"kind": "bicycle", "miles": "2", "pence": 40, "policy": new},
    ]
    _paid(rep, "2026-11-15T12:00Z", lines)
    found = statement_of(rep, 2026)
    assert [(each.what, each.rate, each.pence) for each in found.miles] == [
        ("Bicycle", 20, 40),
        ("Own car or van", 45, 450),
        ("Own car or van", 55, 550),
    ]
    assert (found.all_miles, found.miles_pence) == (22, 1040)


def test_miles_when_topped_up_by_a_new_rate_then_the_difference_stands_with_the_journey(rep):
    claim = _paid(
        rep,
        "2026-04-20T12:00Z",
        [{"kind": "car", "miles": "10", "pence": 450, "on": date(2026, 4, 5)}],
    )
    line = claim.lines.get()
    more = ClaimFactory(person=rep, lines=[])
    LineFactory(claim=more, kind="top_up", tops_up=line, pence=100, on=date(2026, 4, 5))
    now = timezone.now()
    by = PersonFactory()
    Claim.objects.filter(pk=more.pk).update(
        state="paid", sent_at=now, approved_at=now, approved_by=by, paid_at=now, paid_by=by
    )
    found = statement_of(rep, 2025)
    assert (found.all_miles, found.miles_pence) == (10, 550)


# Advances and thank-yous stand apart --------------------------------------------------------------


def test_advance_when_used_by_a_claim_then_not_added_to_the_money_back(rep):
    advance = Advance.objects.create(
        person=rep, what_for="Train", pence=1000, state="paid", paid_at="2026-05-01T12:00Z"
    )
    claim = _paid(rep, "2026-05-20T12:00Z")
    AdvanceUse.objects.create(advance=advance, claim=claim, pence=660)
    run = Run.objects.create()
    Payment.objects.create(run=run, claim=claim, payee=rep, pence=0, offset=660)
    AdvanceUse.objects.create(advance=advance, pence=340, note="In cash")
    found = statement_of(rep, 2026)
    assert (found.money_back, found.offset, found.advanced, found.given_back) == (
        660,
        660,
        1000,
        340,
    )


@pytest.mark.parametrize(
    ("kind", "state", "worth"),
    [
        ("honorarium", "done", 2500),
        ("voucher", "done", 2500),
        ("training", "done", 0),
        ("honorarium", "accepted", 0),
        ("honorarium", "declined", 0),
    ],
)
def test_thanks_when_received_then_stand_apart_from_money_back(rep, kind, state, worth):
    RecognitionFactory(person=rep, kind=kind, state=state, done_at="2026-11-12T12:00Z")
    found = statement_of(rep, 2026)
    assert (found.thanked, found.money_back) == (worth, 0)


# To the penny -------------------------------------------------------------------------------------


def test_statement_when_summed_then_equals_every_line_and_thanks_paid(rep):
    for month, pence in ((4, 333), (5, 1), (6, 66_667), (12, 99)):
        lines = [{"pence": pence}, {"kind": "car", "miles": "0.1", "pence": 6}]
        _paid(rep, f"2026-{month:02}-10T12:00Z", lines)
    RecognitionFactory(person=rep, pence=1234, state="done", done_at=timezone.now())
    found = statement_of(rep, 2026)
    paid = Line.objects.filter(claim__person=rep, claim__state="paid")
    assert found.money_back == sum(paid.values_list("pence", flat=True)) == 67_124
    assert found.thanked == sum(Recognition.objects.values_list("pence", flat=True)) == 1234


# Pages and PDFs -----------------------------------------------------------------------------------


def _much(person, many):
    for number in range(many):
        lines = [
            {"kind": "car", "miles": "12.0", "passengers": 1, "pence": 720},
            {"kind": "parking", "pence": 320},
        ]
        _paid(person, "2026-11-12T12:00Z", lines, occasion=f"Parents’ meeting {number + 1}")
        RecognitionFactory(person=person, state="done", done_at=timezone.now())


def test_own_page_when_there_is_much_then_asks_no_more_questions(
    rep, client_for, django_assert_max_num_queries
):
    _much(rep, 20)
    browser = client_for(rep)
    with django_assert_max_num_queries(14):
        shown = browser.get("/money-back/statement/2026/").content.decode()
    assert "Money back: £208" in shown
    assert "Thank-yous: £500" in shown


def test_pdf_when_made_then_valid_and_holds_every_sum(rep, client_for):
    _much(rep, 9)
    Advance.objects.create(
        person=rep, what_for="Train", pence=1000, state="paid", paid_at="2026-05-01T12:00Z"
    )
    made = client_for(rep).get("/money-back/statement/2026/statement.pdf").content
    assert page.validate_pdf_bytes(made, profile="ua1").failures == []
    text = words_of(made)
    for words in (
        "Statement of money paid, 2026/27",
        "Nadia Karim",
        "6 April 2026 to 5 April 2027",
        "Money back: £93.60",
        "Thank-yous: £225",
        "Parents’ meeting 9, paid 12 November 2026",
        "For passengers",
        "Money in advance",
    ):
        assert words in text, words


def test_pdf_when_nothing_was_paid_then_valid_and_says_so(rep, client_for):
    made = client_for(rep).get("/money-back/statement/2025/statement.pdf").content
    assert page.validate_pdf_bytes(made, profile="ua1").failures == []
    assert "None was paid in this year" in words_of(made)


@pytest.mark.parametrize("year", [2014, 2027, 9999])
def test_own_page_when_the_year_is_none_then_not_there(rep, client_for, year):
    assert client_for(rep).get(f"/money-back/statement/{year}/").status_code == 404


def test_treasurer_when_making_somebodys_then_written_down(rep, treasurer, client_for):
    _paid(rep, "2026-11-12T12:00Z")
    browser = client_for(treasurer)
    assert "Nadia Karim" in browser.get("/money/statements/").content.decode()
    made = browser.get(f"/money/statements/{rep.public_id}/2026/")
    assert made["Content-Type"] == "application/pdf"
    assert "private" in made["Cache-Control"]
    event = AuditEvent.objects.get(verb="make_statement")
    assert (event.by_id, event.object_id, event.data) == (treasurer.pk, rep.pk, {"year": 2026})


def test_treasurer_when_somebody_was_never_paid_then_not_there(rep, treasurer, client_for):
    ClaimFactory(person=rep, state="submitted")
    address = f"/money/statements/{rep.public_id}/2026/"
    assert client_for(treasurer).get(address).status_code == 404


def test_coordinator_when_asking_for_somebodys_then_refused(rep, coordinator, client_for):
    _paid(rep, "2026-11-12T12:00Z")
    address = f"/money/statements/{rep.public_id}/2026/"
    assert client_for(coordinator).get(address).status_code == 403
