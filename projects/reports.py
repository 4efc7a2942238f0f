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
from projects.ladder import rung_names
from projects.models import Claim, Confirmation, Edition, Override, Project, Update
from projects.status import Status

#: In which order the table lists them: what needs a board's eye first.
STATUS_ORDER = [Status.OVERDUE, Status.TO_COMPLETE, Status.DUE_TO_START, Status.COMPLETED]
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
    quiet = set(
        Project.objects.public().gone_quiet(today, forum.quiet_days).values_list("pk", flat=True)
    )
    rows = [_row(project) | {"quiet": project.pk in quiet} for project in _projects(today)]
    by_status = Counter(row["status"] for row in rows)
    by_level = Counter(row["level"] for row in rows)
    names = rung_names()
    return {
        "forum": forum.name,
        "area": forum.area,
        "definition": DEFINITION,
        "rungs": [
            {"number": number, "name": name, "count": by_level[number]}
            for number, name in sorted(names.items(), reverse=True)
            if number
        ],
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
        "quiet": len(quiet),
        "rows": rows,
    }


def _projects(today: date) -> list[Project]:
    """Public projects with what a row tells of them, in the report's order."""
    latest = Update.objects.order_by("-on", "-pk")
    found: Any = (
        Project.objects.public()
        .with_status(today)
        .select_related("lead", "theme")
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
        "theme": project.theme.name if project.theme else "",
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


def level_words(level: int | None, names: dict[int, str]) -> str:
    """A level in words: two states lie below the first rung."""
    if level is None:
        return "Not on the ladder yet"
    if level == 0:
        return "No parents involved"
    return f"Rung {level} of {max(names)}: {names[level]}"


def names_of(body: dict[str, Any]) -> dict[int, str]:
    """The rungs as they were named when this body was frozen."""
    return {rung["number"]: rung["name"] for rung in body["rungs"]}


def changes(body: dict[str, Any], former: dict[str, Any] | None) -> list[dict[str, Any]]:
    """What is different from the edition before, in sentences by heading; empty lists left out."""
    if former is None:
        return []
    old = {row["key"]: row for row in former["rows"]}
    new = {row["key"]: row for row in body["rows"]}
    kept = [(old[key], row) for key, row in new.items() if key in old]
    names, names_then = names_of(body), names_of(former)
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
                f"{row['title']}: {level_words(row['level'], names)}, before that "
                f"{level_words(was['level'], names_then)}"
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


def below(body: dict[str, Any], names: dict[int, str]) -> list[dict[str, Any]]:
    """The two states below the first rung, with how many projects are in each."""
    return [
        {"word": level_words(0, names), "count": body["no_parents"]},
        {"word": level_words(None, names), "count": body["not_yet"]},
    ]


def finding(body: dict[str, Any]) -> str:
    """The report in one sentence, for its cover and the head of its page."""
    total = len(body["rows"])
    if not total:
        return "There are no projects in the table yet."
    top = sum(rung["count"] for rung in body["rungs"] if rung["number"] >= 3)
    overdue = next(each["count"] for each in body["counts"] if each["status"] == Status.OVERDUE)
    said = f"{plural(total, 'project')}: {top} at rung 3 or 4, {body['not_yet']} not on the ladder"
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
    names = names_of(body)
    return [
        [str((row | {"level_words": level_words(row["level"], names)})[key]) for key in HEADINGS]
        for row in body["rows"]
    ]
