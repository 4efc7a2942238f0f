"""Take away somebody's second step from the server's own keyboard: the last resort when the
only administrator has lost phone and recovery codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from members import signing_in
from members.models import Person


class Command(BaseCommand):
    help = "Take away the second step of the person who signs in with this e-mail address"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        person = Person.objects.active().filter(email=options["email"].strip().lower()).first()
        if person is None:
            raise CommandError("Nobody signs in with this address.")
        signing_in.reset_second_step(person=person, by=None)
        self.stdout.write(f"Done. {person.name} signs in by code, and is told.")
