"""What projects put on everybody's own Today and on an officer's Requests; never a write.

Today's desk asks one question, whatever waits and however many projects there are.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from coprod import clocks
from coprod.models import Forum
from coprod.registry import Desk, Request, Thing, Waiting
from coprod.templatetags.forum import and_list, day, long_day, plural
from projects import deciding, desk_rows, running
from projects.desk_rows import Row
from projects.models import Involvement, Named
from projects.services.chasing import quarter_ends

#: The sections of Requests.
REPLIES, QUIET, LOGS, BEGUN = "Parents wait for a reply", "Gone quiet", "To log", "Begun"


def _reply_url(slug: str, pk: int) -> str:
    return reverse("projects:involvement_reply", args=[slug, pk])


def _check_url(slug: str, key: UUID) -> str:
    return reverse("projects:involvement_check", args=[slug, key])


def _add_url(slug: str) -> str:
    return reverse("projects:involvement_add", args=[slug])


def _asked(entry: Involvement) -> str:
    return _took_part(entry.on, str(entry))


def _took_part(on: date, entry: str) -> str:
    return f"Parents took part on {long_day(on)}: {entry}."


# Today --------------------------------------------------------------------------------------------


def desk(person: Any, today: date, forum: Forum) -> Desk:
    """An officer's replies, quiet projects and logs; a rep's own word, once a quarter; and what
    waits for whoever runs the forum. One question.
    """
    found = desk_rows.waiting_for(person, today, forum.quiet_days)
    newest = sorted(found[desk_rows.BEGUN], key=lambda row: (row.on, row.pk), reverse=True)
    things = [_finish(row) for row in newest[:2]]
    things += [_to_reply(row) for row in found[desk_rows.REPLY][:12]]
    things += [_to_log(row) for row in found[desk_rows.LOG][:12]]
    quiet = sorted(found[desk_rows.QUIET], key=lambda row: (row.project, row.pk))
    things += [_to_tell(row, forum) for row in quiet[:3]]
    things += _reps(found[desk_rows.ACCOUNT], today)
    things += [*running.things(found, today), *deciding.things(found, today)]
    return Desk(things=things, waiting=[_owed_by_others(row) for row in found[desk_rows.OWED][:6]])


def _finish(row: Row) -> Thing:
    return Thing(
        title=f"Finish what you began to log: {row.project}",
        url=_check_url(row.slug, UUID(row.words)),
        button="Go on",
        by=row.day,
        note=f"You began it on {long_day(row.day)}. Everything that you typed is kept.",
        minutes=2,
        dated=False,
    )


def _to_reply(row: Row) -> Thing:
    return Thing(
        title=f"Tell parents what came of it: {row.project}",
        url=_reply_url(row.slug, row.pk),
        button="Write the reply",
        by=row.day,
        note=_took_part(row.on, row.words),
        minutes=3,
    )


def _to_log(row: Row) -> Thing:
    return Thing(
        title=f"Log who took part: {row.project}",
        url=_add_url(row.slug),
        button="Log it",
        by=row.day,
        note=f"The log named {long_day(row.day)} as the next time.",
        minutes=4,
        dated=False,
    )


def _to_tell(row: Row, forum: Forum) -> Thing:
    return Thing(
        title=f"Say what is new: {row.project}",
        url=reverse("projects:update_write", args=[row.slug]),
        button="Say it",
        by=row.day + timedelta(days=forum.quiet_days),
        note=f"Nobody has heard anything since {day(row.day)}.",
        minutes=2,
        dated=False,
    )


def _reps(found: Iterable[Row], today: date) -> Iterator[Thing]:
    projects = sorted(found, key=lambda row: (row.project, row.pk))
    if projects:
        first = projects[0]
        also = and_list(row.project for row in projects[1:3])
        more = f" Then {also}." if also else ""
        yield Thing(
            title=f"Say if you were involved: {first.project}",
            url=reverse("projects:account_add", args=[first.slug]),
            button="Say so",
            by=quarter_ends(today),
            note=f"You are on it for parents. Your word stands beside the officers’ log.{more}",
        )


def _owed_by_others(row: Row) -> Waiting:
    """For the coordinator: a reply that parents wait for."""
    return Waiting(
        title=f"A reply to parents: {row.project}",
        who=row.words or "Nobody leads it yet",
        due=row.day,
        url=reverse("projects:involvement_detail", args=[row.slug, row.pk]),
    )


# Requests -----------------------------------------------------------------------------------------


def requests_of(person: Any, today: date) -> Iterable[Request]:
    """Everything open for one officer: replies, quiet projects, logs, what they began."""
    owed = desk_rows.replies_owed(person).select_related("project").order_by("reply_due_on", "pk")
    for entry in owed[:60]:
        yield Request(
            section=REPLIES,
            title=str(entry.project),
            url=_reply_url(entry.project.slug, entry.pk),
            text=_asked(entry),
            button="Write the reply",
            by=entry.reply_due_on,
        )
    passed = desk_rows.to_log(person, today).select_related("project").order_by("next_on", "pk")
    for entry in passed[:60]:
        assert entry.next_on is not None
        yield Request(
            section=LOGS,
            title=str(entry.project),
            url=_add_url(entry.project.slug),
            text=f"The log named {long_day(entry.next_on)} as the next time. Who took part?",
            button="Log it",
        )
    days = Forum.current().quiet_days
    for project in desk_rows.quiet_projects(person, today, days)[:60]:
        since = project.last_news_on or clocks.today(project.created_at)
        yield Request(
            section=QUIET,
            title=str(project),
            url=reverse("projects:update_write", args=[project.slug]),
            text=f"Nobody has heard anything for {plural((today - since).days, 'day')}.",
            button="Say what is new",
        )
    for draft in desk_rows.begun(person).select_related("project")[:20]:
        yield Request(
            section=BEGUN,
            title=str(draft.project),
            url=_check_url(draft.project.slug, draft.key),
            text=f"You began to log something on {long_day(draft.begun_at)}.",
            button="Go on",
        )


def projects_of(person: Any) -> QuerySet[Named]:
    """The projects that somebody is on, for their own list."""
    named = Named.objects.holding().filter(person=person, project__completed_on__isnull=True)
    return named.select_related("project").order_by("project__title", "pk")
