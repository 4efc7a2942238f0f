"""The two renditions of a version: what those who were there read, and what everyone reads.

Both are built once, when a version is circulated, and stored. Nothing public is ever
computed from the full one when somebody reads.
"""

from collections.abc import Iterator
from typing import Any

from meetings.models import AgendaItem, Invitation, Meeting, Minutes, Paragraph, Section, Version
from meetings.models.attendance import missed_items
from meetings.services.attendance import place_of, summary_of

#: What stands where a whole item is private.
PRIVATE_ITEM = "A private item"


def build(minutes: Minutes) -> tuple[dict[str, Any], dict[str, Any]]:
    """The full and the public rendition of the working copy, as plain data."""
    meeting = minutes.meeting
    people = list(meeting.invitations.with_people())
    missed = missed_items(meeting)
    frame = {
        "meeting": _meeting(meeting),
        "who": _who_came(meeting, people),
        "short_version": minutes.short_version.strip(),
    }
    full, public = [], []
    for number, section, living in numbered(minutes):
        room = _room(meeting, people, missed, section.item_id) if missed else None
        full.append(_item(section.item, number, living, full=True, room=room))
        public.append(_item(section.item, number, living, full=False, room=room))
    return {**frame, "items": full}, {**frame, "items": public}


def same_words(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two renditions say the same, whichever rows their items came from.

    Versions that went out before items were told apart hold no ``item``.
    """
    return _without_rows(one) == _without_rows(other)


def _without_rows(rendition: dict[str, Any]) -> dict[str, Any]:
    items = [{k: v for k, v in item.items() if k != "item"} for item in rendition["items"]]
    return {**rendition, "items": items}


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


def _who_came(meeting: Meeting, people: list[Invitation]) -> dict[str, Any]:
    """Invited and came, by group and organisation, never by name."""
    summary = summary_of(meeting, people)
    who: dict[str, Any] = {
        "parents": summary.parents,
        "total": summary.total,
        "sectors_missing": list(summary.sectors_missing),
        "below_share": summary.is_low,
        "wanted": summary.wanted,
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
    if summary.partly:
        who["partly"] = summary.partly
    return who


def _room(
    meeting: Meeting, people: list[Invitation], missed: dict[int, set[int]], item: int
) -> dict[str, Any]:
    """Who was in the room for one item, by count: asked of each decision when somebody was there
    for a part only.
    """
    there = [i for i in people if i.attended and item not in missed.get(i.pk, ())]
    parents = sum(each.is_parent for each in there)
    return {
        "parents": parents,
        "total": len(there),
        "groups": sorted({place_of(i)[2] for i in there if i.comes_for is not None}),
        "below_share": bool(there) and 100 * parents < meeting.parents_share * len(there),
    }


def _item(
    item: AgendaItem,
    number: int,
    living: list[Paragraph],
    *,
    full: bool,
    room: dict[str, Any] | None,
) -> dict[str, Any]:
    shut = item.is_private and not full
    return {
        "item": item.pk,
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
        else [_paragraph(p, f"{number}.{n}", full, room) for n, p in enumerate(living, 1)],
    }


def _paragraph(
    paragraph: Paragraph, number: str, full: bool, room: dict[str, Any] | None
) -> dict[str, Any]:
    if paragraph.is_private and not full:
        return {
            "uid": str(paragraph.uid),
            "number": number,
            "private": True,
            "kind": "text",
            "text": paragraph.public_text,
            "private_reason": paragraph.private_reason,
        }
    data = paragraph_data(paragraph, number)
    if room is not None and paragraph.kind == Paragraph.Kind.DECISION:
        data["room"] = room
    return data


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


# What a reader may not have -----------------------------------------------------------------------


def shut_item(item: dict[str, Any], reason: str) -> dict[str, Any]:
    """Only that there is an item, and why it is private, as the public rendition has it."""
    nothing: dict[str, Any] = {
        "purpose": "",
        "lead": "",
        "minutes": None,
        "can_decide": "",
        "paragraphs": [],
    }
    return {**item, **nothing, "title": PRIVATE_ITEM, "private": True, "private_reason": reason}


def withheld(paragraph: dict[str, Any], reason: str) -> dict[str, Any]:
    """Only that there is a paragraph, and why it is private."""
    named = {key: paragraph[key] for key in ("uid", "number")}
    return {**named, "private": True, "kind": "text", "text": "", "private_reason": reason}


# Released later -----------------------------------------------------------------------------------


def public_with_released(version: Version, uids: set[str], items: set[int]) -> dict[str, Any]:
    """A version's public rendition with some private paragraphs and items opened.

    ``uids`` name paragraphs, ``items`` agenda items by their row. A private paragraph of an
    opened item stays shut unless it is named itself. Nothing is read but what the version
    stores. Raises LookupError for anything that isn't private in it, and for a paragraph whose
    item stays shut.
    """
    return _released(version, uids, items)[1]


def full_with_released(version: Version, uids: set[str], items: set[int]) -> dict[str, Any]:
    """The full rendition that goes with ``public_with_released``: what was opened is marked so."""
    return _released(version, uids, items)[0]


def _released(
    version: Version, uids: set[str], items: set[int]
) -> tuple[dict[str, Any], dict[str, Any]]:
    stored = {item["number"]: item for item in version.public["items"]}
    full_items, public_items = [], []
    left: set[str | int] = {*uids, *items}
    for item in version.full["items"]:
        public = stored[item["number"]]
        if item["private"] and item.get("item") not in items:
            full_items.append(item)
            public_items.append(public)
            continue
        if item["private"]:
            left.discard(item["item"])
            item = {**item, "private": False, "private_reason": ""}
        shown = {p["uid"]: p for p in public["paragraphs"]}
        full_paragraphs, public_paragraphs = [], []
        for paragraph in item["paragraphs"]:
            uid = paragraph["uid"]
            if paragraph["private"] and uid in uids:
                left.discard(uid)
                paragraph = {**paragraph, "private": False, "private_reason": ""}
            full_paragraphs.append(paragraph)
            kept = withheld(paragraph, paragraph["private_reason"])
            public_paragraphs.append(shown.get(uid, kept) if paragraph["private"] else paragraph)
        full_items.append({**item, "paragraphs": full_paragraphs})
        public_items.append({**item, "paragraphs": public_paragraphs})
    if left:
        raise LookupError(f"Not private in {version}: {sorted(map(str, left))}")
    return {**version.full, "items": full_items}, {**version.public, "items": public_items}
