"""Pages of the rates and rules, and of the miles somebody drove for others: HTTP only."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from coprod import clocks, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.forms import read_date
from coprod.forms.base import STALE_WORDS
from coprod.templatetags.forum import day, plural
from coprod.views import fetch_permitted, require
from expenses import version
from expenses.forms.policies import BeginForm, MilesForm, PolicyForm, ReturnForm, StepForm
from expenses.models import Claim, MilesElsewhere, Policy
from expenses.pricing import tax_year
from expenses.services import policies, top_ups
from expenses.services.miles import declare_miles, years_to_ask
from expenses.usual import OFFERS, WARNING
from members.http import SignedInRequest, recently_signed_in

State = Policy.State


@dataclass(frozen=True)
class Listed:
    """One version in the list: its status in words, and what is new in it."""

    policy: Policy
    look: str
    status: str
    days: str
    new: list[version.Row]
    is_first: bool


def _confirmed(versions: list[Policy]) -> list[Policy]:
    """In the order in which they count, newest day first."""
    found = [policy for policy in versions if policy.state == State.CONFIRMED]
    return sorted(found, key=lambda policy: (policy.begins_on, policy.number), reverse=True)


def _status(policy: Policy, confirmed: list[Policy]) -> tuple[str, str, str]:
    """Look, word, and the days for which it counts."""
    open_ones = {
        State.DRAFT: ("todo", "Being written"),
        State.PROPOSED: ("wait", "Waits for the treasurer"),
        State.RETURNED: ("late", "Returned"),
    }
    if policy.state in open_ones:
        look, word = open_ones[State(policy.state)]
        return look, word, f"Meant to count from {day(policy.begins_on)}"
    later = confirmed[: confirmed.index(policy)]
    ends = min((one.begins_on for one in later), default=None)
    if ends is not None and ends <= policy.begins_on:
        return "", "Replaced", f"Was to count from {day(policy.begins_on)}"
    today = clocks.today()
    if ends is None:
        word = "In force" if policy.begins_on <= today else "Begins later"
        look = "done" if policy.begins_on <= today else "wait"
        return look, word, f"Counts from {day(policy.begins_on)}"
    days = f"Counts from {day(policy.begins_on)} to {day(ends - timedelta(days=1))}"
    if policy.begins_on <= today < ends:
        return "done", "In force", days
    return ("", "Earlier days", days) if ends <= today else ("wait", "Begins later", days)


def _before(policy: Policy, confirmed: list[Policy]) -> Policy | None:
    """As ``PolicyQuerySet.before``, from what has been read."""
    for other in confirmed:
        if other == policy or other.begins_on > policy.begins_on:
            continue
        if policy.confirmed_at is None or (
            other.confirmed_at is not None and other.confirmed_at < policy.confirmed_at
        ):
            return other
    return None


def _listed(policy: Policy, confirmed: list[Policy]) -> Listed:
    before = _before(policy, confirmed)
    new = version.differences(policy, before) if before else []
    return Listed(policy, *_status(policy, confirmed), new, before is None)


def policy_list(request: SignedInRequest) -> HttpResponse:
    """All versions, newest first; with none yet, the usual figures to begin with."""
    require(request.user, "expenses.see_policies")
    people = ("made_by", "proposed_by", "confirmed_by", "returned_by")
    found = Policy.objects.visible_to(request.user).select_related(*people)
    versions = list(found.prefetch_related("rates").order_by("-number"))
    confirmed = _confirmed(versions)
    begun = {policy.begins_on for policy in versions}
    context = {
        "versions": [_listed(policy, confirmed) for policy in versions],
        "offers": [] if confirmed else [one for one in OFFERS if one.begins_on not in begun],
        "warning": WARNING,
        "may_propose": request.user.has_perm("expenses.propose_policy"),
        "has_confirmed": bool(confirmed),
    }
    return render(request, "expenses/policy_list.html", context)


@require_http_methods(["GET", "POST"])
def policy_begin(request: SignedInRequest) -> HttpResponse:
    """Begin a version: from the usual figures where a button names them, else as a copy."""
    require(request.user, "expenses.propose_policy")
    if request.method == "POST" and "offer" in request.POST:
        offer = next((one for one in OFFERS if one.key == request.POST["offer"]), None)
        if offer is not None:
            policy = policies.begin_usual(offer=offer, by=request.user)
            messages.success(request, f"{policy} begun as a draft. Check each figure.")
            return redirect("expenses:policy_detail", policy.pk)
    if not Policy.objects.exists():
        return redirect("expenses:policy_list")
    form = BeginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            policy = policies.begin_policy(
                begins_on=form.cleaned_data["begins_on"], by=request.user
            )
        except TransitionNotAllowed as refusal:
            form.add_error("begins_on", str(refusal))
        else:
            messages.success(request, f"{policy} begun as a copy. Change what is new.")
            return redirect("expenses:policy_edit", policy.pk)
    return render(request, "expenses/policy_begin.html", {"form": form})


def _fetch(request: SignedInRequest, permission: str, pk: int) -> tuple[Policy, Policy | None]:
    """A version for somebody who may, and the one it is compared with."""
    people = ("made_by", "proposed_by", "confirmed_by", "returned_by")
    found = Policy.objects.select_related(*people).prefetch_related("rates")
    policy = fetch_permitted(request.user, found, permission, pk=pk)
    return policy, Policy.objects.before(policy)


def _about(policy: Policy, before: Policy | None) -> dict[str, Any]:
    """What every page about a version shows of it."""
    confirmed = _confirmed(list(Policy.objects.confirmed()))
    return {
        "policy": policy,
        "before": before,
        "new": version.differences(policy, before) if before else [],
        "parts": version.rows(policy),
        "status": _status(policy, confirmed),
        "warning": "" if before or policy.state == State.CONFIRMED else WARNING,
    }


def policy_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One version: who proposed and confirmed it, what is new in it, and all that it says."""
    policy, before = _fetch(request, "expenses.see_policies", pk)
    user = request.user
    proposes = user.has_perm("expenses.propose_policy", policy)
    confirms = user.has_perm("expenses.confirm_policy", policy)
    theirs = policy.proposed_by_id == user.pk
    context = {
        **_about(policy, before),
        "may_change": proposes and policy.can("change"),
        "may_confirm": confirms and policy.can("confirm") and not theirs,
        "proposed_it": theirs and policy.can("confirm"),
        "added": policy.lines.filter(kind="top_up").values("claim").distinct().count(),
    }
    return render(request, "expenses/policy_detail.html", context)


@require_http_methods(["GET", "POST"])
def policy_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change a version that nobody has been asked to confirm."""
    policy, before = _fetch(request, "expenses.propose_policy", pk)
    if not policy.can("change"):
        messages.error(request, Policy.REFUSALS["change"])
        return redirect("expenses:policy_detail", policy.pk)
    seal, back = version.seal(policy, before), reverse("expenses:policy_detail", args=[pk])
    form = PolicyForm(request.POST or None, policy=policy, seal=seal, back=back)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            policies.save_policy(policy=policy, said=said, seal=said["seal"], by=request.user)
        except TransitionNotAllowed as refusal:
            stale = isinstance(refusal, policies.VersionChanged)
            form.add_error(None, STALE_WORDS if stale else str(refusal))
            form.look_again(_seal_now(policy))
        else:
            messages.success(request, f"{policy} saved. Nothing counts before it is confirmed.")
            return redirect("expenses:policy_detail", policy.pk)
    return render(request, "expenses/policy_edit.html", {"form": form, "policy": policy})


def _seal_now(policy: Policy) -> str:
    stored = Policy.objects.get(pk=policy.pk)
    return version.seal(stored, Policy.objects.before(stored))


@require_http_methods(["GET", "POST"])
def policy_propose(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask the treasurers to confirm a version."""
    policy, before = _fetch(request, "expenses.propose_policy", pk)
    seal, back = version.seal(policy, before), reverse("expenses:policy_detail", args=[pk])
    policy.proposed_by = request.user
    asked = policies.who_can_confirm(policy)
    form = StepForm(
        request.POST or None, submit="Propose this version", back=back, initial={"seal": seal}
    )
    if request.method == "POST" and form.is_valid():
        try:
            policies.propose_policy(policy=policy, seal=form.cleaned_data["seal"], by=request.user)
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
            form.look_again(seal)
        else:
            messages.success(request, "Proposed. It counts once the treasurer has confirmed it.")
            return redirect("expenses:policy_detail", policy.pk)
    context = {**_about(policy, before), "form": form, "asked": asked}
    context["sends"] = outbox.in_words(outbox.counts(asked))
    return render(request, "expenses/policy_propose.html", context)


@recently_signed_in
@require_http_methods(["GET", "POST"])
def policy_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put a version in force, after reading what it changes and who gets a difference."""
    policy, before = _fetch(request, "expenses.confirm_policy", pk)
    seal, back = version.seal(policy, before), reverse("expenses:policy_detail", args=[pk])
    form = StepForm(
        request.POST or None, submit="Confirm this version", back=back, initial={"seal": seal}
    )
    if request.method == "POST" and form.is_valid():
        try:
            done = policies.confirm_policy(
                policy=policy, seal=form.cleaned_data["seal"], by=request.user
            )
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
            form.look_again(seal)
        else:
            messages.success(request, _confirmed_words(policy, done))
            return redirect("expenses:policy_detail", policy.pk)
    theirs = policy.proposed_by_id == request.user.pk
    open_for_them = policy.can("confirm") and not theirs
    context = {**_about(policy, before), "form": form, "theirs": theirs, "is_open": open_for_them}
    context |= _effects(policy) if open_for_them else {}
    return render(request, "expenses/policy_confirm.html", context)


def _effects(policy: Policy) -> dict[str, Any]:
    """What confirming would change of claims, for the page that asks."""
    found = [change for change in top_ups.preview(policy) if change.difference]
    added = [change for change in found if change.is_top_up]
    again = [change for change in found if change.is_told and not change.is_top_up]
    told = {change.claim.person_id: change.claim.person for change in [*added, *again]}
    return {
        "added": added,
        "again": again,
        "drafts": sum(not change.is_told for change in found),
        "sum_added": sum(change.difference for change in added),
        "sends": outbox.in_words(outbox.counts(told.values())) if told else "",
    }


def _confirmed_words(policy: Policy, done: list[top_ups.ClaimChange]) -> str:
    added = sum(change.is_top_up for change in done)
    again = sum(change.is_told and not change.is_top_up for change in done)
    parts = []
    if added:
        parts.append(f"{plural(added, 'difference')} to be decided")
    if again:
        parts.append(f"{plural(again, 'claim')} priced again")
    tail = f" {' and '.join(parts)}; their people are told." if parts else ""
    return f"{policy} confirmed: it counts from {day(policy.begins_on)}.{tail}"


@recently_signed_in
@require_http_methods(["GET", "POST"])
def policy_return(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give a version back to whoever proposed it, with a reason."""
    policy, before = _fetch(request, "expenses.confirm_policy", pk)
    seal = version.seal(policy, before)
    form = ReturnForm(request.POST or None, initial={"seal": seal})
    if request.method == "POST" and form.is_valid():
        try:
            policies.return_policy(policy=policy, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
            form.look_again(seal)
        else:
            messages.success(request, f"{policy} returned. {policy.proposed_by} is told why.")
            return redirect("expenses:policy_detail", policy.pk)
    return render(request, "expenses/policy_return.html", {"policy": policy, "form": form})


@require_http_methods(["GET", "POST"])
def policy_drop(request: SignedInRequest, pk: int) -> HttpResponse:
    """Throw away a version that is being written."""
    policy, _ = _fetch(request, "expenses.propose_policy", pk)
    if request.method == "POST":
        try:
            policies.drop_policy(policy=policy, by=request.user)
        except TransitionNotAllowed as refusal:
            messages.error(request, str(refusal))
            return redirect("expenses:policy_detail", pk)
        messages.success(request, f"{policy} is thrown away.")
        return redirect("expenses:policy_list")
    return render(request, "expenses/policy_drop.html", {"policy": policy})


@require_http_methods(["GET", "POST"])
def miles_declare(request: SignedInRequest) -> HttpResponse:
    """How many miles one drove for others, in the tax year of a day (``?on=``; today's).

    ``?claim=`` names the draft that one came from, and goes back to.
    """
    require(request.user, "expenses.claim")
    said: dict[int, int] = {}
    for row in MilesElsewhere.objects.filter(person=request.user).order_by("declared_at", "pk"):
        said[row.tax_year] = row.miles
    year = _year_asked(request)
    form = MilesForm(
        request.POST or None, said=said, initial={"year": year, "miles": said.get(year)}
    )
    back = _back_to(request)
    if request.method == "POST" and form.is_valid():
        try:
            declare_miles(person=request.user, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refusal:
            form.add_error("miles", str(refusal))
        else:
            messages.success(request, "Saved. It counts for what you send from now on.")
            return redirect(back)
    context = {"form": form, "back": back, "rules": Policy.objects.governing(clocks.today())}
    return render(request, "expenses/miles_declare.html", context)


def _year_asked(request: SignedInRequest) -> int:
    """The tax year of the day in the address, where it can be asked about; else today's."""
    this = tax_year(clocks.today())
    try:
        asked = tax_year(read_date(request.GET.get("on", "")[:40]))
    except ValidationError:
        return this
    return asked if asked in years_to_ask() else this


def _back_to(request: SignedInRequest) -> str:
    """The draft they came from, if it is one of theirs; else the list."""
    number = request.GET.get("claim", "")
    if number.isdecimal() and len(number) < 18:
        claims = Claim.objects.filter(pk=number, person=request.user, state=Claim.State.DRAFT)
        if claims.exists():
            return reverse("expenses:claim_travel", args=[number])
    return reverse("expenses:claim_list")
