"""The drawer of vouchers and its ledger, and handing thank-yous over. HTTP only."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted, require
from expenses.forms.vouchers import BuyForm, GiveForm, WriteOffForm
from expenses.models import Recognition, VoucherBatch, VoucherMove
from expenses.services import recognition as thanking
from expenses.services import vouchers as service
from members.http import SignedInRequest, recently_signed_in
from projects.tables import write_csv

#: Vouchers that end within this time are pointed out.
SOON = timedelta(days=60)
both = require_http_methods(["GET", "POST"])
HEADINGS = (
    "Batch",
    "Shop",
    "Value in pounds",
    "Line",
    "Day",
    "What happened",
    "Change",
    "In the drawer",
    "Number on it",
    "For",
    "By",
    "Note",
)


def voucher_list(request: SignedInRequest) -> HttpResponse:
    """What is in the drawer, by shop, and what ends soon."""
    require(request.user, "expenses.keep_vouchers")
    batches = list(
        VoucherBatch.objects.visible_to(request.user)
        .with_left()
        .select_related("heading")
        .order_by("shop", "pence", "bought_on", "pk")
    )
    today = clocks.today()
    there = [batch for batch in batches if batch.left]  # type: ignore[attr-defined]
    ends = [b for b in there if b.expires_on and b.expires_on <= today + SOON]
    context = {
        "batches": there,
        "empty": [batch for batch in batches if not batch.left],  # type: ignore[attr-defined]
        "count": sum(batch.left for batch in there),  # type: ignore[attr-defined]
        "worth": sum(batch.left * batch.pence for batch in there),  # type: ignore[attr-defined]
        "ends": ends,
        "today": today,
        "waiting": Recognition.objects.filter(kind="voucher", state="accepted").count(),
    }
    return render(request, "expenses/voucher_list.html", context)


@both
def voucher_buy(request: SignedInRequest) -> HttpResponse:
    """Put vouchers that were bought into the drawer."""
    require(request.user, "expenses.keep_vouchers")
    return _buy(request)


@recently_signed_in
def _buy(request: SignedInRequest) -> HttpResponse:
    newest = VoucherBatch.objects.order_by("-pk").first()
    start = {"after": newest.pk if newest else 0, "bought_on": clocks.today()}
    back = reverse("expenses:voucher_list")
    form = BuyForm(request.POST or None, initial=start, back_url=back)
    if request.method == "POST" and form.is_valid():
        try:
            batch = service.buy_vouchers(by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "The vouchers are in the drawer.")
            return redirect("expenses:voucher_batch", pk=batch.pk)
    return render(request, "expenses/voucher_buy.html", {"form": form})


def _batch(request: SignedInRequest, pk: int) -> VoucherBatch:
    found = VoucherBatch.objects.with_left().select_related("heading", "spending")
    return fetch_permitted(request.user, found, "expenses.keep_vouchers", pk=pk)


def voucher_batch(request: SignedInRequest, pk: int) -> HttpResponse:
    """One batch with its ledger: every voucher that came or went."""
    require(request.user, "expenses.keep_vouchers")
    batch = _batch(request, pk)
    moves = batch.moves.select_related("recognition__person", "made_by").order_by("number")
    context = {"batch": batch, "moves": list(moves), "today": clocks.today()}
    return render(request, "expenses/voucher_batch.html", context)


@both
def voucher_write_off(request: SignedInRequest, pk: int) -> HttpResponse:
    """Vouchers that are lost or expired leave the drawer."""
    require(request.user, "expenses.keep_vouchers")
    return _write_off(request, _batch(request, pk))


@recently_signed_in
def _write_off(request: SignedInRequest, batch: VoucherBatch) -> HttpResponse:
    last = batch.moves.order_by("-number").first()
    number = last.number if last else 0
    form = WriteOffForm(
        request.POST or None,
        initial={"number": number},
        back_url=reverse("expenses:voucher_batch", args=[batch.pk]),
        left=last.after if last else 0,
    )
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data | {"number": form.cleaned_data["number"] or 0}
        try:
            service.write_off(batch=batch, by=request.user, **fields)
        except TransitionNotAllowed as refused:
            form.look_again(number)
            form.add_error(None, str(refused))
        else:
            messages.success(request, "They have left the drawer. The ledger says why.")
            return redirect("expenses:voucher_batch", pk=batch.pk)
    return render(request, "expenses/voucher_write_off.html", {"form": form, "batch": batch})


@both
def voucher_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take out vouchers that were added by mistake, while none of them has moved."""
    require(request.user, "expenses.keep_vouchers")
    return _undo(request, _batch(request, pk))


@recently_signed_in
def _undo(request: SignedInRequest, batch: VoucherBatch) -> HttpResponse:
    if request.method == "POST":
        try:
            service.undo_buying(batch=batch, by=request.user)
        except TransitionNotAllowed as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, "They are out of the drawer again.")
        return redirect("expenses:voucher_batch", pk=batch.pk)
    context = {"batch": batch, "untouched": service.is_untouched(batch)}
    return render(request, "expenses/voucher_undo.html", context)


def voucher_csv(request: SignedInRequest) -> HttpResponse:
    """The whole ledger for a spreadsheet; no cell of it is taken for a formula."""
    require(request.user, "expenses.keep_vouchers")
    moves = VoucherMove.objects.filter(batch__in=VoucherBatch.objects.visible_to(request.user))
    moves = moves.select_related("batch", "recognition__person", "made_by")
    rows = (_line(move) for move in moves.order_by("batch", "number"))
    response = HttpResponse(
        b"".join(write_csv(HEADINGS, rows)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="vouchers.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


def _line(move: Any) -> list[str]:
    return [
        str(move.batch_id),
        move.batch.shop,
        f"{move.batch.pence / 100:.2f}",
        str(move.number),
        clocks.today(move.made_at).isoformat(),
        move.get_kind_display(),
        str(move.change),
        str(move.after),
        move.serial,
        move.recognition.person.name if move.recognition else "",
        move.made_by.name if move.made_by else "",
        move.note,
    ]


# Handing over ------------------------------------------------------------------------------------


def _thanks(request: SignedInRequest, pk: int) -> Recognition:
    found = Recognition.objects.select_related("person", "offered_by", "meeting")
    return fetch_permitted(request.user, found, "expenses.hand_over_thanks", pk=pk)


@both
def thanks_hand_over(request: SignedInRequest, pk: int) -> HttpResponse:
    """A voucher from the drawer by its number; a letter or training as done."""
    return _hand_over(request, _thanks(request, pk))


@recently_signed_in
def _hand_over(request: SignedInRequest, thanks: Recognition) -> HttpResponse:
    form = None
    if thanks.kind == Recognition.Kind.VOUCHER:
        back = reverse("expenses:thanks_list")
        form = GiveForm(request.POST or None, thanks=thanks, back_url=back)
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            if form is None:
                thanking.hand_over(recognition=thanks, by=request.user)
            else:
                service.give_voucher(recognition=thanks, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refused:
            if form is None:
                messages.error(request, str(refused))
                return redirect("expenses:thanks_list")
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"Handed over to {thanks.person.name}. They are told.")
            return redirect("expenses:thanks_list")
    own = thanks.has_value and thanks.offered_by_id == request.user.pk
    context = {"form": form, "thanks": thanks, "own": own}
    return render(request, "expenses/thanks_hand_over.html", context)


@both
def thanks_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """A voucher that was handed over is back in the drawer."""
    return _back(request, _thanks(request, pk))


@recently_signed_in
def _back(request: SignedInRequest, thanks: Recognition) -> HttpResponse:
    if request.method == "POST":
        try:
            service.return_voucher(recognition=thanks, by=request.user)
        except TransitionNotAllowed as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, "The voucher is back in the drawer.")
        return redirect("expenses:thanks_list")
    return render(request, "expenses/thanks_back.html", {"thanks": thanks})
