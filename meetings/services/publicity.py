"""From agreed to public: the task list, publishing, withdrawing."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from meetings import slips
from meetings.models import (
    Correction,
    Document,
    Minutes,
    PublicationTick,
    PublicityChannel,
    Version,
)
from meetings.services.asks import show_asks
from meetings.services.minutes import forget_pages, lock_minutes, was_told
from meetings.services.sharing import tell_contacts


@transaction.atomic
def tick_tasks(
    *, minutes: Minutes, tasks: set[str], by: Any, at: datetime | None = None
) -> list[str]:
    """Make the ticked tasks exactly ``tasks``; who ticked what when is kept.

    But "abbreviations are explained" isn't ticked while the public text explains one nowhere:
    those are returned. It stops nobody from publishing; it only says what is so.
    Raises TransitionNotAllowed before a draft went out and once the minutes are public.
    """
    minutes = lock_minutes(minutes)
    if minutes.state in (Minutes.State.DRAFT, Minutes.State.PUBLISHED):
        raise TransitionNotAllowed("The list is for minutes that have gone out and aren’t public.")
    ticked = set(minutes.ticks.values_list("task", flat=True))
    lacking: list[str] = []
    if PublicationTick.Task.WORDS in tasks:
        version = minutes.shown_version or minutes.agreed_version or minutes.latest
        assert version is not None  # something has gone out
        lacking = [remark.words for remark in slips.unexplained(version.public)]
        tasks = tasks - {PublicationTick.Task.WORDS} if lacking else tasks
    for task in sorted(tasks - ticked):
        PublicationTick.objects.create(
            minutes=minutes, task=task, ticked_by=by, ticked_at=at or timezone.now()
        )
        AuditEvent.record("tick", minutes, by=by, at=at, task=task)
    for task in sorted(ticked - tasks):
        minutes.ticks.filter(task=task).delete()
        AuditEvent.record("untick", minutes, by=by, at=at, task=task)
    return lacking


@transaction.atomic
def publish_minutes(
    *, minutes: Minutes, by: Any, parents_decided: bool = False, at: datetime | None = None
) -> None:
    """Show the agreed version, as it was corrected since, to everyone: page and PDF at once.

    Raises TransitionNotAllowed unless agreed and every required task is ticked. Minutes of a
    parents' meeting also need the parents' own decision, which is kept with who recorded it.
    """
    minutes = lock_minutes(minutes)
    ticked = set(minutes.ticks.values_list("task", flat=True))
    minutes.move("publish")
    if lacking := [t for t in PublicationTick.Task if t in PublicationTick.REQUIRED - ticked]:
        names = ", ".join(f"“{PublicationTick.Task(t).label}”" for t in lacking)
        raise TransitionNotAllowed(f"Before publishing, check and tick: {names}.")
    if minutes.meeting.is_parents_only:
        if not parents_decided:
            raise TransitionNotAllowed(
                "This was a parents’ meeting. Its minutes are only published when the parents "
                "decided so: tick that they did."
            )
        AuditEvent.record("parents_decided", minutes, by=by, at=at)
    assert minutes.agreed_version is not None  # a constraint of agreed minutes
    minutes.shown_version = minutes.shown_version or minutes.agreed_version
    make_document(version=minutes.shown_version, at=at)
    minutes.published_at = at or timezone.now()
    minutes.published_by = by
    minutes.save(update_fields=["state", "shown_version", "published_at", "published_by"])
    show_asks(minutes)
    AuditEvent.record("publish", minutes, by=by, at=at, version=minutes.shown_version_id)
    forget_pages(minutes.meeting)
    if was_told(minutes.agreed_version):
        _tell_published(minutes, by=by, at=at)


def _tell_published(minutes: Minutes, *, by: Any, at: datetime | None) -> None:
    """Everybody invited and the contacts hear once; also of what was put right while withdrawn."""
    since = minutes.withdrawn_at or minutes.published_at
    corrections = Correction.objects.filter(version__minutes=minutes, made_at__gt=since)
    for correction in corrections.select_related("version"):
        correction.version.minutes = minutes
        tell_corrected(correction, at=at)
    tell_contacts(minutes=minutes, by=by, at=at)
    for invitation in minutes.meeting.invitations.select_related("person").filter(
        person__is_active=True
    ):
        outbox.queue(
            key=f"published:{minutes.agreed_version_id}:{invitation.person_id}",
            template="meetings/minutes_published",
            person=invitation.person,
            ids={"minutes": minutes.pk},
            news=True,
            at=at,
        )


def make_document(*, version: Version, at: datetime | None = None) -> Document:
    """The agreed version's PDF, made once from its public rendition and kept."""
    from meetings.pdf import minutes_pdf  # WeasyPrint loads slowly, and only here

    existing = Document.objects.filter(version=version).first()
    if existing is not None:
        return existing
    return Document.objects.create(
        version=version, body=minutes_pdf(version), made_at=at or timezone.now()
    )


@transaction.atomic
def withdraw_minutes(*, minutes: Minutes, reason: str, by: Any, at: datetime | None = None) -> None:
    """Take published minutes from public view at once, with a reason that everyone can read."""
    minutes = lock_minutes(minutes)
    minutes.move("withdraw")
    minutes.withdrawn_at = at or timezone.now()
    minutes.withdrawn_by = by
    minutes.withdrawn_reason = reason
    minutes.save(update_fields=["state", "withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    AuditEvent.record("withdraw", minutes, by=by, at=at)
    forget_pages(minutes.meeting)


def tell_corrected(correction: Correction, *, at: datetime | None = None) -> int:
    """One message for everybody invited and each publicity contact; again changes nothing."""
    minutes = correction.version.minutes
    assert minutes.agreed_version is not None  # a constraint of published minutes
    if not was_told(minutes.agreed_version):
        return 0
    told = 0
    invited = minutes.meeting.invitations.select_related("person")
    for invitation in invited.filter(person__is_active=True):
        outbox.queue(
            key=f"corrected:{correction.version_id}:{invitation.person_id}",
            template="meetings/minutes_corrected",
            person=invitation.person,
            ids={"correction": correction.pk},
            at=at,
        )
        told += 1
    for channel in PublicityChannel.objects.filter(is_used=True).exclude(email=""):
        outbox.queue(
            key=f"corrected:{correction.version_id}:channel:{channel.pk}",
            template="meetings/minutes_corrected",
            address=channel.email,
            ids={"correction": correction.pk, "channel": channel.pk},
            at=at,
        )
        told += 1
    return told
