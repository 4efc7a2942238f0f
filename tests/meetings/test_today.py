"""Today: three things at most, the right ones for each person, with few questions."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from coprod import clocks, home, outbox
from coprod.models import Message
from meetings.models import ActionItem, Reply
from tests.factories.meetings import (
    MeetingFactory,
    SeriesFactory,
    coming_meeting,
    invite,
    past_meeting,
    reply,
)
from tests.factories.members import SeatFactory
from tests.factories.minutes import answer, comment
from tests.factories.published import agreed_minutes, circulated_minutes, published_minutes

TODAY = "/today/"


def _titles(client) -> list[str]:
    """What the page asks for, in order."""
    text = client.get(TODAY).text
    if 'class="pcf-three"' not in text:
        return []
    part = text.split('class="pcf-three"')[1].split("</ol>")[0]
    return [row.split("</h3>")[0] for row in part.split("<h3>")[1:]]


def _asked(client) -> list[str]:
    return [title.split(":")[0].split(" on ")[0] for title in _titles(client)]


def test_today_when_signed_out_then_sign_in(client_for, forum):
    assert client_for(None).get(TODAY).status_code == 302


@pytest.mark.parametrize("who", ["rep", "officer", "stranger", "treasurer"])
def test_today_when_nothing_is_needed_then_says_so(who, request, client_for):
    person = request.getfixturevalue(who)
    text = client_for(person).get(TODAY).text
    assert "Nothing needed" in text
    assert "No date is set yet" in text


def test_today_when_forum_is_empty_then_coordinator_sees_where_to_begin(coordinator, client_for):
    client = client_for(coordinator)
    begin = ["Add your member groups", "Add the people", "Plan a year of meetings"]
    assert _titles(client) == begin
    text = client.get(TODAY).text
    assert reverse("meetings:plan_pattern") in text
    assert "By the end of today" not in text
    SeatFactory()
    assert _titles(client) == begin[2:]
    MeetingFactory(date=clocks.today() - timedelta(days=400), created_at=timezone.now())
    assert _titles(client) == []
    assert "Nothing needed" in client.get(TODAY).text


def test_today_when_nothing_is_needed_then_names_the_next_meeting(rep, client_for):
    meeting = coming_meeting(rep)
    reply(meeting.invitations.get())
    text = client_for(rep).get(TODAY).text
    assert "Nothing needed" in text
    assert f'Next: <a href="{meeting.get_absolute_url()}">Consortium</a>' in text


def test_reply_when_missing_then_asked_of_the_invited_only(
    rep, officer, rep_of_other_group, client_for
):
    meeting = coming_meeting(rep, officer)
    for person in (rep, officer):
        assert _asked(client_for(person)) == ["Say if you can come"]
    assert _asked(client_for(rep_of_other_group)) == []
    reply(meeting.invitations.get(person=rep), Reply.Answer.CANNOT)
    assert _asked(client_for(rep)) == []
    assert _asked(client_for(officer)) == ["Say if you can come"]


def test_reply_when_meeting_is_over_then_not_asked(rep, client_for):
    past_meeting(absent=[rep], days=1)
    assert _asked(client_for(rep)) == []


def test_fair_record_when_one_was_there_then_asked_until_answered(
    rep, rep_of_other_group, coordinator, client_for
):
    meeting = past_meeting(rep, days=5, absent=[rep_of_other_group])
    version = circulated_minutes(meeting, by=coordinator).latest
    assert _asked(client_for(rep)) == ["Say if the minutes are fair"]
    assert _asked(client_for(rep_of_other_group)) == ["Check the draft minutes"]
    answer(version, rep)
    assert _asked(client_for(rep)) == []
    comment(version, rep_of_other_group)
    assert _asked(client_for(rep_of_other_group)) == []


def test_fair_record_when_window_closed_then_still_asked_of_those_who_were_there(
    rep, rep_of_other_group, coordinator, client_for
):
    meeting = past_meeting(rep, days=30, absent=[rep_of_other_group])
    circulated_minutes(meeting, by=coordinator, days_ago=20)
    assert _asked(client_for(rep)) == ["Say if the minutes are fair"]
    assert _asked(client_for(rep_of_other_group)) == []


def test_fair_record_when_recorded_later_then_asked_all_the_same(rep, coordinator, client_for):
    """Nobody is mailed by itself, so this page is where they learn that their answer counts."""
    meeting = past_meeting(rep, days=200, created_at=timezone.now())
    circulated_minutes(meeting, by=coordinator)
    assert _asked(client_for(rep)) == ["Say if the minutes are fair"]


def test_minutes_when_one_takes_them_then_asked_to_write(rep, officer, client_for):
    past_meeting(rep, officer, days=3, minute_taker=rep)
    assert _asked(client_for(rep)) == ["Write the minutes"]
    assert _asked(client_for(officer)) == []
    assert "Day 3 of 14" in client_for(rep).get(TODAY).text


def _series_waits(coordinator, rep):
    MeetingFactory(series=SeriesFactory(), announced_at=None)


def _nobody_invited(coordinator, rep):
    MeetingFactory(date=clocks.today() + timedelta(days=30), agenda_sent_at=timezone.now())


def _no_agenda(coordinator, rep):
    reply(coming_meeting(rep, days=14).invitations.get())


def _nobody_ticked(coordinator, rep):
    past_meeting(absent=[rep], days=2)


def _no_draft(coordinator, rep):
    past_meeting(rep, days=9)


def _comments_wait(coordinator, rep):
    version = circulated_minutes(past_meeting(rep, days=5), by=coordinator).latest
    comment(version, rep)


def _agreed(coordinator, rep):
    agreed_minutes(past_meeting(rep, days=30), by=coordinator)


@pytest.mark.parametrize(
    ("story", "asked"),
    [
        (_series_waits, ["Announce 1 date"]),
        (_nobody_invited, ["See who’s invited to Consortium,"]),
        (_no_agenda, ["Send the agenda"]),
        (_nobody_ticked, ["Tick who came", "Send the draft minutes"]),
        (_no_draft, ["Send the draft minutes"]),
        (_comments_wait, ["Answer 1 comment", "Name who answers 1 ask"]),
        (_agreed, ["Name who answers 1 ask", "Publish the minutes"]),
    ],
)
def test_coordinator_when_something_is_due_then_asked_for_it(
    story, asked, coordinator, rep, treasurer, client_for
):
    story(coordinator, rep)
    Message.objects.all().delete()
    found = [title.split(" 2")[0] for title in _asked(client_for(coordinator))]
    assert [title[: len(words)] for title, words in zip(found, asked, strict=True)] == asked
    assert not any(title in asked for title in _asked(client_for(rep)))
    assert _asked(client_for(treasurer)) == []


def test_coordinator_when_meeting_was_recorded_later_then_nothing_is_asked(
    rep, coordinator, client_for
):
    past_meeting(absent=[rep], days=60, created_at=timezone.now())
    assert _asked(client_for(coordinator)) == []


def test_coordinator_when_letters_and_calls_wait_then_asked_by_channel(
    coordinator, person_without_email, client_for
):
    for n, channel in enumerate(["letter", "letter", "phone"]):
        outbox.queue(
            key=str(n),
            template="meetings/invitation",
            person=person_without_email,
            channel=channel,
        )
    begin = "Plan a year of meetings"  # there is no meeting yet
    asked = sorted(_titles(client_for(coordinator)))
    assert asked == [begin, "Post 2 letters", "Ring 1 person"]


def test_today_when_much_is_due_then_three_things_soonest_first(rep, coordinator, client_for):
    _no_draft(coordinator, rep)
    past_meeting(rep, days=16, title="Late")
    _no_agenda(coordinator, rep)
    _agreed(coordinator, rep)
    client = client_for(coordinator)
    titles = _titles(client)
    assert len(titles) == 3
    assert titles[0].startswith("Send the draft minutes: Late")
    text = client.get(TODAY).text
    assert "Three things next. The rest can wait." in text
    assert "2 days late" in text
    assert text.count('class="pcf-btn"') == 1


def test_waiting_when_people_owe_answers_then_listed_for_the_coordinator_only(
    rep, officer, coordinator, client_for
):
    coming_meeting(rep, officer)
    circulated_minutes(past_meeting(rep, officer, days=5), by=coordinator)
    ActionItem.objects.update(due_on=clocks.today() - timedelta(days=3))
    text = client_for(coordinator).get(TODAY).text
    assert "Is it a fair record?" in text
    assert "2 people who were there." in text
    assert "2 of 2 people." in text
    assert "Print the cards." in text
    assert "3 days late" in text
    assert "Waiting on other people" not in client_for(rep).get(TODAY).text


def test_waiting_when_action_was_taken_out_of_the_draft_then_not_listed(
    rep, coordinator, client_for
):
    minutes = circulated_minutes(past_meeting(rep, days=5), by=coordinator)
    ActionItem.objects.update(due_on=clocks.today())
    assert "Print the cards." in client_for(coordinator).get(TODAY).text
    minutes.sections.first().paragraphs.update(retired_at=timezone.now())
    assert "Print the cards." not in client_for(coordinator).get(TODAY).text


def test_coming_when_parents_meeting_then_not_for_officers(rep, officer, client_for):
    MeetingFactory(title="Parents’ evening", audience="parents")
    assert "Parents’ evening" in client_for(rep).get(TODAY).text
    assert "Parents’ evening" not in client_for(officer).get(TODAY).text


@pytest.mark.parametrize("who", ["rep", "officer", "coordinator"])
def test_today_when_there_is_more_then_asks_no_more(
    who, rep, officer, coordinator, client_for, django_assert_max_num_queries, request
):
    client, counts = client_for(request.getfixturevalue(who)), []
    for start, end in ((0, 3), (3, 12)):
        for n in range(start, end):
            coming_meeting(rep, officer, days=5 + n, title=f"Next {n}")
            meeting = past_meeting(rep, officer, days=4 + n, title=f"Past {n}")
            invite(meeting, coordinator, came="room")
            past_meeting(rep, officer, days=4 + n, title=f"Bare {n}", minute_taker=rep)
            comment(circulated_minutes(meeting, by=coordinator).latest, rep)
        client.get(TODAY)
        with django_assert_max_num_queries(14) as asked:
            assert client.get(TODAY).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_published_minutes_when_on_today_then_nothing_is_asked(rep, coordinator, client_for):
    items = (("School transport", "The team showed how routes were planned."),)
    published_minutes(past_meeting(rep, days=20), by=coordinator, items=items)
    assert _asked(client_for(coordinator)) == []
    assert _asked(client_for(rep)) == []


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-22T11:59:00Z", "Good morning"),
        ("2026-11-22T12:00:00Z", "Good afternoon"),
        ("2026-06-22T11:00:00Z", "Good afternoon"),
        ("2026-11-22T18:00:00Z", "Good evening"),
    ],
)
def test_greeting_when_clock_is_asked_then_uk_time(moment, words, time_machine):
    time_machine.move_to(moment, tick=False)
    assert home.greeting() == words


@pytest.mark.parametrize(
    ("days", "words"),
    [(-1, "It was due by"), (0, "By the end of today."), (1, "By "), (9, "in 9 days.")],
)
def test_due_when_said_then_in_a_sentence(days, words):
    now = clocks.today()
    assert words in home.by_words(now + timedelta(days=days), now)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_lead_when_counted_then_never_more_than_three(count):
    expected = ["", "One thing", "Two things", "Three things", "Three things next. The rest"]
    assert home.lead(count).startswith(expected[count])


def test_reply_link_when_followed_then_a_page(rep, client_for):
    meeting = coming_meeting(rep)
    address = reverse("meetings:meeting_reply", args=[meeting.slug])
    assert address in client_for(rep).get(TODAY).text
    assert client_for(rep).get(address).status_code == 200
