"""Questions about many projects, log entries and their people; never writes."""

from projects.querysets.involvement import InvolvementQuerySet
from projects.querysets.projects import NamedQuerySet, ProjectQuerySet, UpdateQuerySet

__all__ = ["InvolvementQuerySet", "NamedQuerySet", "ProjectQuerySet", "UpdateQuerySet"]
