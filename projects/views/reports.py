"""The co-production progress report: its editions, as a page and as a PDF, and the next one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from coprod import clocks, pages
from coprod.exceptions import TransitionNotAllowed
from coprod.views import require
from projects import reports
from projects.forms.reports import EditionForm
from projects.models import Edition
from projects.pdf import report_context, table_by_status
from projects.services.reports import keep_pdf, make_edition
from projects.tables import write_csv


@login_not_required
def report_list(request: HttpRequest) -> HttpResponse:
    """Every edition, newest first."""
    editions = Edition.objects.visible_to(request.user).defer("body", "thoughts")
    return pages.answer(request, "projects/report_list.html", {"editions": editions})


def _edition(request: HttpRequest, number: int) -> Edition:
    return get_object_or_404(Edition.objects.visible_to(request.user), number=number)


@login_not_required
def report_detail(request: HttpRequest, number: int) -> HttpResponse:
    """One edition as a page, with a link to a newer one where there is one."""
    edition = _edition(request, number)
    newer = Edition.objects.filter(number__gt=number).defer("body", "thoughts").first()
    context = report_context(edition) | {
        "finding": reports.finding(edition.body),
        "newer": newer,
    }
    return pages.answer(request, "projects/report_detail.html", context)


@login_not_required
def report_pdf(request: HttpRequest, number: int) -> HttpResponse:
    """One edition's PDF, the same bytes for everybody."""
    edition = _edition(request, number)
    response = HttpResponse(bytes(keep_pdf(edition).pdf), content_type="application/pdf")
    name = f"co-production-progress-report-{edition.number}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "public, max-age=3600"
    return response


@login_not_required
def report_csv(request: HttpRequest, number: int) -> HttpResponse:
    """One edition's table for a spreadsheet; no cell of it is taken for a formula."""
    edition = _edition(request, number)
    body = b"".join(write_csv(list(reports.HEADINGS.values()), reports.lines(edition.body)))
    response = HttpResponse(body, content_type="text/csv; charset=utf-8")
    name = f"co-production-progress-report-{edition.number}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "public, max-age=3600"
    return response


def report_add(request: HttpRequest) -> HttpResponse:
    """Show the table as it would be frozen, take the thoughts, make the edition."""
    require(request.user, "projects.make_report")
    preview = _preview()
    start = {"prepared_by": reports.prepared_by(request.user), "number": preview["number"]}
    form = EditionForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            edition = make_edition(**form.cleaned_data, by=request.user)
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
            form.look_again(preview["number"])
        else:
            words = f"Edition {edition.number} is made. It won’t change any more."
            messages.success(request, words)
            return redirect(edition)
    return render(request, "projects/report_form.html", preview | {"form": form})


def _preview() -> dict[str, Any]:
    """The next edition as it would be now."""
    body = reports.gather(clocks.today())
    former = Edition.objects.first()
    body["changes"] = reports.changes(body, former.body if former else None)
    return {
        "number": former.number + 1 if former else 1,
        "finding": reports.finding(body),
        "body": body,
        "parts": table_by_status(body),
        "below": reports.below(body),
        "revisions": reports.revisions(former) if former else [],
    }
