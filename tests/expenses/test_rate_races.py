"""A version that is confirmed while its claims are approved, changed and sent: each is paid once.

The control drops the locks, and breaks.
"""

import os

import pytest

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from expenses import version
from expenses.models import Claim, Line, Policy
from expenses.services import deciding, policies, top_ups
from members.models import Role
from tests.factories.members import ForumFactory, RoleFactory
from tests.factories.money import ClaimFactory, PolicyFactory, ProposedPolicyFactory
from tests.members.test_seat_races import all_at_once

ROUNDS = int(os.environ.get("COPROD_ROUNDS", "5"))
THREADS = 20
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")


@pytest.fixture
def people(transactional_db):
    ForumFactory()
    treasurers = [RoleFactory(kind=Role.Kind.TREASURER).person for _ in range(THREADS)]
    return treasurers, RoleFactory(kind=Role.Kind.COORDINATOR).person


def confirm_and_approve(treasurers, coordinator):
    """Four confirm the same version, sixteen approve four claims of 12 miles at 45p."""
    Policy.objects.filter(state="confirmed").first() or PolicyFactory(rates={"car": "45"})
    car = version.values(Policy.objects.confirmed().order_by("-number")[0])["car"]
    policy = ProposedPolicyFactory(proposed_by=coordinator, rates={"car": car + 10})
    before = Policy.objects.before(policy)
    seal = version.seal(Policy.objects.get(pk=policy.pk), before)
    line = {"kind": "car", "miles": "12", "pence": int(12 * car), "policy": before}
    claims = [ClaimFactory(state="submitted", lines=[line]) for _ in range(4)]

    def work(number):
        by = treasurers[number]
        if number < 4:
            return policies.confirm_policy(policy=policy, seal=seal, by=by)
        claim = Claim.objects.get(pk=claims[number % 4].pk)
        return deciding.approve_claim(claim=claim, edit_no=claim.edit_no, by=by)

    results = all_at_once(work, range(THREADS))
    wrong = [
        r for r in results if isinstance(r, Exception) and not isinstance(r, TransitionNotAllowed)
    ]
    top_ups.catch_up()
    events = AuditEvent.objects.about(policy).filter(verb="confirm_policy").count()
    if events != 1:
        wrong.append(f"confirmed {events} times")
    return wrong + [say for claim in claims for say in unpaid(claim, int(12 * car) + 120)]


def unpaid(claim, due):
    """Where a claim and its difference don't come to what the new rate pays, or were unread."""
    kept = Claim.objects.get(pk=claim.pk)
    added = list(Line.objects.filter(tops_up__claim=claim).values_list("pence", flat=True))
    wrong = []
    if kept.total + sum(added) != due or len(added) > 1:
        wrong.append(f"{kept.total} and {added}, {due} is due")
    approved = AuditEvent.objects.about(claim).filter(verb="approve_claim").first()
    if approved is not None and approved.data["pence"] != kept.total:
        wrong.append(f"{approved.data['pence']} was approved, it is {kept.total}")
    return wrong


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_version_when_confirmed_while_claims_are_approved_then_each_is_paid_once(people):
    for _ in range(ROUNDS):
        assert confirm_and_approve(*people) == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite writes one after the other")
def test_version_when_the_locks_are_dropped_then_it_breaks(people, monkeypatch):
    """The control: this is how the test above would look if nothing held."""
    from django.db.models.query import QuerySet

    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)
    assert [wrong for _ in range(ROUNDS) for wrong in confirm_and_approve(*people)]
