"""The involvement log: who was asked, who took part, what they said and what became of it."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from coprod.templatetags.forum import and_list, plural
from projects.methods import ASKING, Method
from projects.models.projects import Project
from projects.querysets import AccountQuerySet, InvolvementQuerySet


class Stage(models.IntegerChoices):
    """Where the work stood when parents came in, in order."""

    BEFORE_SCOPING = 0, "Before scoping: nothing was settled yet"
    SCOPING = 1, "Scoping: deciding what to do"
    DRAFTING = 2, "Drafting: writing or designing it"
    AFTER_DRAFT = 3, "After the draft: it was written already"
    SIGN_OFF = 4, "Sign-off: agreeing the result"
    DELIVERY = 5, "Delivery: it’s running"
    REVIEW = 6, "Review: looking back"


class Involvement(models.Model):
    """One time that parents were, or weren't, part of a project, as an officer or rep logged it.

    An entry is never deleted: one made by mistake is taken back with a reason and stays readable.
    ``reply_due_on``: until when what was asked may wait for its reply before it counts as
    unanswered. Only its reply is added later; whatever else has to be put right is a new entry
    that ``replaces`` it, so that what stood before stays readable. ``told_by``: somebody on the
    project who told the coordinator, who wrote it down.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="involvements")
    on = models.DateField()
    title = models.CharField(max_length=160, blank=True)
    method = models.CharField(max_length=14, choices=Method)
    stage = models.PositiveSmallIntegerField(choices=Stage)
    said = models.TextField(blank=True, max_length=4000, help_text="What they said")
    changed = models.TextField(blank=True, max_length=4000, help_text="What changed because of it")
    unchanged = models.TextField(blank=True, max_length=4000, help_text="What didn’t change")
    why = models.TextField(blank=True, max_length=4000, help_text="Why it didn’t")
    told_how = models.CharField(max_length=200, blank=True, help_text="How they were told")
    replied_on = models.DateField(
        null=True, blank=True, help_text="When parents were told what became of it"
    )
    reply_due_on = models.DateField(null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="Time that parents gave, in minutes, all together"
    )
    next_on = models.DateField(null=True, blank=True, help_text="When they meet or hear next")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replaced_by"
    )
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    taken_back_reason = models.CharField(max_length=300, blank=True)

    objects = InvolvementQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-on", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(stage__gte=0, stage__lte=6), name="involvement_stage_known"
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at__isnull=True) | ~Q(taken_back_reason=""),
                name="taken_back_entry_says_why",
            ),
            models.CheckConstraint(
                condition=Q(replied_on__isnull=True) | Q(replied_at__isnull=False),
                name="reply_says_when_it_was_recorded",
            ),
        ]

    def __str__(self) -> str:
        return self.title or Method(self.method).short

    def came(self, who: str) -> int:
        """How many of these took part. Asks nothing where the entry came ``with_people``."""
        return sum(part.came for part in self.participations.all() if part.who == who)

    @property
    def parents_came(self) -> int:
        return self.came(Participation.Who.PARENTS)

    @property
    def is_standing(self) -> bool:
        return self.taken_back_at is None

    @property
    def asks(self) -> bool:
        """Whether parents are owed word of what became of it: they took part, not just heard."""
        return self.method != Method.TOLD and self.parents_came > 0

    @property
    def can_be_answered(self) -> bool:
        """Parents took part, and no day is written down on which they were told of it."""
        return self.is_standing and self.replied_on is None and self.asks

    @property
    def awaits_reply(self) -> bool:
        """A reply is owed: a session has it with its outcome, those who were asked on a day."""
        outcome = bool(self.changed or (self.unchanged and self.why))
        return self.can_be_answered and not (outcome and self.method not in ASKING)

    @property
    def who_words(self) -> str:
        """``4 parents, from Saltings Families and others in no group; 3 officers``."""
        return who_words(self.participations.all())


def who_words(parts: Any) -> str:
    """Those who took part, in a sentence; empty when nobody is counted."""
    said = []
    for who, noun in _NOUNS.items():
        here = [part for part in parts if part.who == who and part.came]
        if here:
            groups = [part.group.name for part in here if part.group is not None]
            if groups and len(here) > len(groups):
                groups.append("others in no group")
            words = plural(sum(part.came for part in here), noun)
            said.append(f"{words}, from {and_list(groups)}" if groups else words)
    return "; ".join(said)


class Participation(models.Model):
    """Who was asked and who took part in one entry: a group's, or all others' of one kind."""

    class Who(models.TextChoices):
        PARENTS = "parents", "Parents"
        YOUNG = "young", "Young people"
        OFFICERS = "officers", "Officers"

    involvement = models.ForeignKey(
        Involvement, on_delete=models.CASCADE, related_name="participations"
    )
    who = models.CharField(max_length=10, choices=Who)
    group = models.ForeignKey(
        "members.MemberGroup",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="participations",
    )
    invited = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: not counted")
    came = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["involvement", "who", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["involvement", "who", "group"], name="group_counted_once_an_entry"
            ),
            models.UniqueConstraint(
                fields=["involvement", "who"],
                condition=Q(group__isnull=True),
                name="others_counted_once_an_entry",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.came} {self.get_who_display().lower()}"


#: What people are called where they are counted.
_NOUNS = {
    Participation.Who.PARENTS: "parent",
    Participation.Who.YOUNG: "young person,young people",
    Participation.Who.OFFICERS: "officer",
}


class LogDraft(models.Model):
    """An entry that somebody is still writing, kept as typed, page by page, until it is saved.

    It outlives a lost signal, a closed tab, signing out and changing from phone to desk. Saving
    empties it and names the entry, so that a button pressed twice saves once.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="log_drafts"
    )
    answers = models.JSONField(default=dict, help_text="What was typed, by page")
    replaces = models.ForeignKey(
        Involvement, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    entry = models.ForeignKey(
        Involvement, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    begun_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar[list[str]] = ["-changed_at", "-pk"]

    def __str__(self) -> str:
        return f"Unsaved entry on {self.project}"


class OwnAccount(models.Model):
    """“We were involved”, or not, in somebody's own words, beside the officer's log."""

    class Early(models.TextChoices):
        YES = "yes", "Yes, early enough"
        NO = "no", "No, too late"
        UNSURE = "unsure", "We’re not sure"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="accounts")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="accounts"
    )
    group = models.ForeignKey(
        "members.MemberGroup", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    were_involved = models.BooleanField()
    when_text = models.CharField(max_length=120, blank=True, help_text="When, as written")
    early = models.CharField(max_length=8, choices=Early, blank=True)
    text = models.TextField(blank=True, max_length=2000)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return "We were involved" if self.were_involved else "We were not involved"

    @property
    def whose(self) -> str:
        """How everybody reads of whose words these are: by group, unless they chose otherwise."""
        person = self.person
        if self.group is None and person.public_name == person.PublicName.GROUP:
            return "Somebody who is on the project"
        return str(person.name_in_public(self.group))

    @property
    def is_noted_for(self) -> bool:
        """Somebody else wrote it down for them, such as the coordinator on the phone."""
        return self.made_by_id is not None and self.made_by_id != self.person_id
