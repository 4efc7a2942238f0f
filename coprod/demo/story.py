"""The demonstration's year as dated steps, carried out in the order of their moments.

Each app plans its own steps (members/demo.py, meetings/demo/) and carries them out through
its own services, so that audit trail, versions, hashes and PDFs are as real as anybody's.
"""

import tomllib
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from coprod import clocks

Step = Callable[[datetime], object]

WORDS = Path(__file__).parent
#: Who runs the invented forum, and who set it up.
COORDINATOR, ADMINISTRATOR = "Hester Quayle", "Agnes Thornbury"


def words(name: str) -> dict[str, Any]:
    """One file of the demonstration's words."""
    return tomllib.loads((WORDS / f"{name}.toml").read_text(encoding="utf-8"))


def pick(told: dict[str, Any], *names: str) -> dict[str, Any]:
    """Those of ``names`` that the words hold."""
    return {name: told[name] for name in names if name in told}


class Story:
    """Steps and what they have made so far. Weeks count from the latest Tuesday before today."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.today = clocks.today(now)
        self.tuesday = self.today - timedelta(days=(self.today.weekday() - 1) % 7 or 7)
        self.steps: list[tuple[datetime, Step]] = []
        self.people: dict[str, Any] = {}
        self.groups: dict[str, Any] = {}

    @property
    def hester(self) -> Any:
        return self.people[COORDINATOR]

    def week(self, number: int) -> date:
        return self.tuesday + timedelta(weeks=number)

    def do(self, day: date, hour: float, step: Step) -> None:
        """Plan a step for a UK day and hour, or for now where that still lies ahead."""
        moment = clocks.local(day, time(int(hour), round(hour % 1 * 60)))
        self.steps.append((min(moment, self.now), step))

    def ago(self, hours: float, step: Step) -> None:
        """Plan a step for so many hours ago."""
        self.steps.append((self.now - timedelta(hours=hours), step))

    def tell(self) -> None:
        """Take the steps; those of one moment in the order in which they were planned."""
        for moment, step in sorted(self.steps, key=lambda pair: pair[0]):
            step(moment)
