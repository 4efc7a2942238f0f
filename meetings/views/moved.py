"""Former addresses: every page of a meeting that moved is found at its old address too."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import URLPattern

from coprod import pages
from meetings.models import Meeting

View = Callable[..., HttpResponse]


class _SentAgain(HttpResponsePermanentRedirect):
    """A permanent redirect after which a form is sent again as it was typed, never dropped."""

    status_code = 308


def follow_moves(pattern: URLPattern) -> URLPattern:
    """Let a route that names a meeting answer at the meeting's former addresses as well."""
    if "<slug:slug>" in str(pattern.pattern):
        pattern.callback = _following(pattern.callback)
    return pattern


def _following(view: View) -> View:
    @wraps(view)
    def followed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            address = _address_now(request, kwargs["slug"])
            if address is None:
                raise
        keeps_method = request.method in ("GET", "HEAD")
        return HttpResponsePermanentRedirect(address) if keeps_method else _SentAgain(address)

    return followed


def _address_now(request: HttpRequest, slug: str) -> str | None:
    """Where this page is now, if the meeting moved and this reader may know of it."""
    reader = request.user if pages.is_personal(request) else AnonymousUser()
    moved = Meeting.objects.visible_to(reader).filter(former_addresses__slug=slug)
    now = moved.values_list("slug", flat=True).first()
    if now is None:
        return None
    return request.get_full_path().replace(f"/{slug}/", f"/{now}/", 1)
