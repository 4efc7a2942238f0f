"""Background work of money: a service called; never a rule."""

from celery import shared_task

from expenses.services import chasing


@shared_task(ignore_result=True)
def remind_of_claims() -> None:
    """Remind whoever's turn it is with a claim. Harmless to run twice."""
    chasing.remind_when_due()
