"""The forum's promises about meetings, each computed from the records; never a write.

Only meetings that the public may know of are counted, so that anybody can check the count.
What was entered after it was due, or was cancelled, is left out: nothing was promised.
"""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects
from django.urls import reverse
from django.utils.text import Truncator

from coprod import clocks
from coprod.models import Forum
from coprod.registry import Promise, PromiseResult
from coprod.templatetags.forum import day, plural
from meetings.models import Ask, Delay, Meeting, Move
from meetings.services.agenda import agenda_clock

#: How many results are shown, and among how many newest meetings they are looked for.
SHOWN, LOOKED_AT = 8, 60
#: How many days ahead agendas that went out early are looked for.
AHEAD = 45
#: The little that a promise needs to know of a meeting.
FACTS = (
    *("title", "slug", "date", "created_at", "agenda_sent_at", "audience", "cancelled_at"),
    *("agenda_days", "minutes_days", "invitation_days", "minutes__circulated_at"),
)


def of_meetings(forum: Forum) -> list[Promise]:
    """Drafts and agendas in time, from three queries at most; what isn’t due doesn’t count."""
    today = clocks.today()
    drafts: list[PromiseResult] = []
    agendas: list[PromiseResult] = []
    newest = Meeting.objects.public().filter(date__lte=today + timedelta(days=AHEAD))
    newest = newest.select_related("minutes").only(*FACTS)
    for meeting in _with_history(newest.order_by("-date", "-pk")):
        if len(agendas) < SHOWN:
            _count(agendas, meeting, Delay.Promise.AGENDA, agenda_clock(meeting))
        if len(drafts) < SHOWN and meeting.date <= today:
            _count(drafts, meeting, Delay.Promise.MINUTES, meeting.draft_clock)
    before = "a week" if forum.agenda_days == 7 else plural(forum.agenda_days, "day")
    return [
        Promise(f"Agenda out {before} before", agendas),
        Promise(f"Draft minutes within {plural(forum.minutes_days, 'day')}", drafts),
    ]


def _with_history(newest: QuerySet[Meeting]) -> list[Meeting]:
    """The newest meetings with their delays and moves, which few of them have.

    Whoever has none is told so at once: most forums' home page then costs two questions less.
    """
    told = {
        "delays": Exists(Delay.objects.filter(meeting=OuterRef("pk"))),
        "moves": Exists(Move.objects.filter(meeting=OuterRef("pk"))),
    }
    asked = {f"has_{name}": question for name, question in told.items()}
    found = list(newest.annotate(**asked)[:LOOKED_AT])
    for name in told:
        known = f"known_{name}"
        some = [meeting for meeting in found if getattr(meeting, f"has_{name}")]
        prefetch_related_objects(some, Prefetch(name, to_attr=known))
        for meeting in found:
            if not getattr(meeting, f"has_{name}"):
                setattr(meeting, known, [])
    return found


def _count(
    results: list[PromiseResult], meeting: Meeting, promise: str, clock: clocks.Clock
) -> None:
    """Add one result, unless nothing was promised or it is still running.

    Once the promised day has passed it counts: as explained while the new date holds.
    """
    if not meeting.is_promised(promise) or clock.state == "running":
        return
    label = f"{meeting.title}, {day(meeting.date)}"
    url = reverse("meetings:meeting_detail", args=[meeting.slug])
    results.append(_result(label, url, clock, explains=not meeting.is_parents_only))


def _result(label: str, url: str, clock: clocks.Clock, *, explains: bool = True) -> PromiseResult:
    """One line of the count. ``explains``: everybody may read why there was a new day."""
    told = clock.extension if explains and clock.state != "kept" else None
    return PromiseResult(
        label=label,
        url=url,
        due=clock.due_on,
        kept_on=clock.kept_on,
        state=clock.state,
        until=told.until if told else None,
        reason=told.reason if told else "",
        told_on=told.recorded_on if told else None,
        told_late=told.days_after if told else 0,
    )


def of_asks(forum: Forum) -> list[Promise]:
    """Answers by their date, of asks that everybody can read; what isn’t due doesn’t count.

    What was put on record when it was long due is left out: nobody could have kept it.
    """
    today = clocks.today()
    asks = Ask.objects.public().with_promise().filter(was_due_on__isnull=False)
    asks = asks.filter(Q(was_due_on__lt=today) | Q(first_answer__isnull=False))
    asks = asks.select_related("paragraph__section__minutes__meeting")
    newest = list(asks.order_by("-was_due_on", "-pk")[: SHOWN * 2])
    # Few have a new day: most forums' home page then costs one question less.
    prefetch_related_objects([ask for ask in newest if ask.has_later], "extensions")
    results: list[PromiseResult] = []
    for ask in newest:
        clock = ask.clock_with(
            ask.first_answer, list(ask.extensions.all()) if ask.has_later else []
        )
        assert clock is not None  # it has a day
        if clock.state == "running" or clock.due_on < clocks.today(ask.added_at):
            continue
        label = Truncator(ask.shown_text).chars(90)
        results.append(_result(label, ask.get_absolute_url(), clock))
    return [Promise("Asks answered by their date", results[:SHOWN])]
