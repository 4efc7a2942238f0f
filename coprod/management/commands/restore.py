"""Puts a backup back on a fresh machine."""

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.utils import DatabaseError

from coprod.management.commands.backup import KEPT, postgres_env, postgres_options
from coprod.models import Message

HELD = "Held back when a backup was restored: send it again if it didn’t go out then."


class Command(BaseCommand):
    help = "Restores a backup into an empty installation."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path)

    def handle(self, *, archive: Path, **options: Any) -> None:
        if holds_people():
            raise CommandError("This installation holds people already: nothing was changed.")
        with tempfile.TemporaryDirectory() as folder:
            unpack(archive, folder)
            restore_database(Path(folder) / "database")
            for name in KEPT:
                put_back(Path(folder) / name, Path(settings.DATA_DIR) / name)
        # What waited then may have gone out since: nobody gets it twice, and a coordinator
        # sees each under "failed" with one button to send it.
        held = Message.objects.filter(
            state=Message.State.QUEUED, channel__in=Message.SENT_BY_WORKER
        )
        count = held.update(state=Message.State.FAILED, reason=HELD, claimed_at=None)
        self.stdout.write(f"Restored. {count} messages that waited then are held back.")


def unpack(archive: Path, folder: str) -> None:
    """Raises CommandError for an archive that would write outside of its own folder."""
    with tarfile.open(archive) as tar:
        for member in tar:
            inside = not Path(member.name).is_absolute() and ".." not in Path(member.name).parts
            if not inside or not (member.isfile() or member.isdir()):
                raise CommandError(f"{archive} isn’t one of our backups: it holds {member.name}.")
        # Early releases of Python 3.11 don't know the filter; the check above holds there.
        careful: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        tar.extractall(folder, **careful)


def holds_people() -> bool:
    """Whether there is anybody in the database; an empty one may lack even its tables."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM members_person")
            return bool(cursor.fetchone()[0])
    except DatabaseError:
        return False
    finally:
        connection.close()


def restore_database(dump: Path) -> None:
    """Raises CommandError."""
    if connection.vendor == "sqlite":
        target = Path(str(connection.settings_dict["NAME"]))
        for leftover in (f"{target}-wal", f"{target}-shm"):
            Path(leftover).unlink(missing_ok=True)
        shutil.copyfile(dump, target)
        return
    command = ["pg_restore", "--clean", "--if-exists", "--no-owner", "--exit-on-error"]
    done = subprocess.run(
        [*command, *postgres_options(), str(dump)],
        env=postgres_env(),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise CommandError(f"pg_restore failed: {done.stderr.strip()}")


def put_back(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.exists():
        shutil.copyfile(source, target)
        os.chmod(target, 0o600)
