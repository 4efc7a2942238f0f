"""Calendars, the feed and the box for other websites: what they hold, and what never."""

from datetime import time, timedelta

import icalendar
import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from coprod import clocks
from coprod.models import AuditEvent
from meetings.models import CalendarKey, Meeting
from meetings.services.calendar import change_meeting
from meetings.services.feeds import make_calendar_key
from meetings.services.publicity import withdraw_minutes
from tests.factories.meetings import MeetingFactory, coming_meeting, past_meeting
from tests.factories.minutes import agreed
from tests.factories.published import publish

PUBLIC = "/meetings/calendar.ics"
FEED = "/meetings/minutes.atom"


def events(response):
    calendar = icalendar.Calendar.from_ical(response.content)
    return list(calendar.walk("VEVENT"))


def own_calendar(person):
    return reverse("meetings:private_calendar", args=[make_calendar_key(person=person, by=person)])


# The public calendar ------------------------------------------------------------------------------


def test_calendar_when_asked_holds_every_public_meeting(client, forum):
    meeting = MeetingFactory(date=clocks.today() + timedelta(days=30))
    (event,) = events(client.get(PUBLIC))
    assert event["summary"] == "Consortium"
    assert event["dtstart"].dt == meeting.starts_at
    assert str(event["dtstart"].params["TZID"]) == "Europe/London"
    assert event["location"] == "Kiln Lane Centre, or online"
    assert meeting.get_absolute_url() in event["url"]


def test_calendar_when_meeting_is_for_parents_only_never_shows_it(client, forum):
    MeetingFactory(audience="parents", title="Wildcanary")
    assert b"Wildcanary" not in client.get(PUBLIC).content


def test_calendar_when_nobody_was_told_of_a_date_leaves_it_out(client, forum):
    MeetingFactory(announced_at=None)
    assert events(client.get(PUBLIC)) == []


def test_calendar_when_there_is_a_link_to_join_keeps_it(client, forum):
    MeetingFactory(online_link="https://video.example/canary")
    assert b"canary" not in client.get(PUBLIC).content


def test_entry_when_meeting_changes_is_replaced_and_never_doubled(client, coordinator):
    meeting = MeetingFactory()
    (before,) = events(client.get(PUBLIC))
    meeting.date += timedelta(days=7)
    change_meeting(meeting=meeting, by=coordinator, fields=["date"])
    (after,) = events(client.get(PUBLIC))
    assert after["uid"] == before["uid"]
    assert int(after["sequence"]) == int(before["sequence"]) + 1
    assert after["dtstart"].dt == Meeting.objects.get(pk=meeting.pk).starts_at


def test_entry_when_meeting_is_cancelled_says_so(client, forum):
    MeetingFactory(cancelled_at=timezone.now(), cancelled_reason="The hall flooded")
    (event,) = events(client.get(PUBLIC))
    assert event["status"] == "CANCELLED"
    assert event["summary"] == "Cancelled: Consortium"


@pytest.mark.parametrize("words", ["A, B; C\\D", "Line\nbreak", "Ünïcode – “quotes”", "x" * 120])
def test_entry_when_title_is_odd_comes_back_whole(client, forum, words):
    MeetingFactory(place=words[:190], format="room")
    (event,) = events(client.get(PUBLIC))
    assert event["location"] == words[:190]


@pytest.mark.parametrize("day", ["2026-03-28", "2026-03-30", "2026-10-24", "2026-10-26"])
def test_entry_when_clocks_change_stays_at_ten(client, forum, day):
    with time_machine.travel("2026-01-10 09:00+00:00"):
        MeetingFactory(date=clocks.date.fromisoformat(day), starts=time(10), ends=time(12))
        (event,) = events(client.get(PUBLIC))
    assert (event["dtstart"].dt.hour, event["dtend"].dt.hour) == (10, 12)


@pytest.mark.parametrize("count", [3, 60])
def test_calendar_when_it_grows_costs_the_same_questions(
    client, forum, django_assert_max_num_queries, count
):
    for number in range(count):
        MeetingFactory(date=clocks.today() + timedelta(days=number))
    with django_assert_max_num_queries(14):
        client.get(PUBLIC)
    with django_assert_max_num_queries(1):
        client.get(PUBLIC)


# One's own ----------------------------------------------------------------------------------------


def test_own_calendar_when_opened_by_its_key_holds_parents_meetings_too(client, rep):
    coming_meeting(rep, audience="parents", title="Parents’ morning")
    response = client.get(own_calendar(rep))
    assert [event["summary"] for event in events(response)] == ["Parents’ morning"]
    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"


def test_own_calendar_when_made_keeps_only_a_hash(rep):
    key = make_calendar_key(person=rep, by=rep)
    assert key not in str(CalendarKey.objects.values())
    assert key not in str(AuditEvent.objects.values())


def test_own_calendar_when_made_again_ends_the_old_address(client, rep):
    old = own_calendar(rep)
    new = own_calendar(rep)
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200


@pytest.mark.parametrize("end", ["seat", "person"])
def test_own_calendar_when_membership_ends_is_gone(client, rep, end):
    address = own_calendar(rep)
    if end == "seat":
        rep.seats.get().end(by=None)
    else:
        rep.is_active = False
        rep.save()
    assert client.get(address).status_code == 404


def test_own_calendar_when_asked_for_on_the_page_is_shown_once(client_for, rep):
    client = client_for(rep)
    page = client.post(reverse("meetings:calendar_key_make"))
    assert "/meetings/calendar/" in page.content.decode()
    again = client.get(reverse("meetings:follow")).content.decode()
    assert "You made an address for it on" in again
    assert ".ics" in again
    assert "/meetings/calendar/" not in again


def test_own_calendar_when_ended_stays_ended(client_for, rep):
    address = own_calendar(rep)
    client_for(rep).post(reverse("meetings:calendar_key_end"))
    assert client_for(None).get(address).status_code == 404


def test_one_meeting_when_it_is_for_parents_is_no_file_for_an_officer(client_for, rep, officer):
    meeting = coming_meeting(rep, audience="parents")
    address = reverse("meetings:meeting_calendar", args=[meeting.slug])
    assert client_for(rep).get(address).status_code == 200
    assert client_for(officer).get(address).status_code == 404
    assert client_for(None).get(address).status_code == 404


# The feed -----------------------------------------------------------------------------------------


def test_feed_when_minutes_are_published_has_their_short_version(client, coordinator, rep):
    meeting = past_meeting(coordinator, rep, days=20)
    publish(agreed(meeting, by=coordinator, people=[coordinator, rep]), by=coordinator)
    feed = client.get(FEED).content.decode()
    assert meeting.get_absolute_url() in feed
    assert "<entry>" in feed


def test_feed_when_minutes_are_withdrawn_drops_them_at_once(client, coordinator, rep):
    minutes = agreed(
        past_meeting(coordinator, rep, days=20), by=coordinator, people=[coordinator, rep]
    )
    publish(minutes, by=coordinator)
    assert b"<entry>" in client.get(FEED).content
    withdraw_minutes(minutes=minutes, reason="A name was in it", by=coordinator)
    assert b"<entry>" not in client.get(FEED).content


def test_feed_when_minutes_are_only_agreed_has_no_entry(client, coordinator, rep):
    agreed(past_meeting(coordinator, rep, days=20), by=coordinator, people=[coordinator, rep])
    assert b"<entry>" not in client.get(FEED).content


# The box for other websites -----------------------------------------------------------------------


def test_box_when_framed_by_another_site_is_allowed_and_knows_nobody(client_for, rep):
    coming_meeting(rep, audience="parents", title="Wildcanary")
    MeetingFactory(title="Consortium")
    response = client_for(rep).get("/meetings/embed/")
    assert "frame-ancestors *" in response["Content-Security-Policy"]
    assert "X-Frame-Options" not in response
    body = response.content.decode()
    assert "Consortium" in body
    assert "Wildcanary" not in body
    assert rep.name not in body
    assert "<form" not in body
    assert not response.cookies


def test_other_pages_when_framed_are_refused(client, forum):
    response = client.get("/meetings/")
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"
