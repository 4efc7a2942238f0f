"""Letters about the rates: to those who confirm or proposed them, and whose claims they change."""

from typing import Any

from django.urls import reverse

from coprod import letters
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from coprod.registry import Letter, letter
from expenses import version
from expenses.models import Claim, Policy
from members.emails import reader_of
from members.models import Person


def _policy(message: Message) -> Policy:
    policy = Policy.objects.filter(pk=message.ids["policy"]).first()
    if policy is None:
        raise NoLongerDue("This version was thrown away.")
    return policy


def _write(name: str, person: Person, policy: Policy, why: str, **context: Any) -> Letter:
    before = Policy.objects.before(policy)
    return letters.write(
        f"expenses/{name}",
        {
            "person": person,
            "policy": policy,
            "before": before,
            "new": version.differences(policy, before) if before else [],
            "url": reverse("expenses:policy_detail", args=[policy.pk]),
            **context,
        },
        why=why,
    )


@letter("expenses/policy_proposed")
def policy_proposed(message: Message) -> Letter:
    """A version waits to be confirmed: to the treasurers other than whoever proposed it."""
    person, policy = reader_of(message), _policy(message)
    if not person.is_treasurer or policy.proposed_by_id == person.pk:
        raise NoLongerDue("This person doesn’t confirm it.")
    if policy.state != Policy.State.PROPOSED:
        raise NoLongerDue("This version doesn’t wait to be confirmed any more.")
    why = "You get this because you look after the forum’s money."
    url = reverse("expenses:policy_confirm", args=[policy.pk])
    return _write("policy_proposed", person, policy, why, url=url)


def _proposer(message: Message, policy: Policy) -> Person:
    person = reader_of(message)
    if policy.proposed_by_id != person.pk or not person.is_coordinator:
        raise NoLongerDue("Somebody else has proposed it since.")
    return person


@letter("expenses/policy_confirmed")
def policy_confirmed(message: Message) -> Letter:
    """A version counts: to whoever proposed it."""
    policy = _policy(message)
    person = _proposer(message, policy)
    return _write("policy_confirmed", person, policy, "You get this because you proposed it.")


@letter("expenses/policy_returned")
def policy_returned(message: Message) -> Letter:
    """A version isn't confirmed as it is, and why: to whoever proposed it."""
    policy = _policy(message)
    person = _proposer(message, policy)
    if policy.state != Policy.State.RETURNED:
        raise NoLongerDue("This version has gone on since.")
    return _write("policy_returned", person, policy, "You get this because you proposed it.")


@letter("expenses/new_rates")
def new_rates(message: Message) -> Letter:
    """What new rates changed of somebody's claims, and why: to the claimant."""
    person, policy = reader_of(message), _policy(message)
    wanted = {change["claim"]: change for change in message.ids["changes"]}
    claims = Claim.objects.filter(pk__in=wanted, person=person).select_related("meeting")
    standing = [claim for claim in claims.order_by("on", "pk") if claim.state in Claim.STANDING]
    if not standing:
        raise NoLongerDue("None of these claims stands any more.")
    changes = [
        {"claim": claim, "pence": abs(wanted[claim.pk]["pence"]), **_how(wanted[claim.pk])}
        for claim in standing
    ]
    more = sum(change["pence"] for change in changes if change["top_up"])
    return _write(
        "new_rates",
        person,
        policy,
        "You get this because you asked the forum for money back.",
        added=[change for change in changes if change["top_up"]],
        again=[change for change in changes if not change["top_up"]],
        more=more,
        url=reverse("expenses:claim_list"),
    )


def _how(change: dict[str, Any]) -> dict[str, bool]:
    return {"top_up": bool(change["top_up"]), "less": change["pence"] < 0}
