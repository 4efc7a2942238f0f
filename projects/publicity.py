"""The pages about projects that everybody may read, for the sitemap."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from projects.models import Project


def public_addresses() -> Iterator[tuple[str, date | None]]:
    """The tracker and its companions, then each public project with its day of last news."""
    for name in ("project_list", "story_list", "ladder_detail", "logo_list", "report_list"):
        yield reverse(f"projects:{name}"), None
    rows = Project.objects.public().order_by("-last_news_on", "-pk").only("slug", "last_news_on")
    for project in rows[:5000]:
        yield project.get_absolute_url(), project.last_news_on
