"""Twenty people save the fourth seat at once. The control drops the guard, and breaks."""

import os
import threading

import pytest
from django.db import close_old_connections, connection, connections

from coprod.exceptions import TransitionNotAllowed
from members import services
from members.models import MemberGroup, Seat
from tests.factories.members import (
    ForumFactory,
    MemberGroupFactory,
    PersonFactory,
    SeatFactory,
)

ROUNDS = int(os.environ.get("COPROD_ROUNDS", "5"))
THREADS = 20
GUARDS = ["one_person_per_seat", "one_seat_per_person_and_group", "one_staff_seat_per_group"]


def all_at_once(work, things):
    """Run ``work`` for each thing in its own thread and connection, all let off together."""
    gate, results = threading.Barrier(len(things)), []

    def run(thing):
        try:
            gate.wait()
            results.append(work(thing))
        except Exception as error:
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(thing,)) for thing in things]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    return results


def group_with_one_free_seat():
    group = MemberGroupFactory()
    SeatFactory(group=group)
    SeatFactory(group=group)
    return group


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_seat_when_twenty_save_the_last_one_at_once_then_one_gets_it():
    ForumFactory()
    for _ in range(ROUNDS):
        group = group_with_one_free_seat()
        results = all_at_once(
            lambda person, group=group: services.seat_person(group=group, person=person, by=None),
            [PersonFactory() for _ in range(THREADS)],
        )
        won = [result for result in results if isinstance(result, Seat)]
        refused = [result for result in results if isinstance(result, TransitionNotAllowed)]
        assert len(won) == 1
        assert len(refused) == THREADS - 1, results
        assert group.seats.current().count() == 3


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_seat_when_row_lock_is_missing_then_the_constraints_still_hold(monkeypatch):
    ForumFactory()
    without_lock(monkeypatch)
    for _ in range(ROUNDS):
        group = group_with_one_free_seat()
        results = all_at_once(
            lambda person, group=group: services.seat_person(group=group, person=person, by=None),
            [PersonFactory() for _ in range(THREADS)],
        )
        assert sum(isinstance(result, Seat) for result in results) == 1
        assert group.seats.current().count() == 3


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    "DATABASE_URL" not in os.environ or not os.environ["DATABASE_URL"].startswith("postgres"),
    reason="SQLite writes one after the other, so a missing guard can't show",
)
def test_seat_race_when_lock_and_constraints_are_dropped_then_it_breaks(monkeypatch):
    """The control: this is how the tests above would look if nothing held."""
    ForumFactory()
    without_lock(monkeypatch)
    constraints = [c for c in Seat._meta.constraints if c.name in GUARDS]
    with connection.schema_editor() as editor:
        for constraint in constraints:
            editor.remove_constraint(Seat, constraint)
    try:
        broken = 0
        for _ in range(ROUNDS):
            group = group_with_one_free_seat()
            all_at_once(
                lambda person, group=group: services.seat_person(
                    group=group, person=person, by=None
                ),
                [PersonFactory() for _ in range(THREADS)],
            )
            broken += group.seats.current().count() > 3
        assert broken
    finally:
        Seat.objects.all().delete()
        with connection.schema_editor() as editor:
            for constraint in constraints:
                editor.add_constraint(Seat, constraint)


def without_lock(monkeypatch):
    """``seat_person`` reads the group without waiting for anybody."""
    queryset = type(MemberGroup.objects.all())
    monkeypatch.setattr(queryset, "select_for_update", lambda self, **_: self)
