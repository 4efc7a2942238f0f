"""Holding one claim, person or row while its money changes.

Whoever holds a claim reads its lines after it, and nobody else moves it meanwhile. Several
claims are held in the order of their numbers, so that two runs can't wait for each other.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Model

from expenses.models import Claim
from members.models import Person

M = TypeVar("M", bound=Model)


def lock(thing: M) -> M:
    """The row as it is now, held until the transaction ends. Raises its DoesNotExist."""
    held: Any = type(thing)._default_manager.select_for_update()
    return held.get(pk=thing.pk)  # type: ignore[no-any-return]


def lock_claims(claims: Iterable[Claim]) -> list[Claim]:
    """The claims as they are now, all held, in the order of their numbers."""
    wanted = [claim.pk for claim in claims]
    return list(Claim.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))


def lock_people(ids: Iterable[int]) -> None:
    """Hold several people in the order of their numbers: before their claims, runs and advances.

    Whoever pays somebody or changes where their money goes comes here first, so the two never
    cross. Rows that only name a person, such as an event's author, don't wait for it.
    """
    held = Person.objects.select_for_update(no_key=True).filter(pk__in=sorted(set(ids)))
    list(held.order_by("pk").values_list("pk"))
