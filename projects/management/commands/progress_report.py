"""Make an edition of the co-production progress report, and write its PDF to a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from projects.models import Edition
from projects.services.reports import keep_pdf, make_edition


class Command(BaseCommand):
    help = (
        "Make the next edition of the co-production progress report and write its PDF. "
        "With --edition, write the PDF of one that exists."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="where the PDF is written")
        parser.add_argument("--prepared-by", default="", help="name and office, for the cover")
        parser.add_argument("--thoughts", type=Path, help="a text file with thoughts for the board")
        parser.add_argument("--note", default="", help="one line for the revision log")
        parser.add_argument("--edition", type=int, help="an edition that was made before")

    def handle(self, *args: Any, **options: Any) -> None:
        edition = self._edition(options)
        try:
            options["file"].write_bytes(bytes(keep_pdf(edition).pdf))
        except OSError as error:
            raise CommandError(f"Can’t write {options['file']}: {error.strerror}") from error
        self.stdout.write(f"{edition}: {options['file']}")

    def _edition(self, options: dict[str, Any]) -> Edition:
        if options["edition"]:
            found = Edition.objects.filter(number=options["edition"]).first()
            if found is None:
                raise CommandError(f"There is no edition {options['edition']}.")
            return found
        if not options["prepared_by"]:
            raise CommandError("Say who prepared it: --prepared-by 'Name, office'.")
        try:
            thoughts = options["thoughts"].read_text("utf-8") if options["thoughts"] else ""
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"Can’t read {options['thoughts']}.") from error
        return make_edition(
            prepared_by=options["prepared_by"], thoughts=thoughts, note=options["note"], by=None
        )
