"""Meetings that were held: their minutes, comments and answers, in every state."""

import uuid
from dataclasses import fields
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from coprod.models import Message
from meetings import amending
from meetings.demo.gathering import Gathering
from meetings.demo.year import Year, day_of
from meetings.models import (
    ActionItem,
    Invitation,
    Meeting,
    Minutes,
    PublicationTick,
    Version,
)
from meetings.services import (
    agreement,
    comments,
    corrections,
    decisions,
    matters,
    minutes,
    moves,
    publicity,
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
        for sent in self.sent:
            do(self.day(sent + 1), 12, self.reach)
        if len(self.sent) == 2:
            do(self.day(self.sent[0] + 1), 13, self.answer_first_version)
            do(self.day(self.sent[1] - 1), 17, self.change)
            do(self.day(self.sent[1]), 10, self.circulate)
        do(self.day(self.sent[-1] + 1), 9, self.answer_early)
        do(self.day(self.closes + 1), 10, self.answer_late)
        if "publish" in told:
            do(self.day(told["publish"]), 11, self.publish)
        if "correct" in told:
            do(self.day(told["correct"]["day"]), 15, self.correct)
        if "withdraw" in told:
            do(self.day(told["withdraw"]), 15, self.withdraw)
        if "later" in told:
            self.story.ago(told["later"]["hours_ago"], self.comment_later)

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
        held = {field.name: getattr(meeting, field.name) for field in fields(moves.Plan)}
        moves.move_meeting(
            meeting=meeting,
            plan=moves.Plan(**{**held, "date": self.met_on}),
            reason="Kiln Lane Rooms had no heating that week",
            by=self.hester,
            seen=meeting.moves.count(),
            knowing=True,
            at=at,
        )

    def circulate(self, at: datetime) -> None:
        held = self.minutes()
        number = held.versions.count() + 1
        minutes.circulate_minutes(minutes=held, number=number, by=self.hester, at=at)

    def reach(self, at: datetime) -> None:
        """Post the draft's letters and make its calls: comments stay open until then."""
        waiting = Message.objects.for_hands().filter(
            template="meetings/minutes_draft", ids__version=self.version().pk
        )
        done = {
            Message.Channel.LETTER: Message.State.POSTED,
            Message.Channel.PHONE: Message.State.RUNG,
        }
        for channel, state in done.items():
            waiting.filter(channel=channel).update(state=state, sent_at=at, sent_by=self.hester)

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
        told["made"] = comments.comment_on(
            version=version,
            invitation=author,
            uid=found[0],
            kind=told["kind"],
            speaking_for=told["for"],
            text=told["text"],
            quote=told.get("quote", ""),
            once=uuid.uuid4(),
            by=self.hester if told.get("phoned") else author.person,
            via="phone" if told.get("phoned") else "",
            at=at,
        )

    def settle(self, told: dict[str, Any], at: datetime) -> None:
        comments.settle_comment(
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
        agreement.answer_minutes(
            version=self.version(),
            invitation=invitation,
            answer=answer,
            reason=self.told["not_yet"] if answer == "not_yet" else "",
            by=self.typist(invitation),
            via="" if self.typist(invitation) == invitation.person else "phone",
            at=at,
        )

    # Published, put right, withdrawn

    def correct(self, at: datetime) -> None:
        told, shown = self.told["correct"], self.minutes().shown_version
        assert shown is not None  # the story publishes before it corrects
        where = next(
            p for p in amending.places_of(shown.full, shown.public) if p.label == told["on"]
        )
        corrections.correct_minutes(
            minutes=self.minutes(),
            number=shown.number,
            renditions=amending.reworded(
                shown.full,
                shown.public,
                where.key,
                text=where.text.replace(told["was"], told["now"]),
                met_on=self.met_on,
            ),
            kind="correction",
            note=told["note"],
            approved_by_words=told["approved"],
            by=self.hester,
            at=at,
        )

    def comment_later(self, at: datetime) -> None:
        told, version = self.told["later"], self.version()
        where = amending.places_of(version.full, version.public)
        author = self.meeting().invitations.get(person__name=told["by"])
        matters.comment_later(
            version=version,
            invitation=author,
            uid=next(place.key for place in where if place.label == told["on"]),
            kind=told["kind"],
            speaking_for=told["for"],
            text=told["text"],
            once=uuid.uuid4(),
            by=author.person,
            at=at,
        )

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
