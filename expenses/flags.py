"""What is worth a second look before a claim is decided. A flag neither decides nor refuses.

Two people may have paid half the parking each, somebody may have driven home alone: whoever decides
sees what the portal noticed, in words, and asks.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from coprod.templatetags.forum import and_list, day, pence
from expenses import answers
from expenses.models import AttendanceCheck, Claim, Line, Policy, Receipt
from expenses.services.confirming import changed_by_enterer
from meetings.models import Attendance

_TRAVEL = (*Line.BY_MILE, Line.Kind.TRANSPORT, Line.Kind.TAXI)
_BY_ENGINE = (Line.Kind.CAR, Line.Kind.MOTORCYCLE)


@dataclass(frozen=True)
class Flag:
    """``kind`` for a program, ``words`` for whoever decides, ``claims`` that it is about."""

    kind: str
    words: str
    claims: tuple[Claim, ...] = ()


def flags_of(claim: Claim) -> list[Flag]:
    """What is worth a look in one claim."""
    return flags_for([claim])[claim.pk]


def flags_for(claims: Iterable[Claim]) -> dict[int, list[Flag]]:
    """What is worth a look in each, by its number, in as many questions for one as for a hundred.

    Read the claims with ``with_all()``.
    """
    wanted = list(claims)
    around = _Around(wanted)
    return {
        claim.pk: [
            *_same_receipt(claim, around),
            *_asked_twice(claim, around),
            *_twice_within(claim),
            *_second_for_meeting(claim, around),
            *_shared_car(claim, around),
            *_without_receipt(claim, around),
            *_not_there(claim, around),
            *_late(claim),
            *_reached_anew(claim, around),
        ]
        for claim in wanted
    }


class _Around:
    """What surrounds some claims: other people's lines of the same days and meetings, and so on."""

    def __init__(self, claims: list[Claim]) -> None:
        people = {claim.person_id for claim in claims}
        meetings = {claim.meeting_id for claim in claims if claim.meeting_id}
        lines = [line for claim in claims for line in claim.lines.all()]
        days = {line.on for line in lines}
        self.lines = list(
            Line.objects.standing()
            .filter(
                Q(claim__person__in=people, on__in=days)
                | Q(claim__meeting__in=meetings, kind__in=_BY_ENGINE)
                | Q(on__in=days, kind=Line.Kind.CAR, passengers__gt=0)
            )
            .select_related("claim__person")
            .order_by("claim", "position", "pk")
        )
        self.claims = list(
            Claim.objects.filter(
                state__in=Claim.STANDING, meeting__in=meetings, person__in=people
            ).order_by("pk")
        )
        marks = {receipt.fingerprint for claim in claims for receipt in claim.receipts.all()}
        self.receipts: dict[str, list[Receipt]] = defaultdict(list)
        found = Receipt.objects.filter(fingerprint__in=marks).exclude(claim__state="draft")
        for receipt in found.select_related("claim__person").order_by("claim"):
            self.receipts[receipt.fingerprint].append(receipt)
        # Whoever lists claims has read the rules with the lines (``decisions.for_list``).
        if all(Line.policy.is_cached(line) for line in lines):
            self.policies = {line.policy_id: line.policy for line in lines}
        else:
            self.policies = Policy.objects.in_bulk({line.policy_id for line in lines})
        entered = [claim for claim in claims if claim.is_for_another]
        self.changed = changed_by_enterer(entered) if entered else {}
        self.came: dict[int, set[int]] = defaultdict(set)
        register = Attendance.objects.filter(invitation__meeting__in=meetings)
        for meeting, person in register.values_list(
            "invitation__meeting_id", "invitation__person_id"
        ):
            self.came[meeting].add(person)


def _of(claim: Claim) -> str:
    return f"{claim.reference} ({claim.person.name})"


def _first_name(person: Any) -> str:
    return str(person.name).split()[0] if str(person.name).split() else ""


def _same_receipt(claim: Claim, around: _Around) -> list[Flag]:
    """The very same file on another claim, whoever's and whatever became of it."""
    found: dict[int, Claim] = {}
    for receipt in claim.receipts.all():
        for other in around.receipts[receipt.fingerprint]:
            if other.claim_id != claim.pk:
                found[other.claim_id] = other.claim
    return [
        Flag(
            "same_receipt",
            f"The same receipt is on {_of(other)}: {other.get_state_display().lower()}.",
            (other,),
        )
        for other in found.values()
    ]


def _asked_twice(claim: Claim, around: _Around) -> list[Flag]:
    """The same person asked for the same kind of thing, or journey, of the same day before."""
    flags: dict[tuple[int, str], Flag] = {}
    for line in claim.lines.all():
        for other in around.lines:
            is_another = other.claim_id != claim.pk and other.claim.person_id == claim.person_id
            if not is_another or other.on != line.on or line.kind == Line.Kind.TOP_UP:
                continue
            if other.kind == line.kind:
                words = f"{line.get_kind_display()} on {day(line.on)} is asked for in"
            elif _is_same_journey(line, other):
                words = f"The journey “{line.what}” on {day(line.on)} is asked for in"
            else:
                continue
            flags[other.claim_id, words] = Flag(
                "asked_twice",
                f"{words} {_of(other.claim)} too: {pence(other.pence)}.",
                (other.claim,),
            )
    return list(flags.values())


def _is_same_journey(line: Line, other: Line) -> bool:
    if line.kind not in _TRAVEL or other.kind not in _TRAVEL:
        return False
    return bool(line.what.strip()) and _plain(line.what) == _plain(other.what)


def _plain(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _twice_within(claim: Claim) -> list[Flag]:
    """Two lines of one claim that are alike in everything."""
    seen: set[tuple[Any, ...]] = set()
    flags = []
    for line in claim.lines.all():
        alike = (line.kind, line.on, tuple(_plain(line.what)), line.miles, line.hours, line.pence)
        if alike in seen and line.kind != Line.Kind.TOP_UP:
            what = f"{line.get_kind_display()} on {day(line.on)}, {pence(line.pence)}"
            flags.append(Flag("twice_within", f"{what}, is in this claim twice."))
        seen.add(alike)
    return flags


def _second_for_meeting(claim: Claim, around: _Around) -> list[Flag]:
    if claim.meeting_id is None or all(line.kind == Line.Kind.TOP_UP for line in claim.lines.all()):
        return []
    return [
        Flag("second_claim", f"{other.reference} is a claim for the same meeting.", (other,))
        for other in around.claims
        if other.pk != claim.pk
        and (other.meeting_id, other.person_id) == (claim.meeting_id, claim.person_id)
    ]


def _shared_car(claim: Claim, around: _Around) -> list[Flag]:
    """Mileage of two people who may have come in one car. The driver is paid for passengers."""
    mine = [line for line in claim.lines.all() if line.kind in _BY_ENGINE]
    flags: dict[int, Flag] = {}
    for line in mine:
        for other in around.lines:
            if other.claim.person_id == claim.person_id or other.kind not in _BY_ENGINE:
                continue
            words = _came_with(line, claim, other) or _brought(line, claim, other)
            if words:
                flags.setdefault(other.claim_id, Flag("shared_car", words, (other.claim,)))
    return list(flags.values())


def _came_with(line: Line, claim: Claim, other: Line) -> str:
    """Whether the claimant may have been the other's passenger; stronger where they are named."""
    if not other.passengers or not _is_same_way(line, claim, other):
        return ""
    driver, named = other.claim.person.name, _names(other.with_whom)
    if _is_named(claim.person, other.with_whom):
        return (
            f"{driver} says in {other.claim.reference} that {_first_name(claim.person)} came in "
            f"their car on {day(other.on)}. This claim asks for {_miles(line)} miles of its own."
        )
    if claim.meeting_id == other.claim.meeting_id and len(named) < other.passengers:
        return (
            f"{driver} brought {other.passengers} in their car to the same meeting "
            f"({other.claim.reference}). Was {_first_name(claim.person)} one of them?"
        )
    return ""


def _brought(line: Line, claim: Claim, other: Line) -> str:
    """Whether somebody whom this claimant says they brought asks for a journey of their own."""
    passenger = other.claim.person
    if not line.passengers or not _is_same_way(other, other.claim, line):
        return ""
    if not _is_named(passenger, line.with_whom):
        return ""
    return (
        f"It says that {passenger.name} came in this car on {day(line.on)}, and they ask for "
        f"{_miles(other)} miles of their own in {other.claim.reference}."
    )


def _miles(line: Line) -> str:
    return f"{line.miles.normalize():f}" if line.miles is not None else "no"


def _is_same_way(line: Line, claim: Claim, other: Line) -> bool:
    """To the same meeting; or on the same day, which counts only where somebody is named."""
    if claim.meeting_id is not None and claim.meeting_id == other.claim.meeting_id:
        return True
    return line.on == other.on


def _names(text: str) -> list[str]:
    return [name for name in re.split(r"\s*(?:,|;|&|\+|\band\b)\s*", text.strip()) if name]


def _is_named(person: Any, text: str) -> bool:
    """By their first name, as people write who came along; whole words only."""
    first = _plain(_first_name(person))
    return bool(first) and first[0] in _plain(text)


def _without_receipt(claim: Claim, around: _Around) -> list[Flag]:
    """Spent without a receipt, above what the rules of its day take a reason for."""
    flags = []
    has_any = any(receipt.scan != Receipt.Scan.REFUSED for receipt in claim.receipts.all())
    for line in claim.lines.all():
        policy = around.policies[line.policy_id]
        spent = line.asked or line.pence
        if not answers.needs_receipt(line) or (has_any and not line.no_receipt):
            continue
        if spent > policy.lost_receipt_most:
            said = f" They say: “{line.no_receipt}”" if line.no_receipt else ""
            words = (
                f"{line.get_kind_display()}, {pence(spent)}, has no receipt. The rules take a "
                f"reason in its place up to {pence(policy.lost_receipt_most)}.{said}"
            )
            flags.append(Flag("no_receipt", words))
    return flags


def _not_there(claim: Claim, around: _Around) -> list[Flag]:
    check = getattr(claim, "attendance_check", None)
    answer = check.answer if check else ""
    if answer == AttendanceCheck.Answer.NOT_THERE:
        note = f": “{check.note}”" if check and check.note else "."
        return [Flag("not_there", f"They weren’t there, it was said when we asked{note}")]
    register = around.came.get(claim.meeting_id or 0)
    if not answer and register and claim.person_id not in register:
        return [Flag("not_there", "They aren’t on the register of the meeting.")]
    return []


def _late(claim: Claim) -> list[Flag]:
    if not claim.is_late:
        return []
    if claim.late_accepted_at is None:
        return [Flag("late", "It came late, and nobody has decided yet whether that matters.")]
    return [Flag("late", "It came late, and was let in with a reason.")]


def _reached_anew(claim: Claim, around: _Around) -> list[Flag]:
    """Whoever entered it could have said yes in their place: the forum changes where letters go."""
    changed = around.changed.get(claim.pk)
    if not changed or claim.is_top_up:
        return []
    words = (
        f"{claim.entered_by} entered it, and has changed how {claim.person.name} is reached: "
        f"{and_list(changed)}. Ask {claim.person.name} yourself whether it is right."
    )
    return [Flag("reached", words, (claim,))]
