"""What parents asked of a service, who must answer by when, the answer and what changed."""

from datetime import date, datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from coprod import clocks
from meetings.models.attendance import Via
from meetings.models.decisions import Record
from meetings.querysets import AskQuerySet


class AskState(models.TextChoices):
    """What became of an ask so far, by its newest answer and the day. Source: product page §5."""

    OVERDUE = "overdue", "Overdue"
    WAITING = "waiting", "Waiting"
    WILL_DO = "will_do", "Will do"
    DONE = "done", "Done"
    PARTLY = "partly", "Partly"
    NOT_POSSIBLE = "not_possible", "Not possible"


#: Nothing more is waited for.
CLOSED = frozenset({AskState.DONE, AskState.PARTLY, AskState.NOT_POSSIBLE})


class Ask(Record):
    """Something that parents asked of a service: who must answer, and by when.

    Most begin as a line of minutes, and their words freeze with them. One heard elsewhere (an
    open event, a visit, a call) has no paragraph, but says where and when it was said.

    ``shown_…`` is what everybody reads of a line of minutes, copied from the public rendition
    of ``shown_in``: it counts only while that is the version that everybody reads, so that
    nothing stays public by mistake (``AskQuerySet.public``). ``text`` is the working copy's and
    never public for these.
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
    answer_by = models.DateField(
        null=True, blank=True, help_text="Given by the coordinator where the words name no day"
    )
    shown_in = models.ForeignKey(
        "meetings.Version", null=True, blank=True, on_delete=models.SET_NULL, related_name="asks"
    )
    shown_text = models.TextField(blank=True)
    shown_number = models.CharField(max_length=12, blank=True)
    shown_who = models.CharField(max_length=120, blank=True)
    project = models.ForeignKey(
        "projects.Project", null=True, blank=True, on_delete=models.SET_NULL, related_name="asks"
    )
    organisation = models.ForeignKey(
        "members.Organisation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="asks",
        help_text="For whom the named officer answers",
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

    def get_absolute_url(self) -> str:
        return reverse("asks:ask_detail", args=[self.pk])

    @property
    def is_heard_elsewhere(self) -> bool:
        """Typed by the coordinator, and no line of minutes."""
        return self.paragraph_id is None

    @property
    def whom(self) -> str:
        """Who must answer, as everybody may read it: never a name."""
        return self.organisation.name if self.organisation else self.shown_who

    @property
    def asked_on(self) -> date:
        """The day on which it was said."""
        if self.said_on is not None:
            return self.said_on
        assert self.paragraph is not None  # a constraint
        day: date = self.paragraph.section.minutes.meeting.date
        return day

    @property
    def newest_answer(self) -> "Answer | None":
        """The answer that counts; the others stay beside it."""
        answers = list(self.answers.all())
        return answers[-1] if answers else None

    @property
    def was_due(self) -> date | None:
        """The day by which an answer was promised first."""
        return self.due_on or self.answer_by

    @property
    def clock(self) -> clocks.Clock | None:
        """The promise of an answer, kept by the first one; None where no day was given."""
        answers = list(self.answers.all())
        return self.clock_with(
            answers[0].answered_at if answers else None, list(self.extensions.all())
        )

    def clock_with(
        self, answered_at: datetime | None, extensions: "list[AskExtension]"
    ) -> clocks.Clock | None:
        """The same from what somebody has read already."""
        due = self.was_due
        if due is None:
            return None
        later = [each for each in extensions if each.until > due]
        extension = later and clocks.Extension(
            until=later[-1].until,
            reason=later[-1].reason,
            recorded_on=clocks.today(later[-1].made_at),
            days_after=max(0, *((clocks.today(e.made_at) - e.due_on).days for e in later)),
        )
        return clocks.Clock(
            begins_on=self.asked_on,
            days=(due - self.asked_on).days,
            kept_on=clocks.today(answered_at) if answered_at else None,
            extension=extension or None,
        )

    @property
    def due(self) -> date | None:
        """The day by which an answer is expected by now."""
        days = [each.until for each in self.extensions.all()]
        was = self.was_due
        return days[-1] if days and was is not None and days[-1] > was else was

    def state_on(self, today: date) -> AskState:
        """What became of it; ``AskQuerySet.with_state`` asks the same of many in SQL."""
        newest = self.newest_answer
        if newest is None:
            late = self.due is not None and self.due < today
            return AskState.OVERDUE if late else AskState.WAITING
        if newest.will_do_by is not None and newest.outcome == Answer.Outcome.WILL_DO:
            return AskState.OVERDUE if newest.will_do_by < today else AskState.WILL_DO
        return AskState(newest.outcome)

    def expected_on(self) -> date | None:
        """The next day on which something is owed: an answer, or what was said would be done."""
        newest = self.newest_answer
        if newest is None:
            return self.due
        return newest.will_do_by if newest.outcome == Answer.Outcome.WILL_DO else None


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
