"""What can be paid now, and what can't and why: read for one treasurer, never written.

Sums are pence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from expenses.models import Advance, BankDetails, Claim, Payment, Recognition
from expenses.services.paying import Paid, Part, parts_of, reference_for, why_not


@dataclass(frozen=True)
class Payable:
    """One thing that waits to be paid, as the list shows it."""

    part: Part
    came_back: str
    why: str

    @property
    def key(self) -> str:
        """``claim-12``: how a form names it."""
        return f"{type(self.part.thing).__name__.lower()}-{self.part.thing.pk}"

    @property
    def thing(self) -> Paid:
        return self.part.thing

    @property
    def name(self) -> str:
        return str(self.part.thing.person.name)

    @property
    def reference(self) -> str:
        return reference_for(self.part.thing)

    @property
    def what(self) -> str:
        thing = self.part.thing
        if isinstance(thing, Claim):
            return thing.title
        return f"{'Advance' if isinstance(thing, Advance) else 'Thank-you'}: {thing.what_for}"

    @property
    def details(self) -> BankDetails | None:
        return self.part.details

    @property
    def lacks_details(self) -> bool:
        """Wants it in the bank, and we don't know where."""
        return bool(self.part.thing.pay_by == Claim.PayBy.BANK and self.part.details is None)

    @property
    def by_hand(self) -> bool:
        return self.part.pay_by != Claim.PayBy.BANK

    @property
    def typed_by(self) -> str:
        """Who typed the account from paper, if it wasn't its owner."""
        details = self.part.details
        if details is None or details.changed_by_id in (None, details.person_id):
            return ""
        return str(details.changed_by)


def waiting(by: Any) -> list[Payable]:
    """Everything that was approved and isn't in a run, the oldest claims first."""
    claims = Claim.objects.filter(state="approved").order_by("approved_at", "pk")
    advances = Advance.objects.filter(state="approved").order_by("decided_at", "pk")
    thanks = Recognition.objects.filter(state="accepted", kind="honorarium").order_by("pk")
    things: list[Paid] = [
        *claims.select_related("person", "meeting").prefetch_related("lines"),
        *advances.select_related("person"),
        *thanks.select_related("person"),
    ]
    returned = _came_back(things)
    found = []
    # What a treasurer can't pay takes nothing of an advance away from what they can.
    for part in parts_of([thing for thing in things if not why_not(thing, by)]):
        found.append(Payable(part, returned.get(reference_for(part.thing), ""), ""))
    for part in parts_of([thing for thing in things if why_not(thing, by)]):
        found.append(Payable(part, "", why_not(part.thing, by)))
    return found


def _came_back(things: Sequence[Paid]) -> dict[str, str]:
    """Why the last payment of something came back, by its reference."""
    came = Payment.objects.filter(
        came_back_at__isnull=False, payee__in={thing.person_id for thing in things}
    ).order_by("came_back_at")
    return {payment.reference: payment.came_back_reason for payment in came}


def totals(parts: Iterable[Part]) -> dict[str, int]:
    """Pence by way of paying and in all; ``offset``: what advances have paid already."""
    found = {"bank": 0, "cheque": 0, "cash": 0, "all": 0, "offset": 0}
    for part in parts:
        found[part.pay_by] += part.pence
        found["all"] += part.pence
        found["offset"] += part.offset
    return found
