"""What becomes of actions after the meeting: live, outside the agreed text."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from meetings.models import ActionItem
from meetings.services.minutes import forget_pages


@transaction.atomic
def finish_action(*, action: ActionItem, by: Any, at: datetime | None = None) -> None:
    """Record that an action is done. Raises TransitionNotAllowed when it was already."""
    now = at or timezone.now()
    if not ActionItem.objects.filter(pk=action.pk, done_at__isnull=True).update(
        done_at=now, done_by=by
    ):
        raise TransitionNotAllowed("This action was marked as done already.")
    AuditEvent.record("finish_action", action, by=by, at=at)
    forget_pages(action.paragraph.section.minutes.meeting)


@transaction.atomic
def reopen_action(*, action: ActionItem, by: Any, at: datetime | None = None) -> None:
    """Take back that an action is done. Raises TransitionNotAllowed when it was open."""
    if not ActionItem.objects.filter(pk=action.pk, done_at__isnull=False).update(
        done_at=None, done_by=None
    ):
        raise TransitionNotAllowed("This action is open already.")
    AuditEvent.record("reopen_action", action, by=by, at=at)
    forget_pages(action.paragraph.section.minutes.meeting)
