"""What meetings put on everybody's own Today: from the same records as the promises, no write.

Each desk asks a fixed number of questions, however many meetings there are. The coordinator's
is in ``running.py``.
"""

from collections.abc import Iterator
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
        url=address("meeting_reply", meeting),
        button="Answer",
        by=min(meeting.date, max(meeting.agenda_due_on, clocks.today(invitation.invited_at))),
        note=f"{meeting.title}, {to_hour(meeting.starts, meeting.ends)}, {meeting.where}.",
    )


def _drafts(person: Any, today: date, drafts: dict[int, Invitation]) -> Iterator[Thing]:
    """Drafts that wait for this person's answer, or that they may still comment on."""
    own = {"author__person": person, "version": OuterRef("pk")}
    versions = newest_versions(minutes__meeting__in=drafts).annotate(
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
