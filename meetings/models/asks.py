"""What parents asked of a service, who must answer by when, the answer and what changed."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from meetings.models.attendance import Via
from meetings.models.decisions import Record
from meetings.querysets import AskQuerySet


class Ask(Record):
    """Something that parents asked of a service: who must answer, and by when.

    Most begin as a line of minutes, and their words freeze with them. One heard elsewhere (an
    open event, a visit, a call) has no paragraph, but says where and when it was said.
    """

    WORD = "ask"
    paragraph = models.OneToOneField(
        "meetings.Paragraph",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="ask",
    )
    of_whom = models.CharField(max_length=120, blank=True, help_text="As the minutes say it")
    due_text = models.CharField(max_length=60, blank=True, help_text="The date as it was written")
    due_on = models.DateField(null=True, blank=True)
    project = models.ForeignKey(
        "projects.Project", null=True, blank=True, on_delete=models.SET_NULL, related_name="asks"
    )
    answerer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="asks_to_answer",
        help_text="The officer who is named to answer",
    )
    named_at = models.DateTimeField(null=True, blank=True)
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    said_on = models.DateField(null=True, blank=True, help_text="When, outside a meeting")
    said_where = models.CharField(max_length=200, blank=True)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed = models.TextField(blank=True, max_length=2000, help_text="What changed for families")
    changed_on = models.DateField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = AskQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(paragraph__isnull=False)
                | (Q(said_on__isnull=False) & ~Q(said_where="")),
                name="ask_says_where_it_was_said",
            )
        ]

    @property
    def is_late(self) -> bool:
        return self.due_on is not None and self.due_on < timezone.localdate()


class Answer(models.Model):
    """One answer to an ask. A later one stands beside it, so that nothing is taken back quietly."""

    class Outcome(models.TextChoices):
        DONE = "done", "Done"
        WILL_DO = "will_do", "Will do"
        PARTLY = "partly", "Partly"
        NOT_POSSIBLE = "not_possible", "Not possible"

    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="answers")
    outcome = models.CharField(max_length=14, choices=Outcome)
    text = models.TextField(max_length=4000)
    reason = models.TextField(blank=True, max_length=2000)
    will_do_by = models.DateField(null=True, blank=True)
    answered_at = models.DateTimeField(default=timezone.now)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    via = models.CharField(max_length=8, choices=Via, blank=True, default=Via.ITSELF)

    class Meta:
        ordering: ClassVar[list[str]] = ["ask", "answered_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(outcome__in=["partly", "not_possible"]) | ~Q(reason=""),
                name="partly_and_no_say_why",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="will_do") | Q(will_do_by__isnull=False),
                name="will_do_says_by_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.text[:60]}"


class AskExtension(models.Model):
    """A new date for an ask's answer, and why. Explained only when given before it was due."""

    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="extensions")
    due_on = models.DateField(help_text="The date that it was due before")
    until = models.DateField()
    reason = models.CharField(max_length=300)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["ask", "made_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(reason=""), name="ask_extension_says_why"),
            models.CheckConstraint(
                condition=Q(until__gt=models.F("due_on")), name="ask_extension_is_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ask}, by {self.until}"
