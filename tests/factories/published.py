"""Minutes on their way to the public, made by the services that really make them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from meetings.models import AgendaItem, Meeting, Minutes, Paragraph
from meetings.services.agreement import answer_minutes
from meetings.services.minutes import (
    circulate_minutes,
    keep_private,
    open_minutes,
    save_section,
    save_short_version,
)
from meetings.services.publicity import publish_minutes, tick_tasks

TEXT = (
    "The team showed how routes were planned over the summer.\n\n"
    "Decision: Each family gets a photo card before a new driver starts. (Everyone agreed)\n\n"
    "Action: Print the cards. (Transport team, by 2 October)\n\n"
    "Ask: Say how long each step takes. (Therapy service, by 30 October)"
)
SHORT = "Families will know a new driver’s face.\nThe council prints the cards."


def written_minutes(
    meeting: Meeting, *, by: Any, items: Any = (("School transport", TEXT),), short: str = SHORT
) -> Minutes:
    """A draft that nobody has seen: one box for each (title, text)."""
    for position, (title, _) in enumerate(items, 1):
        AgendaItem.objects.create(meeting=meeting, title=title, position=position)
    minutes = open_minutes(meeting=meeting, by=by)
    for section, (_, text) in zip(minutes.sections.all(), items, strict=True):
        save_section(section=section, text=text, edit_no=0, by=by)
    save_short_version(minutes=minutes, text=short, by=by)
    return Minutes.objects.get(pk=minutes.pk)


def withhold(minutes: Minutes, words: str, *, by: Any, reason: str = "It points to one family."):
    """Keep the paragraphs private in which ``words`` stand."""
    found = Paragraph.objects.filter(section__minutes=minutes, text__contains=words)
    assert found.exists(), words
    for paragraph in found:
        keep_private(paragraph=paragraph, reason=reason, by=by)


def circulated_minutes(meeting: Meeting, *, by: Any, days_ago: int = 1, **fields: Any) -> Minutes:
    """Version 1 sent out ``days_ago``; its comment window closes six days after that."""
    minutes = written_minutes(meeting, by=by, **fields)
    return send_out(minutes, by=by, days_ago=days_ago)


def send_out(minutes: Minutes, *, by: Any, days_ago: int = 1) -> Minutes:
    at = timezone.now() - timedelta(days=days_ago)
    circulate_minutes(minutes=minutes, number=1, by=by, at=at)
    return Minutes.objects.get(pk=minutes.pk)


def agreed_minutes(meeting: Meeting, *, by: Any, **fields: Any) -> Minutes:
    """Sent out ten days ago and called a fair record by everybody who was there."""
    return agree(circulated_minutes(meeting, by=by, days_ago=10, **fields))


def agree(minutes: Minutes) -> Minutes:
    version = minutes.versions.latest("number")
    for invitation in minutes.meeting.invitations.attended().select_related("person"):
        answer_minutes(version=version, invitation=invitation, answer="fair", by=invitation.person)
    minutes = Minutes.objects.get(pk=minutes.pk)
    assert minutes.state == "agreed", minutes.state
    return minutes


def published_minutes(meeting: Meeting, *, by: Any, **fields: Any) -> Minutes:
    return publish(agreed_minutes(meeting, by=by, **fields), by=by)


def publish(minutes: Minutes, *, by: Any) -> Minutes:
    tick_tasks(minutes=minutes, tasks={"no_child", "private"}, by=by)
    decided = minutes.meeting.is_parents_only
    publish_minutes(minutes=minutes, by=by, parents_decided=decided)
    return Minutes.objects.get(pk=minutes.pk)
