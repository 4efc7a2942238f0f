"""Payment runs: what goes to the bank, each thing once."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from expenses.models.advances import Advance
from expenses.models.claims import Claim
from expenses.models.parts import Steps, by_whom, differs
from expenses.models.recognition import Recognition
from expenses.querysets import RunQuerySet


class Run(Steps):
    """One payment run: made by a treasurer, taken to the bank, then marked as paid."""

    class State(models.TextChoices):
        OPEN = "open", "Waits to be paid"
        PAID = "paid", "Paid"
        CANCELLED = "cancelled", "Cancelled"

    TRANSITIONS: ClassVar[dict[str, dict[str, str]]] = {
        "pay": {"open": "paid"},
        "cancel": {"open": "cancelled"},
    }
    REFUSALS: ClassVar[dict[str, str]] = {
        "pay": "This payment run isn’t open any more.",
        "cancel": "This payment run isn’t open any more.",
    }

    key = models.UUIDField(default=uuid.uuid4, unique=True, help_text="So that one form makes one")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = by_whom()
    fetched_at = models.DateTimeField(null=True, blank=True, help_text="Its CSV, last")
    fetched_by = by_whom()
    paid_at = models.DateTimeField(null=True, blank=True)
    paid_by = by_whom()
    paid_on = models.DateField(null=True, blank=True, help_text="The day at the bank")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = by_whom()

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(paid_at__isnull=False, paid_by__isnull=False),
                name="paid_run_says_by_whom",
            )
        ]

    def __str__(self) -> str:
        return f"Payment run {self.pk}"


class Payment(models.Model):
    """One sum to one person for one claim, advance or thank-you, in one run. Pence.

    ``pence`` is what leaves the bank, ``offset`` what an advance had paid before. While it is
    alive (neither come back nor cancelled with its run) there is no second one: the database
    refuses it. ``payee`` and ``entered_by`` are copied from what is paid, so that the database
    can also refuse that anybody pays themselves.
    """

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="payments")
    claim = models.ForeignKey(
        Claim, null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    advance = models.ForeignKey(
        Advance, null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    recognition = models.ForeignKey(
        Recognition, null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    payee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payments"
    )
    entered_by = by_whom()
    pence = models.PositiveIntegerField()
    offset = models.PositiveIntegerField(default=0)
    pay_by = models.CharField(max_length=8, choices=Claim.PayBy, default=Claim.PayBy.BANK)
    last_digits = models.CharField(max_length=4, blank=True, help_text="Of the account, when made")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = by_whom()
    paid_at = models.DateTimeField(null=True, blank=True)
    paid_by = by_whom()
    came_back_at = models.DateTimeField(null=True, blank=True)
    came_back_by = by_whom()
    came_back_reason = models.CharField(max_length=300, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = by_whom()

    class Meta:
        ordering: ClassVar[list[str]] = ["run", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *(
                models.UniqueConstraint(
                    fields=[what],
                    condition=Q(
                        came_back_at__isnull=True,
                        cancelled_at__isnull=True,
                        **{f"{what}__isnull": False},
                    ),
                    name=f"one_payment_a_{what}",
                )
                for what in ("claim", "advance", "recognition")
            ),
            models.CheckConstraint(
                condition=Q(claim__isnull=False, advance__isnull=True, recognition__isnull=True)
                | Q(claim__isnull=True, advance__isnull=False, recognition__isnull=True)
                | Q(claim__isnull=True, advance__isnull=True, recognition__isnull=False),
                name="payment_is_for_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(pence__gt=0) | Q(offset__gt=0), name="payment_is_something"
            ),
            models.CheckConstraint(
                condition=differs("made_by", "payee") & differs("made_by", "entered_by"),
                name="nobody_lists_their_own_payment",
            ),
            models.CheckConstraint(
                condition=differs("paid_by", "payee") & differs("paid_by", "entered_by"),
                name="nobody_pays_themselves",
            ),
            models.CheckConstraint(
                condition=Q(came_back_at__isnull=True) | ~Q(came_back_reason=""),
                name="payment_came_back_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pence}p in {self.run}"

    @property
    def reference(self) -> str:
        """What the bank shows: ``MB-0042`` of a claim, ``AD-`` of an advance, ``TY-`` of thanks."""
        if self.claim_id:
            return f"MB-{self.claim_id:04}"
        return f"AD-{self.advance_id:04}" if self.advance_id else f"TY-{self.recognition_id:04}"

    @property
    def is_by_bank(self) -> bool:
        """Whether it stands in the file for the bank."""
        return self.pay_by == Claim.PayBy.BANK and self.pence > 0
