"""Receipts: looked at on a page of their own, handed out as files, taken off a claim.

Their bytes only ever leave as an attachment, so that no browser runs what one of them might be
after all; a picture in a page is shown all the same.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from coprod.models import AuditEvent
from coprod.views import fetch_permitted, require
from expenses import receipts
from expenses.models import Claim, Receipt
from expenses.services import receipts as services
from members.http import SignedInRequest


def _receipt(request: SignedInRequest, key: UUID) -> Receipt:
    seen = Receipt.objects.select_related("claim__meeting", "claim__person")
    return fetch_permitted(request.user, seen, "expenses.view_receipt", key=key)


@require_safe
def receipt_detail(request: SignedInRequest, key: UUID) -> HttpResponseBase:
    """One receipt large, among the others of its claim; with ``view`` its bytes."""
    receipt = _receipt(request, key)
    if view := request.GET.get("view"):
        return _bytes(request, receipt, view)
    all_of_it = list(receipt.claim.receipts.all())
    number = next(i for i, each in enumerate(all_of_it, 1) if each.pk == receipt.pk)
    context: dict[str, Any] = {
        "receipt": receipt,
        "claim": receipt.claim,
        "number": number,
        "count": len(all_of_it),
        "before": all_of_it[number - 2] if number > 1 else None,
        "after": all_of_it[number] if number < len(all_of_it) else None,
        "back_url": _back(request, receipt.claim),
        "may_remove": _may_remove(request, receipt.claim),
        "is_mine": receipt.claim.person_id == request.user.pk,
    }
    return render(request, "expenses/receipt_detail.html", context)


def _bytes(request: SignedInRequest, receipt: Receipt, view: str) -> HttpResponseBase:
    """The file (``file``), the picture (``picture``) or a small one (``small``).

    Noted whenever it isn't the claimant who looks. Not there while it hasn't been scanned.
    """
    is_image = receipt.kind == Receipt.Kind.IMAGE
    if not receipt.can_be_served or view not in ("file", *(("picture", "small") * is_image)):
        raise Http404
    try:
        opened = default_storage.open(receipt.path)
    except FileNotFoundError as error:
        raise Http404 from error
    if receipt.claim.person_id != request.user.pk:
        AuditEvent.record(
            "see_receipt", receipt, by=request.user, claim=receipt.claim_id, view=view
        )
    name = f"receipt-{receipt.claim.reference}-{receipt.pk}"
    response: HttpResponseBase
    if view == "small":
        with opened:
            response = HttpResponse(receipts.small(opened), content_type="image/jpeg")
        response["Content-Disposition"] = f'attachment; filename="{name}-small.jpg"'
    else:
        suffix, kind = ("jpg", "image/jpeg") if is_image else ("pdf", "application/pdf")
        response = FileResponse(
            opened, as_attachment=True, filename=f"{name}.{suffix}", content_type=kind
        )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


def receipt_remove(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Take a receipt off a claim: asks first, since the file goes for good."""
    receipt = _receipt(request, key)
    claim = receipt.claim
    require(request.user, "expenses.change_claim", claim)
    if request.method == "POST":
        try:
            services.remove_receipt(receipt=receipt, by=request.user)
        except services.ReceiptRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, "The receipt has been removed, and its file deleted.")
        return redirect(_back(request, claim))
    context = {
        "receipt": receipt,
        "claim": claim,
        "back_url": _back(request, claim),
        "may_remove": _may_remove(request, claim),
    }
    return render(request, "expenses/receipt_remove.html", context)


def _may_remove(request: SignedInRequest, claim: Claim) -> bool:
    return services.can_change_receipts(claim) and request.user.has_perm(
        "expenses.change_claim", claim
    )


def _back(request: SignedInRequest, claim: Claim) -> str:
    """To where they came from: the draft's photos, the decision, or the claim."""
    if claim.state == Claim.State.DRAFT:
        return reverse("expenses:claim_photo", args=[claim.pk])
    if claim.state == Claim.State.SUBMITTED and request.user.has_perm(
        "expenses.decide_claim", claim
    ):
        return reverse("expenses:claim_decide", args=[claim.pk])
    return claim.get_absolute_url()
