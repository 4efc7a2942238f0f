"""The co-production progress report, frozen as boards received it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from projects.querysets import EditionQuerySet


class Edition(models.Model):
    """One numbered edition: its words and figures never change once it is made.

    ``body`` is what page and PDF are laid out from (see ``projects/reports.py``); a trigger
    refuses changes, so that a number always means the same words.
    """

    number = models.PositiveIntegerField(unique=True)
    on = models.DateField()
    prepared_by = models.CharField(max_length=160)
    thoughts = models.TextField(blank=True, max_length=20000)
    note = models.CharField(max_length=300, blank=True, help_text="What this edition changes")
    body = models.JSONField()
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]

    def __str__(self) -> str:
        return f"Co-production progress report {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("projects:report_detail", args=[self.number])


class EditionFile(models.Model):
    """An edition's PDF: made once, when it is first needed, and the same bytes ever after."""

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, related_name="file")
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"PDF of {self.edition}"
