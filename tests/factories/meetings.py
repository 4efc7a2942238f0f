"""Meetings, invitations and agenda items: defaults valid and minimal."""

from datetime import time, timedelta
from typing import Any

import factory
from django.utils import timezone

from coprod import clocks
from meetings.models import (
    AgendaItem,
    Attendance,
    ClosedPeriod,
    Invitation,
    Meeting,
    Reply,
    Series,
)


class SeriesFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Series

    name = factory.Sequence(lambda n: f"Consortium {n}")
    starts = time(10)
    ends = time(12)
    place = "Kiln Lane Centre"


class ClosedPeriodFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ClosedPeriod

    name = "Summer holiday"


class MeetingFactory(factory.django.DjangoModelFactory):
    """Announced, two months ahead, for parents with services; nobody is invited yet."""

    class Meta:
        model = Meeting

    title = "Consortium"
    date = factory.LazyFunction(lambda: clocks.today() + timedelta(days=60))
    starts = time(10)
    ends = time(12)
    place = "Kiln Lane Centre"
    created_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=100))
    announced_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=90))


class AgendaItemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AgendaItem

    meeting = factory.SubFactory(MeetingFactory)
    title = "Short breaks"
    position = factory.LazyAttribute(lambda item: item.meeting.agenda_items.count() + 1)


def invite(meeting: Meeting, person: Any, *, came: str = "", **fields: Any) -> Invitation:
    """An invitation on behalf of the person's first seat or role; ``came``: room or online."""
    if not fields:
        fields = _on_behalf(person)
    invitation = Invitation.objects.create(meeting=meeting, person=person, **fields)
    if meeting.invited_at is None:
        meeting.invited_at = meeting.created_at
        meeting.save(update_fields=["invited_at"])
    if came:
        Attendance.objects.create(invitation=invitation, how=came)
    return invitation


def _on_behalf(person: Any) -> dict[str, Any]:
    seat = person.seats.filter(ended_at=None).select_related("group").first()
    role = person.roles.filter(ended_at=None, kind="officer").select_related("organisation").first()
    if seat:
        return {"capacity": "staff" if seat.is_staff else "parent", "group": seat.group}
    if role:
        organisation = role.organisation
        return {"capacity": "officer", "organisation": organisation, "sector": organisation.sector}
    if person.roles.filter(ended_at=None, kind="coordinator").exists():
        return {"capacity": "coordinator"}
    return {"capacity": "parent"}


def reply(invitation: Invitation, answer: str = "room", **fields: Any) -> Reply:
    return Reply.objects.create(
        invitation=invitation, answer=answer, replied_by=invitation.person, **fields
    )


def coming_meeting(*people: Any, days: int = 14, **fields: Any) -> Meeting:
    """Announced, ``people`` invited, ``days`` ahead."""
    meeting = MeetingFactory(date=clocks.today() + timedelta(days=days), **fields)
    for person in people:
        invite(meeting, person)
    return meeting


def past_meeting(*people: Any, days: int = 5, absent: Any = (), **fields: Any) -> Meeting:
    """Held ``days`` ago with ``people`` in the room; those in ``absent`` were only invited."""
    meeting = MeetingFactory(date=clocks.today() - timedelta(days=days), **fields)
    for person in people:
        invite(meeting, person, came="room")
    for person in absent:
        invite(meeting, person)
    return meeting
