"""Paying by many at once: one payment, whatever is pressed. Controls drop the guards, and break.

What holds: people and claims are locked, the state of each moves by its table, and the database
refuses a second living payment.
"""

import os
import uuid

import pytest
from django.db import connection
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from expenses.accounts import Account
from expenses.models import Advance, BankDetails, Claim, Payment, Run
from expenses.models.parts import Steps
from expenses.services import advances, bank, deciding, paying
from expenses.services.bank_file import fetch_file
from tests.expenses.banking import ACCOUNT, with_bank
from tests.factories.members import ForumFactory, PersonFactory, RoleFactory
from tests.factories.money import ClaimFactory, PolicyFactory
from tests.members.test_seat_races import all_at_once

ROUNDS = int(os.environ.get("COPROD_ROUNDS", "5"))
THREADS = 20
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")
OTHERS = [Account("Nadia Karim", "112233", f"876543{n:02}") for n in range(20)]
#: Of these the states alone would hold too, because of the order in which rows are written.
BY_STATES = ("pay",)


def unexpected(results):
    return [
        r for r in results if isinstance(r, Exception) and not isinstance(r, TransitionNotAllowed)
    ]


def treasurer():
    return RoleFactory(kind="treasurer").person


def alive(claim):
    return Payment.objects.filter(claim=claim, came_back_at=None, cancelled_at=None)


def one_payment(claim):
    """What is wrong with a claim: more than one payment, or a state that doesn't fit."""
    claim = Claim.objects.get(pk=claim.pk)
    count, wrong = alive(claim).count(), []
    if count != (1 if claim.state in ("paying", "paid") else 0):
        wrong.append(f"{count} payments while {claim.state}")
    paid = Payment.objects.filter(claim=claim, paid_at__isnull=False).count()
    if paid != (1 if claim.state == "paid" else 0):
        wrong.append(f"{paid} paid while {claim.state}")
    letters = Message.objects.filter(template="expenses/claim_paid", person=claim.person).count()
    if letters != paid:
        wrong.append(f"{letters} letters of {paid} payments")
    return wrong


def run_all():
    """Twenty put the same claim into twenty runs."""
    claim, by = ClaimFactory(state="approved"), treasurer()

    def work(_):
        return paying.make_run(
            claims=[Claim(pk=claim.pk, person_id=claim.person_id)], by=by, key=uuid.uuid4()
        )

    results = all_at_once(work, range(THREADS))
    made = [r for r in results if isinstance(r, Run)]
    wrong = unexpected(results) + one_payment(claim)
    return wrong + ([] if len(made) == 1 else [f"{len(made)} runs"])


def press_all():
    """One form, pressed twenty times: one run, and each press is answered with it."""
    claim, by, key = ClaimFactory(state="approved"), treasurer(), uuid.uuid4()

    def work(_):
        return paying.make_run(claims=[claim], by=by, key=key)

    results = all_at_once(work, range(THREADS))
    wrong = [r for r in results if not isinstance(r, Run)] + one_payment(claim)
    return wrong + ([] if Run.objects.filter(key=key).count() == 1 else ["not one run"])


def offset_all():
    """Twenty claims of one person in twenty runs, and one advance: it is used up once."""
    person, by = PersonFactory(), treasurer()
    advance = Advance.objects.create(person=person, what_for="Train", pence=1000, state="paid")
    claims = [ClaimFactory(person=person, state="approved") for _ in range(THREADS)]

    def work(claim):
        return paying.make_run(claims=[claim], by=by, key=uuid.uuid4())

    wrong = unexpected(all_at_once(work, claims))
    used = sum(advance.uses.values_list("pence", flat=True))
    offset = sum(Payment.objects.filter(payee=person).values_list("offset", flat=True))
    return wrong + ([] if used == offset == 1000 else [f"{used} of 1000 used, {offset} taken off"])


def pay_all():
    """Twenty mark one run as paid: once, one letter."""
    claim, by = ClaimFactory(state="approved"), treasurer()
    run = paying.make_run(claims=[claim], by=by, key=uuid.uuid4())

    def work(_):
        return paying.pay_run(run=Run(pk=run.pk), by=by, paid_on=clocks.today())

    wrong = unexpected(all_at_once(work, range(THREADS))) + one_payment(claim)
    times = AuditEvent.objects.about(run).filter(verb="pay_run").count()
    return wrong + ([] if times == 1 else [f"paid {times} times"])


def pay_or_cancel():
    """Ten pay while ten cancel: one of both, and the claim fits."""
    claim, by = ClaimFactory(state="approved"), treasurer()
    run = paying.make_run(claims=[claim], by=by, key=uuid.uuid4())

    def work(number):
        if number % 2:
            return paying.cancel_run(run=Run(pk=run.pk), by=by)
        return paying.pay_run(run=Run(pk=run.pk), by=by, paid_on=clocks.today())

    wrong = unexpected(all_at_once(work, range(THREADS))) + one_payment(claim)
    verbs = AuditEvent.objects.about(run).filter(verb__in=["pay_run", "cancel_run"])
    state = Run.objects.get(pk=run.pk).state
    if verbs.count() != 1 or verbs[0].verb != {"paid": "pay_run", "cancelled": "cancel_run"}[state]:
        wrong.append(f"{verbs.count()} ends of a run that is {state}")
    return wrong


def pay_or_move():
    """Runs are made and paid while the account changes: no money goes where nobody approved it."""
    person, by = PersonFactory(), treasurer()
    with_bank(person)
    claim = ClaimFactory(person=person, state="approved")
    mine = Claim(pk=claim.pk, person_id=person.pk)

    def work(number):
        if number == 7:
            return bank.save_details(person=person, account=OTHERS[7], by=person)
        if number % 2:
            run = Run.objects.filter(payments__claim=claim.pk, state="open").last()
            return run and paying.pay_run(run=run, by=by, paid_on=clocks.today())
        return paying.make_run(claims=[mine], by=by, key=uuid.uuid4())

    wrong = unexpected(all_at_once(work, range(THREADS))) + one_payment(claim)
    claim.refresh_from_db()
    for payment in alive(claim):
        if payment.last_digits == OTHERS[7].last_digits:
            wrong.append("Paid into an account that nobody approved")
        if claim.state != "paid":
            wrong.append(f"Waits for the old account, {claim.state}")
    if not alive(claim) and claim.state != "submitted":
        wrong.append(f"Not checked again, {claim.state}")
    return wrong


def fetch_or_move():
    """The file is fetched while the account changes: it never holds the new one."""
    person, by = PersonFactory(), treasurer()
    with_bank(person)
    claim = ClaimFactory(person=person, state="approved")
    run = paying.make_run(claims=[claim], by=by, key=uuid.uuid4())

    def work(number):
        if number % 2:
            return bank.save_details(person=person, account=OTHERS[number], by=person)
        return fetch_file(run=Run(pk=run.pk), by=by)

    results = all_at_once(work, range(THREADS))
    wrong = unexpected(results) + one_payment(claim)
    files = [r.content for r in results if hasattr(r, "left_out")]
    wrong += ["Another account is in the file" for f in files if b"876543" in f]
    gone = any(ACCOUNT.number.encode() in f for f in files)
    claim.refresh_from_db()
    if claim.state != ("paying" if gone else "submitted"):
        wrong.append(f"{claim.state}, fetched: {gone}")
    return wrong


def approve_or_move():
    """Claims are approved while the account changes, by people who have seen the old one."""
    person, by = PersonFactory(), treasurer()
    with_bank(person)
    claims = [ClaimFactory(person=person, state="submitted") for _ in range(THREADS - 1)]

    def work(claim):
        if claim is None:
            return bank.save_details(person=person, account=OTHERS[0], by=person)
        return deciding.approve_claim(claim=Claim(pk=claim.pk), edit_no=0, by=by)

    results = all_at_once(work, [None, *claims])
    wrong = unexpected(results)
    approved = [r for r in results if isinstance(r, Claim) and r.state == "approved"]
    refused = [r for r in results if isinstance(r, TransitionNotAllowed)]
    if len(approved) + len(refused) != len(claims):
        wrong.append("An approval that neither came to pass nor was refused")
    left = Claim.objects.filter(person=person).exclude(state="submitted").count()
    return wrong + ([f"{left} approved for the new account"] if left else [])


def come_back_all():
    """One payment comes back twenty times, and is paid anew meanwhile: one lives."""
    claim, by = ClaimFactory(state="approved"), treasurer()
    run = paying.make_run(claims=[claim], by=by, key=uuid.uuid4())
    paying.pay_run(run=run, by=by, paid_on=clocks.today())
    Message.objects.all().delete()
    payment, mine = run.payments.get(), Claim(pk=claim.pk, person_id=claim.person_id)

    def work(number):
        if number % 2:
            return paying.make_run(claims=[mine], by=by, key=uuid.uuid4())
        return paying.payment_came_back(
            payment=Payment.objects.get(pk=payment.pk), reason="So.", by=by
        )

    wrong = unexpected(all_at_once(work, range(THREADS)))
    times = AuditEvent.objects.about(claim).filter(verb="payment_came_back").count()
    claim.refresh_from_db()
    fits = alive(claim).count() == (1 if claim.state == "paying" else 0)
    letters = Message.objects.filter(template="expenses/payment_back").count()
    return wrong + ([] if times == letters == 1 and fits else [f"{times} times, {claim.state}"])


def ask_all():
    """Twenty ask for somebody's advance: together never more than the rules allow."""
    person = PersonFactory()
    people = [RoleFactory().person for _ in range(THREADS)]

    def work(by):
        return advances.ask_advance(person=person, what_for="Train", pence=4000, by=by)

    wrong = unexpected(all_at_once(work, people))
    pence = sum(Advance.objects.filter(person=person).values_list("pence", flat=True))
    return wrong + ([] if pence == 8000 else [f"{pence} of 10000"])


def forget_or_ask():
    """Details are forgotten by twenty workers at once: one event, one letter."""
    person = PersonFactory()
    with_bank(person)
    later = timezone.now() + bank.KEPT * 2

    def work(_):
        return bank.forget_when_due(at=later)

    wrong = unexpected(all_at_once(work, range(THREADS)))
    times = AuditEvent.objects.about(person).filter(verb="forget_bank_details").count()
    gone = not BankDetails.objects.filter(person=person).exists()
    return wrong + ([] if gone and times == 1 else [f"forgotten {times} times"])


RACES = {
    "run": run_all,
    "press": press_all,
    "offset": offset_all,
    "pay": pay_all,
    "pay or cancel": pay_or_cancel,
    "pay or move": pay_or_move,
    "fetch or move": fetch_or_move,
    "approve or move": approve_or_move,
    "come back": come_back_all,
    "ask": ask_all,
    "forget": forget_or_ask,
}


@pytest.fixture
def rules():
    ForumFactory()
    PolicyFactory()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("race", RACES)
def test_payment_when_twenty_press_at_once_then_it_holds(race, rules):
    for _ in range(ROUNDS):
        assert RACES[race]() == []


@pytest.fixture
def without_guards(db, monkeypatch):
    """No locks, and no index that refuses a second payment."""
    from django.db.models.query import QuerySet

    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)
    constraints = [c for c in Payment._meta.constraints if c.name.startswith("one_payment_a_")]
    with connection.schema_editor() as editor:
        for constraint in constraints:
            editor.remove_constraint(Payment, constraint)
    yield
    Payment.objects.all().delete()
    with connection.schema_editor() as editor:
        for constraint in constraints:
            editor.add_constraint(Payment, constraint)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite writes one after the other")
@pytest.mark.parametrize("race", RACES)
def test_payment_when_the_guards_are_dropped_then_it_breaks(
    race, rules, without_guards, monkeypatch
):
    """The control: this is how the test above would look if nothing held."""
    if race in BY_STATES:
        monkeypatch.setattr(Steps, "move", move_whatever_was)
    assert any(RACES[race]() for _ in range(max(ROUNDS, 60)))


def move_whatever_was(thing, verb):
    """A step that asks nobody."""
    thing.state = next(iter(thing.TRANSITIONS[verb].values()))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite writes one after the other")
def test_payment_when_only_the_locks_are_dropped_then_the_database_refuses(rules, monkeypatch):
    """The index holds by itself: whoever comes second is refused, if less kindly."""
    from django.db.models.query import QuerySet

    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)
    for _ in range(ROUNDS):
        run_all()
        assert not any(alive(claim).count() > 1 for claim in Claim.objects.filter(state="paying"))
