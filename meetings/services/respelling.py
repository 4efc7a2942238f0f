"""A version in which only spelling changed: answers hold, nobody is asked again.

Within the transaction and the lock of ``circulate_minutes``.
"""

from typing import Any

from coprod.exceptions import TransitionNotAllowed
from coprod.models import Message
from meetings import spelling
from meetings.models import Agreement, Version
from meetings.querysets.versions import DRAFT

#: The letter that only tells.
TELLS = "meetings/minutes_spelling"


def refuse_more(newest: Version | None, full: dict[str, Any], public: dict[str, Any]) -> None:
    """Raise TransitionNotAllowed unless nothing but spelling changed since ``newest``."""
    if newest is None:
        raise TransitionNotAllowed("Nothing has gone out yet, so there’s no spelling to correct.")
    found = spelling.check((newest.full, newest.public), (full, public))
    if not found.is_spelling:
        why = found.refusals[0] if found.refusals else "No word has changed."
        raise TransitionNotAllowed(f"This isn’t only spelling. {why} Send it as a new version.")


def carry_answers(newest: Version, version: Version) -> None:
    """Repeat each answer on the new version, as it was given; anybody may change theirs."""
    Agreement.objects.bulk_create(
        Agreement(
            version=version,
            carried_from=given,
            **{
                name: getattr(given, name)
                for name in (
                    "invitation_id",
                    "answer",
                    "reason",
                    "via",
                    "answered_at",
                    "answered_by_id",
                    "outcome",
                    "outcome_at",
                    "outcome_by_id",
                )
            },
        )
        for given in newest.agreements.order_by("pk")
    )


def first_letters(newest: Version) -> set[int]:
    """People whom the version before hasn't reached: for them this one is the draft itself.

    Not once its comments were closed with a reason: nothing is asked any more.
    """
    if newest.window.reason:
        return set()
    waiting = Message.objects.unreached(DRAFT, version=newest.pk)
    return {pk for pk in waiting.values_list("person", flat=True) if pk is not None}


def template_for(person_id: int, first: set[int] | None) -> str:
    """Which letter: the one that asks, or, where only spelling changed, the one that tells."""
    return DRAFT if first is None or person_id in first else TELLS
