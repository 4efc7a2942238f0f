"""The desk of those who run the money: what waits for them, and the way to everything."""

from django.http import HttpResponse
from django.shortcuts import render

from coprod.views import require
from members.http import SignedInRequest


def money(request: SignedInRequest) -> HttpResponse:
    """What waits, and links to each part of the money."""
    require(request.user, "expenses.open_desk")
    return render(request, "expenses/money.html")
