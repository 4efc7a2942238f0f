"""Headings of the budget."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from expenses.models import Heading  # noqa: F401


class HeadingQuerySet(models.QuerySet["Heading"]):
    def current(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def visible_to(self, user: Any) -> Self:
        """Those who run the money."""
        runs = user.is_authenticated and (user.is_coordinator or user.is_treasurer)
        return self if runs else self.none()
