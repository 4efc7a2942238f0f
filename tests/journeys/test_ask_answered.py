"""What happened? Parents ask, an officer answers from the letter, everybody reads what changed."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from coprod import clocks
from meetings.models import Answer, Ask
from meetings.services import asks
from tests.factories.asks import WORDS, heard_ask, published_ask
from tests.factories.projects import ProjectFactory
from tests.journeys.acting import errors_of, follow, press, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(coordinator, rep, officer):
    """Read by everybody, and the officer is named to answer it within three weeks."""
    ask = published_ask(coordinator, rep, by=coordinator, title="Forum meeting with services")
    asks.name_answerer(ask=ask, person=officer, by=coordinator)
    return ask


def test_an_officer_answers_from_the_letter_without_learning_a_system(
    page, ask, officer, mailed, link_in, look
):
    page.goto(link_in(mailed(officer)))  # the first tap is in the mail
    assert WORDS in words_of(page)
    look(page, "ask-answer")
    assert not Answer.objects.exists(), "opening the link changed something"

    press(page, "Check the answer")
    assert "Choose your answer" in errors_of(page)
    page.get_by_label("Partly: ").check()
    page.get_by_label("Your answer to parents").fill("The first two steps take six weeks each.")
    press(page, "Check the answer")
    assert "Say why" in errors_of(page)
    look(page, "ask-answer-errors")
    page.get_by_label("why?").fill("We don’t measure the third step yet.")
    press(page, "Check the answer")
    assert "The first two steps" in words_of(page)
    look(page, "ask-answer-check")
    press(page, "Change it")
    assert page.get_by_label("Partly: ").is_checked()
    press(page, "Check the answer")
    press(page, "Send the answer")
    assert "Thank you" in page.locator("h1").inner_text()
    look(page, "ask-answer-thanks")

    follow(page, "the page of this ask")
    assert "We don’t measure the third step yet." in words_of(page)
    assert officer.name not in words_of(page)
    look(page, "ask-public")
    assert not [c for c in page.context.cookies() if c["name"] == "sessionid"]


def test_a_correction_stands_beside_what_was_answered_first(
    page_no_script, ask, officer, mailed, link_in
):
    page = page_no_script
    link = link_in(mailed(officer))
    asks.answer_ask(ask=ask, outcome="done", text="All is done.", by=officer)
    page.goto(link)
    follow(page, "Correct this answer")
    assert page.get_by_label("Your answer to parents").input_value() == "All is done."
    page.get_by_label("Will do: ").check()
    page.get_by_label("by when?").fill(f"{clocks.today() + timedelta(days=20):%-d %B %Y}")
    page.get_by_label("Your answer to parents").fill("Nearly all is done.")
    press(page, "Check the answer")
    press(page, "Send the answer")
    said = words_of(page)
    assert "Nearly all is done." in said
    assert "All is done." in said


def test_somebody_looks_what_became_of_it_in_two_taps(page, ask, coordinator, officer, look):
    project = ProjectFactory(title="Waiting for therapy", slug="waiting-for-therapy")
    other = heard_ask(by=coordinator, project=project)
    asks.answer_ask(
        ask=other,
        outcome="done",
        text="The driver’s photo hangs in each bus.",
        changed="Children know who drives them.",
        via="phone",
        by=coordinator,
    )
    late = heard_ask(by=coordinator, text="Open the playground on Sundays", due_on=clocks.today())
    with time_machine.travel(timezone.now() + timedelta(days=3), tick=True):
        page.goto("/")
        look(page, "ask-home")
        follow(page, "What we said")
        assert "1 of 3 asks has an answer. 1 is overdue" in words_of(page)
        look(page, "ask-list")
        if (narrow := page.locator("summary", has_text="Narrow")).is_visible():
            narrow.click()
        page.get_by_label("What became of it").select_option("Overdue")
        press(page, "Show these")
        assert late.text in words_of(page)
        assert WORDS not in words_of(page)
        look(page, "ask-list-filtered")
        follow(page, "take away")
        assert WORDS in words_of(page)
        follow(page, "Tell us who drives the bus")
        assert "Children know who drives them." in words_of(page)
        look(page, "ask-changed")


def test_the_coordinator_runs_asks_from_first_to_last(
    page_desktop, coordinator, rep, officer, signed_in, look
):
    page = signed_in(coordinator, on=page_desktop)
    page.goto("/what-we-said/open/")
    look(page, "ask-open-empty")
    follow(page, "Add what was heard elsewhere")
    press(page, "Add it")
    assert "Enter what parents ask" in errors_of(page)
    page.get_by_label("What do parents ask?").fill("Say who drives the bus")
    page.get_by_label("Where was it said?").fill("Open morning at the library")
    page.get_by_label("When?").fill(f"{clocks.today():%-d %B %Y}")
    page.get_by_label("Whom do they ask?").fill("Transport team")
    look(page, "ask-add")
    press(page, "Add it")
    page.get_by_label("Who must answer?").select_option(index=1)
    page.get_by_label("By when?").fill(f"{clocks.today() + timedelta(days=28):%-d %B %Y}")
    look(page, "ask-name")
    press(page, "Ask them")
    assert officer.name in words_of(page)
    look(page, "ask-coordinator")
    follow(page, "Give a new day")
    page.get_by_label("The new day").fill(f"{clocks.today() + timedelta(days=40):%-d %B %Y}")
    page.get_by_label("Why does it take longer?").fill("The contract ends in January")
    look(page, "ask-new-day")
    press(page, "Give the new day")
    follow(page, "Write down an answer")
    page.get_by_label("Done").check()
    page.get_by_label("Their answer to parents").fill("Mr Price drives it.")
    press(page, "Check the answer")
    press(page, "Keep this answer")
    assert "The contract ends in January" in words_of(page)
    page.goto("/what-we-said/open/?show=all")
    look(page, "ask-open")
    assert Ask.objects.get().newest_answer.via == "phone"


def test_an_officer_finds_it_on_today_and_on_requests(page_phone, ask, officer, signed_in, look):
    page = signed_in(officer, on=page_phone)
    page.goto("/today/")
    assert "Answer parents" in words_of(page)
    look(page, "ask-today")
    follow(page, "Requests")
    assert "Parents wait for an answer" in words_of(page)
    follow(page, "Answer")
    assert WORDS in words_of(page)


def test_minutes_lead_to_what_became_of_their_asks_and_projects(
    page_desktop, page_phone, ask, coordinator, officer, signed_in, look
):
    ProjectFactory(title="Waiting for therapy", slug="waiting-for-therapy")
    meeting = ask.paragraph.section.minutes.meeting
    page = signed_in(coordinator, on=page_desktop)
    page.goto(meeting.get_absolute_url())
    follow(page, "Projects of its decisions")
    page.get_by_label("Ask: Say how long").select_option("Waiting for therapy")
    look(page, "ask-projects")
    press(page, "Save the projects")
    asks.answer_ask(ask=ask, outcome="done", text="Six weeks each.", by=officer)

    page_phone.goto(meeting.get_absolute_url())
    look(page_phone, "ask-minutes")
    follow(page_phone, "Said, answered, changed")
    assert "Six weeks each." in words_of(page_phone)
    follow(page_phone, "Waiting for therapy")
    assert page_phone.locator("h1").inner_text() == "Waiting for therapy"
