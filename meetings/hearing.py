"""What Today tells the coordinator about agreement: whom to hear before minutes can be agreed.

From versions that were read ``with_window`` and with ``not_yet_open`` counted, and one question
for meetings that were to confirm earlier minutes. Never a write.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from coprod.registry import Thing
from coprod.templatetags.forum import day_month, plural
from meetings.models import AgendaItem, Minutes

#: “Not yet” that nobody has answered, for ``annotate``.
NOT_YET_OPEN = Count(
    "agreements", filter=Q(agreements__answer="not_yet", agreements__outcome=""), distinct=True
)


def _of(version: Any) -> str:
    meeting = version.minutes.meeting
    return f"{meeting.title}, {day_month(meeting.date)}"


def not_yets(versions: Iterable[Any]) -> Iterator[Thing]:
    """People who said “not yet” and haven't been answered."""
    for version in versions:
        if count := version.not_yet_open:
            address = reverse("meetings:minutes_draft", args=[version.minutes.meeting.slug])
            yield Thing(
                title=f"Answer {plural(count, '“not yet”,“not yet”s')}: {_of(version)}",
                url=f"{address}#notyet",
                button="See why",
                by=version.closes_on,
                note="Change the text and ask again, ring them, or say why it stays.",
                minutes=10 * count,
            )


def held_windows(versions: Iterable[Any], today: date) -> Iterator[Thing]:
    """Comments that stay open past their day, because somebody hasn't had the draft."""
    for version in versions:
        window = version.window
        if window.is_held and window.waiting:
            yield Thing(
                title=f"Comments wait for somebody’s copy: {_of(version)}",
                url=reverse("meetings:minutes_window", args=[version.minutes.meeting.slug]),
                button="See what they wait for",
                by=today,
                note=f"They stay open until {window.waits_for}.",
                minutes=5,
            )


def to_confirm(today: date) -> Iterator[Thing]:
    """Meetings that were to confirm earlier minutes and are over: did they?"""
    items = AgendaItem.objects.on().filter(
        kind=AgendaItem.Kind.CONFIRM,
        about_minutes__state=Minutes.State.CIRCULATED,
        meeting__date__range=(today - timedelta(days=60), today),
        meeting__cancelled_at=None,
    )
    for item in items.select_related("meeting"):
        if item.meeting.has_begun:
            yield Thing(
                title=f"{item.title}: did the meeting?",
                url=reverse("meetings:agenda_item_confirm", args=[item.meeting.slug, item.pk]),
                button="Record it",
                by=item.meeting.date,
                note=f"It was on the agenda of {day_month(item.meeting.date)}.",
                minutes=2,
            )
