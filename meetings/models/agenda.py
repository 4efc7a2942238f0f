"""Agenda items: what a meeting is going to talk about."""

from typing import ClassVar

from django.conf import settings
from django.db import models
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

    meeting = models.ForeignKey(
        "meetings.Meeting", on_delete=models.CASCADE, related_name="agenda_items"
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
    state = models.CharField(max_length=10, choices=State, default=State.ON)
    proposed_at = models.DateTimeField(default=timezone.now)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["meeting", "position", "pk"]

    def __str__(self) -> str:
        return self.title
