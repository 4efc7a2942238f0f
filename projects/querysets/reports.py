"""Editions of the progress report. Everybody may read them: they hold public projects only."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from projects.models import Edition  # noqa: F401


class EditionQuerySet(models.QuerySet["Edition"]):
    def visible_to(self, user: Any) -> Self:
        return self

    def before(self, number: int) -> Self:
        """Earlier editions, newest first."""
        return self.filter(number__lt=number).order_by("-number")
