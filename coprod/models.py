"""The shared floor's tables: the forum, audit events, the outbox, stored pages; never an app."""

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone


class Forum(models.Model):
    """The one forum of this installation: its name, look, area, rules and thresholds.

    Rules are copied onto what they govern when it begins, so that a change here never
    rewrites what people agreed under the old rule.
    """

    name = models.CharField(max_length=120)
    tagline = models.CharField(
        max_length=160, default="Run by parents. Independent of the council."
    )
    area = models.CharField(max_length=80, help_text="The area's name, such as a borough's")
    intro = models.TextField(blank=True, help_text="One short paragraph for the home page")
    about = models.TextField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    hours = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    address = models.CharField(max_length=200, blank=True)
    own_child_help = models.TextField(
        blank=True, help_text="Who can help with one's own child: one 'name, web address' a line"
    )
    # Rules. Days are whole days; shares are parts of 100.
    seat_cap = models.PositiveSmallIntegerField(
        default=3, validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    minutes_days = models.PositiveSmallIntegerField(default=14)
    agenda_days = models.PositiveSmallIntegerField(default=7)
    invitation_days = models.PositiveSmallIntegerField(default=28)
    comment_days = models.PositiveSmallIntegerField(default=7)
    again_days = models.PositiveSmallIntegerField(
        default=5, help_text="Days to answer again after a new version"
    )
    agree_share = models.PositiveSmallIntegerField(
        default=50, validators=[MaxValueValidator(100)], help_text="Percent of those present"
    )
    agree_every_group = models.BooleanField(default=True)
    agree_at_next = models.BooleanField(
        default=True, help_text="The next meeting may confirm minutes as an item"
    )
    parents_share = models.PositiveSmallIntegerField(
        default=33, validators=[MaxValueValidator(100)], help_text="Percent of those in the room"
    )
    quiet_days = models.PositiveSmallIntegerField(
        default=60, help_text="After so many days without news a project has gone quiet"
    )
    reply_days = models.PositiveSmallIntegerField(
        default=60, help_text="Days in which parents hear what became of what they were asked"
    )
    ladder_sessions = models.PositiveSmallIntegerField(
        default=2, help_text="Sessions together that Participation needs"
    )
    ladder_share = models.PositiveSmallIntegerField(
        default=33,
        validators=[MaxValueValidator(100)],
        help_text="Percent of parents in the sessions that Co-production needs",
    )
    logo_level = models.PositiveSmallIntegerField(
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(4)],
        help_text="The confirmed level from which a document may carry the logo",
    )
    year_begins = models.PositiveSmallIntegerField(
        default=9,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
        help_text="The month in which a year such as 2026/27 begins",
    )
    second_factor = models.BooleanField(
        default=True, help_text="Those who run the forum must use a second factor"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(pk=1), name="one_forum_per_installation"),
            models.CheckConstraint(
                condition=Q(seat_cap__gte=1, seat_cap__lte=3), name="forum_seat_cap_1_to_3"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)

    @classmethod
    def current(cls) -> "Forum":
        """The forum's row; an unsaved one with the defaults before set-up."""
        return cls.objects.filter(pk=1).first() or cls(pk=1, name="Parent carer forum", area="")

    @classmethod
    def of(cls, request: HttpRequest) -> "Forum":
        """The same, asked once in a request: whoever reads it leaves it there for the others."""
        found: Forum = getattr(request, "forum", None) or cls.current()
        request.forum = found  # type: ignore[attr-defined]
        return found

    @property
    def phone_href(self) -> str:
        return "tel:" + "".join(c for c in self.phone if c.isdigit() or c == "+")

    @property
    def help_links(self) -> list[dict[str, str]]:
        """Who can help with one's own child, from the lines the forum typed."""
        links = []
        for line in self.own_child_help.splitlines():
            label, _, url = line.rpartition(",")
            if label.strip() and url.strip().startswith(("https://", "http://")):
                links.append({"label": label.strip(), "url": url.strip()})
            elif line.strip():
                links.append({"label": line.strip(), "url": ""})
        return links


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def about(self, thing: models.Model) -> Self:
        """What happened to one thing, newest first."""
        return self.filter(model=thing._meta.label, object_id=thing.pk).order_by("-pk")


class AuditEvent(models.Model):
    """Who did what to which row, when. Ids and field names only: history outlives the rows.

    Never personal text. Append-only by trigger (see the migration); by is null for the
    timetable's own work.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    by_id = models.BigIntegerField(null=True, db_index=True)
    verb = models.CharField(max_length=60)
    model = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    data = models.JSONField(default=dict)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["model", "object_id"])]

    def __str__(self) -> str:
        return f"{self.verb} {self.model} {self.object_id}"

    @classmethod
    def record(
        cls, verb: str, thing: models.Model, *, by: Any, at: datetime | None = None, **data: Any
    ) -> "AuditEvent":
        """Write one event, in the transaction of the change it tells of."""
        return cls.objects.create(
            verb=verb,
            model=thing._meta.label,
            object_id=thing.pk,
            by_id=by.pk if by is not None else None,
            at=at or timezone.now(),
            data=data,
        )


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, now: datetime) -> Self:
        """E-mails and texts that may go now: queued, or claimed by a worker that died.

        News isn't among them: the weekly letter gathers it.
        """
        return self.filter(
            Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - Message.LEASE),
            state=Message.State.QUEUED,
            channel__in=Message.SENT_BY_WORKER,
            is_news=False,
            next_try_at__lte=now,
        )

    def for_hands(self, *channels: str) -> Self:
        """Letters to post and calls to make; not what waits for the weekly letter."""
        return self.filter(
            state=Message.State.QUEUED,
            channel__in=channels or Message.BY_HAND,
            is_news=False,
        )

    def news_due(self, now: datetime) -> Self:
        """News that the weekly letter of its reader should gather by now."""
        return self.filter(state=Message.State.QUEUED, is_news=True, not_before__lte=now)

    def unreached(self, template: str, **ids: Any) -> Self:
        """Messages of one cause that can't have reached their reader without somebody's hands.

        Letters that aren't posted, calls that aren't made, and whatever failed, such as
        ``unreached("meetings/minutes_draft", version=version.pk)``. What the worker will still
        send by itself isn't among them, nor what was dropped because its reader may not have
        it any more. ``select_related("person")`` where names are shown.
        """
        return self.filter(
            Q(state=Message.State.FAILED)
            | Q(state=Message.State.QUEUED, channel__in=Message.BY_HAND),
            template=template,
            **{f"ids__{name}": value for name, value in ids.items()},
        )

    def claim(self, now: datetime, limit: int) -> list["Message"]:
        """Take up to ``limit`` due rows for this worker; nobody else gets them for a lease.

        The conditional UPDATE decides who wins: two workers that chose the same row update
        it one after the other, and the second matches nothing.
        """
        wanted = self.due(now).order_by("next_try_at", "pk").values_list("pk", flat=True)
        taken: list[int] = []
        # A few more than wanted, since other workers may win some of them.
        for pk in list(wanted[: limit + 8]):
            if self.due(now).filter(pk=pk).update(claimed_at=now, attempts=F("attempts") + 1):
                taken.append(pk)
            if len(taken) == limit:
                break
        return list(self.filter(pk__in=taken).select_related("person").order_by("pk"))


class Message(models.Model):
    """One message to one person: the outbox. Ids only; the words are written at delivery."""

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        LETTER = "letter", "Letter"
        PHONE = "phone", "Phone call"
        TEXT = "text", "Text message"

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        POSTED = "posted", "Posted"
        RUNG = "rung", "Rung"
        DROPPED = "dropped", "No longer needed"
        JOINED = "joined", "Part of a weekly letter"

    SENT_BY_WORKER: ClassVar[list[str]] = [Channel.EMAIL, Channel.TEXT]
    BY_HAND: ClassVar[list[str]] = [Channel.LETTER, Channel.PHONE]
    #: How long a claim holds. Longer than the slowest sending (timeouts of every step together).
    LEASE = timedelta(seconds=settings.OUTBOX_LEASE)
    MOST_ATTEMPTS = 12

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=200, unique=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    address = models.CharField(max_length=254, blank=True)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    template = models.CharField(max_length=80)
    ids = models.JSONField(default=dict)
    # A sign-in code, until it has been sent; then blank.
    secret = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who posted or rang; null where the worker sent it",
    )
    note = models.TextField(blank=True, help_text="What was said on the phone")
    is_news = models.BooleanField(
        default=False,
        help_text="No date hangs on it, so it may wait for the weekly letter",
    )
    bounced_at = models.DateTimeField(
        null=True, blank=True, help_text="When its address was refused for good, at once or later"
    )
    reason = models.CharField(max_length=300, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "channel", "next_try_at"]),
            models.Index(fields=["template", "state"]),
        ]

    def __str__(self) -> str:
        return f"{self.template} by {self.channel}"

    @property
    def message_id(self) -> str:
        """The Message-ID header: the same on every try, so that a repeat can be recognised."""
        return f"<{self.uuid}@{settings.COPROD_ORIGIN.split('//')[-1].split(':')[0]}>"


class StoredPage(models.Model):
    """One public page as it is served to people without a session: bytes, gzip, ETag."""

    address = models.CharField(max_length=200, unique=True)
    build = models.CharField(max_length=40)
    body = models.BinaryField()
    gzipped = models.BinaryField()
    content_type = models.CharField(max_length=80)
    etag = models.CharField(max_length=70)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.address


def refuse_change(thing: models.Model) -> None:
    """Raise for rows that are written once: what people agreed to must not move."""
    if not thing._state.adding:
        raise ValidationError(f"{thing._meta.verbose_name} rows are written once and never change.")
