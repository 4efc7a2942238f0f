"""What people say about one paragraph of one version, and what became of it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from meetings.models.attendance import Via, how_it_came
from meetings.models.versions import Version
from meetings.querysets import CommentQuerySet


class Comment(models.Model):
    """What somebody said about one paragraph of one version. It never moves to other words."""

    class Kind(models.TextChoices):
        WRONG = "wrong", "Something’s wrong"
        MISSING = "missing", "Something’s missing"
        WORDS = "words", "Better words"
        QUESTION = "question", "A question"

    class SpeakingFor(models.TextChoices):
        GROUP = "group", "My group"
        MANY = "many", "Many families"
        MYSELF = "myself", "Myself"

    class Outcome(models.TextChoices):
        OPEN = "", "Not answered yet"
        CHANGED = "changed", "Changed"
        NOT_CHANGED = "not_changed", "Not changed, because"
        ANSWERED = "answered", "Answered"
        NEXT_MEETING = "next", "Goes to the next meeting"

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="comments")
    uid = models.UUIDField()
    number = models.CharField(max_length=12)
    quote = models.TextField(blank=True, max_length=1000)
    kind = models.CharField(max_length=10, choices=Kind)
    speaking_for = models.CharField(max_length=10, choices=SpeakingFor)
    text = models.TextField(max_length=4000)
    author = models.ForeignKey(
        "meetings.Invitation", on_delete=models.PROTECT, related_name="comments"
    )
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who typed it: the author, or whoever wrote it down for them",
    )
    via = models.CharField(max_length=8, choices=Via, blank=True, default=Via.ITSELF)
    corrected_at = models.DateTimeField(null=True, blank=True)
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_late = models.BooleanField(default=False, help_text="Made after the minutes were agreed")
    matter = models.OneToOneField(
        "meetings.AgendaItem",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="from_comment",
        help_text="The matter arising that a late comment became",
    )
    once = models.UUIDField(unique=True, help_text="The form it came from, so twice is once")
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True, default=Outcome.OPEN)
    outcome_reason = models.TextField(blank=True, max_length=2000)
    outcome_at = models.DateTimeField(null=True, blank=True)
    outcome_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["version", "made_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(outcome__in=["not_changed", "answered"]) | ~Q(outcome_reason=""),
                name="comment_not_changed_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="next") | Q(is_late=True), name="only_late_comments_wait"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", outcome_at__isnull=True)
                | (~Q(outcome="") & Q(outcome_at__isnull=False)),
                name="comment_outcome_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.number}"

    @property
    def written_down(self) -> str:
        """Who wrote it down for its author and how it came; nothing where they typed it."""
        if not self.was_written_down:
            return ""
        return how_it_came(self.via, getattr(self, "maker", "") or self.made_by, self.made_at)

    @property
    def was_written_down(self) -> bool:
        """Whether somebody else typed it for its author."""
        return self.made_by_id not in (None, self.author.person_id)
