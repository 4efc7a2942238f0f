"""Where minutes are on their fixed way, from the records; for the tracker on every page."""

from typing import Any

from coprod import clocks
from coprod.templatetags.forum import day as with_year
from coprod.templatetags.forum import day_month, plural
from meetings.models import Meeting, Minutes, Version
from meetings.models.agreement import Tally, tally

DONE, NOW, NEXT, LATE = "done", "now", "next", "late"
Step = dict[str, str]


def life_of(minutes: Minutes | None, *, meeting: Meeting | None = None) -> list[Step]:
    """The six steps: label, when in words, and state (done, now, next or late).

    ``minutes`` is None before the first word is written; then ``meeting`` says whose they are.
    """
    if minutes is None:
        assert meeting is not None, "a life belongs to a meeting"
        return _steps(meeting, None, None, None)
    version = minutes.agreed_version or minutes.latest
    return steps(minutes, version, tally(version) if version else None)


def steps(minutes: Minutes, version: Version | None, count: Tally | None) -> list[Step]:
    """The same from a version and its tally that were read already."""
    return _steps(minutes.meeting, minutes, version, count)


def _steps(
    meeting: Meeting, minutes: Minutes | None, version: Version | None, count: Tally | None
) -> list[Step]:
    life = [_met(meeting), _shared(meeting, minutes)]
    if minutes is None or version is None or count is None:
        return [
            *life,
            _step("Comments open", "once the draft is shared", NEXT),
            _step("Comments answered", "each one gets an answer", NEXT),
            _step("Agreed by those there", "by the people who were there", NEXT),
            _step("Published", "once agreed", NEXT),
        ]
    comments = _comments(minutes, version, count)
    return [*life, *comments, _agreed(minutes, count), _published(minutes)]


def _step(label: str, when: str, state: str) -> Step:
    return {"label": label, "when": when, "state": state}


def _said(meeting: Meeting, when: Any) -> str:
    """A day; with its year where the meeting was recorded later, which may be years later."""
    return with_year(when) if meeting.is_recorded_later else day_month(when)


def _met(meeting: Meeting) -> Step:
    return _step("Met", _said(meeting, meeting.date), DONE if meeting.has_begun else NEXT)


def _shared(meeting: Meeting, minutes: Minutes | None) -> Step:
    clock = (minutes or Minutes(meeting=meeting)).clock
    if clock.kept_on is not None:
        words = clock.words[:1].lower() + clock.words[1:]
        counted = "" if meeting.is_recorded_later else f", {words}"
        return _step("Draft shared", _said(meeting, clock.kept_on) + counted, DONE)
    if not meeting.has_begun:
        return _step("Draft shared", f"due {day_month(clock.due_on)}", NEXT)
    if meeting.is_recorded_later:
        return _step("Draft shared", "to come", NOW)
    if clock.is_late:
        return _step("Draft shared", f"was due {day_month(clock.due_on)}, {clock.words}", LATE)
    words = f"due {day_month(clock.due_on)}, day {clock.day} of {clock.days}"
    return _step("Draft shared", words, NOW)


def _comments(minutes: Minutes, version: Version, count: Tally) -> list[Step]:
    until = f"until {_said(minutes.meeting, version.comments_close_on)}"
    answered = count.all_comments - count.open_comments
    so_far = f"{answered} of {count.all_comments} so far" if count.all_comments else "none so far"
    if version.comments_open and minutes.state == Minutes.State.CIRCULATED:
        return [_step("Comments open", until, NOW), _step("Comments answered", so_far, NEXT)]
    opened = _step("Comments open", until, DONE)
    if count.open_comments:
        return [opened, _step("Comments answered", so_far, NOW)]
    words = {0: "there were none", 1: "the one there was"}.get(answered, f"all {answered}")
    return [opened, _step("Comments answered", words, DONE)]


def _agreed(minutes: Minutes, count: Tally) -> Step:
    label = "Agreed by those there"
    if minutes.agreed_at is not None:
        agreed_on = _said(minutes.meeting, minutes.agreed_at)
        words = f"{agreed_on}, {count.fair} of {count.present}"
        return _step(label, words, DONE)
    waits = count.window_closed and not count.open_comments
    words = f"{count.answered} of {count.present} have answered"
    return _step(label, words, NOW if waits else NEXT)


def _published(minutes: Minutes) -> Step:
    if minutes.state == Minutes.State.PUBLISHED:
        return _step("Published", _said(minutes.meeting, minutes.published_at), DONE)
    if minutes.state == Minutes.State.WITHDRAWN:
        withdrawn_on = _said(minutes.meeting, minutes.withdrawn_at)
        return _step("Published", f"withdrawn {withdrawn_on}", LATE)
    agreed = minutes.state == Minutes.State.AGREED
    return _step("Published", "next" if agreed else "once agreed", NOW if agreed else NEXT)


def window_words(version: Version) -> str:
    """When comments close: ``tomorrow, Friday 20 November, at the end of the day``."""
    closes = version.comments_close_on
    near = {0: "today, ", 1: "tomorrow, "}.get((closes - clocks.today()).days, "")
    return f"{near}{closes:%A} {day_month(closes)}, at the end of the day"


def day_clock(minutes: Minutes, version: Version | None) -> dict[str, Any]:
    """What the day boxes show: today within the promise; afterwards the day it was kept.

    Keys: day, of, title, shared and closes (day numbers or None), note, due_on.
    """
    clock = minutes.clock
    today = (clocks.today() - clock.begins_on).days
    closes = (version.comments_close_on - clock.begins_on).days if version else None
    if today <= clock.days:
        day, title = today, f"Day {max(today, 0)} of {clock.days}"
    elif clock.kept_on and not clock.is_late:
        day, title = clock.day, f"Shared on day {clock.day} of {clock.days}"
    else:
        day = clock.days + 1
        title = f"Shared {clock.words}" if clock.kept_on else f"The draft is {clock.words}"
    return {
        "day": max(day, 0),
        "of": clock.days,
        "title": title,
        "shared": clock.day if clock.kept_on and clock.day <= clock.days else None,
        "closes": closes if closes is not None and closes <= clock.days else None,
        "note": _clock_note(clock),
        "due_on": clock.due_on,
        "is_late": clock.is_late,
    }


def _clock_note(clock: clocks.Clock) -> str:
    if clock.kept_on is None:
        due = f"{clock.due_on:%A} {day_month(clock.due_on)}"
        return f"Everyone gets the draft within {plural(clock.days, 'day')}: by {due}."
    if clock.is_late:
        return f"The draft came out on {day_month(clock.kept_on)}, {clock.words}."
    return f"The draft came out on day {clock.day}, so that promise is kept."
