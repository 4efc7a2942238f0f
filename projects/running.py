"""What projects put on the coordinator's Today: nobody to ask, and reviews that are due."""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse

from coprod.models import Forum
from coprod.registry import Desk, Thing
from coprod.templatetags.forum import day, plural
from projects.models import Named, Project


def coordinator_desk(person: Any, today: date) -> Desk:
    """Quiet projects that nobody leads, and ongoing work to look at. Two questions."""
    if not person.is_coordinator:
        return Desk()
    leads = Named.objects.holding().filter(project=OuterRef("pk"), part=Named.Part.LEAD)
    days = Forum.current().quiet_days
    quiet = list(Project.objects.gone_quiet(today, days).filter(~Exists(leads)).order_by("pk"))
    reviews = list(Project.objects.review_due(today).order_by("review_on", "pk"))
    things = []
    if quiet:
        things.append(_without_lead(quiet, today))
    if reviews:
        things.append(_to_review(reviews))
    return Desk(things=things)


def _without_lead(quiet: list[Project], today: date) -> Thing:
    """Nobody can be asked what is new."""
    oldest = min(quiet, key=lambda project: project.quiet_since)
    if len(quiet) == 1:
        title = f"Name a lead officer: {oldest}"
        url = reverse("projects:project_people", args=[oldest.slug])
    else:
        title = f"Name lead officers for {plural(len(quiet), 'quiet project')}"
        url = reverse("projects:project_waiting")
    return Thing(
        title=title,
        url=url,
        button="Name one" if len(quiet) == 1 else "See which",
        by=today,
        note=f"No news since {day(oldest.quiet_since)}, and there is nobody whom we could ask.",
        minutes=2 * len(quiet),
        dated=False,
    )


def _to_review(reviews: list[Project]) -> Thing:
    """Work without an end, once a year."""
    first = reviews[0]
    alone = len(reviews) == 1
    return Thing(
        title=f"Look again at {first}"
        if alone
        else f"Look again at {len(reviews)} ongoing projects",
        url=reverse("projects:project_review", args=[first.slug])
        if alone
        else reverse("projects:project_waiting"),
        button="Look at it" if alone else "See which",
        by=first.review_on,
        note="Work without an end is looked at once a year: does it still go on?",
        minutes=3 * len(reviews),
    )
