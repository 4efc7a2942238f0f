"""Background work of the floor: deliver, gather, sweep and prune the outbox; never a letter."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from coprod import bounces, news, outbox
from coprod.models import Message


@shared_task(ignore_result=True)
def drain_outbox() -> None:
    """Deliver everything that is due, batch by batch. Harmless to run twice or at once."""
    while outbox.deliver_due():
        pass


@shared_task(ignore_result=True)
def gather_news() -> None:
    """Make the weekly letters that are due. A missed Monday is caught up once."""
    news.gather()


@shared_task(ignore_result=True)
def sweep_for_hands() -> None:
    """Take off the lists what nobody should post or ring about any more."""
    outbox.sweep_for_hands()


@shared_task(ignore_result=True)
def read_bounces() -> None:
    """Read the box of mail that came back, where there is one."""
    bounces.read_box()


@shared_task(ignore_result=True)
def prune_outbox() -> None:
    """Delete delivered messages after a year: the audit keeps that they were sent."""
    Message.objects.filter(
        state__in=[Message.State.SENT, Message.State.DROPPED, Message.State.JOINED],
        created_at__lt=timezone.now() - timedelta(days=365),
    ).delete()


@shared_task(ignore_result=True)
def beat() -> None:
    """Leave a mark that worker and timetable are alive, for /healthz."""
    from coprod.health import mark_alive

    mark_alive()
