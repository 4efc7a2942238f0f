"""What one asks back: one's own claims, and whose turn it is with each."""

from django.http import HttpResponse
from django.shortcuts import render

from coprod.views import require
from expenses.models import Claim
from members.http import SignedInRequest


def claim_list(request: SignedInRequest) -> HttpResponse:
    """One's own claims, newest first."""
    require(request.user, "expenses.claim")
    claims = Claim.objects.visible_to(request.user).filter(person=request.user).with_all()
    return render(request, "expenses/claim_list.html", {"claims": claims})
