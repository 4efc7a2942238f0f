"""Papers to read before an item: added, changed and taken away."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import pages
from coprod.models import AuditEvent
from meetings.models import Paper


@transaction.atomic
def save_paper(
    *, paper: Paper, by: Any, fields: list[str] | None = None, at: datetime | None = None
) -> Paper:
    """Attach a paper to its item, or keep changes to one. One that comes after the agenda went
    out is labelled late by its date; changing it doesn't move that date."""
    is_new = paper.pk is None
    if is_new:
        paper.added_at, paper.added_by = at or timezone.now(), by
        paper.save()
    else:
        paper.save(update_fields=fields)
    verb = "add_paper" if is_new else "change_paper"
    AuditEvent.record(verb, paper, by=by, at=at, item=paper.item_id)
    pages.forget("/meetings/")
    return paper


@transaction.atomic
def remove_paper(*, paper: Paper, by: Any) -> None:
    """Take a paper away."""
    AuditEvent.record("remove_paper", paper, by=by, item=paper.item_id)
    paper.delete()
    pages.forget("/meetings/")
