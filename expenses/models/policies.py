"""Rates and rules of paying, as dated versions that two people agreed."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from expenses.models.parts import Steps, by_whom, differs, together
from expenses.querysets import PolicyQuerySet


class Policy(Steps):
    """One version of what the forum pays and by which rules, in force from a day.

    Proposed by the coordinator and confirmed by the treasurer, who is somebody else. A
    confirmed version never changes; a newer one replaces it from its own day on, which may lie
    in the past. Sums are pence.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Being written"
        PROPOSED = "proposed", "Waits for the treasurer"
        CONFIRMED = "confirmed", "Confirmed"
        RETURNED = "returned", "Returned with a reason"

    TRANSITIONS: ClassVar[dict[str, dict[str, str]]] = {
        "propose": {"draft": "proposed", "returned": "proposed"},
        "confirm": {"proposed": "confirmed"},
        "return": {"proposed": "returned"},
        "change": {"draft": "draft", "returned": "returned"},
    }
    REFUSALS: ClassVar[dict[str, str]] = {
        "propose": "This version has been proposed already.",
        "confirm": "Only a version that waits for the treasurer can be confirmed.",
        "return": "Only a version that waits for the treasurer can be returned.",
        "change": "This version can’t be changed any more. Begin a new one instead.",
    }

    number = models.PositiveSmallIntegerField(unique=True)
    begins_on = models.DateField(help_text="The first day of journeys that it governs")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    agreed_by = models.CharField(
        max_length=200, blank=True, help_text="Who agreed it and when, such as the steering group"
    )
    note = models.TextField(blank=True, max_length=2000, help_text="What is new, and why")
    # Rules
    window_days = models.PositiveSmallIntegerField(
        default=90, help_text="Days after the day itself in which a claim is in time"
    )
    pay_days = models.PositiveSmallIntegerField(default=14, help_text="Days in which money is back")
    two_over = models.PositiveIntegerField(
        default=10_000, help_text="Pence above which two people approve"
    )
    lost_receipt_most = models.PositiveIntegerField(
        default=1_000, help_text="Pence up to which a reason stands in for a receipt"
    )
    advance_most = models.PositiveIntegerField(
        default=10_000, help_text="Pence that somebody may have had in advance at once"
    )
    band_miles = models.PositiveIntegerField(
        default=10_000,
        help_text="Miles by car in a tax year, for everybody one drives for, "
        "after which the lower rate counts",
    )
    meal_hours = models.PositiveSmallIntegerField(
        default=4, help_text="Hours away from home from which food and drink are paid"
    )
    full_day_hours = models.PositiveSmallIntegerField(
        default=4, help_text="Hours from which a thank-you payment is for a full day"
    )
    care_minutes = models.PositiveSmallIntegerField(
        default=60, help_text="Minutes of care around a meeting, for the way there and back"
    )
    relatives_care = models.BooleanField(
        default=True, help_text="Care by a relative who doesn’t live with them is paid"
    )
    shows_totals = models.BooleanField(
        default=False, help_text="Everybody may read totals, without names"
    )
    made_at = models.DateTimeField(default=timezone.now)
    made_by = by_whom()
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = by_whom()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = by_whom()
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_by = by_whom()
    returned_reason = models.TextField(blank=True, max_length=1000)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "policies"
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=differs("confirmed_by", "proposed_by"), name="policy_by_two_people"
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | Q(
                    confirmed_at__isnull=False,
                    confirmed_by__isnull=False,
                    proposed_by__isnull=False,
                )
                & ~Q(agreed_by=""),
                name="confirmed_policy_says_by_whom",
            ),
            models.CheckConstraint(
                condition=together("proposed_at", "proposed_by"), name="policy_proposed_by"
            ),
        ]

    def __str__(self) -> str:
        return f"Rates and rules {self.number}"


class Rate(models.Model):
    """One rate of one version, in pence and parts of a penny: per mile, hour, page or at most.

    Source of the usual figures: ``expenses/usual.py``.
    """

    class Kind(models.TextChoices):
        CAR = "car", "Own car or van, a mile"
        CAR_ABOVE = "car_above", "Own car or van above the yearly miles, a mile"
        MOTORCYCLE = "motorcycle", "Motorcycle, a mile"
        BICYCLE = "bicycle", "Bicycle, a mile"
        PASSENGER = "passenger", "Each passenger, a mile"
        CHILDCARE = "childcare", "Childcare, an hour at most"
        CARE = "care", "Replacement care, an hour at most"
        MEAL = "meal", "Food and drink, a day at most"
        PHONE = "phone", "Phone and data, a meeting at most"
        PRINTING = "printing", "Printing, a page"
        HALF_DAY = "half_day", "Thank-you payment, half a day"
        FULL_DAY = "full_day", "Thank-you payment, a full day"
        IN_KIND = "in_kind", "Value of an hour given freely"

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="rates")
    kind = models.CharField(max_length=12, choices=Kind)
    pence = models.DecimalField(max_digits=9, decimal_places=2)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["policy", "kind"], name="one_rate_of_a_kind"),
            models.CheckConstraint(condition=Q(pence__gte=0), name="rate_not_below_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.pence}p"


class MilesElsewhere(models.Model):
    """The miles that somebody drove for others in a tax year, as they declared them.

    The yearly band counts every organisation one drives for, and the portal sees only its own.
    A newer declaration replaces an older one for what is sent after it.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="miles_elsewhere"
    )
    tax_year = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(2000), MaxValueValidator(2100)],
        help_text="The year in which it begins, on 6 April",
    )
    miles = models.PositiveIntegerField(validators=[MaxValueValidator(200_000)])
    declared_at = models.DateTimeField(default=timezone.now)
    declared_by = by_whom()

    class Meta:
        verbose_name_plural = "miles elsewhere"
        ordering: ClassVar[list[str]] = ["-declared_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.miles} miles for others in {self.tax_year}"
