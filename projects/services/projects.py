"""The work itself: adding it, changing it, completing it, and looking at it again."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.text import slugify

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Forum
from projects.models import Project
from projects.services.locks import lock_project
from projects.services.news import add_update
from projects.services.overrides import end_standing
from projects.services.statuses import in_a_year, needs_review, note_status
from projects.vague import understand

#: What a form may set as it stands.
PLAIN = ("title", "summary", "driver", "involved", "theme", "lead", "wards", "is_public")
DATES = ("started_text", "due_text")
#: Within this time the same form is taken for one that was sent twice.
SENT_TWICE = timedelta(minutes=5)


class StaleEdit(TransitionNotAllowed):
    """Somebody else saved since the page was made; ``current`` is the number of their edit."""

    def __init__(self, current: int) -> None:
        self.current = current
        super().__init__("Somebody else changed this while you were writing.")


def free_slug(title: str) -> str:
    """An address that no project has, and that no page of ours answers."""
    base = slugify(title)[:80].strip("-") or "project"
    slug, number = base, 1
    while _is_taken(slug):
        number += 1
        slug = f"{base}-{number}"
    return slug


def _is_taken(slug: str) -> bool:
    address = reverse("projects:project_detail", args=[slug])
    if resolve(address).view_name != "projects:project_detail":
        return True
    return Project.objects.filter(slug=slug).exists()


def set_dates(project: Project, *, started: str, due: str) -> None:
    """Keep both dates as written and as they are understood. Doesn't save."""
    begins = Forum.current().year_begins
    project.started = understand(started, year_begins=begins)
    project.due = understand(due, near=project.started, year_begins=begins)


@transaction.atomic
def add_project(*, by: Any, at: datetime | None = None, **values: Any) -> Project:
    """Add a project. ``started_text`` and ``due_text`` are its dates as somebody wrote them.

    The same words of the same person a moment ago are the same project, sent twice.
    """
    now = at or timezone.now()
    # Who adds one at the same moment is waited for: so is an address that is free now.
    Forum.objects.select_for_update().filter(pk=1).first()
    again = _just_added(values, by=by, since=now - SENT_TWICE)
    if again is not None:
        return again
    project = Project(created_by=by, created_at=now, slug=free_slug(values["title"]))
    for name in PLAIN:
        if name in values:
            setattr(project, name, values[name])
    set_dates(project, started=values.get("started_text", ""), due=values.get("due_text", ""))
    project.review_on = values.get("review_on") or _first_review(project, clocks.today(now))
    project.save()
    AuditEvent.record("add_project", project, by=by, at=now)
    note_status(project=project, at=now)
    return project


def _just_added(values: dict[str, Any], *, by: Any, since: datetime) -> Project | None:
    words = {name: values[name] for name in (*PLAIN, *DATES) if name in values}
    if by is None:
        return None
    return Project.objects.filter(created_by=by, created_at__gt=since, **words).first()


def _first_review(project: Project, today: date) -> date | None:
    return in_a_year(today) if needs_review(project) else None


@transaction.atomic
def change_project(
    *, project: Project, values: dict[str, Any], edit_no: int | None, by: Any, at: Any = None
) -> list[str]:
    """Set what differs; the names of the fields that did.

    Raises StaleEdit when somebody saved since ``edit_no`` was read.
    """
    now = at or timezone.now()
    row = lock_project(project)
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if not changed:
        return []
    if edit_no != row.edit_no:
        raise StaleEdit(row.edit_no)
    for name in (*PLAIN, "review_on"):
        if name in changed:
            setattr(row, name, values[name])
    if set(DATES) & set(changed):
        texts = {name: values.get(name, getattr(row, name)) for name in DATES}
        set_dates(row, started=texts["started_text"], due=texts["due_text"])
    row.review_on = row.review_on or _first_review(row, clocks.today(now))
    row.edit_no += 1
    row.save()
    AuditEvent.record("change_project", row, by=by, at=now, fields=sorted(changed))
    note_status(project=row, at=now)
    project.refresh_from_db()
    return changed


@transaction.atomic
def complete_project(
    *, project: Project, on: date, by: Any, text: str = "", at: datetime | None = None
) -> None:
    """It was completed on a day. A status that was set by hand ends with that.

    Raises TransitionNotAllowed for a day that lies ahead, or a project that is completed.
    """
    now = at or timezone.now()
    row = lock_project(project)
    if row.completed_on is not None:
        raise TransitionNotAllowed("This project is completed already.")
    if on > clocks.today(now):
        raise TransitionNotAllowed("A project can’t be completed on a day that lies ahead.")
    end_standing(row, by=by, at=now)
    row.completed_on, row.completed_at, row.completed_by = on, now, by
    row.edit_no += 1
    row.save(update_fields=["completed_on", "completed_at", "completed_by", "edit_no"])
    if text:
        add_update(row, text=text, on=on, by=by, at=now)
    AuditEvent.record("complete_project", row, by=by, at=now, on=on.isoformat())
    note_status(project=row, at=now)
    project.refresh_from_db()


@transaction.atomic
def reopen_project(*, project: Project, by: Any, at: datetime | None = None) -> None:
    """Take a completion back: the work goes on. Raises TransitionNotAllowed when there is none."""
    now = at or timezone.now()
    row = lock_project(project)
    if row.completed_on is None:
        raise TransitionNotAllowed("This project isn’t completed.")
    row.completed_on = row.completed_at = row.completed_by = None
    row.review_on = row.review_on or _first_review(row, clocks.today(now))
    row.edit_no += 1
    row.save()
    AuditEvent.record("reopen_project", row, by=by, at=now)
    note_status(project=row, at=now)
    project.refresh_from_db()


@transaction.atomic
def review_project(
    *, project: Project, next_on: date, by: Any, text: str = "", at: datetime | None = None
) -> None:
    """Work without an end was looked at, and will be again.

    Raises TransitionNotAllowed for a next day that doesn't lie ahead, or a completed project.
    """
    now = at or timezone.now()
    row = lock_project(project)
    if row.completed_on is not None:
        raise TransitionNotAllowed("This project is completed, so nothing is left to look at.")
    if next_on <= clocks.today(now):
        raise TransitionNotAllowed("The next time must lie ahead.")
    row.review_on = next_on
    row.edit_no += 1
    row.save(update_fields=["review_on", "edit_no"])
    if text:
        add_update(row, text=text, on=clocks.today(now), by=by, at=now)
    AuditEvent.record("review_project", row, by=by, at=now, next=next_on.isoformat())
    note_status(project=row, at=now)
    project.refresh_from_db()
