"""What a meeting's page says of its two promises, the agenda and the draft; never a write."""

from typing import Any

from coprod import clocks
from coprod.templatetags.forum import day, long_day, plural, weekday_month
from meetings.life import explanation
from meetings.models import Delay, Meeting, Minutes
from meetings.services.agenda import agenda_clock

Fact = dict[str, Any]


def facts_of(meeting: Meeting) -> list[Fact]:
    """The rail's lines: by when each goes out, or when it did, and why it took longer."""
    facts = []
    if meeting.agenda_sent_at or not meeting.has_begun:
        facts.append(_agenda(meeting))
    if not meeting.is_recorded_later:
        facts += _draft(meeting.draft_clock)
    return facts


def _agenda(meeting: Meeting) -> Fact:
    clock = agenda_clock(meeting)
    if clock.kept_on:
        return _fact("Agenda", f"Sent {day(clock.kept_on)}", _why(clock))
    when = "Was due by" if clock.is_late else "New date" if clock.extension else "Goes out by"
    return _fact("Agenda", f"{when} {weekday_month(clock.ends_on)}", _why(clock))


def _draft(clock: clocks.Clock) -> list[Fact]:
    why = _why(clock)
    if clock.kept_on:
        return [_fact("Draft minutes", f"Sent {day(clock.kept_on)}", why)] if why else []
    if clock.extension:
        when = "Was due by" if clock.is_late else "New date"
        first = f"Promised by {weekday_month(clock.due_on)}."  # why: in the box beside it
        return [_fact("Draft minutes", f"{when} {weekday_month(clock.ends_on)}", first)]
    promise = f"We promise them within {plural(clock.days, 'day')}"
    return [_fact("Draft minutes", f"Due by {weekday_month(clock.due_on)}", promise)]


def _fact(label: str, value: str, note: str) -> Fact:
    return {"label": label, "value": value, "note": note}


def _why(clock: clocks.Clock) -> str:
    """Why it is later than promised; nothing where it went out in time all the same."""
    if clock.extension is None or clock.state == "kept":
        return ""
    return f"Promised by {weekday_month(clock.due_on)}. {explanation(clock)}"


def running(meeting: Meeting) -> dict[str, Any] | None:
    """The two-week promise while it runs; None once the draft went out or nothing is promised."""
    clock = meeting.draft_clock
    if clock.kept_on is not None or not meeting.is_promised(Delay.Promise.MINUTES):
        return None
    due = long_day(clock.ends_on)
    if clock.is_late:
        title, text = f"The draft minutes are {clock.words}", f"They were promised by {due}."
    elif clock.extension:
        title = f"The draft minutes come by {weekday_month(clock.ends_on)}"
        text = "They take longer than promised."
    else:
        title = f"Day {clock.day} of {clock.days}"
        text = f"Draft minutes go to everybody who was invited by {due}."
    text = f"{text} {explanation(clock)}".strip()
    return {"day": max(clock.day, 1), "of": clock.days, "title": title, "text": text}


def why_later(minutes: Minutes) -> str:
    """Beside published minutes: why their draft took longer. Nothing of parents' meetings."""
    meeting = minutes.meeting
    if meeting.is_parents_only or not meeting.is_promised(Delay.Promise.MINUTES):
        return ""
    return _why(minutes.clock)
