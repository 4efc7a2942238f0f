"""Projects by status, news and words, and which of them somebody may see."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from projects.models import Named, Project, Update  # noqa: F401


class ProjectQuerySet(models.QuerySet["Project"]):
    def public(self) -> Self:
        return self.filter(is_public=True)

    def visible_to(self, user: Any) -> Self:
        """Public ones for everybody; the others for the coordinator and who is on them."""
        if not user.is_authenticated:
            return self.public()
        if user.is_coordinator:
            return self
        return self.filter(
            Q(is_public=True) | Q(pk__in=user.on_projects.current().values("project"))
        )


class NamedQuerySet(models.QuerySet["Named"]):
    def current(self) -> Self:
        return self.filter(ended_at__isnull=True)


class UpdateQuerySet(models.QuerySet["Update"]):
    def visible_to(self, user: Any) -> Self:
        """Whoever reads a project reads its news."""
        projects = self.model._meta.get_field("project").related_model
        return self.filter(project__in=projects._default_manager.visible_to(user))  # type: ignore[union-attr]
