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

from coprod.agreeing import needed
from meetings.models.attendance import Invitation, Via, how_it_came
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
    outcome = models.TextField(
        blank=True, max_length=2000, help_text="What we said to a “not yet” that changed no word"
    )
    outcome_at = models.DateTimeField(null=True, blank=True)
    outcome_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["version", "invitation"], name="one_answer_per_person_and_version"
            ),
            models.CheckConstraint(
                condition=~Q(answer="not_yet") | ~Q(reason=""), name="not_yet_says_why"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", outcome_at__isnull=True)
                | (~Q(outcome="") & Q(outcome_at__isnull=False) & Q(answer="not_yet")),
                name="only_not_yet_is_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invitation.person}: {self.get_answer_display()}"

    @property
    def is_open(self) -> bool:
        """A “not yet” that nobody has answered."""
        return self.answer == self.Answer.NOT_YET and not self.outcome

    @property
    def written_down(self) -> str:
        """Who wrote it down for them and how it came; nothing where they gave it themselves."""
        if self.answered_by_id in (None, self.invitation.person_id):
            return ""
        return how_it_came(self.via, self.answered_by, self.answered_at)


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
    #: How many “not yet” nobody has answered.
    not_yet_open: int = 0
    #: What a window waits for that is past its day: ``2 letters are posted``.
    waits_for: str = ""
    #: How many of those present were there for a part of it.
    partly: int = 0

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
        return [*lacks, *self._unheard]

    @property
    def unconfirmed(self) -> list[str]:
        """What keeps a later meeting from confirming it: somebody who hasn't been heard yet."""
        lacks = []
        if self.not_yet_open:
            who = "One person’s" if self.not_yet_open == 1 else f"{self.not_yet_open} people’s"
            lacks.append(f"{who} “not yet” has no answer.")
        return [*lacks, *self._unheard]

    @property
    def _unheard(self) -> list[str]:
        lacks = []
        if self.open_comments:
            lacks.append(
                f"{self.open_comments} of {self.all_comments} comments still need an answer."
            )
        if self.waits_for:
            lacks.append(f"Comments stay open until {self.waits_for}.")
        elif not self.window_closed:
            lacks.append("Comments are still open.")
        return lacks


def tally(version: Version) -> Tally:
    """Count the answers on one version, in five queries at most."""
    came = Invitation.objects.filter(
        meeting=version.minutes.meeting_id, attendance__isnull=False
    ).select_related("group", "reply__for_group", "attendance")
    # What is said after agreement waits for the next meeting: it undoes nothing.
    outcomes = Comment.objects.filter(version__minutes=version.minutes_id, is_late=False)
    return count(
        version,
        answers={each.invitation_id: each for each in version.agreements.all()},
        came=list(came),
        outcomes=list(outcomes.values_list("outcome", flat=True)),
    )


def count(
    version: Version,
    *,
    answers: Mapping[int, Agreement],
    came: Iterable[Invitation],
    outcomes: Collection[str],
    partly: Collection[int] = (),
) -> Tally:
    """The tally from rows that were read already: answers by invitation, who came, outcomes.

    ``partly``: invitations of those who missed an item. They are present like anybody else,
    and answer for what they were there for.
    """
    said = {pk: each.answer for pk, each in answers.items()}
    there = [i for i in came if said.get(i.pk) != Agreement.Answer.NOT_THERE]
    fair = [i for i in there if said.get(i.pk) == Agreement.Answer.FAIR]
    not_yet = [i for i in there if said.get(i.pk) == Agreement.Answer.NOT_YET]
    groups = {i.comes_for.name for i in there if i.comes_for and i.comes_for.is_member}
    heard = {i.comes_for.name for i in fair if i.comes_for}
    # What was agreed was closed before: letters about it hold nothing open any more.
    window = version.window if version.minutes.can("agree") else None
    return Tally(
        present=len(there),
        fair=len(fair),
        not_yet=len(not_yet),
        not_there=sum(answer == Agreement.Answer.NOT_THERE for answer in said.values()),
        needed=needed(len(there), version.agree_share),
        groups_missing=tuple(sorted(groups - heard)) if version.agree_every_group else (),
        open_comments=sum(outcome == "" for outcome in outcomes),
        all_comments=len(outcomes),
        window_closed=window is None or not window.is_open,
        not_yet_open=sum(answers[i.pk].is_open for i in not_yet),
        waits_for=window.waits_for if window is not None and window.is_held else "",
        partly=sum(i.pk in partly or i.attendance.is_part for i in there),
    )
