"""Bank details: unreadable without a key that lies elsewhere."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from expenses.models.parts import by_whom
from expenses.querysets import BankDetailsQuerySet


class BankDetails(models.Model):
    """Where somebody's money goes, encrypted; only the last digits are kept in the clear.

    Deleted 90 days after their last payment (``services/bank.py``). Never part of an export,
    a letter, a log or an audit event.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bank_details"
    )
    sealed = models.TextField(help_text="Name, sort code and account number, encrypted")
    last_digits = models.CharField(max_length=4)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = by_whom()

    objects = BankDetailsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "bank details"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(sealed=""), name="bank_details_hold_something"),
        ]

    def __str__(self) -> str:
        return f"Bank details of {self.person}"

    @property
    def masked(self) -> str:
        """How anybody but the treasurer reads it."""
        return f"account ending {self.last_digits}"
