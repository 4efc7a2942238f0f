"""Logging who took part and what became of it: drafts, entries, replies, putting right.

An entry is written once. A reply is added to it; anything else that has to be put right is a
new entry which replaces it, so that nothing is rewritten quietly.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Forum
from members.models import MemberGroup, Person
from projects.methods import ASKING, Method
from projects.models import Involvement, LogDraft, Participation, Project
from projects.services.levels import refresh_level
from projects.services.locks import lock_project
from projects.services.news import note_news

#: An entry that was begun and never saved is forgotten after so many days without a touch.
DRAFT_DAYS = 90


@dataclass(frozen=True)
class Part:
    """How many of one kind took part, of one group or of none; ``invited`` None: not counted."""

    who: str
    came: int
    invited: int | None = None
    group: MemberGroup | None = None


@dataclass(frozen=True)
class Reply:
    """What became of it, how parents were told and on which day."""

    on: date
    how: str
    changed: str = ""
    unchanged: str = ""
    why: str = ""


@dataclass(frozen=True)
class Logged:
    """Everything that an entry says, before it is one."""

    on: date
    method: str
    stage: int
    parts: Sequence[Part] = ()
    title: str = ""
    said: str = ""
    changed: str = ""
    unchanged: str = ""
    why: str = ""
    told_how: str = ""
    replied_on: date | None = None
    next_on: date | None = None
    minutes: int | None = None
    told_by: Person | None = None
    #: More took part than were invited: shown before saving, never refused.
    more_than_invited: Sequence[Part] = field(default=(), compare=False)

    @property
    def parents(self) -> int:
        return self.came(Participation.Who.PARENTS)

    def came(self, who: str) -> int:
        return sum(part.came for part in self.parts if part.who == who)

    @property
    def asks(self) -> bool:
        """Whether parents are owed word of what became of it. As ``Involvement.asks``."""
        return self.method != Method.TOLD and self.parents > 0

    @property
    def awaits_reply(self) -> bool:
        """As ``Involvement.awaits_reply``."""
        outcome = self.changed or (self.unchanged and self.why)
        answered = self.replied_on or (outcome and self.method not in ASKING)
        return self.asks and not answered


def lock_draft(draft: LogDraft) -> LogDraft:
    """The row, locked: a draft becomes one entry."""
    return LogDraft.objects.select_for_update().get(pk=draft.pk)


def lock_entry(entry: Involvement) -> Involvement:
    """The row, locked: an entry is answered once and taken back once."""
    return Involvement.objects.select_for_update().get(pk=entry.pk)


def refuse(logged: Logged, today: date) -> None:
    """Raise TransitionNotAllowed for what no entry may say, whatever a form let through."""
    if logged.on > today:
        raise TransitionNotAllowed("Log it once it has happened.")
    if logged.unchanged and not logged.why:
        raise TransitionNotAllowed("Say why that didn’t change: a no without a reason is none.")
    if logged.replied_on is not None:
        _refuse_reply(logged.on, logged.replied_on, logged.changed, logged.unchanged, today)


def _refuse_reply(asked: date, told: date, changed: str, unchanged: str, today: date) -> None:
    if not (changed or unchanged):
        raise TransitionNotAllowed("Say what changed, or what didn’t and why.")
    if told < asked:
        raise TransitionNotAllowed("Parents can’t have been told before they were asked.")
    if told > today:
        raise TransitionNotAllowed("Write down that parents were told once they have been.")


def reply_due(logged_on: date, days: int | None = None) -> date:
    """Until when parents may wait for word of what became of it."""
    return logged_on + timedelta(days=Forum.current().reply_days if days is None else days)


# Drafts -----------------------------------------------------------------------------------------


def keep_draft(
    *, project: Project, key: uuid.UUID, page: str, answers: dict[str, Any], by: Person
) -> LogDraft:
    """Keep what was typed on one page; the first page makes the draft, also pressed twice.

    Raises TransitionNotAllowed for a draft that is somebody else's or is saved already.
    """
    draft, _ = LogDraft.objects.get_or_create(key=key, defaults={"project": project, "person": by})
    with transaction.atomic():
        draft = LogDraft.objects.select_for_update().get(pk=draft.pk)
        if draft.person_id != by.pk or draft.project_id != project.pk:
            raise TransitionNotAllowed("Somebody else is writing this.")
        if draft.entry_id is not None:
            raise TransitionNotAllowed("This was saved already.")
        draft.answers[page] = answers
        draft.changed_at = timezone.now()
        draft.save(update_fields=["answers", "changed_at"])
    return draft


def begin_put_right(*, entry: Involvement, answers: dict[str, Any], by: Person) -> LogDraft:
    """A draft with everything that an entry says, to be changed and saved in its place.

    Raises TransitionNotAllowed for an entry that doesn't stand any more.
    """
    if not entry.is_standing:
        raise TransitionNotAllowed("This entry was taken back already.")
    draft = LogDraft.objects.filter(replaces=entry, person=by, entry__isnull=True).first()
    return draft or LogDraft.objects.create(
        project=entry.project, person=by, replaces=entry, answers=answers
    )


@transaction.atomic
def drop_draft(*, draft: LogDraft, by: Person) -> None:
    """Throw away what was begun. Only its writer can, and nobody else ever read it."""
    AuditEvent.record("drop_log_draft", draft, by=by, project=draft.project_id)
    draft.delete()


def forget_drafts(*, at: datetime | None = None) -> int:
    """Delete drafts that nobody has touched for long, and emptied ones; how many."""
    before = (at or timezone.now()) - timedelta(days=DRAFT_DAYS)
    return LogDraft.objects.filter(changed_at__lt=before).delete()[0]


# Entries ----------------------------------------------------------------------------------------


@transaction.atomic
def save_draft(*, draft: LogDraft, logged: Logged, reason: str = "", by: Person) -> Involvement:
    """Make the entry that a draft says; pressed twice, the second gets the first one's entry.

    ``reason``: why the entry that it replaces is put right. Raises TransitionNotAllowed.
    """
    draft = lock_draft(draft)
    if draft.entry is not None:
        return draft.entry
    entry = log_involvement(
        project=draft.project, logged=logged, by=by, replaces=draft.replaces, reason=reason
    )
    draft.entry, draft.answers, draft.changed_at = entry, {}, timezone.now()
    draft.save(update_fields=["entry", "answers", "changed_at"])
    return entry


@transaction.atomic
def log_involvement(
    *,
    project: Project,
    logged: Logged,
    by: Any,
    at: datetime | None = None,
    replaces: Involvement | None = None,
    reason: str = "",
) -> Involvement:
    """One entry with who took part; the level follows. ``replaces`` is taken back with it.

    Raises TransitionNotAllowed for what no entry may say, or where ``replaces`` is gone.
    """
    now = at or timezone.now()
    refuse(logged, clocks.today(now))
    # Always before the entry: a draft that is begun meanwhile asks for the two in this order too.
    lock_project(project)
    if replaces is not None:
        replaces = _take_back(replaces, reason, by, now)
    entry = _write(project, logged, replaces, by, now)
    verb = "put_right" if replaces else "log"
    AuditEvent.record(verb, entry, by=by, at=now, replaces=replaces.pk if replaces else None)
    _follow(project, logged.on, by, now)
    return entry


def _write(
    project: Project, logged: Logged, replaces: Involvement | None, by: Any, now: datetime
) -> Involvement:
    """The rows of one entry."""
    entry = Involvement.objects.create(
        project=project,
        on=logged.on,
        title=logged.title,
        method=logged.method,
        stage=logged.stage,
        said=logged.said,
        changed=logged.changed,
        unchanged=logged.unchanged,
        why=logged.why,
        told_how=logged.told_how,
        replied_on=logged.replied_on,
        replied_at=now if logged.replied_on else None,
        replied_by=by if logged.replied_on else None,
        reply_due_on=due_on(logged, replaces),
        minutes=logged.minutes,
        next_on=logged.next_on,
        told_by=logged.told_by,
        replaces=replaces,
        made_at=now,
        made_by=by,
    )
    Participation.objects.bulk_create(
        Participation(
            involvement=entry,
            who=part.who,
            group=part.group,
            invited=part.invited,
            came=part.came,
        )
        for part in logged.parts
    )
    return entry


def due_on(logged: Logged, replaces: Involvement | None) -> date | None:
    """The day by which a reply is owed: an entry put right on the same day keeps the old one."""
    if not logged.asks:
        return None
    if replaces is not None and replaces.on == logged.on and replaces.reply_due_on:
        return replaces.reply_due_on
    return reply_due(logged.on)


def _follow(project: Project, on: date, by: Any, now: datetime) -> None:
    note_news(project, on)
    refresh_level(project=project, by=by, at=now)


@transaction.atomic
def take_back_entry(
    *, entry: Involvement, reason: str, by: Person, at: datetime | None = None
) -> Involvement:
    """It was logged by mistake: it stays readable, struck through, and counts no more.

    Raises TransitionNotAllowed for one that doesn't stand.
    """
    now = at or timezone.now()
    lock_project(entry.project)
    entry = _take_back(entry, reason, by, now)
    AuditEvent.record("take_back", entry, by=by, at=now)
    refresh_level(project=entry.project, by=by, at=now)
    return entry


def _take_back(entry: Involvement, reason: str, by: Any, now: datetime) -> Involvement:
    entry = lock_entry(entry)
    if not entry.is_standing:
        raise TransitionNotAllowed("This entry was taken back already.")
    if not reason.strip():
        raise TransitionNotAllowed("Say why: the reason stands beside the entry.")
    entry.taken_back_at, entry.taken_back_by, entry.taken_back_reason = now, by, reason.strip()
    entry.save(update_fields=["taken_back_at", "taken_back_by", "taken_back_reason"])
    return entry


# The reply --------------------------------------------------------------------------------------


@transaction.atomic
def reply_to_parents(
    *, entry: Involvement, reply: Reply, by: Person, at: datetime | None = None
) -> Involvement:
    """Add what became of it and when parents were told.

    Raises TransitionNotAllowed where it was answered already, is taken back, or asks for none.
    """
    now = at or timezone.now()
    lock_project(entry.project)
    entry = lock_entry(entry)
    if not entry.can_be_answered:
        raise TransitionNotAllowed(
            "This has its reply already."
            if entry.replied_on
            else "No reply is owed here: it was taken back, or no parents took part."
        )
    today = clocks.today(now)
    _refuse_reply(entry.on, reply.on, reply.changed, reply.unchanged, today)
    if reply.unchanged and not reply.why:
        raise TransitionNotAllowed("Say why that didn’t change: a no without a reason is none.")
    entry.changed, entry.unchanged, entry.why = reply.changed, reply.unchanged, reply.why
    entry.told_how, entry.replied_on = reply.how, reply.on
    entry.replied_at, entry.replied_by = now, by
    entry.save(
        update_fields=[
            "changed",
            "unchanged",
            "why",
            "told_how",
            "replied_on",
            "replied_at",
            "replied_by",
        ]
    )
    AuditEvent.record("reply", entry, by=by, at=now)
    _follow(entry.project, reply.on, by, now)
    return entry
