"""What any meeting of the demonstration does: items, invitations, replies, who came, text."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from coprod.demo.story import Story, pick
from meetings.models import (
    AgendaItem,
    Invitation,
    Meeting,
    Paragraph,
    Section,
)
from meetings.services import (
    agenda,
    attendance,
    calendar,
    minutes,
)
from members.models import Person


class Gathering:
    """What every meeting has: items, invitations, replies, who came, boxes of text."""

    def __init__(self, story: Story, told: dict[str, Any], met_on: date) -> None:
        self.story, self.told, self.met_on = story, told, met_on

    def meeting(self) -> Meeting:
        raise NotImplementedError

    @property
    def hester(self) -> Person:
        return self.story.hester  # type: ignore[no-any-return]

    def day(self, days: int) -> date:
        return self.met_on + timedelta(days=days)

    def text(self, words: str) -> str:
        """``{d:+21}`` becomes the date three weeks after this meeting."""

        def as_date(found: re.Match[str]) -> str:
            return f"{self.day(int(found[1])):%-d %B}"

        return re.sub(r"\{d:([+-]\d+)\}", as_date, words).strip()

    def add_items(self, at: datetime) -> None:
        for row in self.told["items"]:
            kept = ("title", "purpose", "lead", "minutes", "can_decide", "note", "private_reason")
            item = AgendaItem(meeting=self.meeting(), **pick(row, *kept))
            item.is_private = bool(item.private_reason)
            agenda.save_item(item=item, by=self.hester, at=at)

    def send_agenda(self, at: datetime) -> None:
        agenda.send_agenda(meeting=self.meeting(), by=self.hester, at=at)

    def invite(self, at: datetime) -> None:
        """Those named, else everybody who is usually invited; as what comes first."""
        meeting = self.meeting()
        plans = [options[0] for options in calendar.default_invitees(meeting).values()]
        if named := self.told.get("invited"):
            plans = [plan for plan in plans if plan.person.name in named]
        calendar.invite_to_meeting(meeting=meeting, people=plans, by=self.hester, at=at)

    def invitations(self) -> list[Invitation]:
        rows = self.meeting().invitations.select_related("person", "attendance", "meeting")
        return list(rows.order_by("person__name"))

    def typist(self, invitation: Invitation) -> Person:
        """Who types it in: the person, or the coordinator for those who ring or write."""
        by_link = invitation.person.reached_by in ("email", "text")
        return invitation.person if by_link else self.hester

    def reply(self, at: datetime) -> None:
        """As they came or didn't, one every nine hours; who is only ``away`` said nothing."""
        answers = dict.fromkeys(self.told.get("online", []), "online")
        answers |= dict.fromkeys(self.told.get("sorry", []), "cannot")
        for place, invitation in enumerate(self.invitations()):
            if (name := invitation.person.name) not in self.told["away"]:
                moment = at + timedelta(hours=9 * place)
                self.keep_reply(invitation, answers.get(name, "room"), moment)

    def reply_so_far(self, at: datetime) -> None:
        """Only the replies that the words name, with the needs that they name."""
        for place, invitation in enumerate(self.invitations()):
            name = invitation.person.name
            if answer := self.told["replies"].get(name):
                moment = min(at + timedelta(hours=5 * place), self.story.now)
                needs = self.told.get("needs", {}).get(name, "")
                self.keep_reply(invitation, answer, moment, needs)

    def keep_reply(self, invited: Invitation, answer: str, at: datetime, needs: str = "") -> None:
        fitting = dict(attendance.answers_for(invited.meeting))
        answer = answer if answer in fitting else next(iter(fitting))
        by = self.typist(invited)
        via = "" if by == invited.person else "phone"
        attendance.reply(invitation=invited, answer=answer, by=by, needs=needs, via=via, at=at)

    def record_who_came(self, at: datetime) -> None:
        absent = [*self.told["away"], *self.told.get("sorry", [])]
        meeting, online = self.meeting(), self.told.get("online", [])
        remote = meeting.format == "online"
        changes = {
            i.pk: "online" if remote or i.person.name in online else "room"
            for i in self.invitations()
            if i.person.name not in absent
        }
        attendance.record_attendance(meeting=meeting, changes=changes, by=self.hester, at=at)

    def write(self, by: Person, at: datetime) -> None:
        """A box for each item, what is private in it, and the short version."""
        opened = minutes.open_minutes(meeting=self.meeting(), by=by, at=at)
        sections = Section.objects.filter(minutes=opened).select_related("item")
        for section, row in zip(sections, self.told["items"], strict=True):
            at = min(at + timedelta(minutes=20), self.story.now)
            if text := self.text(row["text"]):
                minutes.save_section(section=section, text=text, edit_no=0, by=by, at=at)
            if "private" in row:
                self.keep_private(section, row["private"], at)
        if short := self.told.get("short"):
            minutes.save_short_version(minutes=opened, text=short.strip(), by=by, at=at)

    def keep_private(self, section: Section, told: dict[str, str], at: datetime) -> None:
        paragraph = Paragraph.objects.living().get(section=section, text__startswith=told["starts"])
        minutes.keep_private(
            paragraph=paragraph,
            reason=told["reason"],
            public_text=told.get("public", ""),
            by=self.hester,
            at=at,
        )
