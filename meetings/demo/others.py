"""Meetings outside the series, and the next one with services."""

from datetime import date, datetime
from functools import partial
from typing import Any

from coprod.demo.story import Story, pick, words
from meetings.demo.gathering import Gathering
from meetings.demo.year import Year
from meetings.models import (
    AgendaItem,
    Meeting,
    Paper,
    PublicityChannel,
)
from meetings.services import (
    agenda,
    calendar,
    events,
    papers,
    sharing,
)
from members.models import Person


class Extra(Gathering):
    """A meeting outside both series, made by its first step."""

    audience: str
    made: Meeting

    def meeting(self) -> Meeting:
        return Meeting.objects.get(pk=self.made.pk)

    def make(self, at: datetime) -> None:
        fields = pick(self.told, "title", "starts", "ends", "place", "expect")
        fields |= {"date": self.met_on, "audience": self.audience, "format": "room"}
        self.made = calendar.add_meeting(by=self.hester, at=at, **fields)


class OpenEvent(Extra):
    """This week's open event: who came is known, the minutes are being written."""

    audience = "open"

    def plan(self) -> None:
        do = self.story.do
        do(self.day(-50), 10, self.make)
        do(self.day(-30), 9, self.add_items)
        do(self.day(-28), 9, self.invite)
        do(self.day(-25), 9, self.reply)
        do(self.day(-9), 9, self.send_agenda)
        do(self.day(-5), 9, self.name_taker)
        do(self.met_on, 11, self.record_who_came)
        do(self.met_on, 15, lambda at: self.write(self.taker, at))

    @property
    def taker(self) -> Person:
        return self.story.people[self.told["minute_taker"]]  # type: ignore[no-any-return]

    def name_taker(self, at: datetime) -> None:
        by = self.hester
        calendar.give_minutes_to(meeting=self.meeting(), person=self.taker, by=by, at=at)


class Session(Extra):
    """A small working session, invited to just now."""

    audience = "services"

    def plan(self) -> None:
        self.story.ago(80, self.make)
        self.story.ago(79, self.add_items)
        self.story.ago(50, self.invite)
        self.story.ago(30, self.reply_so_far)


class NextServices(Gathering):
    """The next meeting with services: its agenda, a proposal, about half of the replies."""

    def __init__(self, year: Year, told: dict[str, Any], met_on: date) -> None:
        super().__init__(year.story, told, met_on)
        self.year = year

    def meeting(self) -> Meeting:
        return self.year.meeting("services", 3)

    def plan(self) -> None:
        self.story.do(self.day(-29), 10, self.add_items)
        self.story.do(self.day(-28), 10, self.invite)
        self.story.do(self.day(-27), 13, self.reply_so_far)
        for row in self.told["proposed"]:
            self.story.ago(30, partial(self.propose, row))
        self.story.ago(26, self.invite)  # whoever has joined since
        self.story.do(self.day(-20), 11, self.attach)

    def attach(self, at: datetime) -> None:
        told = dict(words("coming")["paper"])
        item = self.meeting().agenda_items.get(title=told.pop("item"))
        papers.save_paper(paper=Paper(item=item, **told), by=self.hester, at=at)

    def propose(self, told: dict[str, Any], at: datetime) -> None:
        kept = pick(told, "title", "purpose", "minutes", "note")
        item = AgendaItem(meeting=self.meeting(), **kept)
        agenda.propose_item(item=item, by=self.story.people[told["by"]], at=at)


class NextEvent(Extra):
    """An open event to come: people signed up from its page, and one rang."""

    audience = "open"

    def plan(self) -> None:
        self.story.do(self.day(-50), 10, self.make)
        self.story.do(self.day(-28), 10, self.invite)
        for days, row in enumerate(self.told["signed_up"]):
            self.story.ago(60 - days, partial(self.sign_up, row))

    def make(self, at: datetime) -> None:
        super().make(at)
        Meeting.objects.filter(pk=self.made.pk).update(places=self.told["places"])

    def sign_up(self, told: dict[str, Any], at: datetime) -> None:
        by = None if "email" in told else self.hester
        events.sign_up(meeting=self.meeting(), by=by, at=at, **told)


def add_channels(story: Story, at: datetime) -> None:
    """Where the forum tells people of published minutes, from half a year ago on."""
    for told in words("coming")["channels"]:
        channel = PublicityChannel(**told)
        sharing.save_channel(channel=channel, by=story.hester, fields=[], at=at)
