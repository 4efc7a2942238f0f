"""Keeping receipts of a claim: rewritten, under a random name, written before the row."""

import hashlib
import secrets
import tempfile
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from coprod.models import AuditEvent
from expenses import receipts
from expenses.models import Claim, Receipt
from expenses.services.locks import lock

#: The largest file that is read, in bytes, and the most that one claim holds.
MOST_BYTES = 10 * 1024 * 1024
MOST_A_CLAIM = 20
_ROOT = "receipts"
_NO_ROOM = (
    "There is no room to keep the file just now, so it wasn’t kept. The rest of your claim is. "
    "Try again later, or send the claim and say that the receipt follows."
)


class ReceiptRefused(Exception):
    """A file that isn't kept, and why. The text is for people."""


def store_receipt(
    *, claim: Claim, upload: UploadedFile, by: Any, at: datetime | None = None
) -> Receipt:
    """Keep what can be seen of a file with a claim that isn't being decided.

    The same file twice is one receipt. Raises ReceiptRefused; then nothing is kept of it.
    Reading takes seconds at worst and holds no row: only the end is a transaction.
    """
    _check_open(claim)
    try:
        with tempfile.TemporaryDirectory(prefix="receipt-") as folder:
            sent, clean = Path(folder) / "sent", Path(folder) / "clean"
            fingerprint = _take(upload, sent)
            if known := _same(claim, fingerprint):
                return known
            made = receipts.rewrite_apart(sent, clean)
            size = clean.stat().st_size
            name = _keep(clean, made.suffix)
    except receipts.CannotUse as error:
        raise ReceiptRefused(str(error)) from error
    except OSError as error:
        raise ReceiptRefused(_NO_ROOM) from error
    stored = None
    try:
        row = Receipt(
            **asdict(made),
            path=name,
            size=size,
            fingerprint=fingerprint,
            scan=Receipt.Scan.WAITING if settings.COPROD_SCANNER else Receipt.Scan.NONE,
            added_at=at or timezone.now(),
            added_by=by,
        )
        stored = _add(claim, row, by)
    finally:
        if stored is None or stored.path != name:
            default_storage.delete(name)
    return stored


@transaction.atomic
def _add(claim: Claim, row: Receipt, by: Any) -> Receipt:
    """The row, or the one of the same file that came first."""
    row.claim = lock(claim)
    _check_open(row.claim)
    if known := _same(row.claim, row.fingerprint):
        return known
    if row.claim.receipts.count() >= MOST_A_CLAIM:
        raise ReceiptRefused(
            f"This claim has {MOST_A_CLAIM} receipts, which is the most. Remove one, or put "
            "several on one photo."
        )
    row.save()
    _touch(row.claim, claim)
    AuditEvent.record("add_receipt", row, by=by, at=row.added_at, claim=row.claim.pk)
    if row.scan == Receipt.Scan.WAITING:
        from expenses import scanning

        transaction.on_commit(lambda: scanning.ring(row.pk))
    return row


@transaction.atomic
def remove_receipt(*, receipt: Receipt, by: Any) -> None:
    """Take a receipt off a claim that isn't being decided; its file goes once that is certain.

    Raises ReceiptRefused. Harmless when it has gone already.
    """
    claim = lock(receipt.claim)
    _check_open(claim)
    found = Receipt.objects.filter(pk=receipt.pk).first()
    if found is None:
        return
    AuditEvent.record("remove_receipt", found, by=by, claim=claim.pk)
    name = found.path
    found.delete()
    _touch(claim, receipt.claim)
    transaction.on_commit(lambda: default_storage.delete(name))


def can_change_receipts(claim: Claim) -> bool:
    """Whether receipts may come and go: while nobody is deciding, or somebody asks for one."""
    return claim.state in (Claim.State.DRAFT, Claim.State.QUESTIONED)


def _check_open(claim: Claim) -> None:
    if not can_change_receipts(claim):
        raise ReceiptRefused(
            "This claim is being checked or has been decided, so its receipts can’t be changed."
        )


def _touch(held: Claim, shown: Claim) -> None:
    """What a decider reads has changed: whoever read it before reads it again."""
    held.edit_no += 1
    held.save(update_fields=["edit_no"])
    shown.edit_no = held.edit_no


def _same(claim: Claim, fingerprint: str) -> Receipt | None:
    """The receipt of the same file on this claim, unless a scanner has refused it."""
    found = claim.receipts.filter(fingerprint=fingerprint)
    return found.exclude(scan=Receipt.Scan.REFUSED).first()


def _take(upload: UploadedFile, target: Path) -> str:
    """What was sent, in a file of ours, whatever its name says; its SHA-256.

    Raises CannotUse, OSError.
    """
    size = upload.size or 0
    if size > MOST_BYTES:
        raise receipts.CannotUse(
            f"This file has {-(-size // (1024 * 1024))} MB: 10 is the most. "
            "A photo in your camera’s usual size is smaller."
        )
    digest, came = hashlib.sha256(), 0
    upload.seek(0)
    with target.open("wb") as kept:
        for piece in upload.chunks():
            digest.update(piece)
            came += kept.write(piece)
    if came < size:  # let go on its way: see coprod/uploads.py
        raise OSError("The disk had no room for what was sent.")
    return digest.hexdigest()


def _keep(clean: Path, suffix: str) -> str:
    """The file under a random name; what was half written is taken away. Raises OSError."""
    chance = secrets.token_hex(16)
    name = f"{_ROOT}/{chance[:2]}/{chance}.{suffix}"
    try:
        with clean.open("rb") as opened:
            return default_storage.save(name, File(opened))
    except OSError:
        default_storage.delete(name)
        raise


def sweep_files(*, now: datetime | None = None) -> int:
    """Delete files that no row names: what a transaction left that was taken back.

    Only those older than a day, since a file is there before its row. Returns how many.
    """
    before, gone = (now or timezone.now()) - timedelta(days=1), 0
    for folder in _listed(_ROOT)[0]:
        names = [f"{_ROOT}/{folder}/{name}" for name in _listed(f"{_ROOT}/{folder}")[1]]
        known = set(Receipt.objects.filter(path__in=names).values_list("path", flat=True))
        for name in names:
            if name not in known and default_storage.get_modified_time(name) < before:
                default_storage.delete(name)
                gone += 1
    return gone


def _listed(folder: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []
