"""Reminders about claims: one function a letter; never decides to send."""

from django.urls import reverse

from coprod import clocks, letters
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from coprod.registry import Letter, letter
from expenses.models import AttendanceCheck, Claim, Question
from members.emails import reader_of


@letter("expenses/claims_due")
def claims_due(message: Message) -> Letter:
    """To whoever decides and pays: how many claims wait, and the day of the oldest."""
    person = reader_of(message)
    decide = list(Claim.objects.decidable_by(person).order_by("sent_at"))
    pay = list(Claim.objects.payable_by(person).order_by("sent_at"))
    if not decide and not pay:
        raise NoLongerDue("Nothing waits for them any more.")
    waiting = sorted([*decide, *pay], key=lambda claim: (claim.sent_at is None, claim.sent_at))
    context = {
        "person": person,
        "decide": decide,
        "pay": pay,
        "clock": waiting[0].clock,
        "url": reverse("expenses:claims_to_decide" if decide else "expenses:run_make"),
        "label": "Check the claims" if decide else "Pay the claims",
    }
    why = "You get this because you check or pay claims for the forum."
    return letters.write("expenses/claims_due", context, why=why)


@letter("expenses/attendance_due")
def attendance_due(message: Message) -> Letter:
    """To whoever vouches: people whose attendance the register doesn't show."""
    person = reader_of(message)
    checks = AttendanceCheck.objects.open().asked_of(person)
    found = list(checks.select_related("claimant", "claim__meeting"))
    if not found:
        raise NoLongerDue("Nobody waits for it any more.")
    context = {
        "person": person,
        "checks": found,
        "listed": "\n".join(f"- {check.claimant.name}: {check.claim.title}" for check in found),
        "url": reverse("expenses:attendance_list"),
    }
    why = "You get this because you run the forum."
    return letters.write("expenses/attendance_due", context, why=why)


@letter("expenses/question_again")
def question_again(message: Message) -> Letter:
    """To a claimant: the question about their claim still waits."""
    person = reader_of(message)
    question = Question.objects.select_related("claim").get(pk=message.ids["question"])
    if question.answered_at is not None or question.claim.state != Claim.State.QUESTIONED:
        raise NoLongerDue("It has been answered, or the claim was decided.")
    context = {
        "person": person,
        "question": question,
        "claim": question.claim,
        "url": reverse("expenses:claim_detail", args=[question.claim_id]),
    }
    why = "You get this because you asked money back."
    return letters.write("expenses/question_again", context, why=why)


@letter("expenses/unconfirmed_still")
def unconfirmed_still(message: Message) -> Letter:
    """To whoever entered a claim for somebody: they haven't confirmed it."""
    person = reader_of(message)
    claim = Claim.objects.select_related("person").get(pk=message.ids["claim"])
    if not person.is_coordinator:
        raise NoLongerDue("They don’t enter claims for others any more.")
    if claim.state != Claim.State.UNCONFIRMED or claim.entered_by_id != person.pk:
        raise NoLongerDue("It has been confirmed, or taken back.")
    assert claim.sent_at is not None
    context = {
        "person": person,
        "claim": claim,
        "sent_on": clocks.today(claim.sent_at),
        "url": reverse("expenses:claim_detail", args=[claim.pk]),
    }
    why = "You get this because you entered this claim for somebody."
    return letters.write("expenses/unconfirmed_still", context, why=why)
