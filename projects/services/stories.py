"""Writing down what changed because of parents, and showing it to everybody or not."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from projects.models import Project, Story
from projects.services.news import note_news

FIELDS = ("title", "before", "did", "changed", "reach", "due_to_parents")


@transaction.atomic
def write_story(
    *,
    project: Project,
    by: Any,
    story: Story | None = None,
    at: datetime | None = None,
    **words: str,
) -> Story:
    """Write a story, or put one right. A new one isn't shown before it is published."""
    now = at or timezone.now()
    if story is None:
        story = Story.objects.create(project=project, made_by=by, made_at=now, **words)
        AuditEvent.record("write_story", story, by=by, at=now, project=project.pk)
        return story
    row = Story.objects.select_for_update().get(pk=story.pk)
    changed = [name for name in FIELDS if name in words and getattr(row, name) != words[name]]
    for name in changed:
        setattr(row, name, words[name])
    if changed:
        row.save(update_fields=changed)
        AuditEvent.record("change_story", row, by=by, at=now, project=project.pk, fields=changed)
    return row


@transaction.atomic
def publish_story(*, story: Story, by: Any, at: datetime | None = None) -> None:
    """Show it to everybody who reads its project; that is news of the project.

    Raises TransitionNotAllowed when it is shown already.
    """
    now = at or timezone.now()
    row = Story.objects.select_for_update().select_related("project").get(pk=story.pk)
    if row.published_at is not None:
        raise TransitionNotAllowed("This story is published already.")
    row.published_at, row.published_by = now, by
    row.save(update_fields=["published_at", "published_by"])
    AuditEvent.record("publish_story", row, by=by, at=now, project=row.project_id)
    note_news(row.project, clocks.today(now))


@transaction.atomic
def unpublish_story(*, story: Story, by: Any, at: datetime | None = None) -> None:
    """Take it from view; it can be put right and published again.

    Raises TransitionNotAllowed when it isn't shown.
    """
    now = at or timezone.now()
    row = Story.objects.select_for_update().get(pk=story.pk)
    if row.published_at is None:
        raise TransitionNotAllowed("This story isn’t published.")
    row.published_at = row.published_by = None
    row.save(update_fields=["published_at", "published_by"])
    AuditEvent.record("unpublish_story", row, by=by, at=now, project=row.project_id)
