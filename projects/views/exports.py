"""The tracker as a file: CSV, XLSX or JSON of what its reader may see."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from coprod import clocks
from projects.models import Project
from projects.services.exports import Export

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


@require_safe
@login_not_required
def project_export(request: HttpRequest, format: str) -> StreamingHttpResponse:
    """Every project that the reader may see, and that the list's filters leave."""
    today = clocks.today()
    projects = Project.objects.visible_to(request.user)
    whole = request.user.has_perm("projects.import_projects")
    export = Export(projects, today=today, whole=whole)
    pieces = {"csv": export.csv, "xlsx": export.xlsx, "json": export.json}[format]()
    response = StreamingHttpResponse(pieces, content_type=TYPES[format])
    name = f"projects-{today.isoformat()}.{format}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store" if whole else "no-cache"
    return response
