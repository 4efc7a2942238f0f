"""The tracker and one project's page, as everybody reads them."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode

from coprod import clocks, pages
from coprod.models import Forum
from projects import charts, tracker
from projects.forms.filters import LATELY, NOT_YET, QUIET, Choice, TrackerFilter, status_choices
from projects.kept import forum_and_events, kept
from projects.ladder import rungs_in_use
from projects.models import Project
from projects.page import page_of
from projects.rows import Rows
from projects.rungs import name_of
from projects.status import Status

#: What an address of the list may say; anything else in it means nothing.
ASKED = ("status", "level", "theme", "lead", "news", "words_in", "after")


@login_not_required
def project_list(request: HttpRequest) -> HttpResponse:
    """Every project that the reader may see, those that need news first; charts below.

    Its middle is kept until something changes: making it costs more than all the rest.
    """
    today = clocks.today()
    forum, events = forum_and_events(request)
    asked = tuple((name, request.GET[name][:120]) for name in ASKED if name in request.GET)
    about = (audience_of(request.user), asked)
    middle = kept(today, events, about, lambda: _middle(request, forum, today))
    return pages.answer(request, "projects/project_list.html", {"forum": forum, **middle})


def audience_of(reader: Any) -> str:
    """Who sees the same projects: the public, whoever sees all, or one person."""
    if not reader.is_authenticated:
        return "public"
    return "all" if reader.is_coordinator else str(reader.pk)


def _middle(request: HttpRequest, forum: Forum, today: date) -> dict[str, Any]:
    """The list for one reader as HTML, and what the frame around it says."""
    reader = request.user
    visible = Project.objects.visible_to(reader)
    counts = tracker.counts_of(visible, today, forum.quiet_days)
    rungs = rungs_in_use()
    form = filter_of(request, counts, rungs, forum)
    chosen = form.chosen
    cursor = tracker.Cursor.read(request.GET.get("after", ""))
    narrowed = tracker.narrowed(
        tracker.with_shown_status(visible, today), chosen, today, forum.quiet_days
    )
    found = tracker.page_of(narrowed, cursor, today)
    rows, more = found[: tracker.PAGE], found[tracker.PAGE :]
    frame: dict[str, Any] = {
        "chosen": _chosen(form, chosen),
        "first": cursor is None,
        "first_url": "?" + urlencode(chosen) if chosen else reverse("projects:project_list"),
    }
    context: dict[str, Any] = {
        **frame,
        "forum": forum,
        "form": form,
        "tiles": _tiles(counts, chosen),
        "total": counts.total,
        "left": narrowed.count() if "words_in" in chosen else counts.of(chosen),
        "rows": Rows(rungs, today, forum.quiet_days).of(rows),
        "next_url": "?" + urlencode({**chosen, "after": str(tracker.cursor_of(rows[-1]))})
        if more
        else "",
        "may_add": reader.is_authenticated and reader.has_perm("projects.add_project"),
    }
    if cursor is None and not chosen and counts.total:
        context["charts"] = _charts(visible, counts, today, forum, rungs, reader)
    return {**frame, "middle": render_to_string("projects/_tracker.html", context)}


def filter_of(
    request: HttpRequest, counts: tracker.Counts, rungs: list[Any], forum: Forum
) -> TrackerFilter:
    """What the address narrows the projects by; the export asks too."""
    return TrackerFilter(request.GET, choices=_choices(counts, rungs, forum))


def _choices(counts: tracker.Counts, rungs: list[Any], forum: Forum) -> dict[str, list[Choice]]:
    """What each filter offers, with how many projects it leaves by itself."""
    levels = counts.by("level")
    return {
        "status": list(status_choices(counts.by("status"))),
        "level": [
            *(
                (str(level), f"{name_of(rungs, level)} ({levels.get(level, 0)})")
                for level in (4, 3, 2, 1, 0)
            ),
            (NOT_YET, f"{name_of(rungs, None)} ({levels.get(None, 0)})"),
        ],
        "theme": _named(counts, "theme"),
        "lead": _named(counts, "lead"),
        "news": [
            (QUIET, f"Gone quiet: {forum.quiet_days} days or more ({counts.quiet})"),
            (LATELY, f"In the last month ({counts.lately})"),
        ],
    }


def _named(counts: tracker.Counts, name: str) -> list[Choice]:
    """Themes or organisations that there are projects of, by name."""
    words = {getattr(row, name): getattr(row, f"{name}_name") for row in counts.rows}
    found = [
        (str(key), f"{words[key]} ({number})")
        for key, number in counts.by(name).items()
        if key is not None
    ]
    return sorted(found, key=lambda choice: choice[1].casefold())


def _chosen(form: TrackerFilter, chosen: dict[str, str]) -> list[dict[str, str]]:
    """What is chosen now, each with the address that takes it away."""
    return [
        {
            "label": form.in_words(name, value),
            "url": "?" + urlencode({k: v for k, v in chosen.items() if k != name}),
        }
        for name, value in chosen.items()
    ]


def _tiles(counts: tracker.Counts, chosen: dict[str, str]) -> list[dict[str, Any]]:
    """How many stand where, each a link to those; the one that is chosen leads back."""
    numbers, address = counts.by("status"), reverse("projects:project_list")
    return [
        {
            "count": numbers.get(each, 0),
            "label": each.label,
            "look": each.look,
            "url": f"{address}?status={each.value}#list",
            "current": chosen.get("status") == each,
        }
        for each in Status
    ]


def _charts(
    visible: Any,
    counts: tracker.Counts,
    today: date,
    forum: Forum,
    rungs: list[Any],
    reader: Any,
) -> dict[str, Any]:
    quarters = charts.quarters(visible, counts, today, audience_of(reader))
    columns = charts.columns(rungs)
    numbers = [int(number) for number, _ in columns[2:]]
    on_ladder = any(quarter.total > quarter.counts[0] for quarter in quarters)
    return {
        "quarters": quarters,
        "drawn": [quarter.drawn for quarter in quarters] if on_ladder else [],
        "quarters_finding": charts.quarters_finding(quarters, numbers),
        "columns": columns,
        "numbers": numbers,
        "news": charts.news(counts, forum.quiet_days),
        "news_finding": charts.news_finding(counts, forum.quiet_days),
        "statuses": charts.statuses(counts),
        "status_finding": charts.status_finding(counts),
    }


@login_not_required
def project_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One project: how much say parents have, what happened, what was asked."""
    project = (
        Project.objects.visible_to(request.user)
        .select_related("lead", "theme")
        .filter(slug=slug)
        .first()
    )
    if project is None:
        raise Http404
    context = page_of(project, request.user, Forum.of(request))
    return pages.answer(request, "projects/project_detail.html", context)
