"""Stories of change: written, published, taken from view, and never shown too early."""

import pytest
from django.test import Client
from django.urls import reverse

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from projects.models import Project, Story
from projects.services import stories
from tests.factories.projects import ProjectFactory, StoryFactory

pytestmark = pytest.mark.django_db
WORDS = {
    "title": "Asked once, not every year",
    "before": "Each spring the same form.",
    "did": "Two parents wrote it anew.",
    "changed": "One tick: still the same.",
    "reach": "640 families",
    "due_to_parents": "led",
}


@pytest.fixture
def project():
    return ProjectFactory(title="School transport", slug="transport")


def listed():
    return Client().get(reverse("projects:story_list")).content.decode()


def test_story_when_written_then_a_draft_that_nobody_else_reads(project, client, coordinator):
    client.force_login(coordinator)
    response = client.post(reverse("projects:story_add", args=["transport"]), WORDS)
    story = Story.objects.get()
    assert response.url == reverse("projects:story_publish", args=[story.pk])
    assert story.published_at is None
    assert WORDS["title"] not in listed()
    assert WORDS["title"] in client.get(reverse("projects:story_list")).content.decode()


def test_story_when_published_then_everybody_reads_it_and_it_is_news(project, client, coordinator):
    story = StoryFactory(project=project, title=WORDS["title"])
    client.force_login(coordinator)
    client.post(reverse("projects:story_publish", args=[story.pk]), {"publish": "yes"})
    assert WORDS["title"] in listed()
    assert "Parents led it with the service" in listed()
    project.refresh_from_db()
    assert project.last_news_on is not None
    assert AuditEvent.objects.filter(verb="publish_story").exists()


def test_story_when_taken_from_view_then_gone_everywhere(project, client, coordinator):
    story = StoryFactory(project=project, title=WORDS["title"])
    stories.publish_story(story=story, by=coordinator)
    client.force_login(coordinator)
    client.post(reverse("projects:story_publish", args=[story.pk]), {"publish": "no"})
    assert WORDS["title"] not in listed()
    assert WORDS["title"] not in Client().get(project.get_absolute_url()).content.decode()


def test_story_when_published_twice_then_refused_in_words(project, client, coordinator):
    story = StoryFactory(project=project)
    stories.publish_story(story=story, by=coordinator)
    with pytest.raises(TransitionNotAllowed):
        stories.publish_story(story=story, by=coordinator)
    client.force_login(coordinator)
    url = reverse("projects:story_publish", args=[story.pk])
    response = client.post(url, {"publish": "yes"}, follow=True)
    assert "published already" in response.content.decode()


def test_story_when_of_a_hidden_project_then_not_listed(project, coordinator):
    stories.publish_story(story=StoryFactory(project=project, title="Unseen"), by=coordinator)
    Project.objects.update(is_public=False)
    assert "Unseen" not in listed()


def test_story_when_words_are_missing_then_says_so_at_each(project, client, coordinator):
    client.force_login(coordinator)
    url = reverse("projects:story_add", args=["transport"])
    html = client.post(url, {"title": "Kept words"}).content.decode()
    assert "Enter how it was before" in html
    assert "Choose how much is due to parents" in html
    assert "Kept words" in html


def test_story_when_changed_then_the_event_names_the_fields(project, client, coordinator):
    story = StoryFactory(project=project)
    client.force_login(coordinator)
    url = reverse("projects:story_edit", args=[story.pk])
    client.post(url, {**WORDS, "reach": ""})
    story.refresh_from_db()
    assert story.title == WORDS["title"]
    event = AuditEvent.objects.get(verb="change_story")
    assert "title" in event.data["fields"]
    assert WORDS["title"] not in str(event.data)
