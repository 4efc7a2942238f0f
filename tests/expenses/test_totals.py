"""Public totals: only where the forum agreed, and never anybody's sum."""

from datetime import date

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expenses.models import Claim
from expenses.totals import OTHER, last_quarter, merged, totals_of
from tests.factories.members import PersonFactory
from tests.factories.money import (
    ClaimFactory,
    HeadingFactory,
    PolicyFactory,
    RecognitionFactory,
    SpendingFactory,
)

TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _on_a_day():
    with time_machine.travel("2026-11-20 10:00", tick=False):
        yield


def _paid(heading, pence, person=None, on=date(2026, 6, 1), at="2026-07-01T10:00Z"):
    claim = ClaimFactory(
        person=person or PersonFactory(),
        on=on,
        lines=[{"pence": pence, "heading": heading}],
        state="paid",
    )
    Claim.objects.filter(pk=claim.pk).update(paid_at=at)


# Who may read it ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (None, 404),
        ("stranger", 404),
        ("administrator", 404),
        ("rep", 200),
        ("staff", 200),
        ("officer", 200),
        ("coordinator", 200),
        ("treasurer", 200),
    ],
)
def test_totals_when_the_forum_shows_none_then_members_only(
    request, client_for, forum, who, status
):
    PolicyFactory()
    person = request.getfixturevalue(who) if who else None
    assert client_for(person).get("/money/totals/").status_code == status


def test_totals_when_the_policy_in_force_shows_them_then_everybody(client, forum):
    PolicyFactory(begins_on=date(2026, 12, 1), shows_totals=True)
    assert client.get("/money/totals/").status_code == 404
    with time_machine.travel("2026-12-01 10:00", tick=False):
        shown = client.get("/money/totals/")
        assert shown.status_code == 200
        held = client.get("/money/totals/", headers={"If-None-Match": shown["ETag"]})
    assert held.status_code == 304
    assert "no-cache" in shown["Cache-Control"]


def test_totals_when_a_later_policy_hides_them_then_gone(client, forum):
    PolicyFactory(shows_totals=True)
    assert client.get("/money/totals/").status_code == 200
    PolicyFactory(begins_on=date(2026, 11, 1))
    assert client.get("/money/totals/").status_code == 404


def test_totals_when_only_proposed_then_still_hidden(client, forum):
    PolicyFactory(shows_totals=True, confirmed=False)
    assert client.get("/money/totals/").status_code == 404


@pytest.mark.parametrize("shows", [True, False])
def test_totals_when_open_then_linked_from_the_about_page(client, forum, shows):
    PolicyFactory(shows_totals=shows)
    assert ("/money/totals/" in client.get("/about/").content.decode()) == shows


# Small numbers ------------------------------------------------------------------------------------


def test_totals_when_few_were_paid_under_a_heading_then_merged_into_other(forum):
    travel, care, post = (HeadingFactory(name=name) for name in ("Travel", "Care", "Post"))
    for pence in (100, 200, 300):
        _paid(travel, pence)
    for pence in (1000, 2000):
        _paid(care, pence)
    _paid(post, 70)
    assert totals_of(2026, TODAY).parts == [("Travel", 600), (OTHER, 3070)]


def test_totals_when_other_would_be_of_too_few_then_the_smallest_goes_there_too(forum):
    travel, care, post = (HeadingFactory(name=name) for name in ("Travel", "Care", "Post"))
    for _ in range(4):
        _paid(travel, 100)
    for _ in range(3):
        _paid(care, 1000)
    _paid(post, 70)
    assert totals_of(2026, TODAY).parts == [("Travel", 400), (OTHER, 3070)]


def test_totals_when_too_few_were_paid_at_all_then_no_sum(client, forum):
    PolicyFactory(shows_totals=True)
    heading = HeadingFactory(name="Travel")
    for _ in range(2):
        _paid(heading, 4321)
    found = totals_of(2026, TODAY)
    assert (found.parts, found.is_hidden) == ([], True)
    shown = client.get("/money/totals/").content.decode()
    assert "86.42" not in shown
    assert "So few people were paid" in shown


def test_totals_when_the_same_person_is_paid_often_then_counts_as_one(forum):
    person, heading = PersonFactory(), HeadingFactory(name="Travel")
    for _ in range(5):
        _paid(heading, 100, person=person)
    assert totals_of(2026, TODAY).is_hidden


def test_totals_when_read_then_hold_no_name_and_what_the_forum_paid_itself(client, forum):
    PolicyFactory(shows_totals=True)
    heading = HeadingFactory(name="Travel")
    for number in range(3):
        _paid(heading, 1000, person=PersonFactory(name=f"Zadie Zephyr {number}"))
        RecognitionFactory(state="done", on=date(2026, 6, 1), done_at="2026-07-01T10:00Z")
    SpendingFactory(heading=heading, on=date(2026, 9, 30), pence=2200)
    shown = client.get("/money/totals/").content.decode()
    for words in ("Travel", "£30", "Thank-you payments", "£75", "£22", "£127"):
        assert words in shown, words
    assert "Zephyr" not in shown
    assert "csrfmiddlewaretoken" not in shown


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from("ABCDE"),
        st.dictionaries(st.integers(1, 6), st.integers(1, 999), min_size=1, max_size=6),
    )
)
def test_merging_when_anything_was_paid_then_complete_and_never_of_fewer_than_three(people):
    parts = merged(people)
    everybody = {person for each in people.values() for person in each}
    if parts is None:
        assert len(everybody) < 3 or sum(len(each) < 3 for each in people.values())
        return
    assert sum(pence for _, pence in parts) == sum(sum(each.values()) for each in people.values())
    shown = {label for label, _ in parts}
    for label in shown - {OTHER}:
        assert len(people[label]) >= 3
    if OTHER in shown:
        hidden = {person for label in set(people) - shown for person in people[label]}
        assert len(hidden) >= 3


# Whole quarters -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "until"),
    [
        (date(2026, 6, 30), None),
        (date(2026, 7, 1), date(2026, 6, 30)),
        (date(2026, 11, 20), date(2026, 9, 30)),
        (date(2027, 3, 31), date(2026, 12, 31)),
        (date(2027, 4, 1), date(2027, 3, 31)),
        (date(2029, 4, 1), date(2027, 3, 31)),
    ],
)
def test_totals_when_a_quarter_is_not_over_then_it_does_not_count(today, until):
    assert last_quarter(2026, today) == until


def test_totals_when_somebody_is_paid_today_then_the_page_stays_the_same(forum):
    heading = HeadingFactory(name="Travel")
    for _ in range(3):
        _paid(heading, 100)
    before = totals_of(2026, TODAY)
    _paid(heading, 7777, at="2026-11-20T09:00Z")
    RecognitionFactory(state="done", on=date(2026, 6, 1), done_at="2026-11-20T09:00Z")
    assert totals_of(2026, TODAY) == before
    assert totals_of(2026, date(2027, 1, 1)) != before


def test_totals_when_there_is_much_then_asks_no_more_questions(
    client, forum, django_assert_max_num_queries
):
    PolicyFactory(shows_totals=True)
    for _ in range(60):
        _paid(HeadingFactory(), 100)
    with django_assert_max_num_queries(18):
        assert client.get("/money/totals/").status_code == 200
