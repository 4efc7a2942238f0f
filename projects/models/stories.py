"""What changed because of parents: before, what they did, after, and how much is due to them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from projects.models.projects import Project
from projects.querysets import StoryQuerySet


class Story(models.Model):
    """One change that reached families, and how far parents brought it about."""

    class Due(models.TextChoices):
        SHAPED = "shaped", "Parents helped shape it"
        CHANGED = "changed", "Parents changed its direction"
        LED = "led", "Parents led it with the service"
        ONLY = "only", "It would not have happened without parents"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="stories")
    title = models.CharField(max_length=160)
    before = models.TextField(max_length=2000)
    did = models.TextField(max_length=2000, help_text="What parents did")
    changed = models.TextField(max_length=2000)
    reach = models.CharField(max_length=200, blank=True, help_text="How many it reaches")
    due_to_parents = models.CharField(max_length=8, choices=Due)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = StoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "stories"
        ordering: ClassVar[list[str]] = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.title
