"""Saying which projects the decisions and asks of a meeting's minutes are about."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from coprod.views import fetch_permitted
from meetings.forms.asks import LinesForm
from meetings.models import Ask, Decision, Meeting
from meetings.publicity import minutes_of
from meetings.services import asks as services
from projects.models import Project


def minutes_projects(request: HttpRequest, slug: str) -> HttpResponse:
    """One choice for each decision and ask that stands in the minutes."""
    meeting = fetch_permitted(
        request.user, Meeting.objects.select_related("minutes"), "meetings.put_asks", slug=slug
    )
    minutes = minutes_of(meeting)
    if minutes is None:
        raise Http404
    lines = _lines(minutes)
    projects = Project.objects.visible_to(request.user)
    form = LinesForm(
        request.POST if request.method == "POST" else None, lines=lines, projects=projects
    )
    if request.method == "POST" and form.is_valid():
        changed = services.link_lines(
            minutes=minutes, lines=lines, projects=form.chosen, by=request.user
        )
        messages.success(request, f"Saved: {changed} changed." if changed else "Nothing changed.")
        return redirect(meeting)
    context = {"meeting": meeting, "form": form, "lines": lines}
    return render(request, "meetings/minutes_projects.html", context)


def _lines(minutes: Any) -> list[Any]:
    """Living decisions and asks in the order of the text, with the project of their item."""
    about = {"paragraph__section__minutes": minutes, "paragraph__retired_at__isnull": True}
    found: list[Any] = []
    for model in (Decision, Ask):
        rows = model._default_manager.filter(paragraph__kind=model.WORD, **about)
        found += rows.select_related("paragraph__section__item", "project")
    return sorted(
        found,
        key=lambda line: (line.paragraph.section.item.position, line.paragraph.position, line.pk),
    )
