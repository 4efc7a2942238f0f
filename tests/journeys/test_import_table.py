"""A forum's own table comes in through the pages, is ticked, added, completed and undone."""

import pytest
import time_machine

from projects.models import Import, Project, Update
from projects.services import imports
from tests.factories.projects import NamedFactory
from tests.journeys.acting import errors_of, follow, press, words_of
from tests.projects.test_imports import TABLE

pytestmark = pytest.mark.django_db

THE_DAY = "2026-11-16 10:00"


@pytest.mark.parametrize("size", ["phone", "desktop", "no_script"])
def test_tracker_when_brought_in_then_understood_added_and_undone(
    size, request, coordinator, signed_in, look, tmp_path
):
    file = tmp_path / "tracker.tsv"
    file.write_text(TABLE.replace("DRIVER", "RAG"))
    with time_machine.travel(THE_DAY, tick=True):
        page = signed_in(coordinator, on=request.getfixturevalue(f"page_{size}"))
        page.goto("/menu/")
        follow(page, "Import a table of projects")
        look(page, "import-empty")
        _bring(page, file, look)
        _complete(page, look)
        _undo(page, look)


def _bring(page, file, look):
    press(page, "Read the table")
    assert "Choose a file, or paste the table" in errors_of(page)
    page.get_by_label("Choose a file").set_input_files(file)
    press(page, "Read the table")
    words = words_of(page)
    assert "“023/24”" in words.replace('"', "")
    assert "Kept beside each project, as no field of ours: RAG" in words
    assert not Project.objects.exists(), "reading them added them"
    look(page, "import-rows")

    follow(page, "Change what the columns are")
    look(page, "import-columns")
    page.get_by_label("NOTES").select_option(label="Title")
    press(page, "Save and read the rows again")
    assert "“TASK” is the title already" in errors_of(page)
    page.get_by_label("NOTES").select_option(label="Notes")
    page.get_by_label("RAG").select_option(label="Why it is done")
    press(page, "Save and read the rows again")
    assert "as no field of ours" not in words_of(page)

    follow(page, "Something to look at: 3")
    assert page.get_by_role("rowheader").count() == 3
    look(page, "import-remarks")
    page.get_by_role("checkbox", name="Add Autumn fair").uncheck()
    press(page, "Keep the ticks on this page")
    press(page, "Add the ticked projects")
    assert "Say who can see the new projects" in words_of(page)
    page.get_by_label("Only coordinators").check()
    press(page, "Add the ticked projects")
    assert page.locator("h1").inner_text() == "5 projects are added"
    assert "1 row (left out)" in words_of(page)
    assert "5 projects are not public yet" in words_of(page)
    look(page, "import-done")
    press(page, "Show all of them to everybody")
    assert "Everybody can see 5 projects now" in words_of(page)


def _complete(page, look):
    follow(page, "Say which are completed")
    look(page, "import-finished")
    press(page, "Mark the ticked ones completed")
    assert "Tick at least one" in errors_of(page)
    page.get_by_role("checkbox", name="Hydrotherapy timetable").check()
    press(page, "Mark the ticked ones completed")
    assert "1 project is completed" in words_of(page)
    assert str(Project.objects.get(title="Hydrotherapy timetable").completed_on) == "2021-01-31"


def _undo(page, look):
    project = Project.objects.get(title="Sensory map")
    NamedFactory(project=project)
    follow(page, "Undo this import…")
    words = words_of(page)
    assert "2 projects have been worked on since" in words
    assert "somebody is named on it" in words
    look(page, "import-undo")
    press(page, "Undo the rest of the import")
    assert "3 projects are taken away" in words_of(page)
    assert Project.objects.count() == 2
    look(page, "import-undone")
    follow(page, "Import a table of projects")
    look(page, "import-list")


def test_same_table_when_pasted_again_then_nothing_to_add(coordinator, signed_in, page, look):
    signed_in(coordinator, on=page)
    for times in range(2):
        page.goto("/projects/import/")
        page.get_by_label("Or paste the table").fill(TABLE)
        press(page, "Read the table")
        if not times:
            page.get_by_label("Everybody, at once").check()
            press(page, "Add 6 projects")
    assert "Nothing in this table is new" in words_of(page)
    assert "was imported on" in words_of(page)
    look(page, "import-same")
    press(page, "Put this table away, add nothing")
    assert Import.objects.count() == 1
    assert Project.objects.count() == Update.objects.count() == 6


def test_long_table_when_read_by_the_worker_then_its_progress_is_shown(
    coordinator, signed_in, page, look, monkeypatch
):
    monkeypatch.setattr(imports, "SMALL_BYTES", 10)
    signed_in(coordinator, on=page)
    page.goto("/projects/import/")
    page.get_by_label("Or paste the table").fill(TABLE)
    press(page, "Read the table")
    look(page, "import-begins")
    brought = Import.objects.get()
    Import.objects.update(rows_read=2, rows_total=6)
    follow(page, "See how far it is")
    assert "2 of 6 rows are read" in words_of(page)
    assert page.get_by_role("progressbar").count() == 1
    look(page, "import-reading")
    Import.objects.update(rows_read=0, rows_total=0)
    imports.go_on(brought=brought)
    follow(page, "See how far it is")
    assert page.locator("h1").inner_text() == "Check the rows"


def test_export_when_followed_by_anybody_then_a_file(page, coordinator):
    brought = imports.start_import(content=TABLE.encode(), name="t", by=coordinator)
    imports.run_import(brought=brought, by=coordinator)
    page.goto("/projects/")
    for words, kind in (("spreadsheet", "xlsx"), ("CSV", "csv"), ("JSON", "json")):
        with page.expect_download() as download:
            page.get_by_role("link", name=words).click()
        assert download.value.suggested_filename.endswith(f".{kind}")
