"""The tracker and one project's page, as everybody reads them."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from projects.models import Project


@login_not_required
def project_list(request: HttpRequest) -> HttpResponse:
    """Every project that the reader may see."""
    context = {"projects": Project.objects.visible_to(request.user)}
    return render(request, "projects/project_list.html", context)


@login_not_required
def project_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One project."""
    project = Project.objects.visible_to(request.user).filter(slug=slug).first()
    if project is None:
        raise Http404
    return render(request, "projects/project_detail.html", {"project": project})
