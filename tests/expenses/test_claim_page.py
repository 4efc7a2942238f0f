"""The page of one claim: whose turn, what was asked, what happened; the same for all readers."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from coprod.models import AuditEvent, Message
from expenses.models import Claim, Question
from expenses.services.eligible import lacks_decider, who_can_decide
from expenses.services.taking_back import answer_question, withdraw_claim
from expenses.turns import turn_of
from members.models import Role
from tests.factories.members import PersonFactory, RoleFactory
from tests.factories.money import ClaimFactory, LineFactory

State = Claim.State


def page(client, claim, name="claim_detail"):
    return client.get(reverse(f"expenses:{name}", args=[claim.pk]))


def text(response):
    body = response.content.decode().split("<main", 1)[-1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


@pytest.fixture
def asked(rep, treasurer):
    claim = ClaimFactory(person=rep, state="questioned")
    claim.questions.create(text="What was the taxi for?", asked_by=treasurer)
    return claim


# Whose turn ---------------------------------------------------------------------------------------


def test_page_when_submitted_then_says_day_and_when_money_is_due(client_for, rep, treasurer):
    claim = ClaimFactory(person=rep, state="submitted", sent_at=timezone.now() - timedelta(days=3))
    said = text(page(client_for(rep), claim))
    assert "The treasurer’s turn: to check it." in said
    due = claim.clock.due_on
    assert f"Day 3 of 14: your money is due by {due:%A} {due.day} {due:%B %Y}." in said
    assert claim.reference in said
    assert "£6.60" in said


def test_page_when_late_then_says_how_many_days(client_for, rep, treasurer):
    sent = timezone.now() - timedelta(days=16)
    claim = ClaimFactory(person=rep, state="submitted", sent_at=sent)
    assert "2 days late: your money was due by" in text(page(client_for(rep), claim))


def test_page_when_question_is_open_then_it_is_the_claimants_turn(client_for, asked, rep):
    response = page(client_for(rep), asked)
    assert "Your turn: answer one question." in text(response)
    assert reverse("expenses:question_answer", args=[asked.pk]) in response.content.decode()


def test_page_when_nobody_may_decide_then_says_that_it_waits(client_for, treasurer):
    claim = ClaimFactory(person=treasurer, state="submitted")
    assert lacks_decider(claim)
    assert "It waits: nobody can decide it" in text(page(client_for(treasurer), claim))


def test_page_when_held_then_says_that_it_came_late(client_for, rep, treasurer):
    claim = ClaimFactory(person=rep, state="submitted", is_late=True, late_reason="I was ill")
    said = text(page(client_for(rep), claim))
    assert "It came late, so it is held." in said
    assert "I was ill" in said


def test_page_when_line_is_cut_then_says_how_much_less(client_for, rep, treasurer):
    claim = ClaimFactory(person=rep, lines=[], state="draft")
    LineFactory(claim=claim, kind="meal", asked=1250, pence=800, workings="£8.00 a day at most")
    said = text(page(client_for(rep), claim))
    assert "It cost £12.50; the rules pay £8, which is £4.50 less." in said
    assert "£8.00 a day at most" in said


@pytest.mark.parametrize("state", State.values)
def test_page_in_every_state_then_same_facts_for_every_reader(
    state, client_for, person_without_email, coordinator, treasurer
):
    claim = ClaimFactory(person=person_without_email, entered_by=coordinator, state=state)
    readers = [person_without_email, coordinator, *([treasurer] if state != "draft" else [])]
    for reader in readers:
        response = page(client_for(reader), claim)
        assert response.status_code == 200
        assert response["Cache-Control"] == "private, no-store"
        said = text(response)
        assert "£6.60" in said
        assert person_without_email.name in said
        assert turn_of(claim, reader).words in said


def test_page_when_paid_then_says_where_the_money_went(client_for, rep, treasurer):
    from expenses.models import Payment, Run

    claim = ClaimFactory(person=rep, state="paid")
    run = Run.objects.create(made_by=treasurer)
    Payment.objects.create(
        run=run, claim=claim, payee=rep, pence=660, last_digits="4321", paid_at=timezone.now()
    )
    assert "£6.60 went to the account ending 4321" in text(page(client_for(rep), claim))


def test_page_when_much_is_on_it_then_few_questions(
    client_for, person_without_email, coordinator, treasurer
):
    claim = ClaimFactory(person=person_without_email, entered_by=coordinator, state="submitted")
    for number in range(20):
        LineFactory(claim=claim, pence=100 + number)
        asker = RoleFactory(kind=Role.Kind.TREASURER).person
        now = timezone.now()
        Question.objects.create(
            claim=claim,
            text="?",
            asked_by=asker,
            answer="!",
            answered_by=coordinator,
            answered_at=now,
        )
        AuditEvent.record("ask_about_claim", claim, by=asker)
    client = client_for(treasurer)
    page(client, claim)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert page(client, claim).status_code == 200
    assert len(asked) <= 14


def test_history_when_read_then_names_those_who_run_money_by_part(client_for, rep, treasurer):
    claim = ClaimFactory(person=rep, state="submitted")
    AuditEvent.record("send", claim, by=rep)
    AuditEvent.record("approve_claim", claim, by=treasurer)
    said = text(page(client_for(rep), claim))
    assert "Sent, by you" in said
    assert "Approved, by the treasurer" in said
    assert treasurer.name not in said


# Who may read it ----------------------------------------------------------------------------------


def test_page_when_somebody_elses_then_not_there(
    client_for, rep, rep_of_other_group, officer, administrator, coordinator, staff
):
    claim = ClaimFactory(person=rep, state="submitted")
    for other in (rep_of_other_group, officer, administrator, coordinator, staff):
        assert page(client_for(other), claim).status_code == 404


def test_page_when_draft_then_treasurer_does_not_see_it(client_for, rep, treasurer):
    assert page(client_for(treasurer), ClaimFactory(person=rep)).status_code == 404


# Answering ----------------------------------------------------------------------------------------


def test_answer_when_given_then_checked_again_and_asker_told(client_for, asked, rep, treasurer):
    was = asked.edit_no
    address = reverse("expenses:question_answer", args=[asked.pk])
    response = client_for(rep).post(address, {"text": "The bus had gone."})
    assert response.status_code == 302
    asked.refresh_from_db()
    assert asked.state == State.SUBMITTED
    assert asked.edit_no > was
    question = asked.questions.get()
    assert (question.answer, question.answered_by, question.via) == ("The bus had gone.", rep, "")
    assert Message.objects.filter(template="expenses/question_answered", person=treasurer).exists()


def test_answer_when_sent_twice_then_kept_once(client_for, asked, rep):
    client, address = client_for(rep), reverse("expenses:question_answer", args=[asked.pk])
    client.post(address, {"text": "First"})
    client.post(address, {"text": "Second"})
    assert asked.questions.get().answer == "First"


def test_answer_when_empty_then_asked_for_in_words(client_for, asked, rep):
    address = reverse("expenses:question_answer", args=[asked.pk])
    assert "Write your answer" in text(client_for(rep).post(address, {"text": ""}))


def test_answer_when_treasurer_heard_it_then_says_how(client_for, asked, treasurer):
    address = reverse("expenses:question_answer", args=[asked.pk])
    client = client_for(treasurer)
    assert "Choose how the answer reached you" in text(client.post(address, {"text": "Bus"}))
    client.post(address, {"text": "Bus", "via": "phone"})
    question = asked.questions.get()
    assert (question.answered_by, question.via) == (treasurer, "phone")


def test_answer_when_receipt_is_refused_then_words_are_kept(client_for, asked, rep):
    from django.core.files.uploadedfile import SimpleUploadedFile

    address = reverse("expenses:question_answer", args=[asked.pk])
    sent = {"text": "Here it is", "receipt": SimpleUploadedFile("a.jpg", b"MZ not a photo")}
    response = client_for(rep).post(address, sent)
    assert response.status_code == 200
    assert "Here it is" in response.content.decode()
    asked.refresh_from_db()
    assert asked.state == State.QUESTIONED
    assert not asked.receipts.exists()


def test_answer_when_given_without_how_by_another_then_refused(asked, treasurer):
    from coprod.exceptions import TransitionNotAllowed

    with pytest.raises(TransitionNotAllowed):
        answer_question(claim=asked, text="Bus", by=treasurer)


# Taking back --------------------------------------------------------------------------------------


def test_withdraw_when_asked_then_confirms_first(client_for, rep):
    claim = ClaimFactory(person=rep, state="submitted")
    client, address = client_for(rep), reverse("expenses:claim_withdraw", args=[claim.pk])
    assert "Take this claim back?" in text(client.get(address))
    claim.refresh_from_db()
    assert claim.state == State.SUBMITTED
    client.post(address)
    claim.refresh_from_db()
    assert (claim.state, claim.withdrawn_by) == (State.WITHDRAWN, rep)
    assert client.post(address).status_code == 302


def test_withdraw_when_draft_then_it_is_gone(client_for, rep):
    claim = ClaimFactory(person=rep)
    client_for(rep).post(reverse("expenses:claim_withdraw", args=[claim.pk]))
    assert not Claim.objects.filter(pk=claim.pk).exists()


@pytest.mark.parametrize("state", ["approved", "paying", "paid"])
def test_withdraw_when_decided_then_refused_in_words(client_for, rep, state):
    claim = ClaimFactory(person=rep, state=state)
    address = reverse("expenses:claim_withdraw", args=[claim.pk])
    response = client_for(rep).post(address, follow=True)
    assert "can’t be taken back any more" in response.content.decode()
    claim.refresh_from_db()
    assert claim.state == state


def test_withdraw_when_entered_for_somebody_then_they_are_told(person_without_email, coordinator):
    claim = ClaimFactory(person=person_without_email, entered_by=coordinator, state="submitted")
    withdraw_claim(claim=claim, by=coordinator)
    told = Message.objects.get(template="expenses/claim_withdrawn")
    assert told.person == person_without_email


# Who can decide -----------------------------------------------------------------------------------


def test_deciders_when_asked_then_neither_claimant_nor_enterer_nor_who_declined(
    rep, treasurer, coordinator
):
    second = RoleFactory(person=PersonFactory(), kind=Role.Kind.TREASURER).person
    RoleFactory(person=coordinator, kind=Role.Kind.TREASURER)
    claim = ClaimFactory(person=rep, entered_by=coordinator, state="submitted")
    assert set(who_can_decide(claim)) == {treasurer, second}
    own = ClaimFactory(person=treasurer, state="submitted")
    assert treasurer not in who_can_decide(own)
    declined = ClaimFactory(person=rep, state="declined", declined_by=treasurer)
    Claim.objects.filter(pk=declined.pk).update(declined_by=treasurer)
    declined.refresh_from_db()
    assert treasurer not in who_can_decide(declined)


def test_deciders_when_two_are_needed_and_one_is_there_then_it_lacks_one(rep, treasurer):
    claim = ClaimFactory(person=rep, state="submitted", needs_two=True)
    assert lacks_decider(claim)
    RoleFactory(person=PersonFactory(), kind=Role.Kind.APPROVER)
    assert not lacks_decider(claim)


def test_deciders_when_role_has_ended_then_they_are_none(rep, treasurer):
    Role.objects.filter(person=treasurer).update(ended_at=timezone.now())
    assert lacks_decider(ClaimFactory(person=rep, state="submitted"))
