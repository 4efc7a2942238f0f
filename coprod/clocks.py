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
#: On the last day of a promise what there is goes out by itself at this time.
LAST_DAY_AT = time(17)
WEEKLY_AT = time(8, 30)


def today(now: datetime | None = None) -> date:
    """The date in the UK."""
    return (now or timezone.now()).astimezone(LONDON).date()


def local(day: date, at: time) -> datetime:
    """An instant, from a UK date and wall-clock time."""
    return datetime.combine(day, at, tzinfo=LONDON).astimezone(ZoneInfo("UTC"))


def end_of(day: date) -> datetime:
    """The last instant of a UK day: until then a promise that is due on it can be kept."""
    return datetime.combine(day, time.max, tzinfo=LONDON).astimezone(ZoneInfo("UTC"))


def after_quiet_hours(now: datetime) -> datetime:
    """``now``, or eight in the morning when it falls between 20:00 and 08:00."""
    there = now.astimezone(LONDON)
    if there.time() >= QUIET_FROM:
        return local(there.date() + timedelta(days=1), QUIET_UNTIL)
    if there.time() < QUIET_UNTIL:
        return local(there.date(), QUIET_UNTIL)
    return now


def next_weekly(now: datetime) -> datetime:
    """The next Monday, half past eight, after ``now``: when the weekly letter goes."""
    today = now.astimezone(LONDON).date()
    monday = today + timedelta(days=-today.weekday() % 7)
    goes = local(monday, WEEKLY_AT)
    return goes if goes > now else local(monday + timedelta(days=7), WEEKLY_AT)


def halfway_and_last_days(days: int) -> tuple[int, ...]:
    """How many days before its end people are reminded of a promise of ``days``.

    Half way, four days and one day before: of two weeks, on days 7, 10 and 13.
    """
    return (days - days // 2, 4, 1)


@dataclass(frozen=True)
class Extension:
    """A new date for a promise, and why. ``days_after``: recorded so many days after it was
    due; 0 while the promise could still be kept, which alone counts as explained.
    """

    until: date
    reason: str
    recorded_on: date
    days_after: int = 0


@dataclass(frozen=True)
class Clock:
    """A promise of so many days that runs from one date: which day it is, kept or late.

    ``extension`` gives it a new date; ``due_on`` stays the date that was promised.
    ``reminds``: how many days before the end people are reminded.
    """

    begins_on: date
    days: int
    kept_on: date | None = None
    extension: Extension | None = None
    reminds: tuple[int, ...] = ()

    @property
    def due_on(self) -> date:
        """The last day on which the promise can be kept."""
        return self.begins_on + timedelta(days=self.days)

    @property
    def ends_on(self) -> date:
        """The day that people expect it by now: the new date where there is one."""
        return self.extension.until if self.extension else self.due_on

    @property
    def ends_at(self) -> datetime:
        """The last instant at which it is in time."""
        return end_of(self.ends_on)

    @property
    def goes_at(self) -> datetime:
        """When what there is goes out by itself."""
        return local(self.ends_on, LAST_DAY_AT)

    @property
    def day(self) -> int:
        """Which day it is today, or was when the promise was kept. The meeting is on day 0."""
        return ((self.kept_on or today()) - self.begins_on).days

    @property
    def days_left(self) -> int:
        """Days until it is expected; negative once that day has passed."""
        return (self.ends_on - (self.kept_on or today())).days

    @property
    def is_late(self) -> bool:
        """Past the day that people expect, or expected, it by."""
        return self.days_left < 0

    @property
    def is_explained(self) -> bool:
        """Past the promised day, with a new date that was given in time and still holds."""
        return self.state == "explained"

    @property
    def state(self) -> str:
        """kept, late, explained or running. A delay that was recorded too late excuses nothing."""
        if (self.kept_on or today()) <= self.due_on:
            return "kept" if self.kept_on else "running"
        if self.extension is None or self.is_late or self.extension.days_after:
            return "late"
        return "explained"

    @property
    def words(self) -> str:
        """``Day 9 of 14``, ``3 days late``, ``Explained, by 2 December``."""
        if self.is_late:
            late = -self.days_left
            past = "past the new date" if self.extension else "late"
            return f"{late} day{'' if late == 1 else 's'} {past}"
        if self.extension and (self.kept_on or today()) > self.due_on:
            lead = "New date" if self.extension.days_after else "Explained, new date"
            return f"{lead} {self.ends_on.day} {self.ends_on:%B}"
        return f"Day {max(self.day, 0)} of {self.days}"

    @property
    def remind_on(self) -> list[date]:
        """The days of the reminders, oldest first. A new date has those of its last two days."""
        if self.extension is None:
            days = {
                self.due_on - timedelta(days=n) for n in self.reminds if n == 0 or n < self.days
            }
            return sorted(days)
        days = {self.ends_on - timedelta(days=n) for n in self.reminds if n <= 1}
        return sorted(day for day in days if day > self.extension.recorded_on)

    def reminder(self, now: date) -> date | None:
        """Which reminder is due: the newest one, so that missed days are caught up once."""
        if self.kept_on or now > self.ends_on:
            return None
        return max((day for day in self.remind_on if day <= now), default=None)
