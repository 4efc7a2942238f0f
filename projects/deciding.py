"""What waits for the forum's own decision on the coordinator's Today: claims, and the logo."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from coprod.registry import Thing
from coprod.templatetags.forum import day
from projects.desk_rows import CLAIM, LOGO, Row

#: More than that are a list that nobody reads.
MOST = 8


def things(found: dict[str, list[Row]], today: date) -> Iterator[Thing]:
    """Claims that parents haven't decided about since, and requests for the logo."""
    for row in sorted(found[CLAIM] + found[LOGO], key=lambda row: (row.day, row.pk))[:MOST]:
        yield _claim(row, today) if row.kind == CLAIM else _logo(row, today)


def _claim(row: Row, today: date) -> Thing:
    return Thing(
        title=f"Put a level to parents: {row.project}",
        url=reverse("projects:level_confirm", args=[row.slug]),
        button="Write what they decided",
        by=today,
        note=f"{row.words} has been claimed since {day(row.day)}.",
        minutes=3,
        dated=False,
    )


def _logo(row: Row, today: date) -> Thing:
    return Thing(
        title=f"Decide about our logo: {row.words}",
        url=reverse("projects:logo_decide", args=[row.pk]),
        button="Decide",
        by=today,
        note=f"Asked for “{row.project}” on {day(row.day)}.",
        minutes=2,
        dated=False,
    )
