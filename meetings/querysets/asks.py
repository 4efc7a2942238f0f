"""What parents asked, and which of it somebody may read."""

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from meetings.models import Ask  # noqa: F401


class AskQuerySet(models.QuerySet["Ask"]):
    """Filled with the page of what we said."""
