"""The page of one claim, and what is done there: confirm, answer, take back, ask again."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted
from expenses import claim_page
from expenses.forms.claims import AnswerForm, AppealForm, RightForm
from expenses.models import Claim
from expenses.services import appeals, confirming, sending, taking_back
from expenses.services.eligible import lacks_decider, who_can_decide
from expenses.services.receipts import ReceiptRefused, store_receipt
from expenses.turns import how_paid, living_payment, turn_of
from members.http import SignedInRequest

both = require_http_methods(["GET", "POST"])
State = Claim.State


def claim_seen(request: SignedInRequest, pk: int) -> Claim:
    """A claim that they may read. Raises Http404."""
    claim = Claim.objects.visible_to(request.user).with_all().filter(pk=pk).first()
    if claim is None:
        raise Http404
    return claim


def claim_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Whose turn it is, what is asked for, what was asked and answered, what happened.

    Everybody who may see a claim reads the same page.
    """
    claim = claim_seen(request, pk)
    appealable = claim.state == State.DECLINED and claim.refused_at is None
    may_be_judged = appealable and bool(who_can_decide(claim))
    is_stuck = claim.state == State.SUBMITTED and lacks_decider(claim)
    is_stuck = is_stuck or (appealable and not may_be_judged)
    payment = living_payment(claim) if claim.state == State.PAID else None
    events = claim_page.events_of(claim)
    parts = claim_page.Parts(claim, request.user, claim_page.everybody_in(claim, events))
    context: dict[str, Any] = {
        "claim": claim,
        "turn": turn_of(claim, request.user, is_stuck=is_stuck),
        "steps": claim_page.steps_of(claim),
        "talks": claim_page.talks_of(claim, parts),
        "happened": claim_page.history_of(events, parts),
        "paid": how_paid(payment) if payment else "",
        "way": claim_page.way_to_pay(claim, request.user),
        "is_own": claim.person_id == request.user.pk,
        "entered": claim.entered_by_id == request.user.pk and claim.is_for_another,
        "code_ended": confirming.code_has_ended(claim),
        "may_withdraw": claim.can("withdraw"),
        "may_edit": claim.can("edit") and not claim.is_top_up,
    }
    if appealable:
        context["may_be_judged"] = may_be_judged
    return render(request, "expenses/claim_detail.html", context)


def _to(claim: Claim) -> HttpResponse:
    return redirect("expenses:claim_detail", pk=claim.pk)


@both
def claim_right(request: SignedInRequest, pk: int) -> HttpResponse:
    """Is what somebody entered for me right? Yes, or no with words."""
    claims = Claim.objects.with_all()
    claim = fetch_permitted(request.user, claims, "expenses.confirm_own_claim", pk=pk)
    if claim.state != State.UNCONFIRMED:
        messages.info(request, "There is nothing to confirm on this claim any more.")
        return _to(claim)
    form = RightForm(request.POST or None, initial={"edit_no": claim.edit_no})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            if form.says_yes:
                confirming.confirm_own(claim=claim, edit_no=said["edit_no"], by=request.user)
                messages.success(request, "Thank you. It is with the treasurer now.")
            else:
                confirming.say_not_right(claim=claim, said=said["said"], by=request.user)
                messages.success(request, f"Thank you. {claim.entered_by} puts it right with you.")
        except TransitionNotAllowed as refused:
            form = RightForm(initial={"edit_no": claim.edit_no})
            messages.error(request, str(refused))
        else:
            return _to(claim)
    return render(request, "expenses/claim_right.html", {"claim": claim, "form": form})


@both
def question_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Answer the open question; the enterer or a treasurer writes down what they heard."""
    claim = claim_seen(request, pk)
    if not request.user.has_perm("expenses.change_claim", claim):
        fetch_permitted(request.user, Claim, "expenses.confirm_by_phone", pk=pk)
    open_ones = [q for q in claim.questions.all() if q.answered_at is None]
    if not open_ones or claim.state != State.QUESTIONED:
        messages.info(request, "There is no open question on this claim.")
        return _to(claim)
    form = AnswerForm(request.POST or None, request.FILES or None, claim=claim, by=request.user)
    if request.method == "POST" and form.is_valid() and _answered(request, claim, form):
        messages.success(request, "The answer is there. Checking goes on.")
        return _to(claim)
    context = {"claim": claim, "form": form, "question": open_ones[0]}
    return render(request, "expenses/question_answer.html", context)


def _answered(request: SignedInRequest, claim: Claim, form: AnswerForm) -> bool:
    """Keep the receipt, then the answer; what was refused stands on the form."""
    said = form.cleaned_data
    try:
        if said["receipt"]:
            store_receipt(claim=claim, upload=said["receipt"], by=request.user)
        taking_back.answer_question(
            claim=claim, text=said["text"], by=request.user, via=said.get("via", "")
        )
    except ReceiptRefused as refused:
        form.add_error("receipt", str(refused))
        return False
    except TransitionNotAllowed as refused:
        form.add_error(None, str(refused))
        return False
    return True


@both
def claim_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a claim back, after asking; a draft that was never sent is thrown away."""
    claims = Claim.objects.with_all()
    claim = fetch_permitted(request.user, claims, "expenses.change_claim", pk=pk)
    is_draft = claim.state == State.DRAFT
    if not claim.can("withdraw"):
        messages.info(request, Claim.REFUSALS["withdraw"])
        return _to(claim)
    if request.method == "POST":
        try:
            if is_draft:
                sending.discard_draft(claim=claim, by=request.user)
            else:
                taking_back.withdraw_claim(claim=claim, by=request.user)
        except TransitionNotAllowed as refused:
            messages.error(request, str(refused))
            return _to(claim)
        except Claim.DoesNotExist:
            pass  # pressed twice: the draft is gone
        messages.success(request, f"{claim.reference} is taken back. Nothing is paid for it.")
        may_claim = request.user.has_perm("expenses.claim")
        return redirect("expenses:claim_list" if may_claim else "expenses:money")
    context = {"claim": claim, "is_draft": is_draft, "points": _what_it_means(claim)}
    return render(request, "expenses/claim_withdraw.html", context)


def _what_it_means(claim: Claim) -> list[str]:
    points = ["Nothing is paid for it."]
    if claim.state == State.DRAFT:
        points.append("The draft is thrown away, with its photos.")
    else:
        points.append("It stays in the list, as taken back. You can ask for the money again.")
    if claim.is_for_another:
        points.append(f"{claim.person.name} is told, where they were asked about it.")
    return points


@both
def claim_appeal(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for another look by somebody else; where nobody else is there it says so."""
    claims = Claim.objects.with_all()
    claim = fetch_permitted(request.user, claims, "expenses.appeal_claim", pk=pk)
    if claim.state != State.DECLINED or claim.refused_at is not None:
        messages.info(request, "There is nothing to look at again on this claim.")
        return _to(claim)
    judged = bool(who_can_decide(claim))
    form = AppealForm(request.POST or None, claim=claim) if judged else None
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            appeals.appeal_claim(claim=claim, text=form.cleaned_data["text"], by=request.user)
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Thank you. Somebody else than before looks at it now.")
            return _to(claim)
    return render(request, "expenses/claim_appeal.html", {"claim": claim, "form": form})


@require_POST
def claim_letter_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """A new letter with a new code; the old code ends."""
    claim = claim_seen(request, pk)
    if claim.person_id == request.user.pk or not claim.is_for_another:
        raise Http404
    if claim.entered_by_id != request.user.pk:
        fetch_permitted(request.user, Claim, "expenses.confirm_by_phone", pk=pk)
    try:
        confirming.ask_to_confirm(claim=claim, by=request.user)
    except TransitionNotAllowed as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{claim.person.name} is asked again. An older code has ended.")
    return redirect(reverse("expenses:claim_detail", args=[claim.pk]))
