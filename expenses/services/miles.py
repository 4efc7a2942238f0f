"""Miles that somebody drove for others: they count for the year's band, so we ask."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from expenses.models import Claim, Line, MilesElsewhere
from expenses.pricing import tax_year, tax_year_days
from expenses.services.lines import MilesBook, RateBook, miles_elsewhere, prices_now
from expenses.services.locks import lock_claims, lock_people

MOST = 200_000
#: Tax years before this one for which somebody may still say it.
YEARS_BACK = 3


def years_to_ask() -> range:
    """The tax years, by their first calendar year, that can be declared for today."""
    this = tax_year(clocks.today())
    return range(this - YEARS_BACK, this + 1)


@transaction.atomic
def declare_miles(
    *, person: Any, year: int, miles: int, by: Any, at: datetime | None = None
) -> MilesElsewhere:
    """Write down how many miles somebody drove for others in a tax year.

    What they said last counts for what is sent after it; drafts are priced again at once.
    The same answer again adds nothing. Raises TransitionNotAllowed.
    """
    if not 0 <= miles <= MOST:
        raise TransitionNotAllowed(f"Enter a number of miles from 0 to {MOST:,}.")
    if year not in years_to_ask():
        raise TransitionNotAllowed("Miles can be written down for this tax year or the last three.")
    lock_people([person.pk])  # the band is counted over all of their claims
    newest = MilesElsewhere.objects.filter(person=person, tax_year=year).first()
    if newest is not None and newest.miles == miles:
        return newest
    said = MilesElsewhere.objects.create(
        person=person, tax_year=year, miles=miles, declared_at=at or timezone.now(), declared_by=by
    )
    AuditEvent.record("declare_miles", said, by=by, at=at, person=person.pk, tax_year=year)
    _price_drafts(person, year)
    return said


def _price_drafts(person: Any, year: int) -> None:
    """Their drafts with journeys of that year show the new sums."""
    drafts = Claim.objects.filter(
        person=person,
        state=Claim.State.DRAFT,
        lines__in=Line.objects.filter(kind=Line.Kind.CAR, on__range=tax_year_days(year)),
    )
    book, miles = RateBook(), MilesBook([person.pk])
    for claim in lock_claims(drafts.distinct()):
        before = claim.total
        for now in prices_now(claim, book, miles):
            now.line.pence, now.line.workings = now.price.pence, now.price.workings
            now.line.policy = now.policy
            now.line.save(update_fields=["pence", "workings", "policy"])
        if claim.total != before:
            claim.edit_no += 1
            claim.save(update_fields=["edit_no"])


__all__ = ["declare_miles", "miles_elsewhere", "years_to_ask"]
