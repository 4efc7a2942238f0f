"""Headings of the budget, other spending and time given: who sees which."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from expenses.models import Heading, Spending, TimeGiven  # noqa: F401


class HeadingQuerySet(models.QuerySet["Heading"]):
    def current(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def visible_to(self, user: Any) -> Self:
        """Those who run the money."""
        runs = user.is_authenticated and (user.is_coordinator or user.is_treasurer)
        return self if runs else self.none()


class SpendingQuerySet(models.QuerySet["Spending"]):
    def visible_to(self, user: Any) -> Self:
        """Those who run the money."""
        runs = user.is_authenticated and (user.is_coordinator or user.is_treasurer)
        return self if runs else self.none()


class TimeGivenQuerySet(models.QuerySet["TimeGiven"]):
    def visible_to(self, user: Any) -> Self:
        """One's own, and what one wrote down for somebody as coordinator."""
        if not user.is_authenticated:
            return self.none()
        mine = models.Q(person=user)
        return self.filter(mine | models.Q(made_by=user) if user.is_coordinator else mine)
