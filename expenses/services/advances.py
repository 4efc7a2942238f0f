"""Money in advance: asked for, decided, used up by later claims, given back. Pence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import clocks, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from coprod.templatetags.forum import pence as pounds
from expenses.models import Advance, AdvanceUse, Policy
from expenses.services.locks import lock, lock_people
from members.models import Person, Role

DECIDED = ("decided_at", "decided_by", "declined_reason")
NO_RULES = "The forum has agreed no rules about money yet, so nothing can be paid in advance."


@dataclass
class Open:
    """An advance that was paid, and what is left of it in pence."""

    row: Advance
    left: int


def open_advances(people: Iterable[int]) -> dict[int, list[Open]]:
    """What people still have in advance, the oldest first. Whoever pays them holds them."""
    found: dict[int, list[Open]] = {}
    paid: Any = Advance.objects.filter(person__in=list(people), state=Advance.State.PAID)
    for advance in paid.with_used().order_by("paid_at", "pk"):  # annotates ``used``
        left = advance.pence - advance.used
        if left > 0:
            found.setdefault(advance.person_id, []).append(Open(advance, left))
    return found


def left_of(person: Any) -> int:
    """Pence that somebody still has in advance."""
    return sum(each.left for each in open_advances([person.pk]).get(person.pk, []))


def most_now(person: Any, *, but: Advance | None = None) -> int | None:
    """Pence that somebody may still get in advance; None while no rules are in force."""
    policy = Policy.objects.governing(clocks.today())
    if policy is None:
        return None
    coming = Advance.objects.filter(person=person, state__in=["asked", "approved", "paying"])
    if but is not None:
        coming = coming.exclude(pk=but.pk)
    return max(
        policy.advance_most - left_of(person) - sum(coming.values_list("pence", flat=True)), 0
    )


def _refuse_too_much(person: Any, pence: int, *, but: Advance | None = None) -> None:
    most = most_now(person, but=but)
    if most is None:
        raise TransitionNotAllowed(NO_RULES)
    if pence > most:
        raise TransitionNotAllowed(
            f"That is more than the forum pays in advance. {pounds(most)} is possible now."
        )


@transaction.atomic
def ask_advance(
    *,
    person: Person,
    what_for: str,
    pence: int,
    by: Person,
    meeting: Any = None,
    pay_by: str = "bank",
    at: datetime | None = None,
) -> Advance:
    """Ask for money before it is spent, for oneself or, as coordinator, for somebody.

    The same asked twice within a minute is one. Raises TransitionNotAllowed.
    """
    now = at or timezone.now()
    lock_people([person.pk])
    same = Advance.objects.filter(person=person, what_for=what_for, pence=pence, asked_by=by)
    pressed = same.filter(state="asked", asked_at__gte=now - timedelta(minutes=1)).first()
    if pressed is not None:
        return pressed
    _refuse_too_much(person, pence)
    advance = Advance.objects.create(
        person=person,
        what_for=what_for,
        pence=pence,
        meeting=meeting,
        pay_by=pay_by,
        asked_at=now,
        asked_by=by,
    )
    AuditEvent.record("ask_advance", advance, by=by, at=now, pence=pence)
    _ask_treasurers(advance, now)
    return advance


def who_decides(advance: Advance) -> list[Person]:
    """Treasurers whose own it isn't, and who didn't ask for it."""
    kinds = Role.objects.current().filter(kind=Role.Kind.TREASURER)
    people = Person.objects.filter(is_active=True, pk__in=kinds.values("person"))
    return list(people.exclude(pk__in=[advance.person_id, advance.asked_by_id or 0]))


def _ask_treasurers(advance: Advance, now: datetime) -> None:
    count = AuditEvent.objects.about(advance).count()
    for person in who_decides(advance):
        outbox.queue(
            key=f"advance-asked:{advance.pk}:{count}:{person.pk}",
            template="expenses/advance_asked",
            person=person,
            ids={"advance": advance.pk},
            at=now,
        )


def why_not_decide(advance: Advance, by: Any) -> str:
    """Why this treasurer may not decide it; empty where they may."""
    if advance.person_id == by.pk:
        return "It is for you, so another treasurer decides."
    return "You asked for it, so another treasurer decides." if advance.asked_by_id == by.pk else ""


def _decide(advance: Advance, verb: str, *, by: Any, now: datetime, reason: str = "") -> Advance:
    held = lock(advance)
    if why := why_not_decide(held, by):
        raise TransitionNotAllowed(why)
    held.move(verb)
    held.decided_at, held.decided_by, held.declined_reason = now, by, reason
    held.save(update_fields=["state", *DECIDED])
    AuditEvent.record(f"{verb}_advance", held, by=by, at=now)
    _tell(held, "expenses/advance_decided", now)
    return held


def _tell(advance: Advance, template: str, now: datetime) -> None:
    outbox.queue(
        key=f"{template}:{advance.pk}:{AuditEvent.objects.about(advance).count()}",
        template=template,
        person=advance.person,
        ids={"advance": advance.pk},
        at=now,
    )


@transaction.atomic
def approve_advance(*, advance: Advance, by: Any, at: datetime | None = None) -> Advance:
    """Say yes, while it is within what somebody may have at once. Raises TransitionNotAllowed."""
    lock_people([advance.person_id])
    _refuse_too_much(advance.person, advance.pence, but=advance)
    return _decide(advance, "approve", by=by, now=at or timezone.now())


@transaction.atomic
def decline_advance(
    *, advance: Advance, reason: str, by: Any, at: datetime | None = None
) -> Advance:
    """Say no, and why. Raises TransitionNotAllowed."""
    return _decide(advance, "decline", by=by, now=at or timezone.now(), reason=reason)


@transaction.atomic
def reopen_advance(*, advance: Advance, by: Any, at: datetime | None = None) -> Advance:
    """Ask for a decision once more, since the bank details changed after it."""
    now = at or timezone.now()
    held = lock(advance)
    held.move("reopen")
    held.decided_at = held.decided_by = None
    held.save(update_fields=["state", *DECIDED])
    AuditEvent.record("reopen_advance", held, by=by, at=now)
    _ask_treasurers(held, now)
    return held


@transaction.atomic
def withdraw_advance(*, advance: Advance, by: Any, at: datetime | None = None) -> Advance:
    """Take back what was asked for, before it is decided. Raises TransitionNotAllowed."""
    held = lock(advance)
    if by.pk not in (held.person_id, held.asked_by_id):
        raise TransitionNotAllowed("Only whoever asked for it can take it back.")
    held.move("withdraw")
    held.save(update_fields=["state"])
    AuditEvent.record("withdraw_advance", held, by=by, at=at)
    return held


@transaction.atomic
def return_advance(
    *, advance: Advance, pence: int, note: str, by: Any, at: datetime | None = None
) -> AdvanceUse:
    """Note what somebody gave back of an advance. Raises TransitionNotAllowed."""
    now = at or timezone.now()
    lock_people([advance.person_id])
    if why := why_not_decide(advance, by):
        raise TransitionNotAllowed(why)
    mine = open_advances([advance.person_id]).get(advance.person_id, [])
    left = next((each.left for each in mine if each.row.pk == advance.pk), 0)
    if pence > left:
        raise TransitionNotAllowed(f"Only {pounds(left)} of it is left.")
    use = AdvanceUse.objects.create(
        advance=advance, pence=pence, note=note, made_at=now, made_by=by
    )
    AuditEvent.record("return_advance", advance, by=by, at=now, pence=pence)
    _tell(advance, "expenses/advance_returned", now)
    return use
