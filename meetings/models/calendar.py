"""Series, closed periods and meetings: when people meet."""

import datetime as dt
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import slugify

from coprod import clocks
from meetings.querysets import ClosedPeriodQuerySet, MeetingQuerySet


class Audience(models.TextChoices):
    """Who a meeting is for. Parents' meetings never show to officers or the public."""

    PARENTS = "parents", "Parents only"
    SERVICES = "services", "Parents with services"
    OPEN = "open", "Open event for any parent"


class Format(models.TextChoices):
    ROOM = "room", "In person"
    ONLINE = "online", "Online"
    BOTH = "both", "In person, or online"


class Series(models.Model):
    """A pattern of meetings: how often, for whom, usually when and where."""

    name = models.CharField(max_length=120, unique=True)
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.SERVICES)
    every_weeks = models.PositiveSmallIntegerField(
        default=6, validators=[MinValueValidator(1), MaxValueValidator(52)]
    )
    every_months = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
        help_text="Instead of weeks: the same weekday of the month, such as the second Tuesday",
    )
    starts = models.TimeField()
    ends = models.TimeField()
    format = models.CharField(max_length=10, choices=Format, default=Format.BOTH)
    place = models.CharField(max_length=200, blank=True)
    online_link = models.URLField(blank=True)
    expect = models.TextField(blank=True, max_length=600, help_text="What to expect on the day")
    terms = models.TextField(blank=True, max_length=4000)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name_plural = "series"
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")), name="series_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ClosedPeriod(models.Model):
    """Days when nobody should meet, as the coordinator typed them: school holidays, mostly."""

    name = models.CharField(max_length=80)
    first_day = models.DateField()
    last_day = models.DateField()
    imported_from = models.CharField(max_length=120, blank=True, help_text="Blank where typed")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = ClosedPeriodQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["first_day"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="closed_period_in_order"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Meeting(models.Model):
    """One meeting for its whole life, at one permanent address.

    Its local date and times are stored; ``starts_at`` (UTC) follows from them. The forum's
    day counts are copied here when it is made, so a later change of rule never moves a date.
    """

    series = models.ForeignKey(
        Series, null=True, blank=True, on_delete=models.PROTECT, related_name="meetings"
    )
    title = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120, unique=True)
    date = models.DateField(db_index=True)
    starts = models.TimeField()
    ends = models.TimeField()
    starts_at = models.DateTimeField(editable=False)
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.SERVICES)
    format = models.CharField(max_length=10, choices=Format, default=Format.BOTH)
    place = models.CharField(max_length=200, blank=True)
    online_link = models.URLField(blank=True)
    expect = models.TextField(blank=True, max_length=600)
    minutes_days = models.PositiveSmallIntegerField(default=14)
    agenda_days = models.PositiveSmallIntegerField(default=7)
    invitation_days = models.PositiveSmallIntegerField(default=28)
    parents_share = models.PositiveSmallIntegerField(default=33)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    announced_at = models.DateTimeField(null=True, blank=True)
    announced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    invited_at = models.DateTimeField(null=True, blank=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    agenda_sent_at = models.DateTimeField(null=True, blank=True)
    agenda_sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    places = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How many can sign up to an open event; blank: any number"
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    cancelled_reason = models.CharField(max_length=300, blank=True)
    minute_taker = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-date", "-starts"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")), name="meeting_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | ~Q(cancelled_reason=""),
                name="cancelled_meeting_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.date:%-d %B %Y}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.starts_at = clocks.local(self.date, self.starts)
        if not self.slug:
            self.slug = self.free_slug()
        super().save(*args, **kwargs)

    def free_slug(self) -> str:
        """The address for this date: ``2026-10-14-consortium``, with ``-2`` after a clash.

        Former addresses redirect for ever, so they are never given to another meeting.
        """
        base = f"{self.date:%Y-%m-%d}-{slugify(self.title)[:60].strip('-') or 'meeting'}"
        slug, number = base, 2
        while (
            Meeting.objects.exclude(pk=self.pk).filter(slug=slug).exists()
            or FormerAddress.objects.exclude(meeting=self.pk).filter(slug=slug).exists()
        ):
            slug, number = f"{base}-{number}", number + 1
        return slug

    def get_absolute_url(self) -> str:
        return reverse("meetings:meeting_detail", args=[self.slug])

    @property
    def ends_at(self) -> datetime:
        return clocks.local(self.date, self.ends)

    @property
    def is_past(self) -> bool:
        return self.ends_at <= timezone.now()

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= timezone.now()

    @property
    def is_cancelled(self) -> bool:
        """It stays at its address, with the reason; nothing is promised or asked any more."""
        return self.cancelled_at is not None

    @property
    def is_parents_only(self) -> bool:
        return self.audience == Audience.PARENTS

    @property
    def minutes_due_on(self) -> dt.date:
        """The last day of the two-week promise."""
        return self.date + timedelta(days=self.minutes_days)

    @property
    def agenda_due_on(self) -> dt.date:
        return self.date - timedelta(days=self.agenda_days)

    @property
    def invitation_due_on(self) -> dt.date:
        return self.date - timedelta(days=self.invitation_days)

    @cached_property
    def known_delays(self) -> list["Delay"]:
        """Every recorded delay, oldest first: one question, however often it is asked for."""
        return list(self.delays.all()) if self.pk else []

    @cached_property
    def known_moves(self) -> list["Move"]:
        """Every move, oldest first: one question, however often it is asked for."""
        return list(self.moves.all()) if self.pk else []

    def extension(self, promise: str) -> clocks.Extension | None:
        """The new date that the newest delay gives a promise, if it lies after the due date.

        A meeting that moved meanwhile may leave an old delay behind without meaning. An
        agenda's new date lies before the meeting.
        """
        minutes = promise == Delay.Promise.MINUTES
        due = self.minutes_due_on if minutes else self.agenda_due_on
        given = [d for d in self.known_delays if d.promise == promise and d.until > due]
        if not given:
            return None
        until = given[-1].until
        if not minutes:
            until = max(due, min(until, self.date - timedelta(days=1)))
        return clocks.Extension(
            until=until,
            reason=given[-1].reason,
            recorded_on=clocks.today(given[-1].recorded_at),
            days_after=max(0, *((clocks.today(d.recorded_at) - d.was_due).days for d in given)),
        )

    def clock_of_draft(self, sent_at: datetime | None) -> clocks.Clock:
        """The two-week promise: from the meeting's date until the first version went out."""
        return clocks.Clock(
            begins_on=self.date,
            days=self.minutes_days,
            kept_on=clocks.today(sent_at) if sent_at else None,
            extension=self.extension(Delay.Promise.MINUTES),
            reminds=clocks.halfway_and_last_days(self.minutes_days),
        )

    @property
    def draft_clock(self) -> clocks.Clock:
        """The same, also before the first word of the minutes is written."""
        minutes = getattr(self, "minutes", None)
        return self.clock_of_draft(minutes.circulated_at if minutes else None)

    def is_promised(self, promise: str) -> bool:
        """Whether anything is promised: not of a cancelled meeting, nor of what was put on
        record, called or moved nearer at short notice, when it was due already.
        """
        minutes = promise == Delay.Promise.MINUTES
        due = self.minutes_due_on if minutes else self.agenda_due_on
        if self.cancelled_at is not None or clocks.today(self.created_at) > due:
            return False
        return minutes or not self._came_too_near

    @property
    def _came_too_near(self) -> bool:
        """Whether a move left no time for the agenda. One that was late by then stays late."""
        sent, notice = self.agenda_sent_at, timedelta(days=self.agenda_days)
        moves = [m for m in self.known_moves if m.date != m.date_was]
        before = [m for m in moves if sent is None or m.moved_at < sent]
        if not before:
            return False
        moved_on = clocks.today(before[-1].moved_at)
        return before[-1].date - notice < moved_on <= before[-1].date_was - notice

    @property
    def is_recorded_later(self) -> bool:
        """Entered after its minutes were due: nothing is sent by itself, no promise is counted."""
        return clocks.today(self.created_at) > self.minutes_due_on

    def date_on(self, moment: datetime) -> dt.date:
        """The date that the meeting had at a moment, however often it moved afterwards.

        A promise kept for the date of its day stays kept.
        """
        later = [move for move in self.known_moves if move.moved_at >= moment]
        return later[0].date_was if later else self.date

    @property
    def where(self) -> str:
        """Where it is, in words for a list."""
        if self.format == Format.ONLINE:
            return "Online"
        place = self.place or "Place to be confirmed"
        return f"{place}, or online" if self.format == Format.BOTH else place


class FormerAddress(models.Model):
    """An address that a meeting had before its date moved; it redirects for ever."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="former_addresses")
    slug = models.SlugField(max_length=120, unique=True)

    def __str__(self) -> str:
        return self.slug


class Move(models.Model):
    """That a meeting moved to another day, time or place: what it was, what it became, why.

    Kept for ever, so that the page can show every former date. Its count is the sequence
    number of the calendar entry, which is how calendars replace an entry and never double it.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="moves")
    date_was = models.DateField()
    starts_was = models.TimeField()
    ends_was = models.TimeField()
    where_was = models.CharField(max_length=220, blank=True)
    date = models.DateField()
    starts = models.TimeField()
    ends = models.TimeField()
    where = models.CharField(max_length=220, blank=True)
    reason = models.CharField(max_length=300)
    moved_at = models.DateTimeField(default=timezone.now)
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["meeting", "moved_at", "pk"]

    def __str__(self) -> str:
        return f"{self.meeting}: from {self.date_was:%-d %B %Y}"

    @property
    def is_to_another_time(self) -> bool:
        """Whether the day or the hour changed, so that earlier answers may not hold."""
        was = (self.date_was, self.starts_was, self.ends_was)
        return was != (self.date, self.starts, self.ends)


class Delay(models.Model):
    """That a promised date can't be kept: why, and by when instead. The newest one counts.

    Source: minutes within two weeks and the agenda a week before are promises; a missed one
    is explained to everybody who was promised it, never silent.
    """

    class Promise(models.TextChoices):
        MINUTES = "minutes", "Draft minutes"
        AGENDA = "agenda", "Agenda"

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="delays")
    promise = models.CharField(max_length=8, choices=Promise)
    was_due = models.DateField()
    until = models.DateField()
    reason = models.CharField(max_length=300)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["meeting", "recorded_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(until__gt=F("was_due")), name="delay_is_until_later"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="delay_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.get_promise_display()} of {self.meeting}, until {self.until:%-d %B %Y}"
