"""How long somebody was at a meeting, and what a thank-you payment for that comes to. Pure.

Source: thank-yous go by the time attended (who came late, left early or sat out items is
thanked for their part), and a full day begins at the hours that the policy says.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from coprod.templatetags.forum import pence as in_pounds
from coprod.templatetags.forum import to_hour
from expenses.pricing import to_the_penny

_DAY = date(2000, 1, 1)


@dataclass(frozen=True)
class There:
    """Somebody's time at one meeting, in minutes, and how it came about in words."""

    minutes: int
    words: str


def _at(clock: time) -> datetime:
    return datetime.combine(_DAY, clock)


def slots(meeting: Any, items: Iterable[Any]) -> dict[int, tuple[datetime, datetime]]:
    """From when to when each item was on, by the agenda's own minutes.

    Items that say none share what the others leave of the meeting, as the register's own
    suggestion of missed items does.
    """
    items, begins = list(items), _at(meeting.starts)
    said = timedelta(minutes=sum(item.minutes or 0 for item in items))
    unsaid = sum(item.minutes is None for item in items)
    whole = _at(meeting.ends) - begins
    share = max(whole - said, timedelta()) / unsaid if unsaid else timedelta()
    found = {}
    for item in items:
        ends = begins + (share if item.minutes is None else timedelta(minutes=item.minutes))
        found[item.pk] = (begins, ends)
        begins = ends
    return found


def time_there(
    meeting: Any, attendance: Any, items: Iterable[Any] = (), missed: Collection[int] = ()
) -> There:
    """From arriving to leaving, within the meeting's hours, less the items they sat out.

    An item counts as sat out only for what of it lies between arriving and leaving, so that
    coming late and missing the first item isn't taken off twice.
    """
    came = max(_at(attendance.arrived or meeting.starts), _at(meeting.starts))
    went = min(_at(attendance.left or meeting.ends), _at(meeting.ends))
    out = timedelta()
    for pk, (begins, ends) in slots(meeting, items).items():
        if pk in missed:
            out += max(min(ends, went) - max(begins, came), timedelta())
    there = max(went - came - out, timedelta())
    minutes = int(there.total_seconds() // 60)
    if attendance.arrived is None and attendance.left is None and not out:
        return There(minutes, f"There throughout, {in_hours(minutes)}")
    words = f"There {to_hour(came.time(), went.time())}"
    sat_out = int(out.total_seconds() // 60)
    if sat_out:
        words += f" but for {in_hours(sat_out)}"
    return There(minutes, f"{words}: {in_hours(minutes)}")


def in_hours(minutes: int) -> str:
    """``2 hours 30 minutes``."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} hour{'' if hours == 1 else 's'}"] if hours else []
    if rest or not hours:
        parts.append(f"{rest} minute{'' if rest == 1 else 's'}")
    return " ".join(parts)


@dataclass(frozen=True)
class Sum:
    """What a thank-you payment comes to, in pence, and how that came about."""

    pence: int
    workings: str


def pays_thanks(rates: Mapping[str, Decimal]) -> bool:
    """Whether these rates know a thank-you payment at all."""
    return any(rates.get(kind) for kind in ("half_day", "full_day"))


def payment_for(there: There, rates: Mapping[str, Decimal], full_day_hours: int) -> Sum | None:
    """Half or a full day's payment for time at a meeting; None where the rates hold none for it.

    A full day without a rate of its own pays half a day's.
    """
    if not there.minutes:
        return None
    full = there.minutes >= full_day_hours * 60
    kind = "full_day" if full and rates.get("full_day") else "half_day"
    rate = rates.get(kind)
    if not rate:
        return None
    pence = to_the_penny(rate)
    day = "a full day" if kind == "full_day" else "half a day"
    return Sum(pence, f"{there.words}: {day}, {in_pounds(pence)}")
