"""Minutes in every state: written by the real services, so that they are as real ones are."""

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from meetings.models import Comment, Meeting, Minutes, Section, Version
from meetings.services import minutes as services
from meetings.services.agreement import answer_minutes
from meetings.services.comments import comment_on
from tests.factories.meetings import AgendaItemFactory

TEXT = "Six families tried the new page.\n\nAction: Hester to ring the council by 2 October"


def written(meeting: Meeting, *texts: str, by: Any, **item: Any) -> Minutes:
    """A working copy with one agenda item for each text."""
    for number in range(len(texts or (TEXT,))):
        AgendaItemFactory(meeting=meeting, title=f"Item {number + 1}", **item)
    minutes = services.open_minutes(meeting=meeting, by=by)
    for section, text in zip(minutes.sections.all(), texts or (TEXT,), strict=True):
        services.save_section(section=section, text=text, edit_no=0, by=by)
    return minutes


def rewrite(minutes: Minutes, text: str, *, by: Any, item: int = 0) -> None:
    """Save another text in the box of the first item, or of the one at that place."""
    section = list(minutes.sections.all())[item]
    services.save_section(section=section, text=text, edit_no=section.edit_no, by=by)


def circulated(meeting: Meeting, *texts: str, by: Any, days_ago: int = 0) -> Version:
    """Version 1, sent ``days_ago``; its comment window is seven days."""
    minutes = written(meeting, *texts, by=by)
    at = timezone.now() - timedelta(days=days_ago) if days_ago else None
    return services.circulate_minutes(minutes=minutes, number=1, by=by, at=at)


def paragraphs(version: Version) -> list[dict[str, Any]]:
    """The full rendition's paragraphs in order."""
    return [p for item in version.full["items"] for p in item["paragraphs"]]


def comment(version: Version, person: Any, *, place: int = 0, **fields: Any) -> Comment:
    """A comment on the first paragraph, or on the one at ``place``."""
    values = {"kind": "wrong", "speaking_for": "myself", "text": "We said a quarter."} | fields
    return comment_on(
        version=version,
        invitation=version.minutes.meeting.invitations.get(person=person),
        uid=paragraphs(version)[place]["uid"],
        once=values.pop("once", None) or uuid.uuid4(),
        by=values.pop("by", person),
        **values,
    )


def answer(version: Version, person: Any, said: str = "fair", *, reason: str = "") -> None:
    """One attendee's answer; a reason is made up for "not yet"."""
    answer_minutes(
        version=version,
        invitation=version.minutes.meeting.invitations.get(person=person),
        answer=said,
        reason=reason or ("4.2 is wrong" if said == "not_yet" else ""),
        by=person,
    )


def first_section(minutes: Minutes) -> Section:
    section = minutes.sections.first()
    assert section is not None
    return section


def agreed(meeting: Meeting, *texts: str, by: Any, people: Any) -> Minutes:
    """Sent eight days ago and agreed by ``people``."""
    version = circulated(meeting, *texts, by=by, days_ago=8)
    for person in people:
        answer(version, person)
    minutes = Minutes.objects.get(pk=version.minutes_id)
    assert minutes.state == "agreed", "these people are not enough for the rule"
    return minutes
