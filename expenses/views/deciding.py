"""Claims to decide: the list, one claim, and each decision. HTTP only."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coprod.exceptions import TransitionNotAllowed
from coprod.templatetags.forum import pence, plural
from coprod.views import fetch_permitted, require
from expenses import decisions
from expenses.deciding import holds_office, still_needed, why_not
from expenses.forms.deciding import AskForm, DeclineForm, HeadingForm, LateForm, RefuseForm
from expenses.models import Claim
from expenses.services import deciding as services
from expenses.services.eligible import who_can_decide
from expenses.turns import turn_of
from members.http import SignedInRequest, recently_signed_in

PER_PAGE = 50
#: How many are looked at on one page before they are approved together.
MOST_AT_ONCE = 50


@require_safe
def claims_to_decide(request: SignedInRequest) -> HttpResponse:
    """The claims that wait for this person, and every other one that they may read."""
    require(request.user, "expenses.list_claims")
    name = request.GET.get("show", "")
    name = name if name in decisions.LISTS else "decide"
    found = decisions.for_list(decisions.list_of(name, request.user))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = decisions.rows_for(page, request.user)
    tabs = [
        {"label": words, "url": f"?{urlencode({'show': key})}", "current": key == name}
        for key, (words, _) in decisions.LISTS.items()
    ]
    context = {
        "page": page,
        "rows": rows,
        "tabs": tabs,
        "name": name,
        "title": decisions.LISTS[name][0],
        "sum": sum(row.claim.total for row in rows),
        "may_tick": name == "decide" and sum(not row.alone for row in rows) > 1,
    }
    return render(request, "expenses/claims_to_decide.html", context)


@require_safe
def claim_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """One claim, as whoever decides it reads it."""
    return _page(request, _fetch(request, pk, "expenses.list_claims"))


@recently_signed_in
@require_POST
def claim_approve(request: SignedInRequest, pk: int) -> HttpResponse:
    """Approve it. A claim that has changed since is shown anew, with what is different."""
    claim = _fetch(request, pk, "expenses.decide_claim")
    read, shown = _number(request, "edit_no"), _number(request, "shown")
    try:
        done = services.approve_claim(
            claim=claim, edit_no=-1 if read is None else read, by=request.user
        )
    except services.ClaimChanged as changed:
        if read is None:
            return redirect("expenses:claim_decide", pk)
        news = [str(changed), *decisions.news_since(claim, read, shown)]
        return _page(request, claim, news, status=409)
    except TransitionNotAllowed as refused:
        messages.warning(request, str(refused))
        return redirect("expenses:claim_decide", pk)
    messages.success(request, _approved_words(done))
    return redirect("expenses:claims_to_decide")


def _approved_words(claim: Claim) -> str:
    what = f"{pence(claim.total)} for {claim.person}"
    if claim.state == Claim.State.APPROVED:
        return f"Approved: {what}. It can be paid now."
    return f"Approved: {what}. One more person has to approve it."


@recently_signed_in
@require_http_methods(["GET", "POST"])
def claim_ask(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask the claimant something about it."""

    def ask(claim: Claim, form: AskForm) -> str:
        services.ask_about(
            claim=claim, text=form.cleaned_data["text"], edit_no=form.read, by=request.user
        )
        return f"Sent. {claim.person} is asked, and the claim waits for the answer."

    return _decide(request, pk, AskForm, ask, "Ask a question", "ask")


@recently_signed_in
@require_http_methods(["GET", "POST"])
def claim_decline(request: SignedInRequest, pk: int) -> HttpResponse:
    """Decline it, with a reason."""

    def decline(claim: Claim, form: DeclineForm) -> str:
        services.decline_claim(claim=claim, reason=form.reason, edit_no=form.read, by=request.user)
        others = who_can_decide(Claim.objects.get(pk=claim.pk))
        again = ", and may ask somebody else to look again" if others else ""
        return f"Declined. {claim.person} is told why{again}."

    return _decide(request, pk, DeclineForm, decline, "Decline the claim", "decline")


@recently_signed_in
@require_http_methods(["GET", "POST"])
def claim_accept_late(request: SignedInRequest, pk: int) -> HttpResponse:
    """Accept a claim that came after the claim window; approving it comes after."""

    def accept(claim: Claim, form: LateForm) -> str:
        services.accept_late(
            claim=claim, reason=form.cleaned_data["reason"], edit_no=form.read, by=request.user
        )
        return "Accepted. It can be approved now."

    return _decide(request, pk, LateForm, accept, "Accept a late claim", "approve", stay=True)


@recently_signed_in
@require_http_methods(["GET", "POST"])
def claim_refuse_appeal(request: SignedInRequest, pk: int) -> HttpResponse:
    """Stand by the no after another look, for good."""

    def refuse(claim: Claim, form: RefuseForm) -> str:
        services.refuse_appeal(
            claim=claim, reason=form.cleaned_data["reason"], edit_no=form.read, by=request.user
        )
        return f"Declined for good. {claim.person} is told why."

    return _decide(request, pk, RefuseForm, refuse, "Decline it for good", "decline")


@recently_signed_in
@require_http_methods(["GET", "POST"])
def line_heading(request: SignedInRequest, pk: int, line: int) -> HttpResponse:
    """Put one line under another heading of the budget."""
    claim = _fetch(request, pk, "expenses.decide_claim")
    kept = get_object_or_404(claim.lines.all(), pk=line)
    form = HeadingForm(request.POST or None, initial={"heading": kept.heading_id})
    if request.method == "POST" and form.is_valid():
        try:
            services.set_heading(line=kept, heading=form.cleaned_data["heading"], by=request.user)
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Saved. The budget counts it under that heading.")
            return redirect("expenses:claim_decide", pk)
    context = {"claim": claim, "form": form, "title": f"Heading of “{kept.get_kind_display()}”"}
    return render(request, "expenses/claim_decision.html", context)


@recently_signed_in
@require_http_methods(["GET", "POST"])
def claims_approve(request: SignedInRequest) -> HttpResponse:
    """Several at once: each with its sum and flags on one page, then approved one by one.

    Those that can't be are named with the reason; the rest go through.
    """
    require(request.user, "expenses.list_claims")
    source = request.POST if request.method == "POST" else request.GET
    wanted = [int(pk) for pk in source.getlist("claim") if pk.isdecimal() and len(pk) < 10]
    claims = Claim.objects.visible_to(request.user).exclude(state=Claim.State.DRAFT)
    claims = claims.filter(pk__in=wanted[:MOST_AT_ONCE]).order_by("sent_at", "pk")
    rows = decisions.rows_for(decisions.for_list(claims), request.user)
    if not rows:
        messages.warning(request, "Tick the claims that you would like to approve.")
        return redirect("expenses:claims_to_decide")
    ready, left = _sorted_out(rows)
    if request.method == "POST":
        _approve_each(request, [row.claim for row in ready], left)
        return redirect("expenses:claims_to_decide")
    total = sum(row.claim.total for row in ready)
    context = {"rows": ready, "left": left, "sum": total}
    return render(request, "expenses/claims_approve.html", context)


def _sorted_out(rows: list[decisions.Row]) -> tuple[list[decisions.Row], list[tuple[Claim, str]]]:
    """Those that may be approved together, and the others with the reason of each."""
    ready, left = [], []
    for row in rows:
        why = row.why or decisions.wants_care(row.claim)
        if row.claim.state != Claim.State.SUBMITTED:
            why = f"it is {row.claim.get_state_display().lower()}"
        if why:
            left.append((row.claim, why[0].lower() + why[1:].rstrip(".")))
        else:
            ready.append(row)
    return ready, left


def _approve_each(
    request: SignedInRequest, claims: list[Claim], left: list[tuple[Claim, str]]
) -> None:
    """Each in a transaction of its own, so that one refusal leaves the others approved."""
    done = []
    for claim in sorted(claims, key=lambda claim: claim.pk):
        read = _number(request, f"read-{claim.pk}")
        try:
            done.append(
                services.approve_claim(
                    claim=claim, edit_no=-1 if read is None else read, by=request.user
                )
            )
        except TransitionNotAllowed as refused:
            words = str(refused)
            left.append((claim, words[0].lower() + words[1:].rstrip(".")))
    if done:
        total = pence(sum(claim.total for claim in done))
        words = f"{plural(len(done), 'claim')} approved, {total} altogether."
        waiting = sum(claim.state != Claim.State.APPROVED for claim in done)
        if waiting:
            words += (
                f" {waiting} of them {'waits' if waiting == 1 else 'wait'} for a second person."
            )
        messages.success(request, words)
    for claim, why in left:
        messages.warning(request, f"{claim.reference} isn’t approved: {why}.")


# What they share ----------------------------------------------------------------------------------


def _fetch(request: SignedInRequest, pk: int, permission: str) -> Claim:
    """A claim that was sent, with everything that its page reads."""
    sent: QuerySet[Claim] = decisions.for_page(Claim.objects.exclude(state=Claim.State.DRAFT))
    return fetch_permitted(request.user, sent, permission, pk=pk)


def _number(request: SignedInRequest, name: str) -> int | None:
    """A number that a form carries hidden; None where it is missing or no number."""
    said = request.POST.get(name, "")
    return int(said) if said.isdecimal() and len(said) < 10 else None


def _page(
    request: SignedInRequest, claim: Claim, news: list[str] | None = None, status: int = 200
) -> HttpResponse:
    why, office = why_not(claim, request.user), holds_office(claim.person)
    claim.needs_two = claim.needs_two or office  # asked in full when somebody presses
    waits = claim.state == Claim.State.SUBMITTED
    others = who_can_decide(claim) if waits else []
    stuck = waits and len(others) < still_needed(claim)
    context = {
        "claim": claim,
        "holds_office": office,
        "row": decisions.rows_for([claim], request.user)[0],
        "why": why,
        "news": news or [],
        "may": waits and not why,
        "may_head": not why,
        "waits": waits,
        "stuck": stuck,
        "others": [] if stuck else others,
        "unsaid": decisions.is_unsaid(claim),
        "turn": turn_of(claim, request.user, is_stuck=stuck),
        "button": decisions.button_words(claim),
        "attendance": decisions.attendance_words(claim),
        "history": decisions.history_of(claim),
    }
    return render(request, "expenses/claim_decide.html", context, status=status)


def _decide(
    request: SignedInRequest,
    pk: int,
    form_class: Any,
    do: Callable[[Claim, Any], str],
    title: str,
    verb: str,
    *,
    stay: bool = False,
) -> HttpResponse:
    """One decision with a form of its own; what was typed stays when it is refused."""
    claim = _fetch(request, pk, "expenses.decide_claim")
    why = why_not(claim, request.user)
    if request.method == "GET" and (why or not claim.can(verb)):
        messages.warning(request, why or Claim.REFUSALS[verb])
        return redirect("expenses:claim_decide", pk)
    form = form_class(request.POST or None, claim=claim)
    if request.method == "POST" and form.is_valid():
        try:
            words = do(claim, form)
        except services.ClaimChanged as changed:
            page = reverse("expenses:claim_decide", args=[pk])
            form.add_error(None, str(changed))
            return render(
                request,
                "expenses/claim_decision.html",
                {"claim": claim, "form": form, "title": title, "page": page},
                status=409,
            )
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, words)
            return (
                redirect("expenses:claim_decide", pk)
                if stay
                else redirect("expenses:claims_to_decide")
            )
    return render(
        request, "expenses/claim_decision.html", {"claim": claim, "form": form, "title": title}
    )
