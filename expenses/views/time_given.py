"""Time given for nothing: one's own list, and writing it down for somebody who rang."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted, require
from expenses import in_kind
from expenses.budget import year_days, year_name, year_of
from expenses.forms.budget import TimeForm
from expenses.models import TimeGiven
from expenses.services.time_given import add_time, take_back_time
from members.http import SignedInRequest

#: How many rows a coordinator sees of what they wrote down.
NEWEST = 50


def time_own(request: SignedInRequest) -> HttpResponse:
    """What one gave this year: meetings by the register, and what one writes down besides."""
    require(request.user, "expenses.claim")
    form = TimeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            add_time(person=request.user, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refused:
            form.add_error("hours", str(refused))
        else:
            messages.success(request, "Your time is written down. Thank you.")
            return redirect("expenses:time_own")
    year = year_of(clocks.today())
    given = in_kind.given(*year_days(year), person=request.user)
    context = {
        "form": form,
        "given": given[::-1],
        "sum": in_kind.summed(given),
        "year_name": year_name(year),
    }
    return render(request, "expenses/time_own.html", context)


def time_add(request: SignedInRequest) -> HttpResponse:
    """A coordinator writes down what somebody told them; it stands in that person's own list."""
    require(request.user, "expenses.claim_for_another")
    form = TimeForm(request.POST if request.method == "POST" else None, for_others=True)
    if request.method == "POST" and form.is_valid():
        try:
            made = add_time(by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refused:
            form.add_error("hours", str(refused))
        else:
            messages.success(request, f"The time of {made.person} is written down.")
            return redirect("expenses:time_add")
    rows = TimeGiven.objects.visible_to(request.user).filter(made_by=request.user)
    written = rows.filter(taken_back_at=None).exclude(person=request.user)
    context: dict[str, Any] = {"form": form, "written": written.select_related("person")[:NEWEST]}
    return render(request, "expenses/time_add.html", context)


def time_take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a row back: one's own, or what one wrote down for somebody. Asked once."""
    rows = TimeGiven.objects.select_related("person")
    given = fetch_permitted(request.user, rows, "expenses.take_back_time", pk=pk)
    to = "expenses:time_own" if given.person_id == request.user.pk else "expenses:time_add"
    if request.method == "POST":
        take_back_time(given=given, by=request.user)
        messages.success(request, "It is taken back, and counts no more.")
        return redirect(to)
    return render(request, "expenses/time_take_back.html", {"given": given, "to": to})
