"""The pages of projects that everybody may read, for search engines."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from projects.models import Project


def public_addresses() -> Iterator[tuple[str, date | None]]:
    """The tracker, the ladder, the logo's register, and each public project."""
    for name in ("project_list", "ladder_detail", "logo_list"):
        yield reverse(f"projects:{name}"), None
    rows = Project.objects.public().order_by("pk").values_list("slug", "last_news_on")[:5000]
    for slug, changed in rows:
        yield reverse("projects:project_detail", args=[slug]), changed
