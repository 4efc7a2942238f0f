"""What the parts of the demonstration's money share: moments, sums, people, their meetings."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from coprod import clocks
from coprod.demo.story import Story
from meetings.models import Attendance, Meeting
from members.models import Person

TREASURER = "Gwil Marsden"
#: (moment, what happens then)
Planned = list[tuple[datetime, Callable[[datetime], object]]]


def moment(day: date, hour: float = 10) -> datetime:
    """A UK day and hour."""
    return clocks.local(day, time(int(hour), round(hour % 1 * 60)))


def pence(pounds: str | int) -> int:
    """Whole pence of pounds as the words have them."""
    return int(Decimal(str(pounds)) * 100)


def person_called(story: Story, name: str) -> Person:
    """Read anew, so that no role of an earlier moment is remembered."""
    found: Person = Person.objects.get(pk=story.people[name].pk)
    return found


def treasurer(story: Story) -> Person:
    return person_called(story, TREASURER)


def meeting_of(story: Story, row: dict[str, Any]) -> Meeting | None:
    """The newest meeting but so many that somebody was at; None where there are fewer."""
    person = story.people[row["person"]]
    there = Attendance.objects.filter(invitation__person=person)
    newest = Meeting.objects.filter(pk__in=there.values("invitation__meeting"))
    found = list(newest.order_by("-date")[row["meeting"] - 1 : row["meeting"]])
    return found[0] if found else None
