"""One table run by many at once, and its twins: each row once. The control drops the locks."""

import contextlib
import os

import pytest

from coprod.exceptions import TransitionNotAllowed
from coprod.models import Forum
from projects.models import Import, Project
from projects.services import adding, imports
from tests.factories.members import ForumFactory, PersonFactory
from tests.members.test_seat_races import all_at_once

ROUNDS = int(os.environ.get("COPROD_ROUNDS", "5"))
THREADS = 20
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")
TABLE = b"Title\tNotes\n" + b"".join(b"Project %d\twords\n" % n for n in range(20))


def prepare(person):
    """Four uploads of one table, each pressed by five people at once."""
    tables = [imports.start_import(content=TABLE, name="t", by=person) for _ in range(4)]
    return [table.pk for table in tables] * (THREADS // 4)


def run(person):
    def press(pk):
        with contextlib.suppress(TransitionNotAllowed):
            imports.run_import(brought=Import.objects.get(pk=pk), by=person)
        imports.go_on(brought=Import.objects.get(pk=pk))

    return press


def clear():
    Import.objects.all().delete()
    Project.objects.all().delete()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_table_when_twenty_add_it_at_once_then_each_project_once():
    ForumFactory()
    person = PersonFactory()
    for _ in range(ROUNDS):
        results = all_at_once(run(person), prepare(person))
        assert [each for each in results if each is not None] == []
        assert Project.objects.count() == 20
        assert set(Import.objects.values_list("state", flat=True)) == {"done"}
        clear()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite writes one after the other")
def test_table_when_the_locks_are_dropped_then_it_breaks(monkeypatch):
    """The control: this is how the test above would look if nothing held."""
    for model in (Forum, Import):
        queryset = type(model.objects.all())
        monkeypatch.setattr(queryset, "select_for_update", lambda self, **_: self)
    monkeypatch.setattr(adding, "known_rows", dict)
    ForumFactory()
    person = PersonFactory()
    broken = 0
    for _ in range(ROUNDS):
        all_at_once(run(person), prepare(person))
        broken += Project.objects.count() != 20
        clear()
    assert broken
