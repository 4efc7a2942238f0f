"""Background work of meetings: ids in, a service called; never a rule."""

import logging

from celery import shared_task

from meetings.models import Minutes
from meetings.services import asks_chasing, calendar, carrying, events, matters, quiet, reminders
from meetings.services.agreement import agree_if_met

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def invite_when_due() -> None:
    """Invite the usual people to meetings whose invitation is due. Harmless to run twice."""
    calendar.invite_due_meetings()


@shared_task(ignore_result=True)
def agree_when_due() -> None:
    """Agree minutes whose comment window has closed, where the rule is met. Harmless twice."""
    for minutes in Minutes.objects.closable():
        try:
            agree_if_met(minutes=minutes)
        except Exception:  # the next hour tries again; it holds up no other meeting's minutes
            logger.exception("Minutes %s could not be looked at", minutes.pk)


@shared_task(ignore_result=True)
def keep_promises() -> None:
    """Remind of drafts and agendas; on their last day send them as they stand. Harmless twice."""
    reminders.keep_promises()


@shared_task(ignore_result=True)
def place_matters() -> None:
    """Put late comments on the agenda of the next meeting, once there is one. Harmless twice."""
    matters.place_all_matters()


@shared_task(ignore_result=True)
def remind_signed_up() -> None:
    """Remind whoever signed up to an open event the day before. Harmless to run twice."""
    events.remind_signed_up()


@shared_task(ignore_result=True)
def forget_sign_ups() -> None:
    """Delete sign-ups some weeks after their event. Harmless to run twice."""
    events.forget_sign_ups()


@shared_task(ignore_result=True)
def bring_back_when_due() -> None:
    """Put what last time left open on agendas that are due soon. Harmless to run twice."""
    carrying.bring_back_when_due()
    quiet.place_quiet_projects()


@shared_task(ignore_result=True)
def chase_asks() -> None:
    """Remind whoever must answer parents, before and after the day. Harmless to run twice."""
    asks_chasing.chase_asks()
