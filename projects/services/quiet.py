"""Projects that have gone quiet, and ongoing work whose review is due: somebody is asked.

A spell of silence is known by the day of the last news: its letters have that day in their
keys, so each goes once a spell, and again only when news came and stopped coming again.
"""

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from coprod import clocks, outbox
from coprod.models import Forum, Message
from members.models import Person
from projects.models import Named, Project

logger = logging.getLogger(__name__)

#: Days until a lead officer who said nothing is reminded, and as long again until the project
#: goes on an agenda.
REMIND_AFTER = 14


@dataclass(frozen=True)
class Quiet:
    """One project without news, its lead officer where it has one, and when they were asked."""

    project: Project
    lead: Person | None
    asked_at: datetime | None = None
    reminded_at: datetime | None = None


def key_of(project: Project, person: Person, step: str) -> str:
    """One letter for one spell, one person, one step."""
    return f"quiet/{project.pk}/{project.quiet_since.isoformat()}/{person.pk}/{step}"


def leads_of(projects: list[Project]) -> dict[int, Person]:
    """Lead officers who still take part, by project. One question."""
    named = Named.objects.holding().filter(project__in=projects, part=Named.Part.LEAD)
    return {each.project_id: each.person for each in named.select_related("person")}


def quiet_projects(today: date, *, public_only: bool = False) -> list[Quiet]:
    """Every project that has gone quiet, longest first. Three questions, however many."""
    found = Project.objects.gone_quiet(today, Forum.current().quiet_days)
    if public_only:
        found = found.public()
    projects = sorted(found, key=lambda project: (project.quiet_since, project.pk))
    leads = leads_of(projects)
    keys = [
        key_of(project, leads[project.pk], step)
        for project in projects
        if project.pk in leads
        for step in ("ask", "again")
    ]
    sent = dict(Message.objects.filter(key__in=keys).values_list("key", "created_at"))
    return [
        Quiet(
            project,
            lead := leads.get(project.pk),
            sent.get(key_of(project, lead, "ask")) if lead else None,
            sent.get(key_of(project, lead, "again")) if lead else None,
        )
        for project in projects
    ]


def ask_when_due(now: datetime | None = None) -> int:
    """Ask each lead officer once a spell, and remind once; how many letters were queued."""
    now = now or timezone.now()
    today, queued = clocks.today(now), 0
    for quiet in quiet_projects(today):
        step = _step(quiet, today)
        if step is None or quiet.lead is None:
            continue
        try:
            outbox.queue(
                key=key_of(quiet.project, quiet.lead, step),
                template="projects/quiet",
                person=quiet.lead,
                ids={
                    "project": quiet.project.pk,
                    "since": quiet.project.quiet_since.isoformat(),
                    "again": step == "again",
                },
                at=now,
            )
            queued += 1
        except Exception:
            logger.exception("Nobody could be asked about project %s", quiet.project.pk)
    return queued


def _step(quiet: Quiet, today: date) -> str | None:
    if quiet.asked_at is None:
        return "ask"
    late = clocks.today(quiet.asked_at) + timedelta(days=REMIND_AFTER) <= today
    return "again" if late and quiet.reminded_at is None else None


def unanswered(today: date) -> list[Project]:
    """Public projects for an agenda: their lead officer was reminded two weeks ago, or there is
    none and two weeks have passed. Longest quiet first."""
    wait = timedelta(days=REMIND_AFTER)
    alone = Forum.current().quiet_days
    found = []
    for quiet in quiet_projects(today, public_only=True):
        if quiet.lead is None:
            is_long = quiet.project.quiet_since + timedelta(days=alone) + wait <= today
        else:
            told = quiet.reminded_at
            is_long = told is not None and clocks.today(told) + wait <= today
        if is_long:
            found.append(quiet.project)
    return found


# Ongoing work ------------------------------------------------------------------------------------


def ask_for_reviews(now: datetime | None = None) -> int:
    """Ask the lead officer of each piece of ongoing work whose review is due, once a review."""
    now = now or timezone.now()
    projects = list(Project.objects.review_due(clocks.today(now)))
    leads = leads_of(projects)
    queued = 0
    for project in projects:
        lead = leads.get(project.pk)
        if lead is None or project.review_on is None:
            continue
        outbox.queue(
            key=f"review/{project.pk}/{project.review_on.isoformat()}/{lead.pk}",
            template="projects/review_due",
            person=lead,
            ids={"project": project.pk, "on": project.review_on.isoformat()},
            at=now,
        )
        queued += 1
    return queued
