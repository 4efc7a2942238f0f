"""What projects put on the coordinator's Today: nobody to ask, and reviews that are due."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from coprod.registry import Thing
from coprod.templatetags.forum import day, plural
from projects.desk_rows import LEADERLESS, REVIEW, Row


def things(found: dict[str, list[Row]], today: date) -> Iterator[Thing]:
    """Quiet projects that nobody leads, and ongoing work to look at."""
    if quiet := found[LEADERLESS]:
        yield _without_lead(quiet, today)
    if reviews := found[REVIEW]:
        yield _to_review(reviews)


def _without_lead(quiet: list[Row], today: date) -> Thing:
    """Nobody can be asked what is new."""
    oldest = quiet[0]
    if len(quiet) == 1:
        title = f"Name a lead officer: {oldest.project}"
        url = reverse("projects:project_people", args=[oldest.slug])
    else:
        title = f"Name lead officers for {plural(len(quiet), 'quiet project')}"
        url = reverse("projects:project_waiting")
    return Thing(
        title=title,
        url=url,
        button="Name one" if len(quiet) == 1 else "See which",
        by=today,
        note=f"No news since {day(oldest.day)}, and there is nobody whom we could ask.",
        minutes=2 * len(quiet),
        dated=False,
    )


def _to_review(reviews: list[Row]) -> Thing:
    """Work without an end, once a year."""
    first = reviews[0]
    alone = len(reviews) == 1
    return Thing(
        title=f"Look again at {first.project}"
        if alone
        else f"Look again at {len(reviews)} ongoing projects",
        url=reverse("projects:project_review", args=[first.slug])
        if alone
        else reverse("projects:project_waiting"),
        button="Look at it" if alone else "See which",
        by=first.day,
        note="Work without an end is looked at once a year: does it still go on?",
        minutes=3 * len(reviews),
    )
