"""What whoever runs a meeting does with it next, from its records; never a write."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from coprod import clocks
from meetings.models import Meeting, Minutes
from meetings.models.calendar import Audience
from meetings.publicity import minutes_of
from meetings.services import delays
from meetings.services.agenda import agenda_clock


@dataclass(frozen=True)
class Step:
    """One thing to do: what the link says, where it goes, and the day it is due, if any."""

    label: str
    url: str
    due: date | None = None


def next_step(meeting: Meeting, *, came: int) -> Step | None:
    """The one thing that a coordinator does next. ``came``: how many are ticked as there."""
    today = clocks.today()
    slug = meeting.slug
    if meeting.is_cancelled:
        return None
    if meeting.date > today:
        if meeting.announced_at is None and meeting.series_id is not None:
            dates = reverse("meetings:plan_publish", args=[meeting.series_id])
            return Step("Announce the dates", dates)
        if meeting.invited_at is None:
            people = reverse("meetings:meeting_people", args=[slug])
            return Step("Invite people", people, meeting.invitation_due_on)
        if meeting.agenda_sent_at is None:
            agenda = reverse("meetings:agenda_edit", args=[slug])
            return Step("Send the agenda", agenda, agenda_clock(meeting).ends_on)
        return None
    if not came and not _is_settled(meeting):
        attendance = reverse("meetings:meeting_attendance", args=[slug])
        return Step("Tick who came", attendance, meeting.date)
    return _minutes_step(meeting)


def _is_settled(meeting: Meeting) -> bool:
    minutes = minutes_of(meeting)
    return minutes is not None and not minutes.is_open


def _minutes_step(meeting: Meeting) -> Step | None:
    minutes, slug = minutes_of(meeting), meeting.slug
    if minutes is None or minutes.state == Minutes.State.DRAFT:
        clock = meeting.draft_clock
        due = None if meeting.is_recorded_later else clock.ends_on
        return Step("Write the minutes", reverse("meetings:minutes_write", args=[slug]), due)
    if minutes.state == Minutes.State.CIRCULATED:
        return Step("See what people say", reverse("meetings:comments_settle", args=[slug]))
    if minutes.state == Minutes.State.AGREED:
        return Step("Publish the minutes", reverse("meetings:minutes_publish", args=[slug]))
    return None


def other_steps(meeting: Meeting) -> list[Step]:
    """The quiet list beside it: every page of the coordinator's about one meeting."""
    slug, minutes = meeting.slug, minutes_of(meeting)
    steps = [
        Step("People and replies", reverse("meetings:meeting_people", args=[slug])),
        Step("Agenda", reverse("meetings:agenda_edit", args=[slug])),
    ]
    if meeting.is_cancelled:
        return steps
    if meeting.audience == Audience.OPEN:
        steps += [Step("Who has signed up", reverse("meetings:sign_up_list", args=[slug]))]
    if meeting.date <= clocks.today():
        steps += [
            Step("Who was there", reverse("meetings:meeting_attendance", args=[slug])),
        ]
        if minutes is None or minutes.is_open:
            steps += [Step("Write the minutes", reverse("meetings:minutes_write", args=[slug]))]
    if not meeting.has_begun and (meeting.announced_at or meeting.invited_at):
        steps += [
            Step("Move or cancel it", reverse("meetings:meeting_move", args=[slug])),
        ]
    if meeting.date > clocks.today():
        steps += [Step("Sign-in sheet", reverse("meetings:sign_in_sheet", args=[slug]))]
    if minutes is not None and minutes.state != Minutes.State.DRAFT:
        steps += [
            Step("The draft and its comments", reverse("meetings:minutes_draft", args=[slug]))
        ]
        steps += [
            Step("Projects of its decisions", reverse("meetings:minutes_projects", args=[slug]))
        ]
    if minutes is not None and minutes.state == Minutes.State.PUBLISHED:
        steps += [Step("Pass the minutes on", reverse("meetings:minutes_share", args=[slug]))]
    if minutes is not None and minutes.can("withdraw"):
        steps += [Step("Put a mistake right", reverse("meetings:corrections_start", args=[slug]))]
        steps += [Step("Withdraw the minutes", reverse("meetings:minutes_withdraw", args=[slug]))]
    if may_delay(meeting):
        steps += [Step("Give a new date", reverse("meetings:meeting_delay", args=[slug]))]
    return [*steps, Step("Change the details", reverse("meetings:meeting_edit", args=[slug]))]


def may_delay(meeting: Meeting) -> bool:
    """Whether something is promised that hasn't gone out yet."""
    promise = delays.promise_now(meeting)
    owed = meeting.announced_at is not None and meeting.is_promised(promise)
    return owed and delays.clock_of(meeting, promise).kept_on is None
