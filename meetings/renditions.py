"""The two renditions of a version: what those who were there read, and what everyone reads.

Both are built once, when a version is circulated, and stored. Nothing public is ever
computed from the full one when somebody reads.
"""

from collections.abc import Iterator
from typing import Any

from meetings.models import AgendaItem, Meeting, Minutes, Paragraph, Section
from meetings.services.attendance import attendance_summary

#: What stands where a whole item is private.
PRIVATE_ITEM = "A private item"


def build(minutes: Minutes) -> tuple[dict[str, Any], dict[str, Any]]:
    """The full and the public rendition of the working copy, as plain data."""
    meeting = minutes.meeting
    frame = {
        "meeting": _meeting(meeting),
        "who": who_came(meeting),
        "short_version": minutes.short_version.strip(),
    }
    full, public = [], []
    for number, section, living in numbered(minutes):
        full.append(_item(section.item, number, living, full=True))
        public.append(_item(section.item, number, living, full=False))
    return {**frame, "items": full}, {**frame, "items": public}


def numbered(minutes: Minutes) -> Iterator[tuple[int, Section, list[Paragraph]]]:
    """The working copy's items as they are numbered now, each with its living paragraphs.

    An item that was taken off the agenda stays while something is written under it.
    """
    sections = minutes.sections.select_related("item").prefetch_related(
        "paragraphs__actionitem", "paragraphs__decision", "paragraphs__ask"
    )
    number = 0
    for section in sections:
        living = [p for p in section.paragraphs.all() if p.retired_at is None]
        if living or section.item.state == AgendaItem.State.ON:
            number += 1
            yield number, section, living


def _meeting(meeting: Meeting) -> dict[str, Any]:
    return {
        "title": meeting.title,
        "date": meeting.date.isoformat(),
        "starts": f"{meeting.starts:%H:%M}",
        "ends": f"{meeting.ends:%H:%M}",
        "where": meeting.where,
    }


def who_came(meeting: Meeting) -> dict[str, Any]:
    """Invited and came, by group and organisation, never by name."""
    summary = attendance_summary(meeting)
    return {
        "parents": summary.parents,
        "total": summary.total,
        "sectors_missing": list(summary.sectors_missing),
        "below_share": summary.is_low,
        "rows": [
            {
                "label": row.label,
                "kind": row.kind,
                "sector": row.sector,
                "invited": row.invited,
                "came": row.came,
            }
            for row in summary.rows
        ],
    }


def _item(item: AgendaItem, number: int, living: list[Paragraph], *, full: bool) -> dict[str, Any]:
    shut = item.is_private and not full
    return {
        "number": number,
        "title": PRIVATE_ITEM if shut else item.title,
        "purpose": "" if shut else item.get_purpose_display(),
        "lead": "" if shut else item.lead,
        "minutes": None if shut else item.minutes,
        "can_decide": "" if shut else item.can_decide,
        "private": item.is_private,
        "private_reason": item.private_reason if item.is_private else "",
        "paragraphs": []
        if shut
        else [_paragraph(p, f"{number}.{n}", full=full) for n, p in enumerate(living, 1)],
    }


def _paragraph(paragraph: Paragraph, number: str, *, full: bool) -> dict[str, Any]:
    if paragraph.is_private and not full:
        return {
            "uid": str(paragraph.uid),
            "number": number,
            "private": True,
            "kind": "text",
            "text": paragraph.public_text,
            "private_reason": paragraph.private_reason,
        }
    return paragraph_data(paragraph, number)


def paragraph_data(paragraph: Paragraph, number: str) -> dict[str, Any]:
    """A paragraph with its record, as readers of the full rendition have it."""
    return {
        "uid": str(paragraph.uid),
        "number": number,
        "private": paragraph.is_private,
        "kind": paragraph.kind,
        "text": paragraph.text,
        "private_reason": paragraph.private_reason,
        **_record(paragraph),
    }


def _record(paragraph: Paragraph) -> dict[str, Any]:
    if paragraph.kind == Paragraph.Kind.DECISION:
        return {"how": paragraph.decision.how}
    if paragraph.kind == Paragraph.Kind.ACTION:
        record = paragraph.actionitem
        return {"who": record.owner, **_due(record.due_text, record.due_on)}
    if paragraph.kind == Paragraph.Kind.ASK:
        ask = paragraph.ask
        return {"who": ask.of_whom, **_due(ask.due_text, ask.due_on)}
    return {}


def _due(text: str, day: Any) -> dict[str, Any]:
    return {"due_text": text, "due_on": day.isoformat() if day else None}
