"""One project of the demonstration: what its words say, as steps through the services."""

import re
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from coprod.demo.story import COORDINATOR, Story, pick
from coprod.templatetags.forum import MONTHS, day
from members.models import MemberGroup, Organisation, Person
from projects.ladder import rungs_in_use
from projects.models import Named, Project, Theme
from projects.rungs import lowest
from projects.services import (
    accounts,
    claims,
    involvement,
    logo,
    news,
    overrides,
    people,
    projects,
    stories,
)

SEASONS = ("winter", "spring", "summer", "autumn")


class Told:
    """A project's life, planned by days before today."""

    def __init__(self, story: Story, told: dict[str, Any]) -> None:
        self.story, self.told = story, told
        self.slug = ""

    def plan(self) -> None:
        told = self.told
        self.on(told["added"], 10, self.add)
        for entry in told.get("entries", []):
            logged = entry.get("replied", entry["ago"])
            # First as it happened; its reply is added on the day that parents heard.
            self.on(entry["ago"], 15, partial(self.log, entry))
            if logged != entry["ago"]:
                self.on(logged, 16, partial(self.reply, entry))
        for kind in ("news", "accounts", "logos", "stories"):
            for row in told.get(kind, []):
                self.on(row["ago"], 17, partial(getattr(self, kind), row))
        for kind in ("claim", "confirm", "override"):
            if row := told.get(kind):
                self.on(row["ago"], 12, partial(getattr(self, kind), row))
        if "completed" in told:
            self.on(told["completed"], 18, self.complete)

    def on(self, ago: int, hour: float, step: Any) -> None:
        self.story.do(self.day(-ago), hour, step)

    def day(self, days: int) -> date:
        return self.story.today + timedelta(days=days)

    @property
    def project(self) -> Project:
        return Project.objects.get(slug=self.slug)

    @property
    def officer(self) -> Person:
        """The lead officer, or the coordinator where none is named."""
        return self.person(self.told.get("officer", COORDINATOR))

    def person(self, name: str) -> Person:
        """Read anew: what they hold may have changed since they were added."""
        pk: int = self.story.people[name].pk
        found: Person = Person.objects.get(pk=pk)
        return found

    def text(self, words: str) -> str:
        """Dates that count from today, as somebody would have written them."""
        return re.sub(r"\{(\w+):([+-]\d+)\}", lambda m: _written(m[1], self.day(int(m[2]))), words)

    # Steps

    def add(self, at: datetime) -> None:
        told, hester = self.told, self.story.hester
        made = projects.add_project(
            by=hester,
            at=at,
            **pick(told, "title", "summary", "driver", "involved", "wards"),
            theme=Theme.objects.get(name=told["theme"]),
            lead=Organisation.objects.get(name=told["lead"]),
            started_text=self.text(told["started"]),
            due_text=self.text(told["due"]),
            is_public=not told.get("hidden", False),
        )
        self.slug = made.slug
        if "officer" in told:
            officer = self.person(told["officer"])
            people.name_person(project=made, person=officer, part=Named.Part.LEAD, by=hester, at=at)
        for name in told.get("reps", []):
            people.name_person(
                project=made, person=self.person(name), part=Named.Part.REP, by=hester, at=at
            )

    def log(self, row: dict[str, Any], at: datetime) -> None:
        on = self.day(-row["ago"])
        same_day = row.get("replied") == row["ago"]
        answer = ("changed", "unchanged", "why") if same_day else ()
        logged = involvement.Logged(
            on=on,
            stage=row["stage"],
            parts=[_part(*part) for part in row["came"]],
            replied_on=on if same_day else None,
            told_how=row.get("told_how", "") if same_day or row["method"] == "told" else "",
            **pick(row, "method", "title", "said", *answer),
        )
        entry = involvement.log_involvement(
            project=self.project, logged=logged, by=self.officer, at=at
        )
        row["pk"] = entry.pk

    def reply(self, row: dict[str, Any], at: datetime) -> None:
        entry = self.project.involvements.get(pk=row["pk"])
        reply = involvement.Reply(
            on=self.day(-row["replied"]),
            how=row["told_how"],
            **pick(row, "changed", "unchanged", "why"),
        )
        involvement.reply_to_parents(entry=entry, reply=reply, by=self.officer, at=at)

    def news(self, row: dict[str, Any], at: datetime) -> None:
        news.write_update(
            project=self.project,
            text=row["text"],
            on=self.day(-row["ago"]),
            by=self.officer,
            at=at,
        )

    def accounts(self, row: dict[str, Any], at: datetime) -> None:
        person = self.person(row["who"])
        accounts.say_involved(
            project=self.project,
            person=person,
            were_involved=row["involved"],
            group=MemberGroup.objects.get(name=row["group"]),
            text=row["text"],
            by=person,
            at=at,
        )

    def claim(self, row: dict[str, Any], at: datetime) -> None:
        rung = lowest(rungs_in_use(), row["level"])
        assert rung is not None
        claims.claim_level(
            project=self.project, rung=rung, reason=row["reason"], by=self.officer, at=at
        )

    def confirm(self, row: dict[str, Any], at: datetime) -> None:
        rung = lowest(rungs_in_use(), row["level"])
        assert rung is not None
        decision = claims.Decision(
            on=self.day(-row["decided"]), where=row["where"], words=row.get("words", "")
        )
        claims.confirm_level(
            project=self.project,
            rung=rung,
            decision=decision,
            replaces=None,
            by=self.story.hester,
            at=at,
        )

    def override(self, row: dict[str, Any], at: datetime) -> None:
        overrides.override_status(
            project=self.project, status=row["status"], reason=row["reason"], by=self.officer, at=at
        )

    def logos(self, row: dict[str, Any], at: datetime) -> None:
        asked = logo.ask_for_logo(
            project=self.project, document=row["document"], by=self.officer, at=at
        )
        if row["allow"]:
            logo.decide_logo(permission=asked, allow=True, reason="", by=self.story.hester, at=at)

    def stories(self, row: dict[str, Any], at: datetime) -> None:
        words = pick(row, "title", "before", "did", "changed", "reach")
        told = stories.write_story(
            project=self.project, by=self.story.hester, at=at, due_to_parents=row["due"], **words
        )
        stories.publish_story(story=told, by=self.story.hester, at=at)

    def complete(self, at: datetime) -> None:
        projects.complete_project(
            project=self.project,
            on=self.day(-self.told["completed"]),
            by=self.story.hester,
            at=at,
        )


def _part(who: str, came: int, invited: int | None = None, group: str = "") -> involvement.Part:
    found = MemberGroup.objects.get(name=group) if group else None
    return involvement.Part(who, came, invited, found)


def _written(kind: str, on: date) -> str:
    if kind == "day":
        return day(on)
    if kind == "month":
        return f"{MONTHS[on.month - 1]} {on.year}"
    if kind == "season":
        # December belongs to the winter of the year that it begins in.
        year = on.year - 1 if on.month < 3 else on.year
        return f"{SEASONS[on.month % 12 // 3]} {year}"
    first = on.year if on.month >= 9 else on.year - 1
    return f"{first}/{(first + 1) % 100:02}"
