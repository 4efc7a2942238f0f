"""Print the address at which an empty forum is set up."""

from types import SimpleNamespace
from typing import Any

from django.core.management.base import BaseCommand
from django.urls import reverse

from coprod import letters, links


class Command(BaseCommand):
    help = "Print the link by which the first administrator sets up an empty forum."

    def handle(self, *args: Any, **options: Any) -> None:
        """The link answers only while there is no administrator, whoever else sees it."""
        nobody = SimpleNamespace(pk=0)
        token = links.make("set-up", person=nobody, about=0)
        address = letters.absolute(reverse("members:set_up", args=[token]))
        self.stdout.write(f"Set up: {address}")
