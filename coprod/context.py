"""What every page's frame needs: the forum, the navigation, whose page this is."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from coprod import registry
from coprod.models import Forum


def _links(entries: list[registry.NavLink], audiences: set[str], path: str) -> list[dict[str, Any]]:
    """Those for these readers. The current one is the nearest above the page, never two."""
    chosen = [entry for entry in sorted(entries) if audiences & entry.audiences]
    links = [{"label": entry.label, "url": reverse(entry.url_name)} for entry in chosen]
    above = [link["url"] for link in links if path.startswith(link["url"])]
    nearest = max(above, key=len, default="")
    return [{**link, "current": link["url"] == nearest} for link in links]


def frame(*, path: str, person: Any = None, forum: Forum | None = None) -> dict[str, Any]:
    """The frame for one reader. ``person`` is None for the public, whose pages are stored.

    ``forum``: where the page has read it already.
    """
    audiences = {"public", "signed out"} if person is None else {person.audience}
    if person is not None and person.is_officer:
        audiences.add("officer")
    if person is not None and audiences == {"person"} and person.current_seats:
        audiences.add("seated")
    if person is not None and (person.is_treasurer or person.is_approver):
        audiences.add("money")
    context: dict[str, Any] = {
        "forum": forum or Forum.current(),
        "nav": _links(registry.nav_links, audiences, path),
        "footer_links": _links(registry.footer_links, audiences, path),
        "demo": settings.COPROD_DEMO,
    }
    if person is not None:
        there = {link["url"] for link in context["nav"]}
        public = _links(registry.nav_links, {"public"}, path)
        context["nav_more"] = [link for link in public if link["url"] not in there]
        context["nav_person"] = {"name": person.name, "note": person.role_note}
    return context


def forum(request: HttpRequest) -> dict[str, Any]:
    """The context processor. Public pages without a session never touch ``request.user``.

    A view that has read the forum leaves it as ``request.forum``.
    """
    person = None
    if request.COOKIES.get(settings.SESSION_COOKIE_NAME) and hasattr(request, "user"):
        person = request.user if request.user.is_authenticated else None
    return frame(path=request.path, person=person, forum=getattr(request, "forum", None))
