"""Projects that stayed quiet come to the next agenda by themselves, once, and never in secret."""

from datetime import timedelta

import pytest
from django.utils import timezone

from coprod import clocks
from coprod.models import Message
from meetings.models import AgendaItem
from meetings.services import quiet
from meetings.services.cancelling import cancel_meeting
from projects.models import Project
from projects.services.news import write_update
from tests.factories.meetings import coming_meeting
from tests.factories.projects import NamedFactory, ProjectFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(forum):
    """Quiet for a hundred days, led by nobody."""
    return ProjectFactory(
        title="Getting to school", last_news_on=clocks.today() - timedelta(days=100)
    )


@pytest.fixture
def coming(rep):
    return coming_meeting(rep, days=12)


def about(meeting):
    return list(meeting.agenda_items.filter(project__isnull=False))


def test_quiet_project_when_an_agenda_is_made_comes_to_it_once(project, coming, coordinator):
    assert quiet.place_quiet_projects() == 1
    assert quiet.place_quiet_projects() == 0
    (item,) = about(coming)
    assert (item.title, item.project) == ("What’s new: Getting to school", project)
    item.state = AgendaItem.State.OFF
    item.save()
    assert quiet.place_quiet_projects() == 0


def test_quiet_project_when_it_had_news_and_fell_quiet_again_comes_again(
    project, coming, coordinator
):
    quiet.place_quiet_projects()
    AgendaItem.objects.update(proposed_at=timezone.now() - timedelta(days=200))
    assert quiet.place_quiet_projects() == 1


def test_project_when_news_came_stays_away(project, coming, coordinator):
    write_update(project=project, text="It moves.", on=clocks.today(), by=coordinator)
    assert quiet.place_quiet_projects() == 0


def test_hidden_project_when_quiet_never_comes_to_an_agenda(project, coming):
    Project.objects.update(is_public=False)
    assert quiet.place_quiet_projects() == 0


def test_project_when_hidden_since_it_was_looked_for_stays_away(project, coming):
    Project.objects.update(is_public=False)
    assert not quiet.place(project=project, meeting=coming)


def test_quiet_project_when_its_lead_was_just_asked_waits(project, coming, officer):
    NamedFactory(project=project, person=officer, part="lead")
    assert quiet.place_quiet_projects() == 0
    for step, days in (("ask", 28), ("again", 14)):
        Message.objects.create(
            key=f"quiet/{project.pk}/{project.quiet_since.isoformat()}/{officer.pk}/{step}",
            template="projects/quiet",
            person=officer,
            created_at=timezone.now() - timedelta(days=days),
        )
    assert quiet.place_quiet_projects() == 1


def test_many_quiet_projects_when_an_agenda_is_made_fill_three_places(project, coming):
    for days in range(5):
        ProjectFactory(last_news_on=clocks.today() - timedelta(days=200 + days))
    assert quiet.place_quiet_projects() == 3
    assert quiet.place_quiet_projects() == 0
    assert project.title not in " ".join(item.title for item in about(coming))


@pytest.mark.parametrize(
    "fields",
    [
        {"audience": "parents"},
        {"announced_at": None},
        {"agenda_sent_at": timezone.now()},
    ],
)
def test_quiet_project_when_no_open_agenda_has_officers_waits(project, coming, fields):
    for name, value in fields.items():
        setattr(coming, name, value)
    coming.save()
    assert quiet.place_quiet_projects() == 0


def test_quiet_project_when_the_meeting_is_cancelled_waits(project, coming, coordinator):
    cancel_meeting(meeting=coming, reason="Snow", by=coordinator)
    assert quiet.place_quiet_projects() == 0


def test_quiet_project_when_the_meeting_is_far_waits(project, rep):
    coming_meeting(rep, days=90)
    assert quiet.place_quiet_projects() == 0
