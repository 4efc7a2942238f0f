"""``manage.py bounced < mail``: read one mail that came back, as a mail server's pipe gives it."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from coprod import bounces

#: What a mail server takes for "try again later" (sysexits.h).
LATER = 75


class Command(BaseCommand):
    """Record a bounce. Ends with 75 where the same mail should be given again later."""

    help = "Read one mail that came back from standard input."

    def handle(self, *args: Any, **options: Any) -> None:
        done = bounces.take(sys.stdin.buffer.read(bounces.MOST_BYTES))
        self.stdout.write(done.value)
        if done is bounces.Done.TOO_EARLY:
            sys.exit(LATER)
