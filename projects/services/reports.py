"""Freezing an edition of the progress report, and its PDF."""

import hashlib
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Forum
from projects import reports
from projects.models import Edition, EditionFile
from projects.pdf import report_pdf


@transaction.atomic
def make_edition(
    *,
    prepared_by: str,
    thoughts: str,
    note: str,
    number: int | None = None,
    by: Any,
    at: datetime | None = None,
) -> Edition:
    """Freeze the table as it stands under the next number. It never changes afterwards.

    ``number``: the one that whoever asks was looking at, so that a button pressed twice makes
    one edition. Raises TransitionNotAllowed when somebody else made that one meanwhile.
    """
    now = at or timezone.now()
    # One after the other, so that no number is given twice and none is left out.
    Forum.objects.select_for_update().filter(pk=1).first()
    last = Edition.objects.aggregate(last=Max("number"))["last"] or 0
    note = note or ("First edition" if number == 1 or not last else "")
    if number is not None and number != last + 1:
        words = {"prepared_by": prepared_by, "thoughts": thoughts, "note": note}
        again = Edition.objects.filter(number=number, made_by=by, **words).first()
        if again is not None:
            return again
        raise TransitionNotAllowed(
            f"Edition {last} was made meanwhile. Look at it: is another one needed?"
        )
    today = clocks.today(now)
    body = reports.gather(today)
    former = Edition.objects.filter(number=last).first()
    body["changes"] = reports.changes(body, former.body if former else None)
    edition = Edition.objects.create(
        number=last + 1,
        on=today,
        prepared_by=prepared_by,
        thoughts=thoughts,
        note=note,
        body=body,
        made_at=now,
        made_by=by,
    )
    AuditEvent.record("make_edition", edition, by=by, at=now, number=edition.number)
    return edition


def keep_pdf(edition: Edition) -> EditionFile:
    """The edition's PDF, made now unless it was before. Two at once keep the first one."""
    held = EditionFile.objects.filter(edition=edition).first()
    if held is not None:
        return held
    made = report_pdf(edition)
    values = {"pdf": made, "sha256": hashlib.sha256(made).hexdigest()}
    return EditionFile.objects.get_or_create(edition=edition, defaults=values)[0]
