"""Asking for another look at a claim that was declined: by somebody who didn't decline it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from expenses.models import Claim
from expenses.services.eligible import who_can_decide
from expenses.services.locks import lock


@transaction.atomic
def appeal_claim(*, claim: Claim, text: str, by: Any, at: datetime | None = None) -> Claim:
    """Ask for another look, once. What was approved before counts no more: it begins anew.

    It is asked of everybody who may decide it now. Raises TransitionNotAllowed.
    """
    claim, now = lock(claim), at or timezone.now()
    if by.pk not in (claim.person_id, claim.entered_by_id):
        raise TransitionNotAllowed("Only the person whose claim it is can ask for another look.")
    if claim.refused_at is not None:
        raise TransitionNotAllowed("This claim was looked at twice, so the answer stays.")
    claim.move("appeal")
    claim.approved_at = claim.approved_by = claim.second_at = claim.second_by = None
    claim.appealed_at, claim.appealed_by, claim.appeal = now, by, text
    claim.edit_no += 1
    judges = who_can_decide(claim)
    if not judges:
        raise TransitionNotAllowed("Nobody else can look at it at the moment. Please talk to us.")
    claim.save()
    AuditEvent.record("appeal_claim", claim, by=by, at=at)
    for person in judges:
        outbox.queue(
            key=f"appeal_received:{claim.pk}:{claim.edit_no}:{person.pk}",
            template="expenses/appeal_received",
            person=person,
            ids={"claim": claim.pk},
            at=at,
        )
    return claim
