"""The whole portal on one machine: one web server, one worker with its timetable, kept running."""

import fcntl
import http.client
import os
import socket
import sys
import time
from argparse import ArgumentParser
from typing import Any, TextIO

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from coprod.supervisor import Child, ChildFailed, Supervisor

START_LIMIT = 60


class Command(BaseCommand):
    help = "Starts the portal and keeps it running until it is told to stop."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        first = parser.add_mutually_exclusive_group()
        first.add_argument("--demo", action="store_true", help="fill an empty forum with the demo")
        first.add_argument("--new", action="store_true", help="leave an empty forum for set-up")

    def handle(self, **options: Any) -> None:
        with only_one():
            port_is_free()
            migrate()
            collect_static()
            self.first_start(demo=options["demo"], new=options["new"])
            connections.close_all()
            self.supervise()

    def first_start(self, *, demo: bool, new: bool) -> None:
        """Fill or announce an empty forum. One begun as new is never given the demo."""
        marker = settings.DATA_DIR / "new"
        if new and (settings.DATA_DIR / "demo").exists():
            raise CommandError(
                f"{settings.DATA_DIR} holds the demonstration forum: name another folder, "
                "as in COPROD_DATA=forum ./run --new"
            )
        if new or (demo and marker.exists()):
            marker.touch()
            # Once somebody is there the link has ended, and would only puzzle who starts this.
            if not get_user_model()._default_manager.exists():
                call_command("setup_link", stdout=self.stdout)
        elif demo:
            call_command("demo", "--if-empty", stdout=self.stdout)

    def supervise(self) -> None:
        web = Child("web server", web_command(), settings.BASE_DIR)
        worker = Child("worker", worker_command(), settings.BASE_DIR)
        give_up = time.monotonic() + START_LIMIT

        def is_ready() -> bool:
            if time.monotonic() > give_up:
                raise ChildFailed(web.name)
            return is_healthy()

        try:
            Supervisor([web, worker], self.say).run(
                is_ready=is_ready,
                when_ready=lambda: self.say(f"Ready: http://127.0.0.1:{settings.PORT}/"),
            )
        except ChildFailed as error:
            raise CommandError(f"The {error} could not start: the lines above say why.") from None

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def only_one() -> TextIO:
    """Two timetables on one folder would ring every bell twice. The lock is ours until we end."""
    lock = open(settings.DATA_DIR / "serve.lock", "a")  # noqa: SIM115 - the caller closes it
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise CommandError(f"The portal in {settings.DATA_DIR} is already running.") from None
    return lock


def port_is_free() -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", settings.PORT))
        except OSError:
            raise CommandError(
                f"Port {settings.PORT} is in use: choose another, as in PORT=8001 ./run"
            ) from None


def migrate() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)


def collect_static() -> None:
    """Copy, hash and compress style sheets and scripts, when any of them has changed."""
    wanted = "\n".join(
        sorted(
            f"{path} {os.stat(storage.path(path)).st_mtime_ns}"
            for finder in get_finders()
            for path, storage in finder.list([])
        )
    )
    stamp = settings.DATA_DIR / "static.stamp"
    if not stamp.exists() or stamp.read_text() != wanted:
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(wanted)


def web_command() -> list[str]:
    """No access log: addresses hold the tokens of links in letters."""
    return [
        *[sys.executable, "-m", "gunicorn", "coprod.wsgi", "--worker-class", "gthread"],
        *["--workers", "1", "--threads", "8", "--bind", f"127.0.0.1:{settings.PORT}"],
        *["--no-control-socket", "--log-level", "warning", "--graceful-timeout", "10"],
    ]


def worker_command() -> list[str]:
    """Two threads and the timetable in one process; the timetable is code, its state memory."""
    return [
        # On a machine where all is run as root, Celery's warning says nothing that helps.
        *[sys.executable, "-W", "ignore:You're running the worker with superuser"],
        *["-m", "celery", "--quiet", "-A", "coprod", "worker", "-B", "-P", "threads"],
        *["-c", "2", "--scheduler", "celery.beat.Scheduler", "--loglevel", "WARNING"],
        *["--schedule", str(settings.DATA_DIR / "beat-schedule")],
        *["--without-gossip", "--without-mingle", "--without-heartbeat"],
    ]


def is_healthy() -> bool:
    """Whether the web server answers; 503 is its word on a worker that has only just started.

    Asks as a proxy would, so that a forced redirect to https is no failure.
    """
    scheme = "https" if settings.COPROD_ORIGIN.startswith("https:") else "http"
    connection = http.client.HTTPConnection("127.0.0.1", settings.PORT, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"X-Forwarded-Proto": scheme})
        return connection.getresponse().status in {200, 503}
    except OSError:
        return False
    finally:
        connection.close()
