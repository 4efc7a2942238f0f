"""Who hears at once that a meeting changed, and by which channel in time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from coprod import clocks, outbox
from coprod.models import Message
from meetings.models import Meeting
from meetings.services.details import was_announced_by_message
from meetings.services.series import told_of
from members.models import Person

#: News of a meeting so near can't wait for the morning.
AT_ONCE = timedelta(hours=24)
#: A letter takes so long: for a nearer meeting it comes too late.
BY_POST = timedelta(days=3)


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


@dataclass(frozen=True)
class Haste:
    """How near the meeting is: ``at_once`` disturbs the quiet hours, ``no_post`` means calls."""

    at_once: bool
    no_post: bool


def haste_of(*moments: datetime, now: datetime | None = None) -> Haste:
    """The haste for a meeting that was, or will be, at these moments; the nearest one counts."""
    now = now or timezone.now()
    nearest = min(moments)
    same_day = clocks.today(nearest) == clocks.today(now)
    return Haste(
        at_once=same_day or nearest - now <= AT_ONCE,
        no_post=same_day or nearest - now <= BY_POST,
    )


def channel_for(person: Person, haste: Haste) -> str:
    """Their own channel; a call instead of a letter that would come too late."""
    if haste.no_post and person.reached_by == Message.Channel.LETTER and person.phone:
        return Message.Channel.PHONE
    return person.reached_by


def counts(people: Iterable[Person], haste: Haste) -> dict[str, int]:
    """How many each channel reaches, to be shown before anything is sent."""
    tally: dict[str, int] = {}
    for person in people:
        channel = channel_for(person, haste)
        tally[channel] = tally.get(channel, 0) + 1
    return tally


def rung_instead(people: Iterable[Person], haste: Haste) -> list[Person]:
    """Those who usually get letters and are rung this time."""
    return [p for p in people if channel_for(p, haste) != p.reached_by]


def too_late_by_post(people: Iterable[Person], haste: Haste) -> list[Person]:
    """Those whom only a letter reaches, although it will come too late."""
    letter = Message.Channel.LETTER
    return [p for p in people if haste.no_post and channel_for(p, haste) == letter]


def send_notice(
    *,
    kind: str,
    people: Iterable[Person],
    key: str,
    ids: dict[str, Any],
    haste: Haste,
    at: datetime | None = None,
) -> int:
    """Queue one ``meetings/<kind>`` for each person; ``key`` names this change for ever."""
    sent = 0
    for person in people:
        outbox.queue(
            key=f"{key}:{person.pk}",
            template=f"meetings/{kind}",
            person=person,
            channel=channel_for(person, haste),
            ids=ids,
            urgent=haste.at_once,
            at=at,
        )
        sent += 1
    return sent
