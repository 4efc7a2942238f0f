"""Roles that end while a page is open, or after something was entered for somebody."""

import uuid
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from coprod.outbox import write
from expenses.models import Advance, Claim, Recognition, TimeGiven
from expenses.services.advances import ask_advance
from expenses.services.confirming import hand_over
from expenses.services.time_given import add_time
from tests.factories.money import ClaimFactory, PolicyFactory, RecognitionFactory

pytestmark = pytest.mark.django_db


def ends(person):
    person.roles.update(ended_at=timezone.now())


@pytest.fixture
def policy(forum):
    return PolicyFactory()


@pytest.mark.parametrize("state", ["draft", "unconfirmed", "submitted", "questioned", "declined"])
@pytest.mark.parametrize(
    "page",
    [
        *("claim_detail", "claim_photo", "claim_check", "claim_edit", "claim_withdraw"),
        *("question_answer", "claim_appeal", "claim_letter_again"),
    ],
)
def test_claim_when_its_enterer_coordinates_no_more_then_gone_for_them(
    page, state, policy, client_for, coordinator, person_without_email
):
    claim = ClaimFactory(person=person_without_email, entered_by=coordinator, state=state)
    client = client_for(coordinator)
    ends(coordinator)
    url = reverse(f"expenses:{page}", args=[claim.pk])
    assert client.get(url).status_code in (404, 405)
    data = {"answer": "yes", "text": "It was the train", "later": "on", "via": "phone"}
    assert client.post(url, data).status_code == 404
    claim.refresh_from_db()
    assert (claim.state, claim.edit_no) == (state, 0)


def test_own_claim_when_a_role_ends_then_stays_theirs(policy, client_for, coordinator):
    claim = ClaimFactory(person=coordinator, state="submitted")
    ends(coordinator)
    assert client_for(coordinator).get(claim.get_absolute_url()).status_code == 200


def test_things_for_others_when_role_ended_then_seen_no_more(
    policy, coordinator, person_without_email
):
    own = ask_advance(person=coordinator, what_for="Train", pence=500, by=coordinator)
    ask_advance(person=person_without_email, what_for="Train", pence=500, by=coordinator)
    RecognitionFactory(person=person_without_email, offered_by=coordinator)
    said = {"on": clocks.today(), "what": "Calls", "hours": Decimal(1)}
    add_time(person=person_without_email, by=coordinator, **said)
    assert Advance.objects.visible_to(coordinator).count() == 2
    assert Recognition.objects.visible_to(coordinator).count() == 1
    assert TimeGiven.objects.visible_to(coordinator).count() == 1
    ends(coordinator)
    del coordinator.current_roles, coordinator.role_kinds
    assert list(Advance.objects.visible_to(coordinator)) == [own]
    assert not Recognition.objects.visible_to(coordinator).exists()
    assert not TimeGiven.objects.visible_to(coordinator).exists()


@pytest.mark.parametrize("name", ["unconfirmed_still", "claim_code_ended", "claim_not_right"])
def test_letter_to_enterer_when_role_ended_then_not_written(
    name, policy, coordinator, person_without_email
):
    claim = ClaimFactory(person=person_without_email, entered_by=coordinator)
    hand_over(claim=claim, by=coordinator)
    letter = Message.objects.create(
        key=name,
        template=f"expenses/{name}",
        person=coordinator,
        channel="email",
        ids={"claim": claim.pk, "question": 0},
    )
    ends(coordinator)
    with pytest.raises(NoLongerDue, match="don’t enter claims"):
        write(Message.objects.get(pk=letter.pk))


def test_claim_when_treasurer_resigns_with_the_page_open_then_not_decided_nor_paid(
    policy, client_for, treasurer, rep
):
    claim = ClaimFactory(person=rep, state="submitted")
    approved = ClaimFactory(person=rep, state="approved")
    client = client_for(treasurer)
    assert client.get(reverse("expenses:claim_decide", args=[claim.pk])).status_code == 200
    ends(treasurer)
    approve = reverse("expenses:claim_approve", args=[claim.pk])
    assert client.post(approve, {"edit_no": "0"}).status_code == 404
    data = {"key": str(uuid.uuid4()), "bank": f"claim-{approved.pk}", "sure": "on"}
    assert client.post(reverse("expenses:run_make"), data).status_code == 403
    assert set(Claim.objects.values_list("state", flat=True)) == {"submitted", "approved"}
