"""Whether a claimant was there: by the register, else as somebody else says.

Asked of the coordinators, never about themselves. Where nobody but the claimant coordinates
the forum a treasurer is asked. Whoever answers needs to see neither sums nor receipts.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from coprod import clocks, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from expenses.models import AttendanceCheck, Claim
from expenses.services.locks import lock
from meetings.models import Attendance
from members.models import Person

Answer = AttendanceCheck.Answer


def is_in_register(claim: Claim) -> bool:
    """Whether somebody else ticked the claimant on the register of the claim's meeting."""
    if claim.meeting_id is None:
        return False
    ticked = Attendance.objects.filter(
        invitation__meeting=claim.meeting_id, invitation__person=claim.person_id
    )
    by_another = Q(recorded_by=None) | ~Q(recorded_by=F("invitation__person"))
    return ticked.filter(by_another).exists()


def who_vouches(claim: Claim) -> list[Person]:
    """Who is asked: the other coordinators, or the treasurers where there is none."""
    found = list(Person.objects.coordinators().exclude(pk=claim.person_id))
    return found or list(Person.objects.treasurers().exclude(pk=claim.person_id))


@transaction.atomic
def ask_attendance(*, claim: Claim, by: Any, at: datetime | None = None) -> AttendanceCheck:
    """Ask whether the claimant was there, when a claim is sent; the register answers first.

    A claim that was taken back to be changed and is sent again is asked about again, since it
    may be for another day. Of a claim without a meeting it is asked whether it was asked of
    them. The letter gathers what came in a day and goes the next morning.
    """
    now = at or timezone.now()
    known = is_in_register(claim)
    check, _ = AttendanceCheck.objects.update_or_create(
        claim=claim,
        defaults={
            "claimant_id": claim.person_id,
            "answer": Answer.REGISTER if known else "",
            "note": "",
            "asked_at": now,
            "asked_by": by,
            "answered_at": now if known else None,
            "answered_by": None,
        },
    )
    AuditEvent.record("ask_attendance", check, by=by, at=at, claim=claim.pk, answer=check.answer)
    if not known:
        for person in who_vouches(claim):
            tell_tomorrow(person, "expenses/attendance_due", now)
    return check


@transaction.atomic
def answer_attendance(
    *, check: AttendanceCheck, there: bool, note: str = "", by: Any, at: datetime | None = None
) -> AttendanceCheck:
    """Say whether somebody was there. It decides nothing: whoever decides reads it.

    It may be put right while the claim is being checked. Raises TransitionNotAllowed.
    """
    claim = lock(check.claim)  # before the check, as whoever decides on it does
    stored = lock(check)
    if stored.claimant_id == by.pk:
        raise TransitionNotAllowed("Somebody else says whether you were there.")
    if claim.state not in (Claim.State.SUBMITTED, Claim.State.QUESTIONED):
        raise TransitionNotAllowed("This claim isn’t being checked any more.")
    if by.pk not in {person.pk for person in who_vouches(claim)}:
        raise TransitionNotAllowed("The coordinator says who was there.")
    stored.answer = Answer.THERE if there else Answer.NOT_THERE
    stored.note = note
    stored.answered_at, stored.answered_by = at or timezone.now(), by
    stored.save(update_fields=["answer", "note", "answered_at", "answered_by"])
    claim.edit_no += 1  # whoever decides reads it, so a page that is open is out of date
    claim.save(update_fields=["edit_no"])
    AuditEvent.record(
        "answer_attendance", stored, by=by, at=at, claim=claim.pk, answer=stored.answer
    )
    return stored


def tell_tomorrow(person: Person, template: str, now: datetime) -> None:
    """One letter a day about whatever has come in, the next morning; never one a claim."""
    day = clocks.today(now) + timedelta(days=1)
    outbox.queue(
        key=f"{template}:{day.isoformat()}:{person.pk}",
        template=template,
        person=person,
        at=clocks.local(day, clocks.QUIET_UNTIL),
    )
