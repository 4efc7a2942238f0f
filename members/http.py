"""The request of a page behind sign-in, whose ``user`` is a person for the type checker."""

from django.http import HttpRequest

from members.models import Person


class SignedInRequest(HttpRequest):
    """What ``LoginRequiredMiddleware`` lets through. Never made: only named in annotations."""

    user: Person
