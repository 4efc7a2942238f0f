"""Reminders of drafts and agendas: each day's once, whoever runs the timetable and how often."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from coprod import clocks, letters
from coprod.models import Message
from meetings.services.minutes import circulate_minutes
from meetings.tasks import keep_promises
from members.models import Role
from tests.factories.meetings import AgendaItemFactory, MeetingFactory, invite
from tests.factories.members import PersonFactory, RoleFactory
from tests.factories.minutes import written

MET = date(2026, 5, 6)


def _at(time_machine, day, at=time(9)):
    time_machine.move_to(clocks.local(MET + timedelta(days=day), at), tick=False)


def _run(time_machine, day, at=time(9)):
    _at(time_machine, day, at)
    keep_promises()


@pytest.fixture
def meeting(coordinator, rep, time_machine):
    """Held on day 0; one rep came, and takes the minutes."""
    _at(time_machine, 0)
    created = datetime(2026, 1, 5, 12, tzinfo=UTC)
    meeting = MeetingFactory(
        date=MET, created_at=created, announced_at=created, minute_taker=rep, agenda_sent_at=created
    )
    invite(meeting, rep, came="room")
    return meeting


def _reminded(template="minutes_reminder"):
    """On which days who was reminded, from the keys."""
    rows = Message.objects.filter(template=f"meetings/{template}").select_related("person")
    found = {}
    for row in rows.order_by("pk"):
        day = (date.fromisoformat(row.key.split(":")[2]) - MET).days
        found.setdefault(day, []).append(row.person.name)
    return found


# On which days ------------------------------------------------------------------------------------


def test_reminders_when_the_task_runs_hourly_then_on_days_7_10_and_13_once_each(
    meeting, coordinator, rep, time_machine
):
    for day in range(14):
        for hour in (0, 1, 8, 9, 17, 23):
            _run(time_machine, day, time(hour))
            _run(time_machine, day, time(hour, 1))  # a doubled timetable
    people = [coordinator.name, rep.name]
    assert _reminded() == {7: people, 10: people, 13: people}


@pytest.mark.parametrize(
    ("runs", "reminded"),
    [
        ([6], []),
        ([7], [7]),
        ([7, 7, 7], [7]),
        ([9], [7]),  # two dead days: the missed one is caught up
        ([10], [10]),  # three dead days: the newest, not both
        ([6, 10, 13], [10, 13]),
        ([12], [10]),
        ([13], [13]),
        ([3, 14], [13]),  # back on the last morning
        ([7, 11, 14], [7, 10, 13]),
        ([15], []),
    ],
)
def test_reminders_when_days_went_without_a_worker_then_caught_up_once(
    runs, reminded, meeting, coordinator, time_machine
):
    for day in runs:
        _run(time_machine, day)
    assert sorted(_reminded()) == reminded


def test_reminders_when_the_clock_goes_one_hour_back_then_not_doubled(
    coordinator, rep, time_machine
):
    """25 October 2026 has its hour from one to two twice."""
    met = date(2026, 10, 18)
    time_machine.move_to(clocks.local(met, time(12)), tick=False)
    created = datetime(2026, 8, 1, 12, tzinfo=UTC)
    meeting = MeetingFactory(date=met, created_at=created, announced_at=created)
    invite(meeting, rep, came="room")
    first = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)
    for half_hours in range(10):
        time_machine.move_to(first + timedelta(minutes=30 * half_hours), tick=False)
        keep_promises()
    # And once more with the machine's own clock set back.
    time_machine.move_to(first + timedelta(hours=1), tick=False)
    keep_promises()

    message = Message.objects.get()
    assert message.key.split(":")[2] == "2026-10-25"  # day 7
    assert message.created_at == datetime(2026, 10, 24, 23, 0, tzinfo=UTC)  # midnight in the UK
    assert message.not_before == datetime(2026, 10, 25, 8, 0, tzinfo=UTC)  # eight, in winter time


def test_reminders_when_the_draft_went_out_then_none(meeting, coordinator, time_machine):
    _at(time_machine, 5)
    minutes = written(meeting, "One.", by=coordinator)
    circulate_minutes(minutes=minutes, number=1, by=coordinator)
    for day in (7, 10, 13, 14):
        _run(time_machine, day, time(17))
    assert _reminded() == {}


def test_reminder_when_the_draft_went_out_before_it_is_written_then_dropped(
    meeting, coordinator, time_machine, outbox_drained
):
    _run(time_machine, 7, time(6))  # waits until eight
    minutes = written(meeting, "One.", by=coordinator)
    circulate_minutes(minutes=minutes, number=1, by=coordinator)
    outbox_drained()
    message = Message.objects.filter(template="meetings/minutes_reminder").first()
    assert (message.state, message.reason) == ("dropped", "It has gone out by now.")


def test_reminder_when_somebody_stopped_coordinating_then_theirs_is_dropped(
    meeting, coordinator, time_machine, outbox_drained
):
    _run(time_machine, 7, time(6))
    coordinator.roles.update(ended_at=datetime(2027, 5, 1, tzinfo=UTC))
    outbox_drained()
    message = Message.objects.get(template="meetings/minutes_reminder", person=coordinator)
    assert message.state == "dropped"


def test_reminders_when_two_coordinate_and_one_takes_the_minutes_then_each_one_once(
    meeting, coordinator, time_machine
):
    other = RoleFactory(person=PersonFactory(name="Una"), kind=Role.Kind.COORDINATOR).person
    RoleFactory(person=PersonFactory(is_active=False), kind=Role.Kind.COORDINATOR)
    meeting.minute_taker = other
    meeting.save()
    _run(time_machine, 7)
    assert _reminded() == {7: [coordinator.name, "Una"]}


# What they say ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "subject", "said"),
    [
        (7, "Send the draft minutes by Wednesday 20 May", "Today is day 7 of 14."),
        (13, "Send the draft minutes by Wednesday 20 May", "Today is day 13 of 14."),
        (14, "Send the draft minutes today", "at 5pm on this last day"),
    ],
)
def test_reminder_when_read_then_says_how_far_it_is_and_what_happens(
    day, subject, said, meeting, coordinator, rep, time_machine, outbox_drained
):
    written(meeting, "One.", "", by=coordinator)
    _run(time_machine, day)
    mails = {m.to[0]: m for m in outbox_drained(clocks.local(MET + timedelta(days=day), time(10)))}
    mail = mails[coordinator.email]
    assert mail.subject == subject
    assert said in mail.body
    assert "Something is written under 1 of 2 agenda items." in mail.body
    assert "it goes by itself at 5pm" in mail.body
    assert f"{meeting.get_absolute_url()}delay/" in mail.body
    # The minute-taker can't give a new date, so they aren't sent there.
    assert f"{meeting.get_absolute_url()}delay/" not in mails[rep.email].body
    assert "Please tell the coordinator" in mails[rep.email].body


def test_reminder_when_nothing_is_written_and_nobody_ticked_then_says_so(
    meeting, coordinator, time_machine, outbox_drained
):
    meeting.invitations.get().attendance.delete()
    _run(time_machine, 7)
    body = next(m for m in outbox_drained() if m.to == [coordinator.email]).body
    assert "Nothing is written yet." in body
    assert "Nobody is ticked as having been there" in body


# Agendas ------------------------------------------------------------------------------------------


@pytest.fixture
def coming(coordinator, rep, time_machine):
    """Its agenda is due on day 0, a week before it is held."""
    created = datetime(2026, 1, 5, 12, tzinfo=UTC)
    meeting = MeetingFactory(
        date=MET + timedelta(days=7), created_at=created, announced_at=created, minute_taker=rep
    )
    invite(meeting, rep)
    _at(time_machine, -10)
    return meeting


def test_agenda_reminders_when_the_task_runs_hourly_then_three_and_one_day_before_and_that_day(
    coming, coordinator, time_machine
):
    for day in range(-10, 4):
        for hour in (0, 9, 16, 17, 18):
            _run(time_machine, day, time(hour))
    each = [coordinator.name]  # whoever takes the minutes doesn't make the agenda
    assert _reminded("agenda_reminder") == {-3: each, -1: each, 0: each}


@pytest.mark.parametrize(
    ("runs", "reminded"), [([-4], []), ([-2], [-3]), ([-1], [-1]), ([-10, 0], [0]), ([1], [])]
)
def test_agenda_reminders_when_days_went_without_a_worker_then_caught_up_once(
    runs, reminded, coming, time_machine
):
    for day in runs:
        _run(time_machine, day)
    assert sorted(_reminded("agenda_reminder")) == reminded


def test_agenda_reminder_when_read_then_says_what_stands_on_it(
    coming, coordinator, time_machine, outbox_drained
):
    AgendaItemFactory(meeting=coming)
    AgendaItemFactory(meeting=coming, state="proposed")
    _run(time_machine, -3)
    now = clocks.local(MET - timedelta(days=3), time(10))
    mail = next(m for m in outbox_drained(now) if m.to == [coordinator.email])
    assert mail.subject == "Send the agenda by Wednesday 6 May"
    assert "1 item stands on it." in mail.body
    assert "1 proposal waits for your decision." in mail.body


@pytest.mark.parametrize("about", ["minutes", "agenda"])
@pytest.mark.parametrize("kind", ["reminder", "missing", "delayed"])
def test_letter_when_written_for_the_longest_day_then_its_subject_is_short(about, kind, forum):
    day = date(2026, 9, 30)  # a Wednesday
    meeting = MeetingFactory.build(date=day, title="Consortium")
    context = {
        "meeting": meeting,
        "clock": clocks.Clock(day - timedelta(days=14), 14),
        "delay": type("D", (), {"until": day, "was_due": day, "reason": "Ill."}),
        "person": PersonFactory.build(name="Una"),
        "url": "/x/",
    }
    assert len(letters.words(f"meetings/{about}_{kind}", context).subject) <= 50
