"""The Celery app and the whole timetable; never a task's body."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coprod.settings")

app = Celery("coprod")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Everything here may run twice or late: due means "on or before, not yet done".
app.conf.beat_schedule = {
    "deliver what is due": {"task": "coprod.tasks.drain_outbox", "schedule": 30.0},
    "say that we are alive": {"task": "coprod.tasks.beat", "schedule": 30.0},
    "gather the weekly news": {
        "task": "coprod.tasks.gather_news",
        "schedule": crontab(minute="*/10"),
    },
    "take off what needs no hands": {
        "task": "coprod.tasks.sweep_for_hands",
        "schedule": crontab(minute="*/15"),
    },
    "read what came back": {
        "task": "coprod.tasks.read_bounces",
        "schedule": crontab(minute="*/5"),
    },
    "prune the outbox": {
        "task": "coprod.tasks.prune_outbox",
        "schedule": crontab(hour=3, minute=10),
    },
    "go on with imports": {"task": "projects.tasks.go_on_with_imports", "schedule": 60.0},
    "invite to meetings": {
        "task": "meetings.tasks.invite_when_due",
        "schedule": crontab(hour="8-19", minute=5),
    },
    "bring back what was left open": {
        "task": "meetings.tasks.bring_back_when_due",
        "schedule": crontab(hour=6, minute=40),
    },
    "remind whoever signed up": {
        "task": "meetings.tasks.remind_signed_up",
        "schedule": crontab(hour="9-19", minute=15),
    },
    "forget past sign-ups": {
        "task": "meetings.tasks.forget_sign_ups",
        "schedule": crontab(hour=3, minute=20),
    },
    # Hourly, so also at 17:00 UK time, when what is promised for today goes by itself.
    "keep drafts and agendas promised": {
        "task": "meetings.tasks.keep_promises",
        "schedule": crontab(minute=0),
    },
    "chase answers to parents": {
        "task": "meetings.tasks.chase_asks",
        "schedule": crontab(hour="8-19", minute=35),
    },
    "put late comments on an agenda": {
        "task": "meetings.tasks.place_matters",
        "schedule": crontab(minute=40),
    },
    "remind of replies to parents": {
        "task": "projects.tasks.remind_of_replies",
        "schedule": crontab(hour="8-19", minute=25),
    },
    "ask representatives each quarter": {
        "task": "projects.tasks.ask_reps",
        "schedule": crontab(hour=7, minute=45),
    },
    "forget what was never logged": {
        "task": "projects.tasks.forget_drafts",
        "schedule": crontab(hour=3, minute=30),
    },
    # Shortly after midnight, and again by day for a machine that sleeps at night.
    "keep levels and open quarters": {
        "task": "projects.tasks.keep_levels",
        "schedule": crontab(hour="0,9", minute=25),
    },
    "note what the clock made of projects": {
        "task": "projects.tasks.note_statuses",
        "schedule": crontab(hour="0-6", minute=25),
    },
    "ask about projects without news": {
        "task": "projects.tasks.ask_about_silence",
        "schedule": crontab(hour=9, minute=25),
    },
    "remind of claims": {
        "task": "expenses.tasks.remind_of_claims",
        "schedule": crontab(hour="8-19", minute=45),
    },
    "have receipts scanned again": {
        "task": "expenses.tasks.scan_receipts",
        "schedule": crontab(minute="*/5"),
    },
    "forget bank details": {
        "task": "expenses.tasks.forget_bank_details",
        "schedule": crontab(hour=3, minute=50),
    },
    "delete files without a receipt": {
        "task": "expenses.tasks.sweep_receipts",
        "schedule": crontab(hour=3, minute=40),
    },
    "ask about thank-yous without an answer": {
        "task": "expenses.tasks.remind_of_thanks",
        "schedule": crontab(hour=10, minute=45),
    },
    "catch up with new rates": {
        "task": "expenses.tasks.catch_up_with_rates",
        "schedule": crontab(hour=4, minute=10),
    },
    "agree minutes that may be agreed": {
        "task": "meetings.tasks.agree_when_due",
        "schedule": crontab(minute=20),
    },
}


@worker_ready.connect
def catch_up(**kwargs: Any) -> None:
    """A worker that starts again goes on at once, instead of at the timetable's next tick."""
    for name in (
        "coprod.tasks.beat",
        "meetings.tasks.keep_promises",
        "coprod.tasks.drain_outbox",
        "projects.tasks.go_on_with_imports",
    ):
        app.send_task(name)
