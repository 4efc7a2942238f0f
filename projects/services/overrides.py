"""A status set by hand against the dates: never silently, always with its reason beside it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from projects.models import Override, Project
from projects.services.locks import lock_project
from projects.services.statuses import note_status
from projects.status import Status, derive


@transaction.atomic
def override_status(
    *, project: Project, status: str, reason: str, by: Any, at: datetime | None = None
) -> Override:
    """Show another status than the dates give, and why. One that stood ends with that.

    Raises TransitionNotAllowed for a completed project, for "completed", which needs its day,
    and for the status that the dates give anyway.
    """
    now = at or timezone.now()
    row = lock_project(project)
    if row.completed_on is not None:
        raise TransitionNotAllowed("This project is completed. Take that back first.")
    if status == Status.COMPLETED:
        raise TransitionNotAllowed("Say on which day it was completed instead.")
    if status == derive(row, clocks.today(now)):
        label = Status(status).label.lower()
        raise TransitionNotAllowed(f"The dates say “{label}” already, so there’s nothing to set.")
    end_standing(row, by=by, at=now)
    override = Override.objects.create(
        project=row, status=status, reason=reason, made_by=by, made_at=now
    )
    AuditEvent.record("override_status", row, by=by, at=now, status=status)
    _forget_override(project, row)
    note_status(project=row, at=now)
    return override


@transaction.atomic
def end_override(*, project: Project, by: Any, at: datetime | None = None) -> None:
    """The status follows from the dates again. Raises TransitionNotAllowed when it did already."""
    now = at or timezone.now()
    row = lock_project(project)
    if not end_standing(row, by=by, at=now):
        raise TransitionNotAllowed("The status follows from the dates already.")
    AuditEvent.record("end_override", row, by=by, at=now)
    _forget_override(project, row)
    note_status(project=row, at=now)


def end_standing(project: Project, *, by: Any, at: datetime) -> bool:
    """End the status that was set by hand, if one stands."""
    standing = project.overrides.filter(ended_at__isnull=True)
    ended = standing.update(ended_at=at, ended_by=by)
    _forget_override(project)
    return bool(ended)


def _forget_override(*projects: Project) -> None:
    """So that the next question asks the database."""
    for project in projects:
        project.__dict__.pop("override", None)
