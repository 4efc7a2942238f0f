"""The budget by year and heading, what is spent besides claims, and time given freely."""

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from expenses.models.parts import by_whom
from expenses.querysets import HeadingQuerySet, SpendingQuerySet, TimeGivenQuerySet


class Heading(models.Model):
    """What money is for. ``kinds`` are the kinds of line that fall under it by themselves."""

    name = models.CharField(max_length=80, unique=True)
    kinds = models.JSONField(default=list, blank=True)
    is_ring_fenced = models.BooleanField(
        default=False, help_text="May only be spent on what it is for"
    )
    for_no_email = models.BooleanField(
        default=False, help_text="For reaching people without e-mail: takes their claims"
    )
    position = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = by_whom()

    objects = HeadingQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["for_no_email"],
                condition=Q(for_no_email=True, ended_at__isnull=True),
                name="one_heading_for_people_without_email",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Allocation(models.Model):
    """Pence for one heading in one year, which begins on 1 April. A change is a new row."""

    heading = models.ForeignKey(Heading, on_delete=models.PROTECT, related_name="allocations")
    year = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    pence = models.PositiveIntegerField()
    from_whom = models.CharField(max_length=120, blank=True, help_text="The funder")
    note = models.CharField(max_length=300, blank=True)
    set_at = models.DateTimeField(default=timezone.now)
    set_by = by_whom()
    replaced_at = models.DateTimeField(null=True, blank=True)
    replaced_by = by_whom()

    class Meta:
        ordering: ClassVar[list[str]] = ["-year", "heading"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["heading", "year"],
                condition=Q(replaced_at__isnull=True),
                name="one_sum_a_heading_and_year",
            )
        ]

    def __str__(self) -> str:
        return f"{self.heading} {self.year}: {self.pence}p"


class Spending(models.Model):
    """What the forum paid that was nobody's claim: room hire, postage, vouchers. Pence."""

    heading = models.ForeignKey(Heading, on_delete=models.PROTECT, related_name="spendings")
    on = models.DateField()
    what = models.CharField(max_length=200)
    pence = models.PositiveIntegerField()
    is_paid = models.BooleanField(default=True, help_text="False: ordered, not paid yet")
    batch = models.OneToOneField(
        "expenses.VoucherBatch",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="spending",
    )
    made_at = models.DateTimeField(default=timezone.now)
    made_by = by_whom()
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = by_whom()
    taken_back_reason = models.CharField(max_length=300, blank=True)

    objects = SpendingQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-on", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(pence__gt=0), name="spending_is_something"),
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.pence}p"


class TimeGiven(models.Model):
    """Hours that somebody gave for nothing besides meetings, which are counted by attendance."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="time_given"
    )
    on = models.DateField()
    what = models.CharField(max_length=200)
    hours = models.DecimalField(
        max_digits=5, decimal_places=2, validators=[MinValueValidator(0), MaxValueValidator(24)]
    )
    made_at = models.DateTimeField(default=timezone.now)
    made_by = by_whom()
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = by_whom()

    objects = TimeGivenQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "time given"
        ordering: ClassVar[list[str]] = ["-on", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(hours__gt=0), name="time_given_is_something")
        ]

    def __str__(self) -> str:
        return f"{self.hours} hours: {self.what}"

    @property
    def minutes(self) -> int:
        """Whole minutes: hours are kept in quarters."""
        return int(self.hours * 60)

    @property
    def length(self) -> str:
        """``1.5 hours``."""
        return hours_words(self.minutes)


def hours_words(minutes: int) -> str:
    """Minutes as hours to two places, without zeros at the end: ``1.5 hours``, ``1 hour``."""
    text = f"{Decimal(minutes) / 60:.2f}".rstrip("0").rstrip(".")
    return f"{text} hour{'' if text == '1' else 's'}"
