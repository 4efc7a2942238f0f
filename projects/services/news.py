"""That something is new about a project: its day of last news, and its stored pages."""

from datetime import date

from django.db.models import Q

from coprod import pages
from projects.models import Project


def forget_pages(*slugs: str) -> None:
    """Public pages that show these projects are made anew when next asked for."""
    pages.forget("/", "/projects/", *(f"/projects/{slug}/" for slug in slugs))


def note_news(project: Project, on: date) -> None:
    """Keep the day of the newest news; an older entry that is logged late changes nothing."""
    Project.objects.filter(pk=project.pk).filter(
        Q(last_news_on__isnull=True) | Q(last_news_on__lt=on)
    ).update(last_news_on=on)
    project.refresh_from_db(fields=["last_news_on"])
    forget_pages(project.slug)
