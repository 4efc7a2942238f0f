"""Asks of minutes in every state, and of what was heard elsewhere; made by the real services."""

from datetime import timedelta
from typing import Any

from coprod import clocks
from meetings.models import Ask
from meetings.services import asks
from tests.factories.meetings import past_meeting
from tests.factories.minutes import circulated, written
from tests.factories.published import published_minutes

WORDS = "Say how long each step takes"


def text_with(days: int | None = 21, words: str = WORDS, who: str = "Therapy service") -> str:
    """Minutes with one ask, due ``days`` from today; None: the words name no day."""
    due = clocks.today() + timedelta(days=days or 0)
    by = f", by {due:%-d %B %Y}" if days is not None else ""
    return f"Six families told how long they wait.\n\nAsk: {words}. ({who}{by})"


def published_ask(*people: Any, by: Any, text: str = "", **meeting: Any) -> Ask:
    """An ask that everybody reads, said thirty days ago with ``people`` in the room."""
    meeting.setdefault("days", 30)
    held = past_meeting(*people, **meeting)
    published_minutes(held, by=by, items=(("Waiting", text or text_with()),))
    return Ask.objects.get(paragraph__section__minutes__meeting=held)


def sent_ask(*people: Any, by: Any, text: str = "", **meeting: Any) -> Ask:
    """An ask of a draft that people were sent, and that nobody else may read."""
    held = past_meeting(*people, **meeting)
    circulated(held, text or text_with(), by=by)
    return Ask.objects.get(paragraph__section__minutes__meeting=held)


def draft_ask(*people: Any, by: Any, text: str = "", **meeting: Any) -> Ask:
    """An ask of a draft that nobody has been sent."""
    held = past_meeting(*people, **meeting)
    written(held, text or text_with(), by=by)
    return Ask.objects.get(paragraph__section__minutes__meeting=held)


def heard_ask(*, by: Any, **fields: Any) -> Ask:
    """An ask that was heard at an open morning a week ago."""
    values: dict[str, Any] = {
        "text": "Tell us who drives the bus",
        "of_whom": "Transport team",
        "said_on": clocks.today() - timedelta(days=7),
        "said_where": "Open morning at the library",
    }
    return asks.add_ask(by=by, **{**values, **fields})


def fresh(ask: Ask) -> Ask:
    """The ask as it is stored now, with all that hangs on it."""
    return Ask.objects.with_all().get(pk=ask.pk)
