"""A claim that one enters for somebody: asked of them, confirmed by them, or sent back.

Nothing of it is decided before. It is never confirmed by whoever entered it: the service and
the database refuse that, and the code goes past them (``registry.not_by``).
"""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from expenses import codes
from expenses.models import Claim, ClaimCode, Question
from expenses.services.attendance import ask_attendance
from expenses.services.locks import lock, lock_people
from expenses.services.sending import edit_claim, freeze, tell_all
from members.models import Person

Confirmed = Claim.Confirmed
NOT_YOU = "You entered this claim, so somebody else has to hear that it is right."


def channel_to(person: Person) -> str:
    """How the question reaches them: by post where they can't sign in, else as they like."""
    if not person.email and person.postal_address:
        return str(Message.Channel.LETTER)
    return str(person.reached_by)


@transaction.atomic
def hand_over(
    *, claim: Claim, by: Any, at: datetime | None = None, seen: int | None = None
) -> Claim:
    """Finish a draft that one wrote for somebody: the sum is frozen, and they are asked.

    ``seen`` as in ``sending.send_claim``, and what it raises: SumChanged, TransitionNotAllowed.
    """
    now = at or timezone.now()
    lock_people([claim.person_id])
    held = lock(claim)
    if not held.is_for_another:
        raise TransitionNotAllowed("You send your own claim yourself.")
    held.move("hand_over")
    total = freeze(held, by=by, at=now, seen=seen)
    held.save()
    AuditEvent.record("hand_over_claim", held, by=by, at=at, pence=total, is_late=held.is_late)
    if by.pk == held.person_id:  # they changed it themselves, so they needn’t be asked
        return _confirm(held, "", held.edit_no, by, at)
    ask_to_confirm(claim=held, by=by, at=at)
    return held


@transaction.atomic
def ask_to_confirm(*, claim: Claim, by: Any, at: datetime | None = None) -> ClaimCode:
    """Write to the claimant, with a new code where they can't sign in; an older code ends.

    Called when a claim is handed over, and again for a new letter. Raises
    TransitionNotAllowed.
    """
    claim, now = lock(claim), at or timezone.now()
    if claim.state != Claim.State.UNCONFIRMED:
        raise TransitionNotAllowed(Claim.REFUSALS["confirm"])
    fresh = {"salt": uuid.uuid4(), "tries": 0, "made_at": now, "made_by": by}
    code, _ = ClaimCode.objects.update_or_create(claim=claim, defaults=fresh)
    outbox.queue(
        key=f"claim_to_confirm:{claim.pk}:{code.salt}",
        template="expenses/claim_to_confirm",
        person=claim.person,
        channel=channel_to(claim.person),
        ids={"claim": claim.pk, "salt": str(code.salt)},
        at=at,
    )
    AuditEvent.record("ask_to_confirm", claim, by=by, at=at)
    return code


@transaction.atomic
def try_code(*, reference: str, code: str) -> Claim | None:
    """The claim that a reference and its code open; None where they don't go together.

    Wrong tries are counted, and the last one ends the code: whoever entered the claim is told,
    and can send a new letter. Says nothing about which of the two was wrong.
    """
    row = _code_row(reference)
    if row is None:
        return None
    if codes.fits(row, code):
        return row.claim
    if not codes.has_ended(row):
        row.tries += 1
        row.save(update_fields=["tries"])
        if codes.has_ended(row) and row.claim.entered_by is not None:
            outbox.queue(
                key=f"claim_code_ended:{row.claim_id}:{row.salt}",
                template="expenses/claim_code_ended",
                person=row.claim.entered_by,
                ids={"claim": row.claim_id},
            )
    return None


def _code_row(reference: str) -> ClaimCode | None:
    """The held code of a claim that waits for one, by its reference, however it was typed."""
    digits = "".join(c for c in reference if c.isascii() and c.isdigit())
    if not digits or len(digits) > 12:
        return None
    rows = ClaimCode.objects.select_for_update(of=("self",)).select_related("claim__entered_by")
    waiting = {"claim__state": Claim.State.UNCONFIRMED, "claim__person__is_active": True}
    return rows.filter(claim=int(digits), **waiting).first()


@transaction.atomic
def confirm_by_code(
    *, claim: Claim, edit_no: int, by: Any = None, at: datetime | None = None
) -> Claim:
    """They typed reference and code and say that it is right. ``by``: who is signed in, if any.

    The caller has tried the code in this request. Raises TransitionNotAllowed.
    """
    held = lock(claim)
    return _confirm(held, Confirmed.CODE, edit_no, by or held.person, at)


@transaction.atomic
def confirm_own(*, claim: Claim, edit_no: int, by: Any, at: datetime | None = None) -> Claim:
    """They signed in and say that it is right. Raises TransitionNotAllowed."""
    held = lock(claim)
    if by.pk != held.person_id:
        raise TransitionNotAllowed("Only the person whose claim it is can confirm it.")
    return _confirm(held, "", edit_no, by, at)


@transaction.atomic
def confirm_by_phone(*, claim: Claim, edit_no: int, by: Any, at: datetime | None = None) -> Claim:
    """They heard it read out and said yes to the treasurer. Raises TransitionNotAllowed."""
    held = lock(claim)
    if by.pk == held.person_id:
        raise TransitionNotAllowed("You confirm your own claim on its page.")
    return _confirm(held, Confirmed.PHONE, edit_no, by, at)


def _confirm(held: Claim, how: str, edit_no: int, by: Any, at: datetime | None) -> Claim:
    """From here on it is like a claim that they sent: the promise runs from today."""
    if by.pk == held.entered_by_id:
        raise TransitionNotAllowed(NOT_YOU)
    held.move("confirm")
    if edit_no != held.edit_no:
        raise TransitionNotAllowed("The claim was changed since you read it. Read it once more.")
    now = at or timezone.now()
    held.confirmed_at, held.confirmed_by, held.confirmed_how = now, by, how
    held.sent_at = now
    held.edit_no += 1
    held.save()
    ClaimCode.objects.filter(claim=held).delete()
    AuditEvent.record("confirm_claim", held, by=by, at=at, how=str(how))
    ask_attendance(claim=held, by=by, at=now)
    tell_all(held, now)
    if held.entered_by is not None:
        outbox.queue(
            key=f"claim_confirmed:{held.pk}:{held.edit_no}",
            template="expenses/claim_confirmed",
            person=held.entered_by,
            ids={"claim": held.pk},
            news=True,
            at=at,
        )
    return held


@transaction.atomic
def say_not_right(
    *, claim: Claim, said: str, by: Any = None, via: str = "", at: datetime | None = None
) -> Claim:
    """They say that something is wrong: it is a draft again, with their words beside it.

    ``via``: ``phone`` or ``code`` where they didn't sign in. Raises TransitionNotAllowed.
    """
    held, now = lock(claim), at or timezone.now()
    by = by or held.person
    if held.state != Claim.State.UNCONFIRMED:
        raise TransitionNotAllowed(Claim.REFUSALS["confirm"])
    held = edit_claim(claim=held, by=by, at=at)
    question = Question.objects.create(
        claim=held,
        text="Is this claim right?",
        asked_at=now,
        asked_by=held.entered_by,
        answer=f"No. {said}" if said else "No, something is wrong.",
        answered_at=now,
        answered_by=by,
        via=via,
    )
    AuditEvent.record("say_not_right", held, by=by, at=at, via=via)
    outbox.queue(
        key=f"claim_not_right:{held.pk}:{held.edit_no}",
        template="expenses/claim_not_right",
        person=held.entered_by,
        ids={"claim": held.pk, "question": question.pk},
        at=at,
    )
    return held


def claims_of(letters: Iterable[Message]) -> list[Claim]:
    """The claims that letters with a code are about. One question."""
    ids = [letter.ids.get("claim") for letter in letters]
    return list(Claim.objects.filter(pk__in=ids).select_related("person", "entered_by", "meeting"))


def changed_by_enterer(claims: Iterable[Claim]) -> dict[int, list[str]]:
    """By claim, how its claimant is reached as far as whoever entered it has changed that.

    Whoever prints the letter or rings should know: it could go to the wrong place. One question.
    """
    rows = {claim.pk: (claim.person_id, claim.entered_by_id) for claim in claims}
    events = AuditEvent.objects.filter(
        model=Person._meta.label,
        object_id__in={person for person, _ in rows.values()},
        verb="change_person",
    )
    fields: dict[tuple[int, int | None], set[str]] = {}
    for event in events:
        key = (event.object_id, event.by_id)
        fields.setdefault(key, set()).update(event.data.get("fields", []))
    said = {
        "postal_address": "postal address",
        "phone": "phone number",
        "email": "e-mail address",
    }
    return {
        pk: [words for name, words in said.items() if name in fields.get(key, set())]
        for pk, key in rows.items()
    }


def code_has_ended(claim: Claim) -> bool:
    """Whether a claim waits for a code that works no more. At most one question."""
    if claim.state != Claim.State.UNCONFIRMED or claim.person.email:
        return False
    code = ClaimCode.objects.filter(claim=claim).first()
    return code is None or codes.has_ended(code)


def not_by(messages: Iterable[Message]) -> dict[int, set[int]]:
    """Who may not print letters with a code: whoever entered the claim. One question."""
    found = {m.pk: m.ids.get("claim") for m in messages}
    rows = Claim.objects.filter(pk__in=found.values()).values_list("pk", "entered_by_id")
    entered = dict(rows)
    return {pk: {by} if (by := entered.get(claim)) else set() for pk, claim in found.items()}
