"""Which dates a year falls on and what speaks against them: a table of cases."""

from collections import namedtuple
from datetime import date, time, timedelta
from itertools import pairwise

import pytest

from coprod import clocks
from meetings import planner
from meetings.planner import CLASH, CLEAR, LOOK, Against

Period = namedtuple("Period", "name first_day last_day")
SUMMER = Period("Summer holiday", date(2024, 7, 22), date(2024, 9, 1))
MORNING = (time(10), time(12))


def found(day, starts=time(10), ends=time(12), **against):
    return planner.check(day, starts, ends, Against(**against))


def test_dates_of_year_from_27_september_2023_every_six_weeks_then_nine_dates():
    assert planner.dates_of_year(date(2023, 9, 27), 6) == [
        date(2023, 9, 27),
        date(2023, 11, 8),
        date(2023, 12, 20),
        date(2024, 1, 31),
        date(2024, 3, 13),
        date(2024, 4, 24),
        date(2024, 6, 5),
        date(2024, 7, 17),
        date(2024, 8, 28),
    ]


def test_propose_when_summer_2024_is_closed_then_the_last_date_moves_to_4_september():
    days = planner.dates_of_year(date(2023, 9, 27), 6)
    *others, last = planner.propose(days, *MORNING, Against(closed=[SUMMER]))
    assert [proposal.finding.level for proposal in others] == [CLEAR] * 8
    assert last.finding.level == CLASH
    assert last.finding.words == "Summer holiday: 22 July to 1 September."
    assert (last.advice, last.move_to) == ("move", date(2024, 9, 4))


def test_propose_when_no_clear_day_comes_soon_then_it_is_left_out():
    closed = Period("Summer holiday", date(2027, 7, 22), date(2027, 9, 1))
    [proposal] = planner.propose([date(2027, 8, 10)], *MORNING, Against(closed=[closed]))
    assert proposal.advice == "leave"
    assert proposal.move_to == date(2027, 9, 7)


@pytest.mark.parametrize("weeks", [1, 2, 4, 6, 13, 52])
@pytest.mark.parametrize("first", [date(2023, 9, 27), date(2024, 2, 29), date(2026, 1, 1)])
def test_dates_of_year_then_less_than_twelve_months_ahead_and_none_left_out(first, weeks):
    days = planner.dates_of_year(first, weeks)
    end = planner.twelve_months_after(first)
    assert days[0] == first
    assert days[-1] < end <= days[-1] + timedelta(weeks=weeks)
    assert {later - day for day, later in pairwise(days)} <= {timedelta(weeks=weeks)}


def test_twelve_months_after_a_leap_day_then_1_march():
    assert planner.twelve_months_after(date(2024, 2, 29)) == date(2025, 3, 1)


def test_dates_of_year_when_no_weeks_lie_between_then_refused():
    with pytest.raises(ValueError):
        planner.dates_of_year(date(2024, 2, 29), 0)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 12, 25), "A bank holiday: Christmas Day."),
        (date(2026, 12, 28), "A bank holiday: the substitute day for Boxing Day."),
        (date(2027, 12, 27), "A bank holiday: the substitute day for Christmas Day."),
        (date(2027, 12, 28), "A bank holiday: the substitute day for Boxing Day."),
        (date(2024, 5, 6), "A bank holiday: the early May bank holiday."),
        (date(2024, 8, 26), "A bank holiday: the summer bank holiday."),
        (date(2024, 3, 29), "A bank holiday: Good Friday."),
    ],
)
def test_check_on_a_bank_holiday_of_england_then_clash(day, words):
    assert found(day) == planner.Finding(CLASH, (words,))


@pytest.mark.parametrize(
    "day",
    [
        date(2024, 1, 2),  # only in Scotland
        date(2024, 3, 18),  # only in Northern Ireland
        date(2024, 8, 5),  # Scotland's summer
        date(2026, 12, 29),  # the day after the substitute day
    ],
)
def test_check_on_a_bank_holiday_of_elsewhere_then_clear(day):
    assert found(day).level == CLEAR


@pytest.mark.parametrize(
    ("day", "level"),
    [
        (date(2024, 7, 19), CLEAR),
        (date(2024, 7, 22), CLASH),
        (date(2024, 8, 30), CLASH),
        (date(2024, 9, 2), CLEAR),
    ],
)
def test_check_at_the_edges_of_closed_days_then_first_and_last_count(day, level):
    assert found(day, closed=[SUMMER]).level == level


def test_check_on_one_closed_day_then_clash_with_that_day():
    inset = Period("Inset day", date(2024, 7, 1), date(2024, 7, 1))
    assert found(date(2024, 7, 1), closed=[inset]).words == "Inset day: 1 July."


def test_check_across_the_new_year_then_the_years_are_said():
    closed = Period("Christmas holiday", date(2024, 12, 21), date(2025, 1, 5))
    words = found(date(2024, 12, 30), closed=[closed]).words
    assert words == "Christmas holiday: 21 December 2024 to 5 January 2025."


@pytest.mark.parametrize(
    ("starts", "ends", "level", "words"),
    [
        (time(10), time(12), CLEAR, ""),
        (time(12, 30), time(14, 45), CLEAR, ""),
        (time(13), time(15), LOOK, "Ends in the school run: it would finish at 3pm."),
        (time(13), time(14, 46), LOOK, "Ends in the school run: it would finish at 2:46pm."),
        (time(13), time(17), LOOK, "Goes on through the school run: 1pm to 5pm."),
        (time(15, 30), time(17), LOOK, "Goes on through the school run: 3:30pm to 5pm."),
        (time(16), time(18), CLEAR, ""),
        (time(19), time(21), CLEAR, ""),
        (time(9), time(11), LOOK, "Starts in the school run, at 9am."),
        (time(9, 15), time(11), CLEAR, ""),
    ],
)
def test_check_by_the_hour_then_the_school_run_needs_a_look(starts, ends, level, words):
    finding = found(date(2024, 6, 5), starts, ends)
    assert (finding.level, finding.words) == (level, words)


def test_check_on_a_saturday_then_look_and_no_school_run():
    finding = found(date(2024, 6, 8), time(13), time(15))
    assert finding == planner.Finding(LOOK, ("A Saturday.",))


def test_check_beside_another_meeting_then_look_and_beside_its_own_series_then_clash():
    day = date(2024, 6, 5)
    assert found(day, others={day: "Parents’ meeting"}) == planner.Finding(
        LOOK, ("Another meeting is on the same day: Parents’ meeting.",)
    )
    assert found(day, own={day}).level == CLASH


def test_next_clear_when_weeks_are_closed_or_taken_then_the_first_free_same_weekday():
    summer = Against(closed=[SUMMER], others={date(2024, 9, 4): "Parents’ meeting"})
    day = date(2024, 8, 28)
    assert planner.next_clear(day, *MORNING, summer) == date(2024, 9, 11)
    assert planner.next_clear(day, *MORNING, summer, {date(2024, 9, 11)}) == date(2024, 9, 18)


def test_next_clear_when_the_time_is_in_the_school_run_then_that_alone_is_no_reason_to_go_on():
    closed = Against(closed=[SUMMER])
    assert planner.next_clear(date(2024, 8, 28), time(13), time(15), closed) == date(2024, 9, 4)


def test_next_clear_when_everything_is_closed_then_none():
    closed = Period("Closed", date(2024, 1, 1), date(2025, 12, 31))
    assert planner.next_clear(date(2024, 8, 28), *MORNING, Against(closed=[closed])) is None


def test_propose_when_two_dates_clash_then_they_move_to_different_days():
    days = [date(2024, 8, 28), date(2024, 8, 21)]
    moves = [p.move_to for p in planner.propose(days, *MORNING, Against(closed=[SUMMER]))]
    assert len(set(moves)) == 2


def test_in_words_then_only_what_there_is_is_counted():
    days = [date(2024, 6, 5), date(2024, 6, 8), date(2024, 8, 26)]
    proposals = planner.propose(days, *MORNING, Against())
    assert planner.in_words(proposals) == "One is clear, one clashes, one needs a look."
    assert planner.in_words(proposals[:1]) == "One is clear."


@pytest.mark.parametrize(
    ("day", "hour_utc"),
    [
        (date(2026, 3, 28), 10),
        (date(2026, 3, 29), 9),
        (date(2026, 10, 24), 9),
        (date(2026, 10, 25), 10),
    ],
)
def test_a_meeting_at_ten_around_a_clock_change_then_it_is_ten_on_the_wall(day, hour_utc):
    assert clocks.local(day, time(10)).hour == hour_utc
    assert planner.dates_of_year(day, 1)[1] == day + timedelta(days=7)


# Every few months, and beside other series


@pytest.mark.parametrize(
    ("first", "months", "days"),
    [
        (date(2026, 9, 9), 3, [(2026, 9, 9), (2026, 12, 9), (2027, 3, 10), (2027, 6, 9)]),
        (date(2026, 12, 1), 6, [(2026, 12, 1), (2027, 6, 1)]),
        # A fifth Wednesday means the last one of the month.
        (date(2026, 9, 30), 3, [(2026, 9, 30), (2026, 12, 30), (2027, 3, 31), (2027, 6, 30)]),
        (date(2027, 1, 29), 1, [(2027, n, d) for n, d in ((1, 29), (2, 26), (3, 26), (4, 30))]),
    ],
)
def test_dates_of_year_every_few_months_then_the_same_weekday_of_the_month(first, months, days):
    found = planner.dates_of_year(first, 6, months)
    assert found[: len(days)] == [date(*day) for day in days]
    assert {day.weekday() for day in found} == {first.weekday()}
    assert len(found) == 12 // months


def test_say_rhythm_when_quarterly_then_which_weekday_of_the_month():
    words = planner.say_rhythm(6, 3, date(2026, 9, 9))
    assert words == "every three months on the second Wednesday"
    assert planner.say_rhythm(6, None, date(2026, 9, 9)) == "every six weeks"


def test_check_in_a_week_with_another_meeting_then_look():
    against = Against(others={date(2026, 9, 10): "Quarterly meeting"})
    found = planner.check(date(2026, 9, 9), time(18), time(19), against)
    assert (found.level, found.words) == (
        LOOK,
        "Another meeting is in the same week: Quarterly meeting, on Thursday 10.",
    )
    assert planner.check(date(2026, 9, 16), time(18), time(19), against).level == CLEAR


def test_propose_when_days_are_past_then_said_and_kept():
    against = Against(
        closed=[Period("Summer", date(2026, 8, 1), date(2026, 8, 31))], today=date(2026, 9, 1)
    )
    days = [date(2026, 8, 5), date(2026, 9, 16)]
    past, coming = planner.propose(days, time(18), time(19), against)
    assert (past.finding.level, past.advice, past.move_to) == (planner.PAST, "keep", None)
    assert coming.finding.level == CLEAR
    assert planner.in_words([past, coming]) == "One is clear, one has passed."


@pytest.mark.parametrize(
    ("starts", "typed", "end"),
    [
        (time(10), "12", time(12)),
        (time(10), "1", time(13)),
        (time(10), "1.30", time(13, 30)),
        (time(18), "8", time(20)),
        (time(10), "9", time(21)),
        (time(22), "9", None),
        (time(10), "soon", None),
    ],
)
def test_end_after_a_start_then_the_hour_that_is_likely_meant(starts, typed, end):
    assert planner.end_after(starts, typed) == end
