"""Taking a claim back, and answering what is asked about it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from expenses.models import Claim, ClaimCode, Question
from expenses.services.locks import lock


@transaction.atomic
def withdraw_claim(*, claim: Claim, by: Any, at: datetime | None = None) -> Claim:
    """Take a claim back that isn't approved: nothing is paid, and its code ends.

    Raises TransitionNotAllowed.
    """
    claim = lock(claim)
    was = claim.state
    claim.move("withdraw")
    claim.withdrawn_at, claim.withdrawn_by = at or timezone.now(), by
    claim.edit_no += 1
    claim.save(update_fields=["state", "withdrawn_at", "withdrawn_by", "edit_no"])
    ClaimCode.objects.filter(claim=claim).delete()
    AuditEvent.record("withdraw_claim", claim, by=by, at=at, was=was)
    if by.pk != claim.person_id and was != Claim.State.DRAFT:
        outbox.queue(
            key=f"claim_withdrawn:{claim.pk}",
            template="expenses/claim_withdrawn",
            person=claim.person,
            ids={"claim": claim.pk},
            at=at,
        )
    return claim


@transaction.atomic
def answer_question(
    *, claim: Claim, text: str, by: Any, via: str = "", at: datetime | None = None
) -> Question:
    """Answer the open question, so that checking goes on.

    ``via``: how it came, where somebody writes it down for the claimant. Raises
    TransitionNotAllowed.
    """
    claim, now = lock(claim), at or timezone.now()
    claim.move("answer")
    question = Question.objects.select_for_update().filter(claim=claim, answered_at=None).first()
    if question is None:
        raise TransitionNotAllowed(Claim.REFUSALS["answer"])
    if by.pk != claim.person_id and not via:
        raise TransitionNotAllowed("Say how the answer reached you.")
    question.answer, question.via = text, via
    question.answered_at, question.answered_by = now, by
    question.save(update_fields=["answer", "via", "answered_at", "answered_by"])
    claim.edit_no += 1
    claim.save(update_fields=["state", "edit_no"])
    AuditEvent.record("answer_question", claim, by=by, at=at, question=question.pk, via=via)
    if question.asked_by is not None and question.asked_by_id != by.pk:
        outbox.queue(
            key=f"question_answered:{question.pk}",
            template="expenses/question_answered",
            person=question.asked_by,
            ids={"claim": claim.pk},
            at=at,
        )
    return question
