"""From agreed to public: the task list, publishing, withdrawing."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from meetings.models import Document, Minutes, PublicationTick, Version
from meetings.services.minutes import forget_pages, lock_minutes, was_told
from meetings.services.sharing import tell_contacts


@transaction.atomic
def tick_tasks(*, minutes: Minutes, tasks: set[str], by: Any, at: datetime | None = None) -> None:
    """Make the ticked tasks exactly ``tasks``; who ticked what when is kept.

    Raises TransitionNotAllowed before a draft went out and once the minutes are public.
    """
    minutes = lock_minutes(minutes)
    if minutes.state in (Minutes.State.DRAFT, Minutes.State.PUBLISHED):
        raise TransitionNotAllowed("The list is for minutes that have gone out and aren’t public.")
    ticked = set(minutes.ticks.values_list("task", flat=True))
    for task in sorted(tasks - ticked):
        PublicationTick.objects.create(
            minutes=minutes, task=task, ticked_by=by, ticked_at=at or timezone.now()
        )
        AuditEvent.record("tick", minutes, by=by, at=at, task=task)
    for task in sorted(ticked - tasks):
        minutes.ticks.filter(task=task).delete()
        AuditEvent.record("untick", minutes, by=by, at=at, task=task)


@transaction.atomic
def publish_minutes(
    *, minutes: Minutes, by: Any, parents_decided: bool = False, at: datetime | None = None
) -> None:
    """Show the agreed version to everyone, page and PDF, in one transaction.

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
    make_document(version=minutes.agreed_version, at=at)
    minutes.shown_version = minutes.shown_version or minutes.agreed_version
    minutes.published_at = at or timezone.now()
    minutes.published_by = by
    minutes.save(update_fields=["state", "shown_version", "published_at", "published_by"])
    AuditEvent.record("publish", minutes, by=by, at=at, version=minutes.agreed_version_id)
    forget_pages(minutes.meeting)
    if not was_told(minutes.agreed_version):
        return
    tell_contacts(minutes=minutes, by=by, at=at)
    for invitation in minutes.meeting.invitations.select_related("person").filter(
        person__is_active=True
    ):
        outbox.queue(
            key=f"published:{minutes.agreed_version_id}:{invitation.person_id}",
            template="meetings/minutes_published",
            person=invitation.person,
            ids={"minutes": minutes.pk},
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
