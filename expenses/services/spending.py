"""What the forum pays that is nobody's claim: rooms, postage, printing."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from expenses.models import Heading, Spending
from expenses.services.locks import lock

#: The same again within this time is a button that was pressed twice.
TWICE = timedelta(minutes=2)


@transaction.atomic
def add_spending(
    *,
    heading: Heading,
    on: date,
    what: str,
    pence: int,
    is_paid: bool,
    by: Any,
    at: datetime | None = None,
) -> Spending:
    """Write down what was paid, or ordered. The same pressed twice is written once.

    Raises TransitionNotAllowed where the heading has been ended.
    """
    now = at or timezone.now()
    if lock(heading).ended_at is not None:
        raise TransitionNotAllowed("This heading has been ended. Choose another.")
    said = {"heading": heading, "on": on, "what": what, "pence": pence, "is_paid": is_paid}
    same = Spending.objects.filter(
        **said, made_by=by, made_at__gt=now - TWICE, taken_back_at__isnull=True, batch=None
    ).first()
    if same is not None:
        return same
    spending = Spending.objects.create(**said, made_at=now, made_by=by)
    AuditEvent.record("add_spending", spending, by=by, at=now, heading=heading.pk, pence=pence)
    return spending


@transaction.atomic
def pay_spending(*, spending: Spending, by: Any, at: datetime | None = None) -> Spending:
    """What was ordered is paid now. Pressed twice it changes nothing.

    Raises TransitionNotAllowed where it was taken back.
    """
    spending = lock(spending)
    if spending.taken_back_at is not None:
        raise TransitionNotAllowed("This spending was taken back.")
    if not spending.is_paid:
        spending.is_paid = True
        spending.save(update_fields=["is_paid"])
        AuditEvent.record("pay_spending", spending, by=by, at=at, pence=spending.pence)
    return spending


@transaction.atomic
def take_back_spending(
    *, spending: Spending, reason: str, by: Any, at: datetime | None = None
) -> Spending:
    """It was a mistake: it counts no more, and stays readable with the reason.

    Raises TransitionNotAllowed where it was taken back before, or stands for vouchers.
    """
    now = at or timezone.now()
    spending = lock(spending)
    if spending.taken_back_at is not None:
        raise TransitionNotAllowed("This spending was taken back already.")
    if spending.batch_id is not None:
        raise TransitionNotAllowed(
            "This stands for vouchers in the drawer. Put it right in the list of vouchers."
        )
    spending.taken_back_at, spending.taken_back_by = now, by
    spending.taken_back_reason = reason
    spending.save(update_fields=["taken_back_at", "taken_back_by", "taken_back_reason"])
    AuditEvent.record("take_back_spending", spending, by=by, at=now, pence=spending.pence)
    return spending
