"""One caching rule for every answer: private unless a view said that it is public."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class PrivateUnlessPublic:
    """Mark every answer that no view marked otherwise as private and not to be stored."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response
