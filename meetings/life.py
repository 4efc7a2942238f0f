"""Where minutes are on their fixed way, from the records; for the tracker on every page."""

from datetime import date, timedelta
from typing import Any

from coprod import clocks
from coprod.templatetags.forum import day_month, plural
from meetings.models import Comment, Meeting, Minutes, Version
from meetings.models.agreement import tally

DONE, NOW, NEXT, LATE = "done", "now", "next", "late"


def life_of(minutes: Minutes | None, *, meeting: Meeting | None = None) -> list[dict[str, str]]:
    """The six steps: label, when in words, and state (done, now, next or late).

    ``minutes`` is None before the first word is written; then ``meeting`` says whose they are.
    """
    of = minutes.meeting if minutes is not None else meeting
    assert of is not None, "a life belongs to a meeting"
    version = minutes.latest if minutes is not None else None
    return [
        _met(of),
        _shared(of, minutes),
        *_comments(version),
        _agreed(minutes, version),
        _published(minutes),
    ]


def _step(label: str, when: str, state: str) -> dict[str, str]:
    return {"label": label, "when": when, "state": state}


def _met(meeting: Meeting) -> dict[str, str]:
    return _step("Met", day_month(meeting.date), DONE if meeting.has_begun else NEXT)


def _shared(meeting: Meeting, minutes: Minutes | None) -> dict[str, str]:
    clock = (minutes or Minutes(meeting=meeting)).clock
    if clock.kept_on is not None:
        late = f", {clock.words}" if clock.is_late else f", day {clock.day} of {clock.days}"
        return _step("Draft shared", day_month(clock.kept_on) + late, DONE)
    if not meeting.has_begun or meeting.is_recorded_later:
        return _step("Draft shared", "to come", NEXT if not meeting.has_begun else NOW)
    if clock.is_late:
        return _step("Draft shared", f"was due {day_month(clock.due_on)}, {clock.words}", LATE)
    return _step(
        "Draft shared", f"due {day_month(clock.due_on)}, day {clock.day} of {clock.days}", NOW
    )


def _comments(version: Version | None) -> list[dict[str, str]]:
    if version is None:
        return [
            _step("Comments open", "once the draft is shared", NEXT),
            _step("Comments answered", "each one gets an answer", NEXT),
        ]
    outcomes = list(
        Comment.objects.filter(version__minutes=version.minutes_id).values_list(
            "outcome", flat=True
        )
    )
    answered = sum(outcome != "" for outcome in outcomes)
    until = f"until {day_month(version.comments_close_on)}"
    if version.comments_open and version.minutes.state == Minutes.State.CIRCULATED:
        so_far = f"{answered} of {len(outcomes)} so far" if outcomes else "none so far"
        return [_step("Comments open", until, NOW), _step("Comments answered", so_far, NEXT)]
    opened = _step("Comments open", until, DONE)
    if not outcomes:
        return [opened, _step("Comments answered", "there were none", DONE)]
    if answered < len(outcomes):
        words = f"{answered} of {len(outcomes)} so far"
        return [opened, _step("Comments answered", words, NOW)]
    words = "one comment" if len(outcomes) == 1 else f"all {len(outcomes)}"
    return [opened, _step("Comments answered", words, DONE)]


def _agreed(minutes: Minutes | None, version: Version | None) -> dict[str, str]:
    label = "Agreed by those there"
    if minutes is None or version is None:
        return _step(label, "by the people who were there", NEXT)
    if minutes.agreed_at is not None and minutes.agreed_version is not None:
        count = tally(minutes.agreed_version)
        words = f"{day_month(minutes.agreed_at)}, {count.fair} of {count.present}"
        return _step(label, words, DONE)
    count = tally(version)
    words = f"{count.answered} of {count.present} have answered"
    waits = not version.comments_open and not count.open_comments
    return _step(label, words, NOW if waits else NEXT)


def _published(minutes: Minutes | None) -> dict[str, str]:
    if minutes is None or minutes.state in (Minutes.State.DRAFT, Minutes.State.CIRCULATED):
        return _step("Published", "once agreed", NEXT)
    if minutes.state == Minutes.State.AGREED:
        return _step("Published", "next", NOW)
    if minutes.state == Minutes.State.WITHDRAWN:
        return _step("Published", f"withdrawn {day_month(minutes.withdrawn_at)}", LATE)
    return _step("Published", day_month(minutes.published_at), DONE)


def window_words(version: Version) -> str:
    """When comments close: ``tomorrow, Friday 20 November, at the end of the day``."""
    closes = version.comments_close_on
    near = {0: "today, ", 1: "tomorrow, "}.get((closes - clocks.today()).days, "")
    return f"{near}{closes:%A} {day_month(closes)}, at the end of the day"


def day_clock(minutes: Minutes) -> dict[str, Any]:
    """What the day boxes show: today within the promise, else the day it was kept or is late."""
    clock = minutes.clock
    version = minutes.latest
    today = (clocks.today() - clock.begins_on).days
    running = today <= clock.days
    closes = _day_no(clock.begins_on, version.comments_close_on) if version else None
    return {
        "day": max(min(today, clock.days), 1) if running or not clock.kept_on else clock.day,
        "of": clock.days,
        "title": f"Day {max(today, 0)} of {clock.days}"
        if running
        else (f"Shared on day {clock.day} of {clock.days}" if clock.kept_on else clock.words),
        "shared": clock.day if clock.kept_on else None,
        "closes": closes if closes is not None and closes <= clock.days else None,
        "note": _clock_note(clock),
        "due_on": clock.due_on,
    }


def _day_no(begins: date, day: date) -> int:
    return (day - begins) // timedelta(days=1)


def _clock_note(clock: clocks.Clock) -> str:
    if clock.kept_on is None:
        return f"The promise: a draft within {plural(clock.days, 'day')}."
    if clock.is_late:
        return f"The draft came out on day {clock.day}, {clock.words}."
    return f"The draft came out on day {clock.day}, so that promise is kept."
