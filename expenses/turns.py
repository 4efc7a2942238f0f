"""Whose turn a claim is, in words: who does what next, which day of how many, by when.

Everybody who may read a claim reads the same; only “your” depends on the reader. Asks nothing
but ``is_stuck`` of who made the page.
"""

from dataclasses import dataclass
from typing import Any

from coprod import clocks
from coprod.templatetags.forum import long_day, pence
from expenses.models import Claim, Payment

State = Claim.State


@dataclass(frozen=True)
class Turn:
    """``who`` does ``what``; ``by`` says the day of how many. ``look`` is a tag's look."""

    words: str
    by: str = ""
    look: str = "wait"
    yours: bool = False


def turn_of(claim: Claim, reader: Any, *, is_stuck: bool = False) -> Turn:
    """Whose turn it is with a claim, as this reader reads it.

    ``is_stuck``: nobody may take the next decision (``eligible.lacks_decider``).
    """
    return _TURNS[State(claim.state)](claim, reader, is_stuck)


def deadline(claim: Claim, reader: Any) -> str:
    """``Day 3 of 14: your money is due by Thursday 3 December 2026.``"""
    clock = claim.clock
    if clock is None or clock.kept_on:
        return ""
    whose = "your money" if claim.person_id == reader.pk else "the money"
    if clock.is_late:
        return f"{clock.words}: {whose} was due by {long_day(clock.ends_on)}."
    return f"{clock.words}: {whose} is due by {long_day(clock.ends_on)}."


def _draft(claim: Claim, reader: Any, _: bool) -> Turn:
    if claim.person_id == reader.pk and not claim.is_for_another:
        return Turn("Your turn: finish it and send it.", look="todo", yours=True)
    if claim.entered_by_id == reader.pk:
        words = f"Your turn: finish it, then {claim.person.name} is asked whether it is right."
        return Turn(words, look="todo", yours=True)
    return Turn(f"{_enterer(claim)}’s turn: to finish it and send it.", look="quiet")


def _unconfirmed(claim: Claim, reader: Any, _: bool) -> Turn:
    if claim.person_id == reader.pk:
        return Turn("Your turn: say whether it is right.", look="todo", yours=True)
    name = claim.person.name
    if claim.person.email:
        return Turn(f"{name}’s turn: to sign in and say whether it is right.")
    return Turn(
        f"{name}’s turn: to say whether it is right, with the code from their letter or "
        "on the phone to the treasurer."
    )


def _submitted(claim: Claim, reader: Any, is_stuck: bool) -> Turn:
    by = deadline(claim, reader)
    if is_stuck:
        words = (
            "It waits: nobody can decide it, since nobody decides a claim of their own or one "
            "that they entered. A second treasurer or approver has to be named first."
        )
        return Turn(words, by, "late")
    if claim.is_held:
        words = "It came late, so it is held. The treasurer’s turn: to say if it can still be paid."
        return Turn(words, by, "wait")
    if claim.appealed_at:
        return Turn("Somebody else’s turn than before: to look at it again.", by)
    if claim.approved_by_id:
        return Turn("The turn of the second of two who check it.", by)
    if claim.needs_two:
        return Turn("The turn of the treasurer and a second approver: to check it.", by)
    return Turn("The treasurer’s turn: to check it.", by)


def _questioned(claim: Claim, reader: Any, _: bool) -> Turn:
    by = deadline(claim, reader)
    if claim.person_id == reader.pk:
        return Turn("Your turn: answer one question.", by, "todo", yours=True)
    if claim.entered_by_id == reader.pk:
        words = f"Your turn: ask {claim.person.name}, and answer one question."
        return Turn(words, by, "todo", yours=True)
    return Turn(f"{claim.person.name}’s turn: to answer one question.", by)


def _approved(claim: Claim, reader: Any, _: bool) -> Turn:
    return Turn("The treasurer’s turn: to pay it.", deadline(claim, reader))


def _paying(claim: Claim, reader: Any, _: bool) -> Turn:
    return Turn("On its way: it is in a payment run.", deadline(claim, reader))


def _paid(claim: Claim, *_: Any) -> Turn:
    clock = claim.clock
    taken = f", on day {clock.day} of {clock.days}" if clock else ""
    late = f", {clock.words}" if clock and clock.is_late else taken
    return Turn(f"Paid on {long_day(claim.paid_at)}{late}.", look="done")


def _declined(claim: Claim, reader: Any, is_stuck: bool) -> Turn:
    if claim.refused_at:
        return Turn("It can’t be paid. It was looked at twice, by two people.", look="late")
    if is_stuck:
        return Turn("It can’t be paid.", look="late")
    if claim.person_id == reader.pk:
        return Turn("It can’t be paid. You can ask for another look.", look="late", yours=True)
    return Turn("It can’t be paid. They can ask for another look.", look="late")


def _withdrawn(*_: Any) -> Turn:
    return Turn("It was taken back, so nothing more happens with it.", look="quiet")


_TURNS = {
    State.DRAFT: _draft,
    State.UNCONFIRMED: _unconfirmed,
    State.SUBMITTED: _submitted,
    State.QUESTIONED: _questioned,
    State.APPROVED: _approved,
    State.PAYING: _paying,
    State.PAID: _paid,
    State.DECLINED: _declined,
    State.WITHDRAWN: _withdrawn,
}


def _enterer(claim: Claim) -> str:
    return claim.entered_by.name if claim.entered_by else claim.person.name


def how_paid(payment: Payment) -> str:
    """``£9.80 went to your account ending 4321 on Thursday 3 December 2026.``"""
    on = payment.run.paid_on or (clocks.today(payment.paid_at) if payment.paid_at else None)
    when = f" on {long_day(on)}" if on else ""
    if not payment.pence:
        return "An advance covers all of it, so no more is paid out."
    if payment.pay_by == Claim.PayBy.CHEQUE:
        return f"A cheque for {pence(payment.pence)} was posted{when}."
    if payment.pay_by == Claim.PayBy.CASH:
        return f"{pence(payment.pence)} was paid in cash{when}."
    account = f"the account ending {payment.last_digits}" if payment.last_digits else "the account"
    return f"{pence(payment.pence)} went to {account}{when}."


def living_payment(claim: Claim) -> Payment | None:
    """The one payment of a claim that neither came back nor was cancelled. One question."""
    alive = claim.payments.filter(came_back_at__isnull=True, cancelled_at__isnull=True)
    return alive.select_related("run").first()
