"""Thank-yous: offering them, the answer, and what becomes of them afterwards.

Nobody offers one to themselves or hands one over to themselves. Saying no needs no reason and
none is kept. A thank-you is never money back: other rows, other totals.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from expenses import attended
from expenses.models import Acknowledgement, Heading, Policy, Recognition
from expenses.pricing import to_the_penny
from expenses.services.lines import heading_for
from expenses.services.locks import lock, lock_people
from meetings.models import Invitation, Meeting
from meetings.models.attendance import missed_items
from members.models import Person

#: Which words of the page about benefits and tax people read. Change it with the words: then
#: everybody is shown them again before the next thank-you that has a value.
EDITION = "November 2026"
#: An offer without an answer is asked about once, after so many days; not years later.
REMIND_AFTER, REMIND_UNTIL = timedelta(days=14), timedelta(days=60)

OFFERED = "You offered this yourself. Another treasurer hands it over."
OTHER_HANDS = "Nobody hands anything over to themselves. Another treasurer has to."

Kind, State = Recognition.Kind, Recognition.State


class NotRead(TransitionNotAllowed):
    """The page about benefits and tax comes first."""


# Offering -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Guest:
    """Somebody who came to a meeting as a parent: how long, and what that comes to."""

    person: Person
    there: attended.There
    payment: attended.Sum | None
    has: frozenset[str]  # kinds that they were offered for this meeting already


def rates_on(day: date) -> tuple[Policy | None, dict[str, Any]]:
    """The version in force on a day with its rates by kind."""
    policy = Policy.objects.governing(day)
    return policy, {r.kind: r.pence for r in policy.rates.all()} if policy else {}


def kinds_on(day: date) -> list[str]:
    """What can be offered for a day: thank-you payments only where the policy has a rate."""
    return kinds_by(rates_on(day)[1])


def kinds_by(rates: Mapping[str, Any]) -> list[str]:
    """The same, by rates that are known."""
    return [k for k in Kind.values if k != Kind.HONORARIUM or attended.pays_thanks(rates)]


def guests_of(meeting: Meeting, by: Any) -> list[Guest]:
    """Who came as a parent and may be thanked by ``by``, with their time. Not oneself."""
    return guests_by(rates_on(meeting.date), meeting, by)


def guests_by(
    known: tuple[Policy | None, Mapping[str, Any]], meeting: Meeting, by: Any
) -> list[Guest]:
    """The same, by rates that are known. Four questions."""
    policy, rates = known
    items = list(meeting.agenda_items.on().order_by("position", "pk"))
    missed = missed_items(meeting)
    offered: dict[int, set[str]] = {}
    for person, kind in (
        Recognition.objects.filter(meeting=meeting)
        .exclude(state=State.WITHDRAWN)
        .values_list("person", "kind")
    ):
        offered.setdefault(person, set()).add(kind)
    came = meeting.invitations.attended().filter(
        capacity=Invitation.Capacity.PARENT, person__is_active=True
    )
    guests = []
    for invitation in came.exclude(person=by).select_related("person", "attendance"):
        there = attended.time_there(
            meeting, invitation.attendance, items, missed.get(invitation.pk, ())
        )
        pays = attended.payment_for(there, rates, policy.full_day_hours) if policy else None
        has = frozenset(offered.get(invitation.person_id, ()))
        guests.append(Guest(invitation.person, there, pays, has))
    return sorted(guests, key=lambda guest: (guest.person.name, guest.person.pk))


@transaction.atomic
def offer_after_meeting(
    *,
    meeting: Meeting,
    kind: str,
    people: Collection[int],
    by: Any,
    pence: int = 0,
    what_for: str = "",
    at: datetime | None = None,
) -> list[Recognition]:
    """Offer one kind to people (by their numbers) who came to a meeting as parents.

    A thank-you payment goes by the time that each was there. Whoever has one of this kind for
    this meeting is left out, so that pressing twice offers once. Raises TransitionNotAllowed.
    """
    meeting = lock(meeting)
    _check_kind(kind, meeting.date, pence)
    headings, made = list(Heading.objects.current()), []
    for guest in guests_of(meeting, by):
        if guest.person.pk not in people or kind in guest.has:
            continue
        fields = _worth(kind, pence, guest.payment)
        if fields is None:
            continue
        row = Recognition(
            person=guest.person,
            kind=kind,
            meeting=meeting,
            on=meeting.date,
            what_for=what_for or f"Coming to {meeting.title}",
            **fields,
        )
        made.append(_offer(row, headings, by, at or timezone.now()))
    return made


def _worth(kind: str, pence: int, payment: attended.Sum | None) -> dict[str, Any] | None:
    """Value and workings of one offer; None where there is nothing to pay."""
    if kind == Kind.HONORARIUM:
        return {"pence": payment.pence, "workings": payment.workings} if payment else None
    return {"pence": pence if kind == Kind.VOUCHER else 0}


def _check_kind(kind: str, day: date, pence: int) -> None:
    if kind not in kinds_on(day):
        raise TransitionNotAllowed("The forum’s rates hold no thank-you payment for that day.")
    if kind == Kind.VOUCHER and pence <= 0:
        raise TransitionNotAllowed("Enter what the voucher is worth.")


@transaction.atomic
def offer_one(
    *,
    person: Person,
    kind: str,
    on: date,
    what_for: str,
    by: Any,
    pence: int = 0,
    length: str = "",
    at: datetime | None = None,
) -> Recognition:
    """Offer something to one person for work besides meetings.

    ``length``: half_day or full_day, by which a thank-you payment goes. The same thing offered
    again for the same day and work is the offer that stands. Raises TransitionNotAllowed.
    """
    if person.pk == by.pk:
        raise TransitionNotAllowed("Nobody offers a thank-you to themselves. Ask somebody else to.")
    lock_people([person.pk])
    _check_kind(kind, on, pence)
    standing = Recognition.objects.filter(
        person=person, kind=kind, on=on, meeting=None, what_for__iexact=what_for
    )
    if found := standing.exclude(state=State.WITHDRAWN).first():
        return found
    row = Recognition(person=person, kind=kind, on=on, what_for=what_for)
    if kind == Kind.HONORARIUM:
        _, rates = rates_on(on)
        if not rates.get(length):
            raise TransitionNotAllowed("The forum’s rates hold no payment of this length.")
        row.pence = to_the_penny(rates[length])
        row.workings = "A full day" if length == "full_day" else "Half a day"
    elif kind == Kind.VOUCHER:
        row.pence = pence
    return _offer(row, list(Heading.objects.current()), by, at or timezone.now())


def _offer(row: Recognition, headings: list[Heading], by: Any, now: datetime) -> Recognition:
    row.heading = heading_for(row.kind, row.person, headings)
    row.offered_at, row.offered_by = now, by
    row.save()
    AuditEvent.record("offer_thanks", row, by=by, at=now, kind=row.kind, pence=row.pence)
    outbox.queue(
        key=f"thanks_offered:{row.pk}",
        template="expenses/thanks_offered",
        person=row.person,
        ids={"thanks": row.pk},
        at=now,
    )
    return row


@transaction.atomic
def withdraw_offer(*, recognition: Recognition, by: Any, at: datetime | None = None) -> None:
    """Take an offer back while nothing is on its way. Raises TransitionNotAllowed."""
    row, now = lock(recognition), at or timezone.now()
    if row.state == State.WITHDRAWN:
        return
    row.move("withdraw")
    row.save(update_fields=["state"])
    AuditEvent.record("withdraw_thanks", row, by=by, at=now)
    _tell(row, "thanks_withdrawn", "once", now)


# The answer --------------------------------------------------------------------------------------


def has_read(person: Any) -> bool:
    """Whether somebody has read the page about benefits and tax in its words of today."""
    return Acknowledgement.objects.filter(person=person, edition=EDITION).exists()


@transaction.atomic
def acknowledge(*, person: Any, by: Any, at: datetime | None = None) -> None:
    """That somebody read the page, or had it read to them. Once an edition."""
    row, made = Acknowledgement.objects.get_or_create(
        person=person, edition=EDITION, defaults={"read_at": at or timezone.now(), "read_by": by}
    )
    if made:
        AuditEvent.record("read_thanks_page", row, by=by, at=at, edition=EDITION)


@transaction.atomic
def accept_thanks(
    *,
    recognition: Recognition,
    by: Any,
    pay_by: str = "",
    pence: int | None = None,
    at: datetime | None = None,
) -> Recognition:
    """Say yes, to all of it or to less; also after a no. Saying it again changes how it comes.

    Raises NotRead before the page about benefits and tax, TransitionNotAllowed otherwise.
    """
    row = lock(recognition)
    if row.has_value and not has_read(row.person_id):
        raise NotRead("Read the page about benefits and tax first.")
    if row.state != State.ACCEPTED:
        row.move("accept")
    if row.kind == Kind.HONORARIUM:
        row.pay_by = pay_by or row.pay_by
        if pence is not None:
            _take_less(row, pence)
    row.given_to = ""
    return _answered(row, "accept_thanks", by, at or timezone.now())


def _take_less(row: Recognition, pence: int) -> None:
    """Less than was offered, which is as much a right as saying no."""
    if not 0 < pence <= row.pence:
        raise TransitionNotAllowed("Enter a sum that isn’t more than what is offered.")
    if pence < row.pence:
        row.pence = pence


@transaction.atomic
def decline_thanks(*, recognition: Recognition, by: Any, at: datetime | None = None) -> Recognition:
    """No, thank you: without a reason. Raises TransitionNotAllowed once it is on its way."""
    row = lock(recognition)
    row.move("decline")
    row.given_to = ""
    return _answered(row, "decline_thanks", by, at or timezone.now())


@transaction.atomic
def give_away(
    *, recognition: Recognition, to: str, by: Any, at: datetime | None = None
) -> Recognition:
    """Let somebody else have it; it never counts as theirs. Raises TransitionNotAllowed."""
    if not to.strip():
        raise TransitionNotAllowed("Enter who it should go to.")
    row = lock(recognition)
    row.move("give_away")
    row.given_to = to.strip()
    return _answered(row, "give_thanks_away", by, at or timezone.now())


def _answered(row: Recognition, verb: str, by: Any, now: datetime) -> Recognition:
    row.answered_at, row.answered_by = now, by
    row.save(update_fields=["state", "pence", "pay_by", "given_to", "answered_at", "answered_by"])
    AuditEvent.record(verb, row, by=by, at=now, pence=row.pence)
    return row


def note_letter(*, person: Any, by: Any, at: datetime | None = None) -> None:
    """That somebody made the letter about a person for a benefits office."""
    AuditEvent.record("make_benefits_letter", person, by=by, at=at)


# Handing over ------------------------------------------------------------------------------------
# Thank-you payments go through payment runs: see paying.py.


@transaction.atomic
def hand_over(
    *, recognition: Recognition, by: Any, from_drawer: bool = False, at: datetime | None = None
) -> Recognition:
    """It is with them: posted, given, booked. Tells them.

    Vouchers come through ``vouchers.give_voucher``, never from the one who offered them.
    Raises TransitionNotAllowed, also for oneself.
    """
    row, now = lock(recognition), at or timezone.now()
    if row.person_id == by.pk:
        raise TransitionNotAllowed(OTHER_HANDS)
    if row.kind == Kind.HONORARIUM:
        raise TransitionNotAllowed("A thank-you payment is paid by a payment run.")
    if row.kind == Kind.VOUCHER and not from_drawer:
        raise TransitionNotAllowed("A voucher comes from the drawer.")
    if row.has_value and row.offered_by_id == by.pk:
        raise TransitionNotAllowed(OFFERED)
    row.move("hand_over")
    row.done_at, row.done_by = now, by
    row.save(update_fields=["state", "done_at", "done_by"])
    event = AuditEvent.record("hand_over_thanks", row, by=by, at=now, pence=row.pence)
    _tell(row, "thanks_received", str(event.pk), now)
    return row


@transaction.atomic
def come_back(*, recognition: Recognition, by: Any, at: datetime | None = None) -> Recognition:
    """It was handed over and is back: as it was once accepted. Raises TransitionNotAllowed."""
    row = lock(recognition)
    row.move("come_back")
    row.done_at = row.done_by = None
    row.save(update_fields=["state", "done_at", "done_by"])
    AuditEvent.record("thanks_came_back", row, by=by, at=at)
    return row


def _tell(row: Recognition, letter: str, cause: str, now: datetime) -> None:
    outbox.queue(
        key=f"{letter}:{row.pk}:{cause}",
        template=f"expenses/{letter}",
        person=row.person,
        ids={"thanks": row.pk},
        at=now,
    )


# Reminding ---------------------------------------------------------------------------------------


def unanswered(now: datetime) -> Iterable[Recognition]:
    """Offers that wait long enough to be asked about, and not for ever."""
    offered = Recognition.objects.filter(
        state=State.OFFERED,
        offered_at__lte=now - REMIND_AFTER,
        offered_at__gt=now - REMIND_UNTIL,
    )
    return offered.select_related("person")


def remind_of_offers(now: datetime | None = None) -> None:
    """Ask once about each offer without an answer. Harmless to run twice."""
    now = now or timezone.now()
    for row in unanswered(now):
        _tell(row, "thanks_reminder", "once", now)
