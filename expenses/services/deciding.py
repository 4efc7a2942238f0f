"""Deciding a claim: approving, asking, declining, letting a late one in, judging an appeal.

Each holds the claim first and asks again then, whatever page or form it came from: that it
still waits, that it is as it was when they read it, and that it is theirs to decide.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from expenses.deciding import NO_ROLE, takes_two, why_not
from expenses.models import AttendanceCheck, Claim, Heading, Line, Question
from expenses.services.attendance import tell_tomorrow
from expenses.services.eligible import who_can_decide
from expenses.services.locks import lock
from members.models import Person

FIRST = ("approved_at", "approved_by", "second_at", "second_by")


class ClaimChanged(TransitionNotAllowed):
    """The claim is not what they read any more. The text is for people."""


@transaction.atomic
def approve_claim(*, claim: Claim, edit_no: int, by: Any, at: datetime | None = None) -> Claim:
    """Approve a claim; where it takes two, the first approval leaves it waiting for the other.

    Whether it takes two is asked again here, since the claimant may hold an office by now. It
    waits until somebody has said whether they were there: whoever pays may be one with whoever
    approves, and two people look at everything.
    ``edit_no`` is that of the page on which they read it. Raises TransitionNotAllowed, and
    ClaimChanged where it was changed meanwhile.
    """
    stored = _held(claim, "approve", by, edit_no)
    if stored.is_held:
        raise TransitionNotAllowed("It came late. Say first why it is accepted.")
    if AttendanceCheck.objects.filter(claim=stored, answer="").exists():
        raise TransitionNotAllowed("Nobody has said yet whether they were there.")
    pence, now = stored.total, at or timezone.now()
    stored.needs_two = takes_two(stored)
    if stored.needs_two and stored.approved_by_id is None:
        stored.approved_at, stored.approved_by = now, by
        stored.save(update_fields=["needs_two", "approved_at", "approved_by"])
        AuditEvent.record("approve_claim_first", stored, by=by, at=at, pence=pence)
        tell_deciders(claim=stored, at=now)
        return stored
    if stored.needs_two:
        stored.second_at, stored.second_by = now, by
    else:
        stored.approved_at, stored.approved_by = now, by
    stored.move("approve")
    stored.save(update_fields=["state", "needs_two", *FIRST])
    AuditEvent.record("approve_claim", stored, by=by, at=at, pence=pence)
    return stored


@transaction.atomic
def ask_about(
    *, claim: Claim, text: str, edit_no: int, by: Any, at: datetime | None = None
) -> Question:
    """Ask the claimant something; the claim waits for them until they answer.

    A first approval ends with it: whoever gave it reads the answer too.
    """
    stored = _held(claim, "ask", by, edit_no)
    if not text:
        raise TransitionNotAllowed("Write what you would like to know.")
    stored.move("ask")
    _forget_approval(stored)
    stored.save(update_fields=["state", *FIRST])
    question = Question.objects.create(
        claim=stored, text=text, asked_by=by, asked_at=at or timezone.now()
    )
    AuditEvent.record("ask_about_claim", stored, by=by, at=at, question=question.pk)
    _tell(stored, "expenses/question_asked", question.pk, at, question=question.pk)
    return question


@transaction.atomic
def decline_claim(
    *, claim: Claim, reason: str, edit_no: int, by: Any, at: datetime | None = None
) -> Claim:
    """Decline a claim, with a reason that the claimant reads. They may ask somebody else."""
    stored = _held(claim, "decline", by, edit_no)
    if stored.appealed_at is not None:
        raise TransitionNotAllowed("They asked for it to be looked at again. Answer that.")
    if not reason:
        raise TransitionNotAllowed("Write why it is declined.")
    stored.move("decline")
    _forget_approval(stored)
    stored.declined_at, stored.declined_by = at or timezone.now(), by
    stored.declined_reason = reason
    stored.save(update_fields=["state", *FIRST, "declined_at", "declined_by", "declined_reason"])
    AuditEvent.record("decline_claim", stored, by=by, at=at)
    _tell(stored, "expenses/claim_declined", AuditEvent.objects.about(stored).count(), at)
    return stored


@transaction.atomic
def accept_late(
    *, claim: Claim, reason: str, edit_no: int, by: Any, at: datetime | None = None
) -> Claim:
    """Let a claim in that came after the claim window, with a reason; it isn't approved yet."""
    stored = _held(claim, "approve", by, edit_no)
    if not stored.is_held:
        raise TransitionNotAllowed("It is in time, or was accepted already.")
    if not reason:
        raise TransitionNotAllowed("Write why it is accepted.")
    stored.late_accepted_at, stored.late_accepted_by = at or timezone.now(), by
    stored.late_accepted_reason = reason
    stored.save(update_fields=["late_accepted_at", "late_accepted_by", "late_accepted_reason"])
    AuditEvent.record("accept_late_claim", stored, by=by, at=at)
    return stored


@transaction.atomic
def refuse_appeal(
    *, claim: Claim, reason: str, edit_no: int, by: Any, at: datetime | None = None
) -> Claim:
    """Stand by the no, for good, with a reason; by somebody else than who said it first."""
    stored = _held(claim, "decline", by, edit_no)
    if stored.appealed_at is None:
        raise TransitionNotAllowed("Nobody asked for this to be looked at again.")
    if not reason:
        raise TransitionNotAllowed("Write why it stays declined.")
    stored.move("decline")
    _forget_approval(stored)
    stored.refused_at, stored.refused_by = at or timezone.now(), by
    stored.refused_reason = reason
    stored.save(update_fields=["state", *FIRST, "refused_at", "refused_by", "refused_reason"])
    AuditEvent.record("refuse_appeal", stored, by=by, at=at)
    _tell(stored, "expenses/claim_declined", AuditEvent.objects.about(stored).count(), at)
    return stored


@transaction.atomic
def reopen_claim(*, claim: Claim, by: Any, at: datetime | None = None) -> Claim:
    """Send an approved claim back to be checked, such as when the bank details changed.

    ``by`` may be anybody who caused it. Whoever approved it may do so again; the claimant is
    told, in case it wasn't they who changed anything.
    """
    stored = lock(claim)
    stored.move("reopen")
    _forget_approval(stored)
    stored.edit_no += 1
    stored.save(update_fields=["state", "edit_no", *FIRST])
    AuditEvent.record("reopen_claim", stored, by=by, at=at)
    _tell(stored, "expenses/claim_reopened", AuditEvent.objects.about(stored).count(), at)
    tell_deciders(claim=stored, at=at)
    return stored


@transaction.atomic
def set_heading(*, line: Line, heading: Heading, by: Any, at: datetime | None = None) -> None:
    """Put a line under another heading of the budget. It changes no sum."""
    stored = lock(line.claim)
    _refuse_whom_it_touches(stored, by)
    kept = stored.lines.get(pk=line.pk)
    before, kept.heading = kept.heading_id, heading
    kept.save(update_fields=["heading"])
    AuditEvent.record(
        "set_heading", stored, by=by, at=at, line=kept.pk, before=before, after=heading.pk
    )


def tell_deciders(*, claim: Claim, at: datetime | None = None) -> None:
    """A letter a day to whoever may decide: what has come in, the next morning."""
    claim.needs_two = takes_two(claim)
    for person in who_can_decide(claim):
        tell_tomorrow(person, "expenses/claims_due", at or timezone.now())


def _held(claim: Claim, verb: str, by: Any, edit_no: int) -> Claim:
    """The claim, held, after asking that ``by`` may do this to what they read."""
    stored = lock(claim)
    if not stored.can(verb):
        raise TransitionNotAllowed(_already(stored) or Claim.REFUSALS[verb])
    _refuse_whom_it_touches(stored, by)
    if stored.edit_no != edit_no:
        raise ClaimChanged("It was changed while you read it. Look at it again.")
    return stored


def _refuse_whom_it_touches(stored: Claim, by: Any) -> None:
    """Asked of the person as they are stored: roles may have ended while a page was open."""
    person = Person.objects.filter(pk=getattr(by, "pk", None), is_active=True).first()
    why = why_not(stored, person) if person is not None else NO_ROLE
    if why:
        raise TransitionNotAllowed(why)


def _already(stored: Claim) -> str:
    """Who was quicker, for whoever presses after them."""
    last = stored.second_by or stored.approved_by
    if stored.state in (Claim.State.APPROVED, Claim.State.PAYING, Claim.State.PAID) and last:
        return f"It has been approved already, by {last}."
    if stored.state == Claim.State.DECLINED and stored.declined_by:
        return f"It has been declined already, by {stored.refused_by or stored.declined_by}."
    if stored.state == Claim.State.QUESTIONED:
        return "A question has been asked about it, and isn’t answered yet."
    if stored.state in (Claim.State.DRAFT, Claim.State.WITHDRAWN):
        return "Its sender has taken it back."
    return ""


def _forget_approval(stored: Claim) -> None:
    stored.approved_at = stored.approved_by = None
    stored.second_at = stored.second_by = None


def _tell(claim: Claim, template: str, what: int, at: datetime | None, **ids: int) -> None:
    """A letter to the claimant, by whichever way they are reached."""
    outbox.queue(
        key=f"{template}:{claim.pk}:{what}:{claim.person_id}",
        template=template,
        person=claim.person,
        ids={"claim": claim.pk, **ids},
        at=at,
    )
