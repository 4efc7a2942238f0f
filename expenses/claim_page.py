"""What the page of one claim shows besides the claim: its way, what was asked, what happened.

The same for everybody who may read it. Those who run the money are named by their part.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coprod.models import AuditEvent
from coprod.templatetags.forum import day, day_month, moment_words
from expenses.models import Claim
from members.models import Role

State = Claim.State

# Its way ------------------------------------------------------------------------------------------


def steps_of(claim: Claim) -> list[dict[str, str]]:
    """Sent, checked, approved, paid: where it is on that way, for the life component."""
    if claim.state == State.WITHDRAWN:
        return [*_begin(claim), _step("Taken back", claim.withdrawn_at, "done")]
    if claim.state == State.DECLINED:
        end = claim.refused_at or claim.declined_at
        return [*_begin(claim), _step("Checked", end, "done"), _step("Declined", end, "late")]
    late = claim.clock is not None and claim.clock.is_late
    now = "late" if late else "now"
    steps = _begin(claim)
    if claim.state in (State.DRAFT, State.UNCONFIRMED):
        return [*steps, _ahead("Checked"), _ahead("Approved"), _ahead("Paid", _due(claim))]
    if claim.state in (State.SUBMITTED, State.QUESTIONED):
        checked = {"label": "Checked", "when": _checking(claim), "state": now}
        return [*steps, checked, _ahead("Approved"), _ahead("Paid", _due(claim))]
    decided = claim.second_at or claim.approved_at
    steps += [_step("Checked", decided, "done"), _step("Approved", decided, "done")]
    if claim.state == State.PAID:
        return [*steps, _step("Paid", claim.paid_at, "done")]
    return [*steps, {"label": "Paid", "when": _due(claim), "state": now}]


def _step(label: str, at: datetime | None, state: str) -> dict[str, str]:
    return {"label": label, "when": day_month(at) if at else "", "state": state}


def _ahead(label: str, when: str = "") -> dict[str, str]:
    return {"label": label, "when": when, "state": "next"}


def _begin(claim: Claim) -> list[dict[str, str]]:
    """Sent; before that confirmed, where somebody else entered it."""
    if claim.state == State.UNCONFIRMED:
        handed = _step("Entered", claim.sent_at, "done")
        return [handed, {"label": "Confirmed", "when": "Not yet", "state": "now"}]
    if claim.state == State.DRAFT:
        return [{"label": "Sent", "when": "Not yet", "state": "now"}]
    if claim.sent_at is None:
        return []
    return [_step("Confirmed" if claim.confirmed_at else "Sent", claim.sent_at, "done")]


def _checking(claim: Claim) -> str:
    if claim.state == State.QUESTIONED:
        return "A question is open"
    if claim.is_held:
        return "Held, because it came late"
    return "One of two has approved" if claim.approved_by_id else "Being read"


def _due(claim: Claim) -> str:
    clock = claim.clock
    if clock is None or claim.state == State.UNCONFIRMED:  # the days begin when it is confirmed
        return ""
    return f"Due by {clock.ends_on.day} {clock.ends_on:%B}"


# What was asked -----------------------------------------------------------------------------------

VIA = {"phone": "by phone", "code": "with the code in their letter", "letter": "by letter"}


def talks_of(claim: Claim, parts: "Parts") -> list[dict[str, Any]]:
    """Questions and answers, oldest first, as the talk component takes them."""
    found = []
    for question in claim.questions.all():
        talk: dict[str, Any] = {
            "kind": "Question",
            "who": f"from {parts.of(question.asked_by_id)}, {day(question.asked_at)}",
            "text": question.text,
        }
        if question.answered_at:
            via = f", {VIA.get(question.via, question.via)}" if question.via else ""
            who = f"{parts.of(question.answered_by_id)}, {day(question.answered_at)}{via}"
            talk["outcome"] = {
                "look": "done",
                "title": "Answer",
                "text": question.answer,
                "who": who[:1].upper() + who[1:],
            }
        found.append(talk)
    return found


# What happened ------------------------------------------------------------------------------------

VERBS = {
    "begin": "Begun",
    "send": "Sent",
    "hand_over_claim": "Entered and put to them",
    "ask_to_confirm": "Letter sent, to ask whether it is right",
    "confirm_claim": "Confirmed",
    "say_not_right": "Something is wrong, they say",
    "edit": "Made a draft again, to be changed",
    "answer_question": "Question answered",
    "withdraw": "Taken back",
    "withdraw_claim": "Taken back",
    "appeal_claim": "Another look asked for",
    "ask_about_claim": "A question asked",
    "approve_claim_first": "Approved by the first of two",
    "approve_claim": "Approved",
    "decline_claim": "Declined",
    "accept_late_claim": "Accepted, though it came late",
    "refuse_appeal": "Looked at again, and still declined",
    "reopen_claim": "Sent back to be checked again",
    "reprice_claim": "Priced again by new rates",
    "top_up": "A difference to new rates, worked out",
    "pay_claim": "Paid",
    "payment_came_back": "The payment came back",
}
HOW = {"code": "with the code in the letter", "phone": "on the phone, to the treasurer"}


@dataclass(frozen=True)
class Happened:
    """One line of the history."""

    when: str
    what: str


class Parts:
    """Who somebody is to a claim, in words: you, their name, or the part they have in it."""

    def __init__(self, claim: Claim, reader: Any, ids: Iterable[int | None]) -> None:
        self.claim, self.reader = claim, reader
        wanted = {pk for pk in ids if pk} - {claim.person_id, claim.entered_by_id}
        self.kinds: dict[int, set[str]] = {}
        for person, kind in Role.objects.filter(person__in=wanted).values_list("person", "kind"):
            self.kinds.setdefault(person, set()).add(kind)

    def of(self, pk: int | None) -> str:
        """``you``, ``Nadia Karim``, ``the treasurer``; what nobody did happened by itself."""
        if pk is None:
            return "the portal"
        if pk == self.reader.pk:
            return "you"
        if pk == self.claim.person_id:
            return str(self.claim.person.name)
        if pk == self.claim.entered_by_id and self.claim.entered_by is not None:
            return str(self.claim.entered_by.name)
        for kind in (Role.Kind.TREASURER, Role.Kind.APPROVER, Role.Kind.COORDINATOR):
            if kind in self.kinds.get(pk, set()):
                return f"the {str(kind.label).lower()}"
        return "somebody else"


def events_of(claim: Claim) -> list[AuditEvent]:
    """What is kept about a claim that can be said in words, oldest first. One question."""
    found = AuditEvent.objects.about(claim).filter(verb__in=VERBS)
    return list(found.order_by("pk"))


def history_of(events: list[AuditEvent], parts: Parts) -> list[Happened]:
    """Who did what, when; those who run the money by their part."""
    lines = []
    for event in events:
        what = VERBS[event.verb]
        if how := HOW.get(event.data.get("how", "")):
            what = f"{what} {how}"
        who = "by itself" if event.by_id is None else f"by {parts.of(event.by_id)}"
        lines.append(Happened(moment_words(event.at), f"{what}, {who}"))
    return lines


def everybody_in(claim: Claim, events: list[AuditEvent]) -> set[int | None]:
    """Whose part is to be said somewhere on the page."""
    asked = {q.asked_by_id for q in claim.questions.all()}
    answered = {q.answered_by_id for q in claim.questions.all()}
    return asked | answered | {event.by_id for event in events}


def way_to_pay(claim: Claim, reader: Any) -> str:
    """How they want to be paid."""
    if claim.pay_by == Claim.PayBy.BANK:
        return f"To {'your' if claim.person_id == reader.pk else 'their'} bank account"
    cheque = claim.pay_by == Claim.PayBy.CHEQUE
    return "By cheque, in the post" if cheque else "In cash, at the next meeting"
