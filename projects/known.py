"""Everything that one project's page needs to know of it, in a fixed few questions.

Short lists come together in one (``projects/together.py``) and are kept on the project, so that
rules, ladder and templates ask it as they always do and the database hears nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Q

from coprod.models import AuditEvent, Forum
from members.models import MemberGroup, Person
from projects import rungs, together
from projects.ladder import NAMES, Rules, derive, entry_of, quarter_of
from projects.models import (
    Involvement,
    OwnAccount,
    Participation,
    Project,
    Rung,
)

#: What everybody reads of a person; nothing else of them is fetched.
PERSON = ("id", "name", "public_name")
#: Lists that the project has by a manager of this name.
LISTS = (
    *("named", "rounds", "quarters", "claims", "confirmations", "updates", "stories"),
    *("status_changes", "overrides", "involvements", "accounts", "logos"),
)


def read(project: Project, forum: Forum, today: date) -> rungs.Read:
    """Keep all lists on the project, and say what its ladder is made from. Two questions."""
    asks: Any = project.asks.public().select_related(
        "paragraph__section__minutes__meeting", "organisation"
    )
    found = together.read(_wanted(project))
    for name in LISTS:
        together.keep(project, name, found[name])
    people = {person.pk: person for person in found["people"]}
    groups = {group.pk: group for group in found["groups"]}
    _join_people(found, people, groups)
    _join_log(project, found)
    project.known_asks = list(asks)  # type: ignore[attr-defined]
    _join(project.known_asks, "answers", found["answers"], "ask_id")  # type: ignore[attr-defined]
    _join(project.known_asks, "extensions", found["extensions"], "ask_id")  # type: ignore[attr-defined]
    standing = next((each for each in found["overrides"] if each.ended_at is None), None)
    project.__dict__["override"] = standing
    # Permissions ask who is on it again and again.
    known = {each.person_id: each.part for each in found["named"] if each.ended_at is None}
    project.known_parts = known  # type: ignore[attr-defined]
    return _ladder(found, forum, today)


def _wanted(project: Project) -> dict[str, together.Wanted]:
    lists: dict[str, together.Wanted] = {name: (getattr(project, name).all(), ()) for name in LISTS}
    ask: Any = project.asks.model
    of_asks = {
        name: ask._meta.get_field(name).related_model._default_manager.filter(ask__project=project)
        for name in ("answers", "extensions")
    }
    parts = Participation.objects.filter(involvement__project=project)
    accounts = OwnAccount.objects.filter(project=project)
    people = Person.objects.filter(
        Q(pk__in=project.named.values("person")) | Q(pk__in=accounts.values("person"))
    )
    groups = MemberGroup.objects.filter(
        Q(pk__in=parts.values("group")) | Q(pk__in=accounts.values("group"))
    )
    changes = AuditEvent.objects.about(project).filter(verb="change_level")
    return {
        **lists,
        **{name: (rows, ()) for name, rows in of_asks.items()},
        "participations": (parts, ()),
        "people": (people, PERSON),
        "groups": (groups, ("id", "name")),
        "rungs": (Rung.objects.filter(ladder__is_used=True), ()),
        "changes": (changes, ()),
    }


def _join_people(
    found: dict[str, list[Any]], people: dict[int, Person], groups: dict[int, MemberGroup]
) -> None:
    for named in found["named"]:
        named.person = people[named.person_id]
    for account in found["accounts"]:
        account.person = people[account.person_id]
        account.group = groups.get(account.group_id)
    for part in found["participations"]:
        part.group = groups.get(part.group_id)


def _join_log(project: Project, found: dict[str, list[Any]]) -> None:
    """Each entry with who took part, and what stands in another's place."""
    entries = {entry.pk: entry for entry in found["involvements"]}
    for entry in entries.values():
        entry.project = project
    for entry in entries.values():
        entry.replaces = entries.get(entry.replaces_id) if entry.replaces_id else None
    field = Involvement._meta.get_field("replaced_by")
    later = {entry.replaces_id: entry for entry in entries.values() if entry.replaces_id}
    for entry in entries.values():
        field.set_cached_value(entry, later.get(entry.pk))
    _join(entries.values(), "participations", found["participations"], "involvement_id")


def _join(things: Iterable[Any], name: str, rows: Iterable[Any], key: str) -> None:
    """Give each thing its rows, as a prefetch would."""
    own: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        own[getattr(row, key)].append(row)
    for thing in things:
        together.keep(thing, name, own[thing.pk])


def _ladder(found: dict[str, list[Any]], forum: Forum, today: date) -> rungs.Read:
    """As ``rungs.read`` does, from what is known."""
    newest = next((each for each in found["rounds"] if each.began_on <= today), None)
    quarter = next((q for q in found["quarters"] if q.quarter == quarter_of(today)), None)
    rules = (
        Rules(quarter.least_sessions, quarter.least_share)
        if quarter
        else Rules(forum.ladder_sessions, forum.ladder_share)
    )
    entries = [
        entry_of(_counted(entry))
        for entry in found["involvements"]
        if entry.taken_back_at is None and (newest is None or entry.on >= newest.began_on)
    ]
    used = found["rungs"] or [Rung(number=n, level=n, name=NAMES[n]) for n in (1, 2, 3, 4)]
    return rungs.Read(
        replace(derive(entries, rules, today), round=newest),
        used,
        next((claim for claim in found["claims"] if claim.ended_at is None), None),
        next(iter(found["confirmations"]), None),
        max(found["changes"], key=lambda event: event.pk, default=None),
    )


def _counted(entry: Any) -> Any:
    """With the numbers that ``ladder.entries_of`` counts in the database."""
    parts = list(entry.participations.all())
    entry.n_parents, entry.n_officers = entry.came("parents"), entry.came("officers")
    entry.n_groups = len(
        {p.group_id for p in parts if p.who == "parents" and p.came > 0 and p.group_id}
    )
    return entry
