"""Actions that stand in minutes which people have read."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F

if TYPE_CHECKING:
    from meetings.models import ActionItem  # noqa: F401


class ActionQuerySet(models.QuerySet["ActionItem"]):
    def standing(self) -> Self:
        """Those of circulated minutes whose paragraph still stands, with their meeting."""
        return self.filter(
            paragraph__retired_at__isnull=True,
            paragraph__section__minutes__state__in=["circulated", "agreed", "published"],
        ).select_related("paragraph__section__minutes__meeting", "done_by")

    def by_due(self) -> Self:
        """The longest overdue first; those without a date last."""
        return self.order_by(F("due_on").asc(nulls_last=True), "pk")
