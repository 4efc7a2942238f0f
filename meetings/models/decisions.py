"""What was decided, who does what, and what parents asked: kept from lines of the minutes.

Each record hangs on a paragraph. Its words belong to the minutes and freeze with them; what
has become of it since is live and never part of the agreed text.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from meetings.querysets import ActionQuerySet


class Record(models.Model):
    """What an action, a decision and an ask have in common."""

    #: The word that begins a line of minutes and makes it a record.
    WORD: ClassVar[str]

    text = models.TextField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.text


class Decision(Record):
    """Something that was decided, and how."""

    WORD = "decision"
    paragraph = models.OneToOneField(
        "meetings.Paragraph", on_delete=models.CASCADE, related_name="decision"
    )
    how = models.CharField(
        max_length=120, blank=True, help_text="Everyone agreed; a vote; left open"
    )
    project = models.ForeignKey(
        "projects.Project",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="decisions",
    )


class ActionItem(Record):
    """Something that somebody said they would do by a date."""

    WORD = "action"
    paragraph = models.OneToOneField(
        "meetings.Paragraph", on_delete=models.CASCADE, related_name="actionitem"
    )
    owner = models.CharField(max_length=120, blank=True)
    due_text = models.CharField(max_length=60, blank=True, help_text="The date as it was written")
    due_on = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = ActionQuerySet.as_manager()

    @property
    def is_done(self) -> bool:
        return self.done_at is not None

    @property
    def is_late(self) -> bool:
        return (
            self.done_at is None and self.due_on is not None and self.due_on < timezone.localdate()
        )
