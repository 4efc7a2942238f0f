"""Everything that the portal holds about one person, gathered from every app."""

from typing import Any

from coprod import registry
from coprod.models import AuditEvent, Message


def everything_about(person: Any) -> dict[str, list[dict[str, Any]]]:
    """One list a heading, in the apps' order. Source: the right of access to one's own data."""
    return {part.heading: part.rows(person) for part in registry.personal_data}


def messages(person: Any) -> list[dict[str, Any]]:
    """What was sent to them, when and how; the words are in the letters themselves."""
    fields = ("template", "channel", "address", "state", "created_at", "sent_at", "note", "reason")
    return list(Message.objects.filter(person=person).order_by("pk").values(*fields))


def deeds(person: Any) -> list[dict[str, Any]]:
    """What they did in the portal: the history holds ids and no words."""
    fields = ("at", "verb", "model", "object_id")
    return list(AuditEvent.objects.filter(by_id=person.pk).order_by("pk").values(*fields))


def register() -> None:
    """Called when the floor is ready."""
    registry.personal_data += [
        registry.PersonalData("Messages to you", frozenset({"coprod.Message.person"}), messages),
        registry.PersonalData("What you did here", frozenset(), deeds),
    ]
