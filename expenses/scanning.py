"""The hook for a virus scanner: a command of whoever runs the portal, asked about each file.

``COPROD_SCANNER`` names it, such as ``clamdscan --fdpass --no-summary``. It gets the path as its
last argument and ends with 0 where the file is clean, with 1 where it isn't; anything else is
a fault of its own, and it is asked again. Until it has answered nobody is handed the file.
"""

import logging
import shlex
import subprocess
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from coprod.models import AuditEvent
from expenses.models import Receipt
from expenses.services.locks import lock

logger = logging.getLogger(__name__)

#: After how long a scan counts as lost, and how long one may take, in seconds.
STUCK = timedelta(minutes=15)
MOST_SECONDS = 120
_ANSWERS: dict[int, Any] = {0: Receipt.Scan.CLEAN, 1: Receipt.Scan.REFUSED}


def ring(pk: int) -> None:
    """Ask the worker to scan. The row is the truth: the timetable asks again if this is lost."""
    from expenses.tasks import scan_receipt

    if not settings.TESTING:
        try:
            scan_receipt.delay(pk)
        except Exception:  # a deaf broker only delays
            logger.warning("The broker could not be reached; the timetable will have it scanned.")


def scan(*, receipt: Receipt) -> None:
    """Ask about one file that waits, and write down the answer. Harmless to run twice.

    A refused one is deleted; its row stays, so that the claim says what became of it.
    """
    if receipt.scan != Receipt.Scan.WAITING:
        return
    answer = _ask(default_storage.path(receipt.path)) if settings.COPROD_SCANNER else 0
    if answer not in _ANSWERS:
        logger.error("The scanner ended with %s: receipt %s waits.", answer, receipt.pk)
        return
    _write(receipt, _ANSWERS[answer] if settings.COPROD_SCANNER else Receipt.Scan.NONE)


def _ask(path: str) -> int | None:
    """How the scanner ended; None where it couldn't be asked or never came back."""
    try:
        done = subprocess.run(
            [*shlex.split(settings.COPROD_SCANNER), path],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=MOST_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.returncode


@transaction.atomic
def _write(receipt: Receipt, answer: Any) -> None:
    found = Receipt.objects.filter(pk=receipt.pk).first()
    if found is None:  # taken off the claim meanwhile
        return
    held = lock(found)
    if held.scan != Receipt.Scan.WAITING:
        return
    held.scan = answer
    held.save(update_fields=["scan"])
    AuditEvent.record("scan_receipt", held, by=None, answer=answer, claim=held.claim_id)
    if answer == Receipt.Scan.REFUSED:
        transaction.on_commit(lambda: default_storage.delete(held.path))


def scan_stuck(*, now: datetime | None = None) -> None:
    """Ask again about what has waited for long: a worker that died, a scanner that was away."""
    before = (now or timezone.now()) - STUCK
    waiting = Receipt.objects.filter(scan=Receipt.Scan.WAITING, added_at__lt=before)
    for receipt in waiting.order_by("pk"):
        scan(receipt=receipt)
