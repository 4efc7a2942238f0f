"""Two who do something for each other at the same moment never wait for each other for ever."""

import os
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import OperationalError, transaction
from django.db.models.query import QuerySet

from coprod import clocks
from expenses.services import locks, time_given
from expenses.services.recognition import offer_one
from tests.factories.members import PersonFactory
from tests.factories.money import PolicyFactory
from tests.members.test_seat_races import all_at_once

ROUNDS = int(os.environ.get("COPROD_ROUNDS", "5"))
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")
pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not ON_POSTGRES, reason="SQLite writes one after the other"),
]


def thank(pair):
    person, by = pair
    offer_one(person=person, kind="thanks", on=clocks.today(), what_for="Help", by=by)


def write_time(pair):
    person, by = pair
    on = clocks.today() - timedelta(days=1)
    time_given.add_time(person=person, by=by, on=on, what="Calls", hours=Decimal(1))


def each_other(work):
    """What went wrong where ten times two people do something for each other."""
    pairs = []
    for _ in range(10):
        one, other = PersonFactory(), PersonFactory()
        pairs += [(one, other), (other, one)]
    return [r for r in all_at_once(work, pairs) if isinstance(r, Exception)]


@pytest.mark.parametrize("work", [thank, write_time])
def test_people_when_they_act_for_each_other_at_once_then_nobody_waits_for_ever(work, forum):
    PolicyFactory()
    assert [wrong for _ in range(ROUNDS) for wrong in each_other(work)] == []


def test_people_when_held_against_being_named_too_then_it_breaks(forum, monkeypatch):
    """The control: held as rows are that will be deleted, the two wait for each other."""
    whole = QuerySet.select_for_update
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: whole(self))
    wrong = (w for _ in range(max(ROUNDS, 30)) for w in each_other(write_time))
    assert any(isinstance(each, OperationalError) for each in wrong)


def test_people_when_held_in_any_order_then_all_come_through(forum):
    """Held by their numbers, whatever order they are named in."""
    people = [PersonFactory().pk for _ in range(6)]

    def hold(ids):
        with transaction.atomic():
            locks.lock_people(ids)

    orders = [people, people[::-1]] * 10
    assert [r for _ in range(ROUNDS) for r in all_at_once(hold, orders) if r is not None] == []
