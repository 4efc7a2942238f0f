"""Numbered versions as they went out: stored text that never changes, and its hashes."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from coprod import clocks
from coprod.models import refuse_change
from meetings.querysets import VersionQuerySet
from meetings.querysets.versions import CALL_DAYS, LETTER_DAYS


@dataclass(frozen=True)
class Window:
    """Until when a version's comments are open. Source: nobody is left out of a comment.

    It closes at the end of the day that everybody was told, but stays open while a draft of it
    is unposted, not read out or has come back; and for three days after the last letter was
    posted, one day after the last call. Only a reason that readers see closes it before that.
    """

    told: date
    letters: int = 0
    calls: int = 0
    failed: int = 0
    posted_on: date | None = None
    rung_on: date | None = None
    reason: str = ""
    reason_on: date | None = None

    @property
    def waiting(self) -> int:
        """How many people's drafts nobody has posted, read out or sent again."""
        return self.letters + self.calls + self.failed

    @property
    def waits_for(self) -> str:
        """What has to be done for them: ``2 letters are posted and one call is made``."""
        told = [
            (self.letters, "letter is posted", "letters are posted"),
            (self.calls, "call is made", "calls are made"),
            (self.failed, "message that failed arrives", "messages that failed arrive"),
        ]
        return " and ".join(f"{n} {one if n == 1 else many}" for n, one, many in told if n)

    @property
    def last_day(self) -> date:
        """The last day for comments, as far as it is known."""
        if self.reason:
            return max(self.told, self.reason_on or self.told)
        days = [self.told]
        if self.posted_on:
            days.append(self.posted_on + timedelta(days=LETTER_DAYS))
        if self.rung_on:
            days.append(self.rung_on + timedelta(days=CALL_DAYS))
        return max(days)

    @property
    def is_open(self) -> bool:
        if self.reason:
            return clocks.today() <= self.told
        return bool(self.waiting) or clocks.today() <= self.last_day

    @property
    def is_held(self) -> bool:
        """Whether it is open only because somebody's draft was late in reaching them."""
        return self.is_open and clocks.today() > self.told


class Version(models.Model):
    """A numbered version as it went out: two stored renditions, each with its hash.

    Written once (a trigger refuses a change of text or hash). ``full`` goes to those who
    were there and to named readers, ``public`` to other invitees and later to everyone.
    The rule in force for agreeing is copied here.
    """

    minutes = models.ForeignKey(
        "meetings.Minutes", on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveSmallIntegerField()
    full = models.JSONField()
    public = models.JSONField()
    full_sha256 = models.CharField(max_length=64)
    public_sha256 = models.CharField(max_length=64)
    circulated_at = models.DateTimeField(default=timezone.now)
    circulated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    comments_close_on = models.DateField()
    agree_share = models.PositiveSmallIntegerField(default=50)
    agree_every_group = models.BooleanField(default=True)
    agree_at_next = models.BooleanField(default=True)
    as_it_stands = models.BooleanField(
        default=False, help_text="Sent by itself on the last day of the promise"
    )
    spelling_only = models.BooleanField(
        default=False, help_text="Answers on the version before hold for this one too"
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["minutes", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["minutes", "number"], name="one_version_per_number"),
        ]

    def __str__(self) -> str:
        return f"Version {self.number} of the {self.minutes}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        refuse_change(self)
        self.full_sha256 = sha256_of(self.full)
        self.public_sha256 = sha256_of(self.public)
        super().save(*args, **kwargs)

    @cached_property
    def window(self) -> Window:
        """When comments close. No question where it was read ``with_window``; else one."""
        read: Any = self
        if not hasattr(self, "letters_waiting"):
            read = Version.objects.with_window().only("pk").get(pk=self.pk)
        return Window(
            told=self.comments_close_on,
            letters=read.letters_waiting or 0,
            calls=read.calls_waiting or 0,
            failed=read.others_failed or 0,
            posted_on=read.posted_at and clocks.today(read.posted_at),
            rung_on=read.rung_at and clocks.today(read.rung_at),
            reason=read.reason_given or "",
            reason_on=read.reason_at and clocks.today(read.reason_at),
        )

    @property
    def comments_open(self) -> bool:
        """The window closes at the end of its last day, UK time."""
        return self.window.is_open

    @property
    def closes_on(self) -> date:
        """The last day for comments: as everybody was told, or later where a letter was late."""
        return self.window.last_day

    @property
    def private_uids(self) -> set[str]:
        """Paragraphs that only readers of the full rendition may know about."""
        return {
            p["uid"]
            for item in self.full["items"]
            for p in item["paragraphs"]
            if p["private"] or item["private"]
        }

    def paragraph(self, uid: str, *, full: bool) -> dict[str, Any] | None:
        """One paragraph of a rendition, or None."""
        for item in (self.full if full else self.public)["items"]:
            for paragraph in item["paragraphs"]:
                if paragraph["uid"] == uid:
                    return paragraph  # type: ignore[no-any-return]
        return None


class WindowReason(models.Model):
    """Why comments on a version closed although a letter wasn’t posted or a call not made."""

    version = models.OneToOneField(Version, on_delete=models.CASCADE, related_name="window_reason")
    reason = models.CharField(max_length=300)
    given_at = models.DateTimeField(default=timezone.now)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(reason=""), name="window_reason_given")
        ]

    def __str__(self) -> str:
        return self.reason


class Correction(models.Model):
    """What changed after publication, why, and who agreed to it: a visible note for ever.

    ``version`` is the new text; the one before stays readable. Source: a mistake found after
    publication is put right by a dated note and a new version, never quietly.
    """

    class Kind(models.TextChoices):
        CORRECTION = "correction", "A mistake put right"
        RELEASE = "release", "Something private shown"
        REDACTION = "redaction", "Something taken out"

    version = models.OneToOneField(Version, on_delete=models.PROTECT, related_name="correction")
    kind = models.CharField(max_length=10, choices=Kind)
    note = models.TextField(max_length=1000, help_text="What everyone reads about it")
    approved_by_words = models.CharField(max_length=200, help_text="Who agreed to it, and when")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(note="") & ~Q(approved_by_words=""),
                name="correction_says_what_and_who",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.version}"


def canonical(rendition: dict[str, Any]) -> bytes:
    """A rendition's bytes for hashing: sorted keys, no spaces, UTF-8."""
    return json.dumps(rendition, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256_of(rendition: dict[str, Any]) -> str:
    """The hash of a rendition's canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(rendition)).hexdigest()


def closes_on(sent: date, days: int) -> date:
    """The last day of a window of ``days`` that opens on ``sent``."""
    return sent + timedelta(days=days)
