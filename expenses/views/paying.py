"""Payment runs: what waits, made, taken to the bank, paid, and what came back."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from coprod.exceptions import TransitionNotAllowed
from coprod.templatetags.forum import plural
from coprod.views import fetch_permitted, require
from expenses import payables, sealing
from expenses.forms.paying import CameBackForm, PaidForm, RunForm, part_of
from expenses.models import Advance, Claim, Payment, Recognition, Run
from expenses.payables import Payable
from expenses.services import bank_file, paying
from members.http import SignedInRequest, recently_signed_in

PER_PAGE = 50
LIVING = Q(payments__cancelled_at=None)


def run_list(request: SignedInRequest) -> HttpResponse:
    """The runs, the newest first, and how much waits."""
    require(request.user, "expenses.pay")
    runs = (
        Run.objects.visible_to(request.user)
        .select_related("made_by")
        .annotate(
            count=Count("payments", filter=LIVING), pence=Sum("payments__pence", filter=LIVING)
        )
    )
    ready = [each for each in payables.waiting(request.user) if not each.why]
    context = {
        "page": Paginator(runs.order_by("-pk"), PER_PAGE).get_page(request.GET.get("page")),
        "ready": len(ready),
        "ready_pence": sum(each.part.pence for each in ready),
    }
    return render(request, "expenses/run_list.html", context)


@recently_signed_in
@require_http_methods(["GET", "POST"])
def run_make(request: SignedInRequest) -> HttpResponse:
    """Choose what is paid, read the sum, make the run."""
    require(request.user, "expenses.pay")
    found = payables.waiting(request.user)
    ready = [each for each in found if not each.why]
    back = reverse("expenses:run_list")
    form = RunForm(
        request.POST or None, payables=ready, back_url=back, initial={"key": uuid.uuid4()}
    )
    if request.method == "POST":
        key = _key(request)
        made = Run.objects.filter(key=key).first() if key else None
        if made is not None:  # pressed twice
            return redirect("expenses:run_detail", made.pk)
        if form.is_valid():
            done = _make_or_ask(request, form)
            if done is not None:
                return done
    context = {
        "form": form,
        "ready": ready,
        "left_out": [each for each in found if each.why],
        "bare": [each for each in ready if each.lacks_details and not each.thing.person.email],
    }
    return render(request, "expenses/run_make.html", context)


def _key(request: SignedInRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return None


def _make_or_ask(request: SignedInRequest, form: RunForm) -> HttpResponse | None:
    """The run, once they have said that they are sure; the sum before that; None: refused."""
    chosen = form.chosen()
    if not form.cleaned_data["sure"]:
        parts = paying.parts_of([each.thing for each in chosen])
        rows = [replace(each, part=part) for each, part in zip(chosen, parts, strict=True)]
        context: dict[str, Any] = {"form": form, "rows": rows, "totals": payables.totals(parts)}
        context["chosen"] = [(part_of(each), each.key) for each in chosen]
        return render(request, "expenses/run_confirm.html", context)
    try:
        run = paying.make_run(
            claims=_of(Claim, chosen),
            advances=_of(Advance, chosen),
            recognitions=_of(Recognition, chosen),
            by=request.user,
            key=form.cleaned_data["key"],
        )
    except TransitionNotAllowed as refused:
        form.add_error(None, str(refused))
        return None
    messages.success(request, f"The payment run is made: {plural(len(chosen), 'payment')}.")
    return redirect("expenses:run_detail", run.pk)


def _of(model: type[Any], chosen: Sequence[Payable]) -> list[Any]:
    return [each.thing for each in chosen if isinstance(each.thing, model)]


def run_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """What is in a run, what is to be done with it, and what to hand over."""
    every = Payment.objects.select_related(
        "payee", "claim__meeting", "advance", "recognition", "came_back_by"
    )
    runs: QuerySet[Run] = Run.objects.select_related(
        "made_by", "fetched_by", "paid_by", "cancelled_by"
    ).prefetch_related(Prefetch("payments", every.order_by("pk")))
    run = fetch_permitted(request.user, runs, "expenses.pay", pk=pk)
    payments = list(run.payments.all())
    living = [p for p in payments if p.cancelled_at is None]
    handed = [p for p in living if not p.is_by_bank and p.pence]
    context = {
        "run": run,
        "by_bank": [p for p in living if p.is_by_bank],
        "by_hand": handed,
        "settled": [p for p in living if not p.pence],
        "taken_out": [p for p in payments if p.cancelled_at],
        "bank_pence": sum(p.pence for p in living if p.is_by_bank),
        "hand_pence": sum(p.pence for p in handed),
        "moved": bank_file.moved_since(living) if run.can("pay") else [],
        "own": any(request.user.pk in (p.payee_id, p.entered_by_id) for p in living),
    }
    return render(request, "expenses/run_detail.html", context)


@recently_signed_in
@require_POST
def run_csv(request: SignedInRequest, pk: int) -> HttpResponse:
    """The file for the bank."""
    run = fetch_permitted(request.user, Run, "expenses.pay", pk=pk)
    try:
        made = bank_file.fetch_file(run=run, by=request.user)
    except (TransitionNotAllowed, sealing.CannotOpen) as refused:
        messages.error(request, str(refused))
        return redirect("expenses:run_detail", pk)
    response = HttpResponse(made.content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="payment-run-{run.pk}.csv"'
    return response


@recently_signed_in
@require_http_methods(["GET", "POST"])
def run_pay(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say on which day the bank paid: everybody is told."""
    run = fetch_permitted(request.user, Run, "expenses.pay", pk=pk)
    back = reverse("expenses:run_detail", args=[pk])
    if not run.can("pay"):
        messages.error(request, Run.REFUSALS["pay"])
        return redirect(back)
    form = PaidForm(request.POST or None, run=run, back_url=back)
    payments = paying.living(run)
    if request.method == "POST" and form.is_valid():
        try:
            paying.pay_run(run=run, by=request.user, paid_on=form.cleaned_data["paid_on"])
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Marked as paid. Everybody in it is told.")
            return redirect(back)
    context = {"form": form, "run": run, "payments": payments}
    context["pence"] = sum(payment.pence for payment in payments)
    return render(request, "expenses/run_pay.html", context)


@recently_signed_in
@require_http_methods(["GET", "POST"])
def run_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a run apart that the bank hasn't paid."""
    run = fetch_permitted(request.user, Run, "expenses.pay", pk=pk)
    back = redirect("expenses:run_detail", pk)
    if not run.can("cancel"):
        messages.error(request, Run.REFUSALS["cancel"])
        return back
    if request.method == "POST":
        try:
            paying.cancel_run(run=run, by=request.user)
        except TransitionNotAllowed as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, "The payment run is cancelled. All of it can be paid anew.")
        return back
    return render(request, "expenses/run_cancel.html", {"run": run})


@recently_signed_in
@require_http_methods(["GET", "POST"])
def payment_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say that the bank sent one payment back."""
    require(request.user, "expenses.pay")
    payment = get_object_or_404(Payment.objects.select_related("payee", "run"), pk=pk)
    back = reverse("expenses:run_detail", args=[payment.run_id])
    form = CameBackForm(request.POST or None, payment=payment, back_url=back)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            paying.payment_came_back(payment=payment, reason=reason, by=request.user)
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            name = payment.payee.first_name
            messages.success(request, f"{name} is told, and can be paid again in the next run.")
            return redirect(back)
    return render(request, "expenses/payment_back.html", {"form": form, "payment": payment})
