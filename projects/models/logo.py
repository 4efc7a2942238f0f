"""Where the forum's logo may stand: one permission per named document, and misuse."""

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from projects.models.projects import Project


def new_code() -> str:
    """The eight characters that stand beside a logo and lead to its page of proof."""
    return "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(8))


class LogoPermission(models.Model):
    """That one named document may carry the logo, while its project's level is confirmed."""

    class State(models.TextChoices):
        ASKED = "asked", "Asked for"
        GIVEN = "given", "Allowed"
        REFUSED = "refused", "Not allowed"
        WITHDRAWN = "withdrawn", "No longer allowed"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="logos")
    document = models.CharField(max_length=200)
    code = models.CharField(max_length=8, unique=True, default=new_code)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    least_level = models.PositiveSmallIntegerField(
        help_text="The confirmed level that the permission hangs on"
    )
    reason = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-asked_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(state__in=["refused", "withdrawn"]) | ~Q(reason=""),
                name="logo_refusal_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state="asked") | Q(decided_at__isnull=False),
                name="logo_decision_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.document


class Misuse(models.Model):
    """That the logo was seen where it may not stand, and what was done about it."""

    where = models.CharField(max_length=300)
    seen_on = models.DateField()
    note = models.TextField(blank=True, max_length=2000)
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.SET_NULL, related_name="misuses"
    )
    logged_at = models.DateTimeField(default=timezone.now)
    logged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "misuses"
        ordering: ClassVar[list[str]] = ["-seen_on", "-pk"]

    def __str__(self) -> str:
        return self.where
