"""Letters about what parents asked: who must answer, that the day comes, what was answered.

Each asks again, when it is written, whether its reader may still have it, and holds the words
that this reader may read.
"""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from coprod import clocks, letters, links
from coprod.exceptions import NoLongerDue, TransitionNotAllowed
from coprod.models import Message
from coprod.registry import Letter, letter
from meetings import asked
from meetings.models import Answer, Ask, AskExtension
from meetings.services.asks import refuse_closed
from members.emails import reader_of

#: Letters to whoever must answer, each with a link to the page for it.
WITH_LINK = (
    "meetings/ask_named",
    "meetings/ask_extended",
    "meetings/ask_reminder",
    "meetings/ask_overdue",
)
WHY = "You get this because you are named to answer this for your service."


def _put_to(message: Message) -> dict[str, Any]:
    """What every letter to the officer who is named says. Raises NoLongerDue."""
    person = reader_of(message)
    ask = Ask.objects.with_all().filter(pk=message.ids["ask"]).first()
    if ask is None or ask.answerer_id != person.pk or not person.is_officer:
        raise NoLongerDue("Somebody else is named to answer by now.")
    try:
        refuse_closed(ask)
    except TransitionNotAllowed as reason:
        raise NoLongerDue(str(reason)) from reason
    words = asked.words_for(person, ask)
    if words is None:
        raise NoLongerDue("This person may not read it any more.")
    token = links.make("ask", person=person, about=ask.pk)
    return {
        "person": person,
        "ask": ask,
        "words": words,
        "where": asked.where_said(ask)[0],
        "due": ask.expected_on(),
        "newest": ask.newest_answer,
        "url": reverse("asks:ask_answer_by_link", args=[token]),
        "today": clocks.today(),
    }


@letter("meetings/ask_named")
def ask_named(message: Message) -> Letter:
    """What parents ask, by when, and the page for the answer."""
    context = _put_to(message)
    if context["newest"] is not None:
        raise NoLongerDue("It has been answered by now.")
    return letters.write("meetings/ask_named", context, why=WHY)


@letter("meetings/ask_extended")
def ask_extended(message: Message) -> Letter:
    """The new day for the answer, and why."""
    context = _put_to(message)
    extension = AskExtension.objects.get(pk=message.ids["extension"])
    if context["newest"] is not None or extension.until != context["due"]:
        raise NoLongerDue("It has been answered, or another day was given since.")
    return letters.write("meetings/ask_extended", {**context, "extension": extension}, why=WHY)


def _still_expected(message: Message) -> dict[str, Any]:
    """The same for reminders, while that day is the one that counts. Raises NoLongerDue."""
    context = _put_to(message)
    due = context["due"]
    if due is None or due.isoformat() != message.ids["due"]:
        raise NoLongerDue("It has been answered, or another day was given since.")
    return context


@letter("meetings/ask_reminder")
def ask_reminder(message: Message) -> Letter:
    """The day for the answer, or for what was promised in it, is near."""
    return letters.write("meetings/ask_reminder", _still_expected(message), why=WHY)


@letter("meetings/ask_overdue")
def ask_overdue(message: Message) -> Letter:
    """The day has passed."""
    return letters.write("meetings/ask_overdue", _still_expected(message), why=WHY)


@letter("meetings/ask_answered")
def ask_answered(message: Message) -> Letter:
    """The answer, to the coordinators and to whoever was invited when it was asked."""
    person = reader_of(message)
    answer = Answer.objects.filter(pk=message.ids["answer"]).first()
    ask = Ask.objects.with_all().filter(pk=message.ids["ask"]).first()
    if ask is None or answer is None:
        raise NoLongerDue("The ask was taken off.")
    words = asked.words_for(person, ask)
    if words is None:
        raise NoLongerDue("This person may not read it.")
    if ask.newest_answer is not None and ask.newest_answer.pk != answer.pk:
        raise NoLongerDue("There is a newer answer by now.")
    runs = person.has_perm("meetings.put_asks", ask)
    context = {
        "person": person,
        "words": words,
        "answer": answer,
        "changed": ask.changed,
        "url": _page_for(person, ask),
        "where": asked.where_said(ask)[0],
    }
    why = "You get this because you run the forum." if runs else "You get this because you were "
    why += "" if runs else "invited to the meeting at which parents asked it."
    return letters.write("meetings/ask_answered", context, why=why)


def _page_for(person: Any, ask: Ask) -> str:
    """The ask's page for whoever may open it, else the list."""
    seen = Ask.objects.visible_to(person).filter(pk=ask.pk).exists()
    return ask.get_absolute_url() if seen else ""


def _with_ask_link(person_id: int, about: int) -> QuerySet[Message]:
    """The letters that hold the link to one ask; the newest is the one that counts."""
    return Message.objects.filter(person=person_id, template__in=WITH_LINK, ids__ask=about)


links.letters_with["ask"] = _with_ask_link
