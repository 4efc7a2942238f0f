"""Minutes: a working copy in paragraphs, frozen versions, comments and answers."""

import hashlib
import json
import uuid
from datetime import date, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import refuse_change
from meetings.querysets import CommentQuerySet, MinutesQuerySet, ParagraphQuerySet


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
    }
    REFUSALS: ClassVar[dict[str, str]] = {
        "circulate": "These minutes have been agreed, so they can’t be sent out as a draft again.",
        "agree": "Only minutes that have been sent out can be agreed.",
        "reopen": "Only agreed minutes that aren’t published can be opened again.",
        "publish": "Only agreed minutes can be published.",
        "withdraw": "Only published minutes can be withdrawn.",
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
    def latest(self) -> "Version | None":
        return self.versions.order_by("-number").first()

    @property
    def private_uids(self) -> set[str]:
        """Paragraphs that any version keeps private: what is said about them is as well."""
        return {uid for version in self.versions.all() for uid in version.private_uids}

    @property
    def clock(self) -> clocks.Clock:
        """The two-week promise: from the meeting's date until the first version went out."""
        return clocks.Clock(
            begins_on=self.meeting.date,
            days=self.meeting.minutes_days,
            kept_on=clocks.today(self.circulated_at) if self.circulated_at else None,
        )


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


class Version(models.Model):
    """A numbered version as it went out: two stored renditions, each with its hash.

    Written once (a trigger refuses a change of text or hash). ``full`` goes to those who
    were there and to named readers, ``public`` to other invitees and later to everyone.
    The rule in force for agreeing is copied here.
    """

    minutes = models.ForeignKey(Minutes, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    full = models.JSONField()
    public = models.JSONField()
    full_sha256 = models.CharField(max_length=64)
    public_sha256 = models.CharField(max_length=64)
    circulated_at = models.DateTimeField(default=timezone.now)
    circulated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    comments_close_on = models.DateField()
    agree_share = models.PositiveSmallIntegerField(default=50)
    agree_every_group = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["minutes", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["minutes", "number"], name="one_version_per_number"),
        ]

    def __str__(self) -> str:
        return f"Version {self.number} of the {self.minutes}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        refuse_change(self)
        self.full_sha256 = sha256_of(self.full)
        self.public_sha256 = sha256_of(self.public)
        super().save(*args, **kwargs)

    @property
    def comments_open(self) -> bool:
        """The window closes at the end of its last day, UK time."""
        return clocks.today() <= self.comments_close_on

    @property
    def private_uids(self) -> set[str]:
        """Paragraphs that only readers of the full rendition may know about."""
        return {
            p["uid"]
            for item in self.full["items"]
            for p in item["paragraphs"]
            if p["private"] or item["private"]
        }

    def paragraph(self, uid: str, *, full: bool) -> dict[str, Any] | None:
        """One paragraph of a rendition, or None."""
        for item in (self.full if full else self.public)["items"]:
            for paragraph in item["paragraphs"]:
                if paragraph["uid"] == uid:
                    return paragraph  # type: ignore[no-any-return]
        return None


def canonical(rendition: dict[str, Any]) -> bytes:
    """A rendition's bytes for hashing: sorted keys, no spaces, UTF-8."""
    return json.dumps(rendition, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256_of(rendition: dict[str, Any]) -> str:
    """The hash of a rendition's canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(rendition)).hexdigest()


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
                condition=~Q(outcome="not_changed") | ~Q(outcome_reason=""),
                name="comment_not_changed_says_why",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", outcome_at__isnull=True)
                | (~Q(outcome="") & Q(outcome_at__isnull=False)),
                name="comment_outcome_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.number}"


class Agreement(models.Model):
    """One attendee's answer on one version: is it a fair record? Silence is never yes."""

    class Answer(models.TextChoices):
        FAIR = "fair", "Yes, it’s a fair record"
        NOT_YET = "not_yet", "Not yet, and I’ll say why"
        NOT_THERE = "not_there", "I wasn’t there"

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="agreements")
    invitation = models.ForeignKey(
        "meetings.Invitation", on_delete=models.PROTECT, related_name="agreements"
    )
    answer = models.CharField(max_length=10, choices=Answer)
    reason = models.TextField(blank=True, max_length=2000)
    answered_at = models.DateTimeField(default=timezone.now)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["version", "invitation"], name="one_answer_per_person_and_version"
            ),
            models.CheckConstraint(
                condition=~Q(answer="not_yet") | ~Q(reason=""), name="not_yet_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invitation.person}: {self.get_answer_display()}"


def closes_on(sent: date, days: int) -> date:
    """The last day of a window of ``days`` that opens on ``sent``."""
    return sent + timedelta(days=days)
