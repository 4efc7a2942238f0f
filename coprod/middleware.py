"""What holds for every answer: stored pages come first, all others are private unless said."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from coprod import pages, registry


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
