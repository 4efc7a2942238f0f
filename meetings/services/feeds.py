"""The key of one's own private calendar: made, replaced, ended."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod.models import AuditEvent
from meetings.models import CalendarKey
from members.models import Person


def _sha256(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def make_calendar_key(*, person: Person, by: Any, at: datetime | None = None) -> str:
    """A new key of 128 bits for the person's own calendar; the one before ends.

    Only its hash is kept, so it is shown once. Source: the threat of a leaked calendar address.
    """
    key = secrets.token_hex(16)
    kept, _ = CalendarKey.objects.update_or_create(
        person=person, defaults={"sha256": _sha256(key), "made_at": at or timezone.now()}
    )
    AuditEvent.record("make_calendar_key", kept, by=by, at=at)
    return key


@transaction.atomic
def end_calendar_key(*, person: Person, by: Any) -> None:
    """End the address of the person's own calendar. Ending it twice changes nothing."""
    key = CalendarKey.objects.filter(person=person).first()
    if key is not None:
        AuditEvent.record("end_calendar_key", key, by=by)
        key.delete()


def person_of(key: str) -> Person | None:
    """Whose calendar a key opens: somebody who still takes part, or nobody."""
    found = CalendarKey.objects.filter(sha256=_sha256(key)).values("person")
    person: Person | None = Person.objects.members().filter(pk__in=found).first()
    return person
