"""The progress report: what it counts, what changed, and that an edition never changes."""

import csv
import io
from datetime import date

import page
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from projects import reports
from projects.models import Edition, EditionFile, Ladder, Project, Update
from projects.services.reports import keep_pdf, make_edition
from tests.factories.projects import ProjectFactory
from tests.meetings.reading_pdf import words_of

NOW = "2026-11-10 10:00"


@pytest.fixture(autouse=True)
def _on_a_day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def overdue(forum):
    return ProjectFactory(
        title="Waiting for speech therapy",
        started_text="Jan 2026",
        started_first=date(2026, 1, 1),
        started_last=date(2026, 1, 31),
        started_kind="month",
        due_text="summer 2026",
        due_first=date(2026, 6, 1),
        due_last=date(2026, 8, 31),
        due_kind="season",
        level=1,
    )


@pytest.fixture
def edition(overdue, coordinator):
    return make_edition(prepared_by="R. A., coordinator", thoughts="", note="", by=coordinator)


def _lines(edition, title):
    return next((p["lines"] for p in edition.body["changes"] if p["title"] == title), [])


def test_report_when_gathered_then_counts_by_status_and_level(overdue):
    ProjectFactory(title="No news of it")
    ProjectFactory(title="Nobody was there", level=0, last_news_on=date(2026, 11, 1))
    body = reports.gather(date(2026, 11, 10))
    assert {each["status"]: each["count"] for each in body["counts"]} == {
        "overdue": 1,
        "to_complete": 1,
        "due_to_start": 1,
        "completed": 0,
    }
    assert (body["no_parents"], body["not_yet"]) == (1, 1)
    assert [rung["count"] for rung in body["rungs"]] == [0, 0, 0, 1]
    assert reports.finding(body) == (
        "3 projects: 0 at rung 3 or 4, 1 not on the ladder yet, 1 overdue."
    )


def test_report_when_a_project_is_not_public_then_it_is_nowhere(overdue, coordinator):
    ProjectFactory(title="Kept among us", slug="kept", is_public=False)
    made = make_edition(prepared_by="R. A.", thoughts="", note="", by=coordinator)
    assert "Kept among us" not in str(made.body)
    assert "Kept among us" not in words_of(bytes(keep_pdf(made).pdf))


def test_first_edition_when_made_then_numbered_one_and_says_so(edition):
    assert (edition.number, edition.note, edition.body["changes"]) == (1, "First edition", [])


def test_next_edition_when_things_changed_then_says_which(edition, overdue, coordinator):
    gone = ProjectFactory(title="Taken out")
    second = make_edition(prepared_by="R. A.", thoughts="", note="", by=coordinator)
    assert _lines(second, "New in the table") == ["Taken out"]
    gone.is_public = False
    gone.save()
    Project.objects.filter(pk=overdue.pk).update(due_last=date(2026, 12, 31), level=2)
    third = make_edition(prepared_by="R. A.", thoughts="", note="", by=coordinator)
    assert third.number == 3
    assert _lines(third, "No longer in the table") == ["Taken out"]
    assert _lines(third, "Another status") == [
        "Waiting for speech therapy: to complete, before that overdue"
    ]
    assert _lines(third, "Another level") == [
        "Waiting for speech therapy: Rung 2 of 4: Consultation, before that "
        "Rung 1 of 4: Information"
    ]


def test_next_edition_when_a_project_was_completed_then_said_once(edition, overdue, coordinator):
    from django.utils import timezone

    Project.objects.filter(pk=overdue.pk).update(
        completed_on=date(2026, 11, 9), completed_at=timezone.now()
    )
    second = make_edition(prepared_by="R. A.", thoughts="", note="", by=coordinator)
    assert _lines(second, "Completed") == ["Waiting for speech therapy"]
    assert _lines(second, "Another status") == []


def test_edition_when_the_project_changes_then_it_stays_as_it_was(edition, overdue, client):
    Project.objects.filter(pk=overdue.pk).update(title="Renamed since")
    shown = client.get(edition.get_absolute_url()).content.decode()
    assert "Waiting for speech therapy" in shown
    assert "Renamed since" not in shown


def test_edition_when_somebody_changes_its_words_then_the_database_refuses(edition):
    with pytest.raises(DatabaseError), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(prepared_by="Somebody else")


def test_pdf_when_asked_for_twice_then_the_same_bytes(edition, client):
    address = f"/projects/reports/{edition.number}/report.pdf"
    first, second = client.get(address).content, client.get(address).content
    assert first == second
    assert EditionFile.objects.count() == 1


def test_pdf_when_made_then_valid_and_holds_every_part(edition, overdue):
    Update.objects.create(project=overdue, on=date(2026, 10, 1), text="The list is shorter now.")
    second = make_edition(
        prepared_by="R. Adeyemi, coordinator", thoughts="Ask for a date.", note="A note", by=None
    )
    made = bytes(keep_pdf(second).pdf)
    assert page.validate_pdf_bytes(made, profile="ua1").failures == []
    text = words_of(made)
    for words in (
        "What co-production is",
        "Projects by level",
        "What changed since the last edition",
        "Ask for a date.",
        "Revision log",
        "Waiting for speech therapy",
        "summer 2026",
        "The list is shorter now.",
        "Rung 1 of 4: Information",
    ):
        assert words in " ".join(text.split()), words


def test_pdf_when_the_table_is_long_then_headings_repeat_on_each_page(forum):
    for n in range(60):
        ProjectFactory(title=f"Project number {n}", driver="Families asked for it. " * 12)
    made = make_edition(prepared_by="R. A.", thoughts="", note="", by=None)
    text = words_of(bytes(keep_pdf(made).pdf))
    assert text.count("Started") >= 4


def test_prepare_page_when_coordinator_posts_then_edition_with_their_words(
    overdue, coordinator, client_for
):
    client = client_for(coordinator)
    shown = client.get("/projects/reports/new/").content.decode()
    assert "Ruth Adeyemi, coordinator" in shown
    assert "Waiting for speech therapy" in shown
    sent = {"prepared_by": "Ruth Adeyemi, coordinator", "thoughts": "Go on.", "note": ""}
    response = client.post("/projects/reports/new/", sent, follow=True)
    assert "Edition 1 is made" in response.content.decode()
    assert Edition.objects.get().thoughts == "Go on."


def test_prepare_page_when_pressed_twice_then_one_edition(overdue, coordinator, client_for):
    client = client_for(coordinator)
    sent = {"prepared_by": "R. A.", "thoughts": "Go on.", "note": "", "number": 1}
    pages = [client.post("/projects/reports/new/", sent) for _ in range(2)]
    assert [page["Location"] for page in pages] == ["/projects/reports/1/"] * 2
    assert Edition.objects.count() == 1


def test_prepare_page_when_somebody_was_faster_then_says_so_and_keeps_the_words(
    edition, coordinator, client_for
):
    client = client_for(coordinator)
    sent = {"prepared_by": "R. A.", "thoughts": "Other words.", "note": "", "number": 1}
    shown = client.post("/projects/reports/new/", sent).content.decode()
    assert "Edition 1 was made meanwhile" in shown
    assert "Other words." in shown
    assert 'name="number" value="2"' in shown
    assert client.post("/projects/reports/new/", sent | {"number": 2}).status_code == 302
    assert Edition.objects.count() == 2


def test_prepare_page_when_nobody_is_named_then_nothing_is_lost(coordinator, client_for):
    sent = {"prepared_by": "", "thoughts": "Long thoughts", "note": ""}
    shown = client_for(coordinator).post("/projects/reports/new/", sent).content.decode()
    assert "Enter who prepared this edition" in shown
    assert "Long thoughts" in shown
    assert not Edition.objects.exists()


def test_command_when_run_then_pdf_in_the_file(overdue, tmp_path, capsys):
    file = tmp_path / "report.pdf"
    call_command("progress_report", str(file), prepared_by="R. A., coordinator")
    assert file.read_bytes() == bytes(keep_pdf(Edition.objects.get()).pdf)
    call_command("progress_report", str(file), edition=1)
    assert Edition.objects.count() == 1


def test_command_when_nobody_prepared_it_then_refused(overdue, tmp_path):
    with pytest.raises(CommandError, match="--prepared-by"):
        call_command("progress_report", str(tmp_path / "report.pdf"))
    assert not Edition.objects.exists()


def test_report_page_when_there_are_many_projects_then_as_many_questions(
    edition, client, django_assert_max_num_queries
):
    with django_assert_max_num_queries(6):
        client.get(edition.get_absolute_url())


def test_table_when_a_title_looks_like_a_formula_then_no_spreadsheet_calculates_it(client, forum):
    ProjectFactory(title="=1+1", slug="formula")
    made = make_edition(prepared_by="R. A.", thoughts="", note="", by=None)
    text = client.get(f"/projects/reports/{made.number}/table.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][0] == "Project"
    assert rows[1][0] == "'=1+1"


def test_list_of_reports_when_opened_then_every_edition_and_who_may_prepare_one(
    edition, coordinator, client_for, client
):
    address = "/projects/reports/"
    assert "Edition 1, 10 November 2026" in client.get(address).content.decode()
    assert "Prepare the next edition" not in client.get(address).content.decode()
    assert "Prepare the next edition" in client_for(coordinator).get(address).content.decode()


def test_list_of_reports_when_there_is_none_then_says_so(forum, client):
    assert "No edition yet" in client.get("/projects/reports/").content.decode()


def test_report_when_the_forum_uses_seven_rungs_then_numbered_and_named_as_there(overdue):
    seven = Ladder.objects.exclude(is_used=True).get()
    Ladder.objects.update(is_used=False)
    Ladder.objects.filter(pk=seven.pk).update(is_used=True)
    lowest = seven.rungs.filter(level=1).order_by("number").first()
    body = reports.gather(date(2026, 11, 10))
    assert reports.level_words(1, body) == f"Rung {lowest.number} of 7: {lowest.name}"
    top = seven.rungs.filter(level=4).order_by("number").first()
    third = seven.rungs.filter(level=3).order_by("number").first()
    assert f"0 at rung {third.number} or {top.number}" in reports.finding(body)
