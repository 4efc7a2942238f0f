"""Payment runs: made once, paid once, cancelled, and what comes back."""

import re
import uuid

import pytest
from django.urls import reverse

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import Message
from expenses.models import Advance, AdvanceUse, Payment, Run
from expenses.services.paying import cancel_run, make_run, pay_run, payment_came_back
from tests.expenses.banking import with_bank
from tests.factories.members import PersonFactory, RoleFactory
from tests.factories.money import ClaimFactory, PolicyFactory, RecognitionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def policy(forum):
    return PolicyFactory()


@pytest.fixture
def today():
    return clocks.today()


def run_of(*claims, by, key=None, **more):
    return make_run(claims=claims, by=by, key=key or uuid.uuid4(), **more)


def advance_of(person, pence, state="paid"):
    return Advance.objects.create(person=person, what_for="Train", pence=pence, state=state)


def test_run_when_paid_then_everybody_has_their_money_and_is_told(rep, treasurer, today):
    claim = ClaimFactory(person=rep, state="approved")
    advance = advance_of(rep, 5000, "approved")
    thanks = RecognitionFactory(person=rep, state="accepted")
    run = run_of(claim, by=treasurer, advances=[advance], recognitions=[thanks])
    assert sorted(run.payments.values_list("pence", flat=True)) == [660, 2500, 5000]
    pay_run(run=run, by=treasurer, paid_on=today)
    for thing, state in ((claim, "paid"), (advance, "paid"), (thanks, "done")):
        thing.refresh_from_db()
        assert thing.state == state
    told = Message.objects.filter(person=rep).values_list("template", flat=True)
    assert sorted(told) == ["expenses/claim_paid", "expenses/paid", "expenses/paid"]


def test_run_when_the_same_key_comes_again_then_the_same_run(treasurer):
    claim, key = ClaimFactory(state="approved"), uuid.uuid4()
    assert run_of(claim, by=treasurer, key=key) == run_of(claim, by=treasurer, key=key)
    with pytest.raises(TransitionNotAllowed, match="isn’t in a payment run"):
        run_of(claim, by=treasurer)
    assert Payment.objects.count() == 1


def test_run_when_cancelled_then_claims_are_approved_and_may_be_paid_again(treasurer, today):
    claim = ClaimFactory(state="approved")
    advance_of(claim.person, 200)
    run = run_of(claim, by=treasurer)
    cancel_run(run=run, by=treasurer)
    claim.refresh_from_db()
    assert (claim.state, AdvanceUse.objects.count()) == ("approved", 0)
    with pytest.raises(TransitionNotAllowed):
        pay_run(run=run, by=treasurer, paid_on=today)
    assert run_of(claim, by=treasurer).payments.get().pence == 460


def test_payment_when_it_comes_back_then_approved_again_and_told(treasurer, today):
    claim = ClaimFactory(state="approved")
    run = run_of(claim, by=treasurer)
    payment = run.payments.get()
    with pytest.raises(TransitionNotAllowed):
        payment_came_back(payment=payment, reason="No such account", by=treasurer)
    pay_run(run=run, by=treasurer, paid_on=today)
    payment_came_back(payment=payment, reason="No such account", by=treasurer)
    claim.refresh_from_db()
    assert (claim.state, claim.paid_at, claim.paid_by) == ("approved", None, None)
    assert Message.objects.filter(person=claim.person, template="expenses/payment_back").exists()
    with pytest.raises(TransitionNotAllowed):
        payment_came_back(payment=payment, reason="Again", by=treasurer)
    assert run_of(claim, by=treasurer).payments.get().pence == 660


@pytest.mark.parametrize("advance", [200, 660, 5000])
def test_claim_when_they_had_an_advance_then_paid_the_rest(advance, treasurer, today):
    claim = ClaimFactory(state="approved")
    had = advance_of(claim.person, advance)
    run = run_of(claim, by=treasurer)
    payment = run.payments.get()
    offset = min(660, advance)
    assert (payment.pence, payment.offset) == (660 - offset, offset)
    assert had.uses.get().pence == offset
    pay_run(run=run, by=treasurer, paid_on=today)
    claim.refresh_from_db()
    assert claim.state == "paid"


@pytest.mark.parametrize("how", ["claimant", "enterer"])
def test_run_when_it_holds_ones_own_then_refused(how, coordinator, treasurer, today):
    RoleFactory(person=coordinator, kind="treasurer")
    who = {"person": coordinator} if how == "claimant" else {"entered_by": coordinator}
    claim = ClaimFactory(state="approved", **who)
    with pytest.raises(TransitionNotAllowed):
        run_of(claim, by=coordinator)
    run = run_of(claim, by=treasurer)
    for refused in (
        lambda: pay_run(run=run, by=coordinator, paid_on=today),
        lambda: cancel_run(run=run, by=coordinator),
    ):
        with pytest.raises(TransitionNotAllowed):
            refused()
    pay_run(run=run, by=treasurer, paid_on=today)
    with pytest.raises(TransitionNotAllowed):
        payment_came_back(payment=run.payments.get(), reason="So.", by=coordinator)


# By page -----------------------------------------------------------------------------------------

MAKE = "expenses:run_make"


def key_in(page):
    return re.search(r'name="key" value="([0-9a-f-]{36})"', page.content.decode())[1]


def test_run_when_made_by_page_then_the_sum_is_read_first(rep, treasurer, client_for):
    with_bank(rep)
    claim = ClaimFactory(person=rep, state="approved")
    bare = ClaimFactory(state="approved")
    client = client_for(treasurer)
    page = client.get(reverse(MAKE))
    said = {"key": key_in(page), "bank": [f"claim-{claim.pk}"]}
    asked = client.post(reverse(MAKE), said)
    words = asked.content.decode()
    assert "Make the run of £6.60" in words
    assert f'name="bank" value="claim-{claim.pk}"' in words
    assert not Run.objects.exists()
    made = client.post(reverse(MAKE), said | {"sure": "on"})
    again = client.post(reverse(MAKE), said | {"sure": "on"})
    run = Run.objects.get()
    assert made["Location"] == again["Location"] == reverse("expenses:run_detail", args=[run.pk])
    bare.refresh_from_db()
    assert (run.payments.get().claim, bare.state) == (claim, "approved")


def test_run_when_nothing_is_ticked_then_said_and_nothing_made(rep, treasurer, client_for):
    ClaimFactory(person=rep, state="approved")
    client = client_for(treasurer)
    key = key_in(client.get(reverse(MAKE)))
    for wrong in ("", "x", "9" * 36):
        page = client.post(reverse(MAKE), {"key": wrong, "sure": "on"})
        assert page.status_code == 200
    page = client.post(reverse(MAKE), {"key": key, "sure": "on"})
    assert "Tick at least one payment" in page.content.decode()


def test_run_when_somebody_has_no_bank_details_then_a_cheque_if_ticked(treasurer, client_for):
    claim = ClaimFactory(state="approved")
    client = client_for(treasurer)
    page = client.get(reverse(MAKE))
    assert "checked" not in page.content.decode().partition("No bank details")[2]
    said = {"key": key_in(page), "bare": [f"claim-{claim.pk}"], "sure": "on"}
    page = client.post(reverse(MAKE), said, follow=True)
    assert "To hand over or post: £6.60" in page.content.decode()
    assert Payment.objects.get().pay_by == "cheque"


def test_run_when_something_is_left_out_then_it_says_why(rep, coordinator, client_for):
    RoleFactory(person=coordinator, kind="treasurer")
    ClaimFactory(person=coordinator, state="approved")
    ClaimFactory(person=rep, entered_by=coordinator, state="approved")
    words = client_for(coordinator).get(reverse(MAKE)).content.decode()
    assert "This is your own money" in words
    assert "You entered this yourself" in words
    assert "Nothing waits to be paid by you" in words


def test_run_when_ticked_by_hand_for_oneself_then_never(coordinator, treasurer, client_for):
    """A raw post names what the page doesn't offer."""
    RoleFactory(person=coordinator, kind="treasurer")
    own = ClaimFactory(person=coordinator, state="approved")
    ClaimFactory(state="approved")
    client = client_for(coordinator)
    said = {"key": key_in(client.get(reverse(MAKE))), "sure": "on"}
    for name in ("bank", "hand", "bare"):
        client.post(reverse(MAKE), said | {name: [f"claim-{own.pk}"]})
    assert not Payment.objects.exists()


def test_run_when_it_changed_meanwhile_then_said_on_the_page(rep, treasurer, client_for):
    claim = ClaimFactory(person=rep, state="approved")
    client = client_for(treasurer)
    said = {"key": key_in(client.get(reverse(MAKE))), "bare": [f"claim-{claim.pk}"], "sure": "on"}
    run_of(claim, by=treasurer)
    page = client.post(reverse(MAKE), said)
    assert page.status_code == 200
    assert Run.objects.count() == 1


def test_run_when_paid_by_page_then_by_a_day_that_can_be(rep, treasurer, client_for, today):
    run = run_of(ClaimFactory(person=rep, state="approved"), by=treasurer)
    client, address = client_for(treasurer), reverse("expenses:run_pay", args=[run.pk])
    for day in ("tomorrow", "1 January 2020", ""):
        assert client.post(address, {"paid_on": day}).status_code == 200
    client.post(address, {"paid_on": f"{today.day}/{today.month}/{today.year}"})
    run.refresh_from_db()
    assert (run.state, run.paid_by) == ("paid", treasurer)
    for name in ("run_pay", "run_cancel"):
        page = client.post(reverse(f"expenses:{name}", args=[run.pk]), follow=True)
        assert "isn’t open any more" in page.content.decode()


def test_payment_when_it_came_back_by_page_then_shown_with_its_reason(rep, treasurer, client_for):
    with_bank(rep)
    run = run_of(ClaimFactory(person=rep, state="approved"), by=treasurer)
    pay_run(run=run, by=treasurer, paid_on=run.made_at.date())
    client = client_for(treasurer)
    address = reverse("expenses:payment_back", args=[run.payments.get().pk])
    client.post(address, {"reason": "No such account"})
    again = client.post(address, {"reason": "No such account"})
    assert "Only a payment that was made" in again.content.decode()
    detail = client.get(reverse("expenses:run_detail", args=[run.pk])).content.decode()
    assert "No such account" in detail
    assert "Came back before: No such account" in client.get(reverse(MAKE)).content.decode()


def test_letters_when_written_then_name_no_more_than_four_digits(
    rep, treasurer, outbox_drained, today
):
    with_bank(rep)
    claim = ClaimFactory(person=rep, state="approved")
    advance = advance_of(rep, 5000, "approved")
    thanks = RecognitionFactory(person=rep, state="accepted")
    run = run_of(claim, by=treasurer, advances=[advance], recognitions=[thanks])
    pay_run(run=run, by=treasurer, paid_on=today)
    sent = outbox_drained()
    words = " ".join(" ".join(mail.body.split()) for mail in sent)
    assert "£50, to your account ending 6274" in words
    assert "Your thank-you payment of £25 is paid, to your account ending 6274" in words
    payment_came_back(payment=claim.payments.get(), reason="No such account", by=treasurer)
    words = " ".join(outbox_drained()[-1].body.split())
    assert "The reason that we were given: No such account" in words
    assert "Please look at your bank details" in words


@pytest.mark.parametrize("rows", [3, 60])
def test_pages_when_long_then_as_few_questions(
    rows, treasurer, client_for, django_assert_max_num_queries
):
    people = [PersonFactory() for _ in range(rows)]
    for person in people[: rows // 2]:
        with_bank(person)
    claims = [ClaimFactory(person=person, state="approved") for person in people]
    run = run_of(*claims, by=treasurer)
    for person in people:
        ClaimFactory(person=person, state="approved")
        advance_of(person, 100)
    client = client_for(treasurer)
    addresses = [
        reverse("expenses:run_list"),
        reverse(MAKE),
        reverse("expenses:run_detail", args=[run.pk]),
        reverse("expenses:run_pay", args=[run.pk]),
    ]
    for address in addresses:
        client.get(address)
        with django_assert_max_num_queries(14):
            assert client.get(address).status_code == 200
