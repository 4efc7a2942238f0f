"""What meetings put on everybody's own Today: from the same records as the promises, no write.

Each desk asks a fixed number of questions, however many meetings there are. The coordinator's
is in ``running.py``.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
)
from django.urls import reverse

from coprod import clocks
from coprod.models import Forum
from coprod.registry import Coming, Desk, Thing
from coprod.templatetags.forum import day_month, to_hour
from meetings.models import (
    Agreement,
    Comment,
    Invitation,
    Meeting,
    Minutes,
    Version,
)
from meetings.publicity import minutes_of

#: How many days back unfinished meetings are looked for.
BACK = 120
#: How many days before its end a promise offers to be given a new date.
NEAR = 4
#: How many meetings to come are shown.
COMING = 4
#: Answers that hold: not those given for a time that the meeting no longer has.
ANSWERED = Count(
    "invitations__reply", filter=Q(invitations__reply__to_confirm=False), distinct=True
)


def of_meeting(meeting: Meeting) -> str:
    return f"{meeting.title}, {day_month(meeting.date)}"


def address(name: str, meeting: Meeting) -> str:
    return reverse(f"meetings:{name}", args=[meeting.slug])


def newest_versions(**filters: Any) -> QuerySet[Version]:
    """The version that people read and answer of each circulated set of minutes; no texts."""
    return (
        Version.objects.newest()
        .with_window()
        .filter(minutes__state=Minutes.State.CIRCULATED, **filters)
        .defer("full", "public")
        .select_related("minutes__meeting")
    )


# Everybody's own ----------------------------------------------------------------------------------


def own_desk(person: Any, today: date, forum: Forum) -> Desk:
    """Replies, drafts to check and to agree, minutes to take; what is coming. Five questions.

    The coordinator's desk in ``running.py`` asks for the same together with all other meetings.
    """
    if person.is_coordinator:
        return Desk()
    invitations = invitations_of(person, today)
    drafts = [i.meeting_id for i in invitations if minutes_of(i.meeting) is not None]
    newest = newest_versions(minutes__meeting__in=drafts)
    versions = with_own_answers(newest, person) if drafts else ()
    things = own_things(invitations, versions, today)
    things += _minutes_to_take(person, today)
    visible = Meeting.objects.visible_to(person).coming()
    counted = visible.annotate(invited=Count("invitations"), replied=ANSWERED)
    return Desk(things=things, coming=coming(person, counted[:COMING]))


def invitations_of(person: Any, today: date) -> list[Invitation]:
    """Those to answer, and those to meetings whose minutes are being agreed."""
    return list(
        Invitation.objects.filter(person=person)
        .filter(
            Q(meeting__date__gte=today, meeting__cancelled_at__isnull=True)
            & (Q(reply__isnull=True) | Q(reply__to_confirm=True))
            | Q(meeting__minutes__state=Minutes.State.CIRCULATED)
        )
        .select_related("meeting__minutes", "attendance", "reply")
    )


def with_own_answers(versions: QuerySet[Version], person: Any) -> QuerySet[Any]:
    """Each with whether this person ``answered`` it and whether they ``commented`` on it."""
    given = Agreement.objects.filter(version=OuterRef("pk"), invitation__person=person)
    said = Comment.objects.filter(version=OuterRef("pk"), author__person=person)
    return versions.annotate(answered=Exists(given), commented=Exists(said))


def own_things(
    invitations: Iterable[Invitation], versions: Iterable[Any], today: date
) -> list[Thing]:
    """What somebody is asked for as one of those who were invited."""
    replies = [_reply(i) for i in invitations if _asks_for_reply(i, today)]
    by_meeting = {i.meeting_id: i for i in invitations}
    return [*replies, *_drafts(versions, by_meeting)]


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
        url=address("meeting_reply", meeting),
        button="Answer",
        by=min(meeting.date, max(meeting.agenda_due_on, clocks.today(invitation.invited_at))),
        note=f"{meeting.title}, {to_hour(meeting.starts, meeting.ends)}, {meeting.where}.",
    )


def _drafts(versions: Iterable[Any], invitations: dict[int, Invitation]) -> Iterator[Thing]:
    """Drafts that wait for this person's answer, or that they may still comment on."""
    for version in versions:
        meeting = version.minutes.meeting
        if version.answered or meeting.pk not in invitations:
            continue
        was_there = invitations[meeting.pk].attended
        if not was_there and (version.commented or not version.comments_open):
            continue
        verb = "Say if the minutes are fair" if was_there else "Check the draft minutes"
        yield Thing(
            title=f"{verb}: {of_meeting(meeting)}",
            url=address("minutes_draft", meeting),
            button="Read the draft",
            by=version.closes_on,
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
        clock = meeting.draft_clock
        yield Thing(
            title=f"Write the minutes: {of_meeting(meeting)}",
            url=address("minutes_write", meeting),
            button="Write the minutes",
            by=clock.ends_on,
            note=f"You take the minutes of this meeting. {by_itself(clock)}".strip(),
            minutes=45,
            clock=clock,
        )


def by_itself(clock: clocks.Clock) -> str:
    """Said when the last day is near: nobody should be surprised by it."""
    if clock.is_late or clock.days_left > NEAR:
        return ""
    return "What there is goes by itself at 5pm on the last day."


def coming(person: Any, meetings: Iterable[Any]) -> Iterator[Coming]:
    """The next meetings that they may know of; coordinators also see how many have replied."""
    for meeting in meetings:
        text = f"{to_hour(meeting.starts, meeting.ends)}, {meeting.where}."
        if meeting.is_cancelled:
            text = "Cancelled."
        elif person.is_coordinator and meeting.invited:
            text += f" {meeting.replied} of {meeting.invited} have replied."
        elif meeting.announced_at is None:
            text += " Not announced yet."
        yield Coming(meeting.date, meeting.title, meeting.get_absolute_url(), text)
