"""What running the meetings asks for next: the coordinator's part of Today; never a write."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.text import Truncator

from coprod import clocks
from coprod.models import Forum
from coprod.registry import Coming, Desk, Thing, Waiting
from coprod.templatetags.forum import day_month, plural, weekday_month
from meetings import hearing
from meetings.models import (
    ActionItem,
    Comment,
    Delay,
    Meeting,
    Minutes,
)
from meetings.publicity import minutes_of
from meetings.services.agenda import agenda_clock
from meetings.today import (
    ANSWERED,
    BACK,
    COMING,
    NEAR,
    address,
    by_itself,
    coming,
    invitations_of,
    newest_versions,
    of_meeting,
    own_things,
    with_own_answers,
)
from members.models import MemberGroup, Seat

#: How many days ahead meetings are prepared.
AHEAD = 45
#: Days within which agreed minutes are published.
PUBLISH_DAYS = 7


def coordinator_desk(person: Any, today: date, forum: Forum) -> Desk:
    """Everything that running the meetings asks for next, and what anybody else is asked for.

    Five questions, and one more where a promised date was moved.
    """
    if not person.is_coordinator:
        return Desk()
    known = _meetings(today)
    if not known and not Meeting.objects.exists():
        return Desk(things=_beginnings(today))
    meetings = [meeting for meeting in known if meeting.is_unfinished]
    versions = list(
        with_own_answers(newest_versions(), person).annotate(
            answers=Count("agreements", distinct=True),
            not_yet_open=hearing.NOT_YET_OPEN,
            open_comments=_open_comments(),
        )
    )
    by_id = {meeting.pk: meeting for meeting in meetings}
    things = own_things(invitations_of(person, today), versions, today)
    things += [*_announcements(meetings), *_to_prepare(meetings, today)]
    things += [*_to_write(meetings, today), *_comments(versions)]
    things += [*hearing.not_yets(versions), *hearing.held_windows(versions, today)]
    things += hearing.to_confirm(today)
    waiting = [*_answers(versions, by_id), *_replies(meetings, today), *_actions(today)]
    days = [*coming(person, _coming(known, today)), *_agenda_days(meetings, today)]
    return Desk(things=things, waiting=waiting, coming=days)


def _beginnings(today: date) -> Iterator[Thing]:
    """Where to begin in a forum that has no meeting yet. Nothing of it is due on a day."""
    if not MemberGroup.objects.exists():
        yield Thing(
            title="Add your member groups",
            url=reverse("members:group_add"),
            button="Add a group",
            by=today,
            note="The parents’ groups that the forum is made of. Each can send up to three people.",
            minutes=5,
            dated=False,
        )
    if not Seat.objects.exists():
        yield Thing(
            title="Add the people",
            url=reverse("members:person_add"),
            button="Add a person",
            by=today,
            note="Representatives, officers and whoever runs the forum with you. They’re only "
            "written to when you invite them.",
            minutes=15,
            dated=False,
        )
    yield Thing(
        title="Plan a year of meetings",
        url=reverse("meetings:plan_pattern"),
        button="Plan the year",
        by=today,
        note="Say how often you meet; we propose dates and show which clash with holidays. Nobody "
        "is told until you say so.",
        minutes=10,
        dated=False,
    )


def _meetings(today: date) -> list[Any]:
    """Meetings around today, those whose minutes are on their way and those that come next, with
    their counts. Those that ask for anything are ``is_unfinished``.
    """
    near = Q(date__range=(today - timedelta(days=BACK), today + timedelta(days=AHEAD)))
    waiting = Q(announced_at__isnull=True, date__gte=today)
    moving = Q(minutes__state__in=[Minutes.State.CIRCULATED, Minutes.State.AGREED])
    unfinished = Q(near | waiting | moving, cancelled_at__isnull=True)
    following = Meeting.objects.coming().values("pk")[:COMING]
    meetings = list(
        Meeting.objects.filter(unfinished | Q(pk__in=following))
        .select_related("minutes", "series")
        .annotate(
            is_unfinished=Case(When(unfinished, then=Value(True)), default=Value(False)),
            invited=Count("invitations"),
            came=Count("invitations__attendance"),
            replied=ANSWERED,
            is_delayed=Exists(Delay.objects.filter(meeting=OuterRef("pk"))),
        )
        .order_by("date", "starts")
    )
    _know_delays(meetings)
    return meetings


def _coming(meetings: Iterable[Any], today: date) -> list[Any]:
    return [meeting for meeting in meetings if meeting.date >= today][:COMING]


def _know_delays(meetings: Iterable[Any]) -> None:
    """One more question where a delay was recorded, and none where none was, which is usual."""
    for meeting in meetings:
        if not meeting.is_delayed:
            meeting.known_delays = []
    prefetch_related_objects([each for each in meetings if each.is_delayed], "delays")


def _announcements(meetings: Iterable[Meeting]) -> Iterator[Thing]:
    """Dates of a series that nobody has been told of."""
    waiting: dict[Any, list[Meeting]] = {}
    for meeting in meetings:
        if meeting.announced_at is None and meeting.series is not None:
            waiting.setdefault(meeting.series, []).append(meeting)
    for series, dates in waiting.items():
        first = dates[0]
        yield Thing(
            title=f"Announce {plural(len(dates), 'date')}: {series.name}",
            url=reverse("meetings:plan_publish", args=[series.pk]),
            button="Look at the dates",
            by=first.invitation_due_on,
            note=f"The first is {weekday_month(first.date)}. Nobody has been told yet.",
            minutes=5,
        )


def _to_prepare(meetings: Iterable[Any], today: date) -> Iterator[Thing]:
    """Invitations and agendas of meetings to come."""
    for meeting in meetings:
        if meeting.date <= today or meeting.announced_at is None:
            continue
        if meeting.invited_at is None and meeting.invitation_due_on <= today + timedelta(days=7):
            yield Thing(
                title=f"See who’s invited to {of_meeting(meeting)}",
                url=address("meeting_people", meeting),
                button="See the people",
                by=meeting.invitation_due_on,
                note="The usual people are invited by themselves on that day.",
                minutes=3,
            )
        if meeting.agenda_sent_at is None and meeting.agenda_due_on <= today + timedelta(days=14):
            clock = agenda_clock(meeting)
            before = f"It goes out {plural(meeting.agenda_days, 'day')} before the meeting."
            yield Thing(
                title=f"Send the agenda: {of_meeting(meeting)}",
                url=address("agenda_edit", meeting),
                button="Open the agenda",
                by=clock.ends_on,
                note=_new_date(clock) or before,
                minutes=15,
                clock=clock if clock.is_late else None,
                other=_delay(meeting, clock),
            )


def _new_date(clock: clocks.Clock) -> str:
    return "Everybody was given this new date." if clock.extension else ""


def _delay(meeting: Meeting, clock: clocks.Clock) -> tuple[str, str] | None:
    """The way to another date, once the promised one is near or past."""
    if clock.days_left > NEAR or meeting.announced_at is None:
        return None
    return "Give a new date", address("meeting_delay", meeting)


def _draft(meeting: Meeting) -> Thing:
    clock = meeting.draft_clock
    promise = f"We promise them within {plural(meeting.minutes_days, 'day')}."
    return Thing(
        title=f"Send the draft minutes: {of_meeting(meeting)}",
        url=address("minutes_write", meeting),
        button="Write the minutes",
        by=clock.ends_on,
        note=f"{_new_date(clock) or promise} {by_itself(clock)}".strip(),
        minutes=45,
        clock=clock,
        other=_delay(meeting, clock),
    )


def _to_write(meetings: Iterable[Any], today: date) -> Iterator[Thing]:
    """Attendance, drafts and publication of meetings that have been.

    Nothing was promised about a draft that was entered when it was long due.
    """
    for meeting in meetings:
        minutes = minutes_of(meeting)
        is_draft = minutes is None or minutes.state == Minutes.State.DRAFT
        if meeting.date > today or (is_draft and meeting.is_recorded_later):
            continue
        if is_draft and not meeting.came:
            yield Thing(
                title=f"Tick who came: {of_meeting(meeting)}",
                url=address("meeting_attendance", meeting),
                button="Tick who came",
                by=meeting.date,
                note=f"{plural(meeting.invited, 'person was,people were')} invited.",
                minutes=3,
            )
        if is_draft:
            yield _draft(meeting)
        # Parents' minutes stay among parents unless they decide otherwise: nothing to chase.
        elif (
            minutes is not None
            and minutes.state == Minutes.State.AGREED
            and not meeting.is_parents_only
        ):
            agreed = minutes.agreed_at
            assert agreed is not None  # set with the state
            yield Thing(
                title=f"Publish the minutes: {of_meeting(meeting)}",
                url=address("minutes_publish", meeting),
                button="Check and publish",
                by=clocks.today(agreed) + timedelta(days=PUBLISH_DAYS),
                note="The people who were there have agreed them.",
                minutes=5,
            )


def _open_comments() -> Coalesce:
    """How many comments wait for an answer, on whichever version of the same minutes."""
    waiting = Comment.objects.open().filter(version__minutes=OuterRef("minutes")).order_by()
    counted = waiting.values("version__minutes").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


def _comments(versions: Iterable[Any]) -> Iterator[Thing]:
    for version in versions:
        if count := version.open_comments:
            meeting = version.minutes.meeting
            yield Thing(
                title=f"Answer {plural(count, 'comment')}: {of_meeting(meeting)}",
                url=address("comments_settle", meeting),
                button="Answer the comments",
                by=version.closes_on,
                note="Minutes can be agreed once every comment has an answer.",
                minutes=5 * count,
            )


# Waiting on other people --------------------------------------------------------------------------


def _answers(versions: Iterable[Any], meetings: dict[int, Any]) -> Iterator[Waiting]:
    for version in versions:
        meeting = version.minutes.meeting
        there = getattr(meetings.get(meeting.pk), "came", 0)
        if there > version.answers:
            people = plural(there - version.answers, "person who was,people who were")
            yield Waiting(
                "Is it a fair record?",
                f"{people} there. {of_meeting(meeting)}",
                version.closes_on,
                address("minutes_draft", meeting),
            )


def _replies(meetings: Iterable[Any], today: date) -> Iterator[Waiting]:
    for meeting in meetings:
        missing = meeting.invited - meeting.replied
        if meeting.date > today and missing:
            yield Waiting(
                f"Can you come on {day_month(meeting.date)}?",
                f"{missing} of {plural(meeting.invited, 'person,people')}. {meeting.title}",
                meeting.date,
                address("meeting_people", meeting),
            )


def _actions(today: date) -> Iterator[Waiting]:
    """Actions of circulated minutes that are late or due within a fortnight."""
    actions = (
        ActionItem.objects.filter(
            done_at__isnull=True,
            due_on__lte=today + timedelta(days=14),
            paragraph__retired_at__isnull=True,
            paragraph__section__minutes__state__in=["circulated", "agreed", "published"],
        )
        .select_related("paragraph__section__minutes__meeting")
        .order_by("-due_on")
    )
    for action in actions[:3]:
        meeting = action.paragraph.section.minutes.meeting
        text = Truncator(action.text.split(" (")[0]).chars(70)
        who = f"{action.owner}. " if action.owner else ""
        # Of what was put on record years later, counting the days would only shout.
        late = action.due_on < today  # type: ignore[operator]  # filtered by it above
        counts = not (late and meeting.is_recorded_later)
        url = meeting.get_absolute_url()
        yield Waiting(text, f"{who}{of_meeting(meeting)}", action.due_on, url, counts=counts)


def _agenda_days(meetings: Iterable[Any], today: date) -> Iterator[Coming]:
    for meeting in meetings:
        clock = agenda_clock(meeting) if meeting.agenda_sent_at is None else None
        if clock is not None and clock.ends_on >= today:
            yield Coming(
                clock.ends_on,
                "Agenda goes out",
                address("agenda_edit", meeting),
                f"For {of_meeting(meeting)}.",
            )
