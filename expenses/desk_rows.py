"""What waits in money, of whatever kind, in rows of one shape: so that Today asks but once."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    Value,
)
from django.db.models.functions import Coalesce, TruncDate

from expenses.models import (
    Advance,
    AttendanceCheck,
    Claim,
    Policy,
    Recognition,
    Run,
)
from meetings.models import Attendance

#: How long after a meeting Today offers to claim for it; the list of claims offers it longer.
OFFER_FOR = timedelta(days=35)

# Kinds: everybody's own, then those of who runs the money.
QUESTION, CONFIRM, DRAFT, UNCLAIMED = "question", "confirm", "draft", "unclaimed"
THANKS, MINE = "thanks", "mine"
DECIDE, PAY, RUN, POLICY, ADVANCE = "decide", "pay", "run", "policy", "advance"
CHECK, RETURNED = "check", "returned"


@dataclass(frozen=True)
class Row:
    """One thing that waits. ``number`` is a claim's days to pay; 0 elsewhere."""

    kind: str
    pk: int
    words: str
    day: date
    number: int


def waiting_for(person: Any, today: date) -> dict[str, list[Row]]:
    """Everything that waits for somebody, by kind, oldest first: one question."""
    parts = _own(person, today)
    if person.is_treasurer:
        parts += _to_pay(person)
    elif person.is_approver:
        parts.append(_claims(DECIDE, Claim.objects.decidable_by(person)))
    if person.is_coordinator or person.is_treasurer:
        parts.append(_to_vouch(person))
    if person.is_coordinator:
        returned = Policy.objects.filter(state="returned", proposed_by=person)
        parts.append(_shaped(RETURNED, returned, Value("", CharField()), TruncDate("returned_at")))
    first, *others = parts
    found: dict[str, list[Row]] = defaultdict(list)
    for values in first.union(*others, all=True):
        row = Row(*values)
        found[row.kind].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (row.day, row.pk))
    return found


def unclaimed(person: Any, since: date) -> Any:
    """Times that somebody was at a meeting, for parents or a group, and asked nothing back."""
    asked = Claim.objects.filter(person=person, meeting=OuterRef("invitation__meeting"))
    asked = asked.exclude(state=Claim.State.WITHDRAWN)
    rates = Policy.objects.confirmed().filter(begins_on__lte=OuterRef("invitation__meeting__date"))
    return Attendance.objects.filter(
        Exists(rates),
        ~Exists(asked),
        invitation__person=person,
        invitation__capacity__in=["parent", "staff"],
        invitation__meeting__date__gte=since,
    )


def _own(person: Any, today: date) -> list[Any]:
    mine = Claim.objects.filter(person=person)
    begun = Claim.objects.filter(entered_by=person, state="draft")
    offered = Recognition.objects.filter(person=person, state="offered")
    return [
        _claims(QUESTION, mine.filter(state="questioned")),
        _claims(CONFIRM, mine.filter(state="unconfirmed")),
        _claims(MINE, mine.filter(state__in=["submitted", "approved", "paying"])),
        _shaped(DRAFT, begun, _what_for(), F("on")),
        _shaped(THANKS, offered, F("what_for"), TruncDate("offered_at")),
        _shaped(
            UNCLAIMED,
            unclaimed(person, today - OFFER_FOR),
            F("invitation__meeting__title"),
            F("invitation__meeting__date"),
            pk=F("invitation__meeting_id"),
        ),
    ]


def _to_pay(person: Any) -> list[Any]:
    """For a treasurer; what isn't theirs to decide isn't among it."""
    proposed = Policy.objects.filter(state="proposed").exclude(proposed_by=person)
    advances = Advance.objects.filter(state="asked").exclude(Q(person=person) | Q(asked_by=person))
    runs = Run.objects.filter(state="open")
    return [
        _claims(DECIDE, Claim.objects.decidable_by(person)),
        _claims(PAY, Claim.objects.payable_by(person)),
        _shaped(RUN, runs, Value("", CharField()), TruncDate("made_at")),
        _shaped(POLICY, proposed, Value("", CharField()), TruncDate("proposed_at")),
        _shaped(ADVANCE, advances, F("what_for"), TruncDate("asked_at")),
    ]


def _to_vouch(person: Any) -> Any:
    """People of whom somebody is asked whether they were there."""
    return _shaped(
        CHECK,
        AttendanceCheck.objects.open().asked_of(person),
        F("claimant__name"),
        Coalesce(TruncDate("claim__sent_at"), TruncDate("asked_at")),
        number=F("claim__pay_days"),
    )


def _what_for() -> Any:
    return Coalesce("meeting__title", F("occasion"), output_field=CharField())


def _claims(kind: str, claims: Any) -> Any:
    """Claims that were sent: the day from which their promise runs."""
    begins = TruncDate(Coalesce("appealed_at", "sent_at"))
    return _shaped(kind, claims, _what_for(), begins, number=F("pay_days"))


def _shaped(
    kind: str, found: Any, words: Any, day: Any, *, pk: Any = None, number: Any = None
) -> Any:
    shape = {
        "row_kind": Value(kind, CharField()),
        "row_pk": pk or F("pk"),
        "row_words": words,
        "row_day": day,
        "row_number": number or Value(0, BigIntegerField()),
    }
    return found.order_by().annotate(**shape).values_list(*shape)
