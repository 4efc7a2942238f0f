"""A worker killed with -9 while it reads or adds a long table: all or nothing, then all."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time

import pytest

from coprod.management.commands.serve import worker_command
from tests.meetings.test_faults import ROOT, ROUNDS, _database, _environment, _process, _until

ROWS = 4000
STORY = f"""
import django; django.setup()
from coprod.models import Forum
from members.models import Person, Role
from projects.services import imports
Forum(name="Killed forum", area="Nowhere").save()
by = Person.objects.create_user(name="Co", email="co@forum.example")
Role.objects.create(person=by, kind="coordinator")
table = "Title\\tStarted\\tDue\\tNotes\\n" + "".join(
    f"Project {{n}}\\tMay 20{{n % 30:02}}\\tautumn 2025\\tNotes of {{n}}\\n" for n in range({ROWS}))
imports.start_import(content=table.encode(), name="long.tsv", by=by)
"""
ASK = """
import django; django.setup()
import json
from projects.models import Import, ImportRow, Project, Update
brought = Import.objects.get()
print(json.dumps([brought.state, brought.rows_read, ImportRow.objects.count(),
    Project.objects.count(), Update.objects.count(),
    ImportRow.objects.filter(project__isnull=False).count()]))
"""
RUN = """
import django; django.setup()
from members.models import Person
from projects.models import Import
from projects.services import imports
imports.run_import(brought=Import.objects.get(), by=Person.objects.get())
"""
#: Prints what stands in the database over and over, for as long as it may.
WATCH = """
import django; django.setup()
import time
from projects.models import Import
while True:
    brought = Import.objects.defer("source").get()
    print(brought.state, brought.rows_read, flush=True)
    time.sleep(0.02)
"""


def python(script, env):
    return subprocess.run(
        [sys.executable, "-c", script],
        env=env,
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A portal with a long table that waits for its worker, made once, copied for each round."""
    data = tmp_path_factory.mktemp("prepared") / "data"
    env = _environment(data)
    with contextlib.ExitStack() as stack:
        if os.environ.get("DATABASE_URL"):
            env["DATABASE_URL"] = stack.enter_context(_database("table"))
        run = [sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"]
        subprocess.run(run, env=env, cwd=ROOT, check=True, capture_output=True)
        python(STORY, env)
        yield data, env.get("DATABASE_URL", "")


@pytest.fixture
def env(prepared, tmp_path):
    data, database = prepared
    shutil.copytree(data, tmp_path / "data")
    env = _environment(tmp_path / "data")
    with contextlib.ExitStack() as stack:
        if database:
            made_from = database.rsplit("/", 1)[1]
            env["DATABASE_URL"] = stack.enter_context(_database("table_round", made_from))
            env["REDIS_URL"] = os.environ["REDIS_URL"].rsplit("/", 1)[0] + "/9"
        yield env


def asked(env):
    return json.loads(python(ASK, env))


@contextlib.contextmanager
def worker(env, log):
    with log.open("ab") as words, _process(worker_command(), env, stdout=words, stderr=words):
        yield


def seen(env, met, log):
    """Wait until what stands in the database is ``met``, looking often."""
    out = log.with_suffix(".watch")
    with out.open("w") as words, _process([sys.executable, "-c", WATCH], env, stdout=words):

        def found():
            lines = [line.split() for line in out.read_text().splitlines()]
            return bool(lines) and len(lines[-1]) == 2 and met(lines[-1][0], int(lines[-1][1]))

        return _until(found, 90)


@pytest.mark.fault
@pytest.mark.timeout(400)
@pytest.mark.parametrize("wait", [0.4 * number for number in range(1, ROUNDS + 1)])
def test_long_import_when_its_worker_is_killed_then_goes_on_and_is_whole(env, tmp_path, wait):
    log = tmp_path / "worker.log"
    with worker(env, log):
        assert seen(env, lambda state, read: read >= 500, log), "the worker never began to read"
    state, read, rows, *added = asked(env)
    assert read == rows, "a batch was half written"
    assert added == [0, 0, 0]
    with worker(env, log):
        assert seen(env, lambda state, read: state == "read", log), "it never went on reading"
    assert asked(env) == ["read", ROWS, ROWS, 0, 0, 0]
    python(RUN, env)
    with worker(env, log):
        time.sleep(2 + wait)
    state, _, _, *added = asked(env)
    assert (state, added) in (("running", [0, 0, 0]), ("done", [ROWS] * 3))
    with worker(env, log):
        assert seen(env, lambda state, read: state == "done", log), "it was never added"
    assert asked(env)[3:] == [ROWS] * 3
