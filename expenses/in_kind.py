"""Time that parents gave for nothing: hours, and what they are worth. Never money, never mixed.

Counted are parents at meetings, by the register, and the hours that people wrote down besides.
Group staff and officers are paid for being there. Somebody who said yes to a thank-you of value
for a meeting didn't give that time for nothing. Who came late or left early counts for the
time between; who missed items without a time being known counts for half.

Each row is valued by the rate of its own day and rounded once, half a penny up. Hours of days
for which the forum had agreed no rate count as hours and have no value.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef

from expenses.models import Policy, Recognition, TimeGiven
from expenses.pricing import to_the_penny
from meetings.models import Attendance, Invitation

#: A thank-you that somebody said yes to.
TAKEN = (Recognition.State.ACCEPTED, Recognition.State.PAYING, Recognition.State.DONE)


@dataclass(frozen=True)
class Given:
    """Time of one person on one day. ``pence`` is None where no rate was agreed."""

    person: int
    on: date
    what: str
    minutes: int
    pence: int | None
    row: TimeGiven | None = None  # None: counted from a meeting

    @property
    def hours(self) -> Decimal:
        return in_hours(self.minutes)


@dataclass(frozen=True)
class Sum:
    """What many rows come to."""

    minutes: int
    pence: int
    people: int
    minutes_without_rate: int

    @property
    def hours(self) -> Decimal:
        return in_hours(self.minutes)

    @property
    def hours_without_rate(self) -> Decimal:
        return in_hours(self.minutes_without_rate)


def in_hours(minutes: int) -> Decimal:
    """Hours to two places, without zeros at the end: ``1.5``."""
    hours = (Decimal(minutes) / 60).quantize(Decimal("0.01")).normalize()
    return hours.quantize(Decimal(1)) if hours == hours.to_integral() else hours


def given(first: date, last: date, *, person: Any = None) -> list[Given]:
    """All time given from ``first`` to ``last``, by day; of one person if named. Five questions."""
    rates = _rates()
    rows = [
        Given(each.invitation.person_id, day, title, minutes, _value(minutes, day, rates))
        for each, day, title, minutes in _at_meetings(first, last, person)
    ]
    written = TimeGiven.objects.filter(on__range=(first, last), taken_back_at__isnull=True)
    if person is not None:
        written = written.filter(person=person)
    for each in written:
        minutes = int(each.hours * 60)
        value = _value(minutes, each.on, rates)
        rows.append(Given(each.person_id, each.on, each.what, minutes, value, each))
    return sorted(rows, key=lambda row: (row.on, row.what))


def summed(rows: list[Given]) -> Sum:
    """Their sum; the value is that of the rows that have one."""
    return Sum(
        minutes=sum(row.minutes for row in rows),
        pence=sum(row.pence or 0 for row in rows),
        people=len({row.person for row in rows}),
        minutes_without_rate=sum(row.minutes for row in rows if row.pence is None),
    )


def _at_meetings(first: date, last: date, person: Any) -> list[tuple[Attendance, date, str, int]]:
    missed = Attendance.missed.through.objects.filter(attendance=OuterRef("pk"))
    there = (
        Attendance.objects.filter(
            invitation__capacity=Invitation.Capacity.PARENT,
            invitation__meeting__date__range=(first, last),
            invitation__meeting__cancelled_at__isnull=True,
        )
        .select_related("invitation__meeting")
        .annotate(missed_some=Exists(missed))
    )
    thanked = Recognition.objects.filter(
        state__in=TAKEN, pence__gt=0, meeting__isnull=False, on__range=(first, last)
    )
    thanked = thanked | Recognition.objects.filter(
        state__in=TAKEN, pence__gt=0, meeting__date__range=(first, last)
    )
    if person is not None:
        there, thanked = there.filter(invitation__person=person), thanked.filter(person=person)
    paid = set(thanked.values_list("person", "meeting"))
    found = []
    for each in there:
        meeting = each.invitation.meeting
        if (each.invitation.person_id, meeting.pk) not in paid:
            found.append((each, meeting.date, meeting.title, minutes_there(each)))
    return [row for row in found if row[3] > 0]


def minutes_there(attendance: Any) -> int:
    """Whole minutes that somebody was at the meeting, never more than it lasted."""
    meeting = attendance.invitation.meeting
    begins = max(attendance.arrived or meeting.starts, meeting.starts)
    ends = min(attendance.left or meeting.ends, meeting.ends)
    day = meeting.date
    lasted = datetime.combine(day, ends) - datetime.combine(day, begins)
    minutes = max(int(lasted.total_seconds()) // 60, 0)
    return minutes // 2 if attendance.missed_some and not attendance.is_part else minutes


def _rates() -> list[tuple[date, Decimal | None]]:
    """(first day, pence an hour) of each confirmed version, the governing one of a day first."""
    policies = Policy.objects.confirmed().order_by("-begins_on", "-number")
    found = []
    for policy in policies.prefetch_related("rates"):
        rates = {rate.kind: rate.pence for rate in policy.rates.all()}
        found.append((policy.begins_on, rates.get("in_kind")))
    return found


def _value(minutes: int, day: date, rates: list[tuple[date, Decimal | None]]) -> int | None:
    rate = next((rate for begins, rate in rates if begins <= day), None)
    return None if rate is None else to_the_penny(rate * minutes / 60)
