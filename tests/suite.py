"""Every check and test, as ./test and CI run them: all of it, whatever fails on the way.

./test                        everything
./test lint unit pg journeys  only the parts named
"""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
APPS = ["coprod", "expenses", "meetings", "members", "projects"]
PARTS = ["lint", "unit", "pg", "journeys"]
PRODUCTION = {
    "COPROD_ORIGIN": "https://forum.example",
    "COPROD_PROXIES": "1",
    "SECRET_KEY": "only-for-this-check-" + "abcdefghij0123456789" * 3,
}
PRINTING = threading.Lock()


@dataclass
class Step:
    """One command, its output and how it ended."""

    title: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)
    live: bool = False
    junit: Path | None = None
    skipped: str = ""
    code: int = 0
    seconds: float = 0.0
    tests: int = 0
    failed: int = 0
    skips: int = 0

    @property
    def result(self) -> str:
        if self.skipped:
            return f"skipped: {self.skipped}"
        return "FAILED" if self.code else "ok"

    def run(self) -> None:
        if self.skipped:
            print(f"=== {self.title}: {self.result}", flush=True)
            return
        if self.live:
            print(f"=== {self.title}", flush=True)
        begun = time.monotonic()
        try:
            done = subprocess.run(
                self.command,
                cwd=ROOT,
                env=os.environ | self.env,
                stdin=subprocess.DEVNULL,
                stdout=None if self.live else subprocess.PIPE,
                stderr=None if self.live else subprocess.STDOUT,
                text=True,
                errors="replace",
                preexec_fn=end_with_parent,
            )
            self.code, output = done.returncode, done.stdout or ""
        except OSError as error:
            self.code, output = 127, f"{error}\n"
        self.seconds = time.monotonic() - begun
        if self.junit:
            self.count()
        with PRINTING:
            print(f"=== {self.title}: {self.result} ({self.seconds:.1f} s)", flush=True)
            if self.code or self.junit:
                print(output, end="", flush=True)

    def count(self) -> None:
        assert self.junit
        if self.code == 5:  # pytest's word for "there are none yet"
            self.code = 0
            return
        try:
            for suite in ElementTree.parse(self.junit).getroot().iter("testsuite"):
                self.tests += int(suite.get("tests", 0))
                self.failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
                self.skips += int(suite.get("skipped", 0))
        except (OSError, ElementTree.ParseError):
            self.code = self.code or 1
        if self.code and not self.failed:
            self.failed = 1  # the run itself broke
            self.tests += 1


def main(parts: list[str]) -> int:
    if unknown := set(parts) - set(PARTS):
        print(f"There is no part {', '.join(sorted(unknown))}: choose from {', '.join(PARTS)}.")
        return 2
    parts = parts or PARTS
    # Ended from outside, still stop the servers below.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    begun = time.monotonic()
    steps: list[Step] = []
    with (
        tempfile.TemporaryDirectory(prefix="coprod-test-") as name,
        contextlib.ExitStack() as stack,
    ):
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL, another user, goes through it
        os.environ["DJANGO_SETTINGS_MODULE"] = "coprod.settings"
        if "lint" in parts:
            steps += lint_steps(folder)
            run_together(steps, workers=2)
        servers: dict[str, str] = {}
        missing = "not asked for"
        if {"pg", "journeys"} & set(parts):
            servers, missing = start_servers(folder, stack)
        runs = []
        if "unit" in parts:
            runs.append(pytest_step("Tests on SQLite", folder, "unit", live=True))
        if "pg" in parts:
            step = pytest_step("Tests on PostgreSQL and Redis", folder, "pg", env=servers)
            step.skipped = missing
            runs.append(step)
        # One core each; the second run's output waits until it is over.
        run_together(runs, workers=2)
        steps += runs
        if "journeys" in parts:
            title = f"Journeys on {'SQLite' if missing else 'PostgreSQL and Redis'}"
            step = pytest_step(title, folder, "journeys", env=servers, live=True)
            if not any((ROOT / "tests/journeys").glob("test_*.py")):
                step.skipped = "no journeys yet"
            step.run()
            steps.append(step)
    return report(steps, time.monotonic() - begun)


def run_together(steps: list[Step], *, workers: int) -> None:
    with ThreadPoolExecutor(workers) as pool:
        for future in [pool.submit(step.run) for step in steps]:
            future.result()


def lint_steps(folder: Path) -> list[Step]:
    python = sys.executable
    apps = [app for app in APPS if any((ROOT / app).glob("*.py"))]
    templates = [str(path) for path in sorted((ROOT / "templates").rglob("*.html"))]
    data = {"COPROD_DATA": str(folder / "lint")}
    steps = [
        Step("mypy", [str(BIN / "mypy"), *apps, "tests"], data),
        Step("ruff check", [str(BIN / "ruff"), "check", "--quiet", "."]),
        Step("ruff format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
        Step("djade", [str(BIN / "djade"), "--check", "--target-version", "5.2", *templates]),
        Step("djlint", [str(BIN / "djlint"), "--lint", "--quiet", "templates"]),
        Step(
            "missing migrations",
            [python, "manage.py", "makemigrations", "--check", "--dry-run"],
            data,
        ),
        Step(
            "deployment check",
            [python, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
            data | PRODUCTION,
        ),
        Step("import-linter", [str(BIN / "lint-imports")]),
        Step("vulture", [str(BIN / "vulture"), *apps]),
        Step("deptry", [str(BIN / "deptry"), "."]),
    ]
    for step in steps:
        if step.title in {"djade", "djlint"} and not templates:
            step.skipped = "no templates yet"
    return steps


def pytest_step(
    title: str, folder: Path, name: str, *, env: dict[str, str] | None = None, live: bool = False
) -> Step:
    data = folder / name
    data.mkdir()
    junit = folder / f"{name}.xml"
    where = ["tests/journeys"] if name == "journeys" else ["tests", "--ignore=tests/journeys"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *where]
    if name == "journeys":
        # They wait for a browser most of the time: two at once, whichever is free takes the next.
        command += ["-n", "2", "--dist", "worksteal"]
    step = Step(title, [*command, f"--junitxml={junit}"], live=live, junit=junit)
    step.env = {
        "COPROD_DATA": str(data),
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "EMAIL_URL": "",
        # Playwright's loop runs in the thread that the tests run in.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true" if name == "journeys" else "",
    } | (env or {})
    return step


def start_servers(folder: Path, stack: contextlib.ExitStack) -> tuple[dict[str, str], str]:
    """Throw-away servers on free ports; they end with us. Or the reason why there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name))
    postgres = found[-1] if found else Path(shutil.which("initdb") or "/missing").parent
    redis = shutil.which("redis-server")
    if not (postgres / "initdb").exists() or not redis:
        return {}, "PostgreSQL and Redis are not installed"
    try:
        database = stack.enter_context(run_postgres(postgres, folder / "postgres"))
        broker = stack.enter_context(run_redis(redis, folder / "redis"))
    except (OSError, RuntimeError, subprocess.SubprocessError, KeyError) as error:
        return {}, f"the servers did not start: {error}"
    return {"DATABASE_URL": database, "REDIS_URL": broker}, ""


@contextlib.contextmanager
def run_postgres(binaries: Path, folder: Path) -> Iterator[str]:
    folder.mkdir(mode=0o700)
    # It refuses to be root.
    who: dict[str, object] = {}
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
        who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    subprocess.run(
        [binaries / "initdb", "--auth=trust", "--no-sync", "--username=postgres"]
        + ["--encoding=UTF8", "--locale=C.UTF-8", "--pgdata", folder / "data"],
        check=True,
        capture_output=True,
        cwd=folder,
        **who,  # type: ignore[call-overload]
    )
    port = free_port()
    settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": ""}
    settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    command = [str(binaries / "postgres"), "-D", str(folder / "data")]
    for key, value in settings.items():
        command += ["-c", f"{key}={value}"]
    with running(command, port, folder, stop=signal.SIGINT, **who):
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"


@contextlib.contextmanager
def run_redis(binary: str, folder: Path) -> Iterator[str]:
    folder.mkdir()
    port = free_port()
    command = [binary, "--bind", "127.0.0.1", "--port", str(port)]
    with running([*command, "--save", "", "--appendonly", "no"], port, folder):
        yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def running(
    command: list[str],
    port: int,
    folder: Path,
    *,
    stop: signal.Signals = signal.SIGTERM,
    **who: object,
) -> Iterator[None]:
    """A server that listens while the block runs."""
    with open(folder.with_suffix(".log"), "wb") as log:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,
            preexec_fn=end_with_parent,
            **who,  # type: ignore[call-overload]
        )
    try:
        until = time.monotonic() + 30
        while not listens(port):
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(folder.with_suffix(".log").read_text()[-500:])
            time.sleep(0.05)
        yield
    finally:
        server.send_signal(stop)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


LIBC = ctypes.CDLL(None)


def end_with_parent() -> None:
    """On Linux, even a killed run leaves nothing behind."""
    if sys.platform == "linux":
        LIBC.prctl(1, signal.SIGINT)


def report(steps: list[Step], seconds: float) -> int:
    """A table, then one line of counts."""
    width = max(len(step.title) for step in steps)
    print(f"\n{'':=<{width + 24}}")
    for step in steps:
        print(f"{step.title:<{width}}  {step.seconds:7.1f} s  {step.result}")
    print(f"{'all':<{width}}  {seconds:7.1f} s")
    failed = sum(step.failed for step in steps)
    skips = sum(step.skips for step in steps)
    passed = sum(step.tests for step in steps) - failed - skips
    line = f"{passed} passed, {failed} failed"
    if skips:
        line += f", {skips} skipped"
    if broken := sum(1 for step in steps if step.code and not step.junit):
        line += f"; {broken} checks failed"
    print(line)
    return 1 if any(step.code for step in steps) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
