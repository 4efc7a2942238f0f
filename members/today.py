"""What people and messages put on the coordinator's Today; never a write."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse

from coprod import clocks
from coprod.models import Forum, Message
from coprod.registry import Desk, Thing
from coprod.templatetags.forum import plural
from members.models import Person

#: Days within which letters are posted and calls made.
REACH_DAYS = 2


def coordinator_desk(person: Any, today: date, forum: Forum) -> Desk:
    """Messages that failed or wait for hands, and whose e-mail doesn't arrive at all.

    One question; another for the names where anything failed.
    """
    if not person.is_coordinator:
        return Desk()
    open_ones = Message.objects.for_hands() | Message.objects.filter(state=Message.State.FAILED)
    counted = (
        open_ones.order_by()
        .values("state", "channel")
        .annotate(count=Count("pk"), made=Min("created_at"), planned=Min("not_before"))
    )
    rows: list[Any] = list(counted)
    failed = [row for row in rows if row["state"] == Message.State.FAILED]
    things = list(_failed(failed, today)) if failed else []
    return Desk(things=[*things, *_by_hand(row for row in rows if row not in failed)])


def _failed(rows: list[Any], today: date) -> Iterator[Thing]:
    count = sum(row["count"] for row in rows)
    page = f"{reverse('members:message_list')}?show=failed"
    for each in Person.objects.whose_mail_comes_back().order_by("name")[:3]:
        yield Thing(
            title=f"Ring {each.name}: their e-mail doesn’t arrive",
            url=page,
            button="See what came back",
            by=today,
            note="Two messages or more came back. Put the address right, or send them by post.",
            minutes=5,
        )
    yield Thing(
        title=f"Look at {plural(count, 'message')} that failed",
        url=page,
        button="See why",
        by=clocks.today(min(row["made"] for row in rows)),
        note="Each says why, and can go again or by another way.",
        minutes=2 * count,
    )


def _by_hand(rows: Iterable[Any]) -> Iterator[Thing]:
    """Letters to post and calls to make, one thing for each channel."""
    for row in rows:
        letter = row["channel"] == Message.Channel.LETTER
        count = plural(row["count"], "letter" if letter else "person,people")
        yield Thing(
            title=f"{'Post' if letter else 'Ring'} {count}",
            url=reverse("members:message_list"),
            button="Print the letters" if letter else "Open the call list",
            by=clocks.today(row["planned"]) + timedelta(days=REACH_DAYS),
            note="They don’t use e-mail, so they haven’t heard yet.",
            minutes=(2 if letter else 4) * row["count"],
        )
