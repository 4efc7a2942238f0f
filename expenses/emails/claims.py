"""Letters about one claim: one function each; never decides to send.

Each asks again, when it is written, whether its reader may still have it and it still matters.
"""

from datetime import timedelta
from typing import Any

from django.urls import reverse

from coprod import clocks, letters
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from coprod.registry import Letter, letter
from expenses import codes
from expenses.models import Claim, ClaimCode, Line, Question
from expenses.services.eligible import who_can_decide
from expenses.turns import how_paid, living_payment
from members.emails import reader_of
from members.models import Person

State = Claim.State
OWN = "You get this because you asked for money back."


def claim_of(message: Message) -> Claim:
    """The claim that a letter is about. Raises NoLongerDue when it is gone."""
    claims = Claim.objects.select_related("person", "entered_by", "meeting")
    claim = claims.prefetch_related("lines").filter(pk=message.ids["claim"]).first()
    if claim is None:
        raise NoLongerDue("This claim is gone.")
    return claim


def _own(message: Message, *states: str) -> tuple[Person, Claim]:
    """Reader and claim of a letter to the claimant, while the claim is in one of these states."""
    person, claim = reader_of(message), claim_of(message)
    if claim.person_id != person.pk:
        raise NoLongerDue("This claim isn’t theirs.")
    if claim.state not in states:
        raise NoLongerDue("The claim has moved on since.")
    return person, claim


def _context(person: Person, claim: Claim, **more: Any) -> dict[str, Any]:
    """What every letter about a claim may say."""
    clock = claim.clock
    return {
        "person": person,
        "claim": claim,
        "what": f"{claim.title}, {claim.on.day} {claim.on:%B}",
        "clock": clock,
        "url": claim.get_absolute_url(),
        **more,
    }


def _window(claim: Claim) -> int:
    """Days in which it would have been in time, by the version that its first line names."""
    line = Line.objects.filter(claim=claim).select_related("policy").first()
    return line.policy.window_days if line else 90


# Sent, and confirmed ------------------------------------------------------------------------------


@letter("expenses/claim_received")
def claim_received(message: Message) -> Letter:
    """We have it: its number, the sum, and by when the money is there."""
    person, claim = _own(message, State.SUBMITTED, State.QUESTIONED, State.APPROVED, State.PAYING)
    context = _context(person, claim, window=_window(claim), two=claim.needs_two)
    return letters.write("expenses/claim_received", context, why=OWN)


@letter("expenses/claim_late_held")
def claim_late_held(message: Message) -> Letter:
    """It came late and is held; not refused."""
    person, claim = _own(message, State.SUBMITTED, State.QUESTIONED)
    if not claim.is_held:
        raise NoLongerDue("It has been decided that the claim can be paid.")
    context = _context(person, claim, window=_window(claim))
    return letters.write("expenses/claim_late_held", context, why=OWN)


@letter("expenses/claim_to_confirm")
def claim_to_confirm(message: Message) -> Letter:
    """Somebody entered it for them: is it right? The code stands in the posted letter only.

    Whoever entered it may ring those on the call list, and may change where e-mail goes.
    """
    person, claim = _own(message, State.UNCONFIRMED)
    code = ClaimCode.objects.filter(claim=claim).first()
    if code is None or str(code.salt) != message.ids.get("salt"):
        raise NoLongerDue("A newer letter has taken its place.")
    posted = message.channel == Message.Channel.LETTER
    lines = [
        {"label": line.get_kind_display(), "detail": line.workings, "pence": line.pence}
        for line in claim.lines.all()
    ]
    context = _context(
        person,
        claim,
        lines=lines,
        signs_in=bool(person.email),
        code=codes.in_words(codes.code_of(code)) if posted else "",
        confirm_url=letters.absolute(reverse("expenses:claim_confirm")),
        ends_on=clocks.today(code.made_at) + timedelta(days=ClaimCode.DAYS),
    )
    why = "You get this because a claim was entered for you."
    return letters.write("expenses/claim_to_confirm", context, why=why)


def _entered(message: Message, *states: str) -> tuple[Person, Claim]:
    """Reader and claim of a letter to whoever entered it for somebody, while they may see it."""
    person, claim = reader_of(message), claim_of(message)
    if not person.is_coordinator:
        raise NoLongerDue("They don’t enter claims for others any more.")
    if claim.entered_by_id != person.pk or claim.state not in states:
        raise NoLongerDue("The claim has moved on since.")
    return person, claim


ENTERED = "You get this because you entered a claim for somebody."


@letter("expenses/claim_confirmed")
def claim_confirmed(message: Message) -> Letter:
    """They said that it is right: to whoever entered it."""
    person, claim = _entered(message, State.SUBMITTED, State.QUESTIONED, State.APPROVED)
    how = {"code": "with the code in their letter", "phone": "on the phone to the treasurer"}
    context = _context(person, claim, how=how.get(claim.confirmed_how, ""))
    return letters.write("expenses/claim_confirmed", context, why=ENTERED)


@letter("expenses/claim_not_right")
def claim_not_right(message: Message) -> Letter:
    """They said that something is wrong: to whoever entered it, with their words."""
    person, claim = _entered(message, State.DRAFT)
    said = Question.objects.filter(claim=claim, pk=message.ids["question"]).first()
    if said is None:
        raise NoLongerDue("What they said is gone.")
    context = _context(person, claim, said=said.answer)
    return letters.write("expenses/claim_not_right", context, why=ENTERED)


@letter("expenses/claim_code_ended")
def claim_code_ended(message: Message) -> Letter:
    """Wrong tries have ended a code: to whoever entered the claim."""
    person, claim = _entered(message, State.UNCONFIRMED)
    code = ClaimCode.objects.filter(claim=claim).first()
    if code is None or not codes.has_ended(code):
        raise NoLongerDue("A newer letter has been sent.")
    context = _context(person, claim, tries=ClaimCode.MOST_TRIES)
    return letters.write("expenses/claim_code_ended", context, why=ENTERED)


@letter("expenses/claim_withdrawn")
def claim_withdrawn(message: Message) -> Letter:
    """Somebody took back what they had entered for them: to the claimant."""
    person, claim = _own(message, State.WITHDRAWN)
    if claim.withdrawn_by is None:
        raise NoLongerDue("Nobody took it back.")
    why = "You get this because a claim had been entered for you."
    return letters.write("expenses/claim_withdrawn", _context(person, claim), why=why)


# Questions ----------------------------------------------------------------------------------------


@letter("expenses/question_asked")
def question_asked(message: Message) -> Letter:
    """Somebody who checks it asks something: to the claimant."""
    person, claim = _own(message, State.QUESTIONED)
    question = Question.objects.filter(claim=claim, answered_at__isnull=True).first()
    if question is None or question.pk != message.ids.get("question", question.pk):
        raise NoLongerDue("This question has been answered.")
    url = reverse("expenses:question_answer", args=[claim.pk])
    context = _context(person, claim, question=question) | {"url": url}
    return letters.write("expenses/question_asked", context, why=OWN)


@letter("expenses/question_answered")
def question_answered(message: Message) -> Letter:
    """The answer has come: to whoever asked."""
    person, claim = reader_of(message), claim_of(message)
    if claim.state != State.SUBMITTED or person not in who_can_decide(claim):
        raise NoLongerDue("The claim has moved on since.")
    return letters.write(
        "expenses/question_answered",
        _context(person, claim),
        why="You get this because you asked a question about a claim.",
    )


# Decided and paid ---------------------------------------------------------------------------------


@letter("expenses/claim_declined")
def claim_declined(message: Message) -> Letter:
    """It can't be paid, why, and how to have somebody else look at it."""
    person, claim = _own(message, State.DECLINED)
    final = claim.refused_at is not None
    context = _context(
        person,
        claim,
        final=final,
        reason=claim.refused_reason if final else claim.declined_reason,
        judged=not final and bool(who_can_decide(claim)),
    )
    return letters.write("expenses/claim_declined", context, why=OWN)


@letter("expenses/appeal_received")
def appeal_received(message: Message) -> Letter:
    """The claimant asks for another look: to somebody who didn't decline it."""
    person, claim = reader_of(message), claim_of(message)
    if claim.state != State.SUBMITTED or claim.appealed_at is None:
        raise NoLongerDue("It has been looked at by now.")
    if person not in who_can_decide(claim):
        raise NoLongerDue("This person may not decide this claim.")
    why = "You get this because you may decide claims."
    return letters.write("expenses/appeal_received", _context(person, claim), why=why)


@letter("expenses/claim_paid")
def claim_paid(message: Message) -> Letter:
    """The money is on its way: how much, how, and where to."""
    person, claim = _own(message, State.PAID)
    payment = living_payment(claim)
    if payment is None:
        raise NoLongerDue("This payment has come back.")
    context = _context(
        person, claim, sum=payment.pence, offset=payment.offset, how=how_paid(payment)
    )
    return letters.write("expenses/claim_paid", context, why=OWN)


@letter("expenses/claim_reopened")
def claim_reopened(message: Message) -> Letter:
    """An approved claim is checked again, such as after a change of the bank details."""
    person, claim = _own(message, State.SUBMITTED, State.QUESTIONED)
    context = _context(person, claim, reason=message.ids.get("reason", "bank"))
    return letters.write("expenses/claim_reopened", context, why=OWN)
