"""A new date for a promise: recorded with its reason, told to everybody, counted in public."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.urls import reverse

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from coprod.templatetags.forum import day as in_words
from meetings.models import Delay, Meeting, Version
from meetings.promises import of_meetings
from meetings.services import delays
from meetings.services.agenda import agenda_clock, send_agenda
from meetings.services.minutes import circulate_minutes
from meetings.tasks import keep_promises
from tests.factories.meetings import AgendaItemFactory, MeetingFactory, invite
from tests.factories.minutes import written

MET = date(2026, 5, 6)
DUE = MET + timedelta(days=14)
UNTIL = DUE + timedelta(days=9)
REASON = "The person who takes our minutes is in hospital."


def _at(time_machine, day, at=time(12)):
    time_machine.move_to(clocks.local(day, at), tick=False)


def _run(time_machine, day, at=time(17)):
    _at(time_machine, day, at)
    keep_promises()


def _held(*people, **fields):
    created = datetime(2026, 1, 5, 12, tzinfo=UTC)
    values = {"created_at": created, "announced_at": created, "agenda_sent_at": created}
    meeting = MeetingFactory(date=MET, **values | fields)
    for person in people:
        invite(meeting, person, came="room")
    return meeting


@pytest.fixture
def meeting(coordinator, rep, person_without_email, time_machine):
    """Held on 6 May; one rep by e-mail, one by letter; today is day 12."""
    _at(time_machine, MET + timedelta(days=12))
    meeting = _held(rep, person_without_email)
    written(meeting, "One.", by=coordinator)
    return meeting


def _delay(meeting, coordinator, **fields):
    values = {"promise": "minutes", "until": UNTIL, "reason": REASON, "by": coordinator}
    return delays.record_delay(meeting=meeting, **values | fields)


def fresh(meeting):
    return Meeting.objects.get(pk=meeting.pk)


def _url(meeting):
    return reverse("meetings:meeting_delay", args=[meeting.slug])


def _typed(**fields):
    values = {"promise": "minutes", "reason": REASON, "until": in_words(UNTIL), "do": "look"}
    return values | fields


# The page -----------------------------------------------------------------------------------------


def test_page_when_filled_in_then_shows_the_letter_and_the_counts_and_sends_nothing(
    meeting, coordinator, client_for
):
    client = client_for(coordinator)
    assert "See the letter" in client.get(_url(meeting)).text
    page = client.post(_url(meeting), _typed()).text
    assert "Expect the draft minutes by Friday 29 May" in page
    assert REASON in page
    assert "1 e-mail and 1 letter" in page
    assert "Nothing has been sent yet." in page
    assert not Delay.objects.exists()
    assert not Message.objects.exists()


def test_page_when_told_then_everybody_invited_hears_at_once(
    meeting, coordinator, rep, person_without_email, client_for, outbox_drained
):
    client = client_for(coordinator)
    page = client.post(_url(meeting), _typed(do="tell"), follow=True).text

    assert (
        "The new date is Friday 29 May. On their way to everybody invited: 1 e-mail and 1" in page
    )
    delay = Delay.objects.get()
    assert (delay.was_due, delay.until, delay.recorded_by) == (DUE, UNTIL, coordinator)
    event = AuditEvent.objects.get(verb="record_delay")
    assert event.by_id == coordinator.pk
    assert REASON not in str(event.data)
    rows = Message.objects.filter(template="meetings/minutes_delayed")
    assert {row.person: row.channel for row in rows} == {
        rep: "email",
        person_without_email: "letter",
    }
    mail = outbox_drained()[-1]
    assert mail.to == [rep.email]
    assert "by Wednesday 20 May" in mail.body
    assert REASON in mail.body
    assert "Friday 29 May 2026" in mail.body


def test_page_when_pressed_twice_then_nobody_is_told_twice(meeting, coordinator, client_for):
    client = client_for(coordinator)
    for _ in range(2):
        page = client.post(_url(meeting), _typed(do="tell"), follow=True)
    assert "This new date is recorded already. Nobody was told twice." in page.text
    assert Delay.objects.count() == 1
    assert Message.objects.filter(template="meetings/minutes_delayed").count() == 2


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"reason": ""}, "Say why it takes longer"),
        ({"until": ""}, "Enter the new date"),
        ({"until": "next week"}, ""),
        ({"until": in_words(DUE)}, "Choose 21 May 2026 or later"),
        ({"until": in_words(DUE + timedelta(days=61))}, "Choose 19 July 2026 or earlier"),
        ({"reason": "x" * 301}, "300"),
        ({"promise": "agenda"}, "This is now about: draft minutes"),
    ],
)
def test_page_when_wrong_then_says_so_and_keeps_what_was_typed(
    typed, error, meeting, coordinator, client_for
):
    for do in ("look", "tell"):
        page = client_for(coordinator).post(_url(meeting), _typed(do=do, **typed)).text
        assert 'id="errors"' in page
        assert error in page
        if "reason" not in typed:
            assert REASON in page
        if typed.get("until") != "":
            assert f'value="{typed.get("until", in_words(UNTIL))}"' in page
    assert not Delay.objects.exists()


@pytest.mark.parametrize("who", ["rep", "officer", "treasurer"])
def test_page_when_not_the_coordinator_then_forbidden(who, meeting, request, client_for):
    client = client_for(request.getfixturevalue(who))
    assert client.get(_url(meeting)).status_code == 403
    assert client.post(_url(meeting), _typed(do="tell")).status_code == 403
    assert not Delay.objects.exists()


def _cancelled(meeting, coordinator):
    Meeting.objects.update(cancelled_at=meeting.created_at, cancelled_reason="Snow")


def _sent(meeting, coordinator):
    circulate_minutes(minutes=meeting.minutes, number=1, by=coordinator)


def _recorded_later(meeting, coordinator):
    Meeting.objects.update(created_at=clocks.local(DUE + timedelta(days=1), time(12)))


def _unannounced(meeting, coordinator):
    Meeting.objects.update(announced_at=None)


@pytest.mark.parametrize(
    ("story", "words"),
    [
        (_cancelled, "This meeting is cancelled"),
        (_sent, "The draft minutes went out on 18 May 2026"),
        (_recorded_later, "put on record later"),
        (_unannounced, "Nobody has been told of this meeting"),
    ],
)
def test_page_when_there_is_nothing_to_delay_then_says_why(
    story, words, meeting, coordinator, client_for
):
    story(meeting, coordinator)
    client = client_for(coordinator)
    page = client.get(_url(meeting))
    assert words in page.text
    assert "<form" not in page.text.split("<main")[1].split("</main")[0]
    assert words in client.post(_url(meeting), _typed(do="tell")).text
    with pytest.raises(TransitionNotAllowed, match=words):
        _delay(meeting, coordinator)
    assert not Delay.objects.exists()


# The clock runs to the new date -------------------------------------------------------------------


def test_draft_when_delayed_then_the_new_date_takes_over(meeting, coordinator, rep, time_machine):
    _delay(meeting, coordinator)
    for day in range(12, 30):
        for at in (time(9), time(16, 59), time(17), time(18)):
            if day == 23 and at == time(17):
                assert not Version.objects.exists()
            _run(time_machine, MET + timedelta(days=day), at)

    version = Version.objects.get()
    assert version.as_it_stands
    assert version.circulated_at == clocks.local(UNTIL, time(17))
    reminders = Message.objects.filter(template="meetings/minutes_reminder")
    # Day 12 catches up day 10; then the day before the new date, and nothing in between.
    assert [r.key.split(":")[2] for r in reminders] == ["2026-05-28"]
    assert version.minutes.clock.state == "explained"
    drafts = Message.objects.filter(template="meetings/minutes_draft")
    assert drafts.count() == 2


def test_draft_when_not_delayed_then_goes_on_the_first_date(meeting, time_machine):
    """The twin of the one above: without the delay the draft is gone by then."""
    _run(time_machine, DUE)
    assert Version.objects.get().minutes.clock.state == "kept"


def test_delay_when_another_one_follows_then_the_newest_counts_and_the_older_letter_is_dropped(
    meeting, coordinator, time_machine, outbox_drained
):
    first = _delay(meeting, coordinator)
    second = _delay(meeting, coordinator, until=UNTIL + timedelta(days=7), reason="Still ill.")
    clock = fresh(meeting).draft_clock
    assert (clock.ends_on, clock.extension.reason) == (second.until, "Still ill.")
    assert second.was_due == first.until
    outbox_drained()
    letter = Message.objects.get(key__startswith=f"delay:{first.pk}:", channel="email")
    assert (letter.state, letter.reason) == ("dropped", "Another date has been given since.")


def test_delay_when_the_draft_goes_before_its_letter_then_letter_is_dropped(
    meeting, coordinator, outbox_drained
):
    _delay(meeting, coordinator)
    circulate_minutes(minutes=meeting.minutes, number=1, by=coordinator)
    outbox_drained()
    letter = Message.objects.get(template="meetings/minutes_delayed", channel="email")
    assert letter.state == "dropped"
    assert fresh(meeting).draft_clock.state == "kept"


def test_delay_when_its_reader_is_no_longer_invited_then_letter_is_dropped(
    meeting, coordinator, rep, outbox_drained
):
    _delay(meeting, coordinator)
    rep.seats.update(ended_at=datetime(2027, 5, 1, tzinfo=UTC))
    outbox_drained()
    assert Message.objects.get(person=rep).state == "dropped"


# Kept, late or explained --------------------------------------------------------------------------

#: (recorded on day, until day, sent on day or None, today) → state
STORIES = [
    (12, 23, 20, 30, "explained"),
    (12, 23, 23, 30, "explained"),
    (14, 23, 23, 30, "explained"),  # on the last day itself
    (12, 23, None, 15, "explained"),  # it still holds
    (12, 23, None, 14, None),  # nothing is due yet
    (12, 23, 24, 30, "late"),  # the new date was broken
    (12, 23, None, 24, "late"),
    (15, 23, 20, 30, "late"),  # said when it was late already
    (12, 23, 14, 30, "kept"),  # it was done in time all the same
    (None, None, 15, 30, "late"),
    (None, None, 14, 30, "kept"),
]


def _on(day):
    return MET + timedelta(days=day)


def _story(time_machine, coordinator, rep, told, until, sent, today, **fields):
    _at(time_machine, MET)
    meeting = _held(rep, **fields)
    minutes = written(meeting, "One.", by=coordinator)
    if told is not None:
        _at(time_machine, _on(told))
        _delay(meeting, coordinator, until=_on(until))
    if sent is not None:
        _at(time_machine, _on(sent))
        circulate_minutes(minutes=minutes, number=1, by=coordinator)
    _at(time_machine, _on(today))
    return fresh(meeting)


@pytest.mark.parametrize(("told", "until", "sent", "today", "state"), STORIES)
def test_promise_when_delayed_then_kept_late_or_explained(
    told, until, sent, today, state, coordinator, rep, forum, time_machine
):
    _story(time_machine, coordinator, rep, told, until, sent, today)
    drafts = of_meetings(forum)[1]
    assert drafts.states == ([state] if state else [])


def test_promise_when_explained_then_reason_and_dates_are_public(
    coordinator, rep, forum, time_machine, client_for
):
    meeting = _story(time_machine, coordinator, rep, 12, 23, None, 16)
    public = client_for(None)
    page = public.get("/promises/").text
    assert "Draft minutes within 14 days: 0 of 1 kept, 1 explained" in page
    assert REASON in page
    assert "29 May 2026" in page
    assert "Said on 18 May 2026" in page
    assert "after it was due" not in page
    page = public.get(meeting.get_absolute_url()).text
    assert REASON in page
    assert "Promised by Wednesday 20 May." in page
    assert "The draft minutes come by Friday 29 May" in page


def test_promise_when_the_reason_came_too_late_then_late_and_says_how_late_the_reason_was(
    coordinator, rep, forum, time_machine, client_for
):
    _story(time_machine, coordinator, rep, 17, 23, 20, 30)
    page = client_for(None).get("/promises/").text
    assert "0 of 1 kept, 1 late" in page
    assert REASON in page
    assert "3 days after it was due" in page


@pytest.mark.parametrize("sent", [None, 20])
def test_delay_when_of_a_parents_meeting_then_nothing_of_it_is_public(
    sent, coordinator, rep, officer, forum, time_machine, client_for
):
    meeting = _story(time_machine, coordinator, rep, 12, 23, sent, 25, audience="parents")
    for person in (None, officer):
        client = client_for(person)
        for address in ("/promises/", "/", "/meetings/"):
            assert REASON not in client.get(address).text
        assert client.get(meeting.get_absolute_url()).status_code == 404
    assert of_meetings(forum)[1].results == []


def test_delay_when_parents_minutes_are_published_then_counted_without_its_reason(
    coordinator, rep, forum, time_machine, client_for
):
    meeting = _story(time_machine, coordinator, rep, 12, 23, 20, 30, audience="parents")
    version = meeting.minutes.latest
    type(meeting.minutes).objects.update(
        state="published",
        agreed_version=version,
        shown_version=version,
        agreed_at=clocks.local(_on(29), time(9)),
        published_at=clocks.local(_on(29), time(10)),
    )
    public = client_for(None)
    assert of_meetings(forum)[1].states == ["explained"]
    assert REASON not in public.get("/promises/").text
    page = public.get(meeting.get_absolute_url())
    assert page.status_code == 200
    assert REASON not in page.text


def test_delay_when_published_then_the_page_still_says_why(
    coordinator, rep, time_machine, client_for
):
    meeting = _story(time_machine, coordinator, rep, 12, 23, 20, 30)
    version = meeting.minutes.latest
    type(meeting.minutes).objects.update(
        state="published",
        agreed_version=version,
        shown_version=version,
        agreed_at=clocks.local(_on(29), time(9)),
        published_at=clocks.local(_on(29), time(10)),
    )
    page = client_for(None).get(meeting.get_absolute_url()).text
    assert REASON in page
    assert "later than promised, explained" in page


def test_today_when_delayed_then_shows_the_new_date(meeting, coordinator, client_for):
    client = client_for(coordinator)
    assert _url(meeting) in client.get("/today/").text  # two days before it is due
    _delay(meeting, coordinator)
    page = client.get("/today/").text
    assert "Everybody was given this new date. By Friday 29 May" in page


def test_writing_page_when_delayed_then_shows_the_new_date_and_why(
    meeting, coordinator, rep, client_for
):
    address = reverse("meetings:minutes_write", args=[meeting.slug])
    client = client_for(coordinator)
    assert _url(meeting) in client.get(address).text
    _delay(meeting, coordinator)
    page = client.get(address).text
    assert "The new date is Friday 29 May." in page
    assert REASON in page


# Agendas ------------------------------------------------------------------------------------------


@pytest.fixture
def coming(coordinator, rep, time_machine):
    """To be held on 6 May; its agenda is due on 29 April; today is two days before that."""
    _at(time_machine, date(2026, 4, 27))
    meeting = _held(agenda_sent_at=None)
    invite(meeting, rep)
    AgendaItemFactory(meeting=meeting)
    return meeting


def test_agenda_when_delayed_then_told_and_sent_on_the_new_date(
    coming, coordinator, rep, forum, client_for, time_machine, outbox_drained
):
    client = client_for(coordinator)
    typed = _typed(promise="agenda", until="3 May 2026", reason="Two papers are late.")
    page = client.post(_url(coming), typed).text
    assert "Expect the agenda by Sunday 3 May" in page
    client.post(_url(coming), typed | {"do": "tell"})
    mail = next(m for m in outbox_drained(clocks.local(date(2026, 4, 27), time(13))))
    assert (mail.to, mail.subject) == ([rep.email], "Expect the agenda by Sunday 3 May")
    assert "The meeting is on the same day as before: Wednesday 6 May 2026" in mail.body
    page = client_for(None).get(coming.get_absolute_url()).text
    assert "It stands here by Sunday 3 May 2026" in page
    assert "Two papers are late." in page

    for day in range(27, 38):
        for at in (time(9), time(17)):
            _run(time_machine, date(2026, 4, 1) + timedelta(days=day - 1), at)
    meeting = fresh(coming)
    assert clocks.today(meeting.agenda_sent_at) == date(2026, 5, 3)
    assert agenda_clock(meeting).state == "explained"
    assert of_meetings(forum)[0].states == ["explained"]
    keys = Message.objects.filter(template="meetings/agenda_reminder").values_list("key", flat=True)
    assert [key.split(":")[2] for key in keys] == ["2026-05-02", "2026-05-03"]


@pytest.mark.parametrize("until", [date(2026, 4, 29), date(2026, 5, 6)])
def test_agenda_when_new_date_is_no_later_or_after_the_meeting_then_refused(
    until, coming, coordinator
):
    with pytest.raises(TransitionNotAllowed, match="from 30 April 2026 to 5 May 2026"):
        _delay(coming, coordinator, promise="agenda", until=until)


def test_agenda_when_the_meeting_is_tomorrow_then_no_new_date_is_possible(
    coming, coordinator, time_machine, client_for
):
    _at(time_machine, date(2026, 5, 5))
    assert "No later date is possible" in client_for(coordinator).get(_url(coming)).text


def test_agenda_when_sent_then_nothing_to_delay(coming, coordinator, client_for):
    send_agenda(meeting=coming, by=coordinator)
    assert "The agenda went out on 27 April 2026" in client_for(coordinator).get(_url(coming)).text


def test_page_when_the_meeting_has_begun_meanwhile_then_an_agenda_isnt_delayed_as_minutes(
    coming, coordinator, client_for, time_machine
):
    _at(time_machine, MET, time(11))
    page = client_for(coordinator).post(_url(coming), _typed(promise="agenda", do="tell"))
    assert "The meeting has begun meanwhile" in page.text
    assert not Delay.objects.exists()


# Who sends ----------------------------------------------------------------------------------------


def test_draft_when_its_writer_marks_it_ready_then_goes_at_once_but_only_the_first_time(
    meeting, rep, client_for, coordinator
):
    meeting.minute_taker = rep
    meeting.save()
    address = reverse("meetings:minutes_circulate", args=[meeting.slug])
    client = client_for(rep)
    assert "Mark it ready and send" in client.get(address).text
    client.post(address, {"number": 1})
    version = Version.objects.get()
    assert (version.circulated_by, version.as_it_stands) == (rep, False)
    assert client.get(address).status_code == 403
    assert client.post(address, {"number": 2}).status_code == 403
    assert Version.objects.count() == 1
