"""Letters that tell at once that a meeting moved, is cancelled, or takes place after all."""

from datetime import date, time
from typing import Any

from django.urls import reverse

from coprod import letters, links
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from coprod.registry import Letter, letter
from coprod.templatetags.forum import long_day, to_hour
from meetings.emails.calendar import still_comes_for, why_invited
from meetings.models import Invitation, Meeting, Move
from meetings.services.cancelling import OUT, times_cancelled
from meetings.services.series import told_of
from members.emails import reader_of
from members.models import Person

WHY_TOLD = "You get this because we had told you of this date."


def _own(meeting: Meeting, person: Person) -> Invitation | None:
    """The reader's invitation while they still come for whom they were invited."""
    own = (
        Invitation.objects.filter(meeting=meeting, person=person)
        .select_related("meeting", "person", "group", "organisation", "reply")
        .first()
    )
    return own if own is not None and still_comes_for(own) else None


def _reader_and_invitation(message: Message, meeting: Meeting) -> tuple[Person, Invitation | None]:
    """Who reads, and as whom they are invited. Raises NoLongerDue for who may not know of it."""
    person = reader_of(message)
    own = _own(meeting, person)
    if own is None and person not in told_of(meeting.audience):
        raise NoLongerDue("This person has no part in this meeting any more.")
    return person, own


def _reply_url(own: Invitation) -> str:
    token = links.make("reply", person=own.person, about=own.pk)
    return reverse("meetings:reply_by_link", args=[token])


def _frame(meeting: Meeting, own: Invitation | None, message: Message) -> dict[str, Any]:
    return {
        "meeting": meeting,
        "own": own,
        "reply": getattr(own, "reply", None),
        "channel": message.channel,
        "url": _reply_url(own) if own else meeting.get_absolute_url(),
    }


# Moved --------------------------------------------------------------------------------------------


def day_and_time(day: date, starts: time, ends: time) -> str:
    return f"{long_day(day)}, {to_hour(starts, ends)}"


def when_it_was(meeting: Meeting) -> list[str]:
    """Every day and time that it had before, oldest first, as each stood."""
    was = [
        f"{long_day(m.date_was)}, {to_hour(m.starts_was, m.ends_was)}" for m in meeting.moves.all()
    ]
    now = f"{long_day(meeting.date)}, {to_hour(meeting.starts, meeting.ends)}"
    return [words for words in dict.fromkeys(was) if words != now]


def moved_context(meeting: Meeting, move: Move, known: Move) -> dict[str, Any]:
    """What the letter about a move says; the page before sending shows the same words.

    ``known``: the move from which on the reader heard nothing; ``move`` itself, mostly.
    """
    was = (known.date_was, known.starts_was, known.ends_was)
    return {
        "move": move,
        "earlier": when_it_was(meeting),
        "place_was": known.where_was if known.where_was != meeting.where else "",
        "another_day": meeting.date != known.date_was,
        "another_time": was != (meeting.date, meeting.starts, meeting.ends),
    }


def _last_known(move: Move, message: Message) -> Move:
    """The oldest move since which nothing has reached this reader.

    A meeting that moves twice in a night is told once, against the date that they know.
    """
    known = move
    for earlier in move.meeting.moves.filter(pk__lt=move.pk).order_by("-pk"):
        notice = Message.objects.filter(key=f"moved:{earlier.pk}:{message.person_id}").first()
        if notice is None or notice.state in OUT:
            break
        known = earlier
    return known


@letter("meetings/meeting_moved")
def meeting_moved(message: Message) -> Letter:
    """Both dates, the reason, and a link that answers again. Only the newest move is told."""
    move = Move.objects.select_related("meeting").get(pk=message.ids["move"])
    meeting = move.meeting
    if meeting.is_cancelled:
        raise NoLongerDue("The meeting is cancelled.")
    if meeting.has_begun:
        raise NoLongerDue("The meeting has begun.")
    if meeting.moves.filter(pk__gt=move.pk).exclude(reason="").exists():
        raise NoLongerDue("It has moved again since, and a newer message says so.")
    person, own = _reader_and_invitation(message, meeting)
    context = _frame(meeting, own, message) | {"person": person}
    context |= moved_context(meeting, move, _last_known(move, message))
    return letters.write(
        "meetings/meeting_moved", context, why=why_invited(own) if own else WHY_TOLD
    )


# Cancelled, and after all -------------------------------------------------------------------------


@letter("meetings/meeting_cancelled")
def meeting_cancelled(message: Message) -> Letter:
    """That it doesn't take place, and why."""
    meeting = Meeting.objects.get(pk=message.ids["meeting"])
    if not meeting.is_cancelled:
        raise NoLongerDue("The meeting takes place after all.")
    if meeting.is_past:
        raise NoLongerDue("The day has passed.")
    person, own = _reader_and_invitation(message, meeting)
    context = _frame(meeting, own, message) | {"person": person, "earlier": when_it_was(meeting)}
    context["url"] = meeting.get_absolute_url()
    return letters.write(
        "meetings/meeting_cancelled", context, why=why_invited(own) if own else WHY_TOLD
    )


@letter("meetings/meeting_after_all")
def meeting_after_all(message: Message) -> Letter:
    """To those who heard that it was cancelled: it isn't."""
    meeting = Meeting.objects.get(pk=message.ids["meeting"])
    if meeting.is_cancelled or times_cancelled(meeting) > message.ids["number"]:
        raise NoLongerDue("The meeting has been cancelled again.")
    if meeting.has_begun:
        raise NoLongerDue("The meeting has begun.")
    person, own = _reader_and_invitation(message, meeting)
    context = _frame(meeting, own, message) | {"person": person}
    return letters.write(
        "meetings/meeting_after_all", context, why=why_invited(own) if own else WHY_TOLD
    )
