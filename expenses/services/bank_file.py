"""The file for the bank: who gets how much where. Each of them can read who fetched it."""

import csv
import io
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from expenses import sealing
from expenses.models import BankDetails, Payment, Run
from expenses.services.bank import VIEW
from expenses.services.locks import lock
from expenses.services.paying import living, refuse_own
from projects.tables import guarded

HEADINGS = ("Payee name", "Sort code", "Account number", "Amount", "Reference")


@dataclass(frozen=True)
class BankFile:
    """The file's bytes, and the payments that it leaves out because their account changed."""

    content: bytes = field(repr=False)
    left_out: list[Payment]


def moved_since(payments: list[Payment]) -> list[Payment]:
    """Payments whose account was changed or removed after they had been put into their run."""
    details = BankDetails.objects.filter(person__in={p.payee_id for p in payments})
    kept = dict(details.values_list("person", "changed_at"))
    return [
        p
        for p in payments
        if p.is_by_bank and (p.payee_id not in kept or kept[p.payee_id] > p.made_at)
    ]


@sensitive_variables("rows", "account", "sealed")
@transaction.atomic
def fetch_file(*, run: Run, by: Any, at: datetime | None = None) -> BankFile:
    """The file of an open run. Raises TransitionNotAllowed, sealing.CannotOpen."""
    now = at or timezone.now()
    run = lock(run)
    if not run.can("pay"):
        raise TransitionNotAllowed("There is no file any more: this payment run isn’t open.")
    payments = living(run)
    refuse_own(payments, by)
    left_out = moved_since(payments)
    wanted = [p for p in payments if p.is_by_bank and p not in left_out]
    found = BankDetails.objects.filter(person__in={p.payee_id for p in wanted})
    sealed = dict(found.values_list("person", "sealed"))
    rows: list[tuple[str, ...]] = []
    for payment in wanted:
        account = sealing.unseal(sealed[payment.payee_id], person_id=payment.payee_id)
        amount = f"{payment.pence // 100}.{payment.pence % 100:02}"
        rows.append((account.name, account.sort_code, account.number, amount, payment.reference))
        AuditEvent.record(VIEW, payment.payee, by=by, at=now, run=run.pk)
    run.fetched_at, run.fetched_by = now, by
    run.save(update_fields=["fetched_at", "fetched_by"])
    AuditEvent.record("fetch_run", run, by=by, at=now, payments=len(rows), left_out=len(left_out))
    return BankFile(written(rows), left_out)


@sensitive_variables("rows")
def written(rows: list[tuple[str, ...]]) -> bytes:
    """Rows as CSV, every cell quoted, none of which a spreadsheet takes for a formula.

    Plain UTF-8 without the mark that Excel likes: a bank's reader may take it for part of the
    first heading.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    for row in (HEADINGS, *rows):
        writer.writerow([guarded(cell) for cell in row])
    return text.getvalue().encode()
