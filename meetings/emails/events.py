"""Letters to people who signed up to an open event: they have no account, only an address."""

from django.urls import reverse

from coprod import letters
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from coprod.registry import Letter, letter
from meetings.models import SignUp
from meetings.services.events import places_left


def _standing(message: Message) -> SignUp:
    """The sign-up, while it stands. Raises NoLongerDue."""
    found = SignUp.objects.select_related("meeting").filter(pk=message.ids["sign_up"]).first()
    if found is None or found.cancelled_at is not None:
        raise NoLongerDue("This sign-up was cancelled.")
    return found


def _letter(message: Message, *, even_if_cancelled: bool = False) -> Letter:
    signed_up = _standing(message)
    meeting = signed_up.meeting
    if meeting.is_past:
        raise NoLongerDue("The event is over.")
    if meeting.cancelled_at is not None and not even_if_cancelled:
        raise NoLongerDue("The event was cancelled.")
    context = {
        "sign_up": signed_up,
        "meeting": meeting,
        "moved": meeting.moves.last(),
        "places_left": places_left(meeting),
        "url": reverse("meetings:sign_up_own", args=[signed_up.uuid]),
        "page_url": letters.absolute(meeting.get_absolute_url()),
    }
    why = "You get this because somebody signed up to this event with your address."
    return letters.write(message.template, context, why=why, to_member=False)


@letter("meetings/signed_up")
def signed_up(message: Message) -> Letter:
    """That their place is kept: when, where, what to expect, how to change or cancel it."""
    return _letter(message)


@letter("meetings/event_moved")
def event_moved(message: Message) -> Letter:
    """That the event has another date, time or place."""
    return _letter(message)


@letter("meetings/event_cancelled")
def event_cancelled(message: Message) -> Letter:
    """That the event won't take place, and why."""
    if _standing(message).meeting.cancelled_at is None:
        raise NoLongerDue("The event takes place after all.")
    return _letter(message, even_if_cancelled=True)


@letter("meetings/event_after_all")
def event_after_all(message: Message) -> Letter:
    """That an event which was cancelled takes place."""
    return _letter(message)


@letter("meetings/event_reminder")
def event_reminder(message: Message) -> Letter:
    """The day before."""
    return _letter(message)
