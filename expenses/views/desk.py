"""The desk of those who run the money: what waits for them, and the way to everything."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from coprod import clocks
from coprod.registry import Thing
from coprod.templatetags.forum import plural
from coprod.views import require
from expenses import desk_rows, today
from expenses.budget import alerts_of, this_year
from expenses.models import Recognition
from members.http import SignedInRequest

#: Label, what is there, address, and the permission that opens it.
PARTS = (
    ("Claims", "To decide, to pay, paid", "claims_to_decide", "list_claims"),
    ("Payment runs", "What goes to the bank", "run_list", "pay"),
    ("Who was there", "Where the register doesn’t say", "attendance_list", "list_attendance"),
    ("Claim for somebody", "Who doesn’t use the portal", "claim_enter", "claim_for_another"),
    ("Letters that you print", "With a code for a claim", "code_letters", "print_codes"),
    ("Advances", "For people who can’t pay first", "advance_list", "pay"),
    ("Thank-yous", "Offered, accepted, handed over", "thanks_list", "offer_thanks"),
    ("Vouchers", "The drawer and its ledger", "voucher_list", "keep_vouchers"),
    ("Budget", "Spent, committed, left", "budget", "see_budget"),
    ("Report", "By heading, for the funder", "money_report", "report_money"),
    ("Statements", "What somebody was paid in a tax year", "statement_people", "pay"),
    ("Time given", "Write down what somebody told you", "time_add", "claim_for_another"),
    ("What we spend", "Totals without names", "totals", "see_totals"),
    ("Rates and rules", "What is paid, and who agreed it", "policy_list", "see_policies"),
    ("My own money back", "What taking part cost you", "claim_list", "claim"),
)


def money(request: SignedInRequest) -> HttpResponse:
    """What waits, and links to each part of the money."""
    require(request.user, "expenses.open_desk")
    things = sorted(_waiting(request.user), key=lambda thing: thing.by)
    context = {"things": things, "parts": _parts(request.user), "alerts": _alerts(request.user)}
    return render(request, "expenses/money.html", context)


def _alerts(person: Any) -> list[str]:
    """Headings of this year's budget that need a look."""
    if not person.has_perm("expenses.see_budget"):
        return []
    return [f"Budget, {row.label}: {alert.text}." for row, alert in alerts_of(this_year())]


def _waiting(person: Any) -> list[Thing]:
    """What Today says of money to those who run it, and what only the desk says."""
    found = desk_rows.waiting_for(person, clocks.today())
    return [*today.to_run(found), *_thanks(person)]


def _thanks(person: Any) -> list[Thing]:
    """Thank-yous that somebody said yes to and hasn't got yet; never one's own."""
    if not person.is_treasurer:
        return []
    accepted = Recognition.objects.filter(state=Recognition.State.ACCEPTED).exclude(person=person)
    count = accepted.count()
    if not count:
        return []
    return [
        Thing(
            title=f"{plural(count, 'thank-you')} to pay or hand over",
            url=reverse("expenses:thanks_list"),
            button="See who said yes",
            by=clocks.today(),
            note="They said yes, and wait for it.",
            dated=False,
        )
    ]


def _parts(person: Any) -> list[dict[str, str]]:
    """The parts that somebody may open."""
    found = []
    for label, hint, name, permission in PARTS:
        if person.has_perm(f"expenses.{permission}"):
            found.append({"label": label, "hint": hint, "url": _address(name)})
    return [part for part in found if part["url"]]


def _address(name: str) -> str:
    try:
        return reverse(f"expenses:{name}")
    except NoReverseMatch:
        return ""
