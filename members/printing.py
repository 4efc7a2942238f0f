"""Letters that wait for the post: who may print which, and printing them.

Some letters hold what one person must not read, such as the code by which a claim is confirmed
that they entered (``registry.not_by``). Somebody else prints those.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from coprod import outbox, registry
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from members import services
from members.models import Person
from members.pdf import letters_pdf


def _waiting() -> QuerySet[Message]:
    """Letters that wait for the post and that some people may not print, oldest first."""
    found = Message.objects.for_hands(Message.Channel.LETTER).filter(
        template__in=list(registry.not_by)
    )
    return found.select_related("person").order_by("pk")


def _barred(messages: Iterable[Message]) -> dict[int, set[int]]:
    """By message, the people who may not print it. One question a kind of letter."""
    kinds: dict[str, list[Message]] = {}
    for message in messages:
        kinds.setdefault(message.template, []).append(message)
    barred: dict[int, set[int]] = {}
    for template, found in kinds.items():
        barred.update(registry.not_by[template](found))
    return barred


def kept_from(person: Any) -> list[int]:
    """The numbers of waiting letters that this person may not print, mark or read."""
    barred = _barred(_waiting())
    return [pk for pk, people in barred.items() if person.pk in people]


def held_from_others(person: Any) -> list[Message]:
    """Waiting letters that somebody may not print, and this person may."""
    messages = list(_waiting())
    barred = _barred(messages)
    return [m for m in messages if person.pk not in barred.get(m.pk, set())]


def in_one(messages: Iterable[Message], *, by: Person) -> bytes | None:
    """These letters as one PDF to print; None where there is nothing to print.

    Printing is delivering: what has lost its point is dropped, as the worker drops an e-mail.
    """
    ready = []
    for message in messages:
        try:
            ready.append((message, outbox.write(message)))
        except NoLongerDue as reason:
            services.drop_message(message=message, by=by, reason=str(reason))
        except Exception:
            outbox.logger.exception("Message %s could not be written", message.pk)
    return letters_pdf(ready) if ready else None
