"""What the draft page says about answers: the rule, the count, one's own part, who said not yet.

Never a write. Reasons and names go to those who write answers down; everybody else reads counts.
"""

from dataclasses import dataclass, field
from typing import Any

from meetings.models import AgendaItem, Agreement, Invitation, Version
from meetings.models.agreement import Tally, count
from meetings.models.attendance import missed_items
from meetings.reading import Reader, comments_on


@dataclass(frozen=True)
class NotYet:
    """One person's “not yet”, for whoever answers it."""

    agreement: Agreement
    invitation: Invitation

    @property
    def who(self) -> str:
        return f"{self.invitation.person.name}, {self.invitation.on_behalf_of}"

    @property
    def phone(self) -> str:
        return str(self.invitation.person.phone)


@dataclass
class Answers:
    """The answer part of the page. ``comments`` were read for the count and serve the page too."""

    tally: Tally
    comments: list[Any]
    own: Agreement | None = None
    #: For which items the reader was there, where they missed some; a sentence.
    part: str = ""
    not_yet: list[NotYet] = field(default_factory=list)
    #: The items of later meetings at which the minutes can be confirmed.
    confirming: list[AgendaItem] = field(default_factory=list)


def answers_for(reader: Reader, version: Version) -> Answers:
    """Everything about answers on the newest version, for one reader."""
    minutes = reader.minutes
    given = {each.invitation_id: each for each in version.agreements.select_related("answered_by")}
    comments = comments_on(minutes, reader.people)
    some_missed = any(getattr(each, "missed_some", True) for each in reader.people)
    missed = missed_items(minutes.meeting) if some_missed else {}
    tally = count(
        version,
        answers=given,
        came=reader.came,
        outcomes=[each.outcome for each in comments if not each.is_late],
        partly=missed,
    )
    found = Answers(tally, comments)
    if (own := reader.invitation) is not None and own.attended:
        found.own = given.get(own.pk)
        found.part = part_words(reader.rendition(version), own, missed.get(own.pk, set()))
    if reader.writes_down:
        people = {each.pk: each for each in reader.people}
        found.not_yet = [
            NotYet(each, people[each.invitation_id])
            for each in given.values()
            if each.answer == Agreement.Answer.NOT_YET
        ]
        if minutes.can("agree"):
            found.confirming = confirming_items(minutes)
    return found


def confirming_items(minutes: Any) -> list[AgendaItem]:
    """Where the minutes stand on an agenda to be confirmed, soonest first."""
    rows = AgendaItem.objects.on().filter(kind=AgendaItem.Kind.CONFIRM, about_minutes=minutes)
    return list(rows.select_related("meeting").order_by("meeting__starts_at"))


def part_words(rendition: dict[str, Any], invitation: Invitation, missed: set[int]) -> str:
    """What somebody who was there for a part of it answers for."""
    if not missed and not invitation.attendance.is_part:
        return ""
    heard = [
        str(item["number"])
        for item in rendition["items"]
        if missed and item.get("item") not in missed
    ]
    if not heard:
        return "You were there for a part of it, so you answer for the items you were there for."
    some = heard[0] if len(heard) == 1 else f"{', '.join(heard[:-1])} and {heard[-1]}"
    items = "item" if len(heard) == 1 else "items"
    return f"You were there for {items} {some}, so you answer for the items you were there for."
