"""Promises: kept, late or not counted, from the records alone."""

from datetime import datetime, time, timedelta

import pytest

from coprod import clocks
from meetings.models import Delay, Minutes
from meetings.promises import SHOWN, of_meetings
from tests.factories.meetings import MeetingFactory


def _on(day, at=time(12)):
    return clocks.local(day, at)


def _meeting(days_ago, *, draft=None, agenda=None, entered=None, **fields):
    """A meeting so many days ago; draft and agenda: on which day after it, or None."""
    day = clocks.today() - timedelta(days=days_ago)
    meeting = MeetingFactory(
        date=day,
        created_at=_on(day + timedelta(days=-100 if entered is None else entered)),
        agenda_sent_at=None if agenda is None else _on(day + timedelta(days=agenda)),
        **fields,
    )
    if draft is not None:
        Minutes.objects.create(
            meeting=meeting, state="circulated", circulated_at=_on(day + timedelta(days=draft))
        )
    return meeting


def _states(forum):
    agendas, drafts = of_meetings(forum)
    return agendas.states, drafts.states


@pytest.mark.parametrize(
    ("row", "drafts"),
    [
        ({"days_ago": 30, "draft": 14}, ["kept"]),
        ({"days_ago": 30, "draft": 15}, ["late"]),
        ({"days_ago": 30, "draft": 0}, ["kept"]),
        ({"days_ago": 30}, ["late"]),
        ({"days_ago": 15}, ["late"]),
        ({"days_ago": 14}, []),  # the promise still runs, to the end of today
        ({"days_ago": 3}, []),
        ({"days_ago": 3, "draft": 2}, ["kept"]),
        ({"days_ago": -5}, []),
        ({"days_ago": 30, "draft": 20, "minutes_days": 21}, ["kept"]),
        ({"days_ago": 300, "draft": 290, "entered": 200}, []),  # recorded later
        ({"days_ago": 300, "entered": 15}, []),
        ({"days_ago": 300, "entered": 14}, ["late"]),
        ({"days_ago": 30, "draft": 20, "announced_at": None}, []),  # nobody was told of it
        ({"days_ago": 30, "draft": 20, "audience": "parents"}, []),  # the public can't check
    ],
)
def test_draft_when_counted_then_as_the_records_say(row, drafts, forum):
    _meeting(**row)
    assert _states(forum)[1] == drafts


@pytest.mark.parametrize(
    ("row", "agendas"),
    [
        ({"days_ago": 30, "agenda": -7}, ["kept"]),
        ({"days_ago": 30, "agenda": -6}, ["late"]),
        ({"days_ago": 30}, ["late"]),
        ({"days_ago": -7}, []),  # due by the end of today
        ({"days_ago": -6}, ["late"]),
        ({"days_ago": -20}, []),
        ({"days_ago": -20, "agenda": -21}, ["kept"]),  # out early
        ({"days_ago": 30, "agenda": -3, "agenda_days": 3}, ["kept"]),
        ({"days_ago": 30, "agenda": -5, "entered": -6}, []),  # called at short notice
        ({"days_ago": 30, "agenda": -7, "entered": -7}, ["kept"]),
    ],
)
def test_agenda_when_counted_then_as_the_records_say(row, agendas, forum):
    _meeting(**row)
    assert _states(forum)[0] == agendas


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        (datetime(2026, 4, 8, 22, 59, tzinfo=clocks.LONDON), "kept"),
        (datetime(2026, 4, 9, 0, 1, tzinfo=clocks.LONDON), "late"),
    ],
)
def test_draft_when_clocks_changed_meanwhile_then_uk_days_count(moment, state, forum, time_machine):
    time_machine.move_to("2026-04-20T12:00:00Z")
    day = datetime(2026, 3, 25).date()  # the clocks go forward on 29 March
    meeting = MeetingFactory(date=day, created_at=_on(day - timedelta(days=90)))
    Minutes.objects.create(meeting=meeting, state="circulated", circulated_at=moment)
    assert _states(forum)[1] == [state]


def test_promise_when_there_are_many_then_the_latest_eight_in_words(forum):
    for n in range(10):
        _meeting(30 + n, draft=20 if n in (1, 9) else 3, title=f"M{n}")
    drafts = of_meetings(forum)[1]
    assert len(drafts.results) == SHOWN
    assert drafts.words == "7 of 8 kept, 1 late"
    assert drafts.label == "Draft minutes within 14 days"
    assert drafts.states[-2:] == ["late", "kept"]  # oldest first, for the marks


@pytest.mark.parametrize("rows", [3, 40])
def test_promises_when_more_meetings_then_three_questions(rows, forum, django_assert_num_queries):
    for n in range(rows):
        some = _meeting(20 + n, draft=3, agenda=-8, title=f"M{n}")
    with django_assert_num_queries(1):  # few forums move or delay anything
        of_meetings(forum)
    due = some.minutes_due_on
    Delay.objects.create(
        meeting=some, promise="minutes", was_due=due, until=due + timedelta(days=3), reason="Flu"
    )
    with django_assert_num_queries(2):
        of_meetings(forum)


def test_working_when_read_then_shows_due_and_done(forum, client_for):
    meeting = _meeting(30, draft=15)
    text = client_for(None).get("/promises/").text
    assert meeting.get_absolute_url() in text
    assert "Draft minutes within 14 days: 0 of 1 kept, 1 late" in text
    assert "not yet" in text  # its agenda


def test_working_when_nothing_is_counted_then_says_so(forum, client_for):
    assert "nothing to count yet" in client_for(None).get("/promises/").text
