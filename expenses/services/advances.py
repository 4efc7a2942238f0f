"""Money in advance: asked for, decided, used up by later claims, given back. Pence."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from expenses.models import Advance


@dataclass
class Open:
    """An advance that was paid, and what is left of it in pence."""

    row: Advance
    left: int


def open_advances(people: Iterable[int]) -> dict[int, list[Open]]:
    """What people still have in advance, the oldest first. The caller holds them."""
    found: dict[int, list[Open]] = {}
    paid: Any = Advance.objects.filter(person__in=list(people), state=Advance.State.PAID)
    for advance in paid.with_used().order_by("paid_at", "pk"):  # annotates ``used``
        left = advance.pence - advance.used
        if left > 0:
            found.setdefault(advance.person_id, []).append(Open(advance, left))
    return found
