"""That something is new about a project: its day of last news."""

from datetime import date

from django.db.models import Q

from projects.models import Project


def note_news(project: Project, on: date) -> None:
    """Keep the day of the newest news; an older entry that is logged late changes nothing."""
    Project.objects.filter(pk=project.pk).filter(
        Q(last_news_on__isnull=True) | Q(last_news_on__lt=on)
    ).update(last_news_on=on)
    project.refresh_from_db(fields=["last_news_on"])
