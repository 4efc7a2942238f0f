"""What comes back by itself: items nobody reached, actions and asks that are still open."""

import logging
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from coprod import clocks, pages
from coprod.models import AuditEvent
from coprod.templatetags.forum import day_month
from meetings.models import ActionItem, AgendaItem, Ask, AskState, Meeting, Minutes
from meetings.services import confirm_items
from meetings.services.agenda import next_position
from meetings.services.cancelling import carry_item

logger = logging.getLogger(__name__)

#: Days before an agenda is due from which things come back to it.
AHEAD = 14
#: What stands over the list of what is still open.
OPEN_TITLE = "What became of the actions and asks"
#: How many asks of earlier meetings stand in that list.
MOST_BEFORE = 10
#: That list, whatever somebody has called it since: it came back, and from no item.
LIST_OF_OPEN = Q(kind=AgendaItem.Kind.CARRIED, came_from__isnull=True)


def last_held(meeting: Meeting) -> Meeting | None:
    """The meeting before this one for the same people: of its series, else of its audience."""
    before = (
        Meeting.objects.taking_place()
        .filter(audience=meeting.audience, starts_at__lt=meeting.starts_at)
        .filter(minutes__isnull=False)
        .exclude(minutes__state__in=[Minutes.State.DRAFT, Minutes.State.WITHDRAWN])
        .select_related("minutes")
        .order_by("-starts_at")
    )
    own = before.filter(series=meeting.series) if meeting.series_id else before.none()
    return own.first() or before.first()


def not_reached(meeting: Meeting) -> list[AgendaItem]:
    """Items of a held meeting under which nothing was written, and that haven't gone on yet."""
    written = meeting.agenda_items.filter(
        section__paragraphs__isnull=False, section__paragraphs__retired_at__isnull=True
    )
    items = meeting.agenda_items.on().filter(went_to__isnull=True)
    items = items.exclude(kind=AgendaItem.Kind.CONFIRM).exclude(LIST_OF_OPEN)
    return list(items.exclude(pk__in=written.values("pk")))


def answered_uids(minutes: Minutes, on: date) -> set[str]:
    """Paragraphs of asks about which the meeting on that day has nothing to hear.

    They were answered. “Will do” comes back at the first meeting after its day.
    """
    asks = Ask.objects.with_state(on).filter(paragraph__section__minutes=minutes)
    settled = asks.exclude(state__in=[AskState.OVERDUE, AskState.WAITING])
    return {str(uid) for uid in settled.values_list("paragraph__uid", flat=True)}


def open_before(meeting: Meeting, on: date) -> list[str]:
    """Asks of earlier meetings of the same people that are still open, the newest first.

    As everyone may read them: in the words of published minutes.
    """
    asks = (
        Ask.objects.public()
        .open(on)
        .filter(
            state__in=[AskState.OVERDUE, AskState.WAITING],
            paragraph__section__minutes__meeting__audience=meeting.audience,
            paragraph__section__minutes__meeting__starts_at__lt=meeting.starts_at,
        )
        .select_related("paragraph__section__minutes__meeting")
        .order_by("-paragraph__section__minutes__meeting__date", "pk")
    )
    return [
        f"Ask of {day_month(ask.asked_on)}, {ask.shown_number}: {ask.shown_text}"
        for ask in asks[:MOST_BEFORE]
    ]


def still_open(meeting: Meeting, on: date) -> list[str]:
    """Each action that isn't done and each ask of a held meeting that waits for an answer on the
    day of the next, as everyone may read them.

    The words come from the newest version's public rendition, so nothing private comes back.
    """
    version = meeting.minutes.latest
    if version is None:
        return []
    done = set(
        ActionItem.objects.filter(
            paragraph__section__minutes=meeting.minutes, done_at__isnull=False
        ).values_list("paragraph__uid", flat=True)
    )
    done_uids = {str(uid) for uid in done} | answered_uids(meeting.minutes, on)
    return [
        f"{paragraph['number']} {'Action' if paragraph['kind'] == 'action' else 'Ask'}: "
        f"{paragraph['text']}"
        for item in version.public["items"]
        for paragraph in item["paragraphs"]
        if paragraph["kind"] in ("action", "ask")
        and not paragraph["private"]
        and paragraph["uid"] not in done_uids
    ]


@transaction.atomic
def bring_back(*, meeting: Meeting, by: Any = None, at: datetime | None = None) -> int:
    """Put what last time left open on this agenda, each thing once; how many items came.

    Not once the agenda has gone out: what people were sent doesn't grow by itself.
    """
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    before = last_held(meeting)
    if before is None or meeting.agenda_sent_at or meeting.is_cancelled or meeting.has_begun:
        return 0
    confirm_items.bring_back(meeting=meeting, at=at)
    items = not_reached(before)
    for position, item in enumerate(items, next_position(meeting)):
        carry_item(item, meeting, position)
    came = len(items) + _bring_open(meeting, before, by=by, at=at)
    if came:
        AuditEvent.record("bring_back", meeting, by=by, at=at, items=came, before=before.pk)
        pages.forget("/meetings/")
    return came


def _bring_open(meeting: Meeting, before: Meeting, *, by: Any, at: datetime | None) -> int:
    """One item that lists the open actions and asks, unless it was there or taken off before."""
    lines = still_open(before, meeting.date) + open_before(before, meeting.date)
    if not lines or meeting.agenda_items.filter(LIST_OF_OPEN).exists():
        return 0
    AgendaItem.objects.create(
        meeting=meeting,
        kind=AgendaItem.Kind.CARRIED,
        position=next_position(meeting),
        title=OPEN_TITLE,
        purpose=AgendaItem.Purpose.TELL,
        minutes=10,
        note=_note(before, lines),
        proposed_by=by,
        proposed_at=at or timezone.now(),
    )
    return 1


def _note(before: Meeting, lines: list[str]) -> str:
    """The list, whole lines only, within what a note holds."""
    note = f"From {day_month(before.date)}:"
    for line in lines:
        if len(note) + len(line) > 1100:
            return f"{note}\n\nAnd more: see the minutes."
        note += f"\n\n{line}"
    return note


def bring_back_when_due(now: datetime | None = None) -> None:
    """Every agenda that is due soon gets back what was left open. Harmless to run twice."""
    today = clocks.today(now)
    soon = Meeting.objects.taking_place().filter(
        announced_at__isnull=False,
        agenda_sent_at__isnull=True,
        date__gte=today,
        date__lte=today + timedelta(days=60),
    )
    for meeting in soon:
        if meeting.agenda_due_on - timedelta(days=AHEAD) > today or meeting.is_recorded_later:
            continue
        try:
            bring_back(meeting=meeting, at=now)
        except Exception:
            logger.exception("Nothing could be brought back to meeting %s", meeting.pk)
