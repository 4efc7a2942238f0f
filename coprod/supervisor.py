"""Keeps a few processes running: starts a dead one again, and takes all along when it ends."""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

GRACE = 15.0  # seconds that a child has to finish what it is doing
SETTLED = 10.0  # a child that lived this long is started again at once
LONGEST_WAIT = 30.0
TERMINAL = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
PR_SET_PDEATHSIG = 1
# Where the kernel can't tell a child that its parent died, this program waits for the end of a
# pipe that only the parent holds open.
WATCH = """
import os, signal, sys
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
os.read(0, 1)
try:
    os.killpg(int(sys.argv[1]), signal.SIGTERM)
except ProcessLookupError:
    pass
"""


class ChildFailed(Exception):
    """A child that others wait for never came up."""


class Child:
    """One command, in a process group of its own, that ends when its parent does."""

    def __init__(self, name: str, command: Sequence[str], cwd: Path) -> None:
        self.name = name
        self.command = command
        self.cwd = cwd
        self.process: subprocess.Popen[bytes] | None = None
        self.watch: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.not_before = 0.0
        self.wait = 0.0

    def start(self) -> None:
        linux = sys.platform == "linux"
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent(os.getpid()) if linux else None,
        )
        if not linux:
            self.watch = subprocess.Popen(
                [sys.executable, "-I", "-c", WATCH, str(self.process.pid)], stdin=subprocess.PIPE
            )

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def bury(self) -> int | None:
        """Clear up after a death, and plan the next start: later each time it dies young."""
        if self.process is None:
            return None
        code = self.process.returncode
        self.signal(signal.SIGKILL)  # what it left behind, such as the worker's timetable
        self.end_watch()
        self.process = None
        young = time.monotonic() - self.started < SETTLED
        self.wait = min(max(self.wait * 2, 1.0), LONGEST_WAIT) if young else 0.0
        self.not_before = time.monotonic() + self.wait
        return code

    def signal(self, number: signal.Signals) -> None:
        """To the whole group, which may outlive its leader."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def end(self, patience: float) -> None:
        if self.process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
            self.signal(signal.SIGKILL)
            self.process.wait()
        self.end_watch()

    def end_watch(self) -> None:
        if self.watch and self.watch.stdin:
            self.watch.kill()
            self.watch.stdin.close()
            self.watch.wait()
            self.watch = None


class Supervisor:
    """Runs until it is told to stop, by a signal."""

    def __init__(self, children: Sequence[Child], say: Callable[[str], None]) -> None:
        self.children = children
        self.say = say
        self.stopping = False

    def run(self, *, is_ready: Callable[[], bool], when_ready: Callable[[], None]) -> None:
        """Until everything is up, a death is the end; from then on it is mended."""
        bell = self.listen()
        ready = False
        try:
            while not self.stopping:
                self.mend(first=not ready)
                if not ready and is_ready():
                    ready = True
                    when_ready()
                ring(bell, 1.0 if ready else 0.05)
        finally:
            self.end()

    def mend(self, *, first: bool) -> None:
        for child in self.children:
            if child.is_alive():
                continue
            if child.process:
                code = child.bury()
                if first:
                    raise ChildFailed(child.name)
                self.say(f"The {child.name} ended ({code}) and is started again.")
            if time.monotonic() >= child.not_before:
                child.start()

    def listen(self) -> int:
        """A signal writes a byte to a pipe, so that waiting ends at once."""
        bell, striker = os.pipe()
        os.set_blocking(striker, False)
        signal.set_wakeup_fd(striker, warn_on_full_buffer=False)
        for number in TERMINAL:
            signal.signal(number, self.stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        return bell

    def stop(self, *_: object) -> None:
        self.stopping = True

    def end(self) -> None:
        """Ask all at once, then wait for each: a task under way may finish."""
        for child in self.children:
            if child.is_alive() and child.process:
                # To the leader only: it ends its own workers in its own order.
                child.process.terminate()
        until = time.monotonic() + GRACE
        for child in self.children:
            child.end(max(until - time.monotonic(), 0.0))


def end_with_parent(parent: int) -> Callable[[], None]:
    """On Linux the kernel sends the signal, however the parent died."""
    libc = ctypes.CDLL(None)  # loaded before the fork, where little is safe

    def ask_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)

    return ask_kernel


def ring(bell: int, seconds: float) -> None:
    """Wait, unless a signal comes first."""
    if select.select([bell], [], [], seconds)[0]:
        os.read(bell, 4096)
