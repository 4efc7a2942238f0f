"""Anybody reads the tracker, narrows it, opens a project; the coordinator tells a change."""

from datetime import timedelta

import pytest

from coprod import clocks
from coprod.templatetags.forum import day
from members.models import Organisation
from projects.services import projects, themes
from projects.services.involvement import Logged, Part, log_involvement
from projects.services.news import write_update
from tests.journeys.acting import follow, press, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def tracker(forum, coordinator, group):
    """Four projects: late, silent, with two sessions behind it, and not begun."""
    today = clocks.today()
    team = Organisation.objects.create(name="School transport team", sector="education")
    moving = themes.add_theme(name="Getting around", by=coordinator)

    def add(title, started, due, **more):
        return projects.add_project(
            by=coordinator, title=title, started_text=started, due_text=due, **more
        )

    add("Waiting for therapy", "January 2026", day(today - timedelta(days=9)))
    silent = add("Moving on at 18", "autumn 2025", "ASAP", lead=team)
    write_update(project=silent, text="Begun", on=today - timedelta(days=112), by=coordinator)
    made = add(
        "School transport: how families apply",
        "Jan 2026",
        f"spring {today.year + 1}",
        lead=team,
        theme=moving,
        summary="A form that families can use without ringing for help.",
    )
    for ago in (40, 20):
        on = today - timedelta(days=ago)
        logged = Logged(
            on=on,
            method="group",
            stage=3,
            parts=[Part("parents", 2, 3, group), Part("officers", 3)],
            title=f"Writing group {ago}",
            said="It asks everything twice.",
            changed="It asks once.",
            told_how="notes",
            replied_on=on,
        )
        log_involvement(project=made, logged=logged, by=coordinator)
    add("Sensory map", f"March {today.year + 1}", "")
    return made


def test_reader_narrows_the_tracker_and_reads_a_project(page, tracker, look):
    page.goto("/projects/")
    look(page, "tracker")
    assert "4 projects, those that need news first" in words_of(page)
    titles = page.locator("ul.pcf-rows h3").all_inner_texts()
    assert titles[0] == "Waiting for therapy"
    assert titles[-1] == "Sensory map"
    # Narrowed by rung and theme, then one of them is taken away.
    if not page.get_by_label("Theme").is_visible():
        page.locator("details.pcf-filter__d summary").click()
    page.get_by_label("Rung on the ladder").select_option("3")
    page.get_by_label("Theme").select_option("getting-around")
    press(page, "Show these")
    look(page, "tracker-narrowed")
    assert "1 of 4 projects" in words_of(page)
    follow(page, "Getting around")
    assert "theme" not in page.url
    assert page.locator("ul.pcf-rows h3").all_inner_texts() == [tracker.title]
    # The page of it: the rung with its evidence, what is missing, the log, the dates as written.
    follow(page, tracker.title)
    look(page, "project")
    words = words_of(page)
    assert "Rung 3 of 4: Participation" in words
    assert "What’s missing:" in words
    assert "Written as “Jan 2026”" in words
    assert "It asks once." in words
    follow(page, "All projects")
    follow(page, "Overdue")
    assert page.locator("ul.pcf-rows h3").all_inner_texts() == ["Waiting for therapy"]


def test_nothing_fits_then_reader_finds_the_way_back(page, tracker, look):
    page.goto("/projects/?words_in=zebra")
    look(page, "tracker-nothing")
    follow(page, "All projects", within=page.locator("main"), exact=True)
    assert page.locator("ul.pcf-rows h3").count() == 4


def test_coordinator_tells_what_changed_and_everybody_reads_it(
    page, open_page, signed_in, coordinator, tracker, look
):
    signed_in(coordinator, on=page)
    page.goto(tracker.get_absolute_url())
    look(page, "project-coordinator")
    follow(page, "Write what changed because of parents")
    look(page, "story-form")
    page.get_by_label("In one line").fill("Asked once, not every year")
    press(page, "Save the story")
    assert "Enter how it was before" in words_of(page)
    assert page.get_by_label("In one line").input_value() == "Asked once, not every year"
    page.get_by_label("How was it before?").fill("Each spring the same form.")
    page.get_by_label("What did parents do?").fill("Two parents wrote it anew.")
    page.get_by_label("What changed?").fill("One tick: still the same.")
    page.get_by_label("Parents led it with the service").check()
    press(page, "Save the story")
    look(page, "story-publish")
    press(page, "Publish the story")
    assert "is published" in words_of(page)
    reader = open_page()
    reader.goto("/projects/stories/")
    look(reader, "stories")
    assert "Asked once, not every year" in words_of(reader)
    follow(reader, tracker.title)
    assert "Parents led it with the service" in words_of(reader)
