"""What money puts on everybody's own Today; never a write. One question."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from coprod import clocks
from coprod.models import Forum
from coprod.registry import Desk, Thing, Waiting
from coprod.templatetags.forum import day_month, long_day, plural
from expenses import desk_rows
from expenses.desk_rows import Row

#: Days within which something small is done that has no promised day of its own.
SOON = 7
#: Days within which somebody looks at proposed rates, an advance, an open payment run.
FEW = 3


def desk(person: Any, today: date, forum: Forum) -> Desk:
    """Claims to finish, answer, decide, pay and vouch for; and whose turn one's own are."""
    found = desk_rows.waiting_for(person, today)
    things = [*_own(found), *to_run(found)]
    waiting = [_mine(row) for row in found[desk_rows.MINE][:3]]
    return Desk(things=things, waiting=waiting)


def clock_of(row: Row) -> clocks.Clock:
    """The promise of a claim that was sent."""
    return clocks.Clock(row.day, row.number)


def _claim(row: Row) -> str:
    return reverse("expenses:claim_detail", args=[row.pk])


def _mine(row: Row) -> Waiting:
    """One's own money: it isn't one's turn."""
    return Waiting(
        title=f"Money back: {row.words}",
        who="The treasurer",
        due=clock_of(row).due_on,
        url=_claim(row),
    )


def to_run(found: dict[str, list[Row]]) -> list[Thing]:
    """What waits for somebody because they run the money, as its own desk lists it too."""
    return [*_to_run(found), *_to_vouch(found)]


# Everybody's own ----------------------------------------------------------------------------------


def _own(found: dict[str, list[Row]]) -> Iterator[Thing]:
    for row in found[desk_rows.QUESTION][:3]:
        yield Thing(
            title=f"Answer a question about your claim: {row.words}",
            url=_claim(row),
            button="Answer it",
            by=clock_of(row).due_on,
            note="Your money waits for it.",
            clock=clock_of(row),
        )
    for row in found[desk_rows.CONFIRM][:3]:
        yield Thing(
            title=f"Check a claim that was entered for you: {row.words}",
            url=_claim(row),
            button="Check it",
            by=clock_of(row).due_on,
            note="Nothing is paid before you have said that it is right.",
        )
    for row in found[desk_rows.DRAFT][:2]:
        yield Thing(
            title=f"Finish your claim: {row.words or 'not named yet'}",
            url=_claim(row),
            button="Go on",
            by=row.day + timedelta(days=SOON),
            note="Everything that you typed is kept.",
            minutes=2,
            dated=False,
        )
    yield from _offers(found)


def _offers(found: dict[str, list[Row]]) -> Iterator[Thing]:
    """Money and thanks that they may have, and needn't."""
    for row in found[desk_rows.UNCLAIMED][:2]:
        yield Thing(
            title=f"Ask back what {day_month(row.day)} cost you",
            url=f"{reverse('expenses:claim_begin')}?meeting={row.pk}",
            button="Ask my money back",
            by=row.day + desk_rows.OFFER_FOR,
            note=f"You were at {row.words}: travel, parking, childcare.",
            minutes=2,
            dated=False,
        )
    for row in found[desk_rows.THANKS][:1]:
        yield Thing(
            title=f"Say yes or no to a thank-you: {row.words}",
            url=reverse("expenses:thanks_own"),
            button="See what it is",
            by=row.day + timedelta(days=14),
            note="“No, thank you” is a good answer too.",
            dated=False,
        )


# Those who run the money --------------------------------------------------------------------------


def _to_run(found: dict[str, list[Row]]) -> Iterator[Thing]:
    """Claims to decide and to pay, each by the day that the oldest of them was promised."""
    for kind, verb, page, minutes in (
        (desk_rows.DECIDE, "Check", "expenses:claims_to_decide", 3),
        (desk_rows.PAY, "Pay", "expenses:run_make", 1),
    ):
        if rows := found[kind]:
            oldest = min((clock_of(row) for row in rows), key=lambda clock: clock.due_on)
            yield Thing(
                title=f"{verb} {plural(len(rows), 'claim')}",
                url=reverse(page),
                button=f"{verb} {'it' if len(rows) == 1 else 'them'}",
                by=oldest.due_on,
                note="The oldest was sent on " + long_day(oldest.begins_on) + ".",
                minutes=minutes * len(rows),
                clock=oldest,
            )
    for row in found[desk_rows.RUN][:1]:
        yield Thing(
            title=f"Say that payment run {row.pk} is paid",
            url=reverse("expenses:run_detail", args=[row.pk]),
            button="Open the run",
            by=row.day + timedelta(days=FEW),
            note="People hear that their money is on its way when you mark it as paid.",
            minutes=2,
        )
    yield from _to_confirm(found)


def _to_confirm(found: dict[str, list[Row]]) -> Iterator[Thing]:
    for row in found[desk_rows.POLICY][:1]:
        yield Thing(
            title="Confirm the rates that were proposed",
            url=reverse("expenses:policy_detail", args=[row.pk]),
            button="Look at them",
            by=row.day + timedelta(days=FEW),
            note="They count once you have confirmed them.",
            minutes=5,
        )
    if rows := found[desk_rows.ADVANCE]:
        yield Thing(
            title=f"Decide about {plural(len(rows), 'advance')}",
            url=reverse("expenses:advance_list"),
            button="See who asked",
            by=rows[0].day + timedelta(days=FEW),
            note="Somebody can’t spend first.",
            minutes=2 * len(rows),
        )


def _to_vouch(found: dict[str, list[Row]]) -> Iterator[Thing]:
    if rows := found[desk_rows.CHECK]:
        oldest = min((clock_of(row) for row in rows), key=lambda clock: clock.due_on)
        yield Thing(
            title=f"Confirm that {plural(len(rows), 'person was,people were')} there",
            url=reverse("expenses:attendance_list"),
            button="Confirm it",
            by=oldest.due_on,
            note="The register doesn’t say so, and their money waits for it.",
            minutes=len(rows),
            clock=oldest,
        )
    for row in found[desk_rows.RETURNED][:1]:
        yield Thing(
            title="Change the rates that came back",
            url=reverse("expenses:policy_detail", args=[row.pk]),
            button="Read why",
            by=row.day + timedelta(days=SOON),
            note="The treasurer returned them with a reason.",
            minutes=10,
        )
