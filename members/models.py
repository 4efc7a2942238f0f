"""People, dated roles, organisations, groups and numbered seats."""

import secrets
from datetime import datetime
from typing import Any, ClassVar

import rules
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from coprod import texts
from coprod.models import AuditEvent, Message
from members.querysets import (
    MemberGroupQuerySet,
    PersonQuerySet,
    RoleQuerySet,
    SeatQuerySet,
)


def new_public_id() -> str:
    """An opaque name for addresses and sign-in: it says nothing about the person."""
    return secrets.token_hex(8)


class Sector(models.TextChoices):
    """Which part of the services an organisation belongs to."""

    EDUCATION = "education", "Education"
    HEALTH = "health", "Health"
    CHILDREN = "children", "Children’s social care"
    ADULTS = "adults", "Adults’ social care"
    VOLUNTARY = "voluntary", "Voluntary sector"


class PersonManager(BaseUserManager.from_queryset(PersonQuerySet)):  # type: ignore[misc]
    def create_user(self, **fields: Any) -> "Person":
        """A person, with no password unless one is given."""
        password = fields.pop("password", None)
        person = self.model(**fields)
        person.set_password(password)
        person.save(using=self._db)
        return person  # type: ignore[no-any-return]


class Person(AbstractBaseUser):
    """One person, whether or not they ever sign in. The e-mail address is optional."""

    class PublicName(models.TextChoices):
        GROUP = "group", "A parent representative of my group"
        FIRST = "first", "My first name"
        FULL = "full", "My full name"

    class News(models.TextChoices):
        """How messages without a date arrive. Dated ones always come by themselves."""

        WEEKLY = "weekly", "Once a week, in one message"
        EACH = "each", "Each by itself, as it happens"
        NONE = "none", "Not at all"

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    name = models.CharField(max_length=120)
    public_name = models.CharField(max_length=10, choices=PublicName, default=PublicName.GROUP)
    email = models.EmailField(unique=True, null=True, blank=True)
    contact_email = models.EmailField(
        blank=True, help_text="An address shared by a household, for letters only"
    )
    phone = models.CharField(max_length=40, blank=True)
    postal_address = models.TextField(blank=True, max_length=400)
    channel = models.CharField(
        max_length=10, choices=Message.Channel, default=Message.Channel.EMAIL
    )
    news = models.CharField(max_length=6, choices=News, default=News.WEEKLY)
    links_ended_at = models.DateTimeField(
        null=True, blank=True, help_text="Personal links made before this no longer answer"
    )
    links_ended_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    language = models.CharField(max_length=60, blank=True)
    access_needs = models.TextField(blank=True, max_length=1000)
    what_helps = models.TextField(blank=True, max_length=1000)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = PersonManager()

    USERNAME_FIELD = "public_id"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    # No account is a superuser, and Django's admin is off.
    is_superuser = False
    is_staff = False

    class Meta:
        verbose_name_plural = "people"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(email__isnull=True) | (~Q(email="") & Q(email=Lower("email"))),
                name="person_email_lower_or_null",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip().lower() if self.email else None
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("members:person_detail", args=[self.public_id])

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Ask the one list of permissions: no table grants any, so no other backend is asked."""
        return self.is_active and bool(rules.has_perm(perm, self, obj))

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return False

    @property
    def mail_address(self) -> str:
        return self.email or self.contact_email

    @property
    def reached_by(self) -> str:
        """The channel that works: the one they prefer, if we hold what it needs."""
        held = {
            Message.Channel.EMAIL: self.mail_address,
            Message.Channel.PHONE: self.phone,
            Message.Channel.TEXT: texts.mobile(self.phone) if texts.is_on() else "",
            Message.Channel.LETTER: self.postal_address,
        }
        if held[Message.Channel(self.channel)]:
            return self.channel
        if self.mail_address:
            return Message.Channel.EMAIL
        return Message.Channel.PHONE if self.phone else Message.Channel.LETTER

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name.split() else self.name

    @cached_property
    def current_roles(self) -> list["Role"]:
        """The roles they hold today. Asked anew on each request, so that losing one counts."""
        return list(self.roles.current().select_related("organisation").order_by("pk"))

    @cached_property
    def role_kinds(self) -> frozenset[str]:
        return frozenset(role.kind for role in self.current_roles)

    @property
    def is_coordinator(self) -> bool:
        return Role.Kind.COORDINATOR in self.role_kinds

    @property
    def is_administrator(self) -> bool:
        return Role.Kind.ADMINISTRATOR in self.role_kinds

    @property
    def is_treasurer(self) -> bool:
        return Role.Kind.TREASURER in self.role_kinds

    @property
    def is_approver(self) -> bool:
        """Whether they are the second of two who approve a claim, such as the chair."""
        return Role.Kind.APPROVER in self.role_kinds

    @property
    def is_officer(self) -> bool:
        return Role.Kind.OFFICER in self.role_kinds

    @property
    def is_privileged(self) -> bool:
        """Whether they run the forum: shorter sessions, and a second step when signing in."""
        return bool(
            self.role_kinds
            & {
                Role.Kind.COORDINATOR,
                Role.Kind.TREASURER,
                Role.Kind.APPROVER,
                Role.Kind.ADMINISTRATOR,
            }
        )

    @cached_property
    def current_seats(self) -> list["Seat"]:
        return list(self.seats.current().select_related("group"))

    @property
    def is_rep(self) -> bool:
        """Whether they sit for a member group as a parent. A group that has left has no reps."""
        return any(not seat.is_staff and seat.group.is_member for seat in self.current_seats)

    @property
    def is_group_staff(self) -> bool:
        return any(seat.is_staff and seat.group.is_member for seat in self.current_seats)

    @property
    def audience(self) -> str:
        """Which navigation they get."""
        return "coordinator" if self.role_kinds & {"coordinator", "administrator"} else "person"

    @cached_property
    def role_note(self) -> str:
        """What they are here as, in a few words: ``coordinator`` or their groups' names."""
        parts = [Role.Kind(kind).label.lower() for kind in sorted(self.role_kinds - {"officer"})]
        if not parts:
            parts = [seat.group.name for seat in self.current_seats]
        if not parts:
            parts = [role.organisation.name for role in self.current_roles if role.organisation]
        return ", ".join(parts)

    def name_in_public(self, group: "MemberGroup | None" = None) -> str:
        """How the public reads of them: as they chose, by group unless they chose otherwise."""
        if self.public_name == self.PublicName.FULL:
            return self.name
        if self.public_name == self.PublicName.FIRST:
            return self.first_name
        return f"A parent representative of {group.name}" if group else "A parent representative"


class Organisation(models.Model):
    """A service, council team or NHS body that sends officers to meetings."""

    name = models.CharField(max_length=120, unique=True)
    sector = models.CharField(max_length=12, choices=Sector)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """Who was what, from when to when. A role is ended, never deleted."""

    class Kind(models.TextChoices):
        COORDINATOR = "coordinator", "Coordinator"
        TREASURER = "treasurer", "Treasurer"
        APPROVER = "approver", "Second approver of claims"
        ADMINISTRATOR = "administrator", "Administrator"
        OFFICER = "officer", "Officer"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="roles")
    kind = models.CharField(max_length=16, choices=Kind)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="roles"
    )
    started_at = models.DateTimeField(default=timezone.now)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = RoleQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(ended_at__isnull=True),
                name="one_active_role",
            ),
            models.CheckConstraint(
                condition=~Q(kind="officer") | Q(organisation__isnull=False),
                name="officer_has_organisation",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("started_at")),
                name="role_ends_after_start",
            ),
            # Nobody gives themselves a role.
            models.CheckConstraint(
                condition=Q(started_by__isnull=True) | ~Q(started_by=models.F("person")),
                name="role_not_from_oneself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_kind_display()}"


class MemberGroup(models.Model):
    """Anything on the map of the area: a parents' group, a youth voice group, a linked forum."""

    class Standing(models.TextChoices):
        KNOWN = "known", "Known to us"
        CONTACTED = "contacted", "Contacted"
        VISITED = "visited", "Visited"
        APPLIED = "applied", "Applied"
        MEMBER = "member", "Member"
        LEFT = "left", "Left"
        DECLINED = "declined", "Declined"

    class Kind(models.TextChoices):
        PARENTS = "parents", "Parents’ group"
        YOUTH = "youth", "Young people’s group"
        LINKED = "linked", "Linked forum"

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PARENTS)
    standing = models.CharField(max_length=12, choices=Standing, default=Standing.KNOWN)
    about = models.TextField(blank=True, max_length=600)
    contact = models.CharField(max_length=200, blank=True, help_text="How the public reaches it")
    needs = models.TextField(blank=True, max_length=600, help_text="What it needs to take part")
    created_at = models.DateTimeField(default=timezone.now)

    objects = MemberGroupQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("members:group_detail", args=[self.slug])

    @property
    def is_member(self) -> bool:
        return self.standing == self.Standing.MEMBER

    @property
    def has_joined(self) -> bool:
        """Whether it is or was a member. What only is on our map is never named in public."""
        return self.standing in (self.Standing.MEMBER, self.Standing.LEFT)


class Standing(models.Model):
    """One dated step of a group's standing, with who took it and the minutes it took."""

    group = models.ForeignKey(MemberGroup, on_delete=models.CASCADE, related_name="steps")
    standing = models.CharField(max_length=12, choices=MemberGroup.Standing)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True)
    minutes = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.group}: {self.get_standing_display()}"


class Seat(models.Model):
    """One of a group's numbered seats, held by one person from one day to another.

    Three at most and one of them staff at most: the database refuses a fourth, whoever
    asks and however many ask at once. Source: the forum's promise of balanced groups.
    """

    group = models.ForeignKey(MemberGroup, on_delete=models.PROTECT, related_name="seats")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="seats")
    number = models.PositiveSmallIntegerField()
    is_staff = models.BooleanField(default=False, help_text="Paid staff of the group, not a parent")
    started_at = models.DateTimeField(default=timezone.now)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = SeatQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["group", "number", "-started_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["group", "number"],
                condition=Q(ended_at__isnull=True),
                name="one_person_per_seat",
            ),
            models.UniqueConstraint(
                fields=["group", "person"],
                condition=Q(ended_at__isnull=True),
                name="one_seat_per_person_and_group",
            ),
            models.UniqueConstraint(
                fields=["group"],
                condition=Q(ended_at__isnull=True, is_staff=True),
                name="one_staff_seat_per_group",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=3), name="seat_number_1_to_3"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("started_at")),
                name="seat_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.group}, seat {self.number}"

    @property
    def name_in_public(self) -> str:
        """How the public reads of whoever sits here: as they chose, else only what they are."""
        if self.person.public_name == Person.PublicName.GROUP:
            return "A member of staff" if self.is_staff else "A parent representative"
        return self.person.name_in_public(self.group)

    @transaction.atomic
    def end(self, *, by: Any, at: datetime | None = None) -> None:
        """End the seat now and keep it as history. Ending it twice changes nothing."""
        now = at or timezone.now()
        ended = Seat.objects.filter(pk=self.pk, ended_at__isnull=True).update(
            ended_at=now, ended_by=by
        )
        self.refresh_from_db()
        if ended:
            AuditEvent.record("end_seat", self, by=by, at=now, group=self.group_id)
