"""One row of the tracker in words: dates as written and as understood, rung, what is new.

Made in Python, because sixty rows of includes and filters cost more than all questions.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from coprod import clocks
from coprod.templatetags.forum import MONTHS, day, tag
from projects.ladder import NAMES, NOT_YET
from projects.periods import Kind
from projects.rungs import lowest
from projects.status import Status
from projects.vague import VagueDate

_RAILS = '<path class="rail" d="M4 1v30M20 1v30"/>'


def plainly(on: VagueDate) -> str:
    """``3 June 2026``, ``June 2026``; anything vaguer as it was written: “spring 2027”."""
    if not on.doubt and on.first is not None:
        if on.kind == Kind.DAY:
            return day(on.first)
        if on.kind == Kind.MONTH:
            return f"{MONTHS[on.first.month - 1]} {on.first.year}"
    return f"“{on.text.strip()}”"


def due_words(due: VagueDate) -> str:
    """``Due “spring 2027”, so by 31 May 2027``, ``Due “ASAP”: no date we can hold anyone to``."""
    if not due.text.strip():
        return ""
    said = plainly(due)
    if not said.startswith("“"):
        return f"Due {said}"
    return f"Due {said}, so {due.in_words}" if due.ends else f"Due {said}: {due.in_words}"


class Rows:
    """Turns projects into rows; what many of them share is drawn once."""

    def __init__(self, rungs: list[Any], today: date, quiet_days: int) -> None:
        self.rungs, self.today, self.quiet_days = rungs, today, quiet_days
        self.tags = {each.value: tag(each.look, each.label) for each in Status}
        self.ladders = {level: self._ladder(level) for level in (0, 1, 2, 3, 4)}

    def of(self, projects: Iterable[Any]) -> list[dict[str, Any]]:
        return [self.row(project) for project in projects]

    def row(self, project: Any) -> dict[str, Any]:
        return {
            "url": f"/projects/{project.slug}/",
            "title": project.title,
            "summary": project.summary,
            "tag": self.tags[project.shown],
            "rung": self.rung(project),
            "facts": self.facts(project),
            "quiet": self.quiet(project),
            "hidden": not project.is_public,
        }

    def facts(self, project: Any) -> str:
        """``Council commissioning. Started “autumn 2025”. Due “summer 2026”, so by …``"""
        parts = [project.lead.name] if project.lead_id else []
        start = project.started
        if start.text.strip():
            begins = "Due to start" if project.shown == Status.DUE_TO_START else "Started"
            parts.append(f"{begins} {plainly(start)}")
        if project.shown == Status.COMPLETED and project.completed_on:
            parts.append(f"Completed {day(project.completed_on)}")
        elif due := due_words(project.due):
            parts.append(due)
        return " ".join(f"{part}." for part in parts)

    def quiet(self, project: Any) -> SafeString | str:
        """How long there was no news, of work that goes on, once that is too long."""
        if project.shown not in (Status.OVERDUE, Status.TO_COMPLETE):
            begun = project.started_first is None or project.started_first <= self.today
            if project.shown != Status.DUE_TO_START or project.by_hand or not begun:
                return ""
        since = project.last_news_on or clocks.today(project.created_at)
        days = (self.today - since).days
        return tag("quiet", f"No news for {days} days") if days >= self.quiet_days else ""

    # The rung

    def rung(self, project: Any) -> SafeString:
        """A small ladder with its words, and what it was in the quarter before."""
        level = project.level
        if level is None:
            return format_html('<p class="pcf-small pcf-soft">{}</p>', NOT_YET)
        note = self.note(project)
        after = format_html('<br><span class="pcf-soft">{}</span>', note) if note else ""
        return format_html(self.ladders[level] + "{}</span></p>", after)

    def note(self, project: Any) -> str:
        if project.was is None or project.shown == Status.COMPLETED:
            return ""
        before, level = project.level_before, project.level
        if before == level:
            return "same as last quarter"
        if before is None:
            return "first evidence this quarter"
        former = lowest(self.rungs, before)
        way = "up" if level > before else "down"
        return f"{way} from {former.number if former else 'none'} last quarter"

    def _ladder(self, level: int) -> str:
        """The drawing and the words, all but what changed. Names of rungs may hold anything."""
        steps = []
        for number in (1, 2, 3, 4):
            top = 25 - 7 * (number - 1)
            if number <= level:
                steps.append(
                    f'<rect class="r{number}" x="2" y="{top}" width="20" height="4.6" rx="1.5"/>'
                )
            else:
                steps.append(f'<path class="no" d="M6.5 {top}m0 2.3h11"/>')
        rung = lowest(self.rungs, level)
        if rung is None:
            words = format_html("<strong>{}</strong>", NAMES[level])
        else:
            words = format_html(
                "<strong>Rung {} of {}:</strong> {}", rung.number, len(self.rungs), rung.name
            )
        drawing = f'<svg viewBox="0 0 24 32" aria-hidden="true">{_RAILS}{"".join(steps)}</svg>'
        return mark_safe(f'<p class="pcf-rung">{drawing}<span>{words}')
