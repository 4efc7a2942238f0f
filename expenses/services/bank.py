"""Bank details: kept sealed, changed, shown with a note of it, removed, forgotten.

Every deed is an audit event about the person, so that its history outlives the details.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from expenses import sealing
from expenses.accounts import Account
from expenses.models import Advance, BankDetails, Claim, Payment, Recognition, Run
from expenses.services.advances import reopen_advance
from expenses.services.deciding import reopen_claim
from expenses.services.locks import lock_people
from expenses.services.paying import take_out
from members.models import Person

#: After somebody's last payment, or after the details were typed. Source: what is promised on
#: the page where they are typed.
KEPT = timedelta(days=90)
#: Addresses that they had in this time are told of a change too.
OLD_ADDRESSES = timedelta(days=60)
VIEW = "view_bank_details"

#: Sent and not settled: somebody may need the details for it.
UNSETTLED: dict[type[Any], tuple[str, ...]] = {
    Claim: ("unconfirmed", "submitted", "questioned", "approved", "paying"),
    Advance: ("asked", "approved", "paying"),
    Recognition: ("accepted", "paying"),
}
#: Of these, what a treasurer may pay or has in a run.
PAYABLE: dict[type[Any], tuple[str, ...]] = {
    Claim: ("approved", "paying"),
    Advance: ("approved", "paying"),
    Recognition: ("accepted", "paying"),
}


def has_any(person: Any, states: dict[type[Any], tuple[str, ...]]) -> bool:
    """Whether somebody has a claim, advance or thank-you in one of these states."""
    return any(
        model._default_manager.filter(person=person, state__in=names).exists()
        for model, names in states.items()
    )


def is_payee(person: Person) -> bool:
    """Whether somebody ever had a claim that was sent, an advance or a thank-you."""
    sent = Claim.objects.filter(person=person).exclude(state="draft")
    return sent.exists() or any(
        model._default_manager.filter(person=person).exists() for model in (Advance, Recognition)
    )


def why_not_enter(person: Person, by: Any) -> str:
    """Why this treasurer may not type somebody's details from paper; empty where they may."""
    if person.pk == by.pk:
        return "These are your own. Change them under “Money back”."
    if person.email:
        return f"{person.name} signs in, so they type their bank details themselves."
    entered = Claim.objects.filter(person=person, entered_by=by)
    if entered.filter(state__in=UNSETTLED[Claim]).exists():
        return "You entered a claim for them, so another treasurer types their bank details."
    return ""


# Kept and changed ---------------------------------------------------------------------------------


@sensitive_variables("account", "before")
@transaction.atomic
def save_details(
    *, person: Person, account: Account, by: Person, at: datetime | None = None
) -> BankDetails:
    """Keep where somebody's money goes: their own, or typed by a treasurer from a signed form.

    A change sends what was approved back to be checked, and tells them, wherever we can reach
    them. The same again changes nothing. Raises TransitionNotAllowed.
    """
    now = at or timezone.now()
    if person.pk != by.pk and (reason := why_not_enter(person, by)):
        raise TransitionNotAllowed(reason)
    lock_people([person.pk])
    kept = BankDetails.objects.filter(person=person).first()
    if kept is not None and _holds(kept, account):
        return kept
    sealed = {
        "sealed": sealing.seal(account, person_id=person.pk),
        "last_digits": account.last_digits,
        "changed_at": now,
        "changed_by": by,
    }
    details, _ = BankDetails.objects.update_or_create(person=person, defaults=sealed)
    was_change = kept is not None
    AuditEvent.record("save_bank_details", person, by=by, at=now, changed=was_change)
    if was_change:
        _send_back(person, by=by, now=now)
    _tell(person, "changed" if was_change else "saved", details.last_digits, now)
    return details


def _holds(kept: BankDetails, account: Account) -> bool:
    """Whether the same stands there already; what can't be opened is something else."""
    try:
        return sealing.unseal(kept.sealed, person_id=kept.person_id) == account
    except sealing.CannotOpen:
        return False


@transaction.atomic
def remove_details(*, person: Person, by: Person, at: datetime | None = None) -> None:
    """Take one's own away; what was approved is checked again. Nothing where there are none."""
    now = at or timezone.now()
    if person.pk != by.pk:
        raise TransitionNotAllowed("Only they themselves can remove their bank details.")
    lock_people([person.pk])
    kept = BankDetails.objects.filter(person=person).first()
    if kept is None:
        return
    last_digits = kept.last_digits
    kept.delete()
    AuditEvent.record("remove_bank_details", person, by=by, at=now)
    _send_back(person, by=by, now=now)
    _tell(person, "removed", last_digits, now)


def _send_back(person: Person, *, by: Person, now: datetime) -> None:
    """What was approved for the account that it was is approved for no other.

    What is in a run that nobody has taken to the bank yet comes out of it first. What may be
    at the bank stays: the money goes to the old account, or comes back.
    """
    open_runs = Payment.objects.filter(payee=person, cancelled_at=None, run__state=Run.State.OPEN)
    runs = Run.objects.select_for_update().filter(pk__in=open_runs.values("run")).order_by("pk")
    for run in runs:
        payments = run.payments.filter(payee=person, cancelled_at=None, pay_by=Claim.PayBy.BANK)
        waiting = payments.select_related("claim", "advance", "recognition", "payee", "run")
        staying = [payment for payment in waiting if not may_have_gone(payment)]
        take_out(staying, by=by, now=now)
        if staying:
            AuditEvent.record("take_out_of_run", run, by=by, at=now, payments=len(staying))
    mine: Any = Claim.objects.select_for_update().filter(person=person, pay_by=Claim.PayBy.BANK)
    for claim in mine.filter(state__in=["submitted", "approved"]).order_by("pk"):
        if claim.state == Claim.State.APPROVED:
            reopen_claim(claim=claim, by=by, at=now)
        else:  # whoever reads it, or approved it as the first of two, read the old digits
            claim.approved_at = claim.approved_by = None
            claim.edit_no += 1
            claim.save(update_fields=["edit_no", "approved_at", "approved_by"])
    approved = Advance.objects.filter(person=person, state="approved", pay_by="bank")
    for advance in approved.order_by("pk"):
        reopen_advance(advance=advance, by=by, at=now)


def may_have_gone(payment: Payment) -> bool:
    """Whether a treasurer may have taken this payment of an open run to the bank already."""
    if payment.run.fetched_at is not None:
        return True
    return bool(seen_by(payment.payee).filter(at__gte=payment.made_at).exists())


def _tell(person: Person, deed: str, last_digits: str, now: datetime) -> None:
    """By their own channel, and to every e-mail address that was theirs lately."""
    count = AuditEvent.objects.about(person).count()
    letter: dict[str, Any] = {
        "template": "expenses/bank_changed",
        "person": person,
        "ids": {"deed": deed, "last_digits": last_digits},
        "urgent": True,
        "at": now,
    }
    outbox.queue(key=f"bank:{person.pk}:{count}", **letter)
    earlier = Message.objects.filter(
        person=person, channel=Message.Channel.EMAIL, created_at__gte=now - OLD_ADDRESSES
    )
    current = {person.email or "", person.contact_email, ""}
    for address in sorted(set(earlier.values_list("address", flat=True)) - current):
        outbox.queue(
            key=f"bank:{person.pk}:{count}:{address}",
            address=address,
            channel=Message.Channel.EMAIL,
            **letter,
        )


# Shown --------------------------------------------------------------------------------------------


def own_account(person: Person) -> Account | None:
    """One's own, to read and check. Raises sealing.CannotOpen."""
    kept = BankDetails.objects.filter(person=person).first()
    return sealing.unseal(kept.sealed, person_id=person.pk) if kept else None


def why_not_view(person: Person, by: Any) -> str:
    """Why this treasurer may not read somebody's details now; empty where they may."""
    if person.pk == by.pk:
        return "These are your own. You can read them under “Money back”."
    if not has_any(person, PAYABLE):
        return "There is nothing to pay to them now, so their details stay closed."
    return ""


@transaction.atomic
def view_details(*, details: BankDetails, by: Person, at: datetime | None = None) -> Account:
    """The whole, for a treasurer who pays them by hand; that they looked is kept, and shown.

    Raises TransitionNotAllowed, sealing.CannotOpen.
    """
    person = details.person
    lock_people([person.pk])
    if reason := why_not_view(person, by):
        raise TransitionNotAllowed(reason)
    kept = BankDetails.objects.get(person=person)
    account = sealing.unseal(kept.sealed, person_id=person.pk)
    AuditEvent.record(VIEW, person, by=by, at=at)
    return account


def seen_by(person: Person) -> Any:
    """The events of somebody having read a person's details, newest first."""
    return AuditEvent.objects.about(person).filter(verb=VIEW)


def who_saw(person: Person) -> list[tuple[datetime, str]]:
    """When, and who: for the person themselves."""
    events = list(seen_by(person)[:50])
    names = dict(Person.objects.filter(pk__in={e.by_id for e in events}).values_list("pk", "name"))
    return [(event.at, names.get(event.by_id, "Somebody")) for event in events]


# Forgotten ----------------------------------------------------------------------------------------


def forget_when_due(*, at: datetime | None = None) -> int:
    """Delete what nobody needs any more, and tell whose it was; how many. Harmless twice."""
    now = at or timezone.now()
    old = BankDetails.objects.filter(changed_at__lt=now - KEPT).order_by("pk")
    return sum(_forget(person_id, now) for person_id in old.values_list("person_id", flat=True))


@transaction.atomic
def _forget(person_id: int, now: datetime) -> bool:
    lock_people([person_id])
    kept = BankDetails.objects.select_related("person").filter(person=person_id).first()
    if kept is None or forgotten_on(kept) > now or has_any(kept.person, UNSETTLED):
        return False
    last_digits = kept.last_digits
    kept.delete()
    AuditEvent.record("forget_bank_details", kept.person, by=None, at=now)
    outbox.queue(
        key=f"bank-forgotten:{person_id}:{AuditEvent.objects.about(kept.person).count()}",
        template="expenses/bank_forgotten",
        person=kept.person,
        ids={"last_digits": last_digits},
        at=now,
    )
    return True


def forgotten_on(kept: BankDetails) -> datetime:
    """The moment from which they are deleted if nothing is unpaid."""
    last = Payment.objects.filter(payee=kept.person_id).aggregate(last=Max("paid_at"))["last"]
    begins: datetime = max(filter(None, (kept.changed_at, last)))
    return begins + KEPT


# Sealed anew --------------------------------------------------------------------------------------


def reseal_all() -> tuple[int, int]:
    """Seal everything by the newest key: how many were, and how many could not be opened."""
    done = shut = 0
    for pk in list(BankDetails.objects.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            kept = BankDetails.objects.select_for_update().filter(pk=pk).first()
            if kept is None:
                continue
            try:
                sealed = sealing.resealed(kept.sealed)
            except sealing.CannotOpen:
                shut += 1
                continue
            if sealed is not None:
                BankDetails.objects.filter(pk=pk).update(sealed=sealed)
                done += 1
    return done, shut


def masked(people: Iterable[int]) -> dict[int, BankDetails]:
    """What lists show of people's details."""
    return {d.person_id: d for d in BankDetails.objects.filter(person__in=list(people))}
