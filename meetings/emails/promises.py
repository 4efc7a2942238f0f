"""Letters about promised dates: a new date and why, a reminder, and that nothing could go out.

Each asks again, when it is written, whether its reader may still have it.
"""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from coprod import clocks, letters
from coprod.exceptions import NoLongerDue, TransitionNotAllowed
from coprod.models import Message
from coprod.registry import Letter, letter
from meetings.emails.calendar import still_comes_for, why_invited
from meetings.models import Delay, Meeting, Paragraph
from meetings.publicity import minutes_of
from meetings.services import agenda, reminders
from meetings.services.delays import clock_of
from members.emails import reader_of
from members.models import Person

WHY = "You get this because you run this meeting or take its minutes."


# A new date, to everybody invited -----------------------------------------------------------------


def delayed_context(delay: Delay, person: Person | None) -> dict[str, Any]:
    """What the letter about a delay says; the page that records one shows the same words."""
    return {
        "person": person,
        "meeting": delay.meeting,
        "delay": delay,
        "is_late": delay.was_due < clocks.today(delay.recorded_at),
        "url": delay.meeting.get_absolute_url(),
    }


@letter("meetings/minutes_delayed")
@letter("meetings/agenda_delayed")
def delayed(message: Message) -> Letter:
    """Why it comes later and when, for everybody invited."""
    person = reader_of(message)
    delay = Delay.objects.select_related("meeting").get(pk=message.ids["delay"])
    meeting = delay.meeting
    invited = meeting.invitations.with_people().filter(person=person).first()
    if invited is None or not still_comes_for(invited):
        raise NoLongerDue("This person is no longer invited.")
    _refuse_kept(meeting, delay.promise)
    newest = next(d for d in reversed(meeting.known_delays) if d.promise == delay.promise)
    if newest.pk != delay.pk:
        raise NoLongerDue("Another date has been given since.")
    return letters.write(
        f"meetings/{delay.promise}_delayed",
        delayed_context(delay, person),
        why=why_invited(invited),
    )


# To whoever runs the meeting ----------------------------------------------------------------------


def _refuse_kept(meeting: Meeting, promise: str) -> None:
    """Raise NoLongerDue when what was promised has gone out, or is promised no more."""
    if clock_of(meeting, promise).kept_on is not None:
        raise NoLongerDue("It has gone out by now.")
    if not meeting.is_promised(promise):
        raise NoLongerDue("Nothing is promised any more.")
    if promise == Delay.Promise.AGENDA and meeting.has_begun:
        raise NoLongerDue("The meeting has begun.")


def _owed(message: Message, promise: str) -> tuple[Person, Meeting, dict[str, Any]]:
    """The reader, the meeting, and what every letter about what is owed says. NoLongerDue."""
    person = reader_of(message)
    meeting = Meeting.objects.select_related("minute_taker", "minutes").get(
        pk=message.ids["meeting"]
    )
    if person not in reminders.who_is_reminded(meeting, promise):
        raise NoLongerDue("This person doesn’t run this meeting any more.")
    _refuse_kept(meeting, promise)
    delay_url = reverse("meetings:meeting_delay", args=[meeting.slug])
    return (
        person,
        meeting,
        {
            "person": person,
            "meeting": meeting,
            "clock": clock_of(meeting, promise),
            "runs": person.is_coordinator,
            "delay_url": letters.absolute(delay_url),
            "today": clocks.today(),
        },
    )


@letter("meetings/minutes_reminder")
def minutes_reminder(message: Message) -> Letter:
    """Which day it is, how far the draft is, and what happens on the last day."""
    _, meeting, context = _owed(message, Delay.Promise.MINUTES)
    context |= {
        "progress": progress_of(meeting),
        "came": meeting.invitations.attended().exists(),
        "url": reverse("meetings:minutes_write", args=[meeting.slug]),
    }
    return letters.write("meetings/minutes_reminder", context, why=WHY)


def progress_of(meeting: Meeting) -> tuple[int, int]:
    """Under how many agenda items something is written, and how many items there are."""
    minutes = minutes_of(meeting)
    written = Paragraph.objects.living().filter(section__minutes=minutes) if minutes else None
    begun = written.values("section").order_by().distinct().count() if written is not None else 0
    return begun, max(begun, meeting.agenda_items.on().count())


@letter("meetings/minutes_missing")
def minutes_missing(message: Message) -> Letter:
    """The last day, and nothing could go out: what is missing, and what can be done."""
    _, meeting, context = _owed(message, Delay.Promise.MINUTES)
    try:
        reminders.refuse_draft(meeting)
    except TransitionNotAllowed as reason:
        context["reason"] = str(reason)
    context["url"] = reverse("meetings:minutes_write", args=[meeting.slug])
    return letters.write("meetings/minutes_missing", context, why=WHY)


@letter("meetings/agenda_reminder")
def agenda_reminder(message: Message) -> Letter:
    """When the agenda is due, what stands on it, and what happens on the last day."""
    _, meeting, context = _owed(message, Delay.Promise.AGENDA)
    context |= {
        "items": meeting.agenda_items.on().count(),
        "proposals": meeting.agenda_items.proposed().count(),
        "people": len(agenda.readers(meeting)),
        "url": reverse("meetings:agenda_edit", args=[meeting.slug]),
    }
    return letters.write("meetings/agenda_reminder", context, why=WHY)


@letter("meetings/agenda_missing")
def agenda_missing(message: Message) -> Letter:
    """The last day, and no agenda could go out: what is missing, and what can be done."""
    _, meeting, context = _owed(message, Delay.Promise.AGENDA)
    try:
        agenda.refuse_to_send(meeting, timezone.now())
    except TransitionNotAllowed as reason:
        context["reason"] = str(reason)
    context["url"] = reverse("meetings:agenda_edit", args=[meeting.slug])
    return letters.write("meetings/agenda_missing", context, why=WHY)
