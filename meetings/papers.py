"""Papers as somebody reads them: with the items that they may see, never with others."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from coprod.models import Forum
from coprod.templatetags.forum import day, long_day, to_hour
from meetings.models import Meeting, Paper
from meetings.reading import WORDS_A_MINUTE


@dataclass(frozen=True)
class Read:
    """One paper in a list: what it is, what is asked, how long it takes, whether it came late."""

    paper: Paper
    url: str
    minutes: int
    is_late: bool


def reading_time(paper: Paper) -> int:
    """Whole minutes, at least one, for the summary and the text."""
    words = len(f"{paper.summary} {paper.text}".split())
    return max(1, round(words / WORDS_A_MINUTE))


def is_late(paper: Paper, meeting: Meeting) -> bool:
    """Whether it came after the agenda had gone out."""
    return meeting.agenda_sent_at is not None and paper.added_at > meeting.agenda_sent_at


def with_papers(meeting: Meeting, agenda: Iterable[dict[str, Any]] | None) -> None:
    """Put ``papers`` on each row of an agenda as one reader may see it, in one question.

    A row without ``pk`` is a marker for something private: its papers stay away.
    """
    rows = {row["pk"]: row for row in agenda or () if "pk" in row}
    if not rows:
        return
    for paper in Paper.objects.filter(item__in=rows):
        rows[paper.item_id].setdefault("papers", []).append(
            Read(
                paper,
                reverse("meetings:paper_detail", args=[meeting.slug, paper.pk]),
                reading_time(paper),
                is_late(paper, meeting),
            )
        )


def pack_context(meeting: Meeting, agenda: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole pack: the items that a reader may see, each with its papers, numbered 4.1, 4.2."""
    forum = Forum.current()
    for row in agenda:
        row["numbered"] = [
            {"number": f"{row['number']}.{n}", "read": read}
            for n, read in enumerate(row.get("papers", ()), 1)
        ]
    total = sum(each["read"].minutes for row in agenda for each in row["numbered"])
    when = f"{long_day(meeting.date)}, {to_hour(meeting.starts, meeting.ends)}"
    return {
        "forum": forum,
        "meeting": meeting,
        "agenda": agenda,
        "reading": total,
        "title": f"Agenda: {meeting.title}",
        "foot": f"Agenda, {meeting.title}, {day(meeting.date)}.",
        "about": f"Agenda and papers of {meeting.title}, {day(meeting.date)}, {forum.name}",
        "sub": [when, meeting.where],
    }
