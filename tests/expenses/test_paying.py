"""Payment runs: made once, paid once, cancelled, and what comes back."""

import uuid

import pytest

from coprod.exceptions import TransitionNotAllowed
from coprod.models import Message
from expenses.models import Advance, AdvanceUse, Payment
from expenses.services.paying import cancel_run, make_run, pay_run, payment_came_back
from tests.factories.members import RoleFactory
from tests.factories.money import ClaimFactory, PolicyFactory, RecognitionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def policy(forum):
    return PolicyFactory()


@pytest.fixture
def today():
    from coprod import clocks

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
