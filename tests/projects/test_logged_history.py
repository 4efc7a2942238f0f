"""A table is brought in, and somebody logs what happened years ago: what the page says then."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from projects.models import Project
from projects.services.news import note_news
from tests.factories.projects import NamedFactory, ProjectFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 19)


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel(datetime(2026, 11, 19, 10, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def project(forum):
    return ProjectFactory(title="Getting to school", slug="getting-to-school")


def quiet():
    return Project.objects.gone_quiet(TODAY, 60).exists()


def test_history_when_logged_after_an_import_then_the_project_is_not_quiet_at_once(project):
    assert not quiet()
    note_news(project, date(2021, 1, 20))
    assert not quiet()
    assert project.last_news_on == TODAY


def test_news_of_lately_when_noted_then_its_own_day_counts(project):
    note_news(project, date(2026, 11, 3))
    assert project.last_news_on == date(2026, 11, 3)


def test_project_when_only_an_officer_leads_it_then_its_head_says_so(client, project, officer):
    page = "/projects/getting-to-school/"
    assert "Nobody is named as leading it" in client.get(page).text
    NamedFactory(project=project, person=officer, part="lead")
    shown = client.get(page).text
    assert "A lead officer is named" in shown
    assert "Nobody is named as leading it" not in shown
    assert officer.name not in shown
