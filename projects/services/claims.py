"""What the officer claims and what the forum confirms: both stand in public, neither is proof.

Nothing here touches the derived level. Source: only the forum confirms a level, by a decision
of a parents' meeting; where the two differ, both are shown.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import clocks, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from members.models import Person
from projects.models import Claim, Confirmation, Project, Rung
from projects.services.levels import keep_quarter, officers_of
from projects.services.locks import lock_project
from projects.services.logo import end_permissions_below
from projects.services.news import note_news


@dataclass(frozen=True)
class Decision:
    """What a parents' meeting decided: its day, where it met, where its minutes are, its words."""

    on: date
    where: str
    minutes: str = ""
    words: str = ""


def standing_claim(project: Project) -> Claim | None:
    return project.claims.filter(ended_at__isnull=True).first()


def standing_confirmation(project: Project) -> Confirmation | None:
    return project.confirmations.filter(ended_at__isnull=True).first()


# The officer's -----------------------------------------------------------------------------------


@transaction.atomic
def claim_level(
    *, project: Project, rung: Rung, reason: str, by: Any, at: datetime | None = None
) -> Claim:
    """Say which level a project has, and why; it replaces the former claim and raises nothing.

    The coordinators are asked to put it to a parents' meeting. Raises TransitionNotAllowed for
    the same claim again.
    """
    stored = lock_project(project)
    now = at or timezone.now()
    former = standing_claim(stored)
    if former and (former.rung_name, former.level) == (rung.name, rung.level):
        raise TransitionNotAllowed(f"{rung.name} is claimed already. The forum has been asked.")
    if former:
        _end(former, by, now)
    claim = Claim.objects.create(
        project=stored,
        level=rung.level,
        rung_name=rung.name,
        reason=reason,
        claimed_at=now,
        claimed_by=by,
    )
    AuditEvent.record("claim_level", claim, by=by, at=at, project=stored.pk, level=rung.level)
    keep_quarter(stored, clocks.today(at))
    for person in Person.objects.coordinators():
        if person.pk != getattr(by, "pk", None):
            _tell(person, "projects/level_claimed", f"claim:{claim.pk}", {"claim": claim.pk}, at)
    return claim


@transaction.atomic
def end_claim(*, project: Project, by: Any, at: datetime | None = None) -> None:
    """Take the claim back; it stays in the project's history. Raises TransitionNotAllowed."""
    stored = lock_project(project)
    claim = standing_claim(stored)
    if claim is None:
        raise TransitionNotAllowed("No level is claimed here.")
    _end(claim, by, at or timezone.now())
    AuditEvent.record("end_claim", claim, by=by, at=at, project=stored.pk)
    keep_quarter(stored, clocks.today(at))


# The forum's -------------------------------------------------------------------------------------


@transaction.atomic
def confirm_level(
    *,
    project: Project,
    rung: Rung,
    decision: Decision,
    replaces: int | None,
    by: Any,
    at: datetime | None = None,
) -> Confirmation:
    """Keep the level that a parents' meeting decided on, in place of the one it replaces.

    ``replaces``: the confirmation that the coordinator was looking at, so that two who confirm
    at once don't undo each other unseen. Permissions for the logo that need a higher level end
    in the same transaction. Raises TransitionNotAllowed.
    """
    stored = lock_project(project)
    now = at or timezone.now()
    former = standing_confirmation(stored)
    if (former.pk if former else None) != replaces:
        raise TransitionNotAllowed(
            "Somebody else has just changed what the forum confirms. Look at it, then decide."
        )
    _refuse(stored, rung, decision, clocks.today(now))
    if former:
        _end(former, by, now)
    confirmation = Confirmation.objects.create(
        project=stored,
        level=rung.level,
        rung_name=rung.name,
        decided_on=decision.on,
        decided_where=decision.where,
        minutes_address=decision.minutes,
        words=decision.words,
        confirmed_at=now,
        confirmed_by=by,
    )
    AuditEvent.record(
        "confirm_level", confirmation, by=by, at=at, project=stored.pk, level=rung.level
    )
    _keep_confirmed(stored, rung.level, by, at)
    note_news(stored, clocks.today(now))
    project.confirmed_level = rung.level
    ids = {"confirmation": confirmation.pk}
    for person in officers_of(stored):
        _tell(person, "projects/level_confirmed", f"confirmed:{confirmation.pk}", ids, at)
    return confirmation


def _refuse(project: Project, rung: Rung, decision: Decision, today: date) -> None:
    if decision.on > today:
        raise TransitionNotAllowed("Confirm a level once the parents’ meeting has decided.")
    if rung.level != (project.level or 0) and not decision.words:
        raise TransitionNotAllowed(
            "Write what the meeting decided and why: the log proves another level, and everybody "
            "sees both."
        )


@transaction.atomic
def end_confirmation(
    *, project: Project, reason: str, replaces: int | None, by: Any, at: datetime | None = None
) -> None:
    """The forum doesn't confirm a level any more; why is shown. Permissions for the logo end.

    ``replaces``: the confirmation that was looked at. Raises TransitionNotAllowed.
    """
    stored = lock_project(project)
    standing = standing_confirmation(stored)
    if standing is None or standing.pk != replaces:
        raise TransitionNotAllowed("What the forum confirms has changed meanwhile. Look at it.")
    standing.ended_reason = reason
    _end(standing, by, at or timezone.now())
    AuditEvent.record("end_confirmation", standing, by=by, at=at, project=stored.pk)
    _keep_confirmed(stored, None, by, at)
    note_news(stored, clocks.today(at))
    project.confirmed_level = None
    ids = {"confirmation": standing.pk}
    for person in officers_of(stored):
        _tell(person, "projects/confirmation_ended", f"unconfirmed:{standing.pk}", ids, at)


def _keep_confirmed(project: Project, level: int | None, by: Any, at: datetime | None) -> None:
    project.confirmed_level = level
    project.save(update_fields=["confirmed_level"])
    keep_quarter(project, clocks.today(at))
    end_permissions_below(project=project, level=level, by=by, at=at)


def _end(row: Claim | Confirmation, by: Any, now: datetime) -> None:
    row.ended_at, row.ended_by = now, by
    row.save()


def _tell(
    person: Person, template: str, key: str, ids: dict[str, Any], at: datetime | None
) -> None:
    outbox.queue(
        key=f"{template}:{key}:{person.pk}", template=template, person=person, ids=ids, at=at
    )
