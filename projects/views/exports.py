"""The tracker as a file: CSV, XLSX or JSON of what its reader may see."""

from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from coprod import clocks
from coprod.models import Forum
from projects import tracker
from projects.ladder import rungs_in_use
from projects.models import Project
from projects.services.exports import Export
from projects.views.tracker import filter_of

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


def _narrowed(request: HttpRequest, today: date) -> QuerySet[Project]:
    """What the reader may see, narrowed as the list is that they come from."""
    visible = Project.objects.visible_to(request.user)
    if not request.GET:
        return visible
    forum = Forum.current()
    counts = tracker.counts_of(visible, today, forum.quiet_days)
    chosen = filter_of(request, counts, rungs_in_use(), forum).chosen
    shown = tracker.with_shown_status(visible, today)
    narrowed = tracker.narrowed(shown, chosen, today, forum.quiet_days)
    return Project.objects.filter(pk__in=narrowed.values("pk"))


@require_safe
@login_not_required
def project_export(request: HttpRequest, format: str) -> StreamingHttpResponse:
    """Every project that the reader may see, and that the list's filters leave."""
    today = clocks.today()
    projects = _narrowed(request, today)
    whole = request.user.has_perm("projects.import_projects")
    export = Export(projects, today=today, whole=whole)
    pieces = {"csv": export.csv, "xlsx": export.xlsx, "json": export.json}[format]()
    response = StreamingHttpResponse(pieces, content_type=TYPES[format])
    name = f"projects-{today.isoformat()}.{format}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    # Whoever is named on a project that isn't public has it in their file.
    is_personal = request.user.is_authenticated
    response["Cache-Control"] = "private, no-store" if is_personal else "no-cache"
    return response
