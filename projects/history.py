"""What happened to a project, for those who may read it: who did what, when; never words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coprod.models import AuditEvent
from coprod.templatetags.forum import and_list
from members.models import Person
from projects.models import Named, Project
from projects.status import Status

#: How many of the newest are shown.
MOST = 30

VERBS = {
    "add_project": "Added",
    "import_project": "Brought in with a table",
    "change_project": "Changed",
    "complete_project": "Marked completed",
    "reopen_project": "Completion taken back",
    "review_project": "Looked at again",
    "give_review_date": "Given a day to be looked at again",
    "override_status": "Status set by hand",
    "end_override": "Status follows from the dates again",
    "write_update": "News added",
    "name_person": "Somebody named on it",
    "end_naming": "Somebody taken off it",
    "ask_to_be_named": "Somebody asked to be named on it",
    "change_level": "The level that the log proves changed",
}
FIELDS = {
    "title": "its name",
    "summary": "what it is",
    "driver": "why it is done",
    "involved": "who is involved",
    "theme": "the theme",
    "lead": "the service that leads it",
    "wards": "where it matters",
    "is_public": "who sees it",
    "started_text": "the start",
    "due_text": "the due date",
    "review_on": "the day of review",
}


@dataclass(frozen=True)
class Event:
    """One line of the list."""

    at: datetime
    what: str
    who: str


def of(project: Project) -> list[Event]:
    """The newest events about a project. Two questions."""
    events = list(AuditEvent.objects.about(project)[:MOST])
    ids = {event.by_id for event in events} | {event.data.get("person") for event in events}
    names = dict(Person.objects.filter(pk__in=ids - {None}).values_list("pk", "name"))
    return [
        Event(event.at, _what(event.verb, event.data, names), names.get(event.by_id or 0, ""))
        for event in events
    ]


def _what(verb: str, data: dict[str, Any], names: dict[int, str]) -> str:
    if verb == "change_project":
        fields = [FIELDS[name] for name in data.get("fields", []) if name in FIELDS]
        return f"Changed: {and_list(fields)}" if fields else VERBS[verb]
    if verb == "override_status" and data.get("status") in Status.values:
        return f"Status set by hand: {Status(data['status']).label.lower()}"
    who = names.get(data.get("person", 0), "Somebody")
    if verb == "name_person" and data.get("part") in Named.Part.values:
        return f"{who} named as {Named.Part(data['part']).label.lower()}"
    if verb == "end_naming":
        return f"{who} taken off it"
    return VERBS.get(verb, verb.replace("_", " ").capitalize())
