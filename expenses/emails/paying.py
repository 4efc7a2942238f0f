"""Letters about payments, bank details and advances: one function each; never decides to send.

No account number stands in any of them: four digits tell whoever owns it which it is.
"""

from typing import Any

from django.urls import reverse

from coprod import letters
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from coprod.registry import Letter, letter
from expenses.models import Advance, BankDetails, Payment
from expenses.services.advances import open_advances, why_not_decide
from expenses.services.paying import thing_of
from members.emails import reader_of
from members.models import Person


def _payment(message: Message) -> tuple[Person, Payment]:
    person = reader_of(message)
    found = Payment.objects.select_related("claim__meeting", "advance", "recognition", "run")
    payment = found.filter(pk=message.ids["payment"], payee=person).first()
    if payment is None:
        raise NoLongerDue("This payment isn’t theirs.")
    return person, payment


def _how(payment: Payment) -> str:
    """How the money comes, as the end of a sentence."""
    if payment.pay_by == "bank":
        return f"to your account ending {payment.last_digits}"
    return "by cheque, in the post" if payment.pay_by == "cheque" else "in cash"


@letter("expenses/paid")
def paid(message: Message) -> Letter:
    """Money in advance, or a thank-you payment, is on its way."""
    person, payment = _payment(message)
    if payment.came_back_at is not None:
        raise NoLongerDue("This payment has come back.")
    context = {
        "person": person,
        "payment": payment,
        "reference": payment.reference,
        "how": _how(payment),
        "url": reverse("expenses:claim_list"),
    }
    why = "You get this because the forum paid you money."
    return letters.write("expenses/paid", context, why=why)


@letter("expenses/payment_back")
def payment_back(message: Message) -> Letter:
    """The bank sent it back: please look at the details."""
    person, payment = _payment(message)
    if thing_of(payment).state not in ("approved", "accepted"):
        raise NoLongerDue("It is being paid again.")
    context = {
        "person": person,
        "payment": payment,
        "reference": payment.reference,
        "by_bank": payment.pay_by == "bank",
        "url": reverse("expenses:bank_details"),
    }
    why = "You get this because a payment to you came back."
    return letters.write("expenses/payment_back", context, why=why)


@letter("expenses/bank_changed")
def bank_changed(message: Message) -> Letter:
    """The details were kept, changed or removed: was it you? Also to addresses of before."""
    person = reader_of(message)
    context = {
        "person": person,
        "deed": message.ids["deed"],
        "last_digits": message.ids["last_digits"],
        "url": reverse("expenses:bank_details"),
    }
    why = "You get this because the forum keeps your bank details safe."
    return letters.write("expenses/bank_changed", context, why=why)


@letter("expenses/bank_forgotten")
def bank_forgotten(message: Message) -> Letter:
    """Nobody needs the details any more, so they are deleted."""
    person = reader_of(message)
    if BankDetails.objects.filter(person=person).exists():
        raise NoLongerDue("They have given new bank details since.")
    context = {
        "person": person,
        "last_digits": message.ids["last_digits"],
        "url": reverse("expenses:bank_details"),
    }
    why = "You get this because the forum kept your bank details."
    return letters.write("expenses/bank_forgotten", context, why=why)


def _advance(message: Message) -> Advance:
    advance = Advance.objects.select_related("person").filter(pk=message.ids["advance"]).first()
    if advance is None:
        raise NoLongerDue("This advance is gone.")
    return advance


@letter("expenses/advance_asked")
def advance_asked(message: Message) -> Letter:
    """Somebody asks for money in advance: to the treasurers who may decide."""
    person, advance = reader_of(message), _advance(message)
    if advance.state != Advance.State.ASKED:
        raise NoLongerDue("It has been decided, or taken back.")
    if not person.is_treasurer or why_not_decide(advance, person):
        raise NoLongerDue("This person may not decide it.")
    url = reverse("expenses:advance_decide", args=[advance.pk])
    context = {"person": person, "advance": advance, "url": url}
    why = "You get this because you are the forum’s treasurer."
    return letters.write("expenses/advance_asked", context, why=why)


def _own_advance(message: Message, *states: str) -> tuple[Person, Advance]:
    person, advance = reader_of(message), _advance(message)
    if advance.person_id != person.pk or advance.state not in states:
        raise NoLongerDue("The advance has moved on since.")
    return person, advance


def _advance_letter(template: str, person: Person, advance: Advance, **more: Any) -> Letter:
    context = {
        "person": person,
        "advance": advance,
        "url": reverse("expenses:advance_ask"),
        **more,
    }
    return letters.write(template, context, why="You get this because you asked for an advance.")


@letter("expenses/advance_decided")
def advance_decided(message: Message) -> Letter:
    """Yes, or no and why."""
    person, advance = _own_advance(message, "approved", "declined", "paying")
    bare = advance.pay_by == "bank" and not BankDetails.objects.filter(person=person).exists()
    return _advance_letter(
        "expenses/advance_decided",
        person,
        advance,
        needs_bank=bare and advance.state != "declined",
        bank_url=letters.absolute(reverse("expenses:bank_details")),
    )


@letter("expenses/advance_returned")
def advance_returned(message: Message) -> Letter:
    """Thank you for what you gave back; what is left."""
    person, advance = _own_advance(message, "paid")
    open_now = open_advances([person.pk]).get(person.pk, [])
    left = sum(each.left for each in open_now if each.row.pk == advance.pk)
    back = sum(use.pence for use in advance.uses.filter(claim=None))
    return _advance_letter("expenses/advance_returned", person, advance, left=left, back=back)
