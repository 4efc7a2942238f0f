"""Versions of the rates and rules: begun, written, proposed by one, confirmed by another.

Every step holds the version first and asks again. What somebody proposes or confirms is what
they read: the form carries its seal, and another one is refused.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from coprod import outbox, pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Forum
from coprod.templatetags.forum import day
from expenses import version
from expenses.models import Policy, Rate
from expenses.services.locks import lock
from expenses.services.top_ups import ClaimChange, bring_up_to_date
from expenses.usual import Offer
from members.models import Person

State = Policy.State
OPEN = (State.DRAFT, State.PROPOSED, State.RETURNED)
CHANGED = (
    "Somebody changed this version while you read it. Look at it again: this page shows it as "
    "it is now."
)


class VersionChanged(TransitionNotAllowed):
    """The version isn't what they read any more. The text is for people."""


@transaction.atomic
def begin_policy(*, begins_on: date, by: Any, at: datetime | None = None) -> Policy:
    """Begin a version as a copy of the newest one, in force from a day once it is confirmed.

    Raises TransitionNotAllowed where there is nothing to copy, or where one that begins on the
    same day is being written already.
    """
    _hold_numbers()
    newest = Policy.objects.confirmed().order_by("-begins_on", "-number").first()
    newest = newest or Policy.objects.order_by("-number").first()
    if newest is None:
        raise TransitionNotAllowed("There is no version yet. Begin with the usual figures.")
    if Policy.objects.filter(begins_on=begins_on, state__in=OPEN).exists():
        raise TransitionNotAllowed(
            f"A version from {day(begins_on)} is being written already. Change that one."
        )
    rules = {name: getattr(newest, name) for name in version.RULES}
    rates = {rate.kind: rate.pence for rate in newest.rates.all()}
    return _add(begins_on, rules, rates, by, at)


@transaction.atomic
def begin_usual(*, offer: Offer, by: Any, at: datetime | None = None) -> Policy:
    """Begin a version with the usual figures of one year; the same again leads to the same one."""
    _hold_numbers()
    there = Policy.objects.filter(begins_on=offer.begins_on).order_by("-number").first()
    if there is not None:
        return there
    rates = {kind: Decimal(amount) for kind, amount in offer.rates.items()}
    return _add(offer.begins_on, {}, rates, by, at)


def _hold_numbers() -> None:
    """One version is begun at a time, so that numbers follow each other."""
    list(Forum.objects.select_for_update().values_list("pk"))


def _add(
    begins_on: date,
    rules: Mapping[str, Any],
    rates: Mapping[str, Decimal],
    by: Any,
    at: datetime | None,
) -> Policy:
    highest = Policy.objects.aggregate(number=Max("number"))["number"] or 0
    policy = Policy.objects.create(
        number=highest + 1,
        begins_on=begins_on,
        made_at=at or timezone.now(),
        made_by=by,
        **rules,
    )
    Rate.objects.bulk_create(
        Rate(policy=policy, kind=kind, pence=amount) for kind, amount in rates.items()
    )
    AuditEvent.record("begin_policy", policy, by=by, at=at, number=policy.number)
    return policy


@transaction.atomic
def save_policy(
    *, policy: Policy, said: Mapping[str, Any], seal: str, by: Any, at: datetime | None = None
) -> Policy:
    """Write a draft or a returned version anew: its day, words, rates and rules.

    ``said`` holds begins_on, agreed_by, note and what ``version.ITEMS`` names; a rate of None
    is taken away. Raises TransitionNotAllowed, VersionChanged.
    """
    stored = _read(policy, seal)
    stored.move("change")
    before = {**version.values(stored), **_words(stored)}
    for name in (*_words(stored), *version.RULES):
        setattr(stored, name, said[name])
    stored.save(update_fields=[*_words(stored), *version.RULES])
    stored.rates.all().delete()
    Rate.objects.bulk_create(
        Rate(policy=stored, kind=name, pence=said[name])
        for name in version.RATES
        if said[name] is not None
    )
    changed = [name for name, value in before.items() if said[name] != value]
    AuditEvent.record("change_policy", stored, by=by, at=at, fields=changed)
    return stored


def _words(policy: Policy) -> dict[str, Any]:
    return {name: getattr(policy, name) for name in ("begins_on", "agreed_by", "note")}


@transaction.atomic
def drop_policy(*, policy: Policy, by: Any, at: datetime | None = None) -> None:
    """Throw away a version that nobody is asked to confirm."""
    stored = lock(policy)
    if not stored.can("change"):
        raise TransitionNotAllowed("Only a version that is being written can be thrown away.")
    AuditEvent.record("drop_policy", stored, by=by, at=at, number=stored.number)
    stored.delete()


@transaction.atomic
def propose_policy(*, policy: Policy, seal: str, by: Any, at: datetime | None = None) -> Policy:
    """Ask the treasurers to confirm a version; by letter to each who may.

    Raises TransitionNotAllowed, VersionChanged.
    """
    stored = _read(policy, seal)
    stored.move("propose")
    if not stored.agreed_by:
        raise TransitionNotAllowed("Write first who agreed it, and when.")
    stored.proposed_at, stored.proposed_by = at or timezone.now(), by
    stored.save(update_fields=["state", "proposed_at", "proposed_by"])
    event = AuditEvent.record("propose_policy", stored, by=by, at=at, number=stored.number)
    for person in who_can_confirm(stored):
        _tell(person, "expenses/policy_proposed", stored, event, at)
    return stored


def who_can_confirm(policy: Policy) -> list[Person]:
    """Treasurers other than whoever proposed it."""
    found = Person.objects.treasurers().filter(is_active=True)
    return list(found.exclude(pk=policy.proposed_by_id).order_by("name", "pk"))


@transaction.atomic
def confirm_policy(
    *, policy: Policy, seal: str, by: Any, at: datetime | None = None
) -> list[ClaimChange]:
    """Put a version in force from its day; never by whoever proposed it.

    Returns what it changed of claims: where its day has been, differences are added and what
    is undecided is priced again, in the same transaction. Raises TransitionNotAllowed,
    VersionChanged.
    """
    stored = _read(policy, seal)
    if stored.proposed_by_id == by.pk:
        raise TransitionNotAllowed("You proposed this version, so somebody else confirms it.")
    stored.move("confirm")
    stored.confirmed_at, stored.confirmed_by = at or timezone.now(), by
    stored.save(update_fields=["state", "confirmed_at", "confirmed_by"])
    event = AuditEvent.record("confirm_policy", stored, by=by, at=at, number=stored.number)
    _tell(stored.proposed_by, "expenses/policy_confirmed", stored, event, at)
    pages.forget("/about/")  # it links the totals, where the rules show them
    return bring_up_to_date(policy=stored, by=by, at=at)


@transaction.atomic
def return_policy(
    *, policy: Policy, reason: str, seal: str, by: Any, at: datetime | None = None
) -> Policy:
    """Give a proposed version back, with a reason that its proposer reads."""
    stored = _read(policy, seal)
    stored.move("return")
    if not reason:
        raise TransitionNotAllowed("Write what should be different.")
    stored.returned_at, stored.returned_by = at or timezone.now(), by
    stored.returned_reason = reason
    stored.save(update_fields=["state", "returned_at", "returned_by", "returned_reason"])
    event = AuditEvent.record("return_policy", stored, by=by, at=at, number=stored.number)
    _tell(stored.proposed_by, "expenses/policy_returned", stored, event, at)
    return stored


def _read(policy: Policy, seal: str) -> Policy:
    """The version, held, after asking that it is what they read."""
    stored = lock(policy)
    if seal != version.seal(stored, Policy.objects.before(stored)):
        raise VersionChanged(_already(stored) or CHANGED)
    return stored


def _already(stored: Policy) -> str:
    """Who was quicker, for whoever presses after them."""
    if stored.state == State.CONFIRMED:
        return f"It has been confirmed already, by {stored.confirmed_by}."
    return ""


def _tell(
    person: Person | None, template: str, policy: Policy, event: AuditEvent, at: datetime | None
) -> None:
    if person is not None:
        outbox.queue(
            key=f"{template}:{event.pk}:{person.pk}",
            template=template,
            person=person,
            ids={"policy": policy.pk},
            at=at,
        )
