"""The Celery app and the whole timetable; never a task's body."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coprod.settings")

app = Celery("coprod")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Everything here may run twice or late: due means "on or before, not yet done".
app.conf.beat_schedule = {
    "deliver what is due": {"task": "coprod.tasks.drain_outbox", "schedule": 30.0},
    "say that we are alive": {"task": "coprod.tasks.beat", "schedule": 30.0},
    "prune the outbox": {
        "task": "coprod.tasks.prune_outbox",
        "schedule": crontab(hour=3, minute=10),
    },
    "invite to meetings": {
        "task": "meetings.tasks.invite_when_due",
        "schedule": crontab(hour="8-19", minute=5),
    },
    "agree minutes that may be agreed": {
        "task": "meetings.tasks.agree_when_due",
        "schedule": crontab(minute=20),
    },
}
