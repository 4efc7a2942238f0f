"""Chasing answers: a week before, on the day, then once a week.

Everything here asks "due and not yet done", so it may run as often as it likes, late, or twice
at once: the message's key says for which day and which week it is.
"""

import logging
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from coprod import clocks, outbox
from meetings.models import Ask
from meetings.services.asks import lock_ask

logger = logging.getLogger(__name__)

#: How many days before the day whoever must answer is reminded; 0: on the day itself.
REMINDS = (7, 0)
#: After so many weekly letters only the coordinator is reminded, by Today.
MOST_WEEKS = 12


def chase_asks(*, at: datetime | None = None) -> None:
    """Remind whoever must answer. One ask that fails holds up no other."""
    now = at or timezone.now()
    today = clocks.today(now)
    waiting = (
        Ask.objects.standing()
        .open(today)
        .filter(answerer__is_active=True, ends_on__lte=today + timedelta(days=max(REMINDS)))
    )
    for pk in list(waiting.values_list("pk", flat=True)):
        try:
            chase_ask(ask_id=pk, at=now)
        except Exception:  # the next run tries again
            logger.exception("Ask %s could not be chased", pk)


@transaction.atomic
def chase_ask(*, ask_id: int, at: datetime) -> None:
    """One message at most: the newest reminder that is due, or this week's that it is overdue."""
    ask = lock_ask(Ask(pk=ask_id))
    due, today = ask.expected_on(), clocks.today(at)
    if ask.answerer is None or due is None or ask.named_at is None:
        return
    # Whoever was asked or answered on that very day needs no reminder of it.
    newest = ask.newest_answer
    told = clocks.today(newest.answered_at if newest else ask.named_at)
    if ask.extensions.all():
        told = max(told, clocks.today(list(ask.extensions.all())[-1].made_at))
    if today <= due:
        days = [due - timedelta(days=n) for n in REMINDS]
        ready = [each for each in days if told < each <= today]
        if ready:
            _queue(ask, "reminder", due, max(ready).isoformat(), at)
    else:
        week = ((today - max(due, told)).days - 1) // 7
        if today > told and week < MOST_WEEKS:
            _queue(ask, "overdue", due, str(week), at)


def _queue(ask: Ask, what: str, due: date, which: str, at: datetime) -> None:
    assert ask.answerer is not None  # asked before
    outbox.queue(
        key=f"ask:{ask.pk}:{what}:{due.isoformat()}:{which}:{ask.answerer_id}",
        template=f"meetings/ask_{what}",
        person=ask.answerer,
        ids={"ask": ask.pk, "due": due.isoformat()},
        at=at,
    )
