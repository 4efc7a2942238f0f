"""Background work of meetings: ids in, a service called; never a rule."""

from celery import shared_task

from meetings.services import calendar


@shared_task(ignore_result=True)
def invite_when_due() -> None:
    """Invite the usual people to meetings whose invitation is due. Harmless to run twice."""
    calendar.invite_due_meetings()
