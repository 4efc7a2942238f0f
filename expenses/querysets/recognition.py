"""Thank-yous and vouchers: who sees which."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

if TYPE_CHECKING:
    from expenses.models import Recognition, VoucherBatch  # noqa: F401


class RecognitionQuerySet(models.QuerySet["Recognition"]):
    def visible_to(self, user: Any) -> Self:
        """One's own; a coordinator those that they offered; a treasurer all."""
        if not user.is_authenticated:
            return self.none()
        if user.is_treasurer:
            return self
        mine = Q(person=user)
        return self.filter(mine | Q(offered_by=user) if user.is_coordinator else mine)

    def waiting(self) -> Self:
        """What somebody still has to do something about: answer it, or bring it to them."""
        return self.filter(state__in=["offered", "accepted", "paying", "given_away"])

    def received_between(self, person: Any, first: date, last: date) -> Self:
        """What has a value and reached somebody from one day to another. Neither what they
        declined or gave away, which is never treated as theirs, nor what is on its way."""
        return self.filter(
            person=person,
            state="done",
            pence__gt=0,
            done_at__date__gte=first,
            done_at__date__lte=last,
        ).order_by("done_at", "pk")


class VoucherBatchQuerySet(models.QuerySet["VoucherBatch"]):
    def visible_to(self, user: Any) -> Self:
        """Treasurers'."""
        return self if user.is_authenticated and user.is_treasurer else self.none()

    def with_left(self) -> Self:
        """Annotates ``left``, how many there are: the sum of its ledger."""
        return self.annotate(left=Coalesce(Sum("moves__change"), 0))

    def to_give(self, pence: int, today: date) -> Self:
        """Those of one value that are in the drawer and good; what expires first comes first."""
        good = Q(expires_on__isnull=True) | Q(expires_on__gte=today)
        found = self.with_left().filter(good, pence=pence, left__gt=0)
        return found.order_by(models.F("expires_on").asc(nulls_last=True), "bought_on", "pk")
