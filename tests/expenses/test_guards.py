"""Refusals of the services that no page leads to, so that nobody takes one out unnoticed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from expenses.codes import code_of
from expenses.models import ClaimCode, Payment
from expenses.services.bank import remove_details
from expenses.services.confirming import hand_over, try_code
from expenses.services.deciding import accept_late, decline_claim
from expenses.services.paying import cancel_run, make_run, pay_run, payment_came_back
from tests.expenses.banking import with_bank
from tests.factories.members import PersonFactory, RoleFactory
from tests.factories.money import ClaimFactory, PolicyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _policy(forum):
    PolicyFactory()


@pytest.fixture
def run(rep, treasurer):
    return make_run(claims=[ClaimFactory(person=rep, state="approved")], by=treasurer, key=uuid4())


def test_claim_when_in_time_then_not_accepted_as_late(rep, treasurer):
    claim = ClaimFactory(person=rep, state="submitted")
    with pytest.raises(TransitionNotAllowed, match="in time"):
        accept_late(claim=claim, reason="Why not", edit_no=0, by=treasurer)


def test_appeal_when_open_then_answered_and_not_declined_anew(rep, treasurer):
    claim = ClaimFactory(
        person=rep,
        state="submitted",
        appealed_at=timezone.now(),
        declined_by=PersonFactory(),
        declined_reason="No",
    )
    with pytest.raises(TransitionNotAllowed, match="Answer that"):
        decline_claim(claim=claim, reason="No again", edit_no=0, by=treasurer)


def test_code_when_its_person_was_switched_off_then_opens_nothing(
    person_without_email, coordinator
):
    claim = ClaimFactory(person=person_without_email, entered_by=coordinator)
    hand_over(claim=claim, by=coordinator)
    code = code_of(ClaimCode.objects.get())
    assert try_code(reference=claim.reference, code=code) == claim
    person_without_email.is_active = False
    person_without_email.save()
    assert try_code(reference=claim.reference, code=code) is None


def test_bank_details_when_somebody_else_removes_them_then_refused(rep, treasurer):
    with_bank(rep)
    with pytest.raises(TransitionNotAllowed, match="Only they themselves"):
        remove_details(person=rep, by=treasurer)


@pytest.mark.parametrize("days", [-1, 1])
def test_run_when_paid_before_it_was_made_or_tomorrow_then_refused(days, run, treasurer):
    with pytest.raises(TransitionNotAllowed, match="between"):
        pay_run(run=run, by=treasurer, paid_on=clocks.today() + timedelta(days=days))


def test_payment_when_it_was_never_made_then_cannot_come_back(run, treasurer):
    with pytest.raises(TransitionNotAllowed, match="that was made"):
        payment_came_back(payment=run.payments.get(), reason="Closed", by=treasurer)


def test_claim_when_held_as_late_then_in_no_run(rep, treasurer):
    late = {"is_late": True, "late_accepted_by": treasurer, "late_accepted_reason": "Ill"}
    claim = ClaimFactory(person=rep, state="approved", **late)
    with pytest.raises(TransitionNotAllowed, match="came late"):
        make_run(claims=[claim], by=treasurer, key=uuid4())


def test_run_when_it_pays_a_treasurer_then_they_neither_cancel_it_nor_send_it_back(rep, treasurer):
    RoleFactory(person=rep, kind="treasurer")
    own = make_run(claims=[ClaimFactory(person=rep, state="approved")], by=treasurer, key=uuid4())
    with pytest.raises(TransitionNotAllowed, match="your own money"):
        cancel_run(run=own, by=rep)
    pay_run(run=own, by=treasurer, paid_on=clocks.today())
    with pytest.raises(TransitionNotAllowed, match="your own money"):
        payment_came_back(payment=Payment.objects.get(), reason="Closed", by=rep)
