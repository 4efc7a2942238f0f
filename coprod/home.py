"""The public home and Today, both asking the registry; never a rule."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    """Who runs this, the next meeting, what we promise, and where to get help."""
    return render(request, "home.html", {})


def today(request: HttpRequest) -> HttpResponse:
    """The next three things for whoever is signed in."""
    return render(request, "today.html", {})
