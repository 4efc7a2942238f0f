"""Planning a year: patterns, the dates that come of them, closed days, and announcing."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import clocks, outbox, pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from meetings.models import ClosedPeriod, Meeting, Series
from meetings.models.calendar import Audience
from meetings.services.details import make_meeting
from meetings.services.matters import place_all_matters
from members.models import Person

#: What a meeting takes over from its series.
USUAL = ("audience", "starts", "ends", "format", "place", "online_link", "expect")


@transaction.atomic
def save_series(*, series: Series, by: Any, at: datetime | None = None) -> None:
    """Keep a pattern. Dates that wait unannounced take over its new times and place."""
    is_new = series.pk is None
    if is_new:
        series.created_at, series.created_by = at or timezone.now(), by
    series.save()
    for meeting in series.meetings.filter(announced_at__isnull=True, invited_at__isnull=True):
        for name in USUAL:
            setattr(meeting, name, getattr(series, name))
        _rename(meeting, series.name)
    AuditEvent.record("add_series" if is_new else "change_series", series, by=by, at=at)


def _rename(meeting: Meeting, title: str) -> None:
    """Save a meeting that nobody was told of: its address may follow without a trace."""
    meeting.title = title
    meeting.slug = ""
    meeting.save()


@transaction.atomic
def close_days(
    *, name: str, first_day: date, last_day: date, by: Any, at: datetime | None = None
) -> ClosedPeriod:
    """Keep days when nobody should meet."""
    period = ClosedPeriod.objects.create(
        name=name,
        first_day=first_day,
        last_day=last_day,
        created_by=by,
        created_at=at or timezone.now(),
    )
    AuditEvent.record("close_days", period, by=by, at=at)
    return period


@transaction.atomic
def open_days(*, period: ClosedPeriod, by: Any) -> None:
    """Take closed days away again."""
    AuditEvent.record("open_days", period, by=by)
    period.delete()


@transaction.atomic
def use_dates(
    *, series: Series, dates: Iterable[date], by: Any, at: datetime | None = None
) -> list[Meeting]:
    """Make ``dates`` the unannounced meetings of ``series``; nothing goes out.

    Unannounced meetings on other days are taken away; announced ones stay as they are.
    """
    series = Series.objects.select_for_update().get(pk=series.pk)
    wanted = set(dates)
    waiting = {m.date: m for m in series.meetings.filter(announced_at__isnull=True)}
    for day, meeting in waiting.items():
        if day not in wanted and meeting.invited_at is None:
            AuditEvent.record("delete_meeting", meeting, by=by, at=at)
            meeting.delete()
    there = set(series.meetings.taking_place().values_list("date", flat=True))
    for day in sorted(wanted - there):
        usual = {name: getattr(series, name) for name in USUAL}
        make_meeting(title=series.name, date=day, series=series, by=by, at=at, **usual)
    AuditEvent.record("use_dates", series, by=by, at=at, meetings=len(wanted))
    return list(series.meetings.filter(announced_at__isnull=True).order_by("date"))


def told_of(audience: str) -> list[Person]:
    """Who hears of a year: reps, and officers too unless it is for parents only."""
    people = Person.objects.reps() if audience == Audience.PARENTS else Person.objects.members()
    return list(people.order_by("name"))


@transaction.atomic
def announce_year(*, series: Series, by: Any, at: datetime | None = None) -> list[Meeting]:
    """Announce every unannounced meeting of ``series`` with one message to each member.

    Dates that have all passed are listed and nobody is written to. Raises
    TransitionNotAllowed when nothing waits to be announced, so a second press sends nothing.
    """
    now = at or timezone.now()
    series = Series.objects.select_for_update().get(pk=series.pk)
    waiting = list(series.meetings.filter(announced_at__isnull=True).order_by("date", "starts"))
    if not waiting:
        raise TransitionNotAllowed("These dates have been announced already.")
    ids = [meeting.pk for meeting in waiting]
    Meeting.objects.filter(pk__in=ids).update(announced_at=now, announced_by=by)
    AuditEvent.record("announce_year", series, by=by, at=at, meetings=ids)
    place_all_matters(at=at)
    coming = any(meeting.date >= clocks.today(at) for meeting in waiting)
    for person in told_of(series.audience) if coming else []:
        outbox.queue(
            key=f"announcement:{series.pk}:{ids[0]}:{person.pk}",
            template="meetings/announcement",
            person=person,
            ids={"series": series.pk, "meetings": ids},
            at=at,
        )
    pages.forget("/")
    return waiting
