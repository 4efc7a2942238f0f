"""Where a project stands by its dates: one table of rules, in Python and in SQL.

The first rule that fits decides. Source: the printed trackers' four colours; what is ongoing,
monthly, as soon as possible or not known yet is never overdue.

| Rule | Status |
|---|---|
| There is a completion date | completed |
| The last possible due day has passed | overdue |
| The first possible start day lies ahead, or there is neither a start nor any news | due to start |
| Anything else | to complete |
"""

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, Q, Value, When

from coprod.templatetags.forum import day
from projects.periods import ENDS, Kind

if TYPE_CHECKING:
    from projects.models import Project

#: Kinds of start that name none. What isn't understood is a start all the same: somebody
#: wrote when it began, only not so that we can read it.
NO_START = (Kind.NONE, Kind.UNKNOWN, Kind.URGENT)


class Status(models.TextChoices):
    """Where a project stands by its dates. Source: the four words of the printed tracker."""

    OVERDUE = "overdue", "Overdue"
    TO_COMPLETE = "to_complete", "To complete"
    DUE_TO_START = "due_to_start", "Due to start"
    COMPLETED = "completed", "Completed"

    @property
    def look(self) -> str:
        """The tag's and mark's look: red triangle, amber half disc, grey ring, green disc."""
        return {"overdue": "late", "to_complete": "todo", "completed": "done"}.get(self, "wait")


def derive(project: "Project", today: date) -> Status:
    """The status that follows from the dates of one project on a day."""
    if project.completed_on is not None:
        return Status.COMPLETED
    if project.due_kind in ENDS and project.due_last is not None and project.due_last < today:
        return Status.OVERDUE
    if project.started_first is not None:
        return Status.DUE_TO_START if project.started_first > today else Status.TO_COMPLETE
    if project.started_kind in NO_START and project.last_news_on is None:
        return Status.DUE_TO_START
    return Status.TO_COMPLETE


def as_case(today: date) -> Case:
    """The same rules for a query."""
    no_start = Q(started_first__isnull=True, started_kind__in=NO_START, last_news_on__isnull=True)
    return Case(
        When(completed_on__isnull=False, then=Value(Status.COMPLETED.value)),
        When(due_kind__in=ENDS, due_last__lt=today, then=Value(Status.OVERDUE.value)),
        When(Q(started_first__gt=today) | no_start, then=Value(Status.DUE_TO_START.value)),
        default=Value(Status.TO_COMPLETE.value),
        output_field=models.CharField(max_length=14),
    )


def reason(project: "Project", today: date) -> str:
    """Why it is that status, in one sentence without its full stop."""
    status = derive(project, today)
    if status == Status.COMPLETED:
        return f"Completed on {day(project.completed_on)}"
    if status == Status.OVERDUE:
        return f"Due {project.due.in_words}, and not completed"
    if status == Status.DUE_TO_START:
        if project.started_first is None:
            return "No start is given, and there is no news yet"
        return f"Starts on {day(project.started_first)} or later"
    if project.due.ends:
        return f"Due {project.due.in_words}"
    return _without_a_due_day(project)


def _without_a_due_day(project: "Project") -> str:
    """What its due date says instead of a day."""
    said = f"“{project.due_text.strip()}”"
    if project.due_kind == Kind.NONE:
        return "No due date is given, so it is never overdue"
    if project.due_kind == Kind.UNREAD:
        return f"We don’t understand the due date {said}, so it is never overdue"
    if project.due_kind == Kind.MIXED and project.due_last is not None:
        return f"Due {project.due.in_words}, so it is never overdue"
    return f"Its due date is {said}, so it is never overdue"
