"""From a parent's bank details and an advance to money in their account, on every page of it."""

import csv

import pytest

from coprod.models import Message
from expenses.models import Advance, BankDetails, Claim, Run
from tests.expenses.banking import CANARIES, found_in
from tests.factories.money import ClaimFactory, PolicyFactory, RecognitionFactory
from tests.journeys.acting import errors_of, follow, press, words_of
from tests.journeys.conftest import ON_PHONE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def policy(forum):
    from coprod import clocks

    return PolicyFactory(begins_on=clocks.today())


@pytest.fixture(params=["phone", "desktop"])
def width(request):
    return ON_PHONE if request.param == "phone" else {}


def test_bank_details_when_typed_as_people_do_then_kept_and_shown_to_their_owner(
    rep, signed_in, look, open_page, width
):
    page = signed_in(rep, **width)
    page.goto("/money-back/bank/")
    look(page, "bank-none")
    follow(page, "Give my bank details")
    press(page, "Save the bank details")
    assert "Enter the sort code" in errors_of(page)
    page.get_by_label("Name on the account").fill("Nadia Karim")
    page.get_by_label("Sort code").fill("20 73 91")
    page.get_by_label("Account number").fill("4000 1234 5678 9010")
    press(page, "Save the bank details")
    assert "long number of a card" in errors_of(page)
    look(page, "bank-change-error")
    page.get_by_label("Account number").fill("5831 6274")
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert found_in(stored) == []
    press(page, "Save the bank details")
    assert "account ending 6274" in words_of(page)
    assert "20-73-91" in words_of(page)
    look(page, "bank-details")
    follow(page, "Change them")
    look(page, "bank-change")
    page.goto("/money-back/bank/remove/")
    look(page, "bank-remove")
    press(page, "Remove them")
    assert not BankDetails.objects.exists()


def test_money_when_asked_in_advance_and_paid_by_run_then_it_all_adds_up(
    rep, treasurer, coordinator, signed_in, look, width, tmp_path, person_without_email
):
    ClaimFactory(person=person_without_email, state="approved")
    claim = ClaimFactory(person=rep, state="approved")
    RecognitionFactory(person=rep, state="accepted", offered_by=coordinator)
    ClaimFactory(person=treasurer, state="approved")
    _ask_in_advance(signed_in(rep, **width), look)
    page = signed_in(treasurer, **width)
    _decide(page, look)
    _make_run(page, look)
    with page.expect_download() as fetched:
        page.get_by_role("button", name="Fetch the file for the bank").click()
    rows = list(csv.reader((fetched.value.path()).read_text().splitlines()))
    assert [row[3:] for row in rows[1:]] == [
        ["6.60", claim.reference],
        ["5.00", f"AD-{Advance.objects.get().pk:04}"],
        ["25.00", rows[3][4]],
    ]
    assert rows[1][:3] == ["Nadia Karim", "207391", "58316274"]
    _pay(page, look)
    claim.refresh_from_db()
    assert claim.state == Claim.State.PAID
    assert Message.objects.filter(template="expenses/claim_paid", person=rep).count() == 1
    again = ClaimFactory(person=rep, state="approved")
    page.goto("/money/runs/make/")
    assert "£1.60" in words_of(page)
    assert again.reference in words_of(page)
    page.goto("/money/advances/")
    look(page, "advance-list")
    follow(page, "Given back")
    look(page, "advance-return")
    assert found_in(page.content()) == []


def _ask_in_advance(page, look):
    page.goto("/money-back/bank/change/")
    page.get_by_label("Name on the account").fill("Nadia Karim")
    page.get_by_label("Sort code").fill(CANARIES[1])
    page.get_by_label("Account number").fill("5831 6274")
    press(page, "Save the bank details")
    page.goto("/money-back/advance/")
    press(page, "Ask for the advance")
    assert "Enter what it is for" in errors_of(page)
    page.get_by_label("What is it for?").fill("Train to the hall")
    page.get_by_label("How much do you need?").fill("5")
    press(page, "Ask for the advance")
    assert "The treasurer is asked" in words_of(page)
    look(page, "advance-ask")


def _decide(page, look):
    page.goto("/money/advances/")
    look(page, "advance-to-decide")
    follow(page, "Decide on the advance")
    look(page, "advance-decide")
    page.get_by_label("Yes, pay it").check()
    press(page, "Send the answer")


def _make_run(page, look):
    page.goto("/money/runs/")
    look(page, "run-list")
    follow(page, "Make a payment run")
    look(page, "run-make")
    page.get_by_label("Peter Wragg").check()
    press(page, "Go on")
    look(page, "run-confirm")
    press(page, "Make the run of £43.20")
    assert Run.objects.count() == 1
    look(page, "run-open")
    follow(page, "Account ending 6274")
    look(page, "bank-view-masked")
    press(page, "Show the whole account")
    assert "58316274" in words_of(page)
    look(page, "bank-view")
    page.goto("/money/runs/")
    follow(page, "Run ")
    follow(page, "Cancel this run")
    look(page, "run-cancel")
    follow(page, "Leave it")


def _pay(page, look):
    follow(page, "Mark as paid")
    look(page, "run-pay")
    press(page, "Mark as paid")
    assert "Everybody in it is told" in words_of(page)
    look(page, "run-paid")
    follow(page, "It came back")
    look(page, "payment-back")
    follow(page, "Go back")
