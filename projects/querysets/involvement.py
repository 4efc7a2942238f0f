"""Log entries, and which of them somebody may read."""

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models

if TYPE_CHECKING:
    from projects.models import Involvement  # noqa: F401


class InvolvementQuerySet(models.QuerySet["Involvement"]):
    def standing(self) -> Self:
        """Those that weren't taken back."""
        return self.filter(taken_back_at__isnull=True)

    def visible_to(self, user: Any) -> Self:
        """A project's log is read by whoever reads the project."""
        projects = apps.get_model("projects", "Project").objects.visible_to(user)
        return self.filter(project__in=projects)
