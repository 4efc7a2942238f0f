"""Days and deadlines in UK time: the end of a local day, day counts, quiet hours.

Source: the forum's promises are counted in local days (Europe/London), so that a clock change
never moves a due date.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

LONDON = ZoneInfo("Europe/London")
QUIET_FROM = time(20)
QUIET_UNTIL = time(8)


def today(now: datetime | None = None) -> date:
    """The date in the UK."""
    return (now or timezone.now()).astimezone(LONDON).date()


def local(day: date, at: time) -> datetime:
    """An instant, from a UK date and wall-clock time."""
    return datetime.combine(day, at, tzinfo=LONDON).astimezone(ZoneInfo("UTC"))


def after_quiet_hours(now: datetime) -> datetime:
    """``now``, or eight in the morning when it falls between 20:00 and 08:00."""
    there = now.astimezone(LONDON)
    if there.time() >= QUIET_FROM:
        return local(there.date() + timedelta(days=1), QUIET_UNTIL)
    if there.time() < QUIET_UNTIL:
        return local(there.date(), QUIET_UNTIL)
    return now


@dataclass(frozen=True)
class Clock:
    """A promise of so many days that runs from one date: which day it is, kept or late."""

    begins_on: date
    days: int
    kept_on: date | None = None

    @property
    def due_on(self) -> date:
        """The last day on which the promise can be kept."""
        return self.begins_on + timedelta(days=self.days)

    @property
    def day(self) -> int:
        """Which day it is today, or was when the promise was kept. The meeting is on day 0."""
        return ((self.kept_on or today()) - self.begins_on).days

    @property
    def days_left(self) -> int:
        """Days until the due date; negative once it has passed."""
        return (self.due_on - (self.kept_on or today())).days

    @property
    def is_late(self) -> bool:
        return self.days_left < 0

    @property
    def state(self) -> str:
        """kept, late or running."""
        if self.kept_on:
            return "late" if self.is_late else "kept"
        return "late" if self.is_late else "running"

    @property
    def words(self) -> str:
        """The day count in words: ``Day 9 of 14`` or ``3 days late``."""
        if self.is_late:
            late = -self.days_left
            return f"{late} day{'' if late == 1 else 's'} late"
        return f"Day {max(self.day, 0)} of {self.days}"
