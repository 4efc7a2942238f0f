"""What holds for every answer: stored pages come first, all others are private unless said."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from coprod import pages, registry, views


class PrivateUnlessPublic:
    """Mark every answer that no view marked otherwise as private and not to be stored."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response


class StoredPagesFirst:
    """Answer with a stored public page before sessions, forms and addresses are looked at.

    What was agreed never changes, so most readers need one query and nothing else.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        may_be = request.method == "GET" and any(
            address.fullmatch(request.path) for address in registry.stored_addresses
        )
        found = pages.stored(request) if may_be else None
        return found or self.get_response(request)


class SignInKeepingWords(LoginRequiredMiddleware):
    """Who isn't signed in is sent to sign in; but what they typed isn't thrown away with that."""

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        after = {"next": _page_of(request)}
        sign_in = f"{resolve_url(settings.LOGIN_URL)}?{urlencode(after)}"
        kept = views.signed_out(request, sign_in)
        return kept or super().handle_no_permission(request, view_func)


def _page_of(request: HttpRequest) -> str:
    """The page that a form was on, to come back to: its own address may only take a POST."""
    came_from = request.headers.get("referer", "")
    ours = url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    if request.method != "POST" or not came_from or not ours:
        return request.get_full_path()
    parts = urlsplit(came_from)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
