"""What every page's frame needs: the forum, the navigation, whose page this is."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from coprod import registry
from coprod.models import Forum


def _links(entries: list[registry.NavLink], audience: str, path: str) -> list[dict[str, Any]]:
    links = []
    for entry in sorted(entries):
        if audience in entry.audiences:
            url = reverse(entry.url_name)
            links.append({"label": entry.label, "url": url, "current": path.startswith(url)})
    return links


def frame(*, path: str, person: Any = None, forum: Forum | None = None) -> dict[str, Any]:
    """The frame for one reader. ``person`` is None for the public, whose pages are stored.

    ``forum``: where the page has read it already.
    """
    audience = "public" if person is None else person.audience
    context: dict[str, Any] = {
        "forum": forum or Forum.current(),
        "nav": _links(registry.nav_links, audience, path),
        "footer_links": _links(registry.footer_links, audience, path),
        "demo": settings.COPROD_DEMO,
    }
    if person is not None:
        context["nav_person"] = {"name": person.name, "note": person.role_note}
    return context


def forum(request: HttpRequest) -> dict[str, Any]:
    """The context processor. Public pages without a session never touch ``request.user``."""
    person = None
    if request.COOKIES.get(settings.SESSION_COOKIE_NAME) and hasattr(request, "user"):
        person = request.user if request.user.is_authenticated else None
    return frame(path=request.path, person=person)
