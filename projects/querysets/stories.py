"""Stories of change, and which of them somebody may read."""

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models

if TYPE_CHECKING:
    from projects.models import Story  # noqa: F401


class StoryQuerySet(models.QuerySet["Story"]):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False).order_by("-published_at", "-pk")

    def visible_to(self, user: Any) -> Self:
        """The coordinator: all. Others: published ones of projects that they can read."""
        if user.is_authenticated and user.is_coordinator:
            return self
        projects = apps.get_model("projects", "Project").objects.visible_to(user)
        return self.filter(published_at__isnull=False, project__in=projects)
