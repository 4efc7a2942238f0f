"""What the tables of money share: who did it, never oneself, and steps of one table."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from coprod.exceptions import TransitionNotAllowed


def by_whom(**options: Any) -> Any:
    """Who did something to a row that outlives it: people with money to their name stay."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        **options,
    )


def differs(one: str, other: str) -> Q:
    """That two people of a row aren't the same, where both are known.

    SQL leaves a comparison with NULL open, and a check that is left open passes; said here in
    full, so that nobody has to know.
    """
    return Q(**{f"{one}__isnull": True}) | Q(**{f"{other}__isnull": True}) | ~Q(**{one: F(other)})


def together(at: str, by: str) -> Q:
    """That when and who are both there, or neither is."""
    return Q(**{f"{at}__isnull": True, f"{by}__isnull": True}) | Q(
        **{f"{at}__isnull": False, f"{by}__isnull": False}
    )


class Steps(models.Model):
    """A row whose ``state`` moves by its ``TRANSITIONS`` table and in no other way."""

    state: Any  # each table's own, of its own choices
    TRANSITIONS: ClassVar[dict[str, dict[str, str]]] = {}
    REFUSALS: ClassVar[dict[str, str]] = {}

    class Meta:
        abstract = True

    def can(self, verb: str) -> bool:
        """Whether ``verb`` may follow from the state that the row is in."""
        return self.state in self.TRANSITIONS[verb]

    def move(self, verb: str) -> None:
        """Take one step of the table; the caller holds the row and saves.

        Raises TransitionNotAllowed.
        """
        if not self.can(verb):
            raise TransitionNotAllowed(self.REFUSALS[verb])
        self.state = self.TRANSITIONS[verb][self.state]
