"""A table that was brought in: its rows as they stood, what they were understood as, and undo."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from projects.models.projects import Project


class ColumnMatching(models.Model):
    """Which column of a table means what, remembered by its headings for the next time."""

    headings_key = models.CharField(max_length=64, unique=True, help_text="Hash of the headings")
    columns = models.JSONField(default=dict, help_text="Heading's place to field's name")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return self.headings_key


class Import(models.Model):
    """One table, from its upload to its projects, or to its undoing.

    Rows are read into ``ImportRow`` first, in batches that show how far it is; the projects are
    then written in one transaction, so that an interrupted import leaves all of them or none.
    """

    class State(models.TextChoices):
        READING = "reading", "Being read"
        READ = "read", "Read, nothing is added yet"
        RUNNING = "running", "Being added"
        DONE = "done", "Added"
        UNDONE = "undone", "Undone"
        FAILED = "failed", "Failed"

    name = models.CharField(max_length=200, help_text="The file's name, or that it was pasted")
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.READING)
    headings = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    source = models.BinaryField(default=bytes, help_text="The table until it has been read")
    is_public = models.BooleanField(
        default=True, help_text="Whether everybody sees projects whose rows don’t say it"
    )
    rows_read = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-made_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(reason=""), name="failed_import_says_why"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ImportRow(models.Model):
    """One row: every cell as it stood, and the project that it became."""

    class Outcome(models.TextChoices):
        NEW = "new", "A new project"
        SAME = "same", "Here already"
        DIFFERS = "differs", "Here already, with other words"
        PROBLEM = "problem", "Can’t be added"
        SKIPPED = "skipped", "Left out"

    made_from = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="Its place in the table, from 1")
    cells = models.JSONField(default=list)
    key = models.CharField(max_length=64, db_index=True, help_text="Hash of the words in it")
    outcome = models.CharField(max_length=10, choices=Outcome)
    problems = models.JSONField(default=list)
    reads_finished = models.BooleanField(
        default=False, help_text="Its notes read as if the work were done"
    )
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.SET_NULL, related_name="import_rows"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["made_from", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["made_from", "number"], name="one_row_per_number")
        ]

    def __str__(self) -> str:
        return f"Row {self.number} of {self.made_from}"
