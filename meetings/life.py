"""Where minutes are on their fixed way, from the records; for the tracker on every page."""

from typing import Any

from coprod import clocks
from coprod.templatetags.forum import day as with_year
from coprod.templatetags.forum import day_month, plural
from meetings.models import Meeting, Minutes, Version
from meetings.models.agreement import Tally, tally
from meetings.stamps import confirmation_of

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
    way = [*life, *comments, _agreed(minutes, count), _published(minutes)]
    return [*way, *_corrected(minutes)]


def _corrected(minutes: Minutes) -> list[Step]:
    """A seventh step once published minutes were put right."""
    shown = minutes.shown_version
    if shown is None or shown.pk == minutes.agreed_version_id:
        return []
    return [_step("Corrected", _said(minutes.meeting, shown.circulated_at), DONE)]


def _step(label: str, when: str, state: str) -> Step:
    return {"label": label, "when": when, "state": state}


def _said(meeting: Meeting, when: Any) -> str:
    """A day; with its year where the meeting was recorded later, which may be years later."""
    return with_year(when) if meeting.is_recorded_later else day_month(when)


def _met(meeting: Meeting) -> Step:
    return _step("Met", _said(meeting, meeting.date), DONE if meeting.has_begun else NEXT)


def _shared(meeting: Meeting, minutes: Minutes | None) -> Step:
    label = "Draft shared"
    clock = minutes.clock if minutes else meeting.draft_clock
    if clock.kept_on is not None:
        said = _said(meeting, clock.kept_on)
        counted = "" if meeting.is_recorded_later else f", {_kept_words(clock)}"
        return _step(label, said + counted, DONE)
    if meeting.is_recorded_later:
        return _step(label, "nothing sent so far", NEXT)
    if not meeting.has_begun:
        return _step(label, f"due {day_month(clock.ends_on)}", NEXT)
    if clock.is_late:
        return _step(label, f"was due {day_month(clock.ends_on)}, {clock.words}", LATE)
    if clock.extension:
        return _step(label, f"new date {day_month(clock.ends_on)}", NOW)
    words = f"due {day_month(clock.due_on)}, day {clock.day} of {clock.days}"
    return _step(label, words, NOW)


def _kept_words(clock: clocks.Clock) -> str:
    """How a draft that went out kept its promise."""
    if clock.is_explained:
        return "later than promised, explained"
    if clock.state == "late" and not clock.is_late:
        return "late, by the new date"
    return clock.words[:1].lower() + clock.words[1:]


def _comments(minutes: Minutes, version: Version, count: Tally) -> list[Step]:
    window = version.window
    until = f"until {_said(minutes.meeting, window.last_day)}"
    if window.is_held and window.waiting:
        until = f"until {window.waits_for}"
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
        version = minutes.agreed_version
        if version is not None and confirmation_of(version, count):
            return _step("Confirmed at a later meeting", agreed_on, DONE)
        return _step(label, f"{agreed_on}, {count.fair} of {count.present}", DONE)
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


def window_sentence(version: Version) -> str:
    """When comments close, or closed, in a sentence or two; and why, where that was unusual."""
    window = version.window
    if not window.is_open:
        closed = f"Comments closed on {_weekday(window.last_day)}."
        if window.reason:
            return f"{closed} Not everybody had their copy in time: {window.reason}"
        return closed
    if window.is_held and window.waiting:
        return f"Comments stay open until {window.waits_for}, and a little longer."
    closes = window.last_day
    near = {0: "today, ", 1: "tomorrow, "}.get((closes - clocks.today()).days, "")
    when = f"Comments close {near}{_weekday(closes)}, at the end of the day."
    late = "Somebody’s copy reached them late, so there’s more time for everyone."
    return f"{when} {late}" if window.is_held else when


def _weekday(day: Any) -> str:
    return f"{day:%A} {day_month(day)}"


def day_clock(clock: clocks.Clock, version: Version | None) -> dict[str, Any]:
    """What the day boxes show: today within the promise; afterwards the day it was kept.

    Keys: day, of, title, shared and closes (day numbers or None), note, due_on.
    """
    today = (clocks.today() - clock.begins_on).days
    closes = (version.closes_on - clock.begins_on).days if version else None
    if today <= clock.days:
        day, title = today, f"Day {max(today, 0)} of {clock.days}"
    elif clock.kept_on and clock.state == "kept":
        day, title = clock.day, f"Shared on day {clock.day} of {clock.days}"
    else:
        day, title = clock.days + 1, _past_title(clock)
    return {
        "day": max(day, 0),
        "of": clock.days,
        "title": title,
        "shared": clock.day if clock.kept_on and clock.day <= clock.days else None,
        "closes": closes if closes is not None and closes <= clock.days else None,
        "note": _clock_note(clock),
        "due_on": clock.ends_on,
        "is_late": clock.is_late,
    }


def _past_title(clock: clocks.Clock) -> str:
    """The days' heading once the promised day has passed without a draft."""
    if clock.kept_on and clock.extension is None:
        return f"Shared {clock.words}"
    if clock.kept_on:
        return f"Shared on {day_month(clock.kept_on)}, {_kept_words(clock)}"
    if clock.is_late:
        return f"The draft is {clock.words}"
    return f"New date: {clock.ends_on:%A} {day_month(clock.ends_on)}"


def _clock_note(clock: clocks.Clock) -> str:
    if clock.kept_on is None:
        due = f"{clock.ends_on:%A} {day_month(clock.ends_on)}"
        if clock.extension:
            return f"The new date is {due}. {explanation(clock)}"
        return f"Everyone gets the draft within {plural(clock.days, 'day')}: by {due}."
    came = f"The draft came out on {day_month(clock.kept_on)}"
    if clock.state == "kept":
        return f"The draft came out on day {clock.day}, so that promise is kept."
    return f"{came}, {_kept_words(clock)}. {explanation(clock)}".strip()


def explanation(clock: clocks.Clock) -> str:
    """Why it took longer, and when that was said; nothing where nobody gave a reason."""
    told = clock.extension
    if told is None:
        return ""
    late = f", {plural(told.days_after, 'day')} after it was due" if told.days_after else ""
    reason = told.reason if told.reason.endswith((".", "!", "?")) else f"{told.reason}."
    return f"{reason} (Said on {day_month(told.recorded_on)}{late}.)"
