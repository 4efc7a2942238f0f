"""The level that would follow if something were logged, or taken back; never a write."""

from dataclasses import replace
from datetime import date

from coprod import clocks
from projects.ladder import Entry, Standing, derive, entries_of, rules_of
from projects.methods import Method
from projects.models import Involvement, Participation, Project
from projects.services.involvement import Logged


def standing_with(
    project: Project,
    logged: Logged | None,
    *,
    due: date | None = None,
    without: Involvement | None = None,
) -> Standing:
    """Where the project would stand with what is about to be logged, and without one entry.

    ``due``: until when what is logged may wait for its reply.
    """
    today = clocks.today()
    newest = project.rounds.filter(began_on__lte=today).first()
    since = newest.began_on if newest else None
    entries = entries_of(project, since=since, but=without)
    if logged is not None and not (since and logged.on < since):
        entries.append(_as_entry(logged, due))
    return replace(derive(entries, rules_of(project, today), today), round=newest)


def _as_entry(logged: Logged, due: date | None) -> Entry:
    parents = Participation.Who.PARENTS
    return Entry(
        on=logged.on,
        counts_as=Method(logged.method).counts_as,
        stage=logged.stage,
        parents=logged.parents,
        officers=logged.came(Participation.Who.OFFICERS),
        groups=len({p.group for p in logged.parts if p.who == parents and p.group and p.came}),
        said=logged.said,
        outcome=logged.changed or (logged.unchanged and logged.why),
        replied_on=logged.replied_on,
        reply_due_on=due,
        told_how=logged.told_how,
    )
