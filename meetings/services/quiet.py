"""Projects that stayed quiet after their lead officer was asked: on the next agenda by themselves.

Each once a spell of silence, a few at a time, and only those that everybody may see.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from coprod import clocks
from coprod.templatetags.forum import day
from meetings.models import AgendaItem, Meeting
from meetings.models.calendar import Audience
from meetings.services.agenda import save_item
from meetings.services.carrying import AHEAD
from projects.models import Project
from projects.services.quiet import unanswered

logger = logging.getLogger(__name__)

#: An agenda is for talking: what else is quiet waits for the next one, longest quiet first.
MOST = 3
MINUTES = 10


def next_agenda(now: datetime | None = None) -> Meeting | None:
    """The next meeting with services whose agenda is being made: officers are in that room."""
    today = clocks.today(now)
    coming = Meeting.objects.taking_place().filter(
        audience=Audience.SERVICES,
        announced_at__isnull=False,
        agenda_sent_at__isnull=True,
        date__gt=today,
    )
    for meeting in coming.order_by("date", "starts", "pk"):
        if meeting.is_recorded_later or meeting.has_begun:
            continue
        is_near = meeting.agenda_due_on - timedelta(days=AHEAD) <= today
        return meeting if is_near else None
    return None


def place_quiet_projects(now: datetime | None = None) -> int:
    """Put what stayed quiet on the next agenda; how many items came. Harmless to run twice."""
    meeting = next_agenda(now)
    if meeting is None:
        return 0
    came, room = 0, MOST - _here_already(meeting)
    for project in unanswered(clocks.today(now)):
        if came >= room:
            break
        try:
            came += place(project=project, meeting=meeting, at=now)
        except Exception:
            logger.exception("Quiet project %s could not be put on an agenda", project.pk)
    return came


def _here_already(meeting: Meeting) -> int:
    """Items that came by themselves earlier, taken off or not."""
    own = meeting.agenda_items.filter(project__isnull=False, proposed_by__isnull=True)
    return own.filter(kind=AgendaItem.Kind.ORDINARY, came_from__isnull=True).count()


@transaction.atomic
def place(*, project: Project, meeting: Meeting, at: datetime | None = None) -> bool:
    """One item about one project, unless any agenda had it since its last news.

    Asks again under the project's lock whether everybody may see it.
    """
    row = Project.objects.select_for_update().filter(pk=project.pk, is_public=True).first()
    if row is None or row.quiet_since != project.quiet_since:
        return False
    since = clocks.end_of(row.quiet_since)
    if AgendaItem.objects.filter(project=row, proposed_at__gt=since).exists():
        return False
    item = AgendaItem(
        meeting=meeting,
        project=row,
        title=f"What’s new: {row.title}"[:160],
        purpose=AgendaItem.Purpose.ASK,
        minutes=MINUTES,
        note=f"We have heard nothing of it since {day(row.quiet_since)}.",
    )
    save_item(item=item, by=None, at=at)
    return True
