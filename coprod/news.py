"""News waits for the weekly letter: when that goes, and how it gathers what waits.

News is what no date hangs on, such as that minutes can be read. E-mails and letters are
gathered, so that one look or one stamp a week is enough; a text or a call tells one thing at a
time and goes alone.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import clocks, outbox
from coprod.models import Message

#: The letter that gathers; its words are written by whoever knows people.
WEEKLY = "members/weekly"


def gather(now: datetime | None = None) -> int:
    """Put what is due for each person into one weekly letter each; how many letters.

    Harmless to run twice: what has been gathered isn't due any more.
    """
    now = now or timezone.now()
    waiting = Message.objects.news_due(now).exclude(person=None)
    made = 0
    for person, channel in waiting.order_by().values_list("person", "channel").distinct():
        made += _gather_for(person, channel, now)
    return made


@transaction.atomic
def _gather_for(person_id: int, channel: str, now: datetime) -> int:
    parts = list(
        Message.objects.news_due(now)
        .filter(person=person_id, channel=channel)
        .select_for_update(of=("self",))
        .select_related("person")
        .order_by("pk")
    )
    if not parts:
        return 0  # another worker was first
    outbox.queue(
        key=f"weekly:{parts[0].pk}",
        template=WEEKLY,
        person=parts[0].person,
        channel=channel,
        ids={"parts": [part.pk for part in parts]},
        at=now,
    )
    Message.objects.filter(pk__in=[part.pk for part in parts]).update(state=Message.State.JOINED)
    return 1


@transaction.atomic
def follow_choice(*, person: Any) -> None:
    """Let what waits follow a choice that has just been made anew."""
    waiting = Message.objects.filter(person=person, state=Message.State.QUEUED, is_news=True)
    if person.news == "none":
        waiting.update(state=Message.State.DROPPED, reason=outbox.NO_NEWS)
    elif person.news == "each":
        soon = clocks.after_quiet_hours(timezone.now())
        waiting.update(is_news=False, not_before=soon, next_try_at=soon)
        outbox.poke()
