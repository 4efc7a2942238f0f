"""Seal all bank details by the newest key, so that older ones can be thrown away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from expenses.services.bank import reseal_all


class Command(BaseCommand):
    help = "Seal all bank details by the newest of COPROD_BANK_KEYS. Harmless to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        done, shut = reseal_all()
        self.stdout.write(f"{done} sealed by the newest key.")
        if shut:
            raise CommandError(
                f"{shut} could not be opened: the key that sealed them is missing from "
                "COPROD_BANK_KEYS. Put it back, as the last one, and run this again."
            )
        self.stdout.write("All are. Older keys can be taken out of COPROD_BANK_KEYS.")
