"""The co-production progress report, frozen as boards received it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Edition(models.Model):
    """One numbered edition: its words and figures never change once it is made.

    ``body`` is the canonical JSON that page and PDF are laid out from; a trigger refuses changes.
    """

    number = models.PositiveIntegerField(unique=True)
    on = models.DateField()
    prepared_by = models.CharField(max_length=160)
    thoughts = models.TextField(blank=True, max_length=20000)
    note = models.CharField(max_length=300, blank=True, help_text="What this edition changes")
    body = models.JSONField()
    pdf = models.BinaryField(default=bytes)
    sha256 = models.CharField(max_length=64, blank=True, help_text="Of the PDF's bytes")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]

    def __str__(self) -> str:
        return f"Co-production progress report {self.number}"
