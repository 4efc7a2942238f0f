"""The compose file can't be run where there is no container engine: its parts are tried instead."""

import contextlib
import ctypes
import http.client
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
import yaml
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ["migrate", "web", "worker", "beat"]


def words(service: str) -> list[str]:
    """The command of a service, without the shell around it."""
    command = shlex.split(SERVICES[service]["command"])
    return shlex.split(command[2]) if command[:2] == ["sh", "-c"] else command


def test_services_are_those_of_the_portal():
    assert set(SERVICES) == {*OURS, "postgres", "redis"}
    assert SERVICES["beat"]["deploy"]["replicas"] == 1
    assert sum("beat" in words(name) for name in OURS) == 1


def test_only_the_web_is_reached_and_only_from_this_machine():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8000:8000"]}
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["postgres"]["networks"] == SERVICES["redis"]["networks"] == ["inside"]


def test_no_secret_stands_in_the_file():
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if any(word in name for word in ("SECRET", "PASSWORD", "URL", "AUTH")):
                assert ":?" in value, f"{name} has no variable"


@pytest.mark.parametrize("service", OURS)
def test_commands_run_programs_that_are_installed(service):
    for line in " ".join(words(service)).split(" && "):
        program, *rest = line.split()
        assert (Path(sys.executable).parent / program).exists()
        if program == "python":
            assert rest[0] == "manage.py"
            assert rest[1] in get_commands()


def test_image_holds_every_app_and_what_they_read():
    kept = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert apps | {"templates", "static", "manage.py", "requirements.lock"} <= kept


@pytest.mark.fault
@pytest.mark.skipif(not os.environ.get("REDIS_URL"), reason="needs PostgreSQL and Redis")
def test_commands_serve_pages_and_deliver_on_real_servers(tmp_path):
    """Migrate, web, worker and beat as the compose file starts them, one process each."""
    with a_database() as database, contextlib.ExitStack() as stack:
        port = free_port()
        env = os.environ | {
            "DATABASE_URL": database,
            "REDIS_URL": os.environ["REDIS_URL"].rsplit("/", 1)[0] + "/7",
            "COPROD_DATA": str(tmp_path),
            "COPROD_ORIGIN": "https://forum.example",
            "SECRET_KEY": "compose-test-" + "0123456789" * 5,
            "EMAIL_URL": "",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        migrate = shlex.split(SERVICES["migrate"]["command"])
        done = subprocess.run(migrate, env=env, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-3000:]
        for name in ["web", "worker", "beat"]:
            log = stack.enter_context(open(tmp_path / f"{name}.log", "wb"))
            command = [
                word.replace("0.0.0.0:8000", f"127.0.0.1:{port}").replace(
                    "/tmp/beat-schedule", str(tmp_path / "beat-schedule")
                )
                for word in words(name)
            ]
            stack.enter_context(running(command, env=env, log=log))
        health = wait_for(lambda: worker_state(port) == "ok", seconds=90)
        logs = "\n".join(path.read_text()[-2000:] for path in tmp_path.glob("*.log"))
        assert health, f"/healthz says {worker_state(port)}\n{logs}"


@contextlib.contextmanager
def a_database():
    url = os.environ["DATABASE_URL"]
    name = f"compose_{os.getpid()}"
    connection = psycopg2.connect(url)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(f"CREATE DATABASE {name}")
    try:
        yield urlsplit(url)._replace(path=f"/{name}").geturl()
    finally:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.close()


@contextlib.contextmanager
def running(command, *, env, log):
    libc = ctypes.CDLL(None)
    child = subprocess.Popen(
        command,
        env=env,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        # A killed test run leaves no server behind.
        preexec_fn=lambda: sys.platform == "linux" and libc.prctl(1, signal.SIGTERM),
    )
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(20)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)


def worker_state(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"X-Forwarded-Proto": "https"})
        return json.loads(connection.getresponse().read())["worker"]
    except (OSError, ValueError, KeyError, http.client.HTTPException) as error:
        return repr(error)
    finally:
        connection.close()


def wait_for(condition, *, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.5)
    return False


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
