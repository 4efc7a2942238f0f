"""The demonstration's meetings: a year behind, a year ahead, minutes in every state."""

from datetime import date, timedelta
from functools import partial

from coprod.demo.story import Story, words
from meetings.demo import asks
from meetings.demo.held import Held
from meetings.demo.others import NextEvent, NextServices, OpenEvent, Session, add_channels
from meetings.demo.year import Year, day_of, free_day


def plan(story: Story) -> None:
    """Plan the calendar, the meetings that were held, and those that come."""
    coming = words("coming")
    year = Year(story, coming)
    met_on: dict[str, date] = {}
    for key, ahead in (("services", 3), ("parents", 6)):
        told = words(key)["meeting"]
        year.plan(key, [m.get("moved_from", m["week"]) for m in told] + [ahead], ahead)
        for row in told:
            held = Held(year, key, row)
            held.plan()
            met_on |= {item["text"]: held.met_on for item in row["items"] if "text" in item}
    OpenEvent(story, coming["open_event"], day_of(story, 0)).plan()
    session = free_day(story.tuesday + timedelta(days=30), held=False)
    Session(story, coming["session"], session).plan()
    NextServices(year, coming["next_services"], day_of(story, 3)).plan()
    soon = free_day(story.tuesday + timedelta(days=23), held=False)
    NextEvent(story, coming["next_event"], soon).plan()
    story.do(story.week(-26), 9, partial(add_channels, story))
    asks.plan(story, met_on)
