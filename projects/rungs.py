"""One project's ladder in words, as its page shows it: proven, claimed, confirmed, missing.

Three views of the same work stand side by side. Where they differ the page says so; none of
them rewrites another.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from coprod import clocks
from coprod.models import AuditEvent
from coprod.templatetags.forum import day
from projects.ladder import (
    NAMES,
    NOT_YET,
    TABLE,
    Missing,
    Standing,
    Step,
    quarter_of,
    rungs_in_use,
    standing_of,
)
from projects.models import Claim, Confirmation, Project, Rung

CLAIMED, CONFIRMED = "The service says this", "The forum confirms this"


@dataclass(frozen=True)
class Shown:
    """What the page lays out. ``rungs`` are arguments of components/ladder.html."""

    title: str
    because: str
    standing: Standing
    rungs: list[dict[str, Any]]
    missing: tuple[Missing, ...]
    differ_title: str
    differ: list[str]
    claim: Claim | None
    confirmation: Confirmation | None
    ended: Confirmation | None
    count: str


@dataclass(frozen=True)
class Read:
    """What the ladder of a project is made from. ``change``: the newest event of its level."""

    standing: Standing
    rungs: list[Rung]
    claim: Claim | None
    newest: Confirmation | None
    change: AuditEvent | None


def read(project: Project, today: date) -> Read:
    """At most seven questions."""
    return Read(
        standing_of(project, today),
        rungs_in_use(),
        project.claims.filter(ended_at__isnull=True).first(),
        project.confirmations.first(),
        AuditEvent.objects.about(project).filter(verb="change_level").first(),
    )


def ladder_of(project: Project, today: date | None = None, known: Read | None = None) -> Shown:
    """The whole ladder of one project. ``known``: where the page has read it all before."""
    known = known or read(project, today or clocks.today())
    standing, rungs, claim, newest = known.standing, known.rungs, known.claim, known.newest
    confirmation = newest if newest and newest.ended_at is None else None
    differ = differences(project, standing, rungs, claim, confirmation)
    return Shown(
        title=_title(standing, rungs) + _change(known.change, standing, rungs),
        because=standing.because,
        standing=standing,
        rungs=[
            _step(rung, rungs, standing, claim, confirmation)
            for rung in sorted(rungs, key=lambda rung: -rung.number)
        ],
        missing=standing.next_missing,
        differ_title="We see it differently, so all views are shown" if differ else "",
        differ=differ,
        claim=claim,
        confirmation=confirmation,
        ended=newest if newest and newest.ended_reason and confirmation is None else None,
        count=_count(standing),
    )


def lowest(rungs: list[Rung], level: int | None) -> Rung | None:
    """The rung that evidence of this level reaches; None below Information."""
    if not level:
        return None
    return next(
        (rung for rung in sorted(rungs, key=lambda r: r.number) if rung.level == level), None
    )


def name_of(rungs: list[Rung], level: int | None) -> str:
    """What a level is called, on or off the ladder."""
    if level is None:
        return NOT_YET
    rung = lowest(rungs, level)
    return rung.name if rung else NAMES[level]


def _title(standing: Standing, rungs: list[Rung]) -> str:
    rung = lowest(rungs, standing.level)
    if rung is None:
        return name_of(rungs, standing.level)
    return f"Rung {rung.number} of {len(rungs)}: {rung.name}"


def _change(event: AuditEvent | None, standing: Standing, rungs: list[Rung]) -> str:
    """``, up from 2 in May``: the last time that it became another level."""
    if event is None or event.data.get("after") != standing.level:
        return ""
    before, after = event.data.get("before"), event.data.get("after")
    on = clocks.today(event.at)
    when = f"{on:%B}" if quarter_of(on).year == clocks.today().year else f"{on:%B %Y}"
    former = lowest(rungs, before)
    if former is None:
        return f", since {when}" if before is None and after else ""
    way = "up" if (after or 0) > (before or 0) else "down"
    return f", {way} from {former.number} in {when}"


def _step(
    rung: Rung,
    rungs: list[Rung],
    standing: Standing,
    claim: Claim | None,
    confirmation: Confirmation | None,
) -> dict[str, Any]:
    """One rung. A higher one on the same level is reached only once the forum confirms it."""
    level = standing.level or 0
    floor = lowest(rungs, rung.level)
    is_floor = floor is None or floor.number == rung.number
    by_forum = confirmation is not None and _stands_on(confirmation, rungs) == rung.number
    reached = rung.level < level or (rung.level == level > 0 and (is_floor or by_forum))
    step = standing.steps.get(rung.level)
    wanted = rung.level in {level + 1, claim.level if claim else None}
    missing = step.missing if step and not reached and wanted and is_floor else ()
    return {
        "number": rung.number,
        "level": rung.level,
        "name": rung.name,
        "reached": reached,
        "text": _text(rung, step if is_floor and reached else None),
        "claimed": CLAIMED if claim and _stands_on(claim, rungs) == rung.number else "",
        "confirmed": CONFIRMED if by_forum else "",
        "missing": " ".join(fact.text for fact in missing),
    }


def _text(rung: Rung, step: Step | None) -> str:
    """Why it is reached, or what it means. A rung under one that is proven may have gaps."""
    meaning = rung.meaning or _question(rung.level)
    if step is None:
        return meaning
    if step.because:
        return step.because
    gaps = " ".join(fact.text for fact in step.missing)
    return f"Reached with the rung above. Still not in the log: {gaps}"


def _stands_on(said: Claim | Confirmation, rungs: list[Rung]) -> int | None:
    """The rung's number: by its name of then, or else the lowest on its level."""
    for rung in rungs:
        if (rung.name, rung.level) == (said.rung_name, said.level):
            return rung.number
    floor = lowest(rungs, said.level)
    return floor.number if floor else None


def _question(level: int) -> str:
    return next((row.question for row in TABLE if row.level == level), "")


def differences(
    project: Project,
    standing: Standing,
    rungs: list[Rung],
    claim: Claim | None,
    confirmation: Confirmation | None,
) -> list[str]:
    """A sentence each for what the log proves, the service says and the forum confirms, where
    they aren't the same; none where they agree."""
    views = {standing.level or 0}
    views |= {said.level for said in (claim, confirmation) if said}
    names = {said.rung_name for said in (claim, confirmation) if said}
    if len(views) == 1 and len(names) < 2:
        return []
    found = [f"The log proves: {_first_lower(name_of(rungs, standing.level))}."]
    if claim:
        who = str(project.lead) if project.lead_id else "The service"
        found.append(
            f"{who} said {claim.rung_name} on {day(clocks.today(claim.claimed_at))}: "
            f"“{claim.reason}”"
        )
    if confirmation:
        words = f": “{confirmation.words}”" if confirmation.words else "."
        found.append(
            f"The forum confirms {confirmation.rung_name}, as parents decided on "
            f"{day(confirmation.decided_on)} at {confirmation.decided_where}{words}"
        )
    elif claim:
        found.append("The forum hasn’t confirmed a level.")
    return found


def _first_lower(name: str) -> str:
    return name if name not in (NOT_YET, NAMES[0]) else name[0].lower() + name[1:]


def _count(standing: Standing) -> str:
    if standing.round is None:
        return ""
    return (
        f"A new count began on {day(standing.round.began_on)}: {standing.round.name}. Only what "
        f"was logged since then counts."
    )
