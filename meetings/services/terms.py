"""Closed days: typed one by one, or imported from what a school or council sent, and undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from icalendar import Calendar

from coprod import clocks
from coprod.models import AuditEvent, Forum
from meetings.models import ClosedPeriod, Meeting
from meetings.terms import MOST_LINES, Row

#: Bytes of a file, and events of a calendar, that are read at most.
LARGEST = 200_000


class NotReadable(Exception):
    """A file that holds no text or calendar that we understand; its words are for people."""


# One by one ---------------------------------------------------------------------------------------


@transaction.atomic
def change_closed_days(*, period: ClosedPeriod, by: Any, fields: Sequence[str]) -> None:
    """Keep changed days. What was imported counts as typed from then on."""
    if fields:
        period.imported_from = ""
        period.save(update_fields=[*fields, "imported_from"])
        AuditEvent.record("change_closed_days", period, by=by, fields=list(fields))


def meetings_on(periods: Sequence[ClosedPeriod]) -> list[tuple[Meeting, ClosedPeriod]]:
    """Meetings to come that fall on closed days, each with the first such period."""
    if not periods:
        return []
    last = max(period.last_day for period in periods)
    coming = Meeting.objects.taking_place().coming().filter(date__lte=last)
    found = []
    for meeting in coming:
        on = [p for p in periods if p.first_day <= meeting.date <= p.last_day]
        if on:
            found.append((meeting, on[0]))
    return found


# Files --------------------------------------------------------------------------------------------


def text_of(content: bytes, name: str) -> str:
    """The lines of an uploaded file: plain text, a table, or a calendar.

    Raises NotReadable.
    """
    if len(content) > LARGEST:
        raise NotReadable("This file is too large. Term dates of a few years are never that long.")
    if content.lstrip()[:15].upper().startswith(b"BEGIN:VCALENDAR") or name.endswith(".ics"):
        return _lines_of_calendar(content)
    if b"\x00" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotReadable(
            "This file can’t be read here. Open it, copy the dates, and paste them above."
        )
    for encoding in ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            pass
    return content.decode("cp1252", errors="replace")


def _lines_of_calendar(content: bytes) -> str:
    """One line an event, as somebody would type it. A last day in a calendar isn't included."""
    try:
        calendar = Calendar.from_ical(content)
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        raise NotReadable("This calendar file is damaged, so it can’t be read.") from error
    lines = []
    for event in calendar.walk("VEVENT")[:MOST_LINES]:
        try:
            first = _day_of(event.get("dtstart"))
            last = _day_of(event.get("dtend"), is_end=True) or first
        except (ValueError, OverflowError, AttributeError):  # no date, or none of this calendar
            continue
        if first is None or last is None:
            continue
        name = " ".join(str(event.get("summary", "")).split())[:80]
        again = " (it repeats: only the first time is read)" if event.get("rrule") else ""
        lines.append(f"{name}: {first} to {max(first, last)}{again}")
    if not lines:
        raise NotReadable("There are no dates in this calendar file.")
    return "\n".join(lines)


def _day_of(value: Any, *, is_end: bool = False) -> date | None:
    """The local day of a calendar's moment; the end of an all-day event is the day before."""
    moment = getattr(value, "dt", None)
    if isinstance(moment, datetime):
        local = moment.astimezone(clocks.LONDON) if moment.tzinfo else moment
        return (local - timedelta(seconds=1)).date() if is_end else local.date()
    if isinstance(moment, date):
        return moment - timedelta(days=1) if is_end else moment
    return None


# Imports ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Imported:
    """How many rows were added, and how many were in the list already."""

    added: int
    known: int


def known_days() -> set[tuple[date, date]]:
    """What is in the list already, as first and last days."""
    return set(ClosedPeriod.objects.values_list("first_day", "last_day"))


@transaction.atomic
def import_closed_days(
    *, rows: Sequence[Row], source: str, by: Any, at: datetime | None = None
) -> Imported:
    """Put ticked rows on the list under the name of where they came from.

    Days that are there already are passed over, so the same file twice adds nothing.
    """
    now = at or timezone.now()
    # The forum's one row is the lock: two imports at once come one after the other.
    Forum.objects.select_for_update().filter(pk=1).first()
    there = known_days()
    made = []
    for row in rows:
        if not row.may_keep or row.first is None or row.last is None:
            continue
        if (row.first, row.last) in there:
            continue
        there.add((row.first, row.last))
        made.append(
            ClosedPeriod.objects.create(
                name=row.name,
                first_day=row.first,
                last_day=row.last,
                imported_from=source,
                created_at=now,
                created_by=by,
            )
        )
    for period in made:
        AuditEvent.record("import_closed_days", period, by=by, at=at)
    return Imported(added=len(made), known=len(rows) - len(made))


def import_of(period: ClosedPeriod) -> list[ClosedPeriod]:
    """Everything that came in with the same import and is still as it came."""
    if not period.imported_from:
        return []
    same = ClosedPeriod.objects.filter(
        imported_from=period.imported_from, created_at=period.created_at
    )
    return list(same.order_by("first_day"))


@transaction.atomic
def undo_import(*, period: ClosedPeriod, by: Any) -> int:
    """Take a whole import away again; how many periods went. What was changed since stays."""
    periods = import_of(period)
    for each in periods:
        AuditEvent.record("undo_import", each, by=by)
        each.delete()
    return len(periods)
