"""A dead child is started again; a dead supervisor leaves nothing running."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Prints the child's process id at every start.
PROGRAM = """
import sys
from pathlib import Path
from coprod import supervisor

sys.platform = sys.argv[1]
supervisor.SETTLED = 0.0
child = supervisor.Child("child", [sys.executable, "-c", CHILD], Path.cwd())
supervisor.Supervisor([child], print).run(is_ready=lambda: True, when_ready=lambda: None)
"""
CHILD = "import os, time; print('pid', os.getpid(), flush=True); time.sleep(60)"
PLATFORMS = ["darwin"] + ["linux"] * (sys.platform == "linux")


@pytest.fixture(params=PLATFORMS)
def supervisor(request):
    program = PROGRAM.replace("CHILD]", f"{CHILD!r}]")
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", program, request.param],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def next_pid(process):
    for line in process.stdout:
        if line.startswith("pid "):
            return int(line.split()[1])
    raise AssertionError("the supervisor ended")


def is_gone(pid):
    for _ in range(100):
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat")
            if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
                return True  # dead; nobody has asked yet
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.fault
def test_child_when_killed_is_started_again(supervisor):
    first = next_pid(supervisor)
    os.kill(first, signal.SIGKILL)
    second = next_pid(supervisor)
    assert second != first
    assert is_gone(first)


@pytest.mark.fault
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_child_when_supervisor_ends_ends_too(supervisor, number):
    child = next_pid(supervisor)
    supervisor.send_signal(number)
    supervisor.wait(10)
    assert is_gone(child)
