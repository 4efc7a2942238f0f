"""What the co-production progress report says: gathered from the records, frozen as JSON.

Only public projects are in it: boards hand it on, and it stands on a public page.
Never writes.
"""

from collections import Counter
from datetime import date
from typing import Any

from django.db.models import Prefetch

from coprod.models import Forum
from coprod.templatetags.forum import day, plural
from projects.ladder import NAMES, NOT_YET, rungs_in_use
from projects.models import Claim, Confirmation, Edition, Override, Project, Rung, Update
from projects.rungs import lowest, name_of
from projects.status import Status

#: In which order the table lists them: what needs a board's eye first.
STATUS_ORDER = [Status.OVERDUE, Status.TO_COMPLETE, Status.DUE_TO_START, Status.COMPLETED]
#: Levels that are rungs, highest first.
LEVELS = (4, 3, 2, 1)
#: How much of a project's news a row of the table holds; the rest is on its page.
NEWS_LENGTH = 700
DEFINITION = [
    "Co-production means that parents and services make a thing together: they set the question, "
    "weigh the choices and agree the result as equals, from before the first draft to the review.",
    "It isn’t co-production when parents are shown what was already written, however kindly they "
    "are asked about it. That can be good consultation, and this report calls it so.",
    "A level is never a matter of opinion here. It follows from what was logged: who took part, "
    "when they came in, what they said, and what became of it.",
]


def gather(today: date) -> dict[str, Any]:
    """The report's body as of ``today``: definition, rungs, table by status, counts."""
    forum = Forum.current()
    rows = [_row(project) for project in _projects(today)]
    by_status = Counter(row["status"] for row in rows)
    by_level = Counter(row["level"] for row in rows)
    rungs = rungs_in_use()
    return {
        "forum": forum.name,
        "area": forum.area,
        "definition": DEFINITION,
        "rungs": [_rung(level, rungs) | {"count": by_level[level]} for level in LEVELS],
        "rungs_in_all": len(rungs),
        "no_parents": by_level[0],
        "not_yet": by_level[None],
        "counts": [
            {
                "status": status.value,
                "word": status.label,
                "look": status.look,
                "count": by_status[status.value],
            }
            for status in STATUS_ORDER
        ],
        "quiet_days": forum.quiet_days,
        "quiet": Project.objects.public().gone_quiet(today, forum.quiet_days).count(),
        "rows": rows,
    }


def _rung(level: int, rungs: list[Rung]) -> dict[str, Any]:
    """What the ladder in use calls a level: the lowest rung that stands on it."""
    rung = lowest(rungs, level)
    return {
        "level": level,
        "number": rung.number if rung else level,
        "name": name_of(rungs, level),
    }


def _projects(today: date) -> list[Project]:
    """Public projects with what a row tells of them, in the report's order."""
    latest = Update.objects.order_by("-on", "-pk")
    found: Any = (
        Project.objects.public()
        .with_status(today)
        .select_related("lead")
        .prefetch_related(
            Prefetch("updates", latest, "news"),
            Prefetch("claims", Claim.objects.filter(ended_at__isnull=True), "claims_now"),
            Prefetch(
                "confirmations",
                Confirmation.objects.filter(ended_at__isnull=True),
                "confirmations_now",
            ),
            Prefetch("overrides", Override.objects.filter(ended_at__isnull=True), "overrides_now"),
        )
    )
    order = {status.value: place for place, status in enumerate(STATUS_ORDER)}
    return sorted(found, key=lambda each: (order[each.status], each.title.casefold(), each.pk))


def _row(project: Any) -> dict[str, Any]:
    """One line of the table. No person is named: an officer by office, parents not at all."""
    claimed = next(iter(project.claims_now), None)
    confirmed = next(iter(project.confirmations_now), None)
    override = next(iter(project.overrides_now), None)
    return {
        "key": project.pk,
        "slug": project.slug,
        "title": project.title,
        "status": project.status,
        "word": Status(project.status).label,
        "by_dates": Status(project.derived).label if override else "",
        "override": override.reason if override else "",
        "lead": project.lead.name if project.lead else "",
        "driver": project.driver,
        "involved": project.involved,
        "started": project.started_text.strip() or "No date given",
        "due": _said(project.due_text, project.due.in_words),
        "completed": day(project.completed_on) if project.completed_on else "",
        "level": project.level,
        "claimed": claimed.rung_name if claimed else "",
        "confirmed": confirmed.rung_name if confirmed else "",
        "news": _news(project.news) or _heard_of(project.last_news_on),
    }


def _said(text: str, taken_as: str) -> str:
    """A vague date as it was written, and what it is taken as."""
    return f"{text.strip()} ({taken_as})" if text.strip() else taken_as.capitalize()


def _heard_of(on: date | None) -> str:
    """What stands for news where nobody wrote any, but the log or an answer moved it."""
    return f"In the log: last heard of on {day(on)}" if on else ""


def _news(updates: list[Update]) -> str:
    """The newest news, as much as a row holds."""
    text = " ".join(each.text.strip() for each in updates)
    if len(text) <= NEWS_LENGTH:
        return text
    return text[:NEWS_LENGTH].rsplit(" ", 1)[0] + " … (the rest is on its page)"


# What changed since the last one ------------------------------------------------------------------


def level_words(level: int | None, body: dict[str, Any]) -> str:
    """A level as it was named when this body was frozen: two states lie below the first rung."""
    if level is None:
        return NOT_YET
    rung = next((rung for rung in body["rungs"] if rung["level"] == level), None)
    if rung is None:
        return NAMES[level]
    return f"Rung {rung['number']} of {body['rungs_in_all']}: {rung['name']}"


def changes(body: dict[str, Any], former: dict[str, Any] | None) -> list[dict[str, Any]]:
    """What is different from the edition before, in sentences by heading; empty lists left out."""
    if former is None:
        return []
    old = {row["key"]: row for row in former["rows"]}
    new = {row["key"]: row for row in body["rows"]}
    kept = [(old[key], row) for key, row in new.items() if key in old]
    parts = [
        ("New in the table", [row["title"] for key, row in new.items() if key not in old]),
        (
            "Completed",
            [
                row["title"]
                for was, row in kept
                if row["status"] == Status.COMPLETED != was["status"]
            ],
        ),
        (
            "Another status",
            [
                f"{row['title']}: {row['word'].lower()}, before that {was['word'].lower()}"
                for was, row in kept
                if row["status"] != was["status"] and row["status"] != Status.COMPLETED
            ],
        ),
        (
            "Another level",
            [
                f"{row['title']}: {level_words(row['level'], body)}, before that "
                f"{level_words(was['level'], former)}"
                for was, row in kept
                if row["level"] != was["level"]
            ],
        ),
        (
            "No longer in the table",
            [row["title"] for key, row in old.items() if key not in new],
        ),
    ]
    return [{"title": title, "lines": lines} for title, lines in parts if lines]


def below(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The two states below the first rung, with how many projects are in each."""
    return [
        {"word": level_words(0, body), "count": body["no_parents"]},
        {"word": level_words(None, body), "count": body["not_yet"]},
    ]


def finding(body: dict[str, Any]) -> str:
    """The report in one sentence, for its cover and the head of its page."""
    total = len(body["rows"])
    if not total:
        return "There are no projects in the table yet."
    high = [rung for rung in reversed(body["rungs"]) if rung["level"] >= 3]
    top = sum(rung["count"] for rung in high)
    rungs = " or ".join(str(rung["number"]) for rung in high)
    overdue = next(each["count"] for each in body["counts"] if each["status"] == Status.OVERDUE)
    said = f"{plural(total, 'project')}: {top} at rung {rungs}, {body['not_yet']} not on the ladder"
    return f"{said} yet, {overdue} overdue."


def revisions(edition: Edition) -> list[Edition]:
    """The revision log as it stood with this edition: it and all before, newest first."""
    return [edition, *Edition.objects.before(edition.number).defer("body", "thoughts")]


def prepared_by(person: Any) -> str:
    """Who prepares it, as it is offered on the form: their name and office."""
    office = "coordinator" if person.is_coordinator else person.role_note
    return f"{person.name}, {office}" if office else person.name


#: The columns of the table as a spreadsheet has them.
HEADINGS = {
    "title": "Project",
    "lead": "Led by",
    "word": "Status",
    "by_dates": "Status by its dates",
    "override": "Why it was set by hand",
    "started": "Started",
    "due": "Due",
    "completed": "Completed",
    "involved": "Involved",
    "driver": "Why",
    "level_words": "Level",
    "claimed": "The service says",
    "confirmed": "The forum confirms",
    "news": "News",
}


def lines(body: dict[str, Any]) -> list[list[str]]:
    """An edition's table, one line a project, in the order of ``HEADINGS``."""
    return [
        [str((row | {"level_words": level_words(row["level"], body)})[key]) for key in HEADINGS]
        for row in body["rows"]
    ]
