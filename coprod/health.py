"""What /healthz says: database, worker and outbox."""

import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from coprod.models import Message

#: When this process began, on a clock that never jumps, in seconds.
STARTED = time.monotonic()


def _mark() -> Path:
    return Path(settings.DATA_DIR) / "worker-alive"


def mark_alive() -> None:
    """Called by the timetable's task in the worker, once a minute.

    A file in the embedded mode, whose cache is per process; the shared cache otherwise.
    """
    if settings.REDIS_URL:
        cache.set("worker-alive", timezone.now().timestamp(), 3600)
    else:
        _mark().write_text(str(timezone.now().timestamp()))


def _seconds_since_worker() -> float | None:
    if settings.REDIS_URL:
        stamp = cache.get("worker-alive")
    else:
        stamp = _mark().read_text() if _mark().exists() else None
    return None if not stamp else timezone.now().timestamp() - float(stamp)


def report() -> dict[str, object]:
    """The state of each part, and ``ok`` for all of them together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    now = timezone.now()
    stuck = Message.objects.due(now - timedelta(minutes=15)).count()
    failed = Message.objects.filter(state=Message.State.FAILED).count()
    try:
        since = _seconds_since_worker()
    except Exception:  # the cache server is down: say so, do not fail
        since = None
    # A mark from before this process started says nothing about the worker that starts beside it.
    if since is None or since > max(180.0, time.monotonic() - STARTED):
        worker = "unknown" if time.monotonic() - STARTED < 180 else "silent"
    else:
        worker = "ok" if since < 180 else "silent"
    return {
        "ok": stuck == 0 and worker != "silent",
        "database": "ok",
        "worker": worker,
        "outbox": {"stuck": stuck, "failed": failed},
    }
