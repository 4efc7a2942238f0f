"""Who may take the next decision on a claim, so that one that nobody may decide says so.

Such a claim waits; it is never let through. Source: separation of duties, by person.
"""

from django.db.models import Q

from expenses.models import Claim
from members.models import Person


def _judges(claim: Claim) -> list[Person]:
    """Whoever may decide it at all: by role, and neither claimant nor who entered it nor, once
    it is looked at again, who declined it."""
    asked_again = claim.is_for_approvers or claim.state == Claim.State.DECLINED
    kinds = ["treasurer", "approver"] if asked_again else ["treasurer"]
    found = Person.objects.active().filter(Q(roles__kind__in=kinds, roles__ended_at__isnull=True))
    out = {claim.person_id, claim.entered_by_id}
    if claim.appealed_at or claim.state == Claim.State.DECLINED:
        out.add(claim.declined_by_id)
    return list(found.exclude(pk__in=out - {None}).distinct().order_by("name", "pk"))


def who_can_decide(claim: Claim) -> list[Person]:
    """Whoever may take the next decision; of two approvals not who gave the first. One question."""
    return [person for person in _judges(claim) if person.pk != claim.approved_by_id]


def lacks_decider(claim: Claim) -> bool:
    """Whether it can't be decided by anybody as things are: nobody is left, or two are needed
    and only one is there. One question."""
    left = who_can_decide(claim)
    wanted = 2 if claim.needs_two and claim.approved_by_id is None else 1
    return len(left) < wanted
