"""One file that holds the whole forum: its database and its folder of files."""

import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

#: What belongs to a forum besides its database. The rest of the folder can be made again.
KEPT = ("files", "mail", "secret_key", "demo", "new")


class Command(BaseCommand):
    help = "Writes the database and the files into one archive, while the portal runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path, help="such as forum.tar.gz; must not exist yet")

    def handle(self, *, archive: Path, **options: Any) -> None:
        if archive.exists():
            raise CommandError(f"{archive} exists already: nothing was written over it.")
        with tempfile.TemporaryDirectory() as folder:
            dump = Path(folder) / "database"
            dump_database(dump)
            made = Path(folder) / "archive"
            with tarfile.open(made, "w:gz") as tar:
                tar.add(dump, "database")
                for name in KEPT:
                    if (path := Path(settings.DATA_DIR) / name).exists():
                        tar.add(path, name)
            # Moved into place whole, so that an interrupted backup leaves no half archive.
            shutil.move(made, archive)
        archive.chmod(0o600)
        self.stdout.write(f"Kept in {archive}: it holds private data, so store it safely.")


def dump_database(target: Path) -> None:
    """A consistent copy of the database at this moment. Raises CommandError."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with sqlite3.connect(target) as copy:
            connection.connection.backup(copy)
        copy.close()
        return
    command = ["pg_dump", "--format=custom", "--no-owner", f"--file={target}", *postgres_options()]
    done = subprocess.run(command, env=postgres_env(), capture_output=True, text=True)
    if done.returncode:
        raise CommandError(f"pg_dump failed: {done.stderr.strip()}")


def postgres_options() -> list[str]:
    """Where the database is, for PostgreSQL's own programs; the password goes by environment."""
    known = connection.settings_dict
    options = [f"--dbname={known['NAME']}"]
    for name, key in (("host", "HOST"), ("port", "PORT"), ("username", "USER")):
        if known[key]:
            options.append(f"--{name}={known[key]}")
    return options


def postgres_env() -> dict[str, str]:
    return os.environ | {"PGPASSWORD": str(connection.settings_dict["PASSWORD"] or "")}
