"""Dates and times as people write them, in one box each."""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

MONTH_NAMES = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAY_NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTHS = {
    name[:size].lower(): n for n, name in enumerate(MONTH_NAMES, 1) for size in (3, len(name))
}
_MONTHS["sept"] = 9


def say_date(day: date) -> str:
    """``15 December 2026``."""
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def read_date(text: str) -> date:
    """A date written day first, in digits or words, or year first with dashes.

    Raises ValidationError in words that say what to do.
    """
    words = re.sub(r"[\s/.,\-–]+", " ", text.strip().lower()).split()
    named = None
    if words and any(words[0] in (d.lower(), d[:3].lower(), d[:4].lower()) for d in DAY_NAMES):
        written = words.pop(0)
        named = next(i for i, d in enumerate(DAY_NAMES) if d.lower().startswith(written))
    words = [re.sub(r"^(\d{1,2})(st|nd|rd|th)$", r"\1", word) for word in words if word != "of"]
    if len(words) == 2 and (words[1] in _MONTHS or not words[1].isdigit() or len(words[1]) < 3):
        raise ValidationError("Add the year, such as 15 December 2026", code="no_year")
    if len(words) != 3:
        raise ValidationError("Enter a date such as 15 December 2026", code="invalid")
    first, middle, last = words
    if len(first) == 4 and first.isdigit():
        first, last = last, first
    month = _MONTHS.get(middle) or (int(middle) if re.fullmatch(r"\d{1,2}", middle) else None)
    if (
        month is None
        or not re.fullmatch(r"\d{1,2}", first)
        or not re.fullmatch(r"\d{2}|\d{4}", last)
    ):
        raise ValidationError("Enter a date such as 15 December 2026", code="invalid")
    year = int(last) + (2000 if len(last) == 2 else 0)
    return _real_date(int(first), month, year, named)


def _real_date(day: int, month: int, year: int, named: int | None) -> date:
    if not 1 <= month <= 12:
        raise ValidationError(
            "Write the day first, then the month, such as 15 12 2026", code="invalid"
        )
    if not 1900 <= year <= 2100:
        raise ValidationError("Check the year: it must be from 1900 to 2100", code="invalid")
    try:
        found = date(year, month, day)
    except ValueError:
        message = f"{MONTH_NAMES[month - 1]} {year} has no day {day}"
        raise ValidationError(message, code="invalid") from None
    if named is not None and found.weekday() != named:
        raise ValidationError(
            f"{say_date(found)} is a {DAY_NAMES[found.weekday()]}, "
            f"not a {DAY_NAMES[named]}: check which you mean",
            code="weekday",
        )
    return found


def say_time(hour: int, minute: int) -> str:
    """``10am``, ``5:30pm``, ``12 noon``, ``midnight``."""
    if (hour, minute) in ((12, 0), (0, 0)):
        return "12 noon" if hour else "midnight"
    minutes = f":{minute:02}" if minute else ""
    return f"{hour % 12 or 12}{minutes}{'pm' if hour >= 12 else 'am'}"


def read_time(text: str) -> time:
    """A time of day as people write it: 10am, 5.30pm, 17:30, midday.

    "5:30" alone could be morning or evening, so it is asked, not guessed; from 8 to 12 the
    morning is meant, and 05:30 is the clock of timetables.
    """
    said = re.sub(r"\s+", "", text.strip().lower())
    if said in ("midday", "noon", "12noon", "12midday"):
        return time(12)
    if said in ("midnight", "12midnight"):
        return time(0)
    match = re.fullmatch(r"(\d{1,2})(?:[:.h]?(\d{2}))?(am|pm|a\.m\.?|p\.m\.?)?", said)
    if not match:
        raise ValidationError("Enter a time such as 10am or 5:30pm", code="invalid")
    digits, minute, half = match[1], int(match[2] or 0), (match[3] or "")[:1]
    hour = int(digits)
    if minute > 59 or hour > 23 or (half and not 1 <= hour <= 12):
        raise ValidationError("Enter a time such as 10am or 5:30pm", code="invalid")
    if half:
        return time(hour % 12 + (12 if half == "p" else 0), minute)
    clock = f"{hour}:{minute:02}" if minute else f"{hour}"
    if (1 <= hour <= 7 and len(digits) == 1) or (match[2] is None and hour < 13):
        if hour == 12 and not minute:
            # "12pm" and "12am" are what people mix up, so they aren't offered.
            words = "Is that 12 noon or midnight? Write “12 noon” or “midnight”"
            raise ValidationError(words, code="half")
        raise ValidationError(f"Is that {clock}am or {clock}pm? Write am or pm", code="half")
    return time(hour, minute)


class _PlainInput(forms.TextInput):
    """One box of text that shows a stored value in words."""

    def __init__(self, say: Callable[[Any], str], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.say = say

    def format_value(self, value: Any) -> str | None:
        if value in (None, "") or isinstance(value, str):
            return value or None
        return self.say(value)


class PlainDateField(forms.DateField):
    """A date in one box: 15 12 2026, 15/12/2026, 15 December 2026 or 2026-12-15."""

    def __init__(
        self, *, min_date: date | None = None, max_date: date | None = None, **kwargs: Any
    ):
        kwargs.setdefault("help_text", "Such as 15 December 2026 or 15/12/2026")
        kwargs.setdefault(
            "widget",
            _PlainInput(say_date, {"class": "govuk-input--width-20", "autocomplete": "off"}),
        )
        self.min_date, self.max_date = min_date, max_date
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime):
            return value.date()
        found = value if isinstance(value, date) else read_date(str(value)[:60])
        if self.min_date and found < self.min_date:
            raise ValidationError(f"Choose {say_date(self.min_date)} or later", code="min_date")
        if self.max_date and found > self.max_date:
            raise ValidationError(f"Choose {say_date(self.max_date)} or earlier", code="max_date")
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or None))
        except ValidationError:
            return True


class PlainTimeField(forms.TimeField):
    """A time of day in one box: 10am, 10:00, 5.30pm, midday."""

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("help_text", "Such as 10am or 5:30pm")
        kwargs.setdefault(
            "widget",
            _PlainInput(
                lambda value: say_time(value.hour, value.minute),
                {"class": "govuk-input--width-10", "autocomplete": "off"},
            ),
        )
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> time | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime):
            return value.time()
        return value if isinstance(value, time) else read_time(str(value)[:40])

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or None))
        except ValidationError:
            return True
