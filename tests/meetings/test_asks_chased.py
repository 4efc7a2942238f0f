"""Chasing answers, what comes back to the agenda, and asks whose line goes from the minutes."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import NoLongerDue, TransitionNotAllowed
from coprod.models import Forum, Message
from coprod.outbox import write
from meetings.models import Answer, Ask, Minutes
from meetings.promises import of_asks
from meetings.services import asks
from meetings.services.asks_chasing import MOST_WEEKS, chase_asks
from meetings.services.carrying import OPEN_TITLE, bring_back
from meetings.services.minutes import circulate_minutes
from tests.factories.asks import WORDS, draft_ask, fresh, heard_ask, published_ask, sent_ask
from tests.factories.meetings import coming_meeting, past_meeting
from tests.factories.minutes import circulated, rewrite
from tests.factories.projects import ProjectFactory
from tests.factories.published import agree, publish


def later(days):
    return time_machine.travel(timezone.now() + timedelta(days=days))


def told(what):
    return Message.objects.filter(template=f"meetings/ask_{what}")


@pytest.fixture
def ask(coordinator, officer):
    """Heard elsewhere, to be answered within three weeks by the officer."""
    ask = heard_ask(by=coordinator)
    due = clocks.today() + timedelta(days=21)
    asks.name_answerer(ask=ask, person=officer, answer_by=due, by=coordinator)
    return fresh(ask)


# Reminders ----------------------------------------------------------------------------------------


def test_officer_when_the_day_nears_is_reminded_a_week_before_and_on_it(ask):
    for day in range(22):
        with later(day):
            chase_asks()
            chase_asks()
    assert [m.created_at.date() for m in told("reminder").order_by("pk")] == [
        ask.due - timedelta(days=7),
        ask.due,
    ]
    assert not told("overdue").exists()


def test_officer_when_days_were_missed_is_reminded_once(ask):
    with later(16):
        chase_asks()
        chase_asks()
    assert told("reminder").count() == 1


def test_officer_when_the_day_has_passed_hears_once_a_week(ask):
    for day in range(22, 22 + 15):
        with later(day):
            chase_asks()
    assert told("overdue").count() == 3
    with later(22 + 7 * (MOST_WEEKS + 3)):
        chase_asks()
    assert told("overdue").count() == 3


def test_officer_when_asked_after_the_day_is_not_scolded_at_once(coordinator, officer):
    ask = heard_ask(by=coordinator, due_on=clocks.today() - timedelta(days=40))
    asks.name_answerer(ask=ask, person=officer, by=coordinator)
    chase_asks()
    assert not told("overdue").exists()
    with later(1):
        chase_asks()
    assert told("overdue").count() == 1


@pytest.mark.parametrize("outcome", ["done", "partly", "not_possible"])
def test_officer_when_it_is_answered_hears_nothing_more(ask, officer, outcome):
    asks.answer_ask(ask=ask, outcome=outcome, text="x", reason="y", by=officer)
    for day in (14, 21, 25):
        with later(day):
            chase_asks()
    assert not told("reminder").exists()
    assert not told("overdue").exists()


def test_officer_when_they_said_will_do_is_asked_on_that_day(ask, officer, outbox_drained):
    by = clocks.today() + timedelta(days=30)
    asks.answer_ask(ask=ask, outcome="will_do", text="We will", will_do_by=by, by=officer)
    for day in (14, 21):
        with later(day):
            chase_asks()
    assert not told("reminder").exists()
    with later(30):
        chase_asks()
        assert "done by" in write(told("reminder").get()).text
    with later(31):
        chase_asks()
        assert "would be done by" in write(told("overdue").get()).text


def test_reminder_when_it_was_answered_before_it_goes_is_dropped(ask, officer):
    with later(14):
        chase_asks()
        asks.answer_ask(ask=ask, outcome="done", text="x", by=officer)
        with pytest.raises(NoLongerDue):
            write(told("reminder").get())


def test_today_when_an_answer_is_due_tells_the_officer_and_late_the_coordinator(
    client_for, coordinator, officer, stranger, ask
):
    with later(14):
        assert "Answer parents" in client_for(officer).get("/today/").text
        assert "Answer parents" not in client_for(stranger).get("/today/").text
    with later(30):
        page = client_for(coordinator).get("/today/").text
    assert "Tell us who drives the bus" in page
    assert "days late" in page


def test_today_when_nobody_is_named_asks_the_coordinator(client_for, coordinator):
    coming_meeting(coordinator, days=60)
    heard_ask(by=coordinator)
    assert "Name who answers 1 ask" in client_for(coordinator).get("/today/").text


# The promise --------------------------------------------------------------------------------------


def test_promise_when_answers_came_in_time_late_and_explained_counts_each(coordinator, officer):
    today = clocks.today()
    made = [
        heard_ask(by=coordinator, text=f"Ask {n}", due_on=today + timedelta(days=5))
        for n in range(5)
    ]
    asks.answer_ask(ask=made[0], outcome="done", text="x", via="post", by=coordinator)
    asks.extend_ask(ask=made[1], until=today + timedelta(days=20), reason="Why", by=coordinator)
    running = heard_ask(by=coordinator, text="Running", due_on=today + timedelta(days=90))
    heard_ask(by=coordinator, text="Long ago", due_on=today - timedelta(days=3))
    with later(8):
        asks.answer_ask(ask=made[1], outcome="done", text="x", via="post", by=coordinator)
        asks.answer_ask(ask=made[2], outcome="done", text="x", via="post", by=coordinator)
        asks.extend_ask(ask=made[3], until=today + timedelta(days=20), reason="Oh", by=coordinator)
        (promise,) = of_asks(Forum.current())
    states = {result.label: result.state for result in promise.results}
    assert states == {
        "Ask 0": "kept",
        "Ask 1": "explained",
        "Ask 2": "late",
        "Ask 3": "late",
        "Ask 4": "late",
    }
    assert running.shown_text not in states


def test_promise_when_the_ask_is_not_public_is_not_counted(coordinator, rep):
    sent_ask(coordinator, rep, by=coordinator)
    with later(60):
        assert of_asks(Forum.current())[0].results == []


# Back to the agenda -------------------------------------------------------------------------------


def note_of(meeting):
    item = meeting.agenda_items.filter(title=OPEN_TITLE).first()
    return item.note if item else ""


def test_ask_when_waiting_comes_back_and_when_answered_does_not(coordinator, rep):
    ask = sent_ask(coordinator, rep, by=coordinator, days=10)
    first = coming_meeting(rep, days=12)
    bring_back(meeting=first)
    assert WORDS in note_of(first)
    asks.answer_ask(ask=ask, outcome="done", text="x", via="phone", by=coordinator)
    second = coming_meeting(rep, days=13)
    bring_back(meeting=second)
    assert WORDS not in note_of(second)


@pytest.mark.parametrize(("days", "comes"), [(5, True), (40, False)])
def test_ask_when_they_will_do_it_comes_back_after_that_day(coordinator, rep, days, comes):
    ask = sent_ask(coordinator, rep, by=coordinator, days=10)
    by = clocks.today() + timedelta(days=days)
    asks.answer_ask(
        ask=ask, outcome="will_do", text="x", will_do_by=by, via="phone", by=coordinator
    )
    coming = coming_meeting(rep, days=12)
    bring_back(meeting=coming)
    assert (WORDS in note_of(coming)) == comes


def test_ask_when_an_earlier_meeting_left_it_open_comes_back_too(coordinator, rep):
    published_ask(coordinator, rep, by=coordinator, days=60)
    circulated(past_meeting(coordinator, rep, days=10), "Nothing was asked.", by=coordinator)
    coming = coming_meeting(rep, days=12)
    bring_back(meeting=coming)
    assert WORDS in note_of(coming)


# Its line goes ------------------------------------------------------------------------------------


def test_line_when_nothing_is_known_of_it_takes_its_ask_along(coordinator, rep):
    draft_ask(coordinator, rep, by=coordinator)
    rewrite(Minutes.objects.get(), "Something else was said.", by=coordinator)
    assert not Ask.objects.exists()


@pytest.mark.parametrize("what", ["officer", "answer", "extension", "project"])
def test_line_when_something_is_known_of_it_leaves_the_ask_to_the_coordinator(
    client_for, coordinator, rep, officer, what
):
    ask = sent_ask(coordinator, rep, by=coordinator)
    if what == "officer":
        asks.name_answerer(ask=ask, person=officer, by=coordinator)
    elif what == "answer":
        Answer.objects.create(ask=ask, outcome="done", text="Kept words")
    elif what == "extension":
        until = ask.due_on + timedelta(days=3)
        ask.extensions.create(due_on=ask.due_on, until=until, reason="Why")
    else:
        Ask.objects.update(project=ProjectFactory())
    rewrite(Minutes.objects.get(), "Something else was said.", by=coordinator)
    ask = fresh(ask)
    assert ask.paragraph.retired_at is not None
    # Nobody is chased for what doesn't stand in the minutes any more.
    with later(60):
        chase_asks()
    assert not told("overdue").exists()
    runs = client_for(coordinator)
    assert "gone from the minutes" in runs.get("/today/").text
    assert "Decide what becomes of it" in runs.get("/what-we-said/open/?show=adrift").text
    runs.post(reverse("asks:ask_remove", args=[ask.pk]), {})
    assert not Ask.objects.exists()


def test_ask_when_its_line_was_typed_anew_can_take_its_place(client_for, coordinator, rep, officer):
    ask = sent_ask(coordinator, rep, by=coordinator)
    asks.name_answerer(ask=ask, person=officer, by=coordinator)
    rewrite(
        Minutes.objects.get(),
        "Six families told how long they wait.\n\nAsk: Hang the waiting times on the wall",
        by=coordinator,
    )
    new = Ask.objects.exclude(pk=ask.pk).get()
    page = reverse("asks:ask_remove", args=[ask.pk])
    runs = client_for(coordinator)
    assert "Hang the waiting times" in runs.get(page).text
    runs.post(page, {"line": new.pk})
    ask = Ask.objects.with_all().get()
    assert (ask.answerer, ask.text) == (officer, "Hang the waiting times on the wall")
    assert ask.paragraph.retired_at is None
    circulate_minutes(minutes=Minutes.objects.get(), number=2, by=coordinator)
    publish_later(coordinator, rep)
    assert "Hang the waiting times" in client_for(None).get(ask.get_absolute_url()).text


def publish_later(*people):
    with later(14):
        publish(agree(Minutes.objects.get()), by=people[0])


def test_ask_when_its_line_is_private_is_no_longer_put_to_who_may_not_read_it(
    coordinator, rep, officer, client
):
    from coprod import links
    from meetings.services.minutes import keep_private

    ask = sent_ask(coordinator, rep, by=coordinator)
    asks.name_answerer(ask=ask, person=officer, by=coordinator)
    keep_private(paragraph=ask.paragraph, reason="One family", by=coordinator)
    circulate_minutes(minutes=Minutes.objects.get(), number=2, by=coordinator)
    token = links.make("ask", person=officer, about=ask.pk)
    page = client.get(reverse("asks:ask_answer_by_link", args=[token]))
    assert WORDS not in page.text
    with pytest.raises(NoLongerDue):
        write(told("named").get())


def test_ask_when_another_line_has_its_own_officer_is_not_moved(coordinator, rep, officer):
    ask = sent_ask(coordinator, rep, by=coordinator)
    asks.name_answerer(ask=ask, person=officer, by=coordinator)
    rewrite(Minutes.objects.get(), "Ask: Hang the times on the wall, soon", by=coordinator)
    other = Ask.objects.exclude(pk=ask.pk).get()
    Ask.objects.filter(pk=other.pk).update(project=ProjectFactory())
    with pytest.raises(TransitionNotAllowed, match="named to answer that line"):
        asks.move_ask(ask=ask, to=other, by=coordinator)


# Projects of items and decisions ------------------------------------------------------------------


def test_lines_when_linked_with_projects_keep_them(client_for, coordinator, rep):
    from meetings.models import Decision

    text = f"Decision: Print the cards. (Everyone agreed)\n\nAsk: {WORDS}"
    sent_ask(coordinator, rep, by=coordinator, text=text)
    meeting = Minutes.objects.get().meeting
    project = ProjectFactory(title="Cards")
    page = reverse("meetings:minutes_projects", args=[meeting.slug])
    runs = client_for(coordinator)
    assert "Print the cards" in runs.get(page).text
    decision, ask = Decision.objects.get(), Ask.objects.get()
    runs.post(page, {f"decision-{decision.pk}": project.pk, f"ask-{ask.pk}": ""})
    assert Decision.objects.get().project == project
    assert Ask.objects.get().project is None
    odd = runs.post(page, {f"decision-{decision.pk}": "9" * 40})
    assert odd.status_code == 200
    assert Decision.objects.get().project == project


def test_agenda_when_an_item_has_a_project_names_it_if_everybody_may_know(
    client, client_for, coordinator, rep
):
    meeting = coming_meeting(rep, agenda_sent_at=timezone.now())
    for title, public in (("Open work", True), ("Hidden work", False)):
        meeting.agenda_items.create(
            position=1,
            title=f"About {title}",
            project=ProjectFactory(title=title, is_public=public),
        )
    page = client.get(meeting.get_absolute_url()).text
    assert "Project: " in page
    assert "About Hidden work" in page
    assert page.count("Hidden work") == 1
    assert client_for(coordinator).get(meeting.get_absolute_url()).text.count("Hidden work") == 2
