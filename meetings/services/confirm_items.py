"""Earlier minutes on a later meeting's agenda, to be confirmed there.

By itself, once comments on them have closed and they still aren't agreed; or by a button.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from coprod import clocks, pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from coprod.templatetags.forum import day, day_month
from meetings.models import AgendaItem, Meeting, Minutes, Version

#: Minutes planned for confirming earlier minutes.
MINUTES = 5


def unconfirmed(meeting: Meeting) -> list[Minutes]:
    """Circulated minutes of earlier meetings of the same people, oldest first.

    Same people: the same audience and the same series; an extra meeting's, the same audience.
    """
    rows = (
        Minutes.objects.filter(
            Q(meeting__series=meeting.series_id) | Q(meeting__series=None),
            state=Minutes.State.CIRCULATED,
            meeting__audience=meeting.audience,
            meeting__starts_at__lt=meeting.starts_at,
            meeting__cancelled_at=None,
        )
        .select_related("meeting")
        .order_by("meeting__starts_at")
    )
    allowed = set(
        Version.objects.newest().filter(agree_at_next=True, minutes__in=rows).values_list("minutes")
    )
    return [minutes for minutes in rows if (minutes.pk,) in allowed]


def to_put_on(meeting: Meeting) -> list[Minutes]:
    """Those of them that don't stand on this meeting's agenda."""
    on = AgendaItem.objects.filter(meeting=meeting, kind=AgendaItem.Kind.CONFIRM)
    told = set(on.exclude(state=AgendaItem.State.OFF).values_list("about_minutes", flat=True))
    return [minutes for minutes in unconfirmed(meeting) if minutes.pk not in told]


def title_for(minutes: Minutes, meeting: Meeting) -> str:
    met = minutes.meeting.date
    when = day_month(met) if met.year == meeting.date.year else day(met)
    return f"Confirm the minutes of {when}"


@transaction.atomic
def put_on_agenda(
    *, meeting: Meeting, minutes: Minutes, by: Any, at: datetime | None = None
) -> AgendaItem:
    """Make confirming earlier minutes an item, the first while nobody has had the agenda.

    Raises TransitionNotAllowed for minutes that this meeting can't confirm.
    """
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if all(each.pk != minutes.pk for each in unconfirmed(meeting)):
        raise TransitionNotAllowed("This meeting can’t confirm those minutes, or needn’t any more.")
    items = meeting.agenda_items
    item = items.filter(kind=AgendaItem.Kind.CONFIRM, about_minutes=minutes).first()
    if item is not None and item.state == AgendaItem.State.ON:
        return item
    if meeting.agenda_sent_at is None and not meeting.has_begun:
        items.update(position=F("position") + 1)
        place = 1
    else:
        place = (items.aggregate(last=Max("position"))["last"] or 0) + 1
    item = item or AgendaItem(
        meeting=meeting,
        kind=AgendaItem.Kind.CONFIRM,
        about_minutes=minutes,
        title=title_for(minutes, meeting),
        purpose=AgendaItem.Purpose.DECIDE,
        can_decide=AgendaItem.CanDecide.YES,
        minutes=MINUTES,
        proposed_at=at or timezone.now(),
        proposed_by=by,
    )
    item.state, item.position = AgendaItem.State.ON, place
    item.save()
    AuditEvent.record("put_confirmation_on", item, by=by, at=at, minutes=minutes.pk)
    pages.forget("/meetings/")
    return item


def bring_back(*, meeting: Meeting, at: datetime | None = None) -> None:
    """Put waiting minutes on the agenda of a meeting to come by itself, when it is being made.

    Only those whose comments have closed: the others may be agreed before. Never twice: what
    the coordinator took off stays off. Not on an agenda that people have.
    """
    if meeting.agenda_sent_at is not None or meeting.starts_at <= (at or timezone.now()):
        return
    waiting = unconfirmed(meeting)
    closed = Version.objects.newest().filter(minutes__in=[each.pk for each in waiting])
    done = set(closed.closed(clocks.today(at)).values_list("minutes", flat=True))
    known = set(
        AgendaItem.objects.filter(meeting=meeting, kind=AgendaItem.Kind.CONFIRM).values_list(
            "about_minutes", flat=True
        )
    )
    for minutes in reversed(waiting):  # each becomes the first, so the newest goes first
        late = minutes.meeting.is_recorded_later
        if minutes.pk in done and minutes.pk not in known and not late:
            put_on_agenda(meeting=meeting, minutes=minutes, by=None, at=at)


def take_off(*, minutes: Minutes, at: datetime | None = None) -> None:
    """Once agreed, take the item off agendas that nobody has been sent."""
    waiting = AgendaItem.objects.filter(
        kind=AgendaItem.Kind.CONFIRM,
        about_minutes=minutes,
        meeting__agenda_sent_at=None,
        meeting__starts_at__gt=at or timezone.now(),
        section=None,
    )
    for item in waiting:
        AuditEvent.record("take_confirmation_off", item, by=None, at=at, minutes=minutes.pk)
        item.delete()
        pages.forget("/meetings/")
