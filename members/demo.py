"""The demonstration's forum, groups and people, planned as steps of its story."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from coprod.demo.story import ADMINISTRATOR, COORDINATOR, Story, pick, words
from coprod.models import Forum
from members import services
from members.models import Organisation, Role

#: Weeks from the latest Tuesday: the forum began; services named the people who come.
BEGAN, NAMED = -156, -60


def plan(story: Story) -> None:
    """Plan the forum itself, organisations, groups with their standing, people with seats."""
    told = words("forum")
    story.do(story.week(BEGAN), 9, partial(_begin, story, told))
    for group in told["group"]:
        _plan_group(story, group)
    # Who gives roles comes before those who get them.
    for person in sorted(told["person"], key=lambda row: row["name"] != ADMINISTRATOR):
        _plan_person(story, person)


def _begin(story: Story, told: dict[str, Any], at: datetime) -> None:
    fields = {
        name: value.strip() if isinstance(value, str) else value
        for name, value in told["forum"].items()
    }
    forum = Forum(created_at=at, **fields)
    services.change_forum(forum=forum, by=None, fields=sorted(fields), at=at)
    for row in told["organisation"]:
        Organisation.objects.create(**row)


def _plan_group(story: Story, told: dict[str, Any]) -> None:
    first, *later = told["steps"]
    fields = pick(told, "name", "kind", "about", "contact", "needs")

    def add(at: datetime) -> None:
        story.groups[told["name"]] = services.add_group(
            standing=first[1], by=story.hester, at=at, **fields
        )

    story.do(story.week(first[0]) + timedelta(days=1), 14, add)
    for row in later:
        story.do(story.week(row[0]) + timedelta(days=1), 14, partial(_step, story, told, row))


def _step(story: Story, told: dict[str, Any], row: list[Any], at: datetime) -> None:
    """One step of a group's standing, with the minutes that it took."""
    _, standing, minutes, note = row
    services.change_standing(
        group=story.groups[told["name"]],
        standing=standing,
        by=story.hester,
        note=note,
        minutes=minutes,
        at=at,
    )


def _plan_person(story: Story, told: dict[str, Any]) -> None:
    """A person, their role or organisation, and each spell of a seat.

    A newcomer joined the day before yesterday, so their first letters are still to be sent.
    """
    seats = told.get("seats", [])
    if told.get("newcomer"):
        joined = story.today - timedelta(days=2)
    elif "role" in told:
        joined = story.week(BEGAN)
    else:
        joined = story.week(min((seat["from"] for seat in seats), default=NAMED))
    story.do(joined, 11, partial(_add, story, told))
    for seat in seats:
        start: date = story.week(seat["from"]) if "from" in seat else joined
        story.do(start, 11.5, partial(_seat, story, told["name"], seat))
        if "until" in seat:
            story.do(story.week(seat["until"]), 11, partial(_leave, story, told["name"]))


def _add(story: Story, told: dict[str, Any], at: datetime) -> None:
    by = story.people.get(COORDINATOR) or story.people.get(ADMINISTRATOR)
    fields = pick(
        told,
        *("name", "email", "phone", "postal_address", "channel"),
        *("public_name", "access_needs", "what_helps"),
    )
    invite = told.get("newcomer", False)
    person = services.add_person(by=by, invite=invite, at=at, **fields)
    story.people[told["name"]] = person
    if "role" in told:
        services.give_role(person=person, kind=told["role"], by=by, at=at)
    if "organisation" in told:
        services.give_role(
            person=person,
            kind=Role.Kind.OFFICER,
            organisation=Organisation.objects.get(name=told["organisation"]),
            by=by,
            at=at,
        )


def _seat(story: Story, name: str, told: dict[str, Any], at: datetime) -> None:
    services.seat_person(
        group=story.groups[told["group"]],
        person=story.people[name],
        by=story.hester,
        is_staff=told.get("staff", False),
        at=at,
    )


def _leave(story: Story, name: str, at: datetime) -> None:
    for seat in story.people[name].seats.current():
        services.end_seat(seat=seat, by=story.hester, at=at)
