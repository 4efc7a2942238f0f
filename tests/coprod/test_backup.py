"""A backup put back on a fresh machine is the same forum, and mails nobody twice."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parents[2]
BEGIN = """
import django; django.setup()
from coprod import outbox
from coprod.models import Forum
from members.services import add_group, add_person, seat_person
Forum(name="Kept forum", area="Nowhere").save()
group = add_group(name="Kept group", by=None, standing="member")
person = add_person(by=None, name="Kept Person", email="kept@forum.example")
seat_person(group=group, person=person, by=None)
from expenses.models import Claim
from expenses.services.receipts import store_receipt
from tests.factories.files import photo, upload
claim = Claim.objects.create(person=person, entered_by=person, on="2026-11-10", occasion="Kept")
store_receipt(claim=claim, upload=upload(photo()), by=person)
"""
COUNT = """
import django; django.setup()
from django.apps import apps
from coprod.models import Message
ours = ("coprod", "members", "meetings", "expenses")
tables = [m for m in apps.get_models() if m._meta.app_label in ours]
print([(m._meta.label, m.objects.count()) for m in tables], Message.objects.get().state)
"""


class Place:
    """An installation of its own: a data folder, and a database where there is a server."""

    def __init__(self, folder, name):
        self.env = os.environ | {
            "COPROD_DATA": str(folder / name),
            "DJANGO_SETTINGS_MODULE": "coprod.settings",
            "REDIS_URL": "",
        }
        self.env.pop("SECRET_KEY", None)
        if url := os.environ.get("DATABASE_URL"):
            self.database = f"backup_{name}_{os.getpid()}"
            _on_server(f"CREATE DATABASE {self.database}")
            self.env["DATABASE_URL"] = url.rsplit("/", 1)[0] + f"/{self.database}"

    def run(self, *words, check=True):
        done = subprocess.run(
            [sys.executable, *words], env=self.env, cwd=ROOT, capture_output=True, text=True
        )
        assert not check or done.returncode == 0, done.stderr[-2000:]
        return done

    def close(self):
        if os.environ.get("DATABASE_URL"):
            _on_server(f"DROP DATABASE {self.database} WITH (FORCE)")


def _on_server(sql):
    server = psycopg2.connect(os.environ["DATABASE_URL"])
    server.autocommit = True
    server.cursor().execute(sql)
    server.close()


@pytest.fixture
def places(tmp_path):
    both = Place(tmp_path, "old"), Place(tmp_path, "fresh")
    yield both
    for place in both:
        place.close()


def test_restore_when_machine_is_fresh_then_every_table_and_nothing_mailed_twice(places, tmp_path):
    old, fresh = places
    archive = str(tmp_path / "forum.tar.gz")
    old.run("manage.py", "migrate", "-v0")
    old.run("-c", BEGIN)
    old.run("manage.py", "backup", archive)
    said = fresh.run("manage.py", "restore", archive).stdout
    assert "1 messages" in said
    before, after = old.run("-c", COUNT).stdout, fresh.run("-c", COUNT).stdout
    assert before.replace("queued", "failed") == after
    key = [Path(place.env["COPROD_DATA"], "secret_key").read_text() for place in places]
    assert key[0] == key[1]
    kept = [
        {path.name: path.read_bytes() for path in folder.rglob("*.jpg")}
        for folder in (Path(place.env["COPROD_DATA"], "files", "receipts") for place in places)
    ]
    assert kept[0] == kept[1]
    assert len(kept[0]) == 1
    refused = fresh.run("manage.py", "restore", archive, check=False)
    assert refused.returncode != 0
    assert "holds people already" in refused.stderr
