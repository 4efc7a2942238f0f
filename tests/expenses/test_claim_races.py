"""One claim, decided, paid and changed by twenty at once: one payment, one end, and a true record.

Controls drop the locks, and break.
"""

import os
import time
import uuid

import pytest

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from expenses.models import Claim, Payment
from expenses.services import deciding, paying, sending
from members.models import Role
from tests.factories.members import ForumFactory, PersonFactory, RoleFactory
from tests.factories.money import ClaimFactory, PolicyFactory
from tests.members.test_seat_races import all_at_once

ROUNDS = int(os.environ.get("COPROD_ROUNDS", "5"))
THREADS = 20
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")
#: What an event does to a claim. Being put into a run is told of the run.
STEPS = {
    "edit": ("submitted", "draft"),
    "send": ("draft", "submitted"),
    "approve_claim_first": ("submitted", "submitted"),
    "approve_claim": ("submitted", "approved"),
    "decline_claim": ("submitted", "declined"),
    "pay_claim": ("approved", "paid"),
}


@pytest.fixture
def treasurers(transactional_db):
    ForumFactory()
    PolicyFactory()
    return [RoleFactory(kind=Role.Kind.TREASURER).person for _ in range(THREADS)]


def unexpected(results):
    return [
        r for r in results if isinstance(r, Exception) and not isinstance(r, TransitionNotAllowed)
    ]


def untrue(claim):
    """Where the record of a claim isn't the way to its state, or money left twice."""
    wrong, state = [], "submitted"
    for event in AuditEvent.objects.filter(model="expenses.Claim", object_id=claim.pk).order_by(
        "pk"
    ):
        before, after = STEPS[event.verb]
        if state != before:
            wrong.append(f"{event.verb} of a claim that was {state}")
        state = after
    claim = Claim.objects.get(pk=claim.pk)
    if ("approved" if claim.state == "paying" else claim.state) != state:
        wrong.append(f"is {claim.state}, its record says {state}")
    living = Payment.objects.filter(claim=claim, cancelled_at=None, came_back_at=None)
    if living.count() != (claim.state in ("paying", "paid")):
        wrong.append(f"{living.count()} payments of a claim that is {claim.state}")
    if any(payment.pence != claim.total for payment in living):
        wrong.append("another sum was paid than was asked")
    return wrong


def pay(claim, by):
    """Try until somebody has approved it or it can't be paid any more, as people do."""
    asked = Claim(pk=claim.pk, person=claim.person)
    for _ in range(40):
        try:
            run = paying.make_run(claims=[asked], by=by, key=uuid.uuid4())
            return paying.pay_run(run=run, by=by, paid_on=clocks.today())
        except TransitionNotAllowed:
            if Claim.objects.get(pk=claim.pk).state in ("paid", "declined"):
                raise
            time.sleep(0.005)
    raise TransitionNotAllowed("Nobody approved it.")


def decide_pay_and_edit(treasurers):
    """Twelve decide, some on an old page; five pay; three change it and send it again."""
    claim = ClaimFactory(state="submitted")
    read = []

    def work(number):
        by, now = treasurers[number], Claim.objects.get(pk=claim.pk)
        if number < 8:
            edit_no = now.edit_no if number % 2 else 0
            done = deciding.approve_claim(claim=now, edit_no=edit_no, by=by)
            read.append(edit_no)
            return done
        if number < 12:
            return deciding.decline_claim(claim=now, reason="So.", edit_no=now.edit_no, by=by)
        if number < 17:
            return pay(claim, by)
        sending.edit_claim(claim=now, by=claim.person)
        return sending.send_claim(claim=now, by=claim.person)

    wrong = unexpected(all_at_once(work, range(THREADS))) + untrue(claim)
    kept = Claim.objects.get(pk=claim.pk)
    if read and read != [kept.edit_no]:
        wrong.append(f"approved as {read}, it is {kept.edit_no}")
    return wrong


def pay_all(treasurers):
    """Twenty treasurers pay one approved claim, each in a run of their own."""
    claim = ClaimFactory(state="approved")
    wrong = unexpected(all_at_once(lambda by: pay(claim, by), treasurers))
    events = AuditEvent.objects.about(claim).filter(verb="pay_claim").count()
    state = Claim.objects.get(pk=claim.pk).state
    paid = Payment.objects.filter(claim=claim).count()
    return wrong + ([] if (events, paid, state) == (1, 1, "paid") else [f"{events} {paid} {state}"])


def approve_all(treasurers):
    """Twenty approve a claim that takes two: two do, and they are two people."""
    claim = ClaimFactory(state="submitted", needs_two=True)
    wrong = unexpected(
        all_at_once(lambda by: deciding.approve_claim(claim=claim, edit_no=0, by=by), treasurers)
    )
    kept = Claim.objects.get(pk=claim.pk)
    told = list(
        AuditEvent.objects.filter(model="expenses.Claim", object_id=claim.pk)
        .order_by("pk")
        .values_list("verb", "by_id")
    )
    two = [("approve_claim_first", kept.approved_by_id), ("approve_claim", kept.second_by_id)]
    if told != two or kept.approved_by_id == kept.second_by_id:
        wrong.append(f"{told}, kept {two}")
    return wrong + untrue(claim)


def second_all(treasurers):
    """Twenty give the second approval: one is the second."""
    claim = ClaimFactory(state="submitted", needs_two=True)
    deciding.approve_claim(claim=claim, edit_no=0, by=an_approver())
    wrong = unexpected(
        all_at_once(lambda by: deciding.approve_claim(claim=claim, edit_no=0, by=by), treasurers)
    )
    events = AuditEvent.objects.about(claim).filter(verb="approve_claim")
    kept = Claim.objects.get(pk=claim.pk)
    if [event.by_id for event in events] != [kept.second_by_id]:
        wrong.append(f"{events.count()} second approvals")
    return wrong + untrue(claim)


def an_approver():
    return RoleFactory(person=PersonFactory(), kind=Role.Kind.APPROVER).person


RACES = {
    "everything": decide_pay_and_edit,
    "paying": pay_all,
    "approving": approve_all,
    "second": second_all,
}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("race", RACES)
def test_claim_when_twenty_press_at_once_then_it_holds(race, treasurers):
    for _ in range(ROUNDS):
        assert RACES[race](treasurers) == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite writes one after the other")
@pytest.mark.parametrize("race", RACES)
def test_claim_when_the_locks_are_dropped_then_it_breaks(race, treasurers, monkeypatch):
    """The control: this is how the test above would look if nothing held."""
    from django.db.models.query import QuerySet

    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)
    found = [wrong for _ in range(ROUNDS) for wrong in RACES[race](treasurers)]
    assert found
    # Even so the database pays nothing twice: what breaks is the record, or the words for it.
    assert not any("2 payments" in str(wrong) for wrong in found)
