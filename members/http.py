"""The request of a page behind sign-in, and the pages that want a recent proof of who asks."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest, HttpResponse

from members.models import Person
from members.sessions import proved_recently


class SignedInRequest(HttpRequest):
    """What ``LoginRequiredMiddleware`` lets through. Never made: only named in annotations."""

    user: Person


def recently_signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For roles, settings, keys and money: who asks has signed in, or shown who they are, in
    the last quarter of an hour.

    Otherwise they are asked first. A form that was sent is kept meanwhile and goes on
    afterwards, so nothing typed is lost. Permissions are asked before: put this inside them,
    or on a view whose address says nothing.
    """

    @wraps(view)
    def asked_first(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not proved_recently(request):
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return asked_first
