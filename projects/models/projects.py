"""A piece of work on services: who leads it, when it began and is due, what is new."""

from datetime import date, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from coprod import clocks
from projects.querysets import NamedQuerySet, ProjectQuerySet, UpdateQuerySet
from projects.status import Status, derive
from projects.vague import ENDS, Kind, VagueDate


class Theme(models.Model):
    """What projects are about, as the forum sorts them: transport, short breaks, leaving school."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


def _dates_in_order(name: str) -> models.CheckConstraint:
    """Nothing is understood of a date, or a period whose end isn't before its beginning."""
    first, last = f"{name}_first", f"{name}_last"
    return models.CheckConstraint(
        condition=Q(**{f"{first}__isnull": True, f"{last}__isnull": True})
        | Q(**{f"{last}__gte": F(first)}),
        name=f"project_{name}_in_order",
    )


class Project(models.Model):
    """One piece of work, with its dates as they were written *and* as they are understood.

    ``level`` is what the log proves (None: not on the ladder yet; 0: no parents involved), kept
    here so that lists can be sorted; ``projects.services.levels`` alone writes it.
    ``last_news_on`` is the day of the newest note, log entry or answer.
    """

    slug = models.SlugField(max_length=90, unique=True)
    title = models.CharField(max_length=300)
    summary = models.TextField(blank=True, max_length=1000, help_text="What it is, in two lines")
    driver = models.TextField(blank=True, help_text="Why the work is done")
    involved = models.TextField(blank=True, help_text="Who is involved, as written")
    theme = models.ForeignKey(
        Theme, null=True, blank=True, on_delete=models.SET_NULL, related_name="projects"
    )
    lead = models.ForeignKey(
        "members.Organisation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="projects",
    )
    wards = models.CharField(max_length=300, blank=True, help_text="Where it matters, as written")
    is_public = models.BooleanField(default=True)
    # Dates as vague as life: the words, the first and last possible day, what kind it is, and
    # what had to be guessed.
    started_text = models.CharField(max_length=300, blank=True)
    started_first = models.DateField(null=True, blank=True)
    started_last = models.DateField(null=True, blank=True)
    started_kind = models.CharField(max_length=16, choices=Kind, default=Kind.NONE)
    started_doubt = models.CharField(max_length=200, blank=True)
    due_text = models.CharField(max_length=300, blank=True)
    due_first = models.DateField(null=True, blank=True)
    due_last = models.DateField(null=True, blank=True)
    due_kind = models.CharField(max_length=16, choices=Kind, default=Kind.NONE)
    due_doubt = models.CharField(max_length=200, blank=True)
    review_on = models.DateField(
        null=True, blank=True, help_text="When work without an end is looked at again"
    )
    completed_on = models.DateField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    confirmed_level = models.PositiveSmallIntegerField(null=True, blank=True)
    last_news_on = models.DateField(null=True, blank=True)
    edit_no = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["title", "pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["last_news_on"]),
            models.Index(fields=["level"]),
            models.Index(fields=["due_last"]),
            models.Index(fields=["completed_on"]),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _dates_in_order("started"),
            _dates_in_order("due"),
            models.CheckConstraint(condition=~Q(title=""), name="project_has_a_title"),
            models.CheckConstraint(
                condition=Q(completed_on__isnull=True) | Q(completed_at__isnull=False),
                name="completed_project_says_when",
            ),
            models.CheckConstraint(
                condition=Q(level__isnull=True) | Q(level__lte=4), name="project_level_to_4"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_level__isnull=True) | Q(confirmed_level__lte=4),
                name="project_confirmed_level_to_4",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("projects:project_detail", args=[self.slug])

    @property
    def started(self) -> VagueDate:
        return VagueDate(
            self.started_text,
            self.started_first,
            self.started_last,
            self.started_kind,
            self.started_doubt,
        )

    @started.setter
    def started(self, date: VagueDate) -> None:
        self.started_text, self.started_kind = date.text, date.kind
        self.started_first, self.started_last = date.first, date.last
        self.started_doubt = date.doubt

    @property
    def due(self) -> VagueDate:
        return VagueDate(
            self.due_text, self.due_first, self.due_last, self.due_kind, self.due_doubt
        )

    @due.setter
    def due(self, date: VagueDate) -> None:
        self.due_text, self.due_kind = date.text, date.kind
        self.due_first, self.due_last = date.first, date.last
        self.due_doubt = date.doubt

    @cached_property
    def override(self) -> "Override | None":
        """The status that somebody set by hand, while it stands."""
        return self.overrides.filter(ended_at__isnull=True).select_related("made_by").first()

    def status_on(self, today: date) -> Status:
        """The status that is shown: the one set by hand while it stands, else by the dates.

        A project of ``with_status`` has it as ``status`` (and ``derived``) without a query.
        """
        return Status(self.override.status) if self.override else derive(self, today)

    def is_quiet_on(self, today: date, days: int) -> bool:
        """No news for so many days, as ``gone_quiet`` asks it of many."""
        if self.status_on(today) == Status.COMPLETED:
            return False
        if self.override and self.override.status == Status.DUE_TO_START:
            return False
        if self.started_first is not None and self.started_first > today:
            return False
        return self.quiet_since <= today - timedelta(days=days)

    def is_review_due_on(self, today: date) -> bool:
        """It goes on without an end, and its day to be looked at again has come."""
        if self.completed_on is not None or self.due_kind in ENDS or self.review_on is None:
            return False
        return self.review_on <= today

    def previous_status_on(self, today: date) -> "tuple[Status, date] | None":
        """What it was before the status that is shown, and until when. One question."""
        status, rows = self.status_on(today), list(self.status_changes.all()[:2])
        if rows and rows[0].status != status:  # the clock changed it, not yet written down
            return Status(rows[0].status), today
        return (Status(rows[1].status), rows[0].on) if len(rows) > 1 else None

    @property
    def quiet_since(self) -> date:
        """The day of the last news; without any, the day on which it was added here."""
        return self.last_news_on or clocks.today(self.created_at)


class Named(models.Model):
    """That somebody is on a project, and as what: these may write in its log."""

    class Part(models.TextChoices):
        LEAD = "lead", "Lead officer"
        OFFICER = "officer", "Officer"
        REP = "rep", "Representative"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="named")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="on_projects"
    )
    part = models.CharField(max_length=8, choices=Part)
    named_at = models.DateTimeField(default=timezone.now)
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = NamedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["project", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["project", "person"],
                condition=Q(ended_at__isnull=True),
                name="named_once_on_a_project",
            ),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(ended_at__isnull=True, part="lead"),
                name="one_lead_officer_per_project",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.get_part_display().lower()} of {self.project}"


class Update(models.Model):
    """What is new about a project, on one day, in somebody's words. Never changed, only added."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="updates")
    on = models.DateField()
    text = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_imported = models.BooleanField(
        default=False, help_text="Notes of a table that was imported: words, no news of a day"
    )

    objects = UpdateQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-on", "-pk"]

    def __str__(self) -> str:
        return f"{self.on}: {self.text[:60]}"


class Override(models.Model):
    """A status that was set by hand against the dates, and why. Both are shown while it stands."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="overrides")
    status = models.CharField(max_length=14, choices=Status)
    reason = models.CharField(max_length=300)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-made_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(ended_at__isnull=True),
                name="one_override_per_project",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="override_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.get_status_display()}"


class StatusChange(models.Model):
    """That a project's status became another one on a day: what "previous state" is read from."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="status_changes")
    status = models.CharField(max_length=14, choices=Status)
    on = models.DateField()

    class Meta:
        ordering: ClassVar[list[str]] = ["project", "-on", "-pk"]

    def __str__(self) -> str:
        return f"{self.project}: {self.get_status_display()} from {self.on}"
