"""The clock of promises: due dates across both clock changes, and what happens on the last day.

Due dates are computed here from the two dates on which clocks change, never by the code that
is looked at.
"""

import threading
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection, connections
from django.test import TransactionTestCase

from coprod import clocks
from coprod.celery import app
from coprod.clocks import Clock, Extension
from coprod.models import AuditEvent, Message
from meetings.models import Meeting, Version
from meetings.services import reminders
from meetings.services.agenda import agenda_clock
from meetings.services.delays import record_delay
from meetings.services.minutes import circulate_minutes
from meetings.tasks import keep_promises
from tests.factories.meetings import AgendaItemFactory, MeetingFactory, invite
from tests.factories.members import PersonFactory, RoleFactory
from tests.factories.minutes import written

FIRST = date(2026, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(731)]
STARTS = [time(0, 30), time(10), time(18, 30), time(23, 15)]
#: Between these days, from 1am UTC, the UK is an hour ahead: the last Sundays of the months.
SUMMERS = [
    (date(2026, 3, 29), date(2026, 10, 25)),
    (date(2027, 3, 28), date(2027, 10, 31)),
]


def _hours_ahead(day: date, at: time) -> int:
    """0 or 1, for a wall-clock time that isn't inside the hour of a change."""
    stands = datetime.combine(day, at)
    return int(
        any(
            datetime.combine(begin, time(2)) <= stands < datetime.combine(end, time(1, 30))
            for begin, end in SUMMERS
        )
    )


def _instant(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=UTC) - timedelta(hours=_hours_ahead(day, at))


# When it is due -----------------------------------------------------------------------------------


def test_due_when_any_day_of_two_years_at_any_hour_then_the_end_of_the_fourteenth_day():
    wrong = []
    for day in DAYS:
        for starts in STARTS:
            meeting = Meeting(date=day, starts=starts, ends=time(23, 45))
            clock = meeting.draft_clock
            due = day + timedelta(days=14)
            expected = (
                due,
                _instant(due, time(17)),
                _instant(due, time(23, 59, 59, 999999)),
                [day + timedelta(days=n) for n in (7, 10, 13)],
            )
            if (clock.due_on, clock.goes_at, clock.ends_at, clock.remind_on) != expected:
                wrong.append((day, starts))
    assert len(DAYS) * len(STARTS) == 2924
    assert wrong == []


def test_agenda_when_any_day_of_two_years_then_due_at_the_end_of_the_seventh_day_before():
    wrong = []
    for day in DAYS:
        clock = agenda_clock(Meeting(date=day, starts=time(10), ends=time(12)))
        due = day - timedelta(days=7)
        expected = (
            due,
            _instant(due, time(17)),
            _instant(due, time(23, 59, 59, 999999)),
            [due - timedelta(days=n) for n in (3, 1, 0)],
        )
        if (clock.due_on, clock.goes_at, clock.ends_at, clock.remind_on) != expected:
            wrong.append(day)
    assert wrong == []


@pytest.mark.parametrize(
    ("days", "reminded"),
    [(14, [7, 10, 13]), (21, [10, 17, 20]), (10, [5, 6, 9]), (7, [3, 6]), (4, [2, 3]), (1, [])],
)
def test_reminders_when_the_forum_promises_other_days_then_half_way_four_and_one_before(
    days, reminded
):
    clock = Clock(FIRST, days, reminds=clocks.halfway_and_last_days(days))
    assert [(day - FIRST).days for day in clock.remind_on] == reminded


@pytest.mark.parametrize(
    ("today", "kept", "until", "after", "state", "words"),
    [
        (14, None, None, 0, "running", "Day 14 of 14"),
        (15, None, None, 0, "late", "1 day late"),
        (20, 14, None, 0, "kept", "Day 14 of 14"),
        (20, 16, None, 0, "late", "2 days late"),
        (12, None, 24, 0, "running", "Day 12 of 14"),
        (15, None, 24, 0, "explained", "Explained, new date 25 January"),
        (24, None, 24, 0, "explained", "Explained, new date 25 January"),
        (25, None, 24, 0, "late", "1 day past the new date"),
        (40, 24, 24, 0, "explained", "Explained, new date 25 January"),
        (40, 25, 24, 0, "late", "1 day past the new date"),
        (40, 13, 24, 0, "kept", "Day 13 of 14"),
        # The delay was recorded two days after the draft was due.
        (18, None, 24, 2, "late", "New date 25 January"),
        (40, 20, 24, 2, "late", "New date 25 January"),
    ],
)
def test_state_when_days_pass_then_kept_late_or_explained(
    today, kept, until, after, state, words, time_machine
):
    def on(n):
        return FIRST + timedelta(days=n)

    time_machine.move_to(_instant(on(today), time(12)))
    given = until and Extension(on(until), "Ill", recorded_on=on(10), days_after=after)
    clock = Clock(FIRST, 14, kept_on=kept and on(kept), extension=given or None)
    assert (clock.state, clock.words) == (state, words)


def test_state_when_the_day_ends_in_summer_then_uk_midnight_counts(time_machine):
    clock = Clock(date(2026, 6, 1), 14)
    time_machine.move_to("2026-06-15T22:59:59Z")
    assert clock.state == "running"
    time_machine.move_to("2026-06-15T23:00:00Z")
    assert clock.state == "late"


# The last day -------------------------------------------------------------------------------------

#: The last day is one of these: ordinary, both changes, the day before each, the turn of a year.
LAST_DAYS = [
    date(2026, 5, 14),
    date(2026, 3, 28),
    date(2026, 3, 29),
    date(2026, 10, 24),
    date(2026, 10, 25),
    date(2027, 1, 1),
]


def _meeting(last_day, *people, **fields):
    """Held so that its draft is due on ``last_day``."""
    met = last_day - timedelta(days=14)
    created = _instant(met - timedelta(days=90), time(12))
    meeting = MeetingFactory(date=met, created_at=created, announced_at=created, **fields)
    for person in people:
        invite(meeting, person, came="room")
    return meeting


def _at(time_machine, day, at, *, run=True):
    time_machine.move_to(_instant(day, at), tick=False)
    if run:
        keep_promises()


@pytest.mark.parametrize("last_day", LAST_DAYS)
def test_draft_when_the_last_day_comes_then_goes_by_itself_at_five(
    last_day, coordinator, rep, time_machine
):
    _at(time_machine, last_day - timedelta(days=1), time(9), run=False)
    meeting = _meeting(last_day, rep)
    written(meeting, "One.", by=coordinator)

    _at(time_machine, last_day, time(16, 59))
    assert not Version.objects.exists()

    _at(time_machine, last_day, time(17))
    version = Version.objects.get()
    assert version.as_it_stands
    assert version.circulated_by is None
    assert version.minutes.clock.state == "kept"
    assert Message.objects.filter(template="meetings/minutes_draft").count() == 1
    event = AuditEvent.objects.filter(verb="circulate").get()
    assert event.by_id is None


def test_draft_when_the_worker_was_dead_at_five_then_frozen_when_it_is_back_and_mailed_at_eight(
    coordinator, rep, time_machine
):
    last_day = date(2026, 5, 14)
    _at(time_machine, last_day - timedelta(days=1), time(9), run=False)
    meeting = _meeting(last_day, rep)
    written(meeting, "One.", by=coordinator)

    _at(time_machine, last_day, time(23, 50))

    version = Version.objects.get()
    assert version.minutes.clock.state == "kept"
    message = Message.objects.get(template="meetings/minutes_draft")
    assert message.not_before == _instant(last_day + timedelta(days=1), time(8))


def test_draft_when_three_days_went_without_a_worker_then_goes_once_and_is_late(
    coordinator, rep, time_machine
):
    last_day = date(2026, 5, 14)
    _at(time_machine, last_day - timedelta(days=1), time(9), run=False)
    meeting = _meeting(last_day, rep)
    written(meeting, "One.", by=coordinator)

    for hour in (10, 11, 12):
        _at(time_machine, last_day + timedelta(days=3), time(hour))

    assert Version.objects.get().minutes.clock.state == "late"
    assert Message.objects.filter(template="meetings/minutes_draft").count() == 1


def test_draft_when_forgotten_for_weeks_then_never_goes_by_itself(coordinator, rep, time_machine):
    last_day = date(2026, 5, 14)
    _at(time_machine, last_day - timedelta(days=1), time(9), run=False)
    meeting = _meeting(last_day, rep)
    written(meeting, "One.", by=coordinator)

    _at(time_machine, last_day + timedelta(days=15), time(12))

    assert not Version.objects.exists()


def test_draft_when_sent_by_itself_then_letter_draft_and_version_say_so(
    coordinator, rep, time_machine, client_for, outbox_drained
):
    last_day = date(2026, 5, 14)
    _at(time_machine, last_day - timedelta(days=1), time(9), run=False)
    meeting = _meeting(last_day, rep)
    written(meeting, "One.", by=coordinator)
    _at(time_machine, last_day, time(17))

    mail = next(m for m in outbox_drained() if m.to == [rep.email])
    assert "This draft was sent by itself on the last day, as it stood" in mail.body
    client = client_for(rep)
    draft = client.get(f"{meeting.get_absolute_url()}minutes/draft/").text
    assert "Sent by itself on the last day, as it stood" in draft
    version = client.get(f"{meeting.get_absolute_url()}minutes/versions/1/").text
    assert "Sent by itself on the last day" in version


def test_draft_when_somebody_sent_it_then_nothing_says_that_it_went_by_itself(
    coordinator, rep, time_machine, client_for
):
    last_day = date(2026, 5, 14)
    _at(time_machine, last_day, time(9), run=False)
    meeting = _meeting(last_day, rep)
    minutes = written(meeting, "One.", by=coordinator)
    circulate_minutes(minutes=minutes, number=1, by=coordinator)

    _at(time_machine, last_day, time(17))

    assert Version.objects.count() == 1
    assert (
        "by itself" not in client_for(rep).get(f"{meeting.get_absolute_url()}minutes/draft/").text
    )


@pytest.mark.parametrize(
    ("story", "fields"),
    [
        ("recorded later", {"created_at": datetime(2026, 5, 15, 12, tzinfo=UTC)}),
        (
            "cancelled",
            {
                "cancelled_at": datetime(2026, 4, 28, 12, tzinfo=UTC),
                "cancelled_reason": "Snow",
            },
        ),
        ("announced to nobody", {"announced_at": None}),
    ],
)
def test_clock_when_nothing_was_promised_then_does_nothing(
    story, fields, coordinator, rep, time_machine
):
    last_day = date(2026, 5, 14)
    _at(time_machine, last_day - timedelta(days=1), time(9), run=False)
    meeting = _meeting(last_day, rep)
    written(meeting, "One.", by=coordinator)
    Meeting.objects.filter(pk=meeting.pk).update(**fields)

    for day in range(-7, 5):
        _at(time_machine, last_day + timedelta(days=day), time(17))

    assert not Version.objects.exists()
    assert not Message.objects.exists()


# Nothing to send ----------------------------------------------------------------------------------


def _nothing_written(meeting, coordinator, rep):
    invite(meeting, rep, came="room")


def _opened_only(meeting, coordinator, rep):
    invite(meeting, rep, came="room")
    written(meeting, "", by=coordinator)


def _nobody_invited(meeting, coordinator, rep):
    written(meeting, "One.", by=coordinator)


@pytest.mark.parametrize(
    ("story", "missing"),
    [
        (_nothing_written, "Nothing has been written yet."),
        (_opened_only, "Write at least one paragraph."),
        (_nobody_invited, "Nobody is invited to this meeting"),
    ],
)
def test_draft_when_there_is_nothing_to_send_then_coordinator_is_told_once_what_is_missing(
    story, missing, coordinator, rep, time_machine, outbox_drained, client_for
):
    last_day = date(2026, 5, 14)
    _at(time_machine, last_day, time(9), run=False)
    meeting = _meeting(last_day)
    story(meeting, coordinator, rep)

    for hour in (17, 18, 19):
        _at(time_machine, last_day, time(hour))
    _at(time_machine, last_day, time(19, 30), run=False)
    told = [m for m in outbox_drained(_instant(last_day, time(19, 40))) if "last day" in m.subject]
    assert [m.to for m in told] == [[coordinator.email]]
    assert missing in told[0].body
    assert "Until midnight it still counts as in time." in told[0].body

    _at(time_machine, last_day + timedelta(days=1), time(9))
    assert "1 day late" in client_for(None).get(meeting.get_absolute_url()).text
    assert Message.objects.filter(template="meetings/minutes_missing").count() == 1


def test_draft_when_first_words_come_after_the_last_day_then_they_wait_for_their_writer(
    coordinator, rep, time_machine
):
    """Half a sentence that somebody saves a day late must not be sent to everybody by the hour."""
    last_day = date(2026, 5, 14)
    _at(time_machine, last_day, time(9), run=False)
    meeting = _meeting(last_day, rep)
    _at(time_machine, last_day, time(17))
    _at(time_machine, last_day + timedelta(days=1), time(10), run=False)
    minutes = written(meeting, "Half a sen", by=coordinator)
    for hour in (11, 17):
        _at(time_machine, last_day + timedelta(days=1), time(hour))
    assert not Version.objects.exists()

    # A new date begins anew: on it what there is goes by itself.
    until = last_day + timedelta(days=6)
    record_delay(meeting=meeting, promise="minutes", until=until, reason="Ill.", by=coordinator)
    _at(time_machine, until, time(17))
    assert Version.objects.get().minutes == minutes


# The agenda ---------------------------------------------------------------------------------------


def _coming(due, *people, items=1, **fields):
    """To be held so that its agenda is due on ``due``."""
    meets = due + timedelta(days=7)
    created = _instant(meets - timedelta(days=90), time(12))
    meeting = MeetingFactory(date=meets, created_at=created, announced_at=created, **fields)
    for person in people:
        invite(meeting, person)
    for _ in range(items):
        AgendaItemFactory(meeting=meeting)
    return meeting


@pytest.mark.parametrize("due", [date(2026, 5, 14), date(2026, 3, 29), date(2026, 10, 25)])
def test_agenda_when_its_last_day_comes_then_goes_by_itself_at_five(
    due, coordinator, rep, officer, time_machine, client_for, outbox_drained
):
    _at(time_machine, due - timedelta(days=9), time(9), run=False)
    meeting = _coming(due, rep, officer)

    _at(time_machine, due, time(16, 59))
    assert not Message.objects.filter(template="meetings/agenda").exists()
    for minute in (0, 1, 59):
        _at(time_machine, due, time(17, minute))

    sent = Message.objects.filter(template="meetings/agenda")
    assert sorted(sent.values_list("person__name", flat=True)) == [rep.name, officer.name][::1]
    meeting = Meeting.objects.get(pk=meeting.pk)
    assert agenda_clock(meeting).state == "kept"
    assert meeting.agenda_sent_by is None
    mails = [m for m in outbox_drained() if m.to == [rep.email]]
    assert "It goes out today as it stands" in mails[-1].body
    page = client_for(coordinator).get(f"{meeting.get_absolute_url()}agenda/").text
    assert "Sent by itself on" in page


@pytest.mark.parametrize(
    ("items", "invited", "missing"),
    [(0, True, "Put at least one item"), (1, False, "Nobody is invited yet")],
)
def test_agenda_when_there_is_nothing_to_send_then_coordinator_is_told_once(
    items, invited, missing, coordinator, rep, time_machine, outbox_drained
):
    due = date(2026, 5, 14)
    _at(time_machine, due, time(9), run=False)
    meeting = _coming(due, *([rep] if invited else []), items=items)

    for hour in (17, 18):
        _at(time_machine, due, time(hour))
    told = [m for m in outbox_drained(_instant(due, time(19))) if m.subject.startswith("Make the")]
    assert [m.to for m in told] == [[coordinator.email]]
    assert missing in told[0].body

    # An item that comes later waits for whoever makes the agenda.
    AgendaItemFactory(meeting=meeting)
    if not invited:
        invite(meeting, rep)
    _at(time_machine, due + timedelta(days=1), time(17))
    assert not Message.objects.filter(template="meetings/agenda").exists()


@pytest.mark.parametrize("days_before", [6, 0])
def test_agenda_when_called_at_short_notice_or_begun_then_left_alone(
    days_before, coordinator, rep, time_machine
):
    due = date(2026, 5, 14)
    meets = due + timedelta(days=7)
    _at(time_machine, due, time(9), run=False)
    meeting = _coming(due, rep)
    if days_before:
        created = _instant(meets - timedelta(days=days_before), time(9))
        Meeting.objects.filter(pk=meeting.pk).update(created_at=created)
    _at(time_machine, meets - timedelta(days=days_before), time(17))
    assert not Message.objects.exclude(template__contains="minutes").exists()


def test_messy_case_3_when_meeting_moved_then_two_weeks_run_from_the_real_date(
    coordinator, rep, time_machine
):
    """Messy case 3: a meeting moved after its agenda went out."""
    first = date(2026, 4, 30)
    _at(time_machine, first - timedelta(days=8), time(9), run=False)
    meeting = _coming(first - timedelta(days=7), rep)
    record_delay(
        meeting=meeting,
        promise="agenda",
        until=first - timedelta(days=3),
        reason="A paper is late.",
        by=coordinator,
    )
    meeting = Meeting.objects.get(pk=meeting.pk)
    meeting.date = first + timedelta(days=14)
    meeting.save()
    meeting = Meeting.objects.get(pk=meeting.pk)
    # The delay was for the old date: what is promised now is a week before the new one.
    clock = agenda_clock(meeting)
    assert (clock.ends_on, clock.extension) == (first + timedelta(days=7), None)
    assert meeting.draft_clock.due_on == first + timedelta(days=28)


# Failing, doubled ---------------------------------------------------------------------------------


def test_clock_when_one_meeting_fails_then_the_others_go(
    coordinator, rep, time_machine, monkeypatch, caplog
):
    last_day = date(2026, 5, 14)
    _at(time_machine, last_day, time(9), run=False)
    broken, whole = _meeting(last_day, rep), _meeting(last_day, rep, title="Other")
    for meeting in (broken, whole):
        written(meeting, "One.", by=coordinator)
    real = reminders.minutes_services.circulate_minutes

    def circulate(*, minutes, **kwargs):
        if minutes.meeting_id == broken.pk:
            raise RuntimeError("disk")
        return real(minutes=minutes, **kwargs)

    monkeypatch.setattr(reminders.minutes_services, "circulate_minutes", circulate)
    _at(time_machine, last_day, time(17))

    assert Version.objects.get().minutes.meeting == whole
    assert f"The clock of meeting {broken.pk} stopped" in caplog.text
    monkeypatch.undo()
    _at(time_machine, last_day, time(18))
    assert Version.objects.count() == 2


def test_timetable_when_read_then_asks_every_hour_and_when_a_worker_starts():
    entry = app.conf.beat_schedule["keep drafts and agendas promised"]
    assert entry["task"] == keep_promises.name
    assert entry["schedule"].hour == set(range(24))
    assert entry["schedule"].minute == {0}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs rows that lock")
class TwoBeats(TransactionTestCase):
    """Two timetables that fire in the same second."""

    def test_draft_when_two_beats_fire_at_once_then_goes_once(self):
        coordinator = RoleFactory(kind="coordinator").person
        today = clocks.today()
        created = datetime.combine(today - timedelta(days=90), time(12), tzinfo=UTC)
        meeting = MeetingFactory(
            date=today - timedelta(days=15), created_at=created, announced_at=created
        )
        invite(meeting, PersonFactory(), came="room")
        written(meeting, "One.", by=coordinator)
        barrier = threading.Barrier(4)

        def beat():
            barrier.wait()
            keep_promises()
            connections.close_all()

        threads = [threading.Thread(target=beat) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert Version.objects.count() == 1
        assert Message.objects.filter(template="meetings/minutes_draft").count() == 1
        assert not AuditEvent.objects.filter(verb=reminders.NOTHING).exists()
