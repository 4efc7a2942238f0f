"""Draw lives from their transition tables into ARCHITECTURE.md, wherever it has marks for one."""

import re
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

#: Between two such marks stands the diagram of the model that the first one names.
MARKS = re.compile(
    r"(<!-- states of (?P<model>\w+\.\w+): begin[^>]*-->\n).*?(<!-- states: end -->)", re.DOTALL
)


def diagram(model: str) -> str:
    """One arrow a transition, in the table's order; one that changes nothing isn't drawn."""
    table: dict[str, dict[str, str]] = getattr(apps.get_model(model), "TRANSITIONS")  # noqa: B009
    arrows = [
        f"    {before} --> {after}: {verb}"
        for verb, steps in table.items()
        for before, after in steps.items()
        if verb != "change"
    ]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> draft", *arrows, "```"])


def drawn_into(page: str) -> str:
    """``page`` with each diagram between its marks as it should be."""
    return MARKS.sub(lambda found: f"{found[1]}{diagram(found['model'])}\n{found[3]}", page)


class Command(BaseCommand):
    help = "Write the state diagrams into ARCHITECTURE.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="fail when one is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "ARCHITECTURE.md"
        page = path.read_text()
        wanted = drawn_into(page)
        if options["check"] and wanted != page:
            raise SystemExit("ARCHITECTURE.md: a state diagram is out of date.")
        path.write_text(wanted)
