"""The report for a funder: planned and spent by heading, and what it did. Never names anybody.

A funder asks for contacts held, the size of the steering group, representatives in groups,
parents who gave their experience, and planned against actual spending. All of these are
counted from records. Time given for nothing stands apart from money.

Small numbers: how many said no to a thank-you, or gave it away, is only said from five on, and
how many people a heading reached only from three on, so that nobody can be guessed.
"""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from coprod import clocks
from coprod.templatetags.forum import day
from expenses import in_kind
from expenses.budget import (
    IN_ADVANCE,
    NO_HEADING,
    Entry,
    Sums,
    counted,
    entries,
    in_advance,
    year_name,
    year_of,
)
from expenses.models import Claim, Heading, Line, Recognition
from meetings.models import Attendance, Invitation
from members.models import Person, Role, Seat
from projects.tables import write_csv

#: Fewer people than these are never counted out.
FEW_PEOPLE, FEW_ANSWERS = 3, 5
#: Roles of whoever steers the forum.
STEERING = (
    Role.Kind.COORDINATOR,
    Role.Kind.TREASURER,
    Role.Kind.APPROVER,
    Role.Kind.ADMINISTRATOR,
)


@dataclass(frozen=True)
class Part:
    """One heading in the report. Pence; ``people`` who were paid anything under it."""

    label: str
    planned: int
    sums: Sums
    people: int
    is_ring_fenced: bool = False

    @property
    def left(self) -> int:
        return self.planned - self.sums.spent - self.sums.committed

    @property
    def people_words(self) -> str:
        return few(self.people, FEW_PEOPLE)


@dataclass(frozen=True)
class Report:
    """All of it. Pence."""

    first: date
    last: date
    on: date
    parts: list[Part]
    funders: list[str]
    facts: list[tuple[str, str, str]]  # what, how many, how it was counted
    time: in_kind.Sum

    @property
    def planned(self) -> int:
        return sum(part.planned for part in self.parts)

    @property
    def total(self) -> Sums:
        return Sums(
            **{
                name: sum(getattr(part.sums, name) for part in self.parts)
                for name in Sums.__dataclass_fields__
            }
        )

    @property
    def left(self) -> int:
        return self.planned - self.total.spent - self.total.committed

    @property
    def planned_for(self) -> str:
        """The years whose budgets stand under “planned”."""
        years = range(year_of(self.first), year_of(self.last) + 1)
        return " and ".join(year_name(year) for year in years)


def few(number: int, least: int) -> str:
    """A number of people, unless it is so small that it could name somebody."""
    return str(number) if number == 0 or number >= least else f"fewer than {least}"


def gather(first: date, last: date, *, today: date | None = None) -> Report:
    """Count the report for days from ``first`` to ``last``, in nine questions."""
    rows = entries(first, last)
    funders = {row.note for row in rows if row.source == "planned" and row.note}
    time = in_kind.summed(in_kind.given(first, last))
    facts = [*_claims(first, last), *_thanks(rows), *_taking_part(first, last)]
    parts = _parts(rows, first, last)
    return Report(first, last, today or clocks.today(), parts, sorted(funders), facts, time)


def _parts(rows: list[Entry], first: date, last: date) -> list[Part]:
    """What was planned and spent by heading."""
    sums, people = counted(rows), people_under(first, last)
    planned: dict[int | None, int] = {}
    for row in rows:
        if row.source == "planned":
            planned[row.heading] = planned.get(row.heading, 0) + row.pence
    parts = []
    for heading in Heading.objects.all():
        here, plan = sums.get(heading.pk, Sums()), planned.get(heading.pk, 0)
        if heading.ended_at is None or plan or here != Sums():
            reached = len(people.get(heading.pk, ()))
            parts.append(Part(heading.name, plan, here, reached, heading.is_ring_fenced))
    if None in sums:
        parts.append(Part(NO_HEADING, 0, sums[None], len(people.get(None, ()))))
    if out := in_advance(first, last):
        parts.append(Part(IN_ADVANCE, 0, Sums(other_open=out), 0))
    return parts


def people_under(first: date, last: date) -> dict[int | None, set[int]]:
    """Who was paid anything, by heading: only ever counted. One question."""
    lines = Line.objects.filter(on__range=(first, last), claim__state=Claim.State.PAID)
    thanks = Recognition.objects.filter(
        on__range=(first, last),
        kind=Recognition.Kind.HONORARIUM,
        state=Recognition.State.DONE,
    )
    rows: Any = lines.order_by().values_list("heading", "claim__person")
    found: dict[int | None, set[int]] = {}
    for heading, person in rows.union(thanks.order_by().values_list("heading", "person")):
        found.setdefault(heading, set()).add(person)
    return found


def _claims(first: date, last: date) -> Iterator[tuple[str, str, str]]:
    """How many asked for money back, and how fast it came."""
    days = (clocks.local(first, time.min), clocks.end_of(last))
    sent = Claim.objects.filter(state__in=Claim.STANDING, sent_at__range=days)
    claims = list(sent.only("person", "state", "sent_at", "appealed_at", "paid_at", "pay_days"))
    people = len({claim.person_id for claim in claims})
    yield "Claims for money back", str(len(claims)), "Sent in these days, and not refused"
    yield "People who claimed", few(people, FEW_PEOPLE), "Each counted once"
    running = [claim.clock for claim in claims]
    ended = [clock for clock in running if clock and clock.state != "running"]
    kept = sum(1 for clock in ended if clock.state == "kept")
    words = f"{kept} of {len(ended)}" if ended else "None yet"
    yield "Paid in the days that we promise", words, "Of those paid, or past their last day"
    took = [clock.day for clock in ended if clock.kept_on]
    if took:
        median = f"{statistics.median(took):g}"
        yield "Days until the money was there", median, "Half were paid in so many days or fewer"


def _thanks(rows: list[Entry]) -> Iterator[tuple[str, str, str]]:
    def many(state: str) -> str:
        kinds = ("thanks", "gifts")
        number = sum(row.many for row in rows if row.source in kinds and row.note == state)
        return few(number, FEW_ANSWERS)

    states = Recognition.State
    yield "Thank-yous received", many(states.DONE), "Payments, vouchers, letters and training"
    yield "Thank-yous declined", many(states.DECLINED), "Nobody is asked why"
    yield "Thank-yous given away", many(states.GIVEN_AWAY), "To a group or a charity"


def _taking_part(first: date, last: date) -> Iterator[tuple[str, str, str]]:
    """The numbers that funders of forums ask for. One question."""
    steering = Role.objects.current().filter(kind__in=STEERING, person=OuterRef("pk"))
    seats = Seat.objects.current().filter(is_staff=False, group__standing="member")
    there = Attendance.objects.filter(
        invitation__person=OuterRef("pk"),
        invitation__capacity=Invitation.Capacity.PARENT,
        invitation__meeting__date__range=(first, last),
        invitation__meeting__cancelled_at__isnull=True,
    )
    people = Person.objects.annotate(
        steers=Exists(steering),
        sits=Exists(seats.filter(person=OuterRef("pk"))),
        was_there=Exists(there),
    ).aggregate(
        contacts=Count("pk", filter=Q(is_active=True)),
        steering=Count("pk", filter=Q(is_active=True, steers=True)),
        sitting=Count("pk", filter=Q(is_active=True, sits=True)),
        there=Count("pk", filter=Q(was_there=True)),
    )
    yield "Contacts held", str(people["contacts"]), "People whom we can reach today"
    yield "Size of the steering group", str(people["steering"]), "People who run the forum today"
    yield "Parent representatives", str(people["sitting"]), "In seats of member groups today"
    gave = few(people["there"], FEW_PEOPLE)
    yield "Parents who gave their experience", gave, "There at meetings, each counted once"


# As a table ---------------------------------------------------------------------------------------

HEADINGS = (
    "Heading",
    "Planned",
    "Money back",
    "Thank-you payments",
    "Other spending",
    "Spent",
    "Committed",
    "Left",
    "People paid",
)


def as_csv(report: Report) -> Iterator[bytes]:
    """The report for a spreadsheet: sums in pounds, and no cell that is ever calculated."""
    return write_csv(HEADINGS, _rows(report))


def _rows(report: Report) -> Iterator[list[str]]:
    total = report.total
    for part in report.parts:
        yield _row(part.label, part.planned, part.sums, part.left, part.people_words)
    yield _row("Total", report.planned, total, report.left, "")
    yield []
    yield ["Period", f"{day(report.first)} to {day(report.last)}"]
    yield ["Planned is the budget of", report.planned_for]
    if report.funders:
        yield ["From", ", ".join(report.funders)]
    for what, number, how in report.facts:
        yield [what, number, how]
    yield ["Time given for nothing", report.time.length, "Not money, and in no sum above"]
    yield [
        "What this time is worth",
        pounds(report.time.pence),
        "By the agreed rate of each day",
    ]


def _row(label: str, planned: int, sums: Sums, left: int, people: str) -> list[str]:
    amounts = (planned, sums.claims, sums.thanks, sums.other, sums.spent, sums.committed, left)
    return [label, *(pounds(pence) for pence in amounts), people]


def pounds(pence: int) -> str:
    """``1234.50``: as a spreadsheet reads it. Less than nothing is written ``(12.00)``, as in
    accounts, because a cell that begins with a minus sign is taken for a formula."""
    text = f"{abs(pence) // 100}.{abs(pence) % 100:02}"
    return f"({text})" if pence < 0 else text
