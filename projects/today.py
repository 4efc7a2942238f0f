"""What projects put on everybody's own Today and on an officer's Requests; never a write.

Each desk asks a fixed number of questions, however many projects there are.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.urls import reverse

from coprod import clocks
from coprod.models import Forum
from coprod.registry import Desk, Request, Thing, Waiting
from coprod.templatetags.forum import and_list, day, long_day, plural
from projects.models import Involvement, LogDraft, Named, Project
from projects.services.chasing import quarter_ends, unspoken

#: How many days ahead a reply that is owed stands on Today. Requests lists all of them.
AHEAD = 21
#: How long after its announced day a next time that nobody logged is asked about.
ASK_FOR = timedelta(days=60)
REPLIES, QUIET, LOGS, BEGUN = "Parents wait for a reply", "Gone quiet", "To log", "Begun"


def replies_owed(person: Any) -> QuerySet[Involvement]:
    """Of the projects that they are on as an officer; soonest first."""
    owed = Involvement.objects.awaiting_reply().on_projects_of(person)
    return owed.select_related("project").order_by("reply_due_on", "pk")


def quiet_projects(person: Any, today: date, days: int) -> QuerySet[Project]:
    """Projects that they lead and that had no news for so many days."""
    leads = person.on_projects.holding().filter(part=Named.Part.LEAD).values("project")
    return Project.objects.filter(pk__in=leads).gone_quiet(today, days)


def to_log(person: Any, today: date) -> QuerySet[Involvement]:
    """Entries that named a next time which has passed, with nothing logged since."""
    since = Involvement.objects.standing().filter(
        project=OuterRef("project"), on__gte=OuterRef("next_on")
    )
    return (
        Involvement.objects.standing()
        .on_projects_of(person)
        .filter(next_on__lt=today, next_on__gte=today - ASK_FOR)
        .filter(~Exists(since), project__completed_on__isnull=True)
        .select_related("project")
        .order_by("next_on", "pk")
    )


def begun(person: Any) -> QuerySet[LogDraft]:
    """Entries that they began and haven't saved, on projects that they can still see."""
    seen = Project.objects.visible_to(person)
    drafts = LogDraft.objects.filter(person=person, entry__isnull=True, project__in=seen)
    return drafts.select_related("project")


def _reply_url(entry: Involvement) -> str:
    return reverse("projects:involvement_reply", args=[entry.project.slug, entry.pk])


def _check_url(draft: LogDraft) -> str:
    return reverse("projects:involvement_check", args=[draft.project.slug, draft.key])


def _add_url(project: Project) -> str:
    return reverse("projects:involvement_add", args=[project.slug])


def _asked(entry: Involvement) -> str:
    return f"Parents took part on {long_day(entry.on)}: {entry}."


# Today --------------------------------------------------------------------------------------------


def own_desk(person: Any, today: date) -> Desk:
    """An officer's replies, quiet projects and logs; a rep's own word, once a quarter."""
    parts = _parts(person)
    things = [_finish(draft) for draft in begun(person)[:2]] if BEGUN in parts else []
    if parts & {Named.Part.LEAD, Named.Part.OFFICER}:
        things += list(_officers(person, today))
    if Named.Part.REP in parts:
        things += list(_reps(person, today))
    return Desk(things=things, waiting=_owed_by_others(person, today))


def _parts(person: Any) -> set[str]:
    """As what they are on projects, and whether they began to log something: one question."""
    named = Named.objects.holding().filter(person=person).order_by().values_list("part")
    drafts = LogDraft.objects.filter(person=person, entry__isnull=True).order_by()
    began = drafts.annotate(part=Value(BEGUN, CharField())).values_list("part")
    return {part for (part,) in named.union(began)}


def _finish(draft: LogDraft) -> Thing:
    began = clocks.today(draft.begun_at)
    return Thing(
        title=f"Finish what you began to log: {draft.project}",
        url=_check_url(draft),
        button="Go on",
        by=began,
        note=f"You began it on {long_day(began)}. Everything that you typed is kept.",
        minutes=2,
        dated=False,
    )


def _officers(person: Any, today: date) -> Iterator[Thing]:
    owed = replies_owed(person).filter(reply_due_on__lte=today + timedelta(days=AHEAD))
    passed = to_log(person, today)
    same = {"pk": OuterRef("pk")}
    entries = Involvement.objects.annotate(
        owes=Exists(owed.filter(**same)), passed=Exists(passed.filter(**same))
    ).filter(Q(owes=True) | Q(passed=True))
    for entry in entries.select_related("project").order_by("reply_due_on", "pk")[:12]:
        if entry.owes:
            yield _to_reply(entry)
        if entry.passed:
            yield _to_log(entry)
    days = Forum.current().quiet_days
    for project in quiet_projects(person, today, days)[:3]:
        since = project.last_news_on or clocks.today(project.created_at)
        yield Thing(
            title=f"Say what is new: {project}",
            url=reverse("projects:update_write", args=[project.slug]),
            button="Say it",
            by=since + timedelta(days=days),
            note=f"Nobody has heard anything since {day(since)}.",
            minutes=2,
            dated=False,
        )


def _to_reply(entry: Involvement) -> Thing:
    return Thing(
        title=f"Tell parents what came of it: {entry.project}",
        url=_reply_url(entry),
        button="Write the reply",
        by=entry.reply_due_on,
        note=_asked(entry),
        minutes=3,
    )


def _to_log(entry: Involvement) -> Thing:
    assert entry.next_on is not None
    return Thing(
        title=f"Log who took part: {entry.project}",
        url=_add_url(entry.project),
        button="Log it",
        by=entry.next_on,
        note=f"The log named {long_day(entry.next_on)} as the next time.",
        minutes=4,
        dated=False,
    )


def _reps(person: Any, today: date) -> Iterator[Thing]:
    projects = list(unspoken(person, today).order_by("title"))
    if projects:
        first = projects[0]
        also = and_list(str(project) for project in projects[1:3])
        more = f" Then {also}." if also else ""
        yield Thing(
            title=f"Say if you were involved: {first}",
            url=reverse("projects:account_add", args=[first.slug]),
            button="Say so",
            by=quarter_ends(today),
            note=f"You are on it for parents. Your word stands beside the officers’ log.{more}",
        )


def _owed_by_others(person: Any, today: date) -> list[Waiting]:
    """For the coordinator: replies that parents wait for, from two weeks before the day."""
    if not person.is_coordinator:
        return []
    leads = Named.objects.holding().filter(part=Named.Part.LEAD, project=OuterRef("project"))
    owed = Involvement.objects.reply_due_by(today + timedelta(days=14)).annotate(
        lead=Subquery(leads.values("person__name")[:1])
    )
    found = owed.select_related("project").order_by("reply_due_on", "pk")[:6]
    return [
        Waiting(
            title=f"A reply to parents: {entry.project}",
            who=entry.lead or "Nobody leads it yet",
            due=entry.reply_due_on,
            url=reverse("projects:involvement_detail", args=[entry.project.slug, entry.pk]),
        )
        for entry in found
    ]


# Requests -----------------------------------------------------------------------------------------


def requests_of(person: Any, today: date) -> Iterable[Request]:
    """Everything open for one officer: replies, quiet projects, logs, what they began."""
    for entry in replies_owed(person)[:60]:
        yield Request(
            section=REPLIES,
            title=str(entry.project),
            url=_reply_url(entry),
            text=_asked(entry),
            button="Write the reply",
            by=entry.reply_due_on,
        )
    for entry in to_log(person, today)[:60]:
        assert entry.next_on is not None
        yield Request(
            section=LOGS,
            title=str(entry.project),
            url=_add_url(entry.project),
            text=f"The log named {long_day(entry.next_on)} as the next time. Who took part?",
            button="Log it",
        )
    days = Forum.current().quiet_days
    for project in quiet_projects(person, today, days)[:60]:
        since = project.last_news_on or clocks.today(project.created_at)
        yield Request(
            section=QUIET,
            title=str(project),
            url=reverse("projects:update_write", args=[project.slug]),
            text=f"Nobody has heard anything for {plural((today - since).days, 'day')}.",
            button="Say what is new",
        )
    for draft in begun(person)[:20]:
        yield Request(
            section=BEGUN,
            title=str(draft.project),
            url=_check_url(draft),
            text=f"You began to log something on {long_day(draft.begun_at)}.",
            button="Go on",
        )


def projects_of(person: Any) -> QuerySet[Named]:
    """The projects that somebody is on, for their own list."""
    named = Named.objects.holding().filter(person=person, project__completed_on__isnull=True)
    return named.select_related("project").order_by("project__title", "pk")
