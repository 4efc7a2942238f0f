"""Requests: what is open for one officer, soonest first."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from coprod import clocks, registry
from coprod.templatetags.forum import plural, weekday_month
from projects.today import projects_of


def request_list(request: HttpRequest) -> HttpResponse:
    """What parents wait for from whoever is signed in, and the projects that they are on."""
    today = clocks.today()
    sections: dict[str, list[registry.Request]] = {}
    for asks in registry.requests:
        for each in asks(request.user, today):
            sections.setdefault(each.section, []).append(each)
    context = {
        "sections": [
            {"title": title, "rows": [_row(each, today) for each in _sorted(rows)]}
            for title, rows in sections.items()
        ],
        "count": sum(len(rows) for rows in sections.values()),
        "named": projects_of(request.user),
    }
    return render(request, "projects/request_list.html", context)


def _sorted(rows: list[registry.Request]) -> list[registry.Request]:
    """What is due first; what has no day in the order in which it came."""
    return sorted(rows, key=lambda row: (row.by is None, row.by or 0))


def _row(each: registry.Request, today: Any) -> dict[str, Any]:
    if each.by is None:
        return {"request": each}
    left = (each.by - today).days
    words = "Today" if left == 0 else f"{plural(left, 'day')} left"
    status = {"look": "todo", "text": words}
    if left < 0:
        status = {"look": "late", "text": f"{plural(-left, 'day')} late"}
    return {"request": each, "status": status, "side": f"By {weekday_month(each.by)}"}
