"""Open events: signing up without an account, telling those who did, and forgetting them."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from coprod import clocks, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from meetings.models import Meeting, SignUp
from meetings.models.calendar import Audience

#: Days after the event for which names and needs are kept. Source: least data.
KEPT_DAYS = 28


def taken(meeting: Meeting) -> int:
    """How many people are coming through sign-ups that stand."""
    found = meeting.sign_ups.filter(cancelled_at__isnull=True).aggregate(sum=Sum("people"))
    return int(found["sum"] or 0)


def places_left(meeting: Meeting) -> int | None:
    """How many may still sign up; None where there is no limit."""
    return None if meeting.places is None else max(meeting.places - taken(meeting), 0)


def takes_sign_ups(meeting: Meeting, at: datetime | None = None) -> bool:
    """Whether this is an open event that people know of and that hasn't begun."""
    return (
        meeting.audience == Audience.OPEN
        and meeting.announced_at is not None
        and meeting.cancelled_at is None
        and meeting.starts_at > (at or timezone.now())
    )


def _refuse(meeting: Meeting, people: int, at: datetime | None) -> None:
    if meeting.audience != Audience.OPEN:
        raise TransitionNotAllowed("Only open events have a list to sign up to.")
    if not takes_sign_ups(meeting, at):
        raise TransitionNotAllowed("Signing up has closed. Ring us, and we’ll see what we can do.")
    left = places_left(meeting)
    if left is not None and people > left:
        if left == 0:
            raise TransitionNotAllowed(
                "All places are taken. Ring us, and we’ll tell you of others."
            )
        place = "one place is" if left == 1 else f"{left} places are"
        raise TransitionNotAllowed(f"Only {place} left. Change how many of you are coming.")


@transaction.atomic
def sign_up(*, meeting: Meeting, by: Any = None, at: datetime | None = None, **who: Any) -> SignUp:
    """Keep that somebody comes to an open event, and confirm it to them.

    ``who``: name, email or phone, people, needs. ``by``: the coordinator who took the call;
    None for somebody who did it themselves. The meeting's row is locked while places are
    counted. The same e-mail address again changes what stands. Raises TransitionNotAllowed.
    """
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    now = at or timezone.now()
    email = who.get("email", "").lower()
    standing = meeting.sign_ups.filter(email=email, cancelled_at__isnull=True).first()
    if email and standing is not None and by is not None:
        raise TransitionNotAllowed(f"{standing.name} is on the list with this address already.")
    if email and standing is not None:
        # What it says already isn't shown to whoever typed the address: only its owner is told.
        _confirm(standing, again=True, at=at)
        return standing
    _refuse(meeting, who.get("people", 1), at)
    try:
        with transaction.atomic():
            kept = SignUp.objects.create(
                meeting=meeting, signed_up_at=now, signed_up_by=by, **{**who, "email": email}
            )
    except IntegrityError as error:
        raise TransitionNotAllowed("You have just signed up with this address.") from error
    AuditEvent.record("sign_up", kept, by=by, at=at, meeting=meeting.pk, people=kept.people)
    _confirm(kept, again=False, at=at)
    return kept


def _confirm(sign_up: SignUp, *, again: bool, at: datetime | None) -> None:
    """One confirmation a sign-up; asked for again, at most one more a day."""
    day = f":{clocks.today(at):%Y-%m-%d}" if again else ""
    if sign_up.email:
        _tell(sign_up, "meetings/signed_up", f"signed-up:{sign_up.pk}{day}", urgent=True, at=at)


def _tell(
    sign_up: SignUp, template: str, key: str, *, urgent: bool = False, at: datetime | None = None
) -> None:
    outbox.queue(
        key=key,
        template=template,
        address=sign_up.email,
        channel=Message.Channel.EMAIL,
        ids={"sign_up": sign_up.pk},
        urgent=urgent,
        at=at,
    )


@transaction.atomic
def change_sign_up(
    *, sign_up: SignUp, people: int, needs: str, by: Any = None, at: datetime | None = None
) -> None:
    """Change how many come and what they need. Raises TransitionNotAllowed."""
    meeting = Meeting.objects.select_for_update().get(pk=sign_up.meeting_id)
    stored = SignUp.objects.get(pk=sign_up.pk)
    if stored.cancelled_at is not None:
        raise TransitionNotAllowed("This was cancelled. Sign up again if you can come after all.")
    _refuse(meeting, max(people - stored.people, 0), at)
    stored.people, stored.needs = people, needs
    stored.save(update_fields=["people", "needs"])
    AuditEvent.record("change_sign_up", stored, by=by, at=at, people=people)


@transaction.atomic
def cancel_sign_up(*, sign_up: SignUp, by: Any = None, at: datetime | None = None) -> None:
    """Give the places back. Doing it twice changes nothing."""
    if SignUp.objects.filter(pk=sign_up.pk, cancelled_at__isnull=True).update(
        cancelled_at=at or timezone.now(), cancelled_by=by
    ):
        AuditEvent.record("cancel_sign_up", sign_up, by=by, at=at)


def tell_signed_up(
    *, meeting: Meeting, about: str, cause: int, at: datetime | None = None
) -> list[SignUp]:
    """Tell everybody signed up that the event moved or is cancelled (``about``), once a cause.

    Called by what moves and cancels, in its transaction. Returns those without e-mail, whom
    somebody must ring.
    """
    to_ring = []
    for each in meeting.sign_ups.filter(cancelled_at__isnull=True):
        if each.email:
            key = f"event-{about}:{cause}:{each.pk}"
            _tell(each, f"meetings/event_{about}", key, urgent=about == "cancelled", at=at)
        else:
            to_ring.append(each)
    return to_ring


def remind_signed_up(now: datetime | None = None) -> None:
    """The day before an open event: when and where, once. Harmless to run twice."""
    tomorrow = clocks.today(now) + timedelta(days=1)
    due = SignUp.objects.filter(
        meeting__date__lte=tomorrow,
        meeting__starts_at__gt=now or timezone.now(),
        meeting__cancelled_at__isnull=True,
        cancelled_at__isnull=True,
    ).exclude(email="")
    for each in due.select_related("meeting"):
        # Whoever signed up since yesterday has it all in the confirmation.
        if clocks.today(each.signed_up_at) < clocks.today(now):
            _tell(each, "meetings/event_reminder", f"event-reminder:{each.pk}", at=now)


@transaction.atomic
def forget_sign_ups(now: datetime | None = None) -> int:
    """Delete names, addresses and needs some weeks after the event; how many rows went."""
    past = SignUp.objects.filter(meeting__date__lt=clocks.today(now) - timedelta(days=KEPT_DAYS))
    gone = 0
    for each in past.select_related("meeting"):
        AuditEvent.record("forget_sign_up", each, by=None, at=now, meeting=each.meeting_id)
        Message.objects.filter(template__in=LETTERS, ids__sign_up=each.pk).delete()
        each.delete()
        gone += 1
    return gone


#: The letters that only those who signed up get.
LETTERS = (
    "meetings/signed_up",
    "meetings/event_moved",
    "meetings/event_cancelled",
    "meetings/event_after_all",
    "meetings/event_reminder",
)
