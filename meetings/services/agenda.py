"""Agenda items in their order, proposals, and sending the agenda."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from coprod import clocks, outbox, pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from meetings.models import AgendaItem, Meeting
from meetings.services import confirm_items
from members.models import Person

State = AgendaItem.State


#: How many days before the agenda is due whoever runs the meeting is reminded; 0: on the day.
REMINDS = (3, 1, 0)


def agenda_clock(meeting: Meeting) -> clocks.Clock:
    """The agenda's promise: from the invitation's day to seven days before the meeting.

    What went out in time for the date that the meeting had then stays in time.
    """
    sent = meeting.agenda_sent_at
    date = meeting.date_on(sent) if sent else meeting.date
    return clocks.Clock(
        begins_on=date - timedelta(days=meeting.invitation_days),
        days=meeting.invitation_days - meeting.agenda_days,
        kept_on=clocks.today(sent) if sent else None,
        extension=meeting.extension("agenda"),
        reminds=REMINDS,
    )


def _lock(meeting: Meeting) -> Meeting:
    """Items of one meeting change one after the other, so no two get the same place."""
    return Meeting.objects.select_for_update().get(pk=meeting.pk)


def next_position(meeting: Meeting) -> int:
    last = meeting.agenda_items.aggregate(last=Max("position"))["last"]
    return (last or 0) + 1


@transaction.atomic
def save_item(
    *, item: AgendaItem, by: Any, fields: list[str] | None = None, at: datetime | None = None
) -> AgendaItem:
    """Add an item at the end of the agenda, or keep changes to one."""
    is_new = item.pk is None
    if is_new:
        confirm_items.bring_back(meeting=item.meeting, at=at)
        item.position = next_position(_lock(item.meeting))
        item.proposed_by, item.proposed_at = by, at or timezone.now()
        item.save()
    else:
        item.save(update_fields=fields)
    data = {} if is_new else {"fields": fields or []}
    AuditEvent.record("add_item" if is_new else "change_item", item, by=by, at=at, **data)
    pages.forget("/meetings/")
    return item


@transaction.atomic
def propose_item(*, item: AgendaItem, by: Any, at: datetime | None = None) -> AgendaItem:
    """Keep what somebody invited would like to talk about; the coordinator decides.

    Raises TransitionNotAllowed once the meeting is over.
    """
    if item.meeting.ends_at <= (at or timezone.now()):
        raise TransitionNotAllowed("This meeting is over. Propose your item for the next one.")
    if item.meeting.is_cancelled:
        raise TransitionNotAllowed("This meeting is cancelled. Propose it for the next one.")
    item.state = State.PROPOSED
    item.position = next_position(_lock(item.meeting))
    item.proposed_by, item.proposed_at = by, at or timezone.now()
    item.save()
    AuditEvent.record("propose_item", item, by=by, at=at)
    return item


@transaction.atomic
def decide_item(*, item: AgendaItem, state: str, by: Any, at: datetime | None = None) -> None:
    """Put a proposal or an item on the agenda, at its end, or take it off."""
    if state not in (State.ON, State.OFF):
        raise TransitionNotAllowed("An item is either on the agenda or off it.")
    meeting = _lock(item.meeting)
    item = AgendaItem.objects.get(pk=item.pk)
    if item.state == state:
        return
    if state == State.ON:
        item.position = next_position(meeting)
    item.state = state
    item.save(update_fields=["state", "position"])
    AuditEvent.record("decide_item", item, by=by, at=at, state=state)
    pages.forget("/meetings/")


@transaction.atomic
def move_item(*, item: AgendaItem, up: bool, by: Any) -> bool:
    """Change places with the neighbour above or below; False at either end."""
    items = list(_lock(item.meeting).agenda_items.on())
    here = next((n for n, each in enumerate(items) if each.pk == item.pk), None)
    there = None if here is None else here + (-1 if up else 1)
    if here is None or there is None or not 0 <= there < len(items):
        return False
    items[here], items[there] = items[there], items[here]
    for position, each in enumerate(items, 1):
        if each.position != position:
            AgendaItem.objects.filter(pk=each.pk).update(position=position)
    AuditEvent.record("move_item", item, by=by, up=up)
    pages.forget("/meetings/")
    return True


def readers(meeting: Meeting) -> list[Person]:
    """Who gets the agenda: everybody invited."""
    rows = meeting.invitations.filter(person__is_active=True).select_related("person")
    return [invitation.person for invitation in rows.order_by("person__name")]


def times_sent(meeting: Meeting) -> int:
    return AuditEvent.objects.about(meeting).filter(verb="send_agenda").count()


def refuse_to_send(meeting: Meeting, now: datetime) -> None:
    """Raise TransitionNotAllowed with the reason why the agenda can't go out."""
    if meeting.is_cancelled:
        raise TransitionNotAllowed("This meeting is cancelled, so its agenda isn’t sent.")
    if meeting.starts_at <= now:
        raise TransitionNotAllowed("This meeting has begun, so its agenda isn’t sent any more.")
    if not meeting.agenda_items.on().exists():
        raise TransitionNotAllowed("Put at least one item on the agenda first.")
    if not readers(meeting):
        raise TransitionNotAllowed("Nobody is invited yet. Invite people first.")


def went_by_itself(meeting: Meeting) -> bool:
    """Whether the agenda was first sent by the clock, on the last day, as it stood."""
    sent = AuditEvent.objects.about(meeting).filter(verb="send_agenda").last()
    return sent is not None and bool(sent.data.get("as_it_stands"))


@transaction.atomic
def send_agenda(
    *,
    meeting: Meeting,
    by: Any,
    times: int | None = None,
    as_it_stands: bool = False,
    at: datetime | None = None,
) -> int:
    """Send the agenda as it stands to everybody invited; the first time keeps the promise.

    ``times``: how often it had been sent when the page was made, so that a second press
    sends nothing. ``as_it_stands``: the last day sends it by itself, and the letter says so.
    Returns how many messages were written. Raises TransitionNotAllowed.
    """
    now = at or timezone.now()
    meeting = _lock(meeting)
    before = times_sent(meeting)
    if times is not None and times != before:
        raise TransitionNotAllowed("The agenda has just been sent. It wasn’t sent twice.")
    refuse_to_send(meeting, now)
    confirm_items.bring_back(meeting=meeting, at=at)
    people = readers(meeting)
    if meeting.agenda_sent_at is None:
        meeting.agenda_sent_at, meeting.agenda_sent_by = now, by
        meeting.save(update_fields=["agenda_sent_at", "agenda_sent_by"])
    for person in people:
        outbox.queue(
            key=f"agenda:{meeting.pk}:{before + 1}:{person.pk}",
            template="meetings/agenda",
            person=person,
            ids={"meeting": meeting.pk, "again": before > 0, "itself": as_it_stands},
            at=at,
        )
    marks = {"as_it_stands": True} if as_it_stands else {}
    AuditEvent.record("send_agenda", meeting, by=by, at=at, people=len(people), **marks)
    pages.forget("/meetings/")
    return len(people)
