"""The demonstration's money: rates, a budget, claims in every state, thank-yous.

Everything goes through the services at its own moment, in the order of these, once the year's
meetings have been told: which of them somebody was at is only known then.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from coprod import clocks
from coprod.demo.story import Story, words
from coprod.templatetags.forum import day as day_of
from expenses import version
from expenses.accounts import Account, read_number, read_sort_code
from expenses.demo import thanks
from expenses.demo.claims import plan_claims
from expenses.demo.told import Planned, moment, pence, person_called, treasurer
from expenses.models import Heading, Policy
from expenses.services import bank, budget, policies, spending
from expenses.usual import OFFERS, Offer
from members.models import Role
from members.services import give_role


def plan(story: Story) -> None:
    """All of it last, each thing with the moment at which it happened."""
    story.ago(0, partial(_tell, story, words("money")))


def _tell(story: Story, told: dict[str, Any], at: datetime) -> None:
    planned: Planned = []
    _plan_frame(story, told, planned)
    for when, step in sorted(planned, key=lambda each: each[0]):
        step(min(when, at))
    later: Planned = []
    plan_claims(story, told, later)
    thanks.plan(story, told, later)
    for when, step in sorted(later, key=lambda each: each[0]):
        if when <= at:
            step(when)


# What claims need: rates, headings, accounts ------------------------------------------------------


def _plan_frame(story: Story, told: dict[str, Any], planned: Planned) -> None:
    oldest_first = sorted(OFFERS, key=lambda offer: offer.begins_on)
    for offer, row in zip(oldest_first, told["version"], strict=True):
        day = story.week(row["proposed_week"])
        planned.append((moment(day), partial(_agree, story, row, offer)))
    for row in told["heading"]:
        planned.append((moment(story.week(-60), 11), partial(_head, story, row)))
    for row in told["spending"]:
        planned.append((moment(story.week(row["week"]), 12), partial(_spend, story, row)))
    for row in told["bank"]:
        planned.append((moment(story.week(-30), 20), partial(_keep_account, story, row)))
    planned.append((moment(story.week(-50), 12), partial(_name_approver, story, told["approver"])))


def _agree(story: Story, row: dict[str, Any], offer: Offer, at: datetime) -> None:
    """One version: written and proposed by the coordinator, confirmed by the treasurer."""
    policy = policies.begin_usual(offer=offer, by=story.hester, at=at)
    said = {name: getattr(policy, name) for name in version.RULES}
    said |= dict.fromkeys(version.RATES) | {kind: Decimal(p) for kind, p in offer.rates.items()}
    said |= {kind: Decimal(row[kind]) for kind in ("half_day", "full_day") if kind in row}
    said |= {
        "begins_on": offer.begins_on,
        "agreed_by": f"The steering group, {day_of(at - timedelta(days=7))}",
        "note": row["note"],
        "shows_totals": row.get("shows_totals", False),
    }
    policies.save_policy(policy=policy, said=said, seal=_seal(policy), by=story.hester, at=at)
    policies.propose_policy(policy=policy, seal=_seal(policy), by=story.hester, at=at)
    policies.confirm_policy(
        policy=policy, seal=_seal(policy), by=treasurer(story), at=at + timedelta(days=2)
    )


def _seal(policy: Policy) -> str:
    """What is read by whoever presses: the version as it is now."""
    stored = Policy.objects.get(pk=policy.pk)
    return version.seal(stored, Policy.objects.before(stored))


def _head(story: Story, row: dict[str, Any], at: datetime) -> None:
    heading = budget.add_heading(
        name=row["name"],
        kinds=row["kinds"],
        is_ring_fenced=row.get("ring_fenced", False),
        for_no_email=row.get("for_no_email", False),
        by=treasurer(story),
        at=at,
    )
    today = story.today
    year = today.year if today.month >= 4 else today.year - 1
    for each in (year - 1, year):
        budget.set_allocation(
            heading=heading,
            year=each,
            pence=pence(row["pounds"]),
            from_whom=row["from"],
            instead_of=None,
            by=treasurer(story),
            at=at,
        )


def _spend(story: Story, row: dict[str, Any], at: datetime) -> None:
    spending.add_spending(
        heading=Heading.objects.get(name=row["heading"]),
        on=clocks.today(at),
        what=row["what"],
        pence=pence(row["pounds"]),
        is_paid=True,
        by=treasurer(story),
        at=at,
    )


def _keep_account(story: Story, row: dict[str, Any], at: datetime) -> None:
    person = person_called(story, row["person"])
    account = Account(row["name"], read_sort_code(row["sort_code"]), read_number(row["account"]))
    bank.save_details(person=person, account=account, by=person, at=at)


def _name_approver(story: Story, name: str, at: datetime) -> None:
    give_role(
        person=person_called(story, name),
        kind=Role.Kind.APPROVER,
        by=story.people["Agnes Thornbury"],
        at=at,
    )
