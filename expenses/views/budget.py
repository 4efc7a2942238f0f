"""The budget: who plans it, what is left, other spending, and time given."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.templatetags.forum import pence
from coprod.views import fetch_permitted, require
from expenses.budget import (
    NO_HEADING,
    budget_of,
    loose,
    this_year,
    year_days,
    year_name,
    year_of,
)
from expenses.forms.budget import (
    AllocationForm,
    HeadingForm,
    PutUnderForm,
    SpendingForm,
    TakeBackForm,
)
from expenses.models import Allocation, Heading, Spending
from expenses.services import budget as services
from expenses.services import spending as spendings
from members.http import SignedInRequest

#: Years of which there can be a budget here.
FIRST_YEAR, LAST_YEAR = 2015, 2100


def _year(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    return year


@require_safe
def budget(request: SignedInRequest, year: int | None = None) -> HttpResponse:
    """Planned, spent, committed and left: by heading and altogether."""
    require(request.user, "expenses.see_budget")
    year = this_year() if year is None else _year(year)
    found = budget_of(year)
    context = {
        "budget": found,
        "has_headings": any(row.heading for row in found.rows),
        "others": [
            {"label": year_name(each), "url": reverse("expenses:budget_year", args=[each])}
            for each in (year - 1, year + 1)
            if FIRST_YEAR <= each <= this_year() + 1
        ],
        "first": year_days(year)[0],
        "last": year_days(year)[1],
        "no_heading": NO_HEADING,
    }
    return render(request, "expenses/budget.html", context)


# Headings -----------------------------------------------------------------------------------------


@require_POST
def heading_usual(request: SignedInRequest) -> HttpResponse:
    """Begin with the usual set."""
    require(request.user, "expenses.change_budget")
    made = services.add_usual_headings(by=request.user)
    if made:
        messages.success(request, f"{len(made)} headings are there. Set a sum for each.")
    else:
        messages.info(request, "There are headings already, so nothing was added.")
    return redirect("expenses:budget")


def heading_add(request: SignedInRequest) -> HttpResponse:
    """Add a heading."""
    require(request.user, "expenses.change_budget")
    back = reverse("expenses:budget")
    form = HeadingForm(
        request.POST if request.method == "POST" else None, heading=None, back_url=back
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_heading(by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"“{made.name}” is a heading now. Set its sum.")
            return redirect("expenses:allocation_set", year=this_year(), pk=made.pk)
    return render(request, "expenses/heading_form.html", {"form": form, "back_url": back})


def heading_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change what a heading is called and what falls under it."""
    heading = fetch_permitted(
        request.user, Heading.objects.current(), "expenses.change_budget", pk=pk
    )
    back, name = reverse("expenses:allocation_set", args=[this_year(), pk]), heading.name
    form = HeadingForm(
        request.POST if request.method == "POST" else None, heading=heading, back_url=back
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.change_heading(heading=heading, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "The heading is saved.")
            return redirect(back)
    context = {"form": form, "heading": heading, "name": name, "back_url": back}
    return render(request, "expenses/heading_form.html", context)


def heading_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End a heading, after saying what that means."""
    heading = fetch_permitted(
        request.user, Heading.objects.current(), "expenses.change_budget", pk=pk
    )
    if request.method == "POST":
        try:
            services.end_heading(heading=heading, by=request.user)
        except TransitionNotAllowed as refused:
            messages.info(request, str(refused))
        else:
            messages.success(request, f"“{heading.name}” has ended. Its years still show it.")
        return redirect("expenses:budget")
    return render(request, "expenses/heading_end.html", {"heading": heading})


def allocation_set(request: SignedInRequest, year: int, pk: int) -> HttpResponse:
    """One heading in one year: its sum, who gives it, and every sum before it."""
    method = "expenses.change_budget" if request.method == "POST" else "expenses.see_budget"
    heading = fetch_permitted(request.user, Heading, method, pk=pk)
    year = _year(year)
    rows = list(
        Allocation.objects.filter(heading=heading, year=year)
        .select_related("set_by", "replaced_by")
        .order_by("-set_at", "-pk")
    )
    current = next((row for row in rows if row.replaced_at is None), None)
    form = AllocationForm(
        request.POST if request.method == "POST" else None, year=year, current=current
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = services.set_allocation(
                heading=heading, year=year, by=request.user, **form.cleaned_data
            )
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request, f"{heading.name} has {pence(made.pence)} for {year_name(year)}."
            )
            return redirect("expenses:budget_year", year=year)
    context = {
        "form": form,
        "heading": heading,
        "year": year,
        "year_name": year_name(year),
        "current": current,
        "earlier": [row for row in rows if row.replaced_at is not None],
        "kinds": [services.KINDS[kind] for kind in heading.kinds if kind in services.KINDS],
        "row": next((r for r in budget_of(year).rows if r.heading == heading), None),
    }
    return render(request, "expenses/heading_year.html", context)


def heading_put(request: SignedInRequest, year: int) -> HttpResponse:
    """Put what stands under no heading under one."""
    require(request.user, "expenses.change_budget")
    things = loose(_year(year))
    form = PutUnderForm(request.POST if request.method == "POST" else None, things=things)
    if request.method == "POST" and form.is_valid():
        heading = form.cleaned_data["heading"]
        try:
            put = services.put_under(
                keys=form.cleaned_data["things"], heading=heading, by=request.user
            )
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{put} put under “{heading.name}”.")
            left = len(things) > put
            return redirect("expenses:heading_put" if left else "expenses:budget_year", year=year)
    context: dict[str, Any] = {"form": form, "things": things, "year": year}
    context["year_name"] = year_name(year)
    return render(request, "expenses/heading_put.html", context)


# Other spending -----------------------------------------------------------------------------------


@require_safe
def spending_list(request: SignedInRequest, year: int) -> HttpResponse:
    """What the forum paid in a year that was nobody's claim, taken back ones too."""
    require(request.user, "expenses.see_budget")
    first, last = year_days(_year(year))
    rows = Spending.objects.filter(on__range=(first, last)).select_related(
        "heading", "made_by", "taken_back_by"
    )
    context = {"spendings": rows, "year": year, "year_name": year_name(year)}
    return render(request, "expenses/spending_list.html", context)


def spending_add(request: SignedInRequest) -> HttpResponse:
    """Write down what was paid or ordered."""
    require(request.user, "expenses.change_budget")
    if not Heading.objects.current().exists():
        messages.info(request, "Add a heading first, so that the spending has its place.")
        return redirect("expenses:budget")
    back = reverse("expenses:budget")
    form = SpendingForm(
        request.POST if request.method == "POST" else None,
        back_url=back,
        initial={"on": clocks.today()},
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = spendings.add_spending(by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            under = f"under “{made.heading.name}”"
            messages.success(request, f"{pence(made.pence)} for {made.what} is counted {under}.")
            return redirect("expenses:budget")
    return render(request, "expenses/spending_form.html", {"form": form, "back_url": back})


@require_POST
def spending_pay(request: SignedInRequest, pk: int) -> HttpResponse:
    """What was ordered is paid."""
    spending = fetch_permitted(request.user, Spending, "expenses.change_budget", pk=pk)
    try:
        spendings.pay_spending(spending=spending, by=request.user)
    except TransitionNotAllowed as refused:
        messages.info(request, str(refused))
    else:
        messages.success(request, f"{pence(spending.pence)} for {spending.what} is paid.")
    return _to_spendings(spending)


def spending_take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a spending back, with a reason."""
    spending = fetch_permitted(request.user, Spending, "expenses.change_budget", pk=pk)
    form = TakeBackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            spendings.take_back_spending(spending=spending, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request, f"{pence(spending.pence)} for {spending.what} counts no more."
            )
            return _to_spendings(spending)
    context = {"form": form, "spending": spending, "year": year_of(spending.on)}
    return render(request, "expenses/spending_take_back.html", context)


def _to_spendings(spending: Spending) -> HttpResponse:
    return redirect("expenses:spending_list", year=year_of(spending.on))
