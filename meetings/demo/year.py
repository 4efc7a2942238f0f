"""Both series of the demonstration: last year's dates, this year's, and when they were told."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from coprod import clocks
from coprod.demo.story import Story, words
from meetings import planner
from meetings.models import (
    ClosedPeriod,
    Meeting,
    Series,
)
from meetings.services import (
    calendar,
)

#: How many weeks ago this year's dates were announced.
ANNOUNCED = -52


def day_of(story: Story, week: int) -> date:
    """That week's Tuesday, unless it is a bank holiday. What is to come waits for the new year."""
    return free_day(story.week(week), held=week <= 0)


def free_day(day: date, *, held: bool) -> date:
    """``day``, or the next one further from now on which people would meet."""
    while planner.bank_holiday(day) or (not held and (day.month, day.day) >= (12, 20)):
        day += timedelta(days=-1 if held else 7)
    return day


class Year:
    """Two series: this year's dates announced a year ago, the next ones a fortnight ago."""

    def __init__(self, story: Story, told: dict[str, Any]) -> None:
        self.story = story
        self.ids: dict[tuple[str, int], int] = {}
        for days in told["closed"]:
            story.do(story.today - timedelta(days=16), 10, partial(self.close, days))

    def meeting(self, key: str, week: int) -> Meeting:
        return Meeting.objects.get(pk=self.ids[key, week])

    def plan(self, key: str, weeks: list[int], ahead: int) -> None:
        told = words("forum")["series"][key]
        series = Series(**told | {"terms": told.get("terms", "").strip()})
        first, later = self.story.week(ANNOUNCED), self.story.today - timedelta(days=14)
        self.story.do(first, 9, partial(self.begin, series))
        self.story.do(first, 10, partial(self.announce, key, series, weeks))
        self.story.do(later, 14, partial(self.go_on, series, ahead))

    def begin(self, series: Series, at: datetime) -> None:
        calendar.save_series(series=series, by=self.story.hester, at=at)

    def announce(self, key: str, series: Series, weeks: list[int], at: datetime) -> None:
        days = {day_of(self.story, week): week for week in weeks}
        by = self.story.hester
        for meeting in calendar.use_dates(series=series, dates=days, by=by, at=at):
            self.ids[key, days[meeting.date]] = meeting.pk
        calendar.announce_year(series=series, by=by, at=at + timedelta(hours=1))

    def close(self, told: dict[str, Any], at: datetime) -> None:
        """The next such days on which nothing has been announced already."""
        first, last = (date(self.story.today.year, *told[end]) for end in ("first", "last"))
        if last < first:
            last = last.replace(year=last.year + 1)
        while last < clocks.today(at) or Meeting.objects.filter(date__range=(first, last)).exists():
            first, last = (day.replace(year=day.year + 1) for day in (first, last))
        by = self.story.hester
        calendar.close_days(name=told["name"], first_day=first, last_day=last, by=by, at=at)

    def go_on(self, series: Series, ahead: int, at: datetime) -> None:
        """The rest of twelve months as the planner advises; two more dates wait unannounced."""
        every = timedelta(weeks=series.every_weeks)
        days = planner.dates_of_year(self.story.week(ahead), series.every_weeks)[1:]
        days += [days[-1] + every, days[-1] + 2 * every]
        against = planner.Against(closed=list(ClosedPeriod.objects.all()))
        dates = [
            proposal.move_to if proposal.advice == "move" and proposal.move_to else proposal.day
            for proposal in planner.propose(days, series.starts, series.ends, against)
            if proposal.advice != "leave"
        ]
        by = self.story.hester
        calendar.use_dates(series=series, dates=dates[:-2], by=by, at=at)
        calendar.announce_year(series=series, by=by, at=at + timedelta(hours=1))
        calendar.use_dates(series=series, dates=dates[-2:], by=by, at=at + timedelta(hours=2))
