"""What the database itself refuses: oneself as approver or payer, changes of what was agreed."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from expenses.models import Claim, Line, Payment, Policy, Rate, Run, VoucherBatch, VoucherMove
from tests.factories.members import PersonFactory
from tests.factories.money import ClaimFactory, LineFactory, PolicyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy(forum):
    return PolicyFactory()


@pytest.mark.parametrize("deed", ["approved", "second", "declined", "refused", "paid"])
@pytest.mark.parametrize("who", ["person", "entered_by"])
def test_claim_when_decided_by_its_own_people_then_refused(deed, who, policy, coordinator):
    claim = ClaimFactory(state="submitted", entered_by=coordinator)
    change = {f"{deed}_by": getattr(claim, who), f"{deed}_at": claim.sent_at}
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(**change)
    change[f"{deed}_by"] = PersonFactory()
    assert Claim.objects.filter(pk=claim.pk).update(**change) == 1


def test_claim_when_approved_twice_by_one_person_then_refused(policy):
    claim, one = ClaimFactory(state="submitted", needs_two=True), PersonFactory()
    twice = {"approved_by": one, "approved_at": claim.sent_at, "second_at": claim.sent_at}
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(**twice, second_by=one)
    assert Claim.objects.filter(pk=claim.pk).update(**twice, second_by=PersonFactory()) == 1


def test_line_when_its_claim_is_approved_then_kept(policy):
    claim = ClaimFactory(state="approved")
    line = claim.lines.get()
    for change in (
        lambda: Line.objects.filter(pk=line.pk).update(pence=99_999),
        lambda: LineFactory(claim=claim),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    if connection.vendor == "postgresql":
        with pytest.raises(DatabaseError), transaction.atomic():
            Line.objects.filter(pk=line.pk).delete()
    draft = ClaimFactory().lines.get()
    assert Line.objects.filter(pk=draft.pk).update(pence=700) == 1


def test_rates_when_confirmed_then_kept(policy):
    for change in (
        lambda: Rate.objects.filter(policy=policy).update(pence=99),
        lambda: Policy.objects.filter(pk=policy.pk).update(two_over=1),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    draft = PolicyFactory(confirmed=False)
    assert Rate.objects.filter(policy=draft).update(pence=99)
    assert Policy.objects.filter(pk=draft.pk).update(two_over=1) == 1


def test_payment_when_there_is_one_then_no_second(policy, treasurer):
    claim = ClaimFactory(state="approved")
    run = Run.objects.create(made_by=treasurer)
    fields = {"run": run, "claim": claim, "payee": claim.person, "pence": 660}
    first = Payment.objects.create(**fields, made_by=treasurer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.create(**fields, made_by=treasurer)
    first.came_back_at, first.came_back_reason = claim.sent_at, "No such account"
    first.save()
    Payment.objects.create(**fields, made_by=treasurer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.create(**fields | {"claim": ClaimFactory()}, made_by=claim.person)


def test_voucher_move_when_written_then_adds_up_and_stays(policy):
    batch = VoucherBatch.objects.create(shop="Market", pence=1000, bought_on=policy.begins_on)
    move = {"batch": batch, "kind": "bought", "change": 5}
    with pytest.raises(IntegrityError), transaction.atomic():
        VoucherMove.objects.create(**move, number=1, before=0, after=6)
    kept = VoucherMove.objects.create(**move, number=1, before=0, after=5)
    with pytest.raises(DatabaseError), transaction.atomic():
        VoucherMove.objects.filter(pk=kept.pk).update(serial="Another")
