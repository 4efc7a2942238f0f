"""Another look at what was declined: once, by somebody else, or said that nobody is there."""

import pytest
from django.urls import reverse

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import Message
from expenses.models import Claim
from expenses.services.appeals import appeal_claim
from expenses.services.deciding import approve_claim, decline_claim, refuse_appeal
from members.models import Role
from tests.expenses.test_claim_page import page, text
from tests.factories.members import PersonFactory, RoleFactory
from tests.factories.money import ClaimFactory

State = Claim.State


@pytest.fixture
def second(forum):
    person = PersonFactory(name="Sita Rao")
    return RoleFactory(person=person, kind=Role.Kind.TREASURER).person


@pytest.fixture
def declined(rep, treasurer):
    claim = ClaimFactory(person=rep, state="submitted")
    return decline_claim(
        claim=claim, reason="It was another day.", edit_no=claim.edit_no, by=treasurer
    )


def test_appeal_when_somebody_else_is_there_then_asked_of_them_alone(
    client_for, declined, rep, treasurer, second
):
    client, address = client_for(rep), reverse("expenses:claim_appeal", args=[declined.pk])
    assert "It was another day." in text(page(client, declined))
    assert address in page(client, declined).content.decode()
    client.post(address, {"text": "I have the ticket."})
    declined.refresh_from_db()
    assert (declined.state, declined.appeal) == (State.SUBMITTED, "I have the ticket.")
    told = Message.objects.filter(template="expenses/appeal_received")
    assert [message.person for message in told] == [second]
    assert "I have the ticket." in outbox.write(told.get()).text


def test_appeal_when_judged_then_not_by_who_declined(declined, rep, treasurer, second):
    claim = appeal_claim(claim=declined, text="Look again", by=rep)
    with pytest.raises(TransitionNotAllowed):
        approve_claim(claim=claim, edit_no=claim.edit_no, by=treasurer)
    approve_claim(claim=claim, edit_no=claim.edit_no, by=second)
    claim.refresh_from_db()
    assert (claim.state, claim.approved_by) == (State.APPROVED, second)


def test_appeal_when_there_is_one_treasurer_then_the_second_approver_judges(
    client_for, declined, rep
):
    chair = RoleFactory(person=PersonFactory(name="Una Chair"), kind=Role.Kind.APPROVER).person
    browser, address = client_for(chair), reverse("expenses:claim_decide", args=[declined.pk])
    assert browser.get(address).status_code == 404, "not theirs before somebody asks"
    claim = appeal_claim(claim=declined, text="Look again", by=rep)
    assert Message.objects.get(template="expenses/appeal_received").person == chair
    assert browser.get(address).status_code == 200
    assert claim in Claim.objects.decidable_by(chair)
    approve_claim(claim=claim, edit_no=claim.edit_no, by=chair)
    claim.refresh_from_db()
    assert (claim.state, claim.approved_by) == (State.APPROVED, chair)


def test_appeal_when_nobody_else_is_there_then_says_so_and_who_to_ring(
    client_for, declined, rep, forum
):
    address = reverse("expenses:claim_appeal", args=[declined.pk])
    for said in (text(client_for(rep).get(address)), text(page(client_for(rep), declined))):
        assert "Nobody else can look at it at the moment" in said
        assert forum.phone in said
    client_for(rep).post(address, {"text": "Look again"})
    with pytest.raises(TransitionNotAllowed):
        appeal_claim(claim=declined, text="Look again", by=rep)
    declined.refresh_from_db()
    assert (declined.state, declined.appealed_at) == (State.DECLINED, None)


def test_appeal_when_empty_then_words_are_asked_for(client_for, declined, rep, second):
    address = reverse("expenses:claim_appeal", args=[declined.pk])
    assert "Write what they should know" in text(client_for(rep).post(address, {"text": ""}))


def test_appeal_when_refused_then_answer_stays(client_for, declined, rep, second):
    claim = appeal_claim(claim=declined, text="Look again", by=rep)
    claim = refuse_appeal(claim=claim, reason="Still that day.", edit_no=claim.edit_no, by=second)
    with pytest.raises(TransitionNotAllowed):
        appeal_claim(claim=claim, text="Once more", by=rep)
    said = text(page(client_for(rep), claim))
    assert "looked at twice, by two people" in said
    assert "Still that day." in said
    assert reverse("expenses:claim_appeal", args=[claim.pk]) not in said


def test_appeal_when_first_of_two_had_approved_then_it_begins_anew(rep, treasurer, second):
    third = RoleFactory(kind=Role.Kind.TREASURER).person
    claim = ClaimFactory(person=rep, state="submitted", needs_two=True)
    claim = approve_claim(claim=claim, edit_no=claim.edit_no, by=treasurer)
    claim = decline_claim(claim=claim, reason="No", edit_no=claim.edit_no, by=second)
    claim = appeal_claim(claim=claim, text="Look again", by=rep)
    assert claim.approved_by is None
    approve_claim(claim=claim, edit_no=claim.edit_no, by=third)
    claim.refresh_from_db()
    assert claim.state == State.SUBMITTED


def test_appeal_when_somebody_elses_then_refused(declined, rep_of_other_group, second):
    with pytest.raises(TransitionNotAllowed):
        appeal_claim(claim=declined, text="Look again", by=rep_of_other_group)


def test_appeal_when_entered_for_somebody_then_enterer_may_ask_for_them(
    client_for, person_without_email, coordinator, treasurer, second
):
    claim = ClaimFactory(person=person_without_email, entered_by=coordinator, state="submitted")
    decline_claim(claim=claim, reason="No", edit_no=claim.edit_no, by=treasurer)
    address = reverse("expenses:claim_appeal", args=[claim.pk])
    client_for(coordinator).post(address, {"text": "They rang me."})
    claim.refresh_from_db()
    assert (claim.state, claim.appealed_by) == (State.SUBMITTED, coordinator)
