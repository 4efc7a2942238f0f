"""News waits for Monday's letter, or comes at once, or not at all: as each person chose."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from coprod import by_hand, clocks, links, news, outbox
from coprod.exceptions import NoLongerDue
from coprod.letters import Words
from coprod.models import AuditEvent, Message
from coprod.registry import Letter, letters
from members.models import Person
from members.pdf import letters_pdf
from tests.factories.members import PersonFactory
from tests.meetings.reading_pdf import words_of

LONDON = ZoneInfo("Europe/London")
TUESDAY = "2026-11-24T12:00:00Z"
MONDAY = "2026-11-30T08:30:00Z"


@pytest.fixture(autouse=True)
def _note(monkeypatch, forum):
    def note(message):
        number = message.ids["n"]
        said = Words(
            f"Read about {number}",
            [f"Hello {message.person.first_name},", f"This is news {number}."],
            {"label": f"Open {number}", "url": f"http://127.0.0.1/{number}/"},
        )
        enclosed = f"<h1>Paper {number}</h1>" if message.channel == "letter" else ""
        return Letter(said.subject, "text", "<p>", words=said, enclosed=enclosed)

    monkeypatch.setitem(letters, "test/news", note)


@pytest.fixture
def clock():
    with time_machine.travel(TUESDAY, tick=False) as moving:
        yield moving


def queue(person, n=1, **fields):
    fields = {"news": True, **fields}
    key = f"{person.pk}:{n}"
    return outbox.queue(key=key, template="test/news", person=person, ids={"n": n}, **fields)


def monday(clock):
    clock.move_to(MONDAY)
    made = news.gather()
    outbox.deliver_due()
    return made


# When --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "goes"),
    [
        ("2026-11-24 12:00", "2026-11-30 08:30"),
        ("2026-11-29 23:59", "2026-11-30 08:30"),
        ("2026-11-30 08:29", "2026-11-30 08:30"),
        ("2026-11-30 08:30", "2026-12-07 08:30"),
        # Clocks change in the nights to Sunday 29 March and 25 October.
        ("2026-03-28 12:00", "2026-03-30 08:30"),
        ("2026-10-24 12:00", "2026-10-26 08:30"),
        ("2026-07-20 00:30", "2026-07-20 08:30"),
    ],
)
def test_weekly_letter_when_asked_then_next_monday_by_the_clock_on_the_wall(at, goes):
    def there(words):
        return datetime.fromisoformat(words).replace(tzinfo=LONDON)

    assert clocks.next_weekly(there(at)) == there(goes)


# Each choice -------------------------------------------------------------------------------------


def test_news_when_weekly_then_waits_and_comes_in_one_letter(clock, rep):
    parts = [queue(rep, 1), queue(rep, 2)]
    assert outbox.deliver_due() == 0
    clock.move_to("2026-11-30T08:29:00Z")
    assert news.gather() == 0
    assert monday(clock) == 1
    [sent] = mail.outbox
    assert sent.subject == "Read this week’s news: 2 things"
    for words in ("Read about 1", "This is news 2.", "http://127.0.0.1/2/"):
        assert words in sent.body
        assert words in sent.alternatives[0][0]
    assert sent.body.count("Hello Nadia") == 1
    states = Message.objects.filter(pk__in=[part.pk for part in parts]).values_list("state")
    assert set(states) == {("joined",)}


def test_news_when_each_by_itself_then_at_once(clock, rep):
    rep.news = Person.News.EACH
    assert not queue(rep).is_news
    assert outbox.deliver_due() == 1


def test_news_when_none_is_wanted_then_dropped_with_the_reason(clock, rep):
    rep.news = Person.News.NONE
    message = queue(rep)
    assert (message.state, message.reason) == ("dropped", "They asked us not to send news.")
    assert outbox.deliver_due() == 0


def test_dated_message_when_no_news_is_wanted_then_comes_all_the_same(clock, rep):
    rep.news = Person.News.NONE
    assert queue(rep, news=False).state == Message.State.QUEUED
    assert outbox.deliver_due() == 1


def test_news_when_told_by_phone_then_each_by_itself(clock):
    caller = PersonFactory(email=None, phone="01632 960 166", channel=Message.Channel.PHONE)
    assert not queue(caller).is_news
    assert Message.objects.for_hands(Message.Channel.PHONE).count() == 1


def test_news_when_by_post_then_one_letter_with_all_its_papers(clock, person_without_email):
    queue(person_without_email, 1)
    queue(person_without_email, 2)
    assert not Message.objects.for_hands().exists()
    clock.move_to(MONDAY)
    news.gather()
    [weekly] = Message.objects.for_hands(Message.Channel.LETTER)
    words = words_of(letters_pdf([(weekly, outbox.write(weekly))]))
    for expected in ("Read this week’s news", "This is news 1.", "Paper 1", "Paper 2"):
        assert expected in words


# Gathering ---------------------------------------------------------------------------------------


def test_gathering_when_run_twice_or_days_late_then_one_letter(clock, rep):
    queue(rep)
    clock.move_to("2026-12-03T09:00:00Z")
    assert (news.gather(), news.gather()) == (1, 0)
    outbox.deliver_due()
    assert len(mail.outbox) == 1


def test_gathering_when_at_night_then_the_letter_rests_until_eight(clock, rep):
    queue(rep)
    clock.move_to("2026-12-02T23:00:00Z")
    news.gather()
    assert outbox.deliver_due() == 0
    clock.move_to("2026-12-03T08:00:00Z")
    assert outbox.deliver_due() == 1


def test_weekly_letter_when_a_part_has_lost_its_point_then_goes_without_it(clock, rep, monkeypatch):
    queue(rep, 1)
    queue(rep, 2)
    note = letters["test/news"]

    def late(message):
        if message.ids["n"] == 1:
            raise NoLongerDue("It isn’t public any more.")
        return note(message)

    monkeypatch.setitem(letters, "test/news", late)
    monday(clock)
    [sent] = mail.outbox
    assert sent.subject == "Read about 2"
    assert "news 1" not in sent.body


def test_weekly_letter_when_nothing_is_left_then_dropped(clock, rep, monkeypatch):
    def late(message):
        raise NoLongerDue("It isn’t public any more.")

    queue(rep)
    monkeypatch.setitem(letters, "test/news", late)
    monday(clock)
    assert mail.outbox == []
    weekly = Message.objects.get(template=news.WEEKLY)
    assert (weekly.state, weekly.reason) == ("dropped", "Nothing of it is news any more.")


def test_weekly_letter_when_it_failed_then_goes_by_post_with_its_papers(clock, rep, coordinator):
    queue(rep)
    monday(clock)
    rep.postal_address = "9 Weir Lane"
    rep.save()
    Message.objects.filter(template=news.WEEKLY).update(state="failed")
    weekly = Message.objects.get(template=news.WEEKLY)
    weekly = by_hand.send_otherwise(message=weekly, channel="letter", by=coordinator)
    assert "Paper 1" in outbox.write(weekly).enclosed


# Choosing ----------------------------------------------------------------------------------------


def choose(client, url, **said):
    return client.post(url, said, follow=True).content.decode()


def test_page_when_saved_then_kept_and_what_waits_follows(clock, rep, client_for):
    message = queue(rep)
    client, page = client_for(rep), reverse("members:my_news")
    assert "Once a week, together" in client.get(page).content.decode()
    assert "Your choice is saved" in choose(client, page, news="each", channel="email")
    message.refresh_from_db()
    assert (message.is_news, message.not_before) == (False, timezone.now())
    choose(client, page, news="weekly", channel="email")
    message = queue(rep, 2)
    choose(client, page, news="none", channel="email")
    message.refresh_from_db()
    assert message.state == Message.State.DROPPED
    events = AuditEvent.objects.about(rep).filter(verb="choose_news")
    assert [event.data for event in events] == [{"fields": ["news"]}] * 3


def test_page_when_a_channel_needs_what_we_do_not_hold_then_not_offered(rep, client_for):
    client, page = client_for(rep), reverse("members:my_news")
    assert "By letter" not in client.get(page).content.decode()
    html = choose(client, page, news="weekly", channel="letter")
    assert "Error:" in html
    rep.refresh_from_db()
    assert rep.channel == Message.Channel.EMAIL


def test_letter_when_any_then_its_foot_leads_to_the_page(outbox_drained, rep, coordinator):
    from members.services import invite_person

    invite_person(person=rep, by=coordinator)
    [sent] = outbox_drained()
    assert "/me/news/" in sent.body
    assert "/me/news/" in sent.alternatives[0][0]


# Leaving by one press ----------------------------------------------------------------------------


@pytest.fixture
def weekly_mail(clock, rep):
    queue(rep)
    monday(clock)
    return mail.outbox[0]


def test_weekly_letter_when_sent_then_carries_one_click_unsubscribe(weekly_mail):
    head = weekly_mail.message()
    assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = head["List-Unsubscribe"]
    assert address.startswith("<http")
    assert "/news/" in address
    assert address.strip("<>") in weekly_mail.body


def test_link_when_opened_then_nothing_changes(weekly_mail, rep, client_for):
    url = weekly_mail.message()["List-Unsubscribe"].strip("<>")
    page = client_for(None).get(url.partition("8000")[2])
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "no-referrer"
    rep.refresh_from_db()
    assert rep.news == Person.News.WEEKLY


def test_link_when_a_mail_program_posts_to_it_then_no_more_news(weekly_mail, rep, client_for):
    url = weekly_mail.message()["List-Unsubscribe"].strip("<>").partition("8000")[2]
    client = client_for(None, enforce_csrf_checks=True)
    page = client.post(url, {"List-Unsubscribe": "One-Click"})
    assert page.status_code == 200
    rep.refresh_from_db()
    assert rep.news == Person.News.NONE
    html = choose(client, url, news="weekly")
    assert "Your choice is saved" in html
    rep.refresh_from_db()
    assert rep.news == Person.News.WEEKLY


def test_link_when_of_another_purpose_or_person_then_refused(rep, stranger, client_for):
    client = client_for(None)
    other = links.make("reply", person=rep, about=rep.pk)
    assert client.post(reverse("members:news_by_link", args=[other])).status_code == 404
    stranger.is_active = False
    stranger.save()
    ended = links.make("news", person=stranger, about=stranger.pk)
    url = reverse("members:news_by_link", args=[ended])
    assert client.post(url, {"List-Unsubscribe": "One-Click"}).status_code in (404, 410)


def test_counts_when_it_is_news_then_says_what_waits(rep, staff, person_without_email):
    staff.news = Person.News.NONE
    tally = outbox.counts([rep, rep, staff, person_without_email], news=True)
    assert outbox.in_words(tally) == (
        "2 e-mails in Monday’s weekly letter and 1 letter with Monday’s weekly post"
    )
