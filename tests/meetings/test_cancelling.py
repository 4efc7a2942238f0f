"""Cancelling a meeting with notice, taking it back, and everything that knows of it."""

from datetime import time, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import Message
from meetings import feeds
from meetings.models import AgendaItem, Invitation, Meeting, Minutes, Reply, Series
from meetings.promises import of_meetings
from meetings.services import agenda, attendance, cancelling
from meetings.services.calendar import announce_year, invite_to_meeting, use_dates
from meetings.services.invitations import default_invitees
from meetings.services.minutes import open_minutes
from meetings.tasks import invite_when_due
from tests.factories.meetings import (
    AgendaItemFactory,
    MeetingFactory,
    SeriesFactory,
    coming_meeting,
    past_meeting,
    reply,
)
from tests.factories.members import PersonFactory, SeatFactory


@pytest.fixture
def page(client_for, coordinator):
    return client_for(coordinator)


def seated(**person):
    return SeatFactory(person=PersonFactory(**person)).person


def cancel(meeting, by=None, reason="The speaker is ill"):
    cancelling.cancel_meeting(meeting=meeting, reason=reason, by=by)
    return Meeting.objects.get(pk=meeting.pk)


def url_of(name, meeting):
    return reverse(f"meetings:{name}", args=[meeting.slug])


def cancellations():
    return Message.objects.filter(template="meetings/meeting_cancelled")


# Who hears, and when ------------------------------------------------------------------------------


@time_machine.travel("2026-03-10 21:30", tick=False)
def test_cancel_at_half_past_nine_when_the_meeting_is_at_eight_tomorrow_then_it_goes_at_once(
    coordinator, outbox_drained
):
    by_post = seated(
        email=None, channel="letter", postal_address="1 Kiln Lane", phone="01632 960 111"
    )
    meeting = coming_meeting(coordinator, by_post, days=1, starts=time(8), ends=time(9))
    cancel(meeting, coordinator)
    assert {m.channel: m.not_before for m in cancellations()} == {
        "email": timezone.now(),
        "phone": timezone.now(),
    }
    [mail] = outbox_drained(now=timezone.now())
    assert mail.subject == "Don’t come on Wednesday 11 March: cancelled"
    assert "The speaker is ill" in mail.body


@time_machine.travel("2026-03-10 21:30", tick=False)
def test_cancel_when_the_meeting_is_days_away_then_it_waits_for_the_morning_and_the_post(
    coordinator,
):
    by_post = seated(
        email=None, channel="letter", postal_address="1 Kiln Lane", phone="01632 960 111"
    )
    meeting = coming_meeting(coordinator, by_post, days=6)
    cancel(meeting, coordinator)
    mail = cancellations().get(channel="email")
    assert mail.not_before == clocks.local(clocks.today() + timedelta(days=1), clocks.QUIET_UNTIL)
    assert cancellations().filter(person=by_post, channel="letter").exists()


@time_machine.travel("2026-03-10 15:00", tick=False)
def test_cancel_page_when_letters_come_too_late_then_it_says_who_is_rung(page):
    by_post = seated(
        name="Petra Post",
        email=None,
        channel="letter",
        postal_address="1 Kiln Lane",
        phone="01632 960 111",
    )
    lost = seated(name="Lena Lost", email=None, channel="letter", postal_address="2 Kiln Lane")
    meeting = coming_meeting(by_post, lost, days=1)
    url = url_of("meeting_cancel", meeting)
    shown = page.post(url, {"reason": "The speaker is ill"}).content.decode()
    assert "1 letter and 1 phone call" in shown
    assert "A letter would come too late for Petra Post" in shown
    assert "we hold no phone number" in shown
    assert not cancellations().exists()
    sent = page.post(url, {"reason": "The speaker is ill", "send": "1"})
    assert sent.url == reverse("members:message_list")


def test_cancel_when_pressed_twice_then_one_message_each(page, rep):
    meeting = coming_meeting(rep, days=10)
    url = url_of("meeting_cancel", meeting)
    page.post(url, {"reason": "The speaker is ill", "send": "1"})
    again = page.post(url, {"reason": "The speaker is ill", "send": "1"}, follow=True)
    assert "cancelled already" in again.content.decode()
    assert cancellations().count() == 1


def test_cancel_of_a_parents_meeting_when_announced_then_no_officer_hears_or_sees(
    coordinator, officer, client_for
):
    rep, series = seated(), SeriesFactory(audience="parents")
    MeetingFactory(series=series, audience="parents", announced_at=None)
    announce_year(series=series, by=coordinator)
    meeting = cancel(Meeting.objects.get(), coordinator)
    assert {m.person for m in cancellations()} == {rep}
    assert client_for(officer).get(meeting.get_absolute_url()).status_code == 404
    assert client_for(officer).get(reverse("meetings:meeting_list")).status_code == 200


def test_cancel_when_it_has_begun_or_nobody_knows_of_it_then_refused(coordinator, rep):
    for meeting in (past_meeting(rep, days=1), MeetingFactory(announced_at=None)):
        with pytest.raises(TransitionNotAllowed):
            cancel(meeting, coordinator)


# Everything knows ---------------------------------------------------------------------------------


def test_cancelled_meeting_when_read_then_it_stays_with_its_reason(client, coordinator, rep):
    meeting = cancel(coming_meeting(rep, days=10), coordinator)
    shown = client.get(meeting.get_absolute_url()).content.decode()
    assert "The speaker is ill" in shown
    assert "does not take place" in shown
    listed = client.get(reverse("meetings:meeting_list")).content.decode()
    assert "Cancelled" in listed
    assert meeting.get_absolute_url() not in client.get("/").content.decode()
    entry = feeds.calendar_of([meeting], name="x").decode()
    assert "STATUS:CANCELLED" in entry


def test_cancelled_meeting_when_due_then_nothing_is_asked_of_anybody(
    page, coordinator, rep, client_for, forum
):
    meeting = coming_meeting(rep, coordinator, days=3)
    AgendaItemFactory(meeting=meeting)
    cancel(meeting, coordinator)
    for person in (rep, coordinator):
        today = client_for(person).get(reverse("today")).content.decode()
        for words in ("Say if you can come", "Send the agenda", "have replied"):
            assert words not in today
    agendas, drafts = of_meetings(forum)
    assert (agendas.results, drafts.results) == ([], [])
    with time_machine.travel(timezone.now() + timedelta(days=20)):
        assert "Tick who came" not in client_for(coordinator).get(reverse("today")).content.decode()
        agendas, drafts = of_meetings(forum)
        assert (agendas.results, drafts.results) == ([], [])


def test_cancelled_meeting_when_its_invitation_is_due_then_nobody_is_invited(coordinator, rep):
    meeting = MeetingFactory(date=clocks.today() + timedelta(days=20))
    cancel(meeting, coordinator)
    invite_when_due()
    people = [options[0] for options in default_invitees(meeting).values()]
    with pytest.raises(TransitionNotAllowed):
        invite_to_meeting(meeting=meeting, people=people, by=coordinator)
    assert not Invitation.objects.exists()


def test_cancelled_meeting_when_written_to_then_everything_refuses(coordinator, rep):
    meeting = coming_meeting(rep, coordinator, days=3)
    item = AgendaItemFactory(meeting=meeting)
    meeting = cancel(meeting, coordinator)
    invitation = meeting.invitations.get(person=rep)
    refused = [
        lambda: attendance.reply(invitation=invitation, answer="room", by=rep),
        lambda: attendance.record_attendance(meeting=meeting, changes={}, by=coordinator),
        lambda: agenda.send_agenda(meeting=meeting, by=coordinator),
        lambda: agenda.propose_item(item=AgendaItem(meeting=meeting, title="x"), by=rep),
        lambda: open_minutes(meeting=meeting, by=coordinator),
    ]
    for attempt in refused:
        with pytest.raises(TransitionNotAllowed):
            attempt()
    assert not Minutes.objects.exists()
    assert item.meeting_id == meeting.pk


def test_cancelled_meeting_when_letters_wait_then_they_arent_sent(coordinator, rep, outbox_drained):
    meeting = MeetingFactory(date=clocks.today() + timedelta(days=20))
    people = [options[0] for options in default_invitees(meeting).values()]
    invite_to_meeting(meeting=meeting, people=people, by=coordinator)
    cancel(meeting, coordinator)
    mails = outbox_drained(now=timezone.now() + timedelta(days=1))
    assert {m.subject.split(":")[-1].strip() for m in mails} == {"cancelled"}
    dropped = Message.objects.filter(template="meetings/invitation", state="dropped")
    assert dropped.count() == len(people)


def test_cancelled_meeting_when_a_year_is_planned_then_its_day_is_free(coordinator):
    series = SeriesFactory()
    meeting = MeetingFactory(series=series)
    cancel(meeting, coordinator)
    made = use_dates(series=series, dates=[meeting.date], by=coordinator)
    assert [each.date for each in made] == [meeting.date]
    assert Series.objects.get().meetings.count() == 2


# After all ----------------------------------------------------------------------------------------


def test_reinstate_when_nobody_has_heard_then_nothing_is_sent(page, coordinator, rep):
    meeting = coming_meeting(rep, days=10)
    reply(meeting.invitations.get(), "room")
    cancel(meeting, coordinator)
    url = url_of("meeting_reinstate", meeting)
    assert "called back" in page.get(url).content.decode()
    page.post(url)
    assert not Meeting.objects.get().is_cancelled
    assert cancellations().get().state == "dropped"
    assert not Message.objects.filter(template="meetings/meeting_after_all").exists()
    assert not Reply.objects.get().to_confirm


def test_reinstate_when_people_have_heard_then_just_they_are_told_and_asked_again(
    coordinator, outbox_drained
):
    heard, not_yet = seated(), seated(email=None, channel="letter", postal_address="1 Kiln Lane")
    meeting = coming_meeting(heard, not_yet, days=10)
    reply(meeting.invitations.get(person=heard), "room")
    cancel(meeting, coordinator)
    outbox_drained(now=timezone.now() + timedelta(days=1))
    cancelling.reinstate_meeting(meeting=meeting, by=coordinator)
    assert {m.person for m in Message.objects.filter(template="meetings/meeting_after_all")} == {
        heard
    }
    assert Reply.objects.get().to_confirm
    mails = outbox_drained(now=timezone.now() + timedelta(days=1))
    assert mails[-1].subject.startswith("Come after all on")
    with pytest.raises(TransitionNotAllowed):
        cancelling.reinstate_meeting(meeting=meeting, by=coordinator)


def test_cancel_when_cancelled_again_then_everybody_hears_again(coordinator, rep):
    meeting = coming_meeting(rep, days=10)
    cancel(meeting, coordinator)
    cancelling.reinstate_meeting(meeting=meeting, by=coordinator)
    cancel(meeting, coordinator)
    assert sorted(cancellations().values_list("state", flat=True)) == ["dropped", "queued"]


# Its agenda ---------------------------------------------------------------------------------------


def test_agenda_of_a_cancelled_meeting_when_carried_then_each_item_goes_once(page, coordinator):
    series = SeriesFactory()
    meeting = MeetingFactory(series=series, date=clocks.today() + timedelta(days=10))
    following = MeetingFactory(series=series, date=clocks.today() + timedelta(days=50))
    AgendaItemFactory(meeting=following, title="Already there")
    AgendaItemFactory(meeting=meeting, title="Transport")
    AgendaItemFactory(meeting=meeting, title="One family", is_private=True, private_reason="x")
    AgendaItemFactory(meeting=meeting, title="Proposed", state="proposed")
    AgendaItemFactory(meeting=meeting, title="Taken off", state="off")
    cancel(meeting, coordinator)
    url = url_of("agenda_carry", meeting)
    assert "Transport" in page.get(url).content.decode()
    page.post(url)
    page.post(url)
    carried = following.agenda_items.order_by("position")
    assert [(i.title, i.state, i.is_private) for i in carried] == [
        ("Already there", "on", False),
        ("Transport", "on", False),
        ("One family", "on", True),
        ("Proposed", "proposed", False),
    ]
    assert carried[1].came_from.meeting_id == meeting.pk


def test_agenda_of_a_parents_meeting_when_only_services_meet_next_then_it_stays(coordinator):
    meeting = MeetingFactory(audience="parents", date=clocks.today() + timedelta(days=10))
    services = MeetingFactory(date=clocks.today() + timedelta(days=20))
    AgendaItemFactory(meeting=meeting)
    cancel(meeting, coordinator)
    with pytest.raises(TransitionNotAllowed):
        cancelling.carry_agenda(meeting=meeting, by=coordinator)
    assert not services.agenda_items.exists()
