"""The log: pages, drafts, entries, replies, putting right, taking back; who may."""

import uuid
from datetime import timedelta

import pytest

from coprod import clocks
from projects.models import Involvement, LogDraft, Participation
from tests.factories.projects import InvolvementFactory, NamedFactory, ProjectFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(forum):
    return ProjectFactory(title="School transport", slug="school-transport")


@pytest.fixture
def lead(project, officer):
    return NamedFactory(project=project, person=officer, part="lead").person


@pytest.fixture
def client(client_for, lead):
    return client_for(lead)


def pages(group, **changed):
    """What is typed on each page of a meeting, by page."""
    typed = {
        "how": {"when": "today", "means": "meeting", "title": "Second writing group"},
        "who": {f"came_g{group.pk}": "2", f"invited_g{group.pk}": "3", "came_officers": "3"},
        "stage": {"stage": "1"},
        "said": {"said": "Say it in plain words.", "changed": "The form is one page."},
        "after": {"told": "no", "hours": "4"},
    }
    return typed | changed


def fill(client, project, typed):
    """Go through the pages as they lead on; the address of the last look."""
    response = client.post(
        f"/projects/{project.slug}/log/add/", {**typed["how"], "key": str(uuid.uuid4())}
    )
    while not (url := response.url).rstrip("/").endswith(_key(url)):
        page = url.rstrip("/").rsplit("/", 1)[1]
        assert client.get(url).status_code == 200
        response = client.post(url, typed[page])
        assert response.status_code == 302, response.context["form"].errors
    return url


def _key(url):
    return url.split("/log/add/")[1].split("/")[0]


def test_meeting_when_logged_page_by_page_then_an_entry_with_who_took_part(
    client, project, group, lead
):
    url = fill(client, project, pages(group))
    page = client.get(url)
    assert page.status_code == 200
    assert "2 parents, from Larkmere Autism Families; 3 officers" in page.content.decode()
    response = client.post(url)
    entry = Involvement.objects.get()
    assert response.url == f"/projects/school-transport/log/{entry.pk}/saved/"
    saved = client.get(response.url).content.decode()
    assert "It is in the log" in saved
    assert entry.made_by == lead
    assert entry.on == clocks.today()
    assert entry.minutes == 240
    assert entry.reply_due_on == entry.on + timedelta(days=60)
    parts = Participation.objects.values_list("who", "group", "invited", "came")
    assert list(parts.order_by("pk")) == [
        ("parents", group.pk, 3, 2),
        ("officers", None, None, 3),
    ]
    project.refresh_from_db()
    assert project.last_news_on == clocks.today()
    assert project.level == 1
