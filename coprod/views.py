"""How views fetch: one object, one permission. Also the floor's few own answers."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.defaults import page_not_found

from coprod import health, links, registry

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


# Pages opened by a personal link -----------------------------------------------------------------


def private_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For pages opened by a personal link: open without signing in, kept nowhere, told nobody.

    The token in the address is the only credential that counts here, so there is none that
    another site could borrow; and a page whose address goes to nobody (no-referrer) makes
    browsers send ``Origin: null``, which the check against forgery would refuse.
    """

    @csrf_exempt
    @login_not_required
    @wraps(view)
    def kept_private(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Http404 as missing:  # a page too, whose address is just as secret
            response = page_not_found(request, missing)
        response["Referrer-Policy"] = "no-referrer"
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    return kept_private


def refuse_link(
    request: HttpRequest, error: links.LinkInvalid, *, purpose: str = "", token: str = ""
) -> HttpResponse:
    """A page in words for a link that isn't whole (404) or has ended (410).

    With ``purpose`` and ``token`` it offers to send the letter again.
    """
    context = {"ended": error.ended, "purpose": purpose, "token": token}
    return render(request, "link_refused.html", context, status=410 if error.ended else 404)


@require_POST
@private_link
def link_again(request: HttpRequest) -> HttpResponse:
    """Send the same letter again, to the person’s own channel; one answer for everybody.

    The old token comes in the form, never in the address.
    """
    limited: HttpResponse | None = ratelimit.consume_or_429(request, action="link_again")
    if limited:
        return limited
    links.send_again(request.POST.get("purpose", ""), request.POST.get("token", ""))
    return render(request, "link_again.html")


@login_not_required
def robots(request: HttpRequest) -> HttpResponse:
    """Search engines may read what everybody may; personal links and drafts they may not."""
    shut = ["/accounts/", "/today/", "/me/", "/people/", "/messages/", "/join/", "/set-up/"]
    shut += ["/meetings/reply/", "/meetings/minutes/", "/seats/", "/links/", "/news/", "/demo/"]
    shut += ["/what-we-said/answer/", "/money-back/"]
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


# What was typed, when it can't be taken ----------------------------------------------------------

#: Never shown again: secrets, money, what somebody needs.
_SECRET = re.compile(
    r"password|token|code|secret|sort|account|bank|iban|needs|access", re.IGNORECASE
)
#: Ids, numbers and ticks that no person typed.
_MACHINE = re.compile(r"[\d.,:-]*|on|[0-9a-f]{8}-[0-9a-f-]{27}", re.IGNORECASE)


def wants_json(request: HttpRequest) -> bool:
    """Whether a script of ours asks, which can say for itself what became of the words."""
    return request.headers.get("accept", "").startswith("application/json")


def typed_words(request: HttpRequest) -> list[tuple[str, str]]:
    """What a person typed into the form that was sent, by the field's name in words."""
    found = []
    for name, value in request.POST.items():
        if isinstance(value, str) and not _SECRET.search(name):
            words = value.strip()
            if words and not _MACHINE.fullmatch(words):
                found.append((name.rpartition("-")[2].replace("_", " ").capitalize(), words))
    return found


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form sent after the cookie had gone: say so, in words, and keep what was typed."""
    if wants_json(request):
        return JsonResponse({"reason": "token"}, status=403)
    return render(request, "403_csrf.html", {"typed": typed_words(request)}, status=403)


def signed_out(request: HttpRequest, sign_in: str) -> HttpResponse | None:
    """A form that came after its sender had been signed out: give the words back.

    None where nothing was typed, so that signing in is all that is to be done.
    """
    if wants_json(request):
        return JsonResponse({"reason": "signed out", "sign_in": sign_in}, status=401)
    typed = typed_words(request) if request.method == "POST" else []
    if not typed:
        return None
    context = {"typed": typed, "sign_in": sign_in}
    return render(request, "signed_out.html", context, status=403)
