"""A worker killed with -9 in the middle of a circulation: nobody is missed, nobody twice."""

import contextlib
import os
import shutil
import signal
import socket
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


def _environment(data):
    return os.environ | {
        "COPROD_DATA": str(data),
        "COPROD_LEASE": "3",
        "DJANGO_SETTINGS_MODULE": "coprod.settings",
        "SECRET_KEY": "fault-test-" + "0123456789" * 5,
    }


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A portal with forty drafts to send, made once and copied for each round."""
    data = tmp_path_factory.mktemp("prepared") / "data"
    env = _environment(data)
    with contextlib.ExitStack() as stack:
        if os.environ.get("DATABASE_URL"):
            env["DATABASE_URL"] = stack.enter_context(_database("prepared"))
        run = [sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"]
        subprocess.run(run, env=env, cwd=ROOT, check=True, capture_output=True)
        subprocess.run([sys.executable, "-c", STORY], env=env, cwd=ROOT, check=True)
        yield data, env.get("DATABASE_URL", "")


@pytest.fixture
def installation(prepared, tmp_path):
    """A copy of the prepared portal; its environment."""
    data, database = prepared
    shutil.copytree(data, tmp_path / "data")
    env = _environment(tmp_path / "data")
    with contextlib.ExitStack() as stack:
        if database:
            made_from = database.rsplit("/", 1)[1]
            env["DATABASE_URL"] = stack.enter_context(_database("round", made_from))
            env["REDIS_URL"] = os.environ["REDIS_URL"].rsplit("/", 1)[0] + "/9"
        yield env


@contextlib.contextmanager
def _database(name, made_from="template1"):
    name = f"fault_{name}_{os.getpid()}"
    server = psycopg2.connect(os.environ["DATABASE_URL"])
    server.autocommit = True
    cursor = server.cursor()
    cursor.execute(f"CREATE DATABASE {name} TEMPLATE {made_from}")
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


def _until(met, seconds):
    end = time.monotonic() + seconds
    while not met() and time.monotonic() < end:
        time.sleep(0.02)
    return met()


#: Before, during and after the mail's words, as the mail server sees them.
POINTS = ["sender", "recipient", "data", "words", "kept"]


def _one_at_a_time():
    """The worker's own command with one thread, so that one mail is in flight."""
    command = worker_command()
    command[command.index("-c") + 1] = "1"
    return command


@pytest.mark.fault
@pytest.mark.timeout(300)
@pytest.mark.parametrize("point", POINTS * ROUNDS)
def test_circulation_when_worker_is_killed_then_everybody_once(installation, tmp_path, point):
    """Nobody is missed; only a mail that was kept but not answered comes twice, with one id."""
    log, stopped = tmp_path / "taken", tmp_path / "taken.stopped"
    # The one that was kept comes again when the dead worker's claim has run out.
    expected = PEOPLE + (point == "kept")
    sink = [sys.executable, str(ROOT / "tests/smtp_sink.py"), str(log), "--stop", point]
    with (
        (tmp_path / "worker.log").open("ab") as worker_log,
        _process(sink, os.environ, stdout=subprocess.PIPE) as server,
    ):
        env = installation | {
            "EMAIL_URL": f"smtp://127.0.0.1:{server.stdout.readline().strip()}",
            # Nobody else claims, so it may run out while the next worker starts. What is still
            # claimed then would wait for the timetable's tick, which is half a minute.
            "COPROD_LEASE": "1",
        }
        quiet = {"stdout": worker_log, "stderr": worker_log}
        with _process(_one_at_a_time(), env, **quiet):
            assert _until(stopped.exists, 60), "the worker never came to this point"
        assert len(_taken(log)) == (3 if point == "kept" else 2)
        with _process(_one_at_a_time(), env, **quiet):
            _until(lambda: len(_taken(log)) >= expected, 90)
            time.sleep(1)
    times = Counter(recipient for recipient, _ in _taken(log))
    assert len(times) == PEOPLE
    ids = Counter(message_id for _, message_id in _taken(log))
    assert len(ids) == PEOPLE, "a repeat had another Message-ID"
    assert sum(times.values()) == expected


LATE = """
import django; django.setup()
from coprod import outbox
from coprod.models import Message
from members.models import Person
person = Person.objects.first()
outbox.queue(key="late", template="members/login_code", person=person, address=person.email,
             channel="email", secret={"code": "123456"}, urgent=True)
"""


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _redis(port):
    command = ["redis-server", "--port", str(port), "--save", "", "--appendonly", "no"]
    return _process(command, os.environ, stdout=subprocess.DEVNULL)


@pytest.mark.fault
@pytest.mark.timeout(900)
@pytest.mark.skipif(not shutil.which("redis-server"), reason="there is no redis-server here")
def test_mail_when_redis_goes_away_is_kept_and_leaves_after_its_return(installation, tmp_path):
    """The broker is only a bell: what is written while it is away is delivered afterwards.

    ``COPROD_AWAY``: for how many seconds Redis is away; ten minutes by ``make faults``.
    """
    log, port = tmp_path / "taken", _free_port()
    sink = [sys.executable, str(ROOT / "tests/smtp_sink.py"), str(log), "--slow", "0.05"]
    with (
        (tmp_path / "worker.log").open("ab") as worker_log,
        _process(sink, os.environ, stdout=subprocess.PIPE) as server,
    ):
        env = installation | {
            "EMAIL_URL": f"smtp://127.0.0.1:{server.stdout.readline().strip()}",
            "REDIS_URL": f"redis://127.0.0.1:{port}/0",
        }
        quiet = {"stdout": worker_log, "stderr": worker_log}
        with contextlib.ExitStack() as first:
            first.enter_context(_redis(port))
            with _process(worker_command(), env, **quiet):
                assert _until(lambda: len(_taken(log)) >= 3, 60), "the worker never began"
                first.close()
                subprocess.run([sys.executable, "-c", LATE], env=env, cwd=ROOT, check=True)
                time.sleep(int(os.environ.get("COPROD_AWAY", "10")))
                with _redis(port):
                    arrived = _until(lambda: len(_taken(log)) > PEOPLE, 300)
    assert arrived, "what was written while Redis was away never left"
    ids = Counter(message_id for _, message_id in _taken(log))
    assert len(ids) == PEOPLE + 1
    assert set(ids.values()) == {1}
