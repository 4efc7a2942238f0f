"""Open events: people who sign up without an account. Also the keys of private calendars."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone


class SignUp(models.Model):
    """Somebody who will come to an open event. No account; deleted some weeks afterwards."""

    meeting = models.ForeignKey(
        "meetings.Meeting", on_delete=models.CASCADE, related_name="sign_ups"
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    people = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    needs = models.TextField(blank=True, max_length=600, help_text="Access or childcare, this time")
    signed_up_at = models.DateTimeField(default=timezone.now)
    signed_up_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The coordinator who took the call; empty where they did it themselves",
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["meeting", "signed_up_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(email="") | ~Q(phone=""), name="sign_up_can_be_reached"
            ),
            models.CheckConstraint(
                condition=Q(people__gte=1, people__lte=10), name="sign_up_for_1_to_10"
            ),
            models.UniqueConstraint(
                fields=["meeting", "email"],
                condition=Q(cancelled_at__isnull=True) & ~Q(email=""),
                name="one_sign_up_per_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.meeting}"


class CalendarKey(models.Model):
    """The key in the address of one person's private calendar: only its hash is kept."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_key"
    )
    sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Calendar of {self.person}"
