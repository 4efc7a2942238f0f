"""A project may be called what a page of ours is called: its own page is still reached."""

import re

import pytest

from projects import urls
from projects.models import Project
from projects.services import exports, imports, projects

pytestmark = pytest.mark.django_db

_FIRST = re.compile(r"([a-z-]+)/")
#: The first words of our own addresses: "add", "import", "reports" and so on.
FIXED = sorted({word[1] for each in urls.urlpatterns if (word := _FIRST.match(str(each.pattern)))})


def titles():
    return [word.replace("-", " ").capitalize() for word in FIXED]


def bring_in(table, *, by):
    brought = imports.start_import(content=table.encode(), name="t.tsv", by=by)
    imports.run_import(brought=brought, by=by)


def reached(client):
    """The titles of projects that their own address shows."""
    return {
        project.title
        for project in Project.objects.all()
        if f"<h1>{project.title}</h1>" in client.get(project.get_absolute_url()).text
    }


def test_fixed_words_when_listed_then_those_that_we_know_are_among_them():
    assert {"add", "import", "ladder", "logo", "reports", "requests", "stories", "themes"} <= {
        *FIXED
    }


def test_project_called_like_a_page_when_added_then_its_own_page_is_reached(client, coordinator):
    for title in titles():
        projects.add_project(by=coordinator, title=title, is_public=True)
    assert reached(client) == {*titles()}


def test_project_called_like_a_page_when_imported_then_its_own_page_is_reached(client, coordinator):
    table = "\n".join(["TASK\tNOTES", *(f"{title}\tWords" for title in titles())])
    bring_in(table, by=coordinator)
    assert reached(client) == {*titles()}


def test_reference_like_a_page_when_our_own_table_is_imported_then_it_gets_another(
    client, coordinator
):
    """Somebody wrote a page's word into the column that our export fills."""
    rest = [""] * (len(exports.HEADINGS) - 2)
    rows = [exports.HEADINGS, *([word, f"Work {word}", *rest] for word in FIXED)]
    bring_in("\n".join("\t".join(row) for row in rows), by=coordinator)
    assert reached(client) == {f"Work {word}" for word in FIXED}
