"""Minutes: a working copy in paragraphs, frozen versions, comments and answers."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from meetings.models.versions import Version
from meetings.querysets import MinutesQuerySet, ParagraphQuerySet


class Minutes(models.Model):
    """The minutes of one meeting, from the first note to the public page.

    ``TRANSITIONS`` is the only place that says what may follow what.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        CIRCULATED = "circulated", "Circulated"
        AGREED = "agreed", "Agreed"
        PUBLISHED = "published", "Published"
        WITHDRAWN = "withdrawn", "Withdrawn"

    TRANSITIONS: ClassVar[dict[str, dict[str, str]]] = {
        "circulate": {"draft": "circulated", "circulated": "circulated"},
        "agree": {"circulated": "agreed"},
        "reopen": {"agreed": "circulated"},
        "publish": {"agreed": "published", "withdrawn": "published"},
        "withdraw": {"published": "withdrawn"},
        "correct": {"published": "published", "withdrawn": "withdrawn"},
    }
    REFUSALS: ClassVar[dict[str, str]] = {
        "circulate": "These minutes have been agreed, so they can’t be sent out as a draft again.",
        "agree": "Only minutes that have been sent out can be agreed.",
        "reopen": "Only agreed minutes that aren’t published can be opened again.",
        "publish": "Only agreed minutes can be published.",
        "withdraw": "Only published minutes can be withdrawn.",
        "correct": "Only minutes that have been published can be put right.",
    }

    meeting = models.OneToOneField(
        "meetings.Meeting", on_delete=models.CASCADE, related_name="minutes"
    )
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    short_version = models.TextField(blank=True, max_length=2000)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    circulated_at = models.DateTimeField(null=True, blank=True)
    circulated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    agreed_at = models.DateTimeField(null=True, blank=True)
    agreed_version = models.OneToOneField(
        "meetings.Version",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="agreed_as",
    )
    shown_version = models.OneToOneField(
        "meetings.Version",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="shown_as",
        help_text="What everyone reads: the agreed version, or its newest correction",
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    objects = MinutesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "minutes"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(state__in=["agreed", "published"]) | Q(agreed_version__isnull=False),
                name="agreed_minutes_name_their_version",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="published_minutes_say_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(shown_version__isnull=False),
                name="published_minutes_show_a_version",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | ~Q(withdrawn_reason=""),
                name="withdrawn_minutes_say_why",
            ),
        ]

    def __str__(self) -> str:
        return f"Minutes of {self.meeting}"

    def can(self, verb: str) -> bool:
        """Whether ``verb`` may follow from the state that the minutes are in."""
        return self.state in self.TRANSITIONS[verb]

    def move(self, verb: str) -> None:
        """Take one step of the table; the caller saves. Raises TransitionNotAllowed."""
        if not self.can(verb):
            raise TransitionNotAllowed(self.REFUSALS[verb])
        self.state = self.TRANSITIONS[verb][self.state]

    @property
    def is_open(self) -> bool:
        """Whether the working copy may still change."""
        return self.state in (self.State.DRAFT, self.State.CIRCULATED)

    @property
    def takes_answers(self) -> bool:
        """Whether those who were there may still say, or change, what they answered."""
        return self.state in (self.State.CIRCULATED, self.State.AGREED)

    @property
    def takes_late_comments(self) -> bool:
        """Whether what is said about them now goes to the next meeting, not into the text."""
        return self.state in (self.State.AGREED, self.State.PUBLISHED)

    @property
    def latest(self) -> Version | None:
        return self.versions.with_window().order_by("-number").first()

    @property
    def private_uids(self) -> set[str]:
        """Paragraphs that any version keeps private: what is said about them is as well."""
        return {uid for version in self.versions.all() for uid in version.private_uids}

    @property
    def clock(self) -> clocks.Clock:
        """The two-week promise: from the meeting's date until the first version went out."""
        return self.meeting.clock_of_draft(self.circulated_at)


class Section(models.Model):
    """One agenda item's box of text. ``edit_no`` counts saves, so a stale edit is noticed."""

    minutes = models.ForeignKey(Minutes, on_delete=models.CASCADE, related_name="sections")
    item = models.OneToOneField(
        "meetings.AgendaItem", on_delete=models.PROTECT, related_name="section"
    )
    edit_no = models.PositiveIntegerField(default=0)
    edited_at = models.DateTimeField(null=True, blank=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["item__position", "item__pk"]

    def __str__(self) -> str:
        return f"{self.item}"

    @property
    def text(self) -> str:
        """What the box shows: the living paragraphs with a blank line between them."""
        return "\n\n".join(p.written for p in self.paragraphs.living())


class Paragraph(models.Model):
    """One paragraph of the working copy. Its ``uid`` survives editing and is never reused."""

    class Kind(models.TextChoices):
        TEXT = "text", "Text"
        ACTION = "action", "Action"
        DECISION = "decision", "Decision"
        ASK = "ask", "Ask"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="paragraphs")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TEXT)
    text = models.TextField()
    is_private = models.BooleanField(default=False)
    private_reason = models.CharField(max_length=200, blank=True)
    public_text = models.TextField(
        blank=True, max_length=2000, help_text="What the public reads instead; blank for a marker"
    )
    only_named = models.BooleanField(
        default=False, help_text="Only the readers named for it, not everybody who was there"
    )
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = ParagraphQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["section", "position", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(is_private=False) | ~Q(private_reason=""),
                name="private_paragraph_says_why",
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def written(self) -> str:
        """The paragraph as it stands in the box, its word included."""
        if self.kind == self.Kind.TEXT:
            return self.text
        return f"{self.get_kind_display()}: {self.text}"
