"""Invitations as they were sent, replies to them, and who was there."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from coprod.models import refuse_change
from coprod.templatetags.forum import day_month
from meetings.querysets import AttendanceQuerySet, InvitationQuerySet
from members.models import Sector


class Via(models.TextChoices):
    """How an answer reached us that somebody else wrote down."""

    ITSELF = "", "Given here"
    PHONE = "phone", "By phone"
    POST = "post", "By post"
    PERSON = "person", "In person"


#: Those of them that somebody else can write down.
HEARD = [choice for choice in Via.choices if choice[0]]


def how_it_came(via: str, by: object, at: datetime) -> str:
    """``by phone, written down by Hester Vance on 12 May``: who wrote it down, how it came."""
    how = f"{Via(via).label.lower()}, " if via else ""
    return f"{how}written down by {by} on {day_month(at)}"


class Invitation(models.Model):
    """That a person was invited, on behalf of whom, as it stood when it went out.

    Rows are written once; somebody who joins later adds a row. The group and the
    organisation stay as they were, whatever becomes of them.
    """

    class Capacity(models.TextChoices):
        PARENT = "parent", "Parent or carer"
        STAFF = "staff", "Group staff"
        OFFICER = "officer", "Officer"
        COORDINATOR = "coordinator", "Forum coordinator"

    meeting = models.ForeignKey(
        "meetings.Meeting", on_delete=models.CASCADE, related_name="invitations"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="invitations"
    )
    capacity = models.CharField(max_length=12, choices=Capacity)
    group = models.ForeignKey(
        "members.MemberGroup", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    organisation = models.ForeignKey(
        "members.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    sector = models.CharField(max_length=12, choices=Sector, blank=True)
    substitute_for = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="substitute"
    )
    invited_at = models.DateTimeField(default=timezone.now)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["meeting", "person"], name="one_invitation_per_person"),
            models.CheckConstraint(
                condition=~Q(capacity__in=["parent", "staff"])
                | Q(group__isnull=False)
                | Q(capacity="parent"),
                name="staff_come_for_a_group",
            ),
            models.CheckConstraint(
                condition=Q(substitute_for__isnull=True) | ~Q(substitute_for=F("pk")),
                name="nobody_stands_in_for_themselves",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} to {self.meeting}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        refuse_change(self)
        super().save(*args, **kwargs)

    @property
    def is_parent(self) -> bool:
        return self.capacity == self.Capacity.PARENT

    @property
    def comes_for(self) -> Any:
        """The group that they count for: the one that they chose, or were invited for.

        Somebody with seats in two groups is one person and counts for one of them.
        """
        answered = getattr(self, "reply", None)
        chosen = answered.for_group if answered is not None and answered.for_group_id else None
        return chosen or self.group

    @property
    def on_behalf_of(self) -> str:
        """The group or organisation, or what they are here as."""
        return str(self.comes_for or self.organisation or self.get_capacity_display())

    @property
    def attended(self) -> bool:
        return hasattr(self, "attendance")

    @property
    def came_for_part(self) -> bool:
        """Whether they were there, but not throughout. Rows come ``with_people``."""
        return self.attended and (self.attendance.is_part or getattr(self, "missed_some", False))


class Reply(models.Model):
    """What one invited person answered last. No row means: nothing yet."""

    class Answer(models.TextChoices):
        ROOM = "room", "I’ll be there in person"
        ONLINE = "online", "I’ll join online"
        CANNOT = "cannot", "I can’t come"

    invitation = models.OneToOneField(Invitation, on_delete=models.CASCADE, related_name="reply")
    answer = models.CharField(max_length=10, choices=Answer)
    needs = models.TextField(blank=True, max_length=600, help_text="Access or childcare, this time")
    for_group = models.ForeignKey(
        "members.MemberGroup",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="For whom somebody with seats in two groups comes this time",
    )
    to_confirm = models.BooleanField(
        default=False, help_text="Given for a date that has moved since: please confirm"
    )
    via = models.CharField(max_length=8, choices=Via, blank=True, default=Via.ITSELF)
    replied_at = models.DateTimeField(default=timezone.now)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.invitation.person}: {self.get_answer_display()}"

    @property
    def written_down(self) -> str:
        """Who wrote it down for them and how it came; nothing where they gave it themselves."""
        if self.replied_by_id in (None, self.invitation.person_id):
            return ""
        return how_it_came(self.via, self.replied_by, self.replied_at)


class Attendance(models.Model):
    """That an invited person was there, and how. Taken away again if it was ticked by mistake."""

    class How(models.TextChoices):
        ROOM = "room", "In the room"
        ONLINE = "online", "Online"

    invitation = models.OneToOneField(
        Invitation, on_delete=models.CASCADE, related_name="attendance"
    )
    how = models.CharField(max_length=10, choices=How, default=How.ROOM)
    arrived = models.TimeField(null=True, blank=True, help_text="Blank: from the beginning")
    left = models.TimeField(null=True, blank=True, help_text="Blank: to the end")
    missed = models.ManyToManyField(
        "meetings.AgendaItem",
        blank=True,
        related_name="+",
        help_text="Items they missed",
    )
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(arrived__isnull=True) | Q(left__isnull=True) | Q(left__gt=F("arrived")),
                name="left_after_arriving",
            )
        ]

    def __str__(self) -> str:
        return f"{self.invitation.person} {self.get_how_display()}"

    @property
    def is_part(self) -> bool:
        """Whether a time says that they weren't there throughout; missed items say more."""
        return self.arrived is not None or self.left is not None

    @property
    def is_self_declared(self) -> bool:
        """Whether they said so themselves, and nobody ticked them."""
        return self.recorded_by_id is not None and (
            self.recorded_by_id == self.invitation.person_id
            and self.invitation.capacity != Invitation.Capacity.COORDINATOR
        )


def missed_items(meeting: Any) -> dict[int, set[int]]:
    """Agenda items by the invitation of whoever was there but not for these. One query."""
    found: dict[int, set[int]] = {}
    rows = Attendance.objects.filter(invitation__meeting=meeting, missed__isnull=False)
    for invitation, item in rows.values_list("invitation", "missed"):
        found.setdefault(invitation, set()).add(item)
    return found
