"""Fills an empty installation with the demonstration forum, and says who is who in it.

The only module of the floor that names the apps. The words are in coprod/demo/*.toml; each
app sets its part of them into time (members/demo.py; demo/ in projects, meetings, expenses).
"""

import os
import secrets
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from coprod.demo.story import Story, words
from coprod.models import AuditEvent, Forum, Message
from expenses import demo as money
from meetings import demo as year
from members import demo as people
from members.models import Person
from projects import demo as tracker

#: What happened before this is told as done; later messages still wait for the worker, so that
#: somebody trying the demonstration finds fresh mail.
FRESH = timedelta(days=4)


class Command(BaseCommand):
    help = "Fills an empty installation with the demonstration forum; says who is who in it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="leave a forum that is there alone, silently"
        )

    def handle(self, **options: Any) -> None:
        if not is_demo():
            if holds_forum():
                if options["if_empty"]:
                    return
                raise CommandError(
                    "This database holds a forum already, so the demonstration isn’t loaded."
                )
            if reason := refusal():
                if options["if_empty"]:
                    self.stdout.write(f"{reason} ./run --new begins a forum of your own.")
                    return
                raise CommandError(reason)
            load()
        self.say_who()

    def say_who(self) -> None:
        forum = words("forum")
        rows = [("Name", "Who they are", "E-mail to sign in with")]
        rows += [(p["name"], p["is"], p.get("email", "none")) for p in forum["person"] if "is" in p]
        wide = [max(len(row[column]) for row in rows) for column in (0, 1)]
        lines = [f"{a:<{wide[0]}}  {b:<{wide[1]}}  {c}" for a, b, c in rows]
        origin = settings.COPROD_ORIGIN
        self.stdout.write(
            f"{forum['forum']['name']}: a demonstration. Everybody in it is invented.\n"
            f"Address: {origin}/\nIts mail: {origin}/demo/mail/\n\n" + "\n".join(lines) + "\n"
        )
        self.stdout.write(f"Password: {marker().read_text().strip()}")


# Whether to load ------------------------------------------------------------------------------


def marker() -> Path:
    """The file that says that this installation is a demonstration; it holds the password."""
    return Path(settings.DATA_DIR) / "demo"


def holds_forum() -> bool:
    return Person.objects.exists() or Forum.objects.exists()


def is_demo() -> bool:
    """The marker alone isn't enough: the folder may have been given another database since."""
    return marker().exists() and AuditEvent.objects.filter(verb="load_demo").exists()


def refusal() -> str:
    """Why the demonstration may not be loaded, in a sentence; empty where it may."""
    if settings.EMAIL_URL:
        return "The demonstration isn’t loaded while EMAIL_URL is set: its mail must reach nobody."
    if os.environ.get("COPROD_DEMO", "").lower() in {"0", "false", "no", "off"}:
        return "The demonstration isn’t loaded, because COPROD_DEMO says no."
    return ""


def load() -> None:
    """All of it or nothing. The marker comes last, and goes again if the database says no."""
    password, marked = new_password(), False
    try:
        with transaction.atomic():
            if holds_forum():
                raise CommandError("Somebody else began a forum here just now.")
            story = Story(timezone.now())
            people.plan(story)
            tracker.plan(story)
            year.plan(story)
            money.plan(story)
            story.tell()
            mark_old_messages(story)
            # Slow on purpose, so once for all.
            Person.objects.filter(email__isnull=False).update(password=make_password(password))
            AuditEvent.record("load_demo", Forum.current(), by=None)
            marked = True
            marker().touch(mode=0o600)
            marker().write_text(f"{password}\n")
    except BaseException:
        if marked:
            marker().unlink(missing_ok=True)
        raise


def new_password() -> str:
    """Three words and a number, such as kiln-otter-harbour-42."""
    known = words("forum")["password"]["words"].split()
    chosen = secrets.SystemRandom().sample(known, 3)
    return "-".join([*chosen, str(secrets.randbelow(90) + 10)])


def mark_old_messages(story: Story) -> None:
    """What a year would have sent went out at its time; nothing of it is sent now."""
    old = Message.objects.filter(state=Message.State.QUEUED, created_at__lt=story.now - FRESH)
    old.filter(channel=Message.Channel.EMAIL).update(
        state=Message.State.SENT, sent_at=F("not_before"), attempts=1
    )
    by_hand = {
        Message.Channel.LETTER: Message.State.POSTED,
        Message.Channel.PHONE: Message.State.RUNG,
    }
    for channel, state in by_hand.items():
        old.filter(channel=channel).update(
            state=state, sent_at=F("created_at") + timedelta(days=1), sent_by=story.hester
        )
