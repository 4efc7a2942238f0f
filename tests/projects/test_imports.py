"""A table becomes projects: understood, judged, added whole, added once, undone whole."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from projects.models import ColumnMatching, Import, ImportRow, Project, Theme, Update
from projects.services import adding, imports
from projects.services.imports import PASTED
from tests.factories.members import OrganisationFactory
from tests.factories.projects import InvolvementFactory, NamedFactory, ProjectFactory

pytestmark = pytest.mark.django_db

#: Invented, in the shape of the printed trackers: a stray mark, empty cells, one title twice.
TABLE = """TASK\tSTARTED\tDUE DATE\tINVOLVED\tDRIVER\tNOTES
Hydrotherapy timetable\tJan 2020\tNov 2020\tParents, pool staff\tNo plan\tPlan completed Jan 2021
Travel passes\tMarch 2021\tongoing\tParents\tToo slow\tTwo parents on the group
Autumn fair\t2022\tContent by end of Feb-ongoing\tLibraries\t\tSaid "yes" to it
Sensory map\t"023/24\t\tLibraries\tLoud places\tFirst draft
Travel passes\t2023\tTBC\tCouncil\tAgain\tHaven't heard any more
Quiet hours\t\t\tShops\tNoise\tTo be completed
"""


@pytest.fixture
def brought(coordinator):
    return bring(TABLE, coordinator)


def bring(table, by, name="tracker.tsv"):
    content = table if isinstance(table, bytes) else table.encode()
    return imports.start_import(content=content, name=name, by=by)


def run(brought, by):
    imports.run_import(brought=brought, by=by)
    brought.refresh_from_db()
    return brought


def outcomes(brought):
    return list(brought.rows.values_list("outcome", flat=True))


# Understanding ------------------------------------------------------------------------------------


def test_table_when_read_then_each_row_understood_and_nothing_added(brought):
    assert brought.state == "read"
    assert outcomes(brought) == ["new"] * 6
    assert not Project.objects.exists()
    said = {row.number: [p["text"] for p in row.problems] for row in brought.rows.all()}
    assert "damaged" in said[5][0]
    assert "year" in said[4][0]
    assert said[6] == ["Row 3 has the same title. They count as two projects"]
    assert said[2] == said[3] == said[7] == []
    finished = brought.rows.filter(reads_finished=True)
    assert [row.number for row in finished] == [2], "“to be completed” isn't finished"


def test_import_when_run_then_projects_with_dates_notes_and_no_level(brought, coordinator):
    run(brought, coordinator)
    assert brought.state == "done"
    assert (brought.done_by, brought.made_by) == (coordinator, coordinator)
    first = Project.objects.get(slug="hydrotherapy-timetable")
    assert first.started_first == datetime.date(2020, 1, 1)
    assert (first.due_text, first.due_last) == ("Nov 2020", datetime.date(2020, 11, 30))
    assert (first.involved, first.driver) == ("Parents, pool staff", "No plan")
    note = first.updates.get()
    assert (note.text, note.is_imported) == ("Plan completed Jan 2021", True)
    assert first.completed_on is None, "an import completes nothing"
    assert first.level is None
    assert first.last_news_on is None, "words of a table are no news of a day"
    assert first.created_by == coordinator
    assert first.status_changes.get().status == "overdue"
    assert Project.objects.get(slug="travel-passes").driver == "Too slow"
    assert Project.objects.get(slug="travel-passes-2").driver == "Again"
    assert AuditEvent.objects.about(brought).filter(verb="import_projects").count() == 1


def test_table_when_brought_twice_then_adds_nothing(brought, coordinator):
    run(brought, coordinator)
    again = bring(TABLE, coordinator)
    assert outcomes(again) == ["same"] * 6
    with pytest.raises(TransitionNotAllowed, match="Tick at least one"):
        imports.run_import(brought=again, by=coordinator)
    columns = [line.split("\t") for line in TABLE.strip().split("\n")]
    turned = "\n".join("\t".join([*row[::-1]]) for row in [columns[0], *columns[:0:-1]])
    assert set(outcomes(bring(turned, coordinator))) == {"same"}, "in another order"


def test_tables_when_two_of_the_same_are_run_then_added_once(brought, coordinator):
    twin = bring(TABLE, coordinator)
    run(brought, coordinator)
    run(twin, coordinator)
    assert Project.objects.count() == 6
    assert set(outcomes(twin)) == {"same"}
    assert set(twin.rows.values_list("project", flat=True)) == set(
        Project.objects.values_list("pk", flat=True)
    )


def test_row_when_equal_in_one_table_then_two_projects_and_known_as_two(coordinator):
    table = "Task\tNotes\nHub\tx\nHub\tx\n"
    run(bring(table, coordinator), coordinator)
    assert Project.objects.count() == 2
    assert outcomes(bring(table, coordinator)) == ["same", "same"]
    assert outcomes(bring(table + "Hub\tx\n", coordinator)) == ["same", "same", "differs"]


def test_row_when_a_project_of_its_title_is_here_then_waits_for_a_tick(brought, coordinator):
    run(brought, coordinator)
    changed = bring(TABLE.replace("First draft", "Second draft"), coordinator)
    row = changed.rows.get(outcome="differs")
    assert "is here already" in row.problems[-1]["text"]
    imports.tick_rows(brought=changed, shown=[row.pk], ticked=[row.pk], by=coordinator)
    run(changed, coordinator)
    assert Project.objects.filter(title="Sensory map").count() == 2


def test_row_when_unticked_then_left_out(brought, coordinator):
    pks = list(brought.rows.values_list("pk", flat=True))
    imports.tick_rows(brought=brought, shown=pks[:3], ticked=pks[:1], by=coordinator)
    run(brought, coordinator)
    assert Project.objects.count() == 4
    assert outcomes(brought).count("skipped") == 2


def test_row_when_it_has_no_title_then_a_problem_that_no_tick_overrides(coordinator):
    brought = bring("Task\tNotes\n\tlost\nHub\tx\n" + "T" * 301 + "\ty\n", coordinator)
    assert outcomes(brought) == ["problem", "new", "problem"]
    pks = set(brought.rows.values_list("pk", flat=True))
    imports.tick_rows(brought=brought, shown=pks, ticked=pks, by=coordinator)
    run(brought, coordinator)
    assert [p.title for p in Project.objects.all()] == ["Hub"]


def test_table_when_it_has_a_title_above_then_that_is_kept_and_said(coordinator):
    brought = bring("Our tracker\n\nTask\tNotes\nHub\tx\n", coordinator)
    assert brought.headings == ["Task", "Notes"]
    assert outcomes(brought) == ["skipped", "new"]
    above = brought.rows.first()
    assert above.cells == ["Our tracker"]
    assert not imports.may_tick(above)


def test_fields_when_a_table_has_more_of_them_then_all_used(coordinator):
    lead = OrganisationFactory(name="Larkmere Council SEND team")
    table = (
        "Title\tSummary\tTheme\tLed by\tWards\tPublic\tReview date\tCompleted\tRAG\n"
        "Hub\tTwo lines\tTransport\tlarkmere council SEND TEAM\tNorth\tno\t1 May 2027\t\tred\n"
        "Map\t\ttransport\tNobody we know\t\t\tsome day\t3 May 2024\t\n"
        "Fair\t\t\t\t\tperhaps\t\t\t\n"
    )
    brought = run(bring(table, coordinator), coordinator)
    hub, fair, plan = (Project.objects.get(title=t) for t in ("Hub", "Fair", "Map"))
    assert (hub.lead, hub.wards, hub.is_public) == (lead, "North", False)
    assert hub.review_on == datetime.date(2027, 5, 1)
    assert hub.theme == plan.theme == Theme.objects.get()
    assert (plan.lead, plan.completed_on) == (None, None)
    assert brought.rows.get(project=plan).reads_finished
    assert fair.is_public is False, "what isn't understood is not shown to everybody"


# Columns ------------------------------------------------------------------------------------------


def test_columns_when_corrected_then_rows_judged_anew_and_remembered(coordinator):
    table = "Thing\tWords\tWhen\nHub\tx\tMay 2026\n"
    brought = bring(table, coordinator)
    assert brought.columns == {"0": "title"}
    imports.match_columns(
        brought=brought, fields={0: "title", 1: "notes", 2: "due"}, by=coordinator
    )
    brought.refresh_from_db()
    assert brought.state == "read"
    run(brought, coordinator)
    hub = Project.objects.get()
    assert (hub.due_last, hub.updates.get().text) == (datetime.date(2026, 5, 31), "x")
    again = bring(table.replace("Hub", "Map"), coordinator)
    assert again.columns == {"0": "title", "1": "notes", "2": "due"}
    assert ColumnMatching.objects.get().made_by == coordinator


def test_columns_when_changed_after_adding_then_refused(brought, coordinator):
    run(brought, coordinator)
    with pytest.raises(TransitionNotAllowed):
        imports.match_columns(brought=brought, fields={0: "title"}, by=coordinator)
    with pytest.raises(TransitionNotAllowed):
        imports.tick_rows(brought=brought, shown=[], ticked=[], by=coordinator)
    with pytest.raises(TransitionNotAllowed):
        imports.drop_import(brought=brought, by=coordinator)
    with pytest.raises(TransitionNotAllowed):
        imports.run_import(brought=brought, by=coordinator)


# Undoing ------------------------------------------------------------------------------------------


def test_import_when_undone_then_as_if_never_run(brought, coordinator):
    ProjectFactory(title="Mine")
    run(brought, coordinator)
    assert adding.undo_import(brought=brought, by=coordinator) == 6
    assert [p.title for p in Project.objects.all()] == ["Mine"]
    assert not Update.objects.exists()
    brought.refresh_from_db()
    assert (brought.state, brought.undone_by) == ("undone", coordinator)
    assert outcomes(bring(TABLE, coordinator)) == ["new"] * 6
    with pytest.raises(TransitionNotAllowed):
        adding.undo_import(brought=brought, by=coordinator)


def test_undo_when_it_made_a_theme_then_that_goes_and_others_stay(coordinator):
    Theme.objects.create(name="Older", slug="older")
    brought = run(bring("Title\tTheme\nHub\tNew one\nMap\tolder\n", coordinator), coordinator)
    assert Theme.objects.count() == 2
    adding.undo_import(brought=brought, by=coordinator)
    assert [theme.name for theme in Theme.objects.all()] == ["Older"]


WORK = {
    "named": lambda project, by: NamedFactory(project=project),
    "logged": lambda project, by: InvolvementFactory(project=project),
    "changed": lambda project, by: Project.objects.filter(pk=project.pk).update(edit_no=1),
    "news": lambda project, by: Update.objects.create(
        project=project, on=datetime.date(2026, 1, 1), text="New", made_by=by
    ),
    "completed": lambda project, by: Project.objects.filter(pk=project.pk).update(
        completed_on=datetime.date(2026, 1, 1), completed_at=project.created_at
    ),
}


@pytest.mark.parametrize("work", WORK)
def test_undo_when_somebody_worked_on_one_then_refused_and_that_one_stays(
    work, brought, coordinator
):
    run(brought, coordinator)
    project = Project.objects.get(title="Sensory map")
    WORK[work](project, coordinator)
    assert list(adding.worked_on(brought)) == [project.pk]
    with pytest.raises(TransitionNotAllowed, match="worked on 1 of"):
        adding.undo_import(brought=brought, by=coordinator)
    assert Project.objects.count() == 6
    assert adding.undo_import(brought=brought, by=coordinator, leave_worked_on=True) == 5
    assert [p.title for p in Project.objects.all()] == ["Sensory map"]
    assert outcomes(bring(TABLE, coordinator)).count("same") == 1


# Interrupted --------------------------------------------------------------------------------------


class Killed(BaseException):
    """Not an Exception: nothing may catch it, as nothing catches kill -9."""


LONG = "Title\tStarted\tNotes\n" + "".join(
    f"Project {n % 900}\tMay 20{n % 30:02}\tnote {n}\n" for n in range(1000)
)


@pytest.fixture
def long_read(coordinator, monkeypatch):
    """A long table, waiting for the worker."""
    monkeypatch.setattr(imports, "SMALL_BYTES", 10)
    monkeypatch.setattr(imports, "SMALL_ROWS", 10)
    return bring(LONG, coordinator)


def test_long_table_when_brought_then_left_to_the_worker_and_progress_shown(
    long_read, coordinator, client_for
):
    assert (long_read.state, long_read.rows_read) == ("reading", 0)
    page = client_for(coordinator).get(reverse("projects:import_detail", args=[long_read.pk]))
    assert "being read" in page.content.decode()
    assert page["Refresh"]
    imports.go_on(brought=long_read)
    assert (long_read.state, long_read.rows_read, long_read.rows_total) == ("read", 1000, 1000)
    assert bytes(long_read.source) == b""


@pytest.mark.parametrize("after", [0, 1, 3])
def test_reading_when_killed_then_goes_on_where_it_was(after, long_read, monkeypatch):
    write, calls = imports._write, []

    def dying(*args, **kwargs):
        if len(calls) == after:
            raise Killed
        calls.append(1)
        return write(*args, **kwargs)

    monkeypatch.setattr(imports, "_write", dying)
    with pytest.raises(Killed):
        imports.go_on(brought=long_read)
    monkeypatch.setattr(imports, "_write", write)
    assert Import.objects.get().rows_read == ImportRow.objects.count() == after * imports.BATCH
    imports.go_on_with_all()
    long_read.refresh_from_db()
    assert long_read.state == "read"
    assert list(long_read.rows.values_list("number", flat=True)) == list(range(2, 1002))
    assert long_read.rows.values("key").distinct().count() == 1000
    twins = [row for row in long_read.rows.all() if row.problems]
    assert len(twins) == 100, "what stands in earlier rows was forgotten"


def test_reading_when_two_workers_do_it_then_each_row_once(long_read, monkeypatch):
    write = imports._write

    def beside(*args, **kwargs):
        monkeypatch.setattr(imports, "_write", write)
        imports.go_on(brought=Import.objects.get())  # another worker is faster
        return write(*args, **kwargs)

    monkeypatch.setattr(imports, "_write", beside)
    imports.go_on(brought=long_read)
    assert (long_read.state, long_read.rows.count()) == ("read", 1000)


@pytest.mark.parametrize("point", ["Project", "Update", "StatusChange", "AuditEvent"])
def test_adding_when_killed_at_any_point_then_nothing_and_then_all(
    point, long_read, coordinator, monkeypatch
):
    imports.go_on(brought=long_read)
    imports.run_import(brought=long_read, by=coordinator)
    assert Import.objects.get().state == "running"

    def die(*args, **kwargs):
        raise Killed

    model = getattr(adding, point)
    place, name = (model, "record") if point == "AuditEvent" else (model.objects, "bulk_create")
    with monkeypatch.context() as patched:
        patched.setattr(place, name, die)
        with pytest.raises(Killed):
            imports.go_on(brought=long_read)
    assert not Project.objects.exists()
    assert not Update.objects.exists()
    assert Import.objects.get().state == "running"
    imports.go_on_with_all()
    assert Project.objects.count() == Update.objects.count() == 1000
    imports.go_on_with_all()
    assert Project.objects.count() == 1000
    long_read.refresh_from_db()
    assert long_read.state == "done"


def test_long_table_when_it_can_never_be_read_then_failed_with_a_reason(
    coordinator, monkeypatch, client_for
):
    monkeypatch.setattr(imports, "SMALL_BYTES", 10)
    brought = bring("Only one heading\n" * 1 + " " * 50, coordinator)
    imports.go_on(brought=brought)
    assert brought.state == "failed"
    assert brought.reason == "There are headings, but no row beneath them"
    page = client_for(coordinator).get(reverse("projects:import_detail", args=[brought.pk]))
    assert "couldn’t be read" in page.content.decode()


def test_reading_when_it_kills_every_worker_then_given_up(long_read):
    Import.objects.update(made_at=long_read.made_at - datetime.timedelta(hours=2))
    imports.go_on_with_all()
    long_read.refresh_from_db()
    assert long_read.state == "failed"
    assert "within an hour" in long_read.reason


# Pages --------------------------------------------------------------------------------------------


@pytest.fixture
def browser(client_for, coordinator):
    return client_for(coordinator)


def send(browser, **data):
    return browser.post(reverse("projects:import_list"), data, follow=True)


def file(content, name="tracker.tsv"):
    return SimpleUploadedFile(name, content)


def test_page_when_a_file_is_sent_then_rows_run_and_result(browser):
    page = send(browser, file=file(TABLE.encode()))
    words = page.content.decode()
    assert "Check the rows" in words
    assert "some day from 1 to 31 January 2020" in words
    assert "by 30 November 2020" in words
    assert "023/24" in words
    pk = Import.objects.get().pk
    shown = [str(n) for n in ImportRow.objects.values_list("pk", flat=True)]
    sent = {"shown": shown, "row": shown, "who": "everybody"}
    page = browser.post(reverse("projects:import_run", args=[pk]), sent, follow=True)
    assert "6 projects are added" in page.content.decode()
    assert "1 project reads as finished" in page.content.decode()


def test_page_when_nobody_said_who_may_see_them_then_nothing_is_added(browser, brought):
    pks = [str(pk) for pk in brought.rows.values_list("pk", flat=True)]
    sent = {"shown": pks, "row": pks}
    page = browser.post(reverse("projects:import_run", args=[brought.pk]), sent, follow=True)
    assert "Say who can see the new projects" in page.content.decode()
    assert not Project.objects.exists()


def test_import_when_for_us_first_then_hidden_until_opened(browser, brought, client):
    pks = [str(pk) for pk in brought.rows.values_list("pk", flat=True)]
    sent = {"shown": pks, "row": pks, "who": "us"}
    browser.post(reverse("projects:import_run", args=[brought.pk]), sent)
    first = Project.objects.first()
    assert client.get(first.get_absolute_url()).status_code == 404
    page = browser.post(reverse("projects:import_open", args=[brought.pk]), follow=True)
    assert "Everybody can see 6 projects now" in page.content.decode()
    assert client.get(first.get_absolute_url()).status_code == 200
    assert AuditEvent.objects.about(first).filter(verb="change_project").exists()


def test_page_when_pasted_then_as_from_a_file(browser):
    send(browser, text=TABLE.replace("First draft", "First\ndraft"))
    assert Import.objects.get().name == PASTED
    assert ImportRow.objects.get(number=5).cells[5] == "First\ndraft"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose a file, or paste the table"),
        ({"text": "  \n "}, "Choose a file, or paste the table"),
        ({"text": "Task"}, "no row beneath"),
        ({"file": file(b"\x89PNG\r\n\x1a\n\x00", "tracker.xlsx")}, "This is a picture"),
        ({"file": file(b"Task\tNotes\nx\x00y", "tracker.tsv")}, "no table that we can read"),
        ({"text": "x" * 1_000_001}, "1000000 characters or fewer"),
    ],
)
def test_page_when_it_is_no_table_then_said_at_the_field(data, words, browser):
    page = send(browser, **data)
    assert page.context["form"].errors
    assert words in page.content.decode()
    assert not Import.objects.filter(state__in=["read", "done"]).exists()


def test_finished_when_ticked_then_completed_on_the_day_and_others_not(
    browser, brought, coordinator
):
    run(brought, coordinator)
    project = Project.objects.get(title="Hydrotherapy timetable")
    address = reverse("projects:import_finished", args=[brought.pk])
    assert "31 January 2021" in browser.get(address).content.decode()
    name = f"on-{project.pk}"
    assert "Tick at least one" in browser.post(address, {name: "31 1 2021"}).content.decode()
    page = browser.post(address, {f"done-{project.pk}": "on", name: ""})
    assert "Enter the day" in page.content.decode()
    browser.post(address, {f"done-{project.pk}": "on", name: "31 January 2021"})
    project.refresh_from_db()
    assert project.completed_on == datetime.date(2021, 1, 31)
    assert Project.objects.filter(completed_on__isnull=False).count() == 1


def test_rows_page_when_many_then_a_hundred_a_page_and_the_same_questions(browser, coordinator):
    def asked(count):
        table = "Title\tNotes\n" + "".join(f"P{count} {n}\tx\n" for n in range(count))
        brought = bring(table, coordinator)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = browser.get(reverse("projects:import_detail", args=[brought.pk]))
        assert page.status_code == 200
        return len(queries)

    asked(2)
    few = asked(3)
    assert asked(60) == asked(250) == few
    assert few <= 14


def test_ticks_when_kept_on_one_page_then_back_on_it(browser, brought):
    pks = [str(pk) for pk in brought.rows.values_list("pk", flat=True)]
    data = {"shown": pks, "row": pks[:2], "save": "1", "show": "new", "page": "2"}
    page = browser.post(reverse("projects:import_run", args=[brought.pk]), data)
    assert page["Location"].endswith("?show=new&page=2")
    assert outcomes(brought).count("new") == 2
    odd = {"shown": ["9" * 30, "x"], "row": ["-1"], "save": "1", "show": "\r\nX: y"}
    assert browser.post(reverse("projects:import_run", args=[brought.pk]), odd).status_code == 302


@pytest.mark.parametrize(
    "persona", ["rep", "officer", "treasurer", "administrator", "staff", "stranger"]
)
def test_import_when_not_the_coordinator_then_refused(persona, request, brought, client_for):
    browser = client_for(request.getfixturevalue(persona))
    for name in ("import_detail", "import_columns", "import_finished", "import_undo"):
        assert browser.get(reverse(f"projects:{name}", args=[brought.pk])).status_code == 403
    for name in ("import_run", "import_drop", "import_undo", "import_columns"):
        assert browser.post(reverse(f"projects:{name}", args=[brought.pk])).status_code == 403
    assert browser.post(reverse("projects:import_list"), {"text": TABLE}).status_code == 403
    assert not Project.objects.exists()
    assert Import.objects.get().state == "read"
