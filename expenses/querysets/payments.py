"""Advances, bank details and runs: who sees which."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

if TYPE_CHECKING:
    from expenses.models import Advance, BankDetails, Run  # noqa: F401


class AdvanceQuerySet(models.QuerySet["Advance"]):
    def visible_to(self, user: Any) -> Self:
        """One's own; a coordinator those that they asked for somebody; a treasurer all."""
        if not user.is_authenticated:
            return self.none()
        if user.is_treasurer:
            return self
        mine = Q(person=user)
        return self.filter(mine | Q(asked_by=user) if user.is_coordinator else mine)

    def with_used(self) -> Self:
        """Annotates ``used``, the pence that claims used up or that were given back."""
        return self.annotate(used=Coalesce(Sum("uses__pence"), 0))


class BankDetailsQuerySet(models.QuerySet["BankDetails"]):
    def visible_to(self, user: Any) -> Self:
        """One's own; a treasurer all but never needed for themselves."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_treasurer else self.filter(person=user)


class RunQuerySet(models.QuerySet["Run"]):
    def visible_to(self, user: Any) -> Self:
        """Treasurers'."""
        return self if user.is_authenticated and user.is_treasurer else self.none()
