"""Who hears at once that a meeting changed, and by which channel in time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from coprod import clocks, outbox
from coprod.models import Message
from meetings.models import Meeting
from meetings.services.details import was_announced_by_message
from meetings.services.series import told_of
from members.models import Person

#: A meeting so near can't wait for the morning, nor for the post.
URGENT = timedelta(hours=24)


def readers_of_notice(meeting: Meeting) -> list[Person]:
    """Everybody who heard of this meeting from us: those invited, and whoever got its dates.

    Of a parents' meeting only those who may know of it.
    """
    people = {
        row.person_id: row.person
        for row in meeting.invitations.filter(person__is_active=True).select_related("person")
    }
    if was_announced_by_message(meeting):
        for person in told_of(meeting.audience):
            people.setdefault(person.pk, person)
    return sorted(people.values(), key=lambda person: person.name)


def is_urgent(*moments: datetime, now: datetime | None = None) -> bool:
    """Whether one of these starts is today or within a day, so that nobody may hear too late."""
    now = now or timezone.now()
    return any(
        moment - now <= URGENT or clocks.today(moment) == clocks.today(now) for moment in moments
    )


def channel_for(person: Person, *, urgent: bool) -> str:
    """Their own channel; a call instead of a letter that would come too late."""
    if urgent and person.reached_by == Message.Channel.LETTER and person.phone:
        return Message.Channel.PHONE
    return person.reached_by


def counts(people: Iterable[Person], *, urgent: bool) -> dict[str, int]:
    """How many each channel reaches, to be shown before anything is sent."""
    tally: dict[str, int] = {}
    for person in people:
        channel = channel_for(person, urgent=urgent)
        tally[channel] = tally.get(channel, 0) + 1
    return tally


def rung_instead(people: Iterable[Person], *, urgent: bool) -> list[Person]:
    """Those who usually get letters and are rung this time."""
    return [p for p in people if channel_for(p, urgent=urgent) != p.reached_by]


def too_late_by_post(people: Iterable[Person], *, urgent: bool) -> list[Person]:
    """Those whom only a letter reaches, although it will come too late."""
    letter = Message.Channel.LETTER
    return [p for p in people if urgent and channel_for(p, urgent=True) == letter]


def send_notice(
    *,
    kind: str,
    people: Iterable[Person],
    key: str,
    ids: dict[str, Any],
    urgent: bool,
    at: datetime | None = None,
) -> int:
    """Queue one ``meetings/<kind>`` for each person; ``key`` names this change for ever."""
    sent = 0
    for person in people:
        outbox.queue(
            key=f"{key}:{person.pk}",
            template=f"meetings/{kind}",
            person=person,
            channel=channel_for(person, urgent=urgent),
            ids=ids,
            urgent=urgent,
            at=at,
        )
        sent += 1
    return sent
