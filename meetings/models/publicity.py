"""What must be done before publishing, and the documents made from agreed minutes."""

import hashlib
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from coprod.models import refuse_change


class PublicationTick(models.Model):
    """One line of the task list before publishing, ticked by somebody."""

    class Task(models.TextChoices):
        NO_CHILD = "no_child", "No child can be recognised"
        PRIVATE = "private", "Private parts are checked"
        WORDS = "words", "Abbreviations are explained"
        SHORT = "short", "The short version is written"

    #: Without these, publishing is refused.
    REQUIRED: ClassVar[set[str]] = {Task.NO_CHILD, Task.PRIVATE}

    minutes = models.ForeignKey("meetings.Minutes", on_delete=models.CASCADE, related_name="ticks")
    task = models.CharField(max_length=12, choices=Task)
    ticked_at = models.DateTimeField(default=timezone.now)
    ticked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["minutes", "task"], name="one_tick_per_task")
        ]

    def __str__(self) -> str:
        return self.get_task_display()


class PublicityChannel(models.Model):
    """Somewhere the forum tells people: the Local Offer, schools, libraries, a newsletter."""

    name = models.CharField(max_length=120, unique=True)
    email = models.EmailField(blank=True, help_text="A contact who is mailed on publication")
    note = models.CharField(max_length=200, blank=True, help_text="How it is done there")
    is_used = models.BooleanField(default=True)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class PublicityStep(models.Model):
    """That published minutes were told of through one channel: when, and by whom."""

    minutes = models.ForeignKey(
        "meetings.Minutes", on_delete=models.CASCADE, related_name="publicity_steps"
    )
    channel = models.ForeignKey(PublicityChannel, on_delete=models.PROTECT, related_name="steps")
    done_at = models.DateTimeField(default=timezone.now)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["minutes", "channel"], name="told_once_per_channel")
        ]

    def __str__(self) -> str:
        return f"{self.minutes}: {self.channel}"


class Document(models.Model):
    """The PDF made from an agreed version's public rendition: bytes and their hash, once."""

    version = models.OneToOneField(
        "meetings.Version", on_delete=models.PROTECT, related_name="document"
    )
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"PDF of {self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        refuse_change(self)
        self.sha256 = hashlib.sha256(self.body).hexdigest()
        super().save(*args, **kwargs)
