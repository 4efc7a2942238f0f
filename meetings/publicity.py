"""What people read of a meeting in lists and on its page: words from records, never a write.

Whatever the public reads of minutes comes from a stored public rendition: of the version that
was agreed, or of its newest correction (``Minutes.shown_version``).
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Subquery

from coprod.templatetags.forum import day, day_month, to_hour
from meetings.amending import share_words
from meetings.models import ActionItem, AgendaItem, Meeting, Minutes
from meetings.templatetags.minutes import said
from members.models import Sector

#: Headings of the table of who came; a row without a sector is somebody of the forum's own.
SECTORS = {**{value: str(label) for value, label in Sector.choices}, "": "Others"}


@dataclass(frozen=True)
class Status:
    """Where something is: a tag's look and word, and small words beside it."""

    look: str
    text: str
    side: str = ""


def minutes_of(meeting: Meeting) -> Minutes | None:
    """The minutes, once somebody has begun them. Select them together with the meeting."""
    return getattr(meeting, "minutes", None)


def status_of(meeting: Meeting) -> Status | None:
    """What became of a meeting's minutes, in a word or two; None until it has begun."""
    minutes = minutes_of(meeting)
    if meeting.is_cancelled:
        return Status("late", "Cancelled")
    if not meeting.has_begun:
        return None
    if minutes is None or minutes.state == Minutes.State.DRAFT:
        return _draft_due(meeting)
    if minutes.state == Minutes.State.CIRCULATED:
        sent = day_month(minutes.circulated_at)
        return Status("todo", "Minutes being checked", f"Draft sent {sent}")
    if minutes.state == Minutes.State.AGREED:
        return Status("todo", "Minutes agreed", "Not published yet")
    if minutes.state == Minutes.State.WITHDRAWN:
        return Status("wait", "Minutes withdrawn", day(minutes.withdrawn_at))
    return Status("done", "Minutes published", day(minutes.published_at))


def _draft_due(meeting: Meeting) -> Status:
    if meeting.is_recorded_later:
        return Status("wait", "No minutes yet")
    clock = meeting.draft_clock
    if clock.is_late:
        return Status("late", "Draft minutes late", clock.words)
    return Status("todo", f"Draft due {day_month(clock.ends_on)}", clock.words)


def lines_of(meeting: Meeting) -> list[str]:
    """When and where, for a sheet with a date tile beside it."""
    return [to_hour(meeting.starts, meeting.ends), meeting.where]


# Who came -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Came:
    """Who was invited and who came, from a rendition: counts by group, never a name."""

    parts: list[dict[str, Any]]
    invited: int
    came: int
    parents: int
    seats: list[tuple[str, bool]]
    #: Sectors that were at the table, and those that weren't.
    present: list[str]
    missing: list[str]
    below_share: bool
    #: The parents' share beside the one that the forum wants, as a sentence.
    share: str


def came_of(who: dict[str, Any]) -> Came:
    """The table and the round table of a rendition's ``who``."""
    rows = [{**row, "name": row["label"]} for row in who["rows"]]
    parents = [row for row in rows if row["kind"] == "parent"]
    parts = [{"title": "Parents and carers", "kind": "parent", "rows": parents}]
    for sector, title in SECTORS.items():
        theirs = [r for r in rows if r["kind"] != "parent" and r["sector"] == sector]
        parts.append({"title": title, "kind": "service", "rows": theirs})
    empty = [
        (row["kind"], False) for row in rows for _ in range(max(row["invited"] - row["came"], 0))
    ]
    there = [("parent", True)] * who["parents"]
    there += [("service", True)] * (who["total"] - who["parents"])
    return Came(
        parts=[part for part in parts if part["rows"]],
        invited=sum(row["invited"] for row in rows),
        came=who["total"],
        parents=who["parents"],
        seats=[*there, *empty],
        present=_sectors_there(rows),
        missing=who["sectors_missing"],
        below_share=who["below_share"],
        share=share_words(who),
    )


def _sectors_there(rows: list[dict[str, Any]]) -> list[str]:
    there = {row["sector"] for row in rows if row["came"]}
    return [title for sector, title in SECTORS.items() if sector and sector in there]


# Since then ---------------------------------------------------------------------------------------


def status_of_action(action: ActionItem) -> Status:
    """What became of an action, live and outside the agreed text."""
    if action.is_done:
        return Status("done", "Done", day(action.done_at))
    if action.is_late:
        return Status("late", "Overdue", f"Was due {day(action.due_on)}")
    if action.due_on:
        return Status("todo", "To do", f"Due {day(action.due_on)}")
    return Status("todo", "To do", f"Due: {action.due_text}" if action.due_text else "")


def since_then(minutes: Minutes, rendition: dict[str, Any]) -> list[dict[str, Any]]:
    """Each action that the public reads in the agreed text, and what became of it.

    The words come from the rendition; only the status is asked of the record, in one query.
    """
    told = {
        paragraph["uid"]: paragraph
        for item in rendition["items"]
        for paragraph in item["paragraphs"]
        if paragraph["kind"] == "action"
    }
    records = ActionItem.objects.filter(paragraph__section__minutes=minutes).select_related(
        "paragraph"
    )
    live = {str(record.paragraph.uid): status_of_action(record) for record in records}
    return [
        {
            "number": paragraph["number"],
            "anchor": f"p{paragraph['number'].replace('.', '-')}",
            "text": said(paragraph),
            "who": paragraph.get("who", ""),
            "status": live[uid],
        }
        for uid, paragraph in told.items()
        if uid in live
    ]


# The home page ------------------------------------------------------------------------------------


def home_section() -> dict[str, Any]:
    """What meetings show on the home page: the next one, and the newest published minutes."""
    return {"next": _next_meeting(), "newest": _newest_minutes()}


def _next_meeting() -> dict[str, Any] | None:
    # Its first points are read with it: the home page asks few questions.
    items = AgendaItem.objects.public().filter(meeting=OuterRef("pk"))
    points = {f"point_{n}": Subquery(items.values("title")[n : n + 1]) for n in range(3)}
    soon = Meeting.objects.public().taking_place().coming().annotate(**points)[:3]
    meeting = next((each for each in soon if not each.is_past), None)
    if meeting is None:
        return None
    text = ""
    if meeting.agenda_sent_at and not meeting.is_parents_only:
        titles = [title for title in (getattr(meeting, point) for point in points) if title]
        text = f"On the agenda: {'; '.join(titles)}." if titles else ""
    button = "See the agenda" if text else "About this meeting"
    url = meeting.get_absolute_url()
    return {
        "date": meeting.date,
        "title": meeting.title,
        "url": url,
        "lines": lines_of(meeting),
        "button": {"label": button, "url": url},
        "text": text or meeting.expect,
    }


def _newest_minutes() -> dict[str, Any] | None:
    """The published minutes of the latest meeting, from their stored public rendition."""
    minutes = (
        Minutes.objects.published()
        .only("meeting__date", "meeting__slug", "shown_version__public")
        .order_by("-meeting__date", "-pk")
        .first()
    )
    if minutes is None or minutes.shown_version is None:
        return None
    public = minutes.shown_version.public
    return {
        "title": public["meeting"]["title"],
        "date": minutes.meeting.date,
        "url": minutes.meeting.get_absolute_url(),
        "short_version": public["short_version"],
        "came": came_of(public["who"]),
    }


def embedded() -> dict[str, Any]:
    """What stands in another website's frame: the next meeting, the three newest minutes."""
    newest = (
        Minutes.objects.published()
        .select_related(None)
        .select_related("meeting")
        .only("meeting__title", "meeting__date", "meeting__slug")
        .order_by("-meeting__date", "-pk")
    )
    return {
        "origin": settings.COPROD_ORIGIN,
        "next": _next_meeting(),
        "newest": [
            {
                "title": minutes.meeting.title,
                "date": minutes.meeting.date,
                "url": minutes.meeting.get_absolute_url(),
            }
            for minutes in newest[:3]
        ],
    }
