"""A worker killed with -9 in the middle of a circulation: nobody is missed, nobody twice."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psycopg2
import pytest

from coprod.management.commands.serve import worker_command

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = int(os.environ.get("COPROD_ROUNDS", "1"))
PEOPLE = 40
STORY = f"""
import django; django.setup()
from datetime import time, timedelta
from django.utils import timezone
from coprod import clocks
from coprod.models import Forum, Message
from meetings.models import AgendaItem, Invitation, Meeting
from meetings.services.agenda import save_item
from meetings.services.minutes import circulate_minutes, open_minutes, save_section
from members.models import Person
Forum(name="Killed forum", area="Nowhere").save()
now = timezone.now()
meeting = Meeting.objects.create(
    title="Meeting", date=clocks.today() - timedelta(days=2), starts=time(10), ends=time(12),
    announced_at=now, invited_at=now, created_at=now - timedelta(days=60))
for n in range({PEOPLE}):
    person = Person.objects.create_user(name=f"Person {{n}}", email=f"p{{n}}@forum.example")
    Invitation.objects.create(meeting=meeting, person=person, capacity="parent")
save_item(item=AgendaItem(meeting=meeting, title="Item"), by=None)
minutes = open_minutes(meeting=meeting, by=None)
save_section(section=minutes.sections.get(), text="One paragraph.", edit_no=0, by=None)
circulate_minutes(minutes=minutes, number=1, by=None)
# At night the quiet hours would hold them back.
Message.objects.update(next_try_at=now)
"""


@pytest.fixture
def installation(tmp_path):
    """A portal of its own with forty drafts to send; its environment."""
    env = os.environ | {
        "COPROD_DATA": str(tmp_path / "data"),
        "COPROD_LEASE": "3",
        "DJANGO_SETTINGS_MODULE": "coprod.settings",
        "SECRET_KEY": "fault-test-" + "0123456789" * 5,
    }
    with contextlib.ExitStack() as stack:
        if os.environ.get("DATABASE_URL"):
            env["DATABASE_URL"] = stack.enter_context(_database())
            env["REDIS_URL"] = os.environ["REDIS_URL"].rsplit("/", 1)[0] + "/9"
        run = [sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"]
        subprocess.run(run, env=env, cwd=ROOT, check=True, capture_output=True)
        subprocess.run([sys.executable, "-c", STORY], env=env, cwd=ROOT, check=True)
        yield env


@contextlib.contextmanager
def _database():
    name = f"fault_{os.getpid()}"
    server = psycopg2.connect(os.environ["DATABASE_URL"])
    server.autocommit = True
    cursor = server.cursor()
    cursor.execute(f"CREATE DATABASE {name}")
    try:
        yield os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{name}"
    finally:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        server.close()


@contextlib.contextmanager
def _process(command, env, **kwargs):
    child = subprocess.Popen(
        command, env=env, cwd=ROOT, start_new_session=True, text=True, **kwargs
    )
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        if child.stdout:
            child.stdout.close()


def _taken(log):
    return [line.split("\t") for line in log.read_text().splitlines()] if log.exists() else []


def _wait(log, number, seconds):
    end = time.monotonic() + seconds
    while len({r for r, _ in _taken(log)}) < number and time.monotonic() < end:
        time.sleep(0.02)


@pytest.mark.fault
@pytest.mark.timeout(300)
@pytest.mark.parametrize("killed_after", [1, 17] * ROUNDS)
def test_circulation_when_worker_is_killed_then_everybody_once(
    installation, tmp_path, killed_after
):
    log = tmp_path / "taken"
    sink = [sys.executable, str(ROOT / "tests/smtp_sink.py"), str(log), "--slow", "0.05"]
    with (
        (tmp_path / "worker.log").open("ab") as worker_log,
        _process(sink, os.environ, stdout=subprocess.PIPE) as server,
    ):
        env = installation | {"EMAIL_URL": f"smtp://127.0.0.1:{server.stdout.readline().strip()}"}
        quiet = {"stdout": worker_log, "stderr": worker_log}
        with _process(worker_command(), env, **quiet):
            _wait(log, killed_after, 60)
        before = len({r for r, _ in _taken(log)})
        assert killed_after <= before < PEOPLE, "the worker was not killed in the middle"
        with _process(worker_command(), env, **quiet):
            _wait(log, PEOPLE, 90)
            time.sleep(1)
    times = Counter(recipient for recipient, _ in _taken(log))
    assert len(times) == PEOPLE
    ids = Counter(message_id for _, message_id in _taken(log))
    assert len(ids) == PEOPLE, "a repeat had another Message-ID"
    assert sum(times.values()) <= PEOPLE + 1, "more than the one mail in flight was repeated"
