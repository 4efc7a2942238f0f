"""The drawer of vouchers: each that comes or goes is one line of a ledger that always balances.

Whoever writes a line holds the batch, so that two never write the same number, and none is
given that isn't there. What was bought, given, returned and lost adds up to what is left.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from expenses.models import Heading, Recognition, Spending, VoucherBatch, VoucherMove
from expenses.services import recognition as thanks
from expenses.services.locks import lock, lock_people
from members.models import Person

Kind = VoucherMove.Kind
#: A drawer never holds more of a kind than this; a slip of the finger must not make it so.
MOST = 500
MISTAKE = "Added by mistake"


def left_in(batch: VoucherBatch) -> int:
    """How many there are, by the newest line."""
    last = batch.moves.order_by("-number").first()
    return last.after if last else 0


def _write(
    batch: VoucherBatch, kind: str, change: int, by: Any, now: datetime, **fields: Any
) -> VoucherMove:
    """One line of the ledger. The caller holds the batch. Raises TransitionNotAllowed."""
    last = batch.moves.order_by("-number").first()
    number, before = (last.number, last.after) if last else (0, 0)
    if before + change < 0:
        raise TransitionNotAllowed(
            "There is none of these left in the drawer."
            if not before
            else f"There are only {before} of these in the drawer."
        )
    move = VoucherMove.objects.create(
        batch=batch,
        number=number + 1,
        kind=kind,
        change=change,
        before=before,
        after=before + change,
        made_at=now,
        made_by=by,
        **fields,
    )
    AuditEvent.record(f"voucher_{kind}", move, by=by, at=now, batch=batch.pk, change=change)
    return move


@transaction.atomic
def buy_vouchers(
    *,
    shop: str,
    pence: int,
    count: int,
    bought_on: date,
    by: Person,
    expires_on: date | None = None,
    heading: Heading | None = None,
    after: int = 0,
    at: datetime | None = None,
) -> VoucherBatch:
    """Put vouchers of one shop and value into the drawer; under a heading they are spent.

    ``after``: the newest batch that the form knew of. The same ones bought since then by the
    same person are the form pressed twice. Raises TransitionNotAllowed.
    """
    if not 0 < count <= MOST:
        raise TransitionNotAllowed(f"Enter how many you bought, up to {MOST}.")
    now = at or timezone.now()
    lock_people([by.pk])
    batch = VoucherBatch(
        shop=shop,
        pence=pence,
        bought_on=bought_on,
        expires_on=expires_on,
        heading=heading,
        made_at=now,
        made_by=by,
    )
    same = {f: getattr(batch, f) for f in ("shop", "pence", "bought_on", "expires_on", "heading")}
    twice = VoucherBatch.objects.filter(pk__gt=after, made_by=by, **same)
    if found := twice.filter(moves__number=1, moves__change=count).first():
        return found
    batch.save()
    _write(batch, Kind.BOUGHT, count, by, now)
    if heading is not None:
        spending = Spending.objects.create(
            heading=heading,
            on=bought_on,
            what=f"{count} vouchers, {shop}"[:200],
            pence=count * pence,
            batch=batch,
            made_at=now,
            made_by=by,
        )
        AuditEvent.record("add_spending", spending, by=by, at=now, pence=spending.pence)
    return batch


def is_untouched(batch: VoucherBatch) -> bool:
    """Whether nothing has happened to a batch since it was added."""
    return batch.moves.count() == 1


@transaction.atomic
def undo_buying(*, batch: VoucherBatch, by: Any, at: datetime | None = None) -> None:
    """They were added by mistake: out of the drawer, and not spent. Pressed twice: once.

    Raises TransitionNotAllowed once any of them has moved.
    """
    held, now = lock(batch), at or timezone.now()
    last = held.moves.order_by("-number").first()
    if last is not None and last.number == 2 and last.note == MISTAKE:
        return
    if not is_untouched(held):
        raise TransitionNotAllowed("Some of them have moved since. Write off what isn’t there.")
    _write(held, Kind.LOST, -left_in(held), by, now, note=MISTAKE)
    spending = Spending.objects.select_for_update().filter(batch=held).first()
    if spending is not None:
        spending.taken_back_at, spending.taken_back_by = now, by
        spending.taken_back_reason = MISTAKE
        spending.save(update_fields=["taken_back_at", "taken_back_by", "taken_back_reason"])
        AuditEvent.record("take_back_spending", spending, by=by, at=now, pence=spending.pence)


@transaction.atomic
def give_voucher(
    *,
    recognition: Recognition,
    batch: VoucherBatch,
    serial: str,
    by: Any,
    at: datetime | None = None,
) -> VoucherMove:
    """Hand one voucher from the drawer to whoever accepted it. Raises TransitionNotAllowed."""
    now = at or timezone.now()
    held = lock(batch)
    row = lock(recognition)
    if row.kind != Recognition.Kind.VOUCHER:
        raise TransitionNotAllowed("Only a voucher comes from the drawer.")
    if held.pence != row.pence:
        raise TransitionNotAllowed("Choose a voucher of the value that was accepted.")
    if held.expires_on is not None and held.expires_on < clocks.today(now):
        raise TransitionNotAllowed("These vouchers have expired. Choose others.")
    if not serial.strip():
        raise TransitionNotAllowed("Enter the number on the voucher.")
    if _is_out(serial.strip(), held):
        raise TransitionNotAllowed("A voucher with this number has been given already.")
    thanks.hand_over(recognition=row, by=by, from_drawer=True, at=now)
    return _write(held, Kind.GIVEN, -1, by, now, recognition=row, serial=serial.strip())


def _is_out(serial: str, batch: VoucherBatch) -> bool:
    """Whether the voucher with this number is with somebody: given, and not come back since."""
    last = batch.moves.filter(serial__iexact=serial).order_by("-number").first()
    return last is not None and last.kind == Kind.GIVEN


@transaction.atomic
def return_voucher(
    *, recognition: Recognition, by: Any, note: str = "", at: datetime | None = None
) -> VoucherMove:
    """A voucher that was handed over is back in the drawer. Raises TransitionNotAllowed."""
    now = at or timezone.now()
    given = recognition.voucher_moves.filter(kind=Kind.GIVEN).order_by("-pk").first()
    if given is None:
        raise TransitionNotAllowed("No voucher was handed over for this.")
    held = lock(given.batch)
    row = thanks.come_back(recognition=recognition, by=by, at=now)
    return _write(held, Kind.RETURNED, 1, by, now, recognition=row, serial=given.serial, note=note)


@transaction.atomic
def write_off(
    *,
    batch: VoucherBatch,
    count: int,
    note: str,
    number: int,
    by: Any,
    at: datetime | None = None,
) -> VoucherMove:
    """Vouchers that are lost or expired leave the drawer, with the reason.

    ``number``: the newest line of the ledger that the form showed. Raises TransitionNotAllowed
    when there is a newer one, as after the same form pressed twice.
    """
    held = lock(batch)
    last = held.moves.order_by("-number").first()
    if last is None or last.number != number:
        raise TransitionNotAllowed(
            "The drawer has changed since you opened this page. Look at it again below."
        )
    if count <= 0:
        raise TransitionNotAllowed("Enter how many are lost.")
    if not note.strip():
        raise TransitionNotAllowed("Enter what happened to them.")
    return _write(held, Kind.LOST, -count, by, at or timezone.now(), note=note.strip())
