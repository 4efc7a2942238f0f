"""The demonstration's thank-yous: offered, declined, given away; and vouchers in the drawer."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from coprod import clocks
from coprod.demo.story import Story
from expenses.demo.told import Planned, meeting_of, moment, pence, person_called, treasurer
from expenses.models import Heading, Recognition
from expenses.services import recognition, vouchers


def plan(story: Story, told: dict[str, Any], planned: Planned) -> None:
    """Each offer two days after its meeting, its answer two days later."""
    for row in told["thanks"]:
        meeting = meeting_of(story, row)
        if meeting is not None:
            day = meeting.date + timedelta(days=2)
            planned.append((moment(day, 12), partial(_offer, story, row, meeting)))
            planned.append((moment(day + timedelta(days=1), 20), partial(_answer, story, row)))
    for row in told["vouchers"]:
        planned.append((moment(story.week(row["week"]), 14), partial(_buy, story, row)))


def _offer(story: Story, row: dict[str, Any], meeting: Any, at: datetime) -> None:
    recognition.offer_after_meeting(
        meeting=meeting,
        kind=row["kind"],
        people=[story.people[row["person"]].pk],
        by=story.hester,
        at=at,
    )


def _answer(story: Story, row: dict[str, Any], at: datetime) -> None:
    person = person_called(story, row["person"])
    offer = Recognition.objects.filter(person=person, state="offered").first()
    if offer is None:
        return
    if row["answer"] == "decline":
        recognition.decline_thanks(recognition=offer, by=person, at=at)
    elif row["answer"] == "give_away":
        recognition.give_away(recognition=offer, to=row["given_to"], by=person, at=at)


def _buy(story: Story, row: dict[str, Any], at: datetime) -> None:
    vouchers.buy_vouchers(
        shop=row["shop"],
        pence=pence(row["pounds"]),
        count=row["number"],
        bought_on=clocks.today(at),
        heading=Heading.objects.get(name="Thank-yous"),
        by=treasurer(story),
        at=at,
    )
