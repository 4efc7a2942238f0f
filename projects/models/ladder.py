"""Levels: what the log proves, what the officer claims, what the forum confirms, by quarter."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from projects.models.projects import Project


class Ladder(models.Model):
    """A way of naming the levels. One is in use; each forum may rename rungs or add its own."""

    name = models.CharField(max_length=80, unique=True)
    is_used = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["is_used"], condition=Q(is_used=True), name="one_ladder_in_use"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Rung(models.Model):
    """One rung: its name, and which level of evidence (0 to 4) it stands on.

    Several rungs may stand on one level; evidence reaches the lowest of them, and only the
    forum may confirm a higher one.
    """

    ladder = models.ForeignKey(Ladder, on_delete=models.CASCADE, related_name="rungs")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    meaning = models.CharField(max_length=300, blank=True)
    level = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar[list[str]] = ["ladder", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["ladder", "number"], name="one_rung_per_number"),
            models.CheckConstraint(condition=Q(level__lte=4), name="rung_level_to_4"),
        ]

    def __str__(self) -> str:
        return self.name


class Round(models.Model):
    """A new count: from its first day on, only what was logged since then is counted.

    Source: an earlier beginning can't be made up later, but a new stage can begin a new count.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="rounds")
    began_on = models.DateField()
    name = models.CharField(max_length=160, help_text="What begins, such as the second contract")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["project", "-began_on", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["project", "began_on"], name="one_round_a_day")
        ]

    def __str__(self) -> str:
        return self.name


class Claim(models.Model):
    """The level that an officer says a project has. It raises nothing by itself."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="claims")
    level = models.PositiveSmallIntegerField()
    rung_name = models.CharField(max_length=60, help_text="As the ladder named it on that day")
    reason = models.TextField(max_length=1000)
    claimed_at = models.DateTimeField(default=timezone.now)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-claimed_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(ended_at__isnull=True), name="one_claim_stands"
            ),
            models.CheckConstraint(condition=Q(level__lte=4), name="claim_level_to_4"),
            models.CheckConstraint(condition=~Q(reason=""), name="claim_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.rung_name} claimed"


class Confirmation(models.Model):
    """The level that the forum confirms, citing what parents decided and when."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="confirmations")
    level = models.PositiveSmallIntegerField()
    rung_name = models.CharField(max_length=60, help_text="As the ladder named it on that day")
    decided_on = models.DateField(help_text="The day of the parents’ meeting that decided")
    decided_where = models.CharField(max_length=200)
    minutes_address = models.CharField(
        max_length=200, blank=True, help_text="Where its minutes are, such as /meetings/…"
    )
    words = models.TextField(max_length=1000, blank=True)
    confirmed_at = models.DateTimeField(default=timezone.now)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_reason = models.CharField(
        max_length=300, blank=True, help_text="Why; empty where another one replaced it"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-confirmed_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(ended_at__isnull=True),
                name="one_confirmation_stands",
            ),
            models.CheckConstraint(condition=Q(level__lte=4), name="confirmation_level_to_4"),
            models.CheckConstraint(
                condition=~Q(decided_where=""), name="confirmation_cites_a_decision"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.rung_name} confirmed"


class LevelAtQuarter(models.Model):
    """How a project stood in a quarter, and the thresholds that applied to it then.

    ``quarter``: its first day. The running quarter's row changes with the log; a past one never.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="quarters")
    quarter = models.DateField()
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    claimed = models.PositiveSmallIntegerField(null=True, blank=True)
    confirmed = models.PositiveSmallIntegerField(null=True, blank=True)
    least_sessions = models.PositiveSmallIntegerField()
    least_share = models.PositiveSmallIntegerField(help_text="Percent of those in the sessions")

    class Meta:
        ordering: ClassVar[list[str]] = ["project", "quarter"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["quarter", "level"])]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["project", "quarter"], name="one_level_a_quarter")
        ]

    def __str__(self) -> str:
        return f"{self.project}, {self.quarter}"
