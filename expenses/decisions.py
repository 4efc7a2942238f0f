"""What whoever decides reads: a claim with its flags, who may decide it, and what happened."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch

from coprod import clocks
from coprod.templatetags.forum import day, pence, plural
from expenses.deciding import why_not
from expenses.flags import Flag, flags_for
from expenses.models import AttendanceCheck, Claim, Line, Question

State = Claim.State

#: Lists of claims: the word in an address, its words, and which states are in it.
LISTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "decide": ("To decide", (State.SUBMITTED,)),
    "others": ("Wait for others", (State.SUBMITTED, State.UNCONFIRMED, State.QUESTIONED)),
    "approved": ("Approved, to pay", (State.APPROVED, State.PAYING)),
    "paid": ("Paid", (State.PAID,)),
    "all": ("All", tuple(state for state in State.values if state != State.DRAFT)),
}


#: Who did what to a claim, as its history names them.
BY_WHOM = (
    *("sent_by", "confirmed_by", "late_accepted_by", "approved_by", "second_by"),
    *("declined_by", "appealed_by", "refused_by", "paid_by", "withdrawn_by"),
)


@dataclass
class Row:
    """One claim as a list shows it to somebody; ``why`` they can't decide it, if so."""

    claim: Claim
    why: str
    flags: list[Flag] = field(default_factory=list)
    tag: tuple[str, str] = ("wait", "")

    @property
    def attendance(self) -> str:
        return attendance_words(self.claim)

    @property
    def alone(self) -> bool:
        """Whether it is better decided alone than with others, or not by this person."""
        return bool(self.why or wants_care(self.claim))

    @property
    def flags_words(self) -> str:
        return plural(len(self.flags), "flag")


def list_of(name: str, person: Any) -> Any:
    """The claims of one list, as this person sees it, the oldest first."""
    found = Claim.objects.visible_to(person).filter(state__in=LISTS[name][1])
    mine = Claim.objects.decidable_by(person).values("pk")
    if name == "decide":
        found = found.filter(pk__in=mine)
    if name == "others":
        found = found.exclude(pk__in=mine)
    order = ("-sent_at", "-pk") if name in ("paid", "all") else ("sent_at", "pk")
    return found.order_by(*order)


def for_list(claims: Any) -> Any:
    """With what a list of claims reads, its flags included."""
    read = claims.select_related("person", "meeting", "attendance_check__answered_by")
    return read.prefetch_related(
        Prefetch("lines", Line.objects.select_related("policy")), "receipts"
    )


def for_page(claims: Any) -> Any:
    """With what the page of one claim reads: who did what, its questions, lines and receipts."""
    read = claims.select_related(
        "person", "entered_by", "meeting", "attendance_check__answered_by", *BY_WHOM
    )
    return read.prefetch_related(
        Prefetch("lines", Line.objects.select_related("heading", "policy")),
        Prefetch("questions", Question.objects.select_related("asked_by", "answered_by")),
        "receipts",
    )


def rows_for(claims: Iterable[Claim], person: Any) -> list[Row]:
    """Claims that were read with ``for_list`` or ``for_page``, ready to be listed to somebody."""
    claims = list(claims)
    flags = flags_for(claims)
    return [Row(claim, _why(claim, person), flags[claim.pk], _tag(claim)) for claim in claims]


def _why(claim: Claim, person: Any) -> str:
    return why_not(claim, person) if claim.state == State.SUBMITTED else ""


def _tag(claim: Claim) -> tuple[str, str]:
    """The day of the promise while it runs, else the state."""
    clock = claim.clock
    if clock is None:
        look = "late" if claim.state == State.DECLINED else "quiet"
        return look, claim.get_state_display()
    if clock.kept_on:
        return "done", f"Paid on day {clock.day}"
    return ("late" if clock.is_late else "todo"), clock.words


def attendance_words(claim: Claim) -> str:
    """Whether they were there, in words; the same wherever a claim is decided."""
    check: AttendanceCheck | None = getattr(claim, "attendance_check", None)
    if check is None:
        return "Nobody was asked."
    answer = AttendanceCheck.Answer
    if check.answer == answer.REGISTER:
        return "Yes: the register says so."
    if not check.answer:
        return "Nobody has said yet."
    word = "Yes" if check.answer == answer.THERE else "No"
    by = f": {check.answered_by} says so" if check.answered_by else ""
    return f"{word}{by}.{' ' + check.note if check.note else ''}"


def is_unsaid(claim: Claim) -> bool:
    """Whether it waits for somebody to say if they were there."""
    check: AttendanceCheck | None = getattr(claim, "attendance_check", None)
    return check is not None and not check.answer


def wants_care(claim: Claim) -> str:
    """Why a claim should be looked at alone rather than with others; empty where it needn't."""
    check: AttendanceCheck | None = getattr(claim, "attendance_check", None)
    if is_unsaid(claim):
        return "nobody has said yet whether they were there"
    if check is not None and check.answer == AttendanceCheck.Answer.NOT_THERE:
        return "they weren’t there, says the coordinator"
    if claim.is_held:
        return "it came late, and nobody has accepted it yet"
    if claim.appealed_at:
        return "it is an appeal"
    return ""


def history_of(claim: Claim) -> list[dict[str, Any]]:
    """What happened with it, newest first, for the component ``timeline``."""
    two, late = claim.needs_two, claim.late_accepted_reason
    told: list[tuple[Any, str, str, Any]] = [
        (claim.sent_at, "Sent", "", claim.sent_by),
        (claim.confirmed_at, "Confirmed as right", "", claim.confirmed_by),
        (claim.late_accepted_at, "Accepted late", late, claim.late_accepted_by),
        (claim.approved_at, "First approval" if two else "Approved", "", claim.approved_by),
        (claim.second_at, "Second approval", "", claim.second_by),
        (claim.declined_at, "Declined", claim.declined_reason, claim.declined_by),
        (claim.appealed_at, "Asked for another look", claim.appeal, claim.appealed_by),
        (claim.refused_at, "Declined for good", claim.refused_reason, claim.refused_by),
        (claim.paid_at, "Paid", "", claim.paid_by),
        (claim.withdrawn_at, "Taken back", "", claim.withdrawn_by),
    ]
    for question in claim.questions.all():
        told.append((question.asked_at, "Question", question.text, question.asked_by))
        told.append((question.answered_at, "Answer", question.answer, question.answered_by))
    past = sorted((row for row in told if row[0]), key=lambda row: row[0], reverse=True)
    return [{"when": _when(at, by), "title": title, "text": text} for at, title, text, by in past]


def _when(at: Any, by: Any) -> str:
    return day(clocks.today(at)) + (f", {by}" if by else "")


def news_since(claim: Claim, read: int | None, shown: int | None) -> list[str]:
    """What is different from the page that somebody pressed on: its number and its sum."""
    news = []
    if shown is not None and shown != claim.total:
        news.append(f"It came to {pence(shown)}; now it comes to {pence(claim.total)}.")
    elif read is not None and read != claim.edit_no:
        news.append("Lines, receipts or what was answered have changed. The sum is the same.")
    return news


def button_words(claim: Claim) -> str:
    """What the one button says, with the sum. ``needs_two`` has been asked anew."""
    if claim.needs_two:
        which = "second" if claim.approved_by_id else "first"
        return f"Approve {pence(claim.total)}, as the {which} of two"
    return f"Approve {pence(claim.total)}"
