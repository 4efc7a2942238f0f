"""Answers at once: two people's both stay, one person's two presses are one."""

import os

import pytest

from coprod.models import Message
from meetings.models import Answer, Ask
from meetings.services import asks
from tests.factories.asks import heard_ask
from tests.factories.members import ForumFactory, RoleFactory
from tests.members.test_seat_races import all_at_once

ROUNDS = int(os.environ.get("COPROD_ROUNDS", "5"))
THREADS = 20
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")


def world():
    coordinator = RoleFactory().person
    officer = RoleFactory(kind="officer").person
    ask = heard_ask(by=coordinator)
    return ask, coordinator, officer


def press_all(ask, people):
    """Twenty presses, the same words from each of these people in turn; what went wrong."""

    def press(n):
        person = people[n % len(people)]
        via = "phone" if person is people[0] else ""
        return asks.answer_ask(
            ask=Ask(pk=ask.pk), outcome="done", text=f"From {person.pk}", via=via, by=person
        )

    results = all_at_once(press, range(THREADS))
    broken = [r for r in results if isinstance(r, Exception)]
    given = Answer.objects.filter(ask=ask)
    if {a.answered_by_id for a in given} != {p.pk for p in people}:
        broken.append("somebody's answer is lost")
    if len(people) == 1 and given.count() != 1:
        broken.append(f"{given.count()} answers of one person")
    if len(people) == 1:
        letters = Message.objects.filter(template="meetings/ask_answered", ids__ask=ask.pk)
        if letters.values("ids__answer").distinct().count() != 1:
            broken.append("told of more than one answer")
    return broken


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_answer_when_one_person_presses_twenty_times_is_kept_once():
    ForumFactory()
    for _ in range(ROUNDS):
        ask, _, officer = world()
        assert press_all(ask, [officer]) == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_answers_when_two_people_answer_at_once_are_both_kept():
    ForumFactory()
    for _ in range(ROUNDS):
        ask, coordinator, officer = world()
        assert press_all(ask, [coordinator, officer]) == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite writes one after the other")
def test_answer_when_the_row_lock_is_dropped_is_kept_twice(monkeypatch):
    monkeypatch.setattr(asks, "lock_ask", lambda ask: Ask.objects.with_all().get(pk=ask.pk))
    ForumFactory()
    found = []
    for _ in range(ROUNDS):
        ask, _, officer = world()
        found += press_all(ask, [officer])
    assert found
