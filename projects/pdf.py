"""Documents made from projects: the progress report as a tagged PDF. Never writes."""

from typing import Any

from coprod import letters, pdf
from coprod.models import Forum
from coprod.templatetags.forum import day
from projects import reports
from projects.models import Edition


def report_pdf(edition: Edition) -> bytes:
    """An edition as boards receive it. The same bytes for the same edition."""
    return pdf.render("pdf/projects/report.html", report_context(edition))


def report_context(edition: Edition) -> dict[str, Any]:
    """What page and PDF have in common."""
    body, forum = edition.body, Forum.current()
    address = letters.absolute(edition.get_absolute_url()).split("//")[-1]
    cover = [
        {"label": "Prepared by", "value": edition.prepared_by},
        {"label": "Read it online", "value": address},
    ]
    if forum.phone:
        said = f"{forum.phone}, also for large print or another language"
        cover.append({"label": "Ask us", "value": said})
    return {
        "forum": forum,
        "title": "Co-production progress report",
        "about": f"Co-production progress report {edition.number} of {forum.name}",
        "foot": f"Co-production progress report {edition.number}, {day(edition.on)}",
        "sub": [day(edition.on), reports.finding(body)],
        "state": {"word": f"Edition {edition.number}", "look": "plain"},
        "cover": cover,
        "edition": edition,
        "body": body,
        "parts": table_by_status(body),
        "below": reports.below(body),
        "revisions": reports.revisions(edition),
    }


def table_by_status(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The table's parts, one a status that has any project, with each level in words."""
    parts = []
    for each in body["counts"]:
        rows = [
            row | {"level_words": reports.level_words(row["level"], body)}
            for row in body["rows"]
            if row["status"] == each["status"]
        ]
        if rows:
            parts.append(each | {"rows": rows})
    return parts
