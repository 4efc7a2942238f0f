"""Questions about many projects, log entries and their people; never writes."""

from projects.querysets.involvement import AccountQuerySet, InvolvementQuerySet
from projects.querysets.projects import NamedQuerySet, ProjectQuerySet, UpdateQuerySet
from projects.querysets.reports import EditionQuerySet
from projects.querysets.stories import StoryQuerySet

__all__ = [
    "AccountQuerySet",
    "EditionQuerySet",
    "InvolvementQuerySet",
    "NamedQuerySet",
    "ProjectQuerySet",
    "StoryQuerySet",
    "UpdateQuerySet",
]
