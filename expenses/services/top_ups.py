"""What a newly confirmed version changes of claims that are there: differences and new prices.

What was approved is never changed and never taken back: where a day's rate now pays more, the
difference is a claim of its own. What nobody has decided yet is priced again where it lies,
and whoever decides reads it again. Running it twice changes nothing more.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from coprod import outbox
from coprod.models import AuditEvent
from coprod.templatetags.forum import pence as in_pounds
from expenses.deciding import takes_two
from expenses.models import AttendanceCheck, Claim, Line, Policy
from expenses.services.deciding import FIRST, tell_deciders
from expenses.services.lines import MilesBook, RateBook, Repriced, prices_now
from expenses.services.locks import lock_claims, lock_people

State = Claim.State
DECIDED = (State.APPROVED, State.PAYING, State.PAID)
UNDECIDED = (State.DRAFT, State.UNCONFIRMED, State.SUBMITTED, State.QUESTIONED)
#: Top-ups that count as asked for or paid.
STANDING = set(Claim.STANDING)


@dataclass(frozen=True)
class LineChange:
    """One line and what it pays now; ``before``: with what was added to it already."""

    line: Line
    before: int
    now: Repriced

    @property
    def difference(self) -> int:
        """Pence; below nothing where a claim that nobody has decided yet pays less."""
        return self.now.price.pence - self.before


@dataclass(frozen=True)
class ClaimChange:
    """What the rates as they are now change of one claim."""

    claim: Claim
    lines: list[LineChange] = field(default_factory=list)

    @property
    def is_top_up(self) -> bool:
        """Whether it was decided, so that the difference is a claim of its own."""
        return self.claim.state in DECIDED

    @property
    def is_told(self) -> bool:
        """Whether its claimant hears of it: a draft shows its new sum by itself."""
        return self.claim.state != State.DRAFT and self.difference != 0

    @property
    def difference(self) -> int:
        return sum(change.difference for change in self.lines)


def changes(book: RateBook, claims: Iterable[Claim]) -> list[ClaimChange]:
    """What the rates of ``book`` change of these claims; writes nothing.

    ``claims`` as ``touched`` fetches them. A fixed number of questions, however many there are.
    """
    claims = list(claims)
    miles = MilesBook(claim.person_id for claim in claims)
    found = []
    for claim in claims:
        change = ClaimChange(claim)
        for now in prices_now(claim, book, miles):
            if line := _line_change(claim, now):
                change.lines.append(line)
        if change.lines:
            found.append(change)
    return found


def _line_change(claim: Claim, now: Repriced) -> LineChange | None:
    """None where the line is priced by this version already, or nothing more is due."""
    if now.policy == now.line.policy:
        return None
    top_ups = list(now.line.top_ups.all())
    added = sum(extra.pence for extra in top_ups if extra.claim.state in STANDING)
    change = LineChange(now.line, now.line.pence + added, now)
    if claim.state not in DECIDED:
        # One that came back to be checked keeps its lines when a difference was added to them.
        return None if added else change
    has_one = any(extra.policy_id == now.policy.pk for extra in top_ups)
    return None if has_one or change.difference <= 0 else change


def touched(policy: Policy) -> list[Claim]:
    """Claims with lines on days from which a version counts, whether it is confirmed or not."""
    top_ups = Line.objects.select_related("claim")
    lines = Line.objects.select_related("policy").prefetch_related(
        Prefetch("top_ups", queryset=top_ups)
    )
    return list(
        Claim.objects.filter(
            state__in=[*DECIDED, *UNDECIDED],
            lines__in=Line.objects.filter(on__gte=policy.begins_on).exclude(policy=policy),
        )
        .distinct()
        .order_by("pk")
        .select_related("person", "meeting", "attendance_check")
        .prefetch_related(Prefetch("lines", queryset=lines))
    )


def preview(policy: Policy) -> list[ClaimChange]:
    """What confirming a version would change. A fixed number of questions."""
    return changes(RateBook(also=policy), touched(policy))


@transaction.atomic
def bring_up_to_date(*, policy: Policy, by: Any, at: datetime | None = None) -> list[ClaimChange]:
    """Price again what is undecided, and make claims of the differences for what was decided.

    For a confirmed version. Safe to repeat: what it has done it doesn't do again. People and
    claims are held while it looks, in the order in which everybody holds them.
    """
    wanted = [change.claim for change in changes(RateBook(), touched(policy))]
    lock_people({claim.person_id for claim in wanted})
    held = {claim.pk for claim in lock_claims(wanted)}
    done = changes(RateBook(), [claim for claim in touched(policy) if claim.pk in held])
    for change in done:
        if change.is_top_up:
            _add_top_up(change, by, at)
        else:
            _price_again(change, by, at)
    _tell(policy, [change for change in done if change.is_told], at)
    return done


#: Days after its confirmation in which a version still looks for what it may have missed.
CATCH_UP_DAYS = 60


def catch_up(*, at: datetime | None = None) -> int:
    """Look again at claims that moved while a version was confirmed; how many had to change.

    Such as one that was written or approved in the same second, or declined then and looked at
    again later. For the timetable; harmless to repeat.
    """
    since = (at or timezone.now()) - timedelta(days=CATCH_UP_DAYS)
    recent = Policy.objects.confirmed().filter(confirmed_at__gte=since).order_by("pk")
    return sum(len(bring_up_to_date(policy=policy, by=None, at=at)) for policy in recent)


def _price_again(change: ClaimChange, by: Any, at: datetime | None) -> None:
    """Put the new prices in place; whoever had approved it first reads it again."""
    claim = change.claim
    before = claim.total
    for line_change in change.lines:
        line = line_change.line
        line.pence = line_change.now.price.pence
        line.workings = line_change.now.price.workings
        line.policy = line_change.now.policy
        line.save(update_fields=["pence", "workings", "policy"])
    if claim.total == before:
        return
    claim.edit_no += 1
    if claim.state != State.DRAFT:
        claim.needs_two = takes_two(claim)
    for name in FIRST:
        setattr(claim, name, None)
    claim.save(update_fields=["edit_no", "needs_two", *FIRST])
    AuditEvent.record("reprice_claim", claim, by=by, at=at, before=before, after=claim.total)


def _add_top_up(change: ClaimChange, by: Any, at: datetime | None) -> None:
    """The difference as a claim of its own, sent by itself and checked like any other.

    Whoever entered the claim for somebody entered what follows from it too, so that they
    decide neither.
    """
    first, now = change.claim, at or timezone.now()
    claim = Claim.objects.create(
        person=first.person,
        entered_by_id=first.entered_by_id if first.is_for_another else None,
        entered_at=now,
        state=State.SUBMITTED,
        meeting=first.meeting,
        occasion=first.occasion,
        on=first.on,
        pay_by=first.pay_by,
        sent_at=now,
        pay_days=change.lines[0].now.policy.pay_days,
    )
    Line.objects.bulk_create(
        _top_up_line(claim, position, line) for position, line in enumerate(change.lines)
    )
    _carry_attendance(first, claim, now)
    claim.needs_two = takes_two(claim)
    claim.save(update_fields=["needs_two"])
    AuditEvent.record("top_up", claim, by=by, at=at, tops_up=first.pk, pence=change.difference)
    tell_deciders(claim=claim, at=now)


def _top_up_line(claim: Claim, position: int, change: LineChange) -> Line:
    line, price = change.line, change.now.price
    workings = f"{price.workings or 'By the new rates'} is {in_pounds(price.pence)}"
    return Line(
        claim=claim,
        kind=Line.Kind.TOP_UP,
        on=line.on,
        what=f"{line.claim.reference}: {line.what or line.get_kind_display()}"[:200],
        pence=change.difference,
        workings=f"{workings}, less {in_pounds(change.before)} that was approved"[:300],
        policy=change.now.policy,
        heading=line.heading,
        tops_up=line,
        position=position,
    )


def _carry_attendance(first: Claim, claim: Claim, now: datetime) -> None:
    """What was said about the first claim is said about this one: the day is the same."""
    asked = AttendanceCheck.objects.filter(claim=first).first()
    if asked is not None:
        AttendanceCheck.objects.create(
            claim=claim,
            claimant=claim.person,
            answer=asked.answer,
            note=asked.note,
            asked_at=now,
            asked_by=asked.asked_by,
            answered_at=asked.answered_at,
            answered_by=asked.answered_by,
        )


def _tell(policy: Policy, told: list[ClaimChange], at: datetime | None) -> None:
    """One letter a person, however many claims of theirs it touches."""
    theirs: dict[int, list[ClaimChange]] = {}
    for change in told:
        theirs.setdefault(change.claim.person_id, []).append(change)
    for person, their_changes in theirs.items():
        claims = [change.claim for change in their_changes]
        outbox.queue(
            key=f"new_rates:{policy.pk}:{person}:{claims[0].pk}:{claims[0].edit_no}",
            template="expenses/new_rates",
            person=claims[0].person,
            ids={
                "policy": policy.pk,
                "changes": [
                    {
                        "claim": change.claim.pk,
                        "pence": change.difference,
                        "top_up": change.is_top_up,
                    }
                    for change in their_changes
                ],
            },
            at=at,
        )
