"""What meetings hold about one person, for the export of everything about them."""

from typing import Any

from coprod import registry
from meetings.asked import words_for
from meetings.models import (
    Agreement,
    Answer,
    Ask,
    CalendarKey,
    Comment,
    Invitation,
    Meeting,
    Minutes,
    NamedReader,
)
from meetings.readership import hidden_from
from members.models import Person


def invitations(person: Person) -> list[dict[str, Any]]:
    """Each meeting they were invited to: as what, what they replied, whether they were there."""
    fields = (
        "meeting__title",
        "meeting__date",
        "capacity",
        "group__name",
        "organisation__name",
        "invited_at",
        "reply__answer",
        "reply__needs",
        "reply__replied_at",
        "attendance__how",
    )
    return list(Invitation.objects.filter(person=person).order_by("pk").values(*fields))


def comments(person: Person) -> list[dict[str, Any]]:
    """Their comments on minutes, with what became of them.

    Less what was answered about a private paragraph that they may not read.
    """
    fields = (
        "version__minutes__meeting__date",
        "version__number",
        "number",
        "quote",
        "kind",
        "speaking_for",
        "text",
        "made_at",
        "outcome",
        "outcome_reason",
        "outcome_at",
    )
    theirs = Comment.objects.filter(author__person=person).order_by("pk")
    rows = list(theirs.values(*fields, "uid", "version__minutes"))
    about = Minutes.objects.filter(versions__comments__author__person=person).distinct()
    hidden = {
        (minutes.pk, uid)
        for minutes in about.select_related("meeting").prefetch_related("versions")
        for uid in hidden_from(person, minutes, minutes.versions.all())
    }
    for row in rows:
        if (row.pop("version__minutes"), str(row.pop("uid"))) in hidden:
            row["outcome_reason"] = ""
    return rows


def answers(person: Person) -> list[dict[str, Any]]:
    """Whether they called minutes a fair record."""
    fields = (
        "version__minutes__meeting__date",
        "version__number",
        "answer",
        "reason",
        "via",
        "answered_at",
        "outcome",
        "outcome_at",
    )
    return list(Agreement.objects.filter(invitation__person=person).order_by("pk").values(*fields))


def duties(person: Person) -> list[dict[str, Any]]:
    """Meetings whose minutes they take."""
    fields = ("title", "date", "place")
    return list(Meeting.objects.filter(minute_taker=person).order_by("pk").values(*fields))


def named_for(person: Person) -> list[dict[str, Any]]:
    """Private parts that they were named to read; what these say stays where it is."""
    rows = NamedReader.objects.filter(person=person).order_by("pk")
    rows = rows.select_related("item__meeting", "paragraph__section__item__meeting")
    found: list[dict[str, Any]] = []
    for row in rows:
        item = row.item or (row.paragraph and row.paragraph.section.item)
        found.append({"meeting": item and item.meeting.date, "named_at": row.named_at})
    return found


def calendar_keys(person: Person) -> list[dict[str, Any]]:
    """Whether a private calendar of theirs has an address; the key itself isn't kept."""
    fields = ("made_at",)
    return list(CalendarKey.objects.filter(person=person).values(*fields))


def asks(person: Person) -> list[dict[str, Any]]:
    """What they are named to answer, in the words that they may read."""
    found = Ask.objects.filter(answerer=person).order_by("pk").with_all()
    rows: list[dict[str, Any]] = []
    for ask in found:
        words = words_for(person, ask)
        rows.append({"ask": words.text if words else "", "named_at": ask.named_at, "by": ask.due})
    return rows


def ask_answers(person: Person) -> list[dict[str, Any]]:
    """What they answered, or wrote down for others."""
    fields = ("outcome", "text", "reason", "will_do_by", "via", "answered_at")
    return list(Answer.objects.filter(answered_by=person).order_by("pk").values(*fields))


def register() -> None:
    """Called when the app is ready."""
    registry.personal_data += [
        registry.PersonalData(
            "What you are asked to answer", frozenset({"meetings.Ask.answerer"}), asks
        ),
        registry.PersonalData("Your answers to parents", frozenset(), ask_answers),
        registry.PersonalData(
            "Meetings you were invited to", frozenset({"meetings.Invitation.person"}), invitations
        ),
        registry.PersonalData("Your comments on minutes", frozenset(), comments),
        registry.PersonalData("Your answers on minutes", frozenset(), answers),
        registry.PersonalData(
            "Minutes you take", frozenset({"meetings.Meeting.minute_taker"}), duties
        ),
        registry.PersonalData(
            "Private parts you may read", frozenset({"meetings.NamedReader.person"}), named_for
        ),
        registry.PersonalData(
            "Your private calendar", frozenset({"meetings.CalendarKey.person"}), calendar_keys
        ),
    ]
