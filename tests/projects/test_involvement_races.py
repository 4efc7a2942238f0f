"""A button pressed by many at once logs, answers and puts right once. Controls drop the lock."""

import os
from datetime import date

import pytest

from coprod.exceptions import TransitionNotAllowed
from projects.models import Involvement, LogDraft
from projects.services import involvement as services
from tests.factories.members import ForumFactory, PersonFactory
from tests.factories.projects import InvolvementFactory, ProjectFactory
from tests.members.test_seat_races import all_at_once

ROUNDS = int(os.environ.get("COPROD_ROUNDS", "5"))
THREADS = 20
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")
CALL = services.Logged(on=date(2026, 3, 1), method="phone", stage=1, said="So.")


def save_all():
    """One draft saved by twenty presses; what went wrong."""
    person, project = PersonFactory(), ProjectFactory()
    draft = LogDraft.objects.create(project=project, person=person)
    results = all_at_once(
        lambda _: services.save_draft(draft=draft, logged=CALL, by=person), range(THREADS)
    )
    return _wrong(results, project, 1)


def log_all():
    """Twenty people log on one project at once: nobody waits for ever, all of it stands."""
    project, person = ProjectFactory(), PersonFactory()
    results = all_at_once(
        lambda _: services.log_involvement(project=project, logged=CALL, by=person),
        range(THREADS),
    )
    return _wrong(results, project, THREADS)


def put_right_all():
    """One entry put right by twenty people with drafts of their own."""
    old = InvolvementFactory()
    people = [PersonFactory() for _ in range(THREADS)]

    def work(person):
        draft = LogDraft.objects.create(project=old.project, person=person, replaces=old)
        return services.save_draft(draft=draft, logged=CALL, reason="So", by=person)

    return _wrong(all_at_once(work, people), old.project, 1)


def reply_all():
    """One reply written by twenty people, each with other words."""
    entry = InvolvementFactory(parents=2)
    people = [PersonFactory() for _ in range(THREADS)]

    def work(person):
        reply = services.Reply(on=entry.on, how="So", changed=person.name)
        return services.reply_to_parents(entry=entry, reply=reply, by=person)

    results = all_at_once(work, people)
    answered = [r for r in results if isinstance(r, Involvement)]
    return _unexpected(results) + ([] if len(answered) == 1 else [f"{len(answered)} replies"])


def _unexpected(results):
    return [
        r for r in results if isinstance(r, Exception) and not isinstance(r, TransitionNotAllowed)
    ]


def _wrong(results, project, count):
    standing = project.involvements.standing().count()
    return _unexpected(results) + ([] if standing == count else [f"{standing} entries stand"])


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_log_when_twenty_write_at_once_then_all_of_it_stands():
    ForumFactory()
    for _ in range(ROUNDS):
        assert log_all() == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("press", [save_all, put_right_all, reply_all])
def test_button_when_twenty_press_at_once_then_it_counts_once(press):
    ForumFactory()
    for _ in range(ROUNDS):
        assert press() == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite writes one after the other")
@pytest.mark.parametrize(
    ("press", "lock", "model"),
    [
        (save_all, "lock_draft", LogDraft),
        (put_right_all, "lock_entry", Involvement),
        (reply_all, "lock_entry", Involvement),
    ],
)
def test_button_when_the_lock_is_dropped_then_it_breaks(monkeypatch, press, lock, model):
    monkeypatch.setattr(services, lock, lambda row: model.objects.get(pk=row.pk))
    monkeypatch.setattr(services, "lock_project", lambda project: project)
    ForumFactory()
    assert [broken for _ in range(ROUNDS) if (broken := press())]
