"""What asks put on Today, on an officer's Requests and on the home page; never a write."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.text import Truncator

from coprod.models import Forum
from coprod.registry import Desk, Request, Thing, Waiting
from coprod.templatetags.forum import plural
from meetings import asked, what_we_said
from meetings.models import Answer, Ask, AskState
from members.models import Person

#: How many days ahead an answer stands on Today. Requests lists all of them.
AHEAD = 21
#: How many asks of others' a coordinator's Today looks at, and lists as waited for.
LOOKED_AT, LISTED = 200, 4
#: Days within which an ask gets somebody to answer it.
NAME_DAYS = 7


def _own(person: Any, today: date) -> Any:
    """Those that somebody is named to answer and for which somebody waits, soonest first."""
    if not person.is_officer:
        return Ask.objects.none()
    mine = Ask.objects.standing().open(today).filter(answerer=person)
    return what_we_said.ordered(mine).with_all()


def _title(ask: Ask) -> str:
    """In public words; of minutes that aren't public only where it was said."""
    if asked.is_public(ask):
        return f"“{Truncator(ask.shown_text).chars(70)}”"
    return f"What parents asked, {asked.where_said(ask)[0]}"


def own_desk(person: Any, today: date, forum: Forum) -> Desk:
    """What this person must answer soon; only officers are named. One question where that is
    nothing, else three.
    """
    return Desk(things=_to_answer(person, today)) if person.is_officer else Desk()


def _to_answer(person: Any, today: date) -> Iterator[Thing]:
    for ask in _own(person, today)[:10]:
        due = ask.expected_on()
        if due is not None and due > today + timedelta(days=AHEAD):
            continue
        again = ask.newest_answer is not None
        yield Thing(
            title=f"{'Say what became of it' if again else 'Answer parents'}: {_title(ask)}",
            url=asked.address("ask_answer", ask),
            button="Answer",
            by=due or today,
            note="You said that you’d do it." if again else "You are named to answer.",
            minutes=5,
            dated=due is not None,
        )


def requests_of(person: Any, today: date) -> Iterator[Request]:
    """Everything that an officer is named to answer."""
    for ask in _own(person, today)[:100]:
        status = asked.status_of(ask, today)
        yield Request(
            section="Parents wait for an answer",
            title=_title(ask),
            url=asked.address("ask_answer", ask),
            text=f"{asked.where_said(ask)[0]}. {status.text}.",
            button="Answer",
            by=ask.expected_on(),
        )


def coordinator_desk(person: Any, today: date, forum: Forum) -> Desk:
    """Asks that nobody is named for, that went adrift, and that services owe. One question."""
    if not person.is_coordinator:
        return Desk()
    standing, adrift = Ask.objects.standing(), Ask.objects.adrift()
    rows = Ask.objects.with_state(today).filter(
        Q(pk__in=adrift.values("pk"))
        | Q(pk__in=standing.values("pk"), state__in=["overdue", "waiting", "will_do"])
    )
    # An officer who left has nobody in their place until somebody is named.
    here = Person.objects.officers().filter(pk=OuterRef("answerer")).order_by()
    rows = rows.annotate(is_named=Exists(here)).select_related(
        "organisation", "paragraph__section__minutes__meeting"
    )
    found = list(what_we_said.ordered(rows)[:LOOKED_AT])
    gone = [ask for ask in found if what_we_said.is_adrift(ask)]
    asks = [ask for ask in found if not what_we_said.is_adrift(ask)]
    return Desk(things=_to_settle(asks, len(gone), today), waiting=_owed(asks, today))


def _to_settle(asks: Iterable[Any], adrift: int, today: date) -> Iterator[Thing]:
    page = reverse("asks:ask_waiting")
    nobody = [ask for ask in asks if not ask.is_named and ask.newest_outcome is None]
    if nobody:
        days = [ask.ends_on for ask in nobody if ask.ends_on]
        soon = today + timedelta(days=NAME_DAYS)
        yield Thing(
            title=f"Name who answers {plural(nobody, 'ask')}",
            url=f"{page}?show=nobody",
            button="Name the officers",
            by=max(today, min([soon, *days])),
            note="An ask without a name goes unanswered.",
            minutes=2 * len(nobody),
        )
    if adrift:
        yield Thing(
            title=f"Decide about {plural(adrift, 'ask')} gone from the minutes",
            url=f"{page}?show=adrift",
            button="Look at them",
            by=today,
            note="An officer, an answer or a project is kept with it.",
            minutes=2 * adrift,
            dated=False,
        )


def _owed(asks: Iterable[Any], today: date) -> Iterator[Waiting]:
    """The longest overdue first, then those due within a fortnight."""
    near = [
        ask
        for ask in asks
        if ask.answerer_id and ask.ends_on and ask.ends_on <= today + timedelta(days=14)
    ]
    for ask in near[:LISTED]:
        text = asked.list_words(ask).text
        who = ask.whom or ask.of_whom or "A service"
        done = "To be done. " if ask.state == AskState.WILL_DO or ask.newest_outcome else ""
        where = asked.where_said(ask)[0]
        yield Waiting(
            Truncator(text).chars(70), f"{done}{who}. {where}", ask.ends_on, ask.get_absolute_url()
        )


def home_section() -> dict[str, Any]:
    """The newest thing that changed because parents said it, or else the newest answer.

    One question: the home page asks few.
    """
    found = (
        Ask.objects.public()
        .with_newest_answer()
        .exclude(changed="", answered_last__isnull=True)
        .order_by(F("changed_on").desc(nulls_last=True), "-answered_last", "-pk")
        .select_related("organisation")
        .first()
    )
    if found is None:
        return {"heard": None}
    return {
        "heard": {
            "url": found.get_absolute_url(),
            "text": found.shown_text,
            "whom": found.whom,
            "changed": found.changed,
            "outcome": Answer.Outcome(found.newest_outcome).label if found.newest_outcome else "",
            "answer": found.newest_text,
        }
    }
