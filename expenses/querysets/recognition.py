"""Thank-yous and vouchers: who sees which."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

if TYPE_CHECKING:
    from expenses.models import Recognition, VoucherBatch  # noqa: F401


class RecognitionQuerySet(models.QuerySet["Recognition"]):
    def visible_to(self, user: Any) -> Self:
        """One's own, those one offered; a treasurer all."""
        if not user.is_authenticated:
            return self.none()
        if user.is_treasurer:
            return self
        return self.filter(Q(person=user) | Q(offered_by=user))


class VoucherBatchQuerySet(models.QuerySet["VoucherBatch"]):
    def visible_to(self, user: Any) -> Self:
        """Treasurers'."""
        return self if user.is_authenticated and user.is_treasurer else self.none()

    def with_left(self) -> Self:
        """Annotates ``left``, how many there are: the sum of its ledger."""
        return self.annotate(left=Coalesce(Sum("moves__change"), 0))
