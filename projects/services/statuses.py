"""Each change of a project's status with its day, however it came about, and its review date.

A status changes by the clock too, so the timetable looks every day; what it finds late is
dated to the day on which it came true. Harmless to run twice.
"""

import logging
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from coprod import clocks
from coprod.models import AuditEvent, Forum
from projects.models import Project, StatusChange
from projects.periods import ENDS
from projects.services.locks import lock_project
from projects.status import Status, derive

logger = logging.getLogger(__name__)

BATCH = 500


@transaction.atomic
def note_status(*, project: Project, at: datetime | None = None, by_clock: bool = False) -> None:
    """Write down the status that is shown, when it is another one than was written last.

    ``by_clock``: nobody did anything, so it counts from the day on which its date passed.
    """
    today = clocks.today(at)
    row = lock_project(project)
    status = row.status_on(today)
    last = row.status_changes.order_by("-on", "-pk").first()
    if last is not None and last.status == status:
        return
    derived = derive(row, today)
    on = _came_true(row, status, derived, today) if by_clock else today
    if last is not None:
        on = max(on, last.on)
    StatusChange.objects.create(project=row, status=status, on=on)


def _came_true(project: Project, status: str, derived: str, today: date) -> date:
    """The day from which the dates alone give this status."""
    if status != derived:
        return today
    if status == Status.OVERDUE and project.due_last is not None:
        return project.due_last + timedelta(days=1)
    if status == Status.TO_COMPLETE and project.started_first is not None:
        return min(project.started_first, today)
    return today


def note_statuses_when_due(now: datetime | None = None) -> int:
    """Every project whose status is another one than was written last; how many there were."""
    today = clocks.today(now)
    first = _note_first(today)
    last = StatusChange.objects.filter(project=OuterRef("pk")).order_by("-on", "-pk")
    changed = (
        Project.objects.with_status(today)
        .annotate(noted=Subquery(last.values("status")[:1]))
        .exclude(noted=F("status"))
    )
    pks = list(changed.values_list("pk", flat=True))
    for pk in pks:
        try:
            note_status(project=Project(pk=pk), at=now, by_clock=True)
        except Exception:
            logger.exception("The status of project %s could not be noted", pk)
    return first + len(pks)


@transaction.atomic
def _note_first(today: date) -> int:
    """The first status of projects that have none written down yet, such as a whole import's."""
    Forum.objects.select_for_update().filter(pk=1).first()  # two workers: one after the other
    new = Project.objects.with_status(today).filter(status_changes__isnull=True)
    rows: list[Any] = list(new)
    StatusChange.objects.bulk_create(
        [StatusChange(project=row, status=row.status, on=_first_day(row, today)) for row in rows],
        batch_size=BATCH,
    )
    return len(rows)


def _first_day(row: Any, today: date) -> date:
    """The day on which it came true, but not before the project was added here."""
    added = min(today, clocks.today(row.created_at))
    return max(added, _came_true(row, row.status, row.derived, today))


# Work without an end ------------------------------------------------------------------------------


def in_a_year(day: date) -> date:
    """The same day of the next year; of 29 February the day after."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)


def needs_review(project: Project) -> bool:
    """It goes on without a day on which it could be overdue, so it is looked at each year."""
    return project.completed_on is None and project.due_kind not in ENDS


def give_review_dates(now: datetime | None = None) -> int:
    """A review date, a year after it was added, for work without an end that has none."""
    waiting = Project.objects.filter(completed_on__isnull=True, review_on__isnull=True)
    found = 0
    for project in waiting.exclude(due_kind__in=ENDS).only("pk", "created_at")[:BATCH]:
        on = max(in_a_year(clocks.today(project.created_at)), clocks.today(now))
        with transaction.atomic():
            given = Project.objects.filter(pk=project.pk, review_on__isnull=True)
            if given.update(review_on=on):
                _tell(project, on, now)
                found += 1
    return found


def _tell(project: Project, on: date, now: datetime | None) -> None:
    fields: dict[str, Any] = {"on": on.isoformat()}
    AuditEvent.record("give_review_date", project, by=None, at=now, **fields)
