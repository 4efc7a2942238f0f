"""Payment runs: made, taken to the bank, marked as paid, cancelled; and what comes back.

People are held first, then the run, then what is paid, each in the order of their numbers.
Sums are pence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from coprod import clocks, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from expenses.models import Advance, AdvanceUse, BankDetails, Claim, Payment, Recognition, Run
from expenses.services.advances import Open, open_advances
from expenses.services.locks import lock, lock_people

Paid = Claim | Advance | Recognition
P = TypeVar("P", Claim, Advance, Recognition)

OWN = "This is your own money. Another treasurer pays it."
ENTERED = "You entered this yourself. Another treasurer pays it."
HELD = "It came late, and nobody has decided yet whether that matters."
NOTHING = "Choose at least one thing to pay."


@dataclass(frozen=True)
class Part:
    """One thing of a new run, with what an advance has paid of it already."""

    thing: Paid
    pence: int
    offset: int
    uses: tuple[AdvanceUse, ...]
    details: BankDetails | None

    @property
    def pay_by(self) -> str:
        """Somebody without bank details gets a cheque, whatever they chose."""
        if self.thing.pay_by == Claim.PayBy.BANK and self.details is None:
            return Claim.PayBy.CHEQUE
        return str(self.thing.pay_by)


def entered_by_id(thing: Paid) -> int | None:
    """Who entered, asked for or offered it."""
    if isinstance(thing, Claim):
        return thing.entered_by_id
    return thing.asked_by_id if isinstance(thing, Advance) else thing.offered_by_id


def why_not(thing: Paid, by: Any) -> str:
    """Why this treasurer can't put it into a run; empty when they can."""
    if thing.person_id == by.pk:
        return OWN
    if entered_by_id(thing) == by.pk:
        return ENTERED
    return HELD if isinstance(thing, Claim) and thing.is_held else ""


@transaction.atomic
def make_run(
    *,
    claims: Iterable[Claim],
    by: Any,
    key: UUID,
    advances: Iterable[Advance] = (),
    recognitions: Iterable[Recognition] = (),
    at: datetime | None = None,
) -> Run:
    """Put what was approved into one run, each thing once; the same key again gives that run.

    Claims are paid less what their person has in advance. Raises TransitionNotAllowed.
    """
    chosen: list[Paid] = [*claims, *advances, *recognitions]
    lock_people(thing.person_id for thing in chosen)
    made = Run.objects.filter(key=key).first()
    if made is not None:
        return made
    things: list[Paid] = _all_held(chosen)
    if not things:
        raise TransitionNotAllowed(NOTHING)
    for thing in things:
        if reason := why_not(thing, by):
            raise TransitionNotAllowed(reason)
        thing.move("begin_paying")
        thing.save(update_fields=["state"])
    now = at or timezone.now()
    run = Run.objects.create(key=key, made_at=now, made_by=by)
    for part in parts_of(things):
        _pay_into(run, part, by=by, now=now)
    AuditEvent.record(
        "make_run",
        run,
        by=by,
        at=now,
        payments=len(things),
        pence=sum(payment.pence for payment in run.payments.all()),
    )
    return run


def _held(model: type[P], chosen: Sequence[Paid]) -> list[P]:
    """The chosen rows of one table as they are now, held in the order of their numbers."""
    ids = {thing.pk for thing in chosen if isinstance(thing, model)}
    rows: Any = model._default_manager.select_for_update().filter(pk__in=ids).order_by("pk")
    return list(rows.prefetch_related("lines") if model is Claim else rows)


def _all_held(chosen: Sequence[Paid]) -> list[Paid]:
    return [*_held(Claim, chosen), *_held(Advance, chosen), *_held(Recognition, chosen)]


def parts_of(things: Sequence[Paid]) -> list[Part]:
    """What each is paid, and how: the oldest advance of a person is used up first."""
    people = {thing.person_id for thing in things}
    details = {d.person_id: d for d in BankDetails.objects.filter(person__in=people)}
    left = open_advances(people)
    parts = []
    for thing in things:
        pence = thing.total if isinstance(thing, Claim) else thing.pence
        uses: list[AdvanceUse] = []
        if isinstance(thing, Claim):
            used = use_up(left.get(thing.person_id, []), pence)
            uses = [AdvanceUse(advance=row, claim=thing, pence=part) for row, part in used]
        offset = sum(use.pence for use in uses)
        found = details.get(thing.person_id)
        parts.append(Part(thing, pence - offset, offset, tuple(uses), found))
    return parts


def use_up(open_now: Sequence[Open], pence: int) -> list[tuple[Advance, int]]:
    """What of a sum each open advance pays, the first ones first; what is left of them falls."""
    used = []
    for each in open_now:
        part = min(each.left, pence)
        if part > 0:
            each.left -= part
            pence -= part
            used.append((each.row, part))
    return used


def _pay_into(run: Run, part: Part, *, by: Any, now: datetime) -> None:
    thing = part.thing
    named: dict[str, Any] = {type(thing).__name__.lower(): thing}
    by_bank = part.pay_by == Claim.PayBy.BANK and part.pence > 0
    Payment.objects.create(
        run=run,
        **named,
        payee_id=thing.person_id,
        entered_by_id=entered_by_id(thing),
        pence=part.pence,
        offset=part.offset,
        pay_by=part.pay_by,
        last_digits=part.details.last_digits if by_bank and part.details else "",
        made_at=now,
        made_by=by,
    )
    for use in part.uses:
        use.made_at, use.made_by = now, by
        use.save()


def thing_of(payment: Payment) -> Paid:
    """What a payment is for."""
    found: Paid | None = payment.claim or payment.advance or payment.recognition
    assert found is not None  # the database sees to it
    return found


def reference_for(thing: Paid) -> str:
    """What the bank shows: ``MB-0042`` of a claim, ``AD-`` of an advance, ``TY-`` of thanks."""
    kind = {Claim: "MB", Advance: "AD", Recognition: "TY"}[type(thing)]
    return f"{kind}-{thing.pk:04}"


def living(run: Run) -> list[Payment]:
    """The payments of a run that weren't taken out of it, with what they are for."""
    found = run.payments.filter(cancelled_at=None).order_by("pk")
    return list(found.select_related("claim", "advance", "recognition", "payee"))


def _things(payments: Sequence[Payment]) -> list[Paid]:
    """What payments are for, held."""
    return _all_held([thing_of(payment) for payment in payments])


def refuse_own(payments: Iterable[Payment], by: Any) -> None:
    """Nobody handles a payment to themselves, nor for what they entered."""
    for payment in payments:
        if payment.payee_id == by.pk:
            raise TransitionNotAllowed(OWN)
        if payment.entered_by_id == by.pk:
            raise TransitionNotAllowed(ENTERED)


@transaction.atomic
def pay_run(*, run: Run, by: Any, paid_on: date, at: datetime | None = None) -> Run:
    """Say that a run was paid at the bank on a day, and tell everybody whose money it is.

    Raises TransitionNotAllowed.
    """
    now = at or timezone.now()
    run = lock(run)
    run.move("pay")
    if not clocks.today(run.made_at) <= paid_on <= clocks.today(now):
        raise TransitionNotAllowed("The day lies between the day of the run and today.")
    payments = living(run)
    if not payments:
        raise TransitionNotAllowed("Nothing is left in this payment run. Cancel it instead.")
    refuse_own(payments, by)
    run.paid_at, run.paid_by, run.paid_on = now, by, paid_on
    run.save(update_fields=["state", "paid_at", "paid_by", "paid_on"])
    for thing in _things(payments):
        _mark_paid(thing, by=by, now=now)
    for payment in payments:
        payment.paid_at, payment.paid_by = now, by
        payment.save(update_fields=["paid_at", "paid_by"])
        _tell(payment, "claim_paid" if payment.claim_id else "paid", now)
    AuditEvent.record("pay_run", run, by=by, at=now, payments=len(payments))
    return run


def _mark_paid(thing: Paid, *, by: Any, now: datetime) -> None:
    if isinstance(thing, Recognition):
        thing.move("hand_over")
        thing.done_at, thing.done_by = now, by
        thing.save(update_fields=["state", "done_at", "done_by"])
        AuditEvent.record("hand_over_thanks", thing, by=by, at=now)
        return
    thing.move("pay")
    thing.paid_at, thing.paid_by = now, by
    thing.save(update_fields=["state", "paid_at", "paid_by"])
    AuditEvent.record(f"pay_{type(thing).__name__.lower()}", thing, by=by, at=now)


def _tell(payment: Payment, template: str, now: datetime) -> None:
    outbox.queue(
        key=f"{template}:{payment.pk}",
        template=f"expenses/{template}",
        person=payment.payee,
        ids={"payment": payment.pk, "claim": payment.claim_id},
        at=now,
    )


@transaction.atomic
def cancel_run(*, run: Run, by: Any, at: datetime | None = None) -> Run:
    """Take a run apart: what was in it is approved as before. Raises TransitionNotAllowed."""
    now = at or timezone.now()
    run = lock(run)
    run.move("cancel")
    payments = living(run)
    refuse_own(payments, by)
    run.cancelled_at, run.cancelled_by = now, by
    run.save(update_fields=["state", "cancelled_at", "cancelled_by"])
    take_out(payments, by=by, now=now)
    AuditEvent.record("cancel_run", run, by=by, at=now, payments=len(payments))
    return run


def take_out(payments: Sequence[Payment], *, by: Any, now: datetime) -> list[Paid]:
    """Undo payments that never left: the caller holds their runs. What they were for, held."""
    things = _things(payments)
    for thing in things:
        thing.move("stop_paying")
        thing.save(update_fields=["state"])
    for payment in payments:
        payment.cancelled_at, payment.cancelled_by = now, by
        payment.save(update_fields=["cancelled_at", "cancelled_by"])
    _undo_uses(payments)
    return things


def _undo_uses(payments: Iterable[Payment]) -> None:
    claims = [payment.claim_id for payment in payments if payment.claim_id]
    AdvanceUse.objects.filter(claim__in=claims).delete()


@transaction.atomic
def payment_came_back(
    *, payment: Payment, reason: str, by: Any, at: datetime | None = None
) -> Payment:
    """The bank sent a payment back: what it was for is approved again, and they are told.

    Raises TransitionNotAllowed.
    """
    now = at or timezone.now()
    lock_people([payment.payee_id])
    payment = lock(payment)
    refuse_own([payment], by)
    if payment.paid_at is None or payment.cancelled_at or payment.came_back_at:
        raise TransitionNotAllowed("Only a payment that was made can come back.")
    if payment.advance_id and AdvanceUse.objects.filter(advance=payment.advance_id).exists():
        raise TransitionNotAllowed("This advance has been used since, so it can’t come back.")
    for thing in _things([payment]):
        _unpay(thing)
        AuditEvent.record("payment_came_back", thing, by=by, at=now, payment=payment.pk)
    payment.came_back_at, payment.came_back_by = now, by
    payment.came_back_reason = reason
    payment.save(update_fields=["came_back_at", "came_back_by", "came_back_reason"])
    _undo_uses([payment])
    _tell(payment, "payment_back", now)
    return payment


def _unpay(thing: Paid) -> None:
    """What a payment was for, as before it was paid."""
    thing.move("come_back")
    if isinstance(thing, Recognition):
        thing.done_at = thing.done_by = None
        thing.save(update_fields=["state", "done_at", "done_by"])
    else:
        thing.paid_at = thing.paid_by = None
        thing.save(update_fields=["state", "paid_at", "paid_by"])
