"""Time that parents gave for nothing: hours, and what they are worth. Never money, never mixed.

Counted are parents at meetings, by the register, and the hours that people wrote down besides.
Group staff and officers are paid for being there. Somebody who said yes to a thank-you of value
for a meeting didn't give that time for nothing. How long somebody was there is counted as for a
thank-you (``attended.py``).

Each row is valued by the rate of its own day and rounded once, half a penny up. Hours of days
for which the forum had agreed no rate count as hours and have no value.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import (
    Exists,
    FilteredRelation,
    OuterRef,
    Prefetch,
    Q,
    prefetch_related_objects,
)

from expenses.attended import time_there
from expenses.models import Policy, Rate, Recognition, TimeGiven
from expenses.models.budget import hours_words
from expenses.pricing import to_the_penny
from meetings.models import AgendaItem, Attendance, Invitation

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
    def length(self) -> str:
        """``1.5 hours``."""
        return hours_words(self.minutes)


@dataclass(frozen=True)
class Sum:
    """What many rows come to."""

    minutes: int
    pence: int
    people: int
    minutes_without_rate: int

    @property
    def length(self) -> str:
        """``1.5 hours``."""
        return hours_words(self.minutes)

    @property
    def length_without_rate(self) -> str:
        return hours_words(self.minutes_without_rate)


def given(first: date, last: date, *, person: Any = None) -> list[Given]:
    """All time given from ``first`` to ``last``, by day; of one person if named.

    Three questions.
    """
    rates = _rates()
    rows = [
        Given(each.invitation.person_id, day, title, minutes, _value(minutes, day, rates))
        for each, day, title, minutes in _at_meetings(first, last, person)
    ]
    written = TimeGiven.objects.filter(on__range=(first, last), taken_back_at__isnull=True)
    if person is not None:
        written = written.filter(person=person)
    for each in written:
        value = _value(each.minutes, each.on, rates)
        rows.append(Given(each.person_id, each.on, each.what, each.minutes, value, each))
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
    thanked = Recognition.objects.filter(
        person=OuterRef("invitation__person"),
        meeting=OuterRef("invitation__meeting"),
        state__in=TAKEN,
        pence__gt=0,
    )
    there = Attendance.objects.filter(
        ~Exists(thanked),
        invitation__capacity=Invitation.Capacity.PARENT,
        invitation__meeting__date__range=(first, last),
        invitation__meeting__cancelled_at__isnull=True,
    )
    if person is not None:
        there = there.filter(invitation__person=person)
    found = list(there.select_related("invitation__meeting").annotate(missed_some=Exists(missed)))
    # Few miss an item: only for them it is asked which, and what else was on the agenda.
    partly = [each for each in found if each.missed_some]
    items = AgendaItem.objects.on().order_by("position", "pk")
    agenda = Prefetch("invitation__meeting__agenda_items", items)
    prefetch_related_objects(partly, "missed", agenda)
    rows = [
        (each, each.invitation.meeting.date, each.invitation.meeting.title, _minutes(each))
        for each in found
    ]
    return [row for row in rows if row[3] > 0]


def _minutes(each: Any) -> int:
    """Whole minutes that somebody was there, by the same count as a thank-you for it."""
    if not each.missed_some:
        return time_there(each.invitation.meeting, each).minutes
    items = each.invitation.meeting.agenda_items.all()
    return time_there(
        each.invitation.meeting, each, items, {item.pk for item in each.missed.all()}
    ).minutes


def _rates() -> list[tuple[date, Decimal | None]]:
    """(first day, pence an hour) of each confirmed version, the governing one of a day first."""
    rate = FilteredRelation("rates", condition=Q(rates__kind=Rate.Kind.IN_KIND))
    policies = Policy.objects.confirmed().annotate(hour=rate)
    ordered = policies.order_by("-begins_on", "-number")
    return list(ordered.values_list("begins_on", "hour__pence"))


def _value(minutes: int, day: date, rates: list[tuple[date, Decimal | None]]) -> int | None:
    rate = next((rate for begins, rate in rates if begins <= day), None)
    return None if rate is None else to_the_penny(rate * minutes / 60)
