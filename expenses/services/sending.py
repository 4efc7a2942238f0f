"""A claim on its way from a first photo to the treasurer: begun, kept page by page, sent, changed.

While it is a draft nobody else is told of it, and every page is kept as it was typed. Sending
freezes the sum and copies the rules that it is judged by; changing it makes it a draft again,
so that nobody decides on what they haven't read.
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from coprod import clocks, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from coprod.templatetags.forum import pence as in_pounds
from expenses import answers
from expenses.models import BankDetails, Claim, ClaimCode, Line, Policy
from expenses.pricing import CannotPrice
from expenses.services.attendance import ask_attendance, tell_tomorrow
from expenses.services.lines import write_lines
from expenses.services.locks import lock, lock_people
from meetings.models import Invitation, Meeting
from members.models import Person

State = Claim.State


class SumChanged(TransitionNotAllowed):
    """What was read before the button was pressed isn't the sum any more: a rate has changed."""

    def __init__(self, pence: int) -> None:
        self.pence = pence
        super().__init__(
            f"The sum is {in_pounds(pence)} now, because the forum’s rates or your miles have "
            "changed since you read it. Look at it again, then send it"
        )


# Beginning ----------------------------------------------------------------------------------------


def open_to_claim(person: Person, now: datetime | None = None) -> Any:
    """Invitations to meetings that somebody was at, or said they would be at, and has asked
    nothing back for yet; newest first. A claim that was taken back leaves its meeting open."""
    said_yes = Q(reply__answer__in=["room", "online"])
    asked = Claim.objects.filter(person=person, meeting__isnull=False).exclude(state="withdrawn")
    found = Invitation.objects.filter(
        Q(attendance__isnull=False) | said_yes,
        person=person,
        meeting__starts_at__lte=now or timezone.now(),
        meeting__cancelled_at__isnull=True,
    )
    found = found.exclude(meeting__in=asked.values("meeting"))
    return found.select_related("meeting", "attendance").order_by("-meeting__starts_at")


@transaction.atomic
def begin_claim(
    *,
    person: Person,
    key: uuid.UUID,
    by: Any,
    meeting: Meeting | None = None,
    occasion: str = "",
    on: date | None = None,
    at: datetime | None = None,
) -> Claim:
    """Begin a claim for a meeting, or for something else on a day; pressed twice it is one.

    A draft for the same meeting is gone on with. Raises TransitionNotAllowed.
    """
    day = meeting.date if meeting else on
    if day is None or (meeting is None and not occasion):
        raise TransitionNotAllowed("Say what it was for, and the day.")
    if day > clocks.today(at):
        raise TransitionNotAllowed("Ask for your money back once it has been.")
    if meeting is not None and (known := _open_draft(person, meeting)):
        return known
    claim, made = Claim.objects.get_or_create(
        key=key,
        defaults={
            "person": person,
            "entered_by": by,
            "entered_at": at or timezone.now(),
            "meeting": meeting,
            "occasion": occasion,
            "on": day,
            "pay_by": _usual_pay_by(person),
        },
    )
    if claim.person_id != person.pk or claim.entered_by_id != by.pk:
        raise TransitionNotAllowed("Somebody else is writing this.")
    if made:
        AuditEvent.record("begin", claim, by=by, at=at, meeting=meeting.pk if meeting else None)
    return claim


def _open_draft(person: Person, meeting: Meeting) -> Claim | None:
    return Claim.objects.filter(person=person, meeting=meeting, state=State.DRAFT).first()


def _usual_pay_by(person: Person) -> str:
    """How they were paid last; else to the bank, where we know of an account."""
    last = Claim.objects.filter(person=person, sent_at__isnull=False).order_by("-sent_at").first()
    if last is not None:
        return str(last.pay_by)
    has_bank = BankDetails.objects.filter(person=person).exists()
    return str(Claim.PayBy.BANK if has_bank or person.email else Claim.PayBy.CHEQUE)


# Keeping ------------------------------------------------------------------------------------------


@transaction.atomic
def save_page(
    *,
    claim: Claim,
    page: str,
    said: Mapping[str, Any],
    rows: Iterable[Mapping[str, Any]] | None,
    by: Any,
    at: datetime | None = None,
) -> tuple[Claim, str]:
    """Keep one page of a draft as it was typed, and price what the pages ask for.

    ``rows`` None: something on the page isn't right yet; its words are kept, and it asks for
    nothing. Returns the claim, and why it couldn't be priced where it couldn't. Raises
    TransitionNotAllowed once it has been sent.
    """
    held = lock(claim)
    held.move("change")
    held.typed = {**_typed_of(held), page: answers.kept(said, rows)}
    held.edit_no += 1
    if page == "check":
        held.pay_by = said.get("pay_by") or held.pay_by
        held.late_reason = str(said.get("late_reason") or "").strip()[:1000]
    held.save(update_fields=["typed", "edit_no", "pay_by", "late_reason"])
    return held, _reprice(held)


def _typed_of(claim: Claim) -> dict[str, Any]:
    """What was typed; of a claim that was made without these pages, what its lines say."""
    if claim.typed or not claim.lines.exists():
        return dict(claim.typed)
    return answers.pages_of(claim.lines.all())


def _reprice(held: Claim) -> str:
    """Put the lines that the pages ask for in place of a draft's; why it couldn't be done."""
    try:
        with transaction.atomic():
            write_lines(held, answers.rows_of(held.typed, held.on))
    except CannotPrice as error:
        held.lines.all().delete()
        return str(error)
    return ""


@transaction.atomic
def discard_draft(*, claim: Claim, by: Any, at: datetime | None = None) -> None:
    """Throw a draft away: one that was never sent for good, else it counts as taken back.

    Raises TransitionNotAllowed once it has been sent.
    """
    from expenses.services.receipts import remove_receipt

    held = lock(claim)
    held.move("change")
    if "first_sent_on" in held.typed:
        held.move("withdraw")
        held.withdrawn_at, held.withdrawn_by = at or timezone.now(), by
        held.save(update_fields=["state", "withdrawn_at", "withdrawn_by"])
        AuditEvent.record("withdraw", held, by=by, at=at)
        return
    for receipt in held.receipts.all():
        remove_receipt(receipt=receipt, by=by)
    AuditEvent.record("discard", held, by=by, at=at)
    held.delete()


# Sending ------------------------------------------------------------------------------------------


@transaction.atomic
def send_claim(
    *, claim: Claim, by: Any, at: datetime | None = None, seen: int | None = None
) -> Claim:
    """Send a draft: the sum and the rules are frozen, those who check it and the claimant told.

    ``seen``: the sum in pence that was read before. Raises SumChanged where it isn't that any
    more, TransitionNotAllowed where it can't be sent, such as a second time.
    """
    now = at or timezone.now()
    lock_people([claim.person_id])  # the miles of a year are counted over all of their claims
    held = lock(claim)
    if held.is_for_another:
        raise TransitionNotAllowed("They say themselves that it is right before it is sent.")
    held.move("send")
    total = freeze(held, by=by, at=now, seen=seen)
    held.save()
    AuditEvent.record("send", held, by=by, at=at, pence=total, is_late=held.is_late)
    ask_attendance(claim=held, by=by, at=now)
    tell_all(held, now)
    return held


def freeze(held: Claim, *, by: Any, at: datetime, seen: int | None = None) -> int:
    """Price a draft for the last time and copy the rules onto it; the sum in pence.

    The caller holds the claimant and then the claim, has moved it and saves it. Raises
    TransitionNotAllowed, SumChanged.
    """
    if page := answers.wrong_page(held.typed):
        raise TransitionNotAllowed(f"Something isn’t right yet on the page about {_ABOUT[page]}.")
    try:
        lines = write_lines(held, _rows(held))
    except CannotPrice as error:
        words = f"{error}. Nothing is lost: keep it, and send it later"
        raise TransitionNotAllowed(words) from error
    if not lines:
        raise TransitionNotAllowed("There is nothing to pay on this claim yet.")
    total = sum(line.pence for line in lines)
    if seen is not None and seen != total:
        raise SumChanged(total)
    policy = Policy.objects.governing(held.on) or lines[0].policy
    _need_receipts(held, lines)
    _copy_rules(held, policy, total, at)
    if held.is_late and not held.late_reason:
        raise TransitionNotAllowed("Say why it comes late: then it can be decided on.")
    held.sent_at, held.sent_by, held.edit_no = at, by, held.edit_no + 1
    return total


_ABOUT = {"photo": "your receipt", "travel": "how you travelled", "costs": "other costs"}


def _rows(held: Claim) -> list[dict[str, Any]]:
    if held.typed.keys() & {"travel", "costs"}:
        return answers.rows_of(held.typed, held.on)
    return [answers.said_of(line) for line in held.lines.all()]


def _need_receipts(held: Claim, lines: list[Line]) -> None:
    wanting = [line for line in lines if answers.needs_receipt(line) and not line.no_receipt]
    if wanting and not held.receipts.exclude(scan="refused").exists():
        raise TransitionNotAllowed("Add a photo of the receipt, or say why there is none.")


def _copy_rules(held: Claim, policy: Policy, total: int, now: datetime) -> None:
    """Two people decide above a sum, and wherever the claimant holds an office."""
    held.pay_days = policy.pay_days
    office = held.person.is_treasurer or held.person.is_coordinator
    held.needs_two = total > policy.two_over or office
    held.is_late = is_late(held, policy, clocks.today(now))


def is_late(claim: Claim, policy: Policy, today: date) -> bool:
    """Whether it is sent after the window; what was sent in time once stays in time."""
    first = claim.typed.get("first_sent_on")
    sent = min(today, date.fromisoformat(first)) if first else today
    return sent > claim.on + timedelta(days=policy.window_days)


def tell_all(held: Claim, now: datetime) -> None:
    """The claimant hears that we have it; whoever decides gets one letter about all of a day."""
    template = "expenses/claim_late_held" if held.is_held else "expenses/claim_received"
    outbox.queue(
        key=f"{template}:{held.pk}:{held.edit_no}",
        template=template,
        person=held.person,
        ids={"claim": held.pk},
        at=now,
    )
    people = Person.objects.treasurers()
    if held.needs_two:
        people = (people | Person.objects.approvers()).distinct()
    for person in people.exclude(pk__in={held.person_id, held.entered_by_id} - {None}):
        tell_tomorrow(person, "expenses/claims_due", now)


# Changing what was sent ---------------------------------------------------------------------------


@transaction.atomic
def edit_claim(*, claim: Claim, by: Any, at: datetime | None = None) -> Claim:
    """Make what was sent a draft again, as long as it isn't decided.

    Approvals are void and the days begin anew when it is sent again; an open question is
    closed, and a code that was posted for it is worth nothing. Raises TransitionNotAllowed.
    """
    held = lock(claim)
    topped_up = Line.objects.filter(tops_up__claim=held)
    if topped_up.exists() or held.lines.filter(kind=Line.Kind.TOP_UP).exists():
        words = "A new rate was added to this claim, so it can’t be changed any more."
        raise TransitionNotAllowed(words)
    held.move("edit")
    now = at or timezone.now()
    first = held.typed.get("first_sent_on")
    sent = clocks.today(held.sent_at).isoformat() if held.sent_at else None
    held.typed = {**_typed_of(held), "first_sent_on": first or sent}
    held.typed.pop("check", None)
    for deed in ("sent", "approved", "second", "confirmed", "late_accepted"):
        setattr(held, f"{deed}_at", None)
        setattr(held, f"{deed}_by", None)
    held.confirmed_how, held.late_accepted_reason = "", ""
    held.needs_two, held.is_late = False, False
    held.edit_no += 1
    held.save()
    ClaimCode.objects.filter(claim=held).delete()
    open_ones = held.questions.filter(answered_at__isnull=True)
    open_ones.update(answer="The claim was changed instead.", answered_at=now, answered_by=by)
    AuditEvent.record("edit", held, by=by, at=at)
    return held
