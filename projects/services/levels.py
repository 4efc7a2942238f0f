"""What the log proves of a project, kept on its row and in its quarter's; new counts."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Forum
from members.models import Person
from projects.ladder import Rules, quarter_of, rules_of, standing_of
from projects.models import Claim, Involvement, LevelAtQuarter, Named, Project, Round
from projects.services.locks import lock_project

#: Projects whose quarter is opened in one transaction.
BATCH = 200


def officers_of(project: Project) -> list[Person]:
    """The officers who are on it today: who hears of claims, confirmations and the logo."""
    officers = (Named.Part.LEAD, Named.Part.OFFICER)
    named = project.named.holding().filter(part__in=officers)
    return [each.person for each in named.select_related("person")]


@transaction.atomic
def refresh_level(*, project: Project, by: Any, at: datetime | None = None) -> None:
    """Derive the level anew after the log changed or a reply's last day passed.

    An event says when it became another one; the running quarter's row follows.
    """
    stored = lock_project(project)
    today = clocks.today(at)
    rules = rules_of(stored, today)
    level = standing_of(stored, today, rules).level
    before = stored.level
    if level != before:
        stored.level = level
        stored.save(update_fields=["level"])
        AuditEvent.record("change_level", stored, by=by, at=at, before=before, after=level)
    project.level = level
    keep_quarter(stored, today, rules)


def keep_quarter(project: Project, today: date, rules: Rules | None = None) -> None:
    """Write how the project stands into the running quarter; its thresholds stay as copied."""
    quarter = quarter_of(today)
    rules = rules or rules_of(project, today)
    claim = project.claims.filter(ended_at__isnull=True).first()
    standing = {
        "level": project.level,
        "claimed": claim.level if claim else None,
        "confirmed": project.confirmed_level,
    }
    LevelAtQuarter.objects.update_or_create(
        project=project,
        quarter=quarter,
        defaults=standing,
        create_defaults={
            **standing,
            "least_sessions": rules.sessions,
            "least_share": rules.share,
        },
    )


# Every day ---------------------------------------------------------------------------------------


def keep_levels(*, at: datetime | None = None) -> None:
    """Open the quarter for whoever has none yet, and lower what views left unanswered lower.

    Asks what isn't done yet, so it may run twice, or after days on which nothing ran.
    """
    today = clocks.today(at)
    open_quarter(today)
    for project in overdue_replies(today):
        refresh_level(project=project, by=None, at=at)


def overdue_replies(today: date) -> "list[Project]":
    """Projects above Information with views whose last day has passed without a reply."""
    unanswered = Involvement.objects.standing().filter(
        Q(replied_on__isnull=True) | Q(replied_on__gt=today) | Q(changed="", unchanged=""),
        reply_due_on__lt=today,
    )
    return list(Project.objects.filter(level__gte=2, pk__in=unanswered.values("project")))


def open_quarter(today: date) -> int:
    """Give every project its row of the running quarter, and of those that were missed.

    How many were opened. A row's thresholds are the forum's of its opening; where they differ
    from the quarter's before, the level is derived anew with them, in the same transaction.
    """
    quarter = quarter_of(today)
    opened = 0
    while True:
        with transaction.atomic():
            waiting = list(
                Project.objects.select_for_update()
                .filter(created_at__lt=clocks.end_of(today))
                .exclude(pk__in=LevelAtQuarter.objects.filter(quarter=quarter).values("project"))
                .order_by("pk")[:BATCH]
            )
            if not waiting:
                return opened
            _open(waiting, quarter, today)
            opened += len(waiting)


def _open(projects: list[Project], quarter: date, today: date) -> None:
    forum = Forum.current()
    claims = Claim.objects.filter(project__in=projects, ended_at__isnull=True)
    claimed = dict(claims.values_list("project", "level"))
    latest = _latest_rows(projects, quarter)
    rows, changed = [], []
    for project in projects:
        before = latest.get(project.pk)
        rows += _missed(before, quarter)
        rows.append(
            LevelAtQuarter(
                project=project,
                quarter=quarter,
                level=project.level,
                claimed=claimed.get(project.pk),
                confirmed=project.confirmed_level,
                least_sessions=forum.ladder_sessions,
                least_share=forum.ladder_share,
            )
        )
        rules = (forum.ladder_sessions, forum.ladder_share)
        if before and (before.least_sessions, before.least_share) != rules:
            changed.append(project)
    LevelAtQuarter.objects.bulk_create(rows, ignore_conflicts=True)
    for project in changed:
        refresh_level(project=project, by=None, at=clocks.end_of(today))


def _latest_rows(projects: list[Project], quarter: date) -> dict[int, LevelAtQuarter]:
    """Each project's newest row before the quarter."""
    newest = (
        LevelAtQuarter.objects.filter(project=OuterRef("project"), quarter__lt=quarter)
        .order_by("-quarter")
        .values("pk")[:1]
    )
    rows = LevelAtQuarter.objects.filter(project__in=projects, pk=Subquery(newest))
    return {row.project_id: row for row in rows}


def _missed(before: LevelAtQuarter | None, quarter: date) -> list[LevelAtQuarter]:
    """Rows of whole quarters in which nothing ran: nothing changed, or one would be there."""
    rows: list[LevelAtQuarter] = []
    while before is not None and (missed := next_quarter(before.quarter)) < quarter:
        before = LevelAtQuarter(
            project_id=before.project_id,
            quarter=missed,
            level=before.level,
            claimed=before.claimed,
            confirmed=before.confirmed,
            least_sessions=before.least_sessions,
            least_share=before.least_share,
        )
        rows.append(before)
    return rows


def next_quarter(quarter: date) -> date:
    """The first day of the quarter after."""
    return quarter_of(quarter + timedelta(days=100))


# New counts --------------------------------------------------------------------------------------


@transaction.atomic
def begin_round(
    *, project: Project, began_on: date, name: str, by: Any, at: datetime | None = None
) -> Round:
    """Count anew from a day on, because a new stage begins; what was stays readable.

    Raises TransitionNotAllowed for a day to come, one before the count that runs, or while
    views of that count are still unanswered: a new one is no way round a reply.
    """
    stored = lock_project(project)
    today = clocks.today(at)
    if began_on > today:
        raise TransitionNotAllowed("Begin the new count once its first day has come.")
    newest = stored.rounds.first()
    if newest is not None and began_on <= newest.began_on:
        raise TransitionNotAllowed("The new count must begin after the one that runs now.")
    _refuse_unanswered(stored, today)
    made = Round.objects.create(
        project=stored, began_on=began_on, name=name, made_by=by, made_at=at or timezone.now()
    )
    AuditEvent.record("begin_round", made, by=by, at=at, project=stored.pk)
    refresh_level(project=project, by=by, at=at)
    return made


def _refuse_unanswered(project: Project, today: date) -> None:
    missing = standing_of(project, today).steps[2].missing
    unanswered = [fact for fact in missing if fact.kind == "unanswered"]
    if unanswered:
        raise TransitionNotAllowed(f"{unanswered[0].text} Reply to parents first.")
