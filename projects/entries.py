"""One entry of the log as every page shows it, to everybody alike. Never writes."""

from typing import Any

from coprod import clocks
from coprod.templatetags.forum import day, plural
from projects.methods import Method
from projects.models import Involvement, Project
from projects.models.involvement import Stage, who_words


def writers_of(project: Project) -> dict[int, str]:
    """Who is or was on a project, as everybody reads of them: by part, not by name."""
    words = {"lead": "the lead officer", "officer": "an officer", "rep": "a representative"}
    named = sorted(project.named.all(), key=lambda each: (each.named_at, each.pk))
    return {each.person_id: words[each.part] for each in named}


def shown(entry: Involvement, writers: dict[int, str] | None = None) -> dict[str, Any]:
    """One entry as pages show it, to everybody alike; see ``involvement_entry.html``."""
    parts = list(entry.participations.all())
    writers = writers_of(entry.project) if writers is None else writers
    return {
        "entry": entry,
        "slug": entry.project.slug,
        "heading": str(entry),
        "who": who_words(parts),
        "invited": sum(part.invited or 0 for part in parts),
        "nobody": not entry.parents_came,
        "is_telling": entry.method == Method.TOLD,
        "came": Method(entry.method).came,
        "stage": Stage(entry.stage).label,
        "hours": hours_words(entry.minutes),
        "days_left": (entry.reply_due_on - clocks.today()).days if entry.reply_due_on else None,
        "replaced_by": getattr(entry, "replaced_by", None),
        "written": _written(entry, writers),
    }


def _written(entry: Involvement, writers: dict[int, str]) -> str:
    """``Logged by the lead officer on 12 March 2026``."""
    by = writers.get(entry.made_by_id or 0, "the forum")
    on = day(entry.made_at)
    if entry.told_by_id:
        return f"Written down by {by} for {writers.get(entry.told_by_id, 'an officer')} on {on}."
    return f"Logged by {by} on {on}."


def hours_words(minutes: int | None) -> str:
    """``12 hours``, ``1.5 hours``, ``45 minutes``; empty where nobody said."""
    if not minutes:
        return ""
    if minutes < 60:
        return plural(minutes, "minute")
    return "1 hour" if minutes == 60 else f"{minutes / 60:.2f}".rstrip("0").rstrip(".") + " hours"
