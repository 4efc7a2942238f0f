"""The forum's promises about meetings, each computed from the records; never a write.

Only meetings that the public may know of are counted, so that anybody can check the count.
What was entered after it was due is left out: no promise could have been kept.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from coprod import clocks
from coprod.models import Forum
from coprod.registry import Promise, PromiseResult
from coprod.templatetags.forum import day, plural
from meetings.models import Meeting

#: How many results are shown, and among how many newest meetings they are looked for.
SHOWN, LOOKED_AT = 8, 60
#: How many days ahead agendas that went out early are looked for.
AHEAD = 45


def _newest(until: date) -> list[Meeting]:
    return list(
        Meeting.objects.public()
        .filter(date__lte=until)
        .select_related("minutes")
        .only(
            "title",
            "slug",
            "date",
            "minutes_days",
            "agenda_days",
            "created_at",
            "agenda_sent_at",
            "minutes__circulated_at",
        )
        .order_by("-date", "-pk")[:LOOKED_AT]
    )


def _result(meeting: Meeting, *, due: date, at: datetime | None) -> PromiseResult | None:
    """One result, or None where nothing was promised or it is still running."""
    kept_on = clocks.today(at) if at else None
    if clocks.today(meeting.created_at) > due:
        return None
    if kept_on is None and due >= clocks.today():
        return None
    return PromiseResult(
        label=f"{meeting.title}, {day(meeting.date)}",
        url=meeting.get_absolute_url(),
        due=due,
        kept_on=kept_on,
        state="kept" if kept_on is not None and kept_on <= due else "late",
    )


def _latest(results: Iterable[PromiseResult | None]) -> list[PromiseResult]:
    return [result for result in results if result is not None][:SHOWN]


def of_meetings(forum: Forum) -> list[Promise]:
    """Drafts in time and agendas in time, from one query; what isn't due yet doesn't count."""
    today, drafts, agendas = clocks.today(), [], []
    for meeting in _newest(today + timedelta(days=AHEAD)):
        minutes = getattr(meeting, "minutes", None)
        circulated_at = minutes.circulated_at if minutes is not None else None
        agendas.append(_result(meeting, due=meeting.agenda_due_on, at=meeting.agenda_sent_at))
        if meeting.date <= today:
            drafts.append(_result(meeting, due=meeting.minutes_due_on, at=circulated_at))
    before = "a week" if forum.agenda_days == 7 else plural(forum.agenda_days, "day")
    return [
        Promise(f"Agenda out {before} before", _latest(agendas)),
        Promise(f"Draft minutes within {plural(forum.minutes_days, 'day')}", _latest(drafts)),
    ]
