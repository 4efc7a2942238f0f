"""Papers: attaching and changing them, reading one, and the whole pack in one go."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from coprod import pages, pdf
from coprod.views import fetch_permitted
from meetings.forms.papers import PaperForm
from meetings.models import Meeting, Paper
from meetings.page import agenda_of
from meetings.papers import is_late, pack_context, reading_time, with_papers
from meetings.services import papers as services

# Keeping them -------------------------------------------------------------------------------------


def _agenda(request: HttpRequest, slug: str) -> Meeting:
    return fetch_permitted(request.user, Meeting, "meetings.change_agenda", slug=slug)


def paper_add(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A new paper for an item."""
    meeting = _agenda(request, slug)
    item = get_object_or_404(meeting.agenda_items, pk=pk)
    return _edit(request, meeting, Paper(item=item))


def paper_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting = _agenda(request, slug)
    paper = get_object_or_404(Paper.objects.select_related("item"), pk=pk, item__meeting=meeting)
    return _edit(request, meeting, paper)


def _edit(request: HttpRequest, meeting: Meeting, paper: Paper) -> HttpResponse:
    is_new = paper.pk is None
    name = paper.title
    form = PaperForm(request.POST or None, instance=paper)
    if request.method == "POST" and form.is_valid():
        services.save_paper(paper=paper, by=request.user, fields=list(form.cleaned_data))
        late = " It is marked as late, because the agenda has gone out." if is_new else ""
        messages.success(
            request, f"“{paper.title}” is saved.{late if is_late(paper, meeting) else ''}"
        )
        return redirect("meetings:agenda_edit", slug=meeting.slug)
    context = {"meeting": meeting, "paper": paper, "form": form, "name": name}
    return render(request, "meetings/paper_edit.html", context)


def paper_remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Asks once, then takes the paper away."""
    meeting = _agenda(request, slug)
    paper = get_object_or_404(Paper, pk=pk, item__meeting=meeting)
    back = reverse("meetings:agenda_edit", args=[slug])
    if request.method == "POST":
        services.remove_paper(paper=paper, by=request.user)
        messages.success(request, f"“{paper.title}” is gone.")
        return redirect(back)
    context = {"meeting": meeting, "paper": paper, "back": back}
    return render(request, "meetings/paper_remove.html", context)


# Reading them -------------------------------------------------------------------------------------


def _shown(request: HttpRequest, slug: str) -> tuple[Meeting, list[dict[str, Any]]]:
    """The meeting and its agenda with papers as this reader may have them. Raises Http404."""
    meeting = Meeting.objects.visible_to(request.user).filter(slug=slug).first()
    if meeting is None:
        raise Http404
    agenda = agenda_of(meeting, request.user)
    if agenda is None:
        raise Http404
    with_papers(meeting, agenda)
    return meeting, agenda


@login_not_required
def paper_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One paper: its summary, what is asked, then the text."""
    meeting, agenda = _shown(request, slug)
    for row in agenda:
        for read in row.get("papers", ()):
            if read.paper.pk == pk:
                context = {
                    "meeting": meeting,
                    "item": row,
                    "paper": read.paper,
                    "minutes": reading_time(read.paper),
                    "late": read.is_late,
                }
                return pages.answer(request, "meetings/paper_detail.html", context)
    raise Http404


@login_not_required
def agenda_pack(request: HttpRequest, slug: str) -> HttpResponse:
    """The agenda and every paper on one page, numbered alike on screen and paper."""
    meeting, agenda = _shown(request, slug)
    return pages.answer(request, "meetings/agenda_pack.html", pack_context(meeting, agenda))


@login_not_required
def agenda_pack_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """The same as a PDF, made for this reader."""
    meeting, agenda = _shown(request, slug)
    body = pdf.render("pdf/meetings/pack.html", pack_context(meeting, agenda))
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{slug}-agenda.pdf"'
    return response
