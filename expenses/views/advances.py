"""Money in advance: asked for by oneself or for somebody, decided, given back."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from coprod.exceptions import TransitionNotAllowed
from coprod.templatetags.forum import pence
from coprod.views import fetch_permitted, require
from expenses.forms.advances import (
    AdvanceDecideForm,
    AdvanceForAnotherForm,
    AdvanceForm,
    AdvanceReturnForm,
)
from expenses.models import Advance, BankDetails
from expenses.services import advances
from members.http import SignedInRequest, recently_signed_in
from members.models import Person

PER_PAGE = 50


@require_http_methods(["GET", "POST"])
def advance_ask(request: SignedInRequest) -> HttpResponse:
    """Ask for oneself; and what became of those before."""
    require(request.user, "expenses.claim")
    most = advances.most_now(request.user)
    form = AdvanceForm(
        request.POST or None,
        most=most or 0,
        back_url=reverse("expenses:claim_list"),
        initial={"pay_by": "bank"},
    )
    if request.method == "POST" and form.is_valid():
        try:
            advances.ask_advance(person=request.user, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refused:
            form.add_error("pence", str(refused))
        else:
            messages.success(request, "The treasurer is asked. You hear as soon as it is decided.")
            return redirect("expenses:advance_ask")
    context = {
        "form": form,
        "most": most,
        "mine": _with_left(Advance.objects.filter(person=request.user)),
        "has_bank": BankDetails.objects.filter(person=request.user).exists(),
    }
    return render(request, "expenses/advance_ask.html", context)


def _with_left(found: Any) -> list[Any]:
    """Each with ``left``, the pence that are neither used up nor given back."""
    rows = list(found.with_used().prefetch_related("uses__claim"))
    for row in rows:
        row.left = row.pence - row.used if row.state == Advance.State.PAID else 0
    return rows


@require_http_methods(["GET", "POST"])
def advance_enter(request: SignedInRequest) -> HttpResponse:
    """A coordinator asks for somebody."""
    require(request.user, "expenses.claim_for_another")
    people = Person.objects.visible_to(request.user).filter(is_active=True)
    form = AdvanceForAnotherForm(
        request.POST or None,
        most=10_000,
        people=people.exclude(pk=request.user.pk).order_by("name"),
        back_url=reverse("expenses:money"),
    )
    form.fields["pence"].help_text = ""
    if request.method == "POST" and form.is_valid():
        try:
            advance = advances.ask_advance(by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refused:
            form.add_error("pence", str(refused))
        else:
            messages.success(request, f"The treasurer is asked, for {advance.person.name}.")
            return redirect("expenses:advance_enter")
    asked = Advance.objects.filter(asked_by=request.user).exclude(person=request.user)
    context = {"form": form, "asked": _with_left(asked.select_related("person"))}
    return render(request, "expenses/advance_enter.html", context)


@require_POST
def advance_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take back what isn't decided yet."""
    advance = fetch_permitted(request.user, Advance, "expenses.change_claim", pk=pk)
    try:
        advances.withdraw_advance(advance=advance, by=request.user)
    except TransitionNotAllowed as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Taken back.")
    mine = advance.person_id == request.user.pk
    return redirect("expenses:advance_ask" if mine else "expenses:advance_enter")


def advance_list(request: SignedInRequest) -> HttpResponse:
    """Those to decide, those that are open, and those of before."""
    require(request.user, "expenses.pay")
    found = Advance.objects.visible_to(request.user).select_related("person", "asked_by")
    asked = _with_left(found.filter(state=Advance.State.ASKED).order_by("asked_at"))
    page = Paginator(
        found.exclude(state=Advance.State.ASKED).with_used().order_by("-asked_at", "-pk"), PER_PAGE
    ).get_page(request.GET.get("page"))
    rows: list[Any] = list(page.object_list)
    for row in rows:
        row.left = row.pence - row.used if row.state == Advance.State.PAID else 0
    for row in asked:
        row.why = advances.why_not_decide(row, request.user)
    context = {"asked": asked, "page": page, "rows": rows}
    return render(request, "expenses/advance_list.html", context)


@recently_signed_in
@require_http_methods(["GET", "POST"])
def advance_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say yes, or no and why."""
    every = Advance.objects.select_related("person", "asked_by", "meeting")
    advance = fetch_permitted(request.user, every, "expenses.decide_advance", pk=pk)
    back = reverse("expenses:advance_list")
    if not advance.can("approve"):
        messages.error(request, Advance.REFUSALS["approve"])
        return redirect(back)
    form = AdvanceDecideForm(request.POST or None, back_url=back)
    if request.method == "POST" and form.is_valid():
        try:
            _decide(advance, form.cleaned_data, by=request.user)
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            advance.refresh_from_db()
            yes = advance.state == Advance.State.APPROVED
            words = f"Approved: {pence(advance.pence)} can be paid now." if yes else "Declined."
            messages.success(request, f"{words} {advance.person.name} is told.")
            return redirect(back)
    others = _with_left(Advance.objects.filter(person=advance.person).exclude(pk=pk))
    context = {
        "form": form,
        "advance": advance,
        "open_pence": sum(other.left for other in others),
        "details": BankDetails.objects.filter(person=advance.person).first(),
    }
    return render(request, "expenses/advance_decide.html", context)


def _decide(advance: Advance, said: dict[str, Any], *, by: Person) -> None:
    if said["answer"] == "yes":
        advances.approve_advance(advance=advance, by=by)
    else:
        advances.decline_advance(advance=advance, reason=said["reason"], by=by)


@recently_signed_in
@require_http_methods(["GET", "POST"])
def advance_return(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note what somebody gave back."""
    every = Advance.objects.select_related("person").with_used()
    advance = fetch_permitted(request.user, every, "expenses.decide_advance", pk=pk)
    back = reverse("expenses:advance_list")
    used: int = getattr(advance, "used", 0)
    left = advance.pence - used if advance.state == Advance.State.PAID else 0
    if not left:
        messages.error(request, "Nothing of this advance is left.")
        return redirect(back)
    form = AdvanceReturnForm(request.POST or None, left=left, back_url=back)
    if request.method == "POST" and form.is_valid():
        try:
            advances.return_advance(advance=advance, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refused:
            form.add_error("pence", str(refused))
        else:
            messages.success(request, f"Noted. {advance.person.name} is told.")
            return redirect(back)
    context = {"form": form, "advance": advance, "left": left}
    return render(request, "expenses/advance_return.html", context)
