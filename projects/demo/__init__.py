"""The demonstration's projects: every status and rung, with a year of log, claims and stories."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from coprod.demo.story import Story, words
from members.models import Organisation
from projects.demo.telling import Told
from projects.services import themes
from projects.services.levels import keep_levels
from projects.services.reports import make_edition
from projects.services.statuses import note_statuses_when_due

#: Days before today on which the tracker begins, and between two looks of its clock.
BEGAN, EVERY = 345, 14


def plan(story: Story) -> None:
    """Plan themes and services, each project's life, and what the clock changes in between."""
    told = words("projects")

    def begin(at: datetime) -> None:
        for row in told["organisation"]:
            Organisation.objects.create(**row)
        for name in told["themes"]:
            themes.add_theme(name=name, by=story.hester, at=at)

    story.do(story.today - timedelta(days=BEGAN), 9, begin)
    for row in told["project"]:
        Told(story, row).plan()
    for row in told["edition"]:
        story.do(story.today - timedelta(days=row["ago"]), 16, partial(_freeze, story, row))
    for days in range(0, BEGAN, EVERY):
        story.do(story.today - timedelta(days=days), 6, _look)


def _freeze(story: Story, row: dict[str, Any], at: datetime) -> None:
    """Make an edition of the report as it stood on that day."""
    make_edition(
        prepared_by=f"{story.hester.name}, coordinator",
        thoughts=row["thoughts"].strip(),
        note=row.get("note", ""),
        by=story.hester,
        at=at,
    )


def _look(at: Any) -> None:
    """What the timetable does every day."""
    keep_levels(at=at)
    note_statuses_when_due(at)
