"""That something is new about a project: its day of last news, and words of news."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Forum
from projects.models import Project, Update
from projects.services.locks import lock_project
from projects.services.statuses import note_status


def note_news(project: Project, on: date) -> None:
    """Keep the day of the newest news; an older entry that is logged late changes nothing.

    History that is logged after a project was added here never makes it gone quiet: what lies
    so far back counts as news of the day on which it was added.
    """
    added = clocks.today(project.created_at)
    if on <= added - timedelta(days=Forum.current().quiet_days):
        on = added
    Project.objects.filter(pk=project.pk).filter(
        Q(last_news_on__isnull=True) | Q(last_news_on__lt=on)
    ).update(last_news_on=on)
    project.refresh_from_db(fields=["last_news_on"])


@transaction.atomic
def write_update(
    *, project: Project, text: str, on: date, by: Any, at: datetime | None = None
) -> Update:
    """Add dated news. Raises TransitionNotAllowed for a day that lies ahead.

    The same words of the same person for the same day are the same news, sent twice.
    """
    now = at or timezone.now()
    if on > clocks.today(now):
        raise TransitionNotAllowed("News can’t be of a day that lies ahead.")
    lock_project(project)
    same = project.updates.filter(text=text, on=on, made_by=by, is_imported=False).first()
    if same is not None:
        return same
    update = add_update(project, text=text, on=on, by=by, at=now)
    AuditEvent.record("write_update", project, by=by, at=now, update=update.pk)
    note_status(project=project, at=now)
    return update


def add_update(project: Project, *, text: str, on: date, by: Any, at: datetime) -> Update:
    """The row of news, within another change."""
    update = Update.objects.create(project=project, text=text, on=on, made_by=by, made_at=at)
    note_news(project, on)
    return update
