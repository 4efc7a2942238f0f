"""Money in advance, for people who can't spend first."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from expenses.models.claims import Claim
from expenses.models.parts import Steps, by_whom, differs
from expenses.querysets import AdvanceQuerySet


class Advance(Steps):
    """Money given before it is spent, in pence; claims use it up, and the rest comes back.

    What is left is the sum less its uses and less what was given back: never stored.
    """

    class State(models.TextChoices):
        ASKED = "asked", "Asked for"
        APPROVED = "approved", "Approved"
        PAYING = "paying", "Being paid"
        PAID = "paid", "Paid"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Taken back"

    TRANSITIONS: ClassVar[dict[str, dict[str, str]]] = {
        "approve": {"asked": "approved"},
        "decline": {"asked": "declined"},
        "reopen": {"approved": "asked"},
        "withdraw": {"asked": "withdrawn"},
        "begin_paying": {"approved": "paying"},
        "stop_paying": {"paying": "approved"},
        "pay": {"paying": "paid"},
        "come_back": {"paid": "approved"},
    }
    REFUSALS: ClassVar[dict[str, str]] = {
        "approve": "This advance has been decided already.",
        "decline": "This advance has been decided already.",
        "reopen": "Only an approved advance can go back to be decided.",
        "withdraw": "This advance has been decided, so it can’t be taken back any more.",
        "begin_paying": "Only an approved advance that isn’t in a payment run can be paid.",
        "stop_paying": "This advance isn’t in a payment run.",
        "pay": "This advance isn’t in a payment run.",
        "come_back": "Only a payment that was made can come back.",
    }

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="advances"
    )
    meeting = models.ForeignKey(
        "meetings.Meeting", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    what_for = models.CharField(max_length=300)
    pence = models.PositiveIntegerField()
    pay_by = models.CharField(max_length=8, choices=Claim.PayBy, default=Claim.PayBy.BANK)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = by_whom()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = by_whom()
    declined_reason = models.TextField(blank=True, max_length=1000)
    paid_at = models.DateTimeField(null=True, blank=True)
    paid_by = by_whom()

    objects = AdvanceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-asked_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(pence__gt=0), name="advance_is_something"),
            models.CheckConstraint(
                condition=differs("decided_by", "person") & differs("decided_by", "asked_by"),
                name="nobody_decides_their_own_advance",
            ),
            models.CheckConstraint(
                condition=differs("paid_by", "person") & differs("paid_by", "asked_by"),
                name="nobody_pays_their_own_advance",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(declined_reason=""),
                name="declined_advance_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"Advance of {self.pence}p"


class AdvanceUse(models.Model):
    """Part of an advance that a paid claim used up, or that was given back (no claim). Pence."""

    advance = models.ForeignKey(Advance, on_delete=models.PROTECT, related_name="uses")
    claim = models.ForeignKey(
        Claim, null=True, blank=True, on_delete=models.PROTECT, related_name="advance_uses"
    )
    pence = models.PositiveIntegerField()
    note = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = by_whom()

    class Meta:
        ordering: ClassVar[list[str]] = ["made_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(pence__gt=0), name="use_is_something"),
            models.UniqueConstraint(
                fields=["advance", "claim"],
                condition=Q(claim__isnull=False),
                name="one_use_an_advance_and_claim",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pence}p of {self.advance}"
