"""Bank details: one's own, and somebody else's for the treasurer who pays them."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted, require
from expenses import sealing
from expenses.forms.bank import BankForm, PaperBankForm
from expenses.models import BankDetails
from expenses.services import bank
from members.http import SignedInRequest, recently_signed_in
from members.models import Person
from members.sessions import proved_recently

#: Characters of an address of ours to go back to.
LONGEST = 200
NOT_KEPT = "It was a while since you showed who you are, so nothing was kept. Please type it again."


def digits_never_wait(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """``recently_signed_in`` keeps a form that came too late in the session, to go on with it
    afterwards. Bank details must lie nowhere in the clear, so their form is asked for again."""

    asks_first = recently_signed_in(view)

    @sensitive_post_parameters()
    @require_http_methods(["GET", "POST"])
    @wraps(view)
    def asked_again(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not proved_recently(request):
            messages.error(request, NOT_KEPT)
            return HttpResponseRedirect(request.path)
        return asks_first(request, *args, **kwargs)

    return asked_again


@recently_signed_in
@sensitive_variables("account")
def bank_details(request: SignedInRequest) -> HttpResponse:
    """One's own, in full, and who looked at them."""
    require(request.user, "expenses.claim")
    details = BankDetails.objects.select_related("changed_by").filter(person=request.user).first()
    if details is None and request.GET.get("next"):  # on the way, such as from a claim
        on = urlencode({"next": _next(request, reverse("expenses:bank_details"))})
        return redirect(f"{reverse('expenses:bank_change')}?{on}")
    account, shut = None, ""
    try:
        account = bank.own_account(request.user) if details else None
    except sealing.CannotOpen as error:
        shut = str(error)
    context = {
        "details": details,
        "account": account,
        "shut": shut,
        "seen": bank.who_saw(request.user),
        "goes_on": bank.forgotten_on(details) if details else None,
        "needed": details is not None and bank.has_any(request.user, bank.UNSETTLED),
    }
    return render(request, "expenses/bank_details.html", context)


def _next(request: SignedInRequest, otherwise: str) -> str:
    """Where somebody came from, such as a claim that they were writing; never another site.

    An address begins with a stroke: a bare word would be taken for the name of a page.
    """
    said = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(said, {request.get_host()}, request.is_secure())
    return said if ours and said.startswith("/") and len(said) <= LONGEST else otherwise


@digits_never_wait
def bank_change(request: SignedInRequest) -> HttpResponse:
    """Give one's bank details, or others in their place."""
    require(request.user, "expenses.claim")
    back = _next(request, reverse("expenses:bank_details"))
    form = BankForm(request.POST or None, back_url=back, initial={"next": back})
    if request.method == "POST" and form.is_valid():
        details = bank.save_details(person=request.user, account=form.account(), by=request.user)
        messages.success(request, f"Saved. We pay you into the {details.masked} from now on.")
        return redirect(back)
    has_some = BankDetails.objects.filter(person=request.user).exists()
    return render(request, "expenses/bank_change.html", {"form": form, "has_some": has_some})


@recently_signed_in
@require_http_methods(["GET", "POST"])
def bank_remove(request: SignedInRequest) -> HttpResponse:
    """Take one's own away."""
    require(request.user, "expenses.claim")
    details = BankDetails.objects.filter(person=request.user).first()
    if details is None:
        return redirect("expenses:bank_details")
    if request.method == "POST":
        bank.remove_details(person=request.user, by=request.user)
        messages.success(request, "Your bank details are removed. We pay you by cheque meanwhile.")
        return redirect("expenses:bank_details")
    needed = bank.has_any(request.user, bank.UNSETTLED)
    return render(request, "expenses/bank_remove.html", {"details": details, "needed": needed})


# Somebody else's ----------------------------------------------------------------------------------


@recently_signed_in
@require_http_methods(["GET", "POST"])
@sensitive_variables("account")
def bank_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Masked; in full for a treasurer who pays them, who is told that it is kept who looks."""
    every = BankDetails.objects.select_related("person", "changed_by")
    details = fetch_permitted(
        request.user, every, "expenses.see_bank_details", person__public_id=public_id
    )
    why, account = bank.why_not_view(details.person, request.user), None
    if request.method == "POST":
        try:
            account = bank.view_details(details=details, by=request.user)
        except (TransitionNotAllowed, sealing.CannotOpen) as refused:
            why = str(refused)
    context = {
        "details": details,
        "person": details.person,
        "account": account,
        "why": why,
        "may_type": not bank.why_not_enter(details.person, request.user),
    }
    return render(request, "expenses/bank_view.html", context)


@digits_never_wait
def bank_enter(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Type the details of somebody who doesn't sign in, from a form that they signed."""
    require(request.user, "expenses.see_bank_details")
    person = Person.objects.filter(public_id=public_id, is_active=True).first()
    if person is None or not bank.is_payee(person):
        raise Http404
    back = reverse("expenses:run_make")
    form = PaperBankForm(request.POST or None, back_url=back)
    why = bank.why_not_enter(person, request.user)
    if request.method == "POST" and not why and form.is_valid():
        try:
            details = bank.save_details(person=person, account=form.account(), by=request.user)
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            said = f"Saved: the {details.masked}. {person.first_name} gets a letter about it."
            messages.success(request, said)
            return redirect(back)
    return render(request, "expenses/bank_enter.html", {"form": form, "person": person, "why": why})
