"""Agenda items in order, and which of them somebody may read."""

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from meetings.models import AgendaItem  # noqa: F401


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    def on(self) -> Self:
        """Items that stand on the agenda, in order."""
        return self.filter(state="on").order_by("position", "pk")

    def proposed(self) -> Self:
        return self.filter(state="proposed").order_by("pk")

    def public(self) -> Self:
        """Items that are not private."""
        return self.on().filter(is_private=False)
