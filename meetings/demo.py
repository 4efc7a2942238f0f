"""The demonstration's meetings: a year behind, a year ahead, minutes in every state."""

import re
import uuid
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from coprod import clocks
from coprod.demo.story import Story, pick, words
from meetings import planner
from meetings.models import (
    ActionItem,
    AgendaItem,
    ClosedPeriod,
    Invitation,
    Meeting,
    Minutes,
    Paragraph,
    PublicationTick,
    Section,
    Series,
    Version,
)
from meetings.services import agenda, attendance, calendar, decisions, minutes, publicity
from members.models import Person

#: How many weeks ago this year's dates were announced.
ANNOUNCED = -52


def plan(story: Story) -> None:
    """Plan the calendar, the meetings that were held, and those that come."""
    coming = words("coming")
    year = Year(story, coming)
    for key, ahead in (("services", 3), ("parents", 6)):
        told = words(key)["meeting"]
        year.plan(key, [m.get("moved_from", m["week"]) for m in told] + [ahead], ahead)
        for row in told:
            Held(year, key, row).plan()
    OpenEvent(story, coming["open_event"], day_of(story, 0)).plan()
    session = free_day(story.tuesday + timedelta(days=30), held=False)
    Session(story, coming["session"], session).plan()
    NextServices(year, coming["next_services"], day_of(story, 3)).plan()


def day_of(story: Story, week: int) -> date:
    """That week's Tuesday, unless it is a bank holiday. What is to come waits for the new year."""
    return free_day(story.week(week), held=week <= 0)


def free_day(day: date, *, held: bool) -> date:
    """``day``, or the next one further from now on which people would meet."""
    while planner.bank_holiday(day) or (not held and (day.month, day.day) >= (12, 20)):
        day += timedelta(days=-1 if held else 7)
    return day


class Year:
    """Two series: this year's dates announced a year ago, the next ones a fortnight ago."""

    def __init__(self, story: Story, told: dict[str, Any]) -> None:
        self.story = story
        self.ids: dict[tuple[str, int], int] = {}
        for days in told["closed"]:
            story.do(story.today - timedelta(days=16), 10, partial(self.close, days))

    def meeting(self, key: str, week: int) -> Meeting:
        return Meeting.objects.get(pk=self.ids[key, week])

    def plan(self, key: str, weeks: list[int], ahead: int) -> None:
        told = words("forum")["series"][key]
        series = Series(**told | {"terms": told.get("terms", "").strip()})
        first, later = self.story.week(ANNOUNCED), self.story.today - timedelta(days=14)
        self.story.do(first, 9, partial(self.begin, series))
        self.story.do(first, 10, partial(self.announce, key, series, weeks))
        self.story.do(later, 14, partial(self.go_on, series, ahead))

    def begin(self, series: Series, at: datetime) -> None:
        calendar.save_series(series=series, by=self.story.hester, at=at)

    def announce(self, key: str, series: Series, weeks: list[int], at: datetime) -> None:
        days = {day_of(self.story, week): week for week in weeks}
        by = self.story.hester
        for meeting in calendar.use_dates(series=series, dates=days, by=by, at=at):
            self.ids[key, days[meeting.date]] = meeting.pk
        calendar.announce_year(series=series, by=by, at=at + timedelta(hours=1))

    def close(self, told: dict[str, Any], at: datetime) -> None:
        """The next such days on which nothing has been announced already."""
        first, last = (date(self.story.today.year, *told[end]) for end in ("first", "last"))
        if last < first:
            last = last.replace(year=last.year + 1)
        while last < clocks.today(at) or Meeting.objects.filter(date__range=(first, last)).exists():
            first, last = (day.replace(year=day.year + 1) for day in (first, last))
        by = self.story.hester
        calendar.close_days(name=told["name"], first_day=first, last_day=last, by=by, at=at)

    def go_on(self, series: Series, ahead: int, at: datetime) -> None:
        """The rest of twelve months as the planner advises; two more dates wait unannounced."""
        every = timedelta(weeks=series.every_weeks)
        days = planner.dates_of_year(self.story.week(ahead), series.every_weeks)[1:]
        days += [days[-1] + every, days[-1] + 2 * every]
        against = planner.Against(closed=list(ClosedPeriod.objects.all()))
        dates = [
            proposal.move_to if proposal.advice == "move" and proposal.move_to else proposal.day
            for proposal in planner.propose(days, series.starts, series.ends, against)
            if proposal.advice != "leave"
        ]
        by = self.story.hester
        calendar.use_dates(series=series, dates=dates[:-2], by=by, at=at)
        calendar.announce_year(series=series, by=by, at=at + timedelta(hours=1))
        calendar.use_dates(series=series, dates=dates[-2:], by=by, at=at + timedelta(hours=2))


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
        by_mail = invitation.person.reached_by == "email"
        return invitation.person if by_mail else self.hester

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
        attendance.reply(invitation=invited, answer=answer, by=by, needs=needs, at=at)

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


class Held(Gathering):
    """A meeting of the past year and the life of its minutes."""

    def __init__(self, year: Year, series: str, told: dict[str, Any]) -> None:
        super().__init__(year.story, told, day_of(year.story, told["week"]))
        self.year = year
        self.key = series, told.get("moved_from", told["week"])
        if ago := told.get("circulated_days_ago"):
            told["circulate"] = (self.story.today - self.met_on).days - ago
        #: On which days versions went out, and on which the last one's window closes.
        self.sent = [told["circulate"], *([told["again"]] if "again" in told else [])]
        self.closes = self.sent[-1] + (7 if len(self.sent) == 1 else 5)

    def meeting(self) -> Meeting:
        return self.year.meeting(*self.key)

    def minutes(self) -> Minutes:
        return Minutes.objects.get(meeting=self.meeting())

    def version(self) -> Version:
        rows = Version.objects.select_related("minutes__meeting")
        return rows.filter(minutes__meeting=self.year.ids[self.key]).latest("number")

    def plan(self) -> None:
        do, told = self.story.do, self.told
        if "moved_from" in told:
            do(self.day(-60), 10, self.move)
        do(self.day(-29), 9.5, self.add_items)
        do(self.day(-28), 10, self.invite)
        do(self.day(-25), 12, self.reply)
        do(self.day(-told.get("agenda", 8)), 14, self.send_agenda)
        do(self.met_on, 10.5, self.record_who_came)
        do(self.day(1), 9.5, lambda at: self.write(self.hester, at))
        do(self.day(self.sent[0]), 10, self.circulate)
        for comment in told.get("comments", []):
            self.plan_comment(comment)
        if "answers" in told:
            self.story.ago(58, partial(self.answer_so_far, "fair"))
            self.story.ago(25, self.change)
            self.story.ago(12, partial(self.answer_so_far, "not_yet"))
        else:
            self.plan_agreement()
        for day, line in self.actions():
            do(day, 15.5, partial(self.finish, line))

    def plan_agreement(self) -> None:
        do, told = self.story.do, self.told
        if len(self.sent) == 2:
            do(self.day(self.sent[0] + 1), 13, self.answer_first_version)
            do(self.day(self.sent[1] - 1), 17, self.change)
            do(self.day(self.sent[1]), 10, self.circulate)
        do(self.day(self.sent[-1] + 1), 9, self.answer_early)
        do(self.day(self.closes + 1), 10, self.answer_late)
        if "publish" in told:
            do(self.day(told["publish"]), 11, self.publish)
        if "withdraw" in told:
            do(self.day(told["withdraw"]), 15, self.withdraw)

    def actions(self) -> list[tuple[date, str]]:
        """Each action done by now, with its day: the one before it was due."""
        lines = [
            line
            for item in self.told["items"]
            for line in item["text"].splitlines()
            if line.startswith("Action: ") and not item.get("late")
        ]
        days = [(self.day(int(line.split("{d:")[1].split("}")[0]) - 1), line) for line in lines]
        return [(day, self.text(line)) for day, line in days if day < self.story.today]

    def finish(self, line: str, at: datetime) -> None:
        action = ActionItem.objects.select_related("paragraph__section__minutes__meeting").get(
            paragraph__section__minutes__meeting=self.meeting(), text=line.removeprefix("Action: ")
        )
        decisions.finish_action(action=action, by=self.hester, at=at)

    def move(self, at: datetime) -> None:
        meeting = self.meeting()
        meeting.date = self.met_on
        calendar.change_meeting(meeting=meeting, by=self.hester, fields=["date"], at=at)

    def circulate(self, at: datetime) -> None:
        held = self.minutes()
        number = held.versions.count() + 1
        minutes.circulate_minutes(minutes=held, number=number, by=self.hester, at=at)

    # Comments

    def plan_comment(self, told: dict[str, Any]) -> None:
        """Made on a day after the draft went out, settled when its window has closed."""
        if "hours_ago" in told:
            self.story.ago(told["hours_ago"], partial(self.comment, told))
            if "outcome" in told:
                self.story.ago(told["settled_hours_ago"], partial(self.settle, told))
            return
        self.story.do(self.day(self.sent[0] + told["day"]), 19.25, partial(self.comment, told))
        self.story.do(self.day(self.sent[0] + 7), 16, partial(self.settle, told))

    def comment(self, told: dict[str, Any], at: datetime) -> None:
        version = self.version()
        found = [
            paragraph["uid"]
            for item in version.full["items"]
            for paragraph in item["paragraphs"]
            if paragraph["number"] == told["on"]
        ]
        author = self.meeting().invitations.get(person__name=told["by"])
        told["made"] = minutes.comment_on(
            version=version,
            invitation=author,
            uid=found[0],
            kind=told["kind"],
            speaking_for=told["for"],
            text=told["text"],
            quote=told.get("quote", ""),
            once=uuid.uuid4(),
            by=self.hester if told.get("phoned") else author.person,
            at=at,
        )

    def settle(self, told: dict[str, Any], at: datetime) -> None:
        minutes.settle_comment(
            comment=told["made"],
            outcome=told["outcome"],
            reason=told["reason"],
            by=self.hester,
            at=at,
        )

    def change(self, at: datetime) -> None:
        """Put into the text what comments brought about."""
        for told in self.told.get("changes", []):
            section = self.minutes().sections.all()[told["item"] - 1]
            text = section.text.replace(told["old"], told["new"])
            edit = section.edit_no
            minutes.save_section(section=section, text=text, edit_no=edit, by=self.hester, at=at)

    # Is it a fair record?

    def who_answers(self) -> list[Invitation]:
        silent = self.told.get("silent", [])
        return [i for i in self.invitations() if i.attended and i.person.name not in silent]

    def last_group(self) -> int:
        """The group whose answers come last, so that nothing is agreed before its time."""
        return max(i.group_id for i in self.who_answers() if i.group_id)

    def answer_first_version(self, at: datetime) -> None:
        for place, invitation in enumerate(self.who_answers()[:4]):
            self.answer(invitation, "fair", at + timedelta(hours=7 * place))

    def answer_early(self, at: datetime) -> None:
        last = self.last_group()
        rest = [i for i in self.who_answers() if i.group_id != last]
        for place, invitation in enumerate(rest):
            self.answer(invitation, "fair", at + timedelta(hours=5 * place))

    def answer_late(self, at: datetime) -> None:
        last = self.last_group()
        for invitation in self.who_answers():
            if invitation.group_id == last:
                self.answer(invitation, "fair", at)

    def answer_so_far(self, answer: str, at: datetime) -> None:
        """Those who have given this answer up to now, one every two hours."""
        given = self.told["answers"]
        chosen = [i for i in self.invitations() if given.get(i.person.name) == answer]
        for place, invitation in enumerate(chosen):
            self.answer(invitation, answer, at + timedelta(hours=2 * place))

    def answer(self, invitation: Invitation, answer: str, at: datetime) -> None:
        minutes.answer_minutes(
            version=self.version(),
            invitation=invitation,
            answer=answer,
            reason=self.told["not_yet"] if answer == "not_yet" else "",
            by=self.typist(invitation),
            at=at,
        )

    # Published, withdrawn

    def publish(self, at: datetime) -> None:
        held, tasks = self.minutes(), set(PublicationTick.Task.values)
        publicity.tick_tasks(minutes=held, tasks=tasks, by=self.hester, at=at)
        # Their decision to publish stands in the minutes of a parents' meeting.
        decided = held.meeting.is_parents_only
        by = self.hester
        publicity.publish_minutes(minutes=held, by=by, parents_decided=decided, at=at)

    def withdraw(self, at: datetime) -> None:
        reason = self.told["withdraw_reason"]
        publicity.withdraw_minutes(minutes=self.minutes(), reason=reason, by=self.hester, at=at)


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

    def propose(self, told: dict[str, Any], at: datetime) -> None:
        kept = pick(told, "title", "purpose", "minutes", "note")
        item = AgendaItem(meeting=self.meeting(), **kept)
        agenda.propose_item(item=item, by=self.story.people[told["by"]], at=at)
