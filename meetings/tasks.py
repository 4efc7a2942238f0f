"""Background work of meetings: ids in, a service called; never a rule."""

from celery import shared_task

from meetings.models import Minutes
from meetings.services import calendar, events
from meetings.services.agreement import agree_if_met


@shared_task(ignore_result=True)
def invite_when_due() -> None:
    """Invite the usual people to meetings whose invitation is due. Harmless to run twice."""
    calendar.invite_due_meetings()


@shared_task(ignore_result=True)
def agree_when_due() -> None:
    """Agree minutes whose comment window has closed, where the rule is met. Harmless twice."""
    for minutes in Minutes.objects.closable():
        agree_if_met(minutes=minutes)


@shared_task(ignore_result=True)
def remind_signed_up() -> None:
    """Remind whoever signed up to an open event the day before. Harmless to run twice."""
    events.remind_signed_up()


@shared_task(ignore_result=True)
def forget_sign_ups() -> None:
    """Delete sign-ups some weeks after their event. Harmless to run twice."""
    events.forget_sign_ups()
