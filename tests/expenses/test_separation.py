"""Nobody decides or pays their own, nor what they entered: by whichever way they try.

The rule stands three times: the page has no button and its address refuses, the service
refuses whoever calls it, and the database refuses what went round both. Each layer is tried
with the ones above it left out.
"""

import uuid
from importlib.util import find_spec

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from expenses.models import Claim, Payment, Run
from expenses.services import deciding, paying
from members.models import Role
from tests.factories.members import PersonFactory, RoleFactory
from tests.factories.money import ClaimFactory, HeadingFactory, PolicyFactory

pytestmark = pytest.mark.django_db
KINDS = (Role.Kind.COORDINATOR, Role.Kind.TREASURER, Role.Kind.APPROVER)
LATE = {"is_late": True, "late_reason": "I was away"}


@pytest.fixture
def everybody(forum):
    """One person who holds every role at once, with both of Django's flags forced on."""
    PolicyFactory()
    person = PersonFactory(name="Evie Everything", email="evie@larkmere.example")
    for kind in KINDS:
        RoleFactory(person=person, kind=kind)
    person.is_superuser = person.is_staff = True
    return person


@pytest.fixture
def flags_forced(monkeypatch):
    """Every person of this process is a superuser, as far as Django's flags go."""
    from members.models import Person

    monkeypatch.setattr(Person, "is_superuser", True)
    monkeypatch.setattr(Person, "is_staff", True)


def theirs(whose, person, **fields):
    """A claim that is somebody's own, or that they entered for somebody else."""
    if whose == "own":
        return ClaimFactory(person=person, state="submitted", **fields)
    return ClaimFactory(entered_by=person, state="submitted", **fields)


def appealed(whose, person):
    claim = theirs(whose, person, declined_reason="No.")
    claim.declined_by, claim.declined_at = PersonFactory(), timezone.now()
    claim.appealed_by, claim.appealed_at = claim.person, timezone.now()
    claim.save()
    return claim


def first_approved(whose, person):
    claim = theirs(whose, person, needs_two=True)
    claim.approved_by, claim.approved_at = PersonFactory(), timezone.now()
    claim.save()
    return claim


#: deed: (claim to try it on, part of the address, fields, what the service is called with)
DEEDS = {
    "approve": (theirs, "approve/", {}, deciding.approve_claim, {}),
    "second": (first_approved, "approve/", {}, deciding.approve_claim, {}),
    "decline": (
        theirs,
        "decline/",
        {"opening": "own", "more": "So."},
        deciding.decline_claim,
        {"reason": "So."},
    ),
    "ask": (theirs, "ask/", {"text": "Why?"}, deciding.ask_about, {"text": "Why?"}),
    "late": (
        lambda whose, person: theirs(whose, person, **LATE),
        "late/",
        {"reason": "So."},
        deciding.accept_late,
        {"reason": "So."},
    ),
    "refuse": (appealed, "no/", {"reason": "So."}, deciding.refuse_appeal, {"reason": "So."}),
}
EACH = pytest.mark.parametrize("whose", ["own", "entered"])
EVERY = pytest.mark.parametrize("deed", DEEDS)


def as_it_was(claim):
    kept = Claim.objects.filter(pk=claim.pk).values().get()
    return {name: value for name, value in kept.items() if name != "entered_at"}


@EACH
@EVERY
def test_claim_when_theirs_then_neither_page_nor_post_nor_service_decides_it(
    deed, whose, everybody, client_for, flags_forced
):
    make, part, fields, service, said = DEEDS[deed]
    claim = make(whose, everybody)
    before, address = as_it_was(claim), f"/money/claims/{claim.pk}/"
    client = client_for(everybody)
    page = client.get(address).content.decode()
    assert f"{address}{part}" not in page
    assert "so somebody else decides" in page
    sent = {"edit_no": claim.edit_no, "shown": claim.total, **fields}
    assert client.post(address + part, sent).status_code == 403
    with pytest.raises(TransitionNotAllowed, match="somebody else decides"):
        service(claim=claim, edit_no=claim.edit_no, by=everybody, **said)
    assert as_it_was(claim) == before
    assert not AuditEvent.objects.about(claim).filter(by_id=everybody.pk).exists()


@EVERY
def test_claim_when_a_strangers_then_the_same_deeds_are_done(deed, everybody, client_for):
    """The control: what is refused above is refused for whose it is, and for nothing else."""
    make, part, fields, _, _ = DEEDS[deed]
    claim = make("own", PersonFactory())
    before, address = as_it_was(claim), f"/money/claims/{claim.pk}/"
    client = client_for(everybody)
    assert f"{address}{part}" in client.get(address).content.decode()
    sent = {"edit_no": claim.edit_no, "shown": claim.total, **fields}
    assert client.post(address + part, sent).status_code == 302
    assert as_it_was(claim) != before


@EACH
def test_claim_when_theirs_then_left_out_of_what_is_approved_together(whose, everybody, client_for):
    own, other = theirs(whose, everybody), ClaimFactory(state="submitted")
    client = client_for(everybody)
    assert own.reference not in client.get("/money/claims/").content.decode()
    fields = {"claim": [own.pk, other.pk], f"read-{own.pk}": 0, f"read-{other.pk}": 0}
    page = client.post("/money/claims/approve/", fields, follow=True).content.decode()
    assert f"{own.reference} isn’t approved" in page
    assert Claim.objects.get(pk=own.pk).state == "submitted"
    assert Claim.objects.get(pk=other.pk).state == "approved"


@EACH
def test_line_when_of_their_claim_then_its_heading_stays(whose, everybody, client_for):
    claim, heading = theirs(whose, everybody), HeadingFactory()
    line = claim.lines.get()
    address = f"/money/claims/{claim.pk}/{line.pk}/"
    assert client_for(everybody).post(address, {"heading": heading.pk}).status_code == 403
    with pytest.raises(TransitionNotAllowed):
        deciding.set_heading(line=line, heading=heading, by=everybody)
    line.refresh_from_db()
    assert line.heading is None


# Paying ------------------------------------------------------------------------------------------


@EACH
def test_claim_when_theirs_then_neither_put_in_a_run_nor_paid(whose, everybody):
    own, other = ({"person": everybody}, {"entered_by": everybody}), PersonFactory()
    claim = ClaimFactory(**own[whose == "entered"], state="approved")
    with pytest.raises(TransitionNotAllowed):
        paying.make_run(claims=[claim], by=everybody, key=uuid.uuid4())
    assert not Payment.objects.exists()
    RoleFactory(person=other, kind=Role.Kind.TREASURER)
    run = paying.make_run(claims=[claim], by=other, key=uuid.uuid4())
    with pytest.raises(TransitionNotAllowed):
        paying.pay_run(run=run, by=everybody, paid_on=clocks.today())
    with pytest.raises(TransitionNotAllowed):
        paying.cancel_run(run=run, by=everybody)
    claim.refresh_from_db()
    assert (claim.state, claim.paid_by) == ("paying", None)
    paying.pay_run(run=run, by=other, paid_on=clocks.today())
    claim.refresh_from_db()
    assert claim.state == "paid"


@EACH
def test_payment_when_to_oneself_then_the_database_refuses(whose, everybody):
    claim = ClaimFactory(
        **{"own": {"person": everybody}, "entered": {"entered_by": everybody}}[whose],
        state="approved",
    )
    run = Run.objects.create(made_by=everybody)
    fields = {"run": run, "claim": claim, "payee": claim.person, "pence": 660}
    fields["entered_by"] = claim.entered_by
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.create(**fields, made_by=everybody)
    payment = Payment.objects.create(**fields, made_by=PersonFactory())
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(paid_by=everybody, paid_at=timezone.now())


# Round the portal --------------------------------------------------------------------------------


@EACH
@pytest.mark.parametrize("deed", ["approved", "second", "declined", "refused", "late_accepted"])
def test_claim_when_saved_from_a_shell_then_the_database_refuses(deed, whose, everybody):
    claim = theirs(whose, everybody)
    setattr(claim, f"{deed}_by", everybody)
    setattr(claim, f"{deed}_at", timezone.now())
    claim.declined_reason = claim.refused_reason = claim.late_accepted_reason = "So."
    if deed in ("approved", "second"):
        claim.state = "approved"
        claim.approved_by = claim.approved_by or PersonFactory()
        claim.approved_at = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        claim.save()
    setattr(claim, f"{deed}_by", PersonFactory())
    claim.save()


def test_claim_when_marked_approved_without_anybody_then_the_database_refuses(everybody):
    claim = theirs("own", everybody)
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(state="approved")


def test_admin_when_looked_for_then_it_knows_nothing_of_money(everybody, client_for, flags_forced):
    """It is neither installed nor routed; and if somebody turned it on, no table is in it."""
    assert "django.contrib.admin" not in settings.INSTALLED_APPS
    with pytest.raises(NoReverseMatch):
        reverse("admin:index")
    client = client_for(everybody)
    for address in ("/admin/", "/admin/expenses/claim/"):
        assert client.get(address).status_code == 404
    assert find_spec("expenses.admin") is None


# Roles that come, go and meet --------------------------------------------------------------------


def test_claim_when_its_claimant_becomes_treasurer_after_sending_then_two_others_decide(everybody):
    person = PersonFactory()
    claim = ClaimFactory(person=person, state="submitted")
    RoleFactory(person=person, kind=Role.Kind.TREASURER)
    with pytest.raises(TransitionNotAllowed):
        deciding.approve_claim(claim=claim, edit_no=0, by=person)
    deciding.approve_claim(claim=claim, edit_no=0, by=everybody)
    claim.refresh_from_db()
    assert (claim.state, claim.approved_by) == ("submitted", everybody)


def test_claims_when_two_treasurers_swap_then_neither_gets_through_alone(everybody):
    other = PersonFactory()
    RoleFactory(person=other, kind=Role.Kind.TREASURER)
    mine, yours = (ClaimFactory(person=p, state="submitted") for p in (everybody, other))
    deciding.approve_claim(claim=yours, edit_no=0, by=everybody)
    deciding.approve_claim(claim=mine, edit_no=0, by=other)
    for claim, by in ((mine, everybody), (mine, other), (yours, everybody), (yours, other)):
        with pytest.raises(TransitionNotAllowed):
            deciding.approve_claim(claim=claim, edit_no=0, by=by)
        claim.refresh_from_db()
        assert claim.state == "submitted"
    third = RoleFactory(kind=Role.Kind.APPROVER).person
    for claim in (mine, yours):
        deciding.approve_claim(claim=claim, edit_no=0, by=third)
        claim.refresh_from_db()
        assert claim.state == "approved"


def test_claim_when_two_roles_are_one_person_then_that_is_one_approval(everybody):
    claim = ClaimFactory(state="submitted", needs_two=True)
    deciding.approve_claim(claim=claim, edit_no=0, by=everybody)
    with pytest.raises(TransitionNotAllowed, match="You have approved it"):
        deciding.approve_claim(claim=claim, edit_no=0, by=everybody)
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(second_by=everybody, second_at=timezone.now())


def test_claim_when_the_role_has_ended_while_a_page_was_open_then_refused(everybody):
    claim = ClaimFactory(state="submitted")
    assert everybody.is_treasurer  # remembered, as by a page that is open
    everybody.roles.update(ended_at=timezone.now())
    with pytest.raises(TransitionNotAllowed, match="You don’t decide claims"):
        deciding.approve_claim(claim=claim, edit_no=0, by=everybody)


def test_claim_when_they_have_no_role_but_every_flag_then_nothing_opens(
    everybody, client_for, flags_forced
):
    person = PersonFactory(name="Sue Superuser")
    claim = ClaimFactory(state="submitted")
    client = client_for(person)
    for address in ("/money/", "/money/claims/", "/money/attendance/"):
        assert client.get(address).status_code == 403
    assert client.get(f"/money/claims/{claim.pk}/").status_code == 404
    assert client.post(f"/money/claims/{claim.pk}/approve/", {"edit_no": 0}).status_code == 404
    with pytest.raises(TransitionNotAllowed):
        deciding.approve_claim(claim=claim, edit_no=0, by=person)
    with pytest.raises(TransitionNotAllowed):
        deciding.approve_claim(claim=claim, edit_no=0, by=None)
