"""Who is on a project, and as what: these may write in its log."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from members.models import Person
from projects.models import Named, Project
from projects.services.locks import lock_project


def may_be(person: Person, part: str) -> bool:
    """Officers have an officer's role; representatives a seat in a member group."""
    if part == Named.Part.REP:
        return any(seat.group.is_member for seat in person.current_seats)
    return person.is_officer


@transaction.atomic
def name_person(
    *, project: Project, person: Person, part: str, by: Any, at: datetime | None = None
) -> Named:
    """Put somebody on a project; on it as something else already, that part ends.

    They are told. Raises TransitionNotAllowed where the part isn't one they can have, or the
    project has another lead officer.
    """
    now = at or timezone.now()
    row = lock_project(project)
    if not person.is_active or not may_be(person, part):
        what = "a seat in a member group" if part == Named.Part.REP else "an officer’s role"
        raise TransitionNotAllowed(f"{person.name} needs {what} first.")
    current = list(row.named.current().select_related("person"))
    own = next((named for named in current if named.person_id == person.pk), None)
    if own is not None and own.part == part:
        return own
    lead = next((named for named in current if named.part == Named.Part.LEAD), None)
    if part == Named.Part.LEAD and lead is not None and lead != own:
        raise TransitionNotAllowed(
            f"{lead.person.name} is the lead officer. End that first: a project has one."
        )
    if own is not None:
        _end(own, by=by, at=now)
    named = Named.objects.create(project=row, person=person, part=part, named_by=by, named_at=now)
    AuditEvent.record("name_person", row, by=by, at=now, person=person.pk, part=part)
    if by is None or by.pk != person.pk:
        outbox.queue(
            key=f"named/{named.pk}",
            template="projects/named",
            person=person,
            ids={"named": named.pk},
            at=now,
        )
    return named


@transaction.atomic
def end_naming(*, named: Named, by: Any, at: datetime | None = None) -> None:
    """Take somebody off a project; what they wrote stays. Ended already is no error."""
    now = at or timezone.now()
    row = Named.objects.select_for_update().get(pk=named.pk)
    if row.ended_at is not None:
        return
    _end(row, by=by, at=now)
    AuditEvent.record("end_naming", row.project, by=by, at=now, person=row.person_id, part=row.part)


def _end(named: Named, *, by: Any, at: datetime) -> None:
    named.ended_at, named.ended_by = at, by
    named.save(update_fields=["ended_at", "ended_by"])
