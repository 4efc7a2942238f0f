"""What waits in projects, of whatever kind, in rows of one shape: so that Today asks but once."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, TruncDate

from projects.methods import Method
from projects.models import (
    Claim,
    Confirmation,
    Involvement,
    LogDraft,
    LogoPermission,
    Named,
    Project,
)
from projects.services.chasing import unspoken

#: How many days ahead a reply that is owed stands on Today: one's own, and others'.
AHEAD, AHEAD_OF_OTHERS = 21, 14
#: How long after its announced day a next time that nobody logged is asked about.
ASK_FOR = timedelta(days=60)

# Kinds: everybody's own, then the coordinator's.
BEGUN, REPLY, LOG, QUIET, ACCOUNT = "begun", "reply", "log", "quiet", "account"
CLAIM, LOGO, OWED, LEADERLESS, REVIEW = "claim", "logo", "owed", "leaderless", "review"

#: What heads an entry in its log; as ``Involvement.__str__``.
ENTRY = Case(
    *[When(title="", method=method, then=Value(method.short)) for method in Method],
    default=F("title"),
    output_field=CharField(),
)


@dataclass(frozen=True)
class Row:
    """One thing that waits. ``words`` and ``on``, a second day, mean what its kind says."""

    kind: str
    pk: int
    words: str
    slug: str
    project: str
    day: date
    on: date


def replies_owed(person: Any) -> Any:
    """Of the projects that they are on as an officer."""
    return Involvement.objects.awaiting_reply().on_projects_of(person)


def quiet_projects(person: Any, today: date, days: int) -> Any:
    """Projects that they lead and that had no news for so many days."""
    leads = person.on_projects.holding().filter(part=Named.Part.LEAD).values("project")
    return Project.objects.filter(pk__in=leads).gone_quiet(today, days)


def to_log(person: Any, today: date) -> Any:
    """Entries that named a next time which has passed, with nothing logged since."""
    since = Involvement.objects.standing().filter(
        project=OuterRef("project"), on__gte=OuterRef("next_on")
    )
    return (
        Involvement.objects.standing()
        .on_projects_of(person)
        .filter(next_on__lt=today, next_on__gte=today - ASK_FOR)
        .filter(~Exists(since), project__completed_on__isnull=True)
    )


def begun(person: Any) -> Any:
    """Entries that they began and haven't saved, on projects that they can still see."""
    seen = Project.objects.visible_to(person)
    return LogDraft.objects.filter(person=person, entry__isnull=True, project__in=seen)


def waiting_for(person: Any, today: date, quiet_days: int) -> dict[str, list[Row]]:
    """Everything that waits for somebody, by kind, soonest first: one question."""
    parts = _own(person, today, quiet_days)
    if person.is_coordinator:
        parts += _of_the_forum(today, quiet_days)
    first, *others = parts
    found: dict[str, list[Row]] = defaultdict(list)
    for values in first.union(*others, all=True):
        row = Row(*values)
        found[row.kind].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (row.day, row.pk))
    return found


def _own(person: Any, today: date, quiet_days: int) -> list[Any]:
    owed = replies_owed(person).filter(reply_due_on__lte=today + timedelta(days=AHEAD))
    quiet = quiet_projects(person, today, quiet_days)
    key = Cast("key", CharField())
    return [
        _rows(BEGUN, begun(person), key, TruncDate("begun_at"), TruncDate("changed_at")),
        _rows(REPLY, owed, ENTRY, F("reply_due_on"), F("on")),
        _rows(LOG, to_log(person, today), ENTRY, F("next_on"), F("on")),
        _projects(QUIET, quiet, _quiet_since()),
        _projects(ACCOUNT, unspoken(person, today), TruncDate("created_at")),
    ]


def _of_the_forum(today: date, quiet_days: int) -> list[Any]:
    """Claims that parents haven't decided about since, requests for the logo, replies that
    parents wait for, quiet projects whom nobody can be asked about, and reviews.
    """
    decided = Confirmation.objects.filter(
        project=OuterRef("project"), confirmed_at__gte=OuterRef("claimed_at")
    )
    claims = Claim.objects.filter(~Exists(decided), ended_at__isnull=True)
    logos = LogoPermission.objects.filter(state=LogoPermission.State.ASKED)
    owed = Involvement.objects.reply_due_by(today + timedelta(days=AHEAD_OF_OTHERS))
    leads = Named.objects.holding().filter(part=Named.Part.LEAD)
    names = leads.filter(project=OuterRef("project")).values("person__name")[:1]
    lead = Coalesce(Subquery(names), Value(""))
    quiet = Project.objects.gone_quiet(today, quiet_days)
    alone = quiet.filter(~Exists(leads.filter(project=OuterRef("pk"))))
    reviews = Project.objects.review_due(today)
    return [
        _rows(CLAIM, claims, F("rung_name"), TruncDate("claimed_at")),
        _rows(LOGO, logos, F("document"), TruncDate("asked_at")),
        _rows(OWED, owed, lead, F("reply_due_on")),
        _projects(LEADERLESS, alone, _quiet_since()),
        _projects(REVIEW, reviews, F("review_on")),
    ]


def _quiet_since() -> Any:
    """As ``Project.quiet_since``."""
    return Coalesce("last_news_on", TruncDate("created_at"))


def _rows(kind: str, found: Any, words: Any, day: Any, on: Any = None) -> Any:
    """Rows of things that belong to a project."""
    return _shaped(kind, found, words, F("project__slug"), F("project__title"), day, on)


def _projects(kind: str, found: Any, day: Any) -> Any:
    return _shaped(kind, found, Value(""), F("slug"), F("title"), day)


def _shaped(
    kind: str, found: Any, words: Any, slug: Any, title: Any, day: Any, on: Any = None
) -> Any:
    shape = {
        "row_kind": Value(kind, CharField()),
        "row_pk": F("pk"),
        "row_words": words,
        "row_slug": slug,
        "row_title": title,
        "row_day": day,
        "row_on": on if on is not None else day,
    }
    return found.order_by().annotate(**shape).values_list(*shape)
