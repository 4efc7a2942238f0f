"""How views fetch: one object, one permission. Also the floor's few own answers."""

from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from coprod import health, registry

M = TypeVar("M", bound=Model)


def fetch_permitted(user: Any, model: type[M] | QuerySet[M], permission: str, **lookup: Any) -> M:
    """One object that ``user`` may see, for a change or page that they may have.

    Raises Http404 when it is invisible to them, PermissionDenied when it is visible but
    ``permission`` isn't theirs.
    """
    queryset: Any = model if isinstance(model, QuerySet) else model._default_manager.all()
    thing = queryset.visible_to(user).filter(**lookup).first()
    if thing is None:
        raise Http404
    if not user.has_perm(permission, thing):
        raise PermissionDenied
    return thing  # type: ignore[no-any-return]


def require(user: Any, permission: str, thing: Any = None) -> None:
    """For pages that have no object yet. Raises PermissionDenied."""
    if not user.has_perm(permission, thing):
        raise PermissionDenied


@login_not_required
def robots(request: HttpRequest) -> HttpResponse:
    """Search engines may read what everybody may; personal links and drafts they may not."""
    shut = ["/accounts/", "/today/", "/me/", "/people/", "/messages/", "/join/", "/set-up/"]
    shut += ["/meetings/reply/", "/meetings/minutes/", "/seats/", "/links/", "/news/", "/demo/"]
    lines = ["User-agent: *", *(f"Disallow: {address}" for address in shut)]
    if settings.COPROD_DEMO:
        lines = ["User-agent: *", "Disallow: /"]
    else:
        lines += ["", f"Sitemap: {settings.COPROD_ORIGIN}/sitemap.xml"]
    response = HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "public, max-age=86400"
    return response


@login_not_required
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every page that everybody may read, for search engines: what the public sees, no more."""
    rows = [row for addresses in registry.public_addresses for row in addresses()]
    context = {"origin": settings.COPROD_ORIGIN, "rows": rows}
    response = render(request, "sitemap.xml", context, content_type="application/xml")
    response["Cache-Control"] = "public, max-age=3600"
    return response


@login_not_required
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Database, worker and outbox, for whoever automates it."""
    report = health.report()
    response = JsonResponse(report, status=200 if report["ok"] else 503)
    # Asked every few seconds: whoever asks reads the answer, the log needn’t repeat it.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form sent after the cookie had gone: say so, in words, and keep what was typed."""
    typed = [
        (name, value)
        for name, value in request.POST.items()
        if isinstance(value, str)
        and value.strip()
        and name not in ("csrfmiddlewaretoken", "password")
        and "password" not in name
    ]
    return render(request, "403_csrf.html", {"typed": typed}, status=403)
