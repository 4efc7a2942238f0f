"""Which version of the rates governs a day, and who reads them."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from expenses.models import Policy


class PolicyQuerySet(models.QuerySet["Policy"]):
    def confirmed(self) -> Self:
        return self.filter(state="confirmed")

    def begun(self, day: date) -> Self:
        """Confirmed versions that had begun by a day, the one in force on it first.

        Of two that begin on one day the later number counts.
        """
        found = self.confirmed().filter(begins_on__lte=day)
        return found.order_by("-begins_on", "-number")

    def governing(self, day: date) -> "Policy | None":
        """The version in force on a day with its rates; None where there is none."""
        return self.begun(day).prefetch_related("rates").first()

    def before(self, policy: "Policy") -> "Policy | None":
        """The confirmed version that governs, or governed, the first day of one without it.

        An older one is compared with what stood when it was written, not with what came later.
        """
        found = self.confirmed().filter(begins_on__lte=policy.begins_on).exclude(pk=policy.pk)
        if policy.state == "confirmed":
            found = found.filter(confirmed_at__lt=policy.confirmed_at)
        return found.order_by("-begins_on", "-number").prefetch_related("rates").first()

    def visible_to(self, user: Any) -> Self:
        """Those who run the money: all. Whoever is signed in: what has been confirmed."""
        if not user.is_authenticated:
            return self.none()
        if user.is_coordinator or user.is_treasurer:
            return self
        return self.confirmed()
