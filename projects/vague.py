"""Dates as vague as life: the words as written, and the period that they are understood as."""

from dataclasses import dataclass
from datetime import date

from django.db import models


class Kind(models.TextChoices):
    """What a date's words are. Only a period that ends can ever be overdue."""

    NONE = "none", "No date given"
    DAY = "day", "A day"
    MONTH = "month", "A month"
    SEASON = "season", "A season"
    YEAR = "year", "A year"
    SPAN = "span", "A span of two years, or from one date to another"
    OPEN = "open", "Without an end"
    RECURRING = "recurring", "Again and again"
    URGENT = "urgent", "As soon as possible, without a date"
    UNKNOWN = "unknown", "Not known yet"
    MIXED = "mixed", "A date first, then without an end"
    UNREAD = "unread", "Not understood"


@dataclass(frozen=True)
class VagueDate:
    """Words as written, first and last possible day, kind; ``doubt`` says what was guessed.

    Nothing is guessed silently: where the words don't say it themselves (a damaged year, a year
    taken from another column) ``doubt`` says so, and pages show it.
    """

    text: str = ""
    first: date | None = None
    last: date | None = None
    kind: str = Kind.NONE
    doubt: str = ""


def understand(text: str, *, near: VagueDate | None = None, year_begins: int = 9) -> VagueDate:
    """What the words of a date mean.

    ``near`` is the other date of the same row, for words without a year; ``year_begins`` the
    month in which a year such as 2022/23 begins (September: the school year, a setting).
    """
    raise NotImplementedError
