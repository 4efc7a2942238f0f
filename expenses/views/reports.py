"""The report for a funder, and the totals that the public may read."""

from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from coprod import clocks, pages
from coprod.views import require
from expenses import pdf
from expenses.budget import this_year, year_days
from expenses.forms.budget import PeriodForm
from expenses.reports import as_csv, gather
from expenses.totals import is_open, totals_of
from members.http import SignedInRequest


def _period(request: SignedInRequest) -> tuple[PeriodForm, date, date]:
    """The days that were asked for; the budget year where none were, or not in words we know."""
    form = PeriodForm(request.GET or None)
    first, last = year_days(this_year())
    if form.is_bound and form.is_valid() and form.cleaned_data["first"]:
        first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    return form, first, last


@require_safe
def money_report(request: SignedInRequest) -> HttpResponse:
    """Planned and spent by heading, and what it did, for a funder."""
    require(request.user, "expenses.report_money")
    form, first, last = _period(request)
    asked = f"?first={first.isoformat()}&last={last.isoformat()}"
    if not form.is_bound:
        form.initial = {"first": first, "last": last}
    context = {"form": form, "report": gather(first, last), "asked": asked}
    return render(request, "expenses/money_report.html", context)


@require_safe
def money_report_pdf(request: SignedInRequest) -> HttpResponse:
    """The same, as a PDF."""
    require(request.user, "expenses.report_money")
    _, first, last = _period(request)
    response = HttpResponse(
        pdf.money_report_pdf(gather(first, last)), content_type="application/pdf"
    )
    name = f"money-report-{first.isoformat()}-{last.isoformat()}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def money_report_csv(request: SignedInRequest) -> StreamingHttpResponse:
    """The same, for a spreadsheet that calculates nothing in it."""
    require(request.user, "expenses.report_money")
    _, first, last = _period(request)
    report = gather(first, last)
    response = StreamingHttpResponse(as_csv(report), content_type="text/csv; charset=utf-8")
    name = f"money-report-{first.isoformat()}-{last.isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@login_not_required
def totals(request: HttpRequest) -> HttpResponse:
    """Totals without names: for members, and for everybody where the forum agreed to that."""
    today = clocks.today()
    open_to_all = is_open(today)
    if not open_to_all and not (
        request.user.is_authenticated and request.user.has_perm("expenses.see_totals")
    ):
        raise Http404
    year = this_year()
    context = {
        "years": [totals_of(each, today) for each in (year, year - 1)],
        "is_open": open_to_all,
    }
    return pages.answer(request, "expenses/totals.html", context)
