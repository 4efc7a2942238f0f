"""Where the forum's logo may stand: asked for, decided, ended with the level; and misuse.

A permission is for one named document of a public project and hangs on the level that the
forum confirms. It ends in the transaction in which that level falls or ends.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import clocks, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Forum
from members.models import Person
from projects.models import LogoPermission, Misuse, Project
from projects.services.levels import officers_of
from projects.services.locks import lock_project

State = LogoPermission.State


def lock_permission(permission: LogoPermission) -> LogoPermission:
    """The project's row first, locked, then the permission: the order of confirmations too."""
    project = lock_project(permission.project)
    found = LogoPermission.objects.select_for_update().get(pk=permission.pk)
    found.project = project
    return found


def can_carry(project: Project, level: int) -> bool:
    """Whether the forum confirms at least this level for the project."""
    return project.confirmed_level is not None and project.confirmed_level >= level


@transaction.atomic
def ask_for_logo(
    *, project: Project, document: str, by: Any, at: datetime | None = None
) -> LogoPermission:
    """Ask that one named document may carry the logo. Raises TransitionNotAllowed.

    It may be asked for before the level is confirmed; it is given only afterwards.
    """
    stored = lock_project(project)
    if not stored.is_public:
        raise TransitionNotAllowed(
            "Everybody can check where our logo may stand, and this project isn’t public."
        )
    open_ones = stored.logos.filter(state__in=[State.ASKED, State.GIVEN])
    if open_ones.filter(document__iexact=document).exists():
        raise TransitionNotAllowed("This document is on the list already.")
    asked = LogoPermission.objects.create(
        project=stored,
        document=document,
        least_level=Forum.current().logo_level,
        asked_at=at or timezone.now(),
        asked_by=by,
    )
    AuditEvent.record("ask_for_logo", asked, by=by, at=at, project=stored.pk)
    for person in Person.objects.coordinators():
        if person.pk != getattr(by, "pk", None):
            _tell(person, "projects/logo_asked", asked, at)
    return asked


@transaction.atomic
def decide_logo(
    *,
    permission: LogoPermission,
    allow: bool,
    reason: str,
    by: Any,
    at: datetime | None = None,
) -> LogoPermission:
    """Allow it or not; a refusal says why. Raises TransitionNotAllowed.

    The level needed is the forum's of today, copied here: a later change of the setting
    touches no permission that was given under the old one.
    """
    stored = lock_permission(permission)
    if stored.state != State.ASKED:
        raise TransitionNotAllowed("This was decided already.")
    least = Forum.current().logo_level
    if allow and not stored.project.is_public:
        raise TransitionNotAllowed("The project isn’t public, so nobody could check this.")
    if allow and not can_carry(stored.project, least):
        raise TransitionNotAllowed(
            "The forum doesn’t confirm a level for this project that is high enough."
        )
    if not allow and not reason:
        raise TransitionNotAllowed("Say why it isn’t allowed.")
    stored.state = State.GIVEN if allow else State.REFUSED
    stored.least_level, stored.reason = least, reason
    stored.decided_at, stored.decided_by = at or timezone.now(), by
    stored.save()
    AuditEvent.record("decide_logo", stored, by=by, at=at, state=stored.state)
    for person in officers_of(stored.project):
        _tell(person, "projects/logo_decided", stored, at)
    return stored


@transaction.atomic
def withdraw_logo(
    *, permission: LogoPermission, reason: str, by: Any, at: datetime | None = None
) -> None:
    """End a permission by hand; why is shown. Raises TransitionNotAllowed."""
    stored = lock_permission(permission)
    if stored.state != State.GIVEN:
        raise TransitionNotAllowed("This document isn’t allowed to carry the logo.")
    if not reason:
        raise TransitionNotAllowed("Say why it isn’t allowed any more.")
    _withdraw(stored, reason, by, at)


def end_permissions_below(
    *, project: Project, level: int | None, by: Any, at: datetime | None = None
) -> int:
    """End what hangs on a higher level than is confirmed now; how many. In the caller's
    transaction, with the project's row locked."""
    given = project.logos.select_for_update().filter(state=State.GIVEN)
    ended = list(given if level is None else given.filter(least_level__gt=level))
    reason = (
        "The forum doesn’t confirm a level for this project any more."
        if level is None
        else "The level that the forum confirms has fallen."
    )
    for permission in ended:
        permission.project = project
        _withdraw(permission, reason, by, at)
    return len(ended)


def _withdraw(permission: LogoPermission, reason: str, by: Any, at: datetime | None) -> None:
    permission.state, permission.reason = State.WITHDRAWN, reason
    permission.ended_at, permission.ended_by = at or timezone.now(), by
    permission.save()
    AuditEvent.record("withdraw_logo", permission, by=by, at=at)
    for person in officers_of(permission.project):
        _tell(person, "projects/logo_withdrawn", permission, at)


def _tell(person: Person, template: str, permission: LogoPermission, at: datetime | None) -> None:
    outbox.queue(
        key=f"{template}:{permission.pk}:{permission.state}:{person.pk}",
        template=template,
        person=person,
        ids={"logo": permission.pk},
        at=at,
    )


# Misuse ------------------------------------------------------------------------------------------


@transaction.atomic
def log_misuse(
    *,
    where: str,
    seen_on: date,
    note: str,
    project: Project | None,
    by: Any,
    at: datetime | None = None,
) -> Misuse:
    """Keep that the logo was seen where it may not stand. Raises TransitionNotAllowed."""
    if seen_on > clocks.today(at):
        raise TransitionNotAllowed("Enter the day on which it was seen.")
    seen = Misuse.objects.create(
        where=where,
        seen_on=seen_on,
        note=note,
        project=project,
        logged_at=at or timezone.now(),
        logged_by=by,
    )
    AuditEvent.record("log_misuse", seen, by=by, at=at)
    return seen


@transaction.atomic
def settle_misuse(*, misuse: Misuse, outcome: str, by: Any, at: datetime | None = None) -> Misuse:
    """Say what became of it. Raises TransitionNotAllowed."""
    stored = Misuse.objects.select_for_update().get(pk=misuse.pk)
    if stored.settled_at is not None:
        raise TransitionNotAllowed("This was settled already.")
    stored.outcome, stored.settled_at, stored.settled_by = outcome, at or timezone.now(), by
    stored.save()
    AuditEvent.record("settle_misuse", stored, by=by, at=at)
    return stored
