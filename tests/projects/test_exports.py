"""The tracker as a file: who gets which rows and columns, and that nothing in it is run."""

import csv
import io
import json
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.models import Project, Update
from projects.services import imports
from projects.services.exports import Export
from tests.factories.projects import NamedFactory, ProjectFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forum(forum):
    ProjectFactory(title="Open", slug="open", driver="=1+1", involved="Council, =2", level=2)
    ProjectFactory(title="Shut", slug="shut", is_public=False)


def get(client, kind):
    response = client.get(reverse("projects:project_export", args=[kind]))
    assert response.status_code == 200
    return response, b"".join(response.streaming_content)


def titles(client, kind):
    _, body = get(client, kind)
    if kind == "json":
        return [each["title"] for each in json.loads(body)["projects"]]
    if kind == "csv":
        return [row["Title"] for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig")))]
    rows = list(openpyxl.load_workbook(io.BytesIO(body)).active.values)
    return [row[rows[0].index("Title")] for row in rows[1:]]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_export_when_asked_by_each_then_only_what_they_may_see(
    kind, client_for, coordinator, officer, rep, stranger
):
    NamedFactory(project=Project.objects.get(slug="shut"), person=officer)
    for person in (None, rep, stranger):
        assert titles(client_for(person), kind) == ["Open"]
    for person in (officer, coordinator):
        assert titles(client_for(person), kind) == ["Open", "Shut"]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("status=completed", ["Done"]),
        ("status=due_to_start", ["Open", "Shut"]),
        ("status=nonsense&theme=zzz&after=x", ["Open", "Shut", "Done"]),
        ("words_in=hut", ["Shut"]),
        ("level=2", ["Open"]),
    ],
)
def test_export_when_the_list_is_narrowed_then_so_is_the_file(
    query, wanted, client_for, coordinator
):
    done = ProjectFactory(title="Done", slug="done")
    Project.objects.filter(pk=done.pk).update(
        completed_on=date(2026, 1, 1), completed_at=done.created_at
    )
    response = client_for(coordinator).get(f"/projects/export.json?{query}")
    found = json.loads(b"".join(response.streaming_content))["projects"]
    assert [each["title"] for each in found] == wanted


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_export_when_public_then_no_column_of_the_forums_own(kind, client_for, coordinator):
    table = "Title\tSecret column\tLed by\nHub\tsecret words\tUnknown service\n"
    brought = imports.start_import(content=table.encode(), name="t", by=coordinator)
    imports.run_import(brought=brought, by=coordinator)
    for person in (None, coordinator):
        _, body = get(client_for(person), kind)
        if kind == "xlsx":
            rows = openpyxl.load_workbook(io.BytesIO(body)).active.values
            body = repr(list(rows)).encode()
        for words in (b"Secret column", b"secret words", b"Unknown service"):
            assert (words in body) == (person is not None)
        if kind != "json":
            assert (b"Public" in body) == (person is not None)


def test_export_when_kept_then_told_how(client_for, coordinator):
    response, _ = get(client_for(None), "csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="projects-' in response["Content-Disposition"]
    assert "no-store" in get(client_for(coordinator), "xlsx")[0]["Cache-Control"]
    assert client_for(None).get("/projects/export.pdf").status_code == 404
    assert client_for(None).post("/projects/export.csv").status_code == 405


def test_json_when_read_then_dates_as_written_and_understood():
    Project.objects.filter(slug="open").update(
        due_text="spring 2027", due_first=date(2027, 3, 1), due_last=date(2027, 5, 31),
        due_kind="season",
    )  # fmt: skip
    project = Project.objects.get(slug="open")
    Update.objects.create(project=project, on=date(2026, 3, 1), text="New")
    Update.objects.create(project=project, on=date(2026, 3, 2), text="Old", is_imported=True)
    export = Export(Project.objects.public(), today=date(2026, 11, 1), whole=False)
    found = json.loads(b"".join(export.json()))["projects"][0]
    assert found["due"]["text"] == "spring 2027"
    assert found["due"]["last"] == "2027-05-31"
    assert found["level"] == 2
    assert found["notes"] == [
        {"on": "2026-03-01", "text": "New"},
        {"on": None, "text": "Old"},
    ]


def test_empty_tracker_when_exported_then_headings_only(client_for):
    Project.objects.all().delete()
    for kind in ("csv", "xlsx", "json"):
        assert titles(client_for(None), kind) == []


def test_export_when_there_are_many_then_the_same_questions(client_for, coordinator):
    browser = client_for(coordinator)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            get(browser, "csv")
        return len(queries)

    for _ in range(3):
        ProjectFactory()
    few = asked()
    ProjectFactory.create_batch(60)
    assert asked() == few


def test_long_text_when_exported_as_xlsx_then_goes_on_beside():
    Project.objects.filter(slug="open").update(driver="a" * 40_000 + "b" * 30_000)
    export = Export(Project.objects.public(), today=date(2026, 11, 1), whole=False)
    rows = list(openpyxl.load_workbook(io.BytesIO(b"".join(export.xlsx()))).active.values)
    head = list(rows[0])
    assert head.count("Driver") == head.count("Driver (2)") == head.count("Driver (3)") == 1
    pieces = [rows[1][head.index(name)] for name in ("Driver", "Driver (2)", "Driver (3)")]
    assert "".join(pieces) == "a" * 40_000 + "b" * 30_000
