"""What became of asks in the demonstration, and which projects they are about."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from coprod.demo.story import Story, pick, words
from meetings.models import AgendaItem, Ask
from meetings.services import agenda, asks
from members.models import Person
from projects.models import Project


def plan(story: Story, met_on: dict[str, date]) -> None:
    """``met_on``: the day of the meeting in whose minutes a text of the words stands."""
    told = words("asks")
    for row in told["ask"]:
        day = next(on for text, on in met_on.items() if row["words"] in text)
        story.do(day + timedelta(days=row["named"]), 9, partial(_name, story, row))
        if "answered" in row:
            story.do(day + timedelta(days=row["answered"]), 11, partial(_answer, story, row))
    story.do(story.today, 5, partial(_link, story, told))


def _ask(row: dict[str, Any]) -> Ask:
    return Ask.objects.get(text__contains=row["words"], paragraph__retired_at__isnull=True)


def _person(story: Story, name: str) -> Person:
    pk: int = story.people[name].pk
    person: Person = Person.objects.get(pk=pk)
    return person


def _name(story: Story, row: dict[str, Any], at: datetime) -> None:
    asks.name_answerer(ask=_ask(row), person=_person(story, row["officer"]), by=story.hester, at=at)


def _answer(story: Story, row: dict[str, Any], at: datetime) -> None:
    answer = pick(row, "outcome", "text", "reason", "changed")
    asks.answer_ask(ask=_ask(row), by=_person(story, row["officer"]), at=at, **answer)


def _link(story: Story, told: dict[str, Any], at: datetime) -> None:
    """Once all projects are there: asks, and items of agendas."""
    for row in told["ask"]:
        if "project" in row:
            project = Project.objects.get(title=row["project"])
            asks.link_project(ask=_ask(row), project=project, by=story.hester, at=at)
    for row in told["item"]:
        for item in AgendaItem.objects.filter(title=row["title"]).select_related("meeting"):
            item.project = Project.objects.get(title=row["project"])
            agenda.save_item(item=item, by=story.hester, fields=["project"], at=at)
