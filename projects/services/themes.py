"""Themes, as the forum sorts its projects."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from projects.models import Theme


def _refuse_taken(name: str, *, but: Theme | None = None) -> None:
    same = Theme.objects.filter(name__iexact=name)
    if but is not None:
        same = same.exclude(pk=but.pk)
    if same.exists():
        raise TransitionNotAllowed("We have a theme of this name already.")


@transaction.atomic
def add_theme(*, name: str, by: Any, at: datetime | None = None) -> Theme:
    """Add a theme. Raises TransitionNotAllowed when there is one of this name."""
    _refuse_taken(name)
    base = slugify(name)[:70] or "theme"
    slug, number = base, 1
    while Theme.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    theme = Theme.objects.create(name=name, slug=slug)
    AuditEvent.record("add_theme", theme, by=by, at=at)
    return theme


@transaction.atomic
def rename_theme(*, theme: Theme, name: str, by: Any, at: datetime | None = None) -> None:
    """Give a theme another name; its address stays, so that links go on working.

    Raises TransitionNotAllowed when another theme has the name.
    """
    _refuse_taken(name, but=theme)
    theme.name = name
    theme.save(update_fields=["name"])
    AuditEvent.record("rename_theme", theme, by=by, at=at)


@transaction.atomic
def delete_theme(*, theme: Theme, by: Any, at: datetime | None = None) -> None:
    """Take away a theme that no project has. Raises TransitionNotAllowed where one has."""
    if theme.projects.exists():
        raise TransitionNotAllowed("Projects have this theme. Give them another one first.")
    AuditEvent.record("delete_theme", theme, by=by, at=at)
    theme.delete()
