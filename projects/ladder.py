"""The ladder: which level the log of a project proves, why, and what is missing for the next.

``TABLE`` is the whole of it: one row a level, each with the facts that it needs, *all of them*.
The highest row that is complete is the level. The public page "What the rungs mean" is written
from the same table; how a fact is found in the log is in ``evidence.py``. Source: the forum's
table of levels.

None is "not on the ladder yet": nothing in the log is evidence either way. 0 is "no parents
involved": a session or an asking from drafting onwards that no parent was in.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from coprod.templatetags.forum import day
from projects import evidence
from projects.evidence import (
    STAGES,
    Entry,
    Found,
    Log,
    Missing,
    Rules,
    Standing,
    Step,
)
from projects.methods import Method
from projects.models.involvement import Stage

if TYPE_CHECKING:
    from projects.models import Project, Rung

__all__ = [
    "NAMES",
    "NOT_YET",
    "TABLE",
    "Entry",
    "Missing",
    "Rules",
    "Standing",
    "Step",
    "derive",
    "entries_of",
    "quarter_of",
    "rules_of",
    "rung_names",
    "rungs_in_use",
    "standing_of",
]

NAMES = {
    0: "No parents involved",
    1: "Information",
    2: "Consultation",
    3: "Participation",
    4: "Co-production",
}
NOT_YET = "Not on the ladder yet"


# The table -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fact:
    """One thing that a level needs: in the page's words, and how it is found in the log."""

    words: str
    find: Callable[[Log], Found]

    def in_words(self, rules: Rules) -> str:
        return self.words.format(sessions=rules.sessions, share=rules.share)


@dataclass(frozen=True)
class Row:
    """One level: the question that tests it, what it needs, and who can bring what is missing."""

    level: int
    question: str
    facts: tuple[Fact, ...]
    otherwise: str

    def step(self, log: Log) -> Step:
        found = [fact.find(log) for fact in self.facts]
        missing = tuple(each for one in found for each in one.missing)
        because = " ".join(one.because for one in found if one.because)
        return Step(not missing, "" if missing else because, missing)


_UNANSWERED = Fact(
    "No view that parents were asked for is still unanswered after its last day.",
    evidence.nothing_is_unanswered,
)
_SESSIONS = Fact(
    "Parents and officers worked together in at least {sessions} sessions before sign-off, and "
    "it is written down what parents said in each and what became of it.",
    evidence.enough_sessions,
)
_GROUP = Fact(
    "At least one member group of the forum was in one of them.", evidence.group_took_part
)

TABLE = (
    Row(
        1,
        "Did anybody tell parents?",
        (Fact("Parents were told: when, how, and how many of them.", evidence.parents_were_told),),
        "Whoever leads the work tells parents and logs it.",
    ),
    Row(
        2,
        "Were parents asked, and did they get an answer?",
        (
            Fact(
                "Parents were asked before the result was signed off, and heard on a day that is "
                "written down what changed, or what didn’t and why.",
                evidence.asked_and_answered,
            ),
            _UNANSWERED,
        ),
        "Whoever asked replies to parents and logs the day.",
    ),
    Row(
        3,
        "Did parents do some of the work, side by side with services?",
        (_SESSIONS, _GROUP, _UNANSWERED),
        "Whoever leads the work meets parents again, with a member group.",
    ),
    Row(
        4,
        "Was it shared from the first idea to the decision, and after it?",
        (
            _SESSIONS,
            _GROUP,
            _UNANSWERED,
            Fact("Parents came in before the first draft.", evidence.came_before_first_draft),
            Fact(
                "At least {share}% of those in the sessions were parents.",
                evidence.enough_were_parents,
            ),
            Fact("Parents took part in agreeing the result.", evidence.parents_signed_off),
            Fact(
                "No stage from drafting on passed without them.", evidence.no_stage_without_parents
            ),
        ),
        "What lies in the past can’t be made up, but a new stage can begin a new count.",
    ),
)


def derive(entries: Iterable[Entry], rules: Rules, today: date) -> Standing:
    """The level that the entries prove on ``today``; what is dated later doesn't count yet."""
    past = sorted((e for e in entries if e.on <= today), key=lambda e: (e.on, e.stage, repr(e)))
    log = Log(tuple(past), rules, today)
    steps = {row.level: row.step(log) for row in TABLE}
    if complete := [level for level, step in steps.items() if step.reached]:
        level = max(complete)
        return Standing(level, steps, steps[level].because)
    if absent := log.without_parents:
        last = absent[-1]
        stage = STAGES[Stage(last.stage)]
        return Standing(0, steps, f"{stage}: on {day(last.on)} no parent was in it.")
    return Standing(None, steps, "Nothing in the log shows yet whether parents were involved.")


# From the database -------------------------------------------------------------------------------


def entry_of(row: Any) -> Entry:
    """One entry, from a row with what ``entries_of`` counts."""
    return Entry(
        on=row.on,
        counts_as=Method(row.method).counts_as,
        stage=row.stage,
        parents=row.n_parents,
        officers=row.n_officers,
        groups=row.n_groups,
        said=row.said,
        outcome=row.changed or (row.unchanged and row.why),
        replied_on=row.replied_on,
        reply_due_on=row.reply_due_on,
        told_how=row.told_how,
    )


def _came(who: str) -> Coalesce:
    return Coalesce(Sum("participations__came", filter=Q(participations__who=who)), 0)


def entries_of(project: "Project", *, since: date | None = None, but: Any = None) -> list[Entry]:
    """What stands in the log, in one query; from ``since`` on, and without ``but``."""
    rows = project.involvements.standing().annotate(
        n_parents=_came("parents"),
        n_officers=_came("officers"),
        n_groups=Count(
            "participations__group",
            filter=Q(participations__who="parents", participations__came__gt=0),
            distinct=True,
        ),
    )
    if since:
        rows = rows.filter(on__gte=since)
    if but is not None:
        rows = rows.exclude(pk=but.pk)
    return [entry_of(row) for row in rows]


def quarter_of(day: date) -> date:
    """The first day of its quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def rules_of(project: "Project", today: date) -> Rules:
    """The thresholds copied onto the project's quarter, or the forum's before there is one."""
    from coprod.models import Forum

    running = project.quarters.filter(quarter=quarter_of(today))
    found = (
        Forum.objects.filter(pk=1)
        .annotate(
            sessions=Coalesce(Subquery(running.values("least_sessions")), F("ladder_sessions")),
            share=Coalesce(Subquery(running.values("least_share")), F("ladder_share")),
        )
        .values_list("sessions", "share")
        .first()
    )
    return Rules(*found) if found else Rules()


def standing_of(project: "Project", today: date, rules: Rules | None = None) -> Standing:
    """Where a project stands by its log, from its newest count on; at most three queries."""
    newest = project.rounds.filter(began_on__lte=today).first()
    entries = entries_of(project, since=newest.began_on if newest else None)
    standing = derive(entries, rules or rules_of(project, today), today)
    return replace(standing, round=newest)


def rungs_in_use() -> "list[Rung]":
    """The rungs of the ladder in use, lowest first; the four built-in ones if there is none."""
    from projects.models import Rung

    rungs = list(Rung.objects.filter(ladder__is_used=True).order_by("number"))
    return rungs or [Rung(number=n, level=n, name=name) for n, name in NAMES.items() if n]


def rung_names() -> dict[int, str]:
    """What the ladder in use calls each level: the lowest rung that stands on it.

    Below Information it is always "No parents involved": that is all that evidence can show.
    """
    names = dict(NAMES)
    names.update({rung.level: rung.name for rung in reversed(rungs_in_use()) if rung.level})
    return names
