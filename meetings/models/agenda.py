"""Agenda items: what a meeting is going to talk about."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from meetings.querysets import AgendaItemQuerySet


class AgendaItem(models.Model):
    """One item: its purpose, who leads it, how long, and whether this room can decide."""

    class Purpose(models.TextChoices):
        TELL = "tell", "To tell"
        ASK = "ask", "To ask"
        WORK = "work", "To work on together"
        DECIDE = "decide", "To decide"

    class CanDecide(models.TextChoices):
        YES = "yes", "This room can decide"
        NO = "no", "This room can’t decide"
        UNKNOWN = "", "Not known yet"

    class State(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        ON = "on", "On the agenda"
        OFF = "off", "Taken off"

    class Kind(models.TextChoices):
        """Why an item stands on the agenda, where it came there by itself."""

        ORDINARY = "", "An item"
        CONFIRM = "confirm", "Confirm earlier minutes"
        MATTER = "matter", "A matter arising from earlier minutes"
        CARRIED = "carried", "Not reached last time"

    meeting = models.ForeignKey(
        "meetings.Meeting", on_delete=models.CASCADE, related_name="agenda_items"
    )
    kind = models.CharField(max_length=10, choices=Kind, blank=True, default=Kind.ORDINARY)
    about_minutes = models.ForeignKey(
        "meetings.Minutes", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    came_from = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="went_to"
    )
    project = models.ForeignKey(
        "projects.Project",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="agenda_items",
    )
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=160)
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.WORK)
    lead = models.CharField(max_length=120, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    can_decide = models.CharField(
        max_length=8, choices=CanDecide, blank=True, default=CanDecide.UNKNOWN
    )
    note = models.TextField(blank=True, max_length=1200)
    is_private = models.BooleanField(default=False)
    private_reason = models.CharField(max_length=200, blank=True)
    only_named = models.BooleanField(
        default=False, help_text="Only the readers named for it, not everybody who was there"
    )
    state = models.CharField(max_length=10, choices=State, default=State.ON)
    proposed_at = models.DateTimeField(default=timezone.now)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["meeting", "position", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["meeting", "about_minutes"],
                condition=Q(kind="confirm"),
                name="minutes_are_confirmed_once_a_meeting",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class NamedReader(models.Model):
    """That one person may read a private item or paragraph, as somebody decided."""

    item = models.ForeignKey(
        AgendaItem, null=True, blank=True, on_delete=models.CASCADE, related_name="named_readers"
    )
    paragraph = models.ForeignKey(
        "meetings.Paragraph",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="named_readers",
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    named_at = models.DateTimeField(default=timezone.now)
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["item", "person"], name="one_reader_per_item"),
            models.UniqueConstraint(
                fields=["paragraph", "person"], name="one_reader_per_paragraph"
            ),
            models.CheckConstraint(
                condition=Q(item__isnull=False, paragraph__isnull=True)
                | Q(item__isnull=True, paragraph__isnull=False),
                name="named_reader_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} reads {self.item or self.paragraph}"


class Release(models.Model):
    """That something private was opened to everybody before the minutes were agreed, and why.

    After publication the same decision is a correction of kind "release".
    """

    minutes = models.ForeignKey(
        "meetings.Minutes", on_delete=models.CASCADE, related_name="releases"
    )
    item = models.ForeignKey(
        AgendaItem, null=True, blank=True, on_delete=models.CASCADE, related_name="releases"
    )
    paragraph = models.ForeignKey(
        "meetings.Paragraph",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="releases",
    )
    note = models.CharField(max_length=300, help_text="Who decided it, and why")
    released_at = models.DateTimeField(default=timezone.now)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["minutes", "released_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(note=""), name="release_says_why"),
            models.CheckConstraint(
                condition=Q(item__isnull=False, paragraph__isnull=True)
                | Q(item__isnull=True, paragraph__isnull=False),
                name="release_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"Released: {self.item or self.paragraph}"


class Paper(models.Model):
    """Something to read before an item: its summary and what is asked come first."""

    item = models.ForeignKey(AgendaItem, on_delete=models.CASCADE, related_name="papers")
    title = models.CharField(max_length=160)
    summary = models.TextField(max_length=1200)
    asked = models.CharField(max_length=300, help_text="What we ask of you")
    text = models.TextField(blank=True, max_length=60000)
    link = models.URLField(blank=True)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["item", "added_at", "pk"]

    def __str__(self) -> str:
        return self.title
