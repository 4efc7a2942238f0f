"""Hours that somebody gave for nothing, besides meetings."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from expenses.models import TimeGiven
from expenses.services.locks import lock, lock_people
from members.models import Person

#: Nobody gives more hours than a day has.
HOURS_A_DAY = 24
#: The same again within this time is a button that was pressed twice.
TWICE = timedelta(minutes=2)


@transaction.atomic
def add_time(
    *, person: Person, on: date, what: str, hours: Decimal, by: Any, at: datetime | None = None
) -> TimeGiven:
    """Write down time, one's own or somebody else's. The same pressed twice is written once.

    Raises TransitionNotAllowed where that day would hold more than 24 hours.
    """
    now = at or timezone.now()
    lock_people([person.pk])
    that_day = list(TimeGiven.objects.filter(person=person, on=on, taken_back_at=None))
    for row in that_day:
        if (row.what, row.hours, row.made_by_id) == (what, hours, by.pk) and (
            row.made_at > now - TWICE
        ):
            return row
    if sum((row.hours for row in that_day), hours) > HOURS_A_DAY:
        raise TransitionNotAllowed("That day would hold more than 24 hours.")
    made = TimeGiven.objects.create(
        person=person, on=on, what=what, hours=hours, made_at=now, made_by=by
    )
    AuditEvent.record("add_time_given", made, by=by, at=now, person=person.pk)
    return made


@transaction.atomic
def take_back_time(*, given: TimeGiven, by: Any, at: datetime | None = None) -> TimeGiven:
    """It counts no more. Pressed twice it changes nothing."""
    now = at or timezone.now()
    given = lock(given)
    if given.taken_back_at is None:
        given.taken_back_at, given.taken_back_by = now, by
        given.save(update_fields=["taken_back_at", "taken_back_by"])
        AuditEvent.record("take_back_time_given", given, by=by, at=now, person=given.person_id)
    return given
