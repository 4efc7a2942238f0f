"""How messages arrive: calls and how they went, and news once a week, or not at all."""

from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from coprod import clocks
from coprod.models import Message
from meetings.services.calendar import default_invitees, invite_to_meeting
from members.models import Person
from tests.factories.meetings import coming_meeting, past_meeting
from tests.factories.members import PersonFactory, SeatFactory
from tests.factories.published import published_minutes
from tests.journeys.acting import errors_of, press, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def called(group):
    """Two reps who are reached by phone."""
    for number, name in enumerate(("Wilf Hartley", "Ines Duarte"), 177):
        person = PersonFactory(
            name=name, email=None, phone=f"01632 960 {number}", channel=Message.Channel.PHONE
        )
        SeatFactory(group=group, person=person)
    return list(Person.objects.filter(channel=Message.Channel.PHONE).order_by("name"))


def test_calls_are_made_from_a_list_that_says_what_to_say(
    page_phone, coordinator, called, signed_in, look
):
    meeting = coming_meeting(days=21, title="Forum meeting with services")
    options = [default_invitees(meeting)[person.pk][0] for person in called]
    invite_to_meeting(meeting=meeting, people=options, by=coordinator)
    page = signed_in(coordinator, on=page_phone)
    page.goto("/messages/?show=calls")
    assert "2 calls to make." in words_of(page)
    look(page, "calls")
    ines, wilf = (page.locator("li", has=page.get_by_role("heading", name=p.name)) for p in called)
    press(page, "Note this call", within=ines)
    assert "Choose how the call went" in errors_of(page)
    ines.get_by_label("We spoke").check()
    press(page, "Note this call", within=ines)
    assert "Write what was said" in errors_of(page)
    look(page, "calls-error")
    ines.get_by_label("What was said?").fill("Can come, needs a lift")
    press(page, "Note this call", within=ines)
    assert "The call to Ines Duarte is noted." in words_of(page)
    wilf.get_by_label("No answer").check()
    press(page, "Note this call", within=wilf)
    said = words_of(page)
    assert "Wilf Hartley stays on the list" in said
    assert "1 call to make." in said
    assert "Tried 1 time" in said
    look(page, "calls-tried")
    wilf.get_by_label("Wrong number").check()
    press(page, "Note this call", within=wilf)
    assert "No calls to make" in words_of(page)
    page.goto("/messages/?show=failed")
    assert "Wilf Hartley" in words_of(page)
    look(page, "failed")
    page.goto("/messages/?show=sent")
    assert "needs a lift" in words_of(page)
    look(page, "sent")


def test_news_comes_once_a_week_until_its_link_says_otherwise(
    page_no_script, page_phone, coordinator, rep, officer, signed_in, outbox_drained, look
):
    published_minutes(past_meeting(coordinator, rep, officer, days=20), by=coordinator)
    letters = outbox_drained(clocks.next_weekly(timezone.now()))
    mail = [each for each in letters if each.to == [rep.email]][-1]
    page = page_no_script
    page.goto(urlsplit(mail.extra_headers["List-Unsubscribe"].strip("<>")).path)
    look(page)
    assert Person.objects.get(pk=rep.pk).news == Person.News.WEEKLY, "opening it changed something"
    page.get_by_label("No news, thank you").check()
    press(page, "Save my choice")
    assert page.locator("h1").inner_text() == "Your choice is saved"
    assert "You get no more news from us." in words_of(page)
    look(page)

    own = signed_in(rep, on=page_phone)
    own.goto("/me/news/")
    assert own.get_by_label("No news, thank you").is_checked()
    look(own, "my-news")
    own.get_by_label("One by one, as it happens").check()
    press(own, "Save")
    assert "Your choice is saved." in words_of(own)
    assert Person.objects.get(pk=rep.pk).news == Person.News.EACH


def test_the_forums_settings_are_changed_and_say_what_is_wrong(
    page_desktop, administrator, forum, signed_in, look
):
    page = signed_in(administrator, on=page_desktop)
    page.goto("/settings/")
    look(page, "settings")
    days = page.get_by_label("Draft minutes go out within this many days after a meeting")
    days.fill("90")
    page.get_by_label("The forum’s name").fill("")
    press(page, "Save the settings")
    assert "Enter the forum’s name" in errors_of(page)
    assert days.input_value() == "90"
    look(page, "settings-error")
    page.get_by_label("The forum’s name").fill("Larkmere Families Together")
    days.fill("10")
    press(page, "Save the settings")
    forum.refresh_from_db()
    assert (forum.name, forum.minutes_days) == ("Larkmere Families Together", 10)
