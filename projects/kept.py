"""The tracker's middle, kept in each process until anything is changed by anybody.

Every change writes an event in its own transaction, so the newest events say whether what was
made is still what would be made now. Several of them, because a transaction that began earlier
may end later. What the clock changes it changes at midnight, and the day is part of the name.
"""

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.cache import caches
from django.db.models import Subquery, Sum, Value
from django.http import HttpRequest

from coprod import pages
from coprod.models import AuditEvent, Forum

#: How many of the newest events must still be the same.
EVENTS = 20
#: A last resort, in seconds.
LONGEST = 300


def forum_and_events(request: HttpRequest) -> tuple[Forum, str]:
    """The forum, and what the newest events are; empty where there are none. One question.

    Their sum grows with every event that comes among them, also with one that comes late.
    """
    newest = AuditEvent.objects.order_by("-pk").values("pk")[:EVENTS]
    one = AuditEvent.objects.filter(pk__in=newest).order_by().values(together=Value(1))
    total = one.annotate(total=Sum("pk")).values_list("total", flat=True)
    if getattr(request, "forum", None) is not None:
        return Forum.of(request), "".join(map(str, total))
    forum = Forum.objects.filter(pk=1).annotate(newest_events=Subquery(total)).first()
    if forum is None:
        return Forum.of(request), ""
    request.forum = forum  # type: ignore[attr-defined]
    return forum, str(forum.newest_events or "")


def kept(
    today: date, events: str, about: tuple[Any, ...], make: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """What ``make`` gave, while ``events`` are the newest.

    ``about`` says whose it is and what was asked for. Where there is no event at all, nothing
    can tell what is new, so nothing is kept.
    """
    if not events:
        return make()
    name = repr((today, pages.build(), events, about))
    key = f"tracker.{hashlib.sha256(name.encode()).hexdigest()}"
    found: dict[str, Any] | None = caches["pieces"].get(key)
    if found is None:
        found = make()
        caches["pieces"].set(key, found, LONGEST)
    return found
