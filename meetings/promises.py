"""The forum's promises about meetings, each computed from the records; never a write.

Only meetings that the public may know of are counted, so that anybody can check the count.
What was entered after it was due is left out: no promise could have been kept.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse

from coprod import clocks
from coprod.models import Forum
from coprod.registry import Promise, PromiseResult
from coprod.templatetags.forum import day, plural
from meetings.models import Meeting

#: How many results are shown, and among how many newest meetings they are looked for.
SHOWN, LOOKED_AT = 8, 60
#: How many days ahead agendas that went out early are looked for.
AHEAD = 45
#: The little that a promise needs to know of a meeting.
FACTS = (
    *("title", "slug", "date", "created_at", "agenda_sent_at", "agenda_days", "minutes_days"),
    "minutes__circulated_at",
)


def of_meetings(forum: Forum) -> list[Promise]:
    """Drafts in time and agendas in time, from one query; what isn't due yet doesn't count."""
    today = clocks.today()
    drafts: list[PromiseResult] = []
    agendas: list[PromiseResult] = []
    newest = Meeting.objects.public().filter(date__lte=today + timedelta(days=AHEAD))
    for row in newest.order_by("-date", "-pk").values_list(*FACTS, named=True)[:LOOKED_AT]:
        agenda_due = row.date - timedelta(days=row.agenda_days)
        _count(agendas, row, due=agenda_due, at=row.agenda_sent_at, today=today)
        if row.date <= today:
            draft_due = row.date + timedelta(days=row.minutes_days)
            _count(drafts, row, due=draft_due, at=row.minutes__circulated_at, today=today)
    before = "a week" if forum.agenda_days == 7 else plural(forum.agenda_days, "day")
    return [
        Promise(f"Agenda out {before} before", agendas),
        Promise(f"Draft minutes within {plural(forum.minutes_days, 'day')}", drafts),
    ]


def _count(
    results: list[PromiseResult], row: Any, *, due: date, at: datetime | None, today: date
) -> None:
    """Add one result, unless there are enough, nothing was promised, or it is still running."""
    if len(results) == SHOWN or clocks.today(row.created_at) > due:
        return
    kept_on = clocks.today(at) if at else None
    if kept_on is None and due >= today:
        return
    results.append(
        PromiseResult(
            label=f"{row.title}, {day(row.date)}",
            url=reverse("meetings:meeting_detail", args=[row.slug]),
            due=due,
            kept_on=kept_on,
            state="kept" if kept_on is not None and kept_on <= due else "late",
        )
    )
