"""The ladders themselves: renaming rungs, adding a ladder, choosing which one is used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from projects.models import Ladder, Rung

#: More rungs than anybody can tell apart.
MOST = 12


@dataclass(frozen=True)
class Step:
    """One rung as it is typed: its name, what it means, the level of evidence it stands on."""

    name: str
    level: int
    meaning: str = ""


def _refuse(steps: Sequence[Step]) -> None:
    levels = [step.level for step in steps]
    if not 2 <= len(steps) <= MOST:
        raise TransitionNotAllowed(f"A ladder has from 2 to {MOST} rungs.")
    if levels != sorted(levels):
        raise TransitionNotAllowed(
            "Each rung must stand on the same kind of evidence as the rung below it, or on more."
        )
    if not {1, 2, 3, 4} <= set(levels):
        raise TransitionNotAllowed(
            "Each of the four kinds of evidence needs a rung, or a project could stand on none."
        )
    names = [step.name.casefold() for step in steps]
    if len(set(names)) < len(names):
        raise TransitionNotAllowed("Two rungs have the same name.")


@transaction.atomic
def save_ladder(
    *,
    ladder: Ladder | None,
    name: str,
    steps: Sequence[Step],
    by: Any,
    at: datetime | None = None,
) -> Ladder:
    """Add a ladder, or give one other words. Claims and confirmations keep the names they had.

    Raises TransitionNotAllowed for rungs out of order, kinds of evidence without one, or a name
    that another ladder has.
    """
    _refuse(steps)
    others = Ladder.objects.exclude(pk=ladder.pk) if ladder else Ladder.objects.all()
    if others.filter(name__iexact=name).exists():
        raise TransitionNotAllowed("Another ladder has this name.")
    verb = "change_ladder" if ladder else "add_ladder"
    if ladder is None:
        ladder = Ladder.objects.create(name=name)
    else:
        ladder = Ladder.objects.select_for_update().get(pk=ladder.pk)
        ladder.name = name
        ladder.save(update_fields=["name"])
        ladder.rungs.all().delete()
    Rung.objects.bulk_create(
        Rung(ladder=ladder, number=n, name=step.name, meaning=step.meaning, level=step.level)
        for n, step in enumerate(steps, 1)
    )
    AuditEvent.record(verb, ladder, by=by, at=at, rungs=len(steps))
    return ladder


@transaction.atomic
def use_ladder(*, ladder: Ladder, by: Any, at: datetime | None = None) -> None:
    """Name levels by this ladder from now on; the other is kept. Raises TransitionNotAllowed."""
    rows = {row.pk: row for row in Ladder.objects.select_for_update().order_by("pk")}
    stored = rows[ladder.pk]
    if stored.is_used:
        raise TransitionNotAllowed("This ladder is used already.")
    Ladder.objects.filter(is_used=True).update(is_used=False)
    stored.is_used = True
    stored.save(update_fields=["is_used"])
    AuditEvent.record("use_ladder", stored, by=by, at=at)


@transaction.atomic
def delete_ladder(*, ladder: Ladder, by: Any, at: datetime | None = None) -> None:
    """Take away one that isn't used. Names that were given with it stay where they were given."""
    stored = Ladder.objects.select_for_update().get(pk=ladder.pk)
    if stored.is_used:
        raise TransitionNotAllowed("This ladder is used. Choose another one first.")
    AuditEvent.record("delete_ladder", stored, by=by, at=at)
    stored.delete()
