"""What meetings put on somebody's Today: from the same records as the promises, never a write.

Each desk asks a fixed number of questions, however many meetings there are.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.text import Truncator

from coprod import clocks
from coprod.models import Message
from coprod.registry import Coming, Desk, Thing, Waiting
from coprod.templatetags.forum import day_month, plural, to_hour, weekday_month
from meetings.models import ActionItem, Agreement, Comment, Invitation, Meeting, Minutes, Version
from meetings.publicity import minutes_of
from meetings.services.agenda import agenda_clock
from members.models import MemberGroup, Seat

#: How far back unfinished meetings are looked for, and how far ahead they are prepared, in days.
BACK, AHEAD = 120, 45
#: Days within which letters are posted, calls made and agreed minutes published.
REACH_DAYS, PUBLISH_DAYS = 2, 7
#: How many days before its end a promise offers to be given a new date.
NEAR = 4
#: Answers that hold: not those given for a time that the meeting no longer has.
ANSWERED = Count(
    "invitations__reply", filter=Q(invitations__reply__to_confirm=False), distinct=True
)


def _of(meeting: Meeting) -> str:
    return f"{meeting.title}, {day_month(meeting.date)}"


def _address(name: str, meeting: Meeting) -> str:
    return reverse(f"meetings:{name}", args=[meeting.slug])


def _newest_versions(**filters: Any) -> QuerySet[Version]:
    """The version that people read and answer of each circulated set of minutes; no texts."""
    later = Version.objects.filter(minutes=OuterRef("minutes"), number__gt=OuterRef("number"))
    return (
        Version.objects.filter(~Exists(later), minutes__state=Minutes.State.CIRCULATED, **filters)
        .defer("full", "public")
        .select_related("minutes__meeting")
    )


# Everybody's own ----------------------------------------------------------------------------------


def own_desk(person: Any, today: date) -> Desk:
    """Replies, drafts to check and to agree, minutes to take; what is coming. Four questions."""
    invitations = list(
        Invitation.objects.filter(person=person)
        .filter(
            Q(meeting__date__gte=today, meeting__cancelled_at__isnull=True)
            & (Q(reply__isnull=True) | Q(reply__to_confirm=True))
            | Q(meeting__minutes__state=Minutes.State.CIRCULATED)
        )
        .select_related("meeting__minutes", "attendance", "reply")
    )
    drafts = {i.meeting_id: i for i in invitations if minutes_of(i.meeting) is not None}
    things: list[Thing] = [_reply(i) for i in invitations if _asks_for_reply(i, today)]
    if drafts:
        things += _drafts(person, today, drafts)
    if not person.is_coordinator:
        things += _minutes_to_take(person, today)
    return Desk(things=things, coming=_coming(person, today))


def _asks_for_reply(invitation: Invitation, today: date) -> bool:
    """Not answered, or answered for a time that the meeting had before it moved."""
    meeting, reply = invitation.meeting, getattr(invitation, "reply", None)
    if meeting.date < today or meeting.is_cancelled:
        return False
    return reply is None or reply.to_confirm


def _reply(invitation: Invitation) -> Thing:
    meeting = invitation.meeting
    again = hasattr(invitation, "reply")
    return Thing(
        title=f"Say {'again ' if again else ''}if you can come on {day_month(meeting.date)}",
        url=_address("meeting_reply", meeting),
        button="Answer",
        by=min(meeting.date, max(meeting.agenda_due_on, clocks.today(invitation.invited_at))),
        note=f"{meeting.title}, {to_hour(meeting.starts, meeting.ends)}, {meeting.where}.",
    )


def _drafts(person: Any, today: date, drafts: dict[int, Invitation]) -> Iterator[Thing]:
    """Drafts that wait for this person's answer, or that they may still comment on."""
    own = {"author__person": person, "version": OuterRef("pk")}
    versions = _newest_versions(minutes__meeting__in=drafts).annotate(
        answered=Exists(
            Agreement.objects.filter(version=OuterRef("pk"), invitation__person=person)
        ),
        commented=Exists(Comment.objects.filter(**own)),
    )
    for version in versions:
        meeting = version.minutes.meeting
        was_there = drafts[meeting.pk].attended
        if version.answered:
            continue
        if not was_there and (version.commented or version.comments_close_on < today):
            continue
        verb = "Say if the minutes are fair" if was_there else "Check the draft minutes"
        yield Thing(
            title=f"{verb}: {_of(meeting)}",
            url=_address("minutes_draft", meeting),
            button="Read the draft",
            by=version.comments_close_on,
            note="You were there, so your answer counts."
            if was_there
            else "You were invited, so you can say what’s wrong or missing.",
            minutes=3 if was_there else 5,
        )


def _minutes_to_take(person: Any, today: date) -> Iterator[Thing]:
    """Minutes that this person was asked to take at a meeting that has been."""
    taken = (
        Meeting.objects.taking_place()
        .filter(minute_taker=person, date__range=(today - timedelta(days=BACK), today))
        .select_related("minutes")
        .prefetch_related("delays")
    )
    for meeting in taken:
        minutes = minutes_of(meeting)
        if meeting.is_recorded_later or (
            minutes is not None and minutes.state != Minutes.State.DRAFT
        ):
            continue
        clock = Minutes(meeting=meeting).clock
        yield Thing(
            title=f"Write the minutes: {_of(meeting)}",
            url=_address("minutes_write", meeting),
            button="Write the minutes",
            by=clock.ends_on,
            note=f"You take the minutes of this meeting. {_by_itself(clock)}".strip(),
            minutes=45,
            clock=clock,
        )


def _by_itself(clock: clocks.Clock) -> str:
    """Said when the last day is near: nobody should be surprised by it."""
    if clock.is_late or clock.days_left > NEAR:
        return ""
    return "What there is goes by itself at 5pm on the last day."


def _coming(person: Any, today: date) -> Iterator[Coming]:
    """The next meetings that they may know of; coordinators also see how many have replied."""
    counts = (
        Meeting.objects.visible_to(person)
        .coming()
        .annotate(invited=Count("invitations"), replied=ANSWERED)
    )
    for meeting in counts[:4]:
        text = f"{to_hour(meeting.starts, meeting.ends)}, {meeting.where}."
        if meeting.is_cancelled:
            text = "Cancelled."
        elif person.is_coordinator and meeting.invited:
            text += f" {meeting.replied} of {meeting.invited} have replied."
        elif meeting.announced_at is None:
            text += " Not announced yet."
        yield Coming(meeting.date, meeting.title, meeting.get_absolute_url(), text)


# The coordinator's --------------------------------------------------------------------------------


def coordinator_desk(person: Any, today: date) -> Desk:
    """Everything that running the meetings asks for next. Five questions."""
    if not person.is_coordinator:
        return Desk()
    meetings = _unfinished(today)
    if not meetings and not Meeting.objects.exists():
        return Desk(things=[*_beginnings(today), *_letters()])
    versions = list(
        _newest_versions().annotate(
            answers=Count("agreements", distinct=True), open_comments=_open_comments()
        )
    )
    by_id = {meeting.pk: meeting for meeting in meetings}
    things = [*_announcements(meetings), *_to_prepare(meetings, today)]
    things += [*_to_write(meetings, today), *_comments(versions), *_letters()]
    waiting = [*_answers(versions, by_id), *_replies(meetings, today), *_actions(today)]
    return Desk(things=things, waiting=waiting, coming=_agenda_days(meetings, today))


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


def _unfinished(today: date) -> list[Any]:
    """Meetings around today and those whose minutes are on their way, with their counts."""
    near = Q(date__range=(today - timedelta(days=BACK), today + timedelta(days=AHEAD)))
    waiting = Q(announced_at__isnull=True, date__gte=today)
    moving = Q(minutes__state__in=[Minutes.State.CIRCULATED, Minutes.State.AGREED])
    return list(
        Meeting.objects.taking_place()
        .filter(near | waiting | moving)
        .select_related("minutes", "series")
        .prefetch_related("delays")
        .annotate(
            invited=Count("invitations"),
            came=Count("invitations__attendance"),
            replied=ANSWERED,
        )
        .order_by("date")
    )


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
                title=f"See who’s invited to {_of(meeting)}",
                url=_address("meeting_people", meeting),
                button="See the people",
                by=meeting.invitation_due_on,
                note="The usual people are invited by themselves on that day.",
                minutes=3,
            )
        if meeting.agenda_sent_at is None and meeting.agenda_due_on <= today + timedelta(days=14):
            clock = agenda_clock(meeting)
            before = f"It goes out {plural(meeting.agenda_days, 'day')} before the meeting."
            yield Thing(
                title=f"Send the agenda: {_of(meeting)}",
                url=_address("agenda_edit", meeting),
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
    return "Give a new date", _address("meeting_delay", meeting)


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
                title=f"Tick who came: {_of(meeting)}",
                url=_address("meeting_attendance", meeting),
                button="Tick who came",
                by=meeting.date,
                note=f"{plural(meeting.invited, 'person was,people were')} invited.",
                minutes=3,
            )
        if is_draft:
            clock = Minutes(meeting=meeting).clock
            promise = f"We promise them within {plural(meeting.minutes_days, 'day')}."
            yield Thing(
                title=f"Send the draft minutes: {_of(meeting)}",
                url=_address("minutes_write", meeting),
                button="Write the minutes",
                by=clock.ends_on,
                note=f"{_new_date(clock) or promise} {_by_itself(clock)}".strip(),
                minutes=45,
                clock=clock,
                other=_delay(meeting, clock),
            )
        # Parents' minutes stay among parents unless they decide otherwise: nothing to chase.
        elif (
            minutes is not None
            and minutes.state == Minutes.State.AGREED
            and not meeting.is_parents_only
        ):
            agreed = minutes.agreed_at
            assert agreed is not None  # set with the state
            yield Thing(
                title=f"Publish the minutes: {_of(meeting)}",
                url=_address("minutes_publish", meeting),
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
                title=f"Answer {plural(count, 'comment')}: {_of(meeting)}",
                url=_address("comments_settle", meeting),
                button="Answer the comments",
                by=version.comments_close_on,
                note="Minutes can be agreed once every comment has an answer.",
                minutes=5 * count,
            )


def _letters() -> Iterator[Thing]:
    """Letters to post and calls to make, one thing for each channel."""
    queued = (
        Message.objects.for_hands()
        .values("channel")
        .annotate(count=Count("pk"), oldest=Min("not_before"))
        .order_by()
    )
    for row in queued:
        letter = row["channel"] == Message.Channel.LETTER
        count = plural(row["count"], "letter" if letter else "person,people")
        yield Thing(
            title=f"{'Post' if letter else 'Ring'} {count}",
            url=reverse("members:message_list"),
            button="Print the letters" if letter else "Open the call list",
            by=clocks.today(row["oldest"]) + timedelta(days=REACH_DAYS),
            note="They don’t use e-mail, so they haven’t heard yet.",
            minutes=(2 if letter else 4) * row["count"],
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
                f"{people} there. {_of(meeting)}",
                version.comments_close_on,
                _address("minutes_draft", meeting),
            )


def _replies(meetings: Iterable[Any], today: date) -> Iterator[Waiting]:
    for meeting in meetings:
        missing = meeting.invited - meeting.replied
        if meeting.date > today and missing:
            yield Waiting(
                f"Can you come on {day_month(meeting.date)}?",
                f"{missing} of {plural(meeting.invited, 'person,people')}. {meeting.title}",
                meeting.date,
                _address("meeting_people", meeting),
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
        yield Waiting(text, f"{who}{_of(meeting)}", action.due_on, url, counts=counts)


def _agenda_days(meetings: Iterable[Any], today: date) -> Iterator[Coming]:
    for meeting in meetings:
        clock = agenda_clock(meeting) if meeting.agenda_sent_at is None else None
        if clock is not None and clock.ends_on >= today:
            yield Coming(
                clock.ends_on,
                "Agenda goes out",
                _address("agenda_edit", meeting),
                f"For {_of(meeting)}.",
            )
