"""What the log proves of a project, kept on its row and in its quarter's."""

from datetime import datetime
from typing import Any

from projects.models import Project


def refresh_level(*, project: Project, by: Any, at: datetime | None = None) -> None:
    """Derive the level anew after the log, a threshold or a reply's last day changed."""
