"""Who may do what with money. Source: the permission matrix.

Separation of duties binds the person, not the role: it stands in the transitions and in the
database as well, since a permission can be given by mistake.
"""

from typing import Any

import rules

from members.rules import is_coordinator, is_seated


@rules.predicate
def is_treasurer(user: Any, _: Any = None) -> bool:
    return bool(user.is_authenticated and user.is_treasurer)


@rules.predicate
def is_approver(user: Any, _: Any = None) -> bool:
    """The second of two who approve, such as the chair."""
    return bool(user.is_authenticated and user.is_approver)


@rules.predicate
def was_invited_as_parent(user: Any, _: Any = None) -> bool:
    """Took part for parents or a group, though they hold no seat now: their costs stay theirs."""
    if not user.is_authenticated:
        return False
    known: bool | None = getattr(user, "known_invited_as_parent", None)
    if known is None:
        known = user.invitations.filter(capacity__in=["parent", "staff"]).exists()
        user.known_invited_as_parent = known
    return bool(known)


@rules.predicate
def is_theirs(user: Any, thing: Any) -> bool:
    """The claim, advance or thank-you is for them."""
    return bool(thing is not None and user.is_authenticated and thing.person_id == user.pk)


@rules.predicate
def entered_it(user: Any, thing: Any) -> bool:
    """They entered it, for themselves or for somebody."""
    by = getattr(thing, "entered_by_id", None) or getattr(thing, "asked_by_id", None)
    return bool(user.is_authenticated and by is not None and by == user.pk)


@rules.predicate
def enters_for_others(user: Any, thing: Any) -> bool:
    """They entered it as coordinator, and are one today: a role that ended opens nothing."""
    return bool(entered_it(user, thing) and is_coordinator(user))


@rules.predicate
def is_for_approvers(_: Any, claim: Any) -> bool:
    return bool(claim is not None and claim.is_for_approvers)


@rules.predicate
def is_asked_of_them(user: Any, check: Any) -> bool:
    """An attendance check is this person's to answer: asks the queryset, which says it once."""
    if check is None or not user.is_authenticated:
        return False
    return bool(type(check).objects.asked_of(user).filter(pk=check.pk).exists())


@rules.predicate
def sees_it(user: Any, thing: Any) -> bool:
    """Asks the queryset, so that who sees what is written once."""
    return thing is not None and bool(
        type(thing)._default_manager.visible_to(user).filter(pk=thing.pk).exists()
    )


@rules.predicate
def is_officer(user: Any, _: Any = None) -> bool:
    return bool(user.is_authenticated and user.is_officer)


@rules.predicate
def wrote_it(user: Any, given: Any) -> bool:
    """They wrote the time down, for themselves or for somebody."""
    return bool(given is not None and user.is_authenticated and given.made_by_id == user.pk)


# Roles first: they are known already, seats and invitations have to be asked for.
may_claim = is_coordinator | is_treasurer | is_approver | is_seated | was_invited_as_parent
is_others = ~is_theirs & ~entered_it

rules.add_perm("expenses.claim", may_claim)
rules.add_perm("expenses.change_claim", is_theirs | enters_for_others)
rules.add_perm("expenses.view_receipt", sees_it)
rules.add_perm("expenses.appeal_claim", is_theirs | enters_for_others)
rules.add_perm("expenses.confirm_own_claim", is_theirs & ~entered_it)
rules.add_perm("expenses.claim_for_another", is_coordinator)
rules.add_perm(
    "expenses.check_attendance",
    is_asked_of_them,
)
rules.add_perm("expenses.list_attendance", is_coordinator | is_treasurer)
rules.add_perm("expenses.open_desk", is_coordinator | is_treasurer | is_approver)
rules.add_perm("expenses.list_claims", is_treasurer | is_approver)
rules.add_perm(
    "expenses.decide_claim", (is_treasurer | (is_approver & is_for_approvers)) & is_others
)
rules.add_perm("expenses.confirm_by_phone", is_treasurer & is_others)
rules.add_perm("expenses.print_codes", is_treasurer)
rules.add_perm("expenses.pay", is_treasurer)
rules.add_perm("expenses.see_bank_details", is_treasurer)
rules.add_perm("expenses.decide_advance", is_treasurer & is_others)
rules.add_perm("expenses.see_policies", is_coordinator | is_treasurer)
rules.add_perm("expenses.propose_policy", is_coordinator)
rules.add_perm("expenses.confirm_policy", is_treasurer)
rules.add_perm("expenses.offer_thanks", is_coordinator | is_treasurer)
rules.add_perm("expenses.note_thanks", (is_coordinator | is_treasurer) & ~is_theirs)
rules.add_perm("expenses.answer_thanks", is_theirs)
rules.add_perm("expenses.hand_over_thanks", is_treasurer & ~is_theirs)
rules.add_perm("expenses.keep_vouchers", is_treasurer)
rules.add_perm("expenses.see_budget", is_coordinator | is_treasurer)
rules.add_perm("expenses.change_budget", is_treasurer)
rules.add_perm("expenses.report_money", is_coordinator | is_treasurer)
rules.add_perm("expenses.take_back_time", is_theirs | wrote_it)
rules.add_perm("expenses.see_totals", may_claim | is_officer)
