"""Time given for nothing: whose, how long, what it is worth, and never money."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
import time_machine

from coprod.exceptions import TransitionNotAllowed
from expenses.budget import budget_of
from expenses.in_kind import given, summed
from expenses.models import TimeGiven
from expenses.models.budget import hours_words
from expenses.services.time_given import add_time, take_back_time
from tests.factories.meetings import AgendaItemFactory, MeetingFactory, invite
from tests.factories.members import PersonFactory
from tests.factories.money import PolicyFactory, RecognitionFactory, TimeGivenFactory

FIRST, LAST = date(2026, 4, 1), date(2027, 3, 31)


@pytest.fixture(autouse=True)
def _on_a_day():
    with time_machine.travel("2026-11-20 10:00", tick=False):
        yield


@pytest.fixture
def meeting(forum):
    """10am to noon on 10 November, at £15 an hour."""
    PolicyFactory()
    return MeetingFactory(date=date(2026, 11, 10), starts=time(10), ends=time(12))


def _there(meeting, person, **times):
    invitation = invite(meeting, person, came="room")
    for name, value in times.items():
        setattr(invitation.attendance, name, value)
    invitation.attendance.save()
    return invitation.attendance


def _all():
    return summed(given(FIRST, LAST))


def test_time_when_a_parent_was_there_then_the_meeting_counts(meeting, rep):
    _there(meeting, rep)
    assert (_all().minutes, _all().pence, _all().people) == (120, 3000, 1)


def test_time_when_staff_or_an_officer_was_there_then_not_given(meeting, staff, officer):
    _there(meeting, staff)
    _there(meeting, officer)
    assert _all().minutes == 0


def test_time_when_only_invited_then_not_given(meeting, rep):
    invite(meeting, rep)
    assert _all().minutes == 0


@pytest.mark.parametrize(
    ("times", "minutes"),
    [
        ({"arrived": time(10, 45)}, 75),
        ({"left": time(11)}, 60),
        ({"arrived": time(10, 30), "left": time(11)}, 30),
        ({"arrived": time(9, 30), "left": time(13)}, 120),
        ({"arrived": time(12, 30)}, 0),
    ],
)
def test_time_when_late_or_left_early_then_the_time_between_counts(meeting, rep, times, minutes):
    _there(meeting, rep, **times)
    assert _all().minutes == minutes


def test_time_when_items_were_missed_then_without_these(meeting, rep):
    long, _ = (AgendaItemFactory(meeting=meeting, minutes=minutes) for minutes in (90, 30))
    _there(meeting, rep).missed.add(long)
    assert (_all().minutes, _all().pence) == (30, 750)


def test_time_when_the_meeting_was_cancelled_then_not_given(meeting, rep):
    _there(meeting, rep)
    meeting.cancelled_at, meeting.cancelled_reason = "2026-11-09T10:00Z", "Snow"
    meeting.save()
    assert _all().minutes == 0


@pytest.mark.parametrize(
    ("kind", "state", "pence", "minutes"),
    [
        ("honorarium", "done", 2500, 0),
        ("honorarium", "accepted", 2500, 0),
        ("honorarium", "paying", 2500, 0),
        ("voucher", "done", 1000, 0),
        ("honorarium", "offered", 2500, 120),
        ("honorarium", "declined", 2500, 120),
        ("thanks", "done", 0, 120),
    ],
)
def test_time_when_thanked_with_money_then_not_given_for_nothing(
    meeting, rep, kind, state, pence, minutes
):
    _there(meeting, rep)
    RecognitionFactory(person=rep, meeting=meeting, kind=kind, state=state, pence=pence)
    assert _all().minutes == minutes


def test_time_when_thanked_for_another_meeting_then_this_one_counts(meeting, rep):
    _there(meeting, rep)
    other = MeetingFactory(date=meeting.date + timedelta(days=1))
    RecognitionFactory(person=rep, meeting=other, state="done")
    RecognitionFactory(person=PersonFactory(), meeting=meeting, state="done")
    assert _all().minutes == 120


def test_time_when_the_thanks_is_dated_in_another_year_then_still_not_given(meeting, rep):
    _there(meeting, rep)
    RecognitionFactory(person=rep, meeting=meeting, state="done", on=date(2027, 5, 1))
    assert _all().minutes == 0


def test_time_when_the_rate_changes_then_each_day_has_its_own(meeting, rep):
    PolicyFactory(begins_on=date(2026, 11, 11), rates={"in_kind": "1800"})
    _there(meeting, rep)
    later = MeetingFactory(date=date(2026, 11, 11), starts=time(10), ends=time(12))
    _there(later, rep)
    assert [row.pence for row in given(FIRST, LAST)] == [3000, 3600]


def test_time_when_no_rate_was_agreed_then_hours_without_a_value(meeting, rep):
    early = MeetingFactory(date=date(2026, 4, 3), starts=time(10), ends=time(11, 30))
    _there(early, rep)
    _there(meeting, rep)
    found = _all()
    assert (found.minutes, found.pence, found.minutes_without_rate) == (210, 3000, 90)


def test_time_when_written_down_then_added_and_rounded_once(meeting, rep):
    PolicyFactory(begins_on=date(2026, 11, 1), rates={"in_kind": "999.5"})
    TimeGivenFactory(person=rep, hours="0.25", on=date(2026, 11, 2))
    TimeGivenFactory(person=rep, hours="0.25", on=date(2026, 11, 3))
    # 249.875p each
    assert [row.pence for row in given(FIRST, LAST)] == [250, 250]
    assert _all().pence == 500


def test_time_when_given_then_no_budget_knows_of_it(meeting, rep):
    _there(meeting, rep)
    TimeGivenFactory(person=rep)
    found = budget_of(2026)
    assert (found.spent, found.committed, found.left) == (0, 0, 0)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 hours"),
        (60, "1 hour"),
        (90, "1.5 hours"),
        (75, "1.25 hours"),
        (600, "10 hours"),
        (50, "0.83 hours"),
    ],
)
def test_hours_when_shown_then_without_needless_zeros(minutes, words):
    assert hours_words(minutes) == words


# Writing it down ----------------------------------------------------------------------------------


def test_own_time_when_pressed_twice_then_there_once(rep, client_for):
    said = {"what": "Read the draft letter", "on": "10 November 2026", "hours": "1.5"}
    for _ in range(2):
        client_for(rep).post("/money-back/time/", said)
    row = TimeGiven.objects.get()
    assert (row.person, row.made_by, row.hours) == (rep, rep, Decimal("1.5"))
    assert "1.5 hours altogether" in client_for(rep).get("/money-back/time/").content.decode()


@pytest.mark.parametrize(
    ("hours", "on", "words"),
    [
        ("0", "10 November 2026", "Enter a quarter of an hour or more"),
        ("25", "10 November 2026", "Enter 24 hours or fewer"),
        ("0.3", "10 November 2026", "Enter hours in quarters"),
        ("two", "10 November 2026", "Enter hours as a number"),
        ("", "10 November 2026", "Enter how many hours"),
        ("1", "21 November 2026", "Choose 20 November 2026 or earlier"),
    ],
)
def test_own_time_when_typed_oddly_then_refused_in_words(rep, client_for, hours, on, words):
    said = {"what": "Read", "on": on, "hours": hours}
    shown = client_for(rep).post("/money-back/time/", said).content.decode()
    assert words in shown
    assert not TimeGiven.objects.exists()


def test_own_time_when_a_day_would_hold_more_than_24_hours_then_refused(rep, client_for):
    TimeGivenFactory(person=rep, hours="23")
    said = {"what": "Read", "on": "10 November 2026", "hours": "1.25"}
    shown = client_for(rep).post("/money-back/time/", said).content.decode()
    assert "more than 24 hours" in shown
    assert TimeGiven.objects.count() == 1


def test_time_when_taken_back_then_counts_no_more(meeting, rep):
    made = add_time(person=rep, on=date(2026, 11, 1), what="A", hours=Decimal(2), by=rep)
    take_back_time(given=made, by=rep)
    take_back_time(given=made, by=rep)
    assert _all().minutes == 0
    with pytest.raises(TransitionNotAllowed):
        add_time(person=rep, on=date(2026, 11, 1), what="B", hours=Decimal("24.25"), by=rep)


def test_time_when_the_coordinator_writes_it_down_then_it_is_theirs_to_take_back(
    rep, coordinator, client_for
):
    said = {"person": rep.pk, "what": "Rang round", "on": "1 November 2026", "hours": "2"}
    client_for(coordinator).post("/money/time/", said)
    row = TimeGiven.objects.get()
    assert (row.person, row.made_by) == (rep, coordinator)
    assert "Rang round" in client_for(rep).get("/money-back/time/").content.decode()
    client_for(rep).post(f"/money-back/time/{row.pk}/take-back/")
    row.refresh_from_db()
    assert row.taken_back_by == rep
    assert "Rang round" not in client_for(coordinator).get("/money/time/").content.decode()


def test_time_when_somebody_elses_then_not_there(rep, rep_of_other_group, client_for):
    row = TimeGivenFactory(person=rep, made_by=rep)
    address = f"/money-back/time/{row.pk}/take-back/"
    assert client_for(rep_of_other_group).post(address).status_code == 404
    shown = client_for(rep_of_other_group).get("/money-back/time/").content.decode()
    assert "Nothing counted yet" in shown


def test_own_time_when_there_is_much_then_asks_no_more_questions(
    meeting, rep, client_for, django_assert_max_num_queries
):
    for number in range(60):
        held = MeetingFactory(date=date(2026, 9, 1) + timedelta(days=number))
        _there(held, rep)
    browser = client_for(rep)
    with django_assert_max_num_queries(14):
        assert browser.get("/money-back/time/").status_code == 200
