"""Whether the people who were there agree: the forum's rule, counted from the records.

Source: at least a set share of those present say that it is a fair record, one of them from
each member group present, nobody says not yet, the comment window has closed and every
comment has an outcome. Silence is never yes.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from meetings.models.attendance import Invitation, Via
from meetings.models.comments import Comment
from meetings.models.versions import Version


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
    via = models.CharField(max_length=8, choices=Via, blank=True, default=Via.ITSELF)
    carried_from = models.OneToOneField(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="carried_to",
        help_text="The answer that it repeats, where only spelling changed",
    )
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


class Confirmation(models.Model):
    """That a later meeting confirmed minutes as an item: the other way to be agreed."""

    minutes = models.OneToOneField(
        "meetings.Minutes", on_delete=models.PROTECT, related_name="confirmation"
    )
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    meeting = models.ForeignKey(
        "meetings.Meeting", on_delete=models.PROTECT, related_name="confirmations"
    )
    words = models.CharField(max_length=300, blank=True, help_text="How it was confirmed")
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.minutes}, confirmed at {self.meeting}"


@dataclass(frozen=True)
class Tally:
    """The count for one version, and what is still missing, in sentences."""

    present: int
    fair: int
    not_yet: int
    not_there: int
    needed: int
    groups_missing: tuple[str, ...]
    open_comments: int
    all_comments: int
    window_closed: bool

    @property
    def answered(self) -> int:
        return self.fair + self.not_yet

    @property
    def is_met(self) -> bool:
        return not self.missing

    @property
    def missing(self) -> list[str]:
        """Each thing that stands between this version and being agreed."""
        lacks = []
        if not self.present:
            lacks.append("Nobody is recorded as having been there.")
        elif self.fair < self.needed:
            more = self.needed - self.fair
            lacks.append(f"{more} more of those who were there must say that it’s a fair record.")
        if self.groups_missing:
            groups = ", ".join(self.groups_missing)
            lacks.append(f"Nobody has said yes yet from {groups}.")
        if self.not_yet:
            who = "One person" if self.not_yet == 1 else f"{self.not_yet} people"
            lacks.append(f"{who} said “not yet”.")
        if self.open_comments:
            lacks.append(
                f"{self.open_comments} of {self.all_comments} comments still need an answer."
            )
        if not self.window_closed:
            lacks.append("Comments are still open.")
        return lacks


def tally(version: Version) -> Tally:
    """Count the answers on one version, in three queries."""
    came = Invitation.objects.filter(
        meeting=version.minutes.meeting_id, attendance__isnull=False
    ).select_related("group")
    # What is said after agreement waits for the next meeting: it undoes nothing.
    outcomes = Comment.objects.filter(version__minutes=version.minutes_id, is_late=False)
    return count(
        version,
        answers=dict(version.agreements.values_list("invitation_id", "answer")),
        came=list(came),
        outcomes=list(outcomes.values_list("outcome", flat=True)),
    )


def count(
    version: Version,
    *,
    answers: Mapping[int, str],
    came: Iterable[Invitation],
    outcomes: Collection[str],
) -> Tally:
    """The tally from rows that were read already: answers by invitation, who came, outcomes."""
    there = [i for i in came if answers.get(i.pk) != "not_there"]
    fair = [i for i in there if answers.get(i.pk) == "fair"]
    groups = {i.group.name for i in there if i.group is not None and i.group.is_member}
    heard = {i.group.name for i in fair if i.group is not None}
    return Tally(
        present=len(there),
        fair=len(fair),
        not_yet=sum(answers.get(i.pk) == "not_yet" for i in there),
        not_there=sum(answer == "not_there" for answer in answers.values()),
        needed=max(1, -(-len(there) * version.agree_share // 100)),
        groups_missing=tuple(sorted(groups - heard)) if version.agree_every_group else (),
        open_comments=sum(outcome == "" for outcome in outcomes),
        all_comments=len(outcomes),
        window_closed=not version.comments_open,
    )
