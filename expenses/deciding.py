"""Who may decide a claim, why somebody may not, and whether it takes two. Never writes.

The rule binds the person, not the role: whatever roles somebody holds at once, nobody decides
what is theirs, what they entered, or what they decided before. The database says the same.
"""

from typing import Any

from expenses.models import Claim, Policy
from members.models import Person

State = Claim.State
OWN = "It is your own claim, so somebody else decides."
ENTERED = "You entered it, so somebody else decides."
APPROVED = "You have approved it. Somebody else has to approve it too."
DECLINED = "You declined it before, so somebody else decides now."
NOT_YOURS = "You decide only claims that two people have to approve, or that are looked at again."
NO_ROLE = "You don’t decide claims."


def why_not(claim: Claim, person: Any) -> str:
    """Why this person may not decide this claim, in words to them; empty where they may.

    Says nothing of whether it waits for anybody.
    """
    if claim.person_id == person.pk:
        return OWN
    if claim.entered_by_id == person.pk:
        return ENTERED
    if claim.state == State.SUBMITTED and claim.approved_by_id == person.pk:
        return APPROVED
    if claim.appealed_at is not None and claim.declined_by_id == person.pk:
        return DECLINED
    if person.is_treasurer:
        return ""
    if person.is_approver:
        return "" if claim.is_for_approvers else NOT_YOURS
    return NO_ROLE


def holds_office(person: Person) -> bool:
    """Whether somebody is treasurer or coordinator today, so that two decide on their money."""
    return person.is_treasurer or person.is_coordinator


def takes_two(claim: Claim) -> bool:
    """Whether two people have to approve it, as things stand now.

    Once it took two it does for good. Else where the claimant holds an office today, or the
    sum is above the limit of its day; where no rules are in force, two.
    """
    if claim.needs_two or holds_office(claim.person):
        return True
    policy = Policy.objects.governing(claim.on)
    return policy is None or claim.total > policy.two_over


def still_needed(claim: Claim) -> int:
    """How many approvals it still waits for, by its own ``needs_two``."""
    return (2 if claim.needs_two else 1) - (claim.approved_by_id is not None)
