"""Readers of one page while its minutes are published: real workers, real sockets, one report.

Nothing here is asserted by a test. ``manage.py benchmark --readers 200`` prints it.
"""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from meetings.models import Minutes
from meetings.services.publicity import publish_minutes

#: Seconds of reading before and after; each reader looks again after a while, as people do who
#: wait for something; workers, as many as a small machine has cores.
BEFORE, AFTER, AGAIN, WORKERS = 4.0, 6.0, 3.0, 2


def while_publishing(story: dict[str, Any], count: int) -> str:
    """What ``count`` readers got, each looking every few seconds: p95, errors, whole pages."""
    meeting = story["ready"]
    minutes = Minutes.objects.select_related("agreed_version").get(meeting=meeting)
    assert minutes.agreed_version is not None  # the story agreed them
    last = minutes.agreed_version.public["items"][-1]["paragraphs"][-1]["text"][:40]
    answers: list[tuple[float, str]] = []
    stop = threading.Event()
    with _workers() as port:
        path = meeting.get_absolute_url()
        for _ in range(5 * WORKERS):  # each worker has loaded everything
            _read_once(port, path, last)
        threads = [
            threading.Thread(
                target=_read, args=(port, path, last, stop, answers, n * AGAIN / count), daemon=True
            )
            for n in range(count)
        ]
        for thread in threads:
            thread.start()
        time.sleep(BEFORE)
        began = time.perf_counter()
        publish_minutes(minutes=minutes, by=story["coordinator"])
        took = time.perf_counter() - began
        time.sleep(AFTER)
        stop.set()
        for thread in threads:
            thread.join(timeout=30)
    return _report(answers, count, took)


def _read(
    port: int,
    path: str,
    last: str,
    stop: threading.Event,
    answers: list[tuple[float, str]],
    wait: float,
) -> None:
    while not stop.wait(wait):
        wait = AGAIN
        began = time.perf_counter()
        kind = _read_once(port, path, last)
        answers.append((time.perf_counter() - began, kind))


def _read_once(port: int, path: str, last: str) -> str:
    try:
        reader = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        reader.request("GET", path, headers={"Host": settings.ALLOWED_HOSTS[0]})
        response = reader.getresponse()
        kind = _kind(response.status, response.read().decode(), last)
        reader.close()
    except (OSError, http.client.HTTPException) as error:
        return f"error: {type(error).__name__}"
    return kind


def _kind(status: int, page: str, last: str) -> str:
    """Whole old, whole new, or what else it was."""
    if status != 200 or not page.rstrip().endswith("</html>"):
        return f"error: {status}"
    new = "Agreed and published" in page
    if new == (last in page) == ("Fingerprint of the PDF" in page):
        return "whole new" if new else "whole old"
    return "mixed"


def _report(answers: list[tuple[float, str]], count: int, took: float) -> str:
    times = sorted(seconds for seconds, _ in answers)
    kinds: dict[str, int] = {}
    for _, kind in answers:
        kinds[kind] = kinds.get(kind, 0) + 1
    p95 = times[int(len(times) * 0.95)] if times else 0.0
    said = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    return (
        f"14 {count} readers while publishing ({took:.1f} s): {len(answers)} pages, "
        f"p95 {p95 * 1000:.0f} ms, slowest {times[-1] * 1000:.0f} ms; {said} "
        "(goal: 0 errors, none mixed, p95 1 s)"
    )


@contextmanager
def _workers() -> Iterator[int]:
    """The portal in processes of its own, on the benchmark's database; its port."""
    folder = Path(tempfile.mkdtemp())
    for entry in settings.DATA_DIR.iterdir():
        if not entry.name.startswith("forum.sqlite3"):
            (folder / entry.name).symlink_to(entry)
    environment = {**os.environ, "COPROD_DATA": str(folder), **_database(folder)}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "coprod.wsgi", "--log-level", "error"]
    command += ["-w", str(WORKERS), "-b", f"127.0.0.1:{port}", "--backlog", "2048"]
    server = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR)
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)
        shutil.rmtree(folder)


def _database(folder: Path) -> dict[str, str]:
    held = connection.settings_dict
    if connection.vendor == "sqlite":
        (folder / "forum.sqlite3").symlink_to(held["NAME"])
        return {}
    user = f"{quote(held['USER'])}:{quote(held['PASSWORD'])}"
    port, host = held["PORT"] or 5432, quote(held["HOST"] or "localhost", safe="")
    return {"DATABASE_URL": f"postgresql://{user}@:{port}/{held['NAME']}?host={host}"}


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as trying:
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
