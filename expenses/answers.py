"""What is kept of a draft's pages, and the lines that follow from it. Pure: nothing is asked.

``Claim.typed`` holds, by page, ``said`` (the boxes as they were typed, so that a page comes back
as it was, right or wrong) and ``rows`` (what the page means, once it was right; None while it
isn't). Pages are written by ``services/sending.py`` alone.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from expenses.models import Line
from expenses.services.lines import SAID

#: The four pages, in order. The first three are kept in ``typed`` under these names.
PAGES = ("photo", "travel", "costs", "check")
#: Longest text that is kept of one box: more was never typed by hand.
MOST = 2000
_NUMBERS = ("miles", "hours")
Kind = Line.Kind


def said(typed: Mapping[str, Any], page: str) -> dict[str, str]:
    """The boxes of one page as they were typed; nothing where it was never kept."""
    return dict(typed.get(page, {}).get("said", {}))


def is_kept(typed: Mapping[str, Any], page: str) -> bool:
    return page in typed


def wrong_page(typed: Mapping[str, Any]) -> str:
    """The first page that was kept though something on it isn't right yet; "" for none."""
    for page in PAGES[:-1]:
        if page in typed and typed[page].get("rows") is None:
            return page
    return ""


def kept(boxes: Mapping[str, Any], rows: Iterable[Mapping[str, Any]] | None) -> dict[str, Any]:
    """One page as ``typed`` holds it. ``rows`` None: something on it isn't right yet."""
    words = {name: str(value)[:MOST] for name, value in boxes.items() if value not in (None, "")}
    return {"said": words, "rows": None if rows is None else [_plain(row) for row in rows]}


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, Decimal) else value
        for name, value in row.items()
        if name in SAID and name != "on" and value not in (None, "")
    }


def why_no_receipt(typed: Mapping[str, Any]) -> str:
    """Why there is no receipt for some or all of it, once that was said."""
    if typed.get("photo", {}).get("rows") is None:
        return ""
    return str(said(typed, "photo").get("why", "")).strip()


def rows_of(typed: Mapping[str, Any], on: date) -> list[dict[str, Any]]:
    """The lines that the pages ask for, as ``write_lines`` wants them. Wrong pages ask for none."""
    rows = []
    for page in ("travel", "costs"):
        for row in typed.get(page, {}).get("rows") or []:
            numbers = {name: Decimal(row[name]) for name in _NUMBERS if name in row}
            rows.append({**row, **numbers, "on": on})
    if reason := why_no_receipt(typed):
        for row in rows:
            if needs_receipt(row):
                row["no_receipt"] = reason[:300]
    return rows


def needs_receipt(row: Mapping[str, Any] | Line) -> bool:
    """Whether money was spent for it: miles and pages are paid by rate, without a receipt."""
    kind = row.kind if isinstance(row, Line) else row["kind"]
    return kind not in (*Line.BY_MILE, Kind.PRINTING, Kind.TOP_UP)


def said_of(line: Line) -> dict[str, Any]:
    """A line that exists, as somebody said it."""
    return {name: value for name in SAID if (value := getattr(line, name)) not in (None, "")}


# A claim that was made without these pages ------------------------------------------------------

#: Which boxes a line of each kind fills on the page about travel: (by, box of its cost).
_WAYS = {
    Kind.CAR: "car",
    Kind.MOTORCYCLE: "motorcycle",
    Kind.BICYCLE: "bicycle",
    Kind.TRANSPORT: "transport",
    Kind.TAXI: "taxi",
}


def pages_of(lines: Iterable[Line]) -> dict[str, Any]:
    """The pages that would have made these lines, so that they can be changed like any others.

    For claims whose lines were written another way, such as from a paper form.
    """
    boxes: dict[str, dict[str, Any]] = {"travel": {"by": "none"}, "costs": {}}
    rows: dict[str, list[dict[str, Any]]] = {"travel": [], "costs": []}
    why = ""
    for line in lines:
        page = "travel" if line.kind in (*_WAYS, Kind.PARKING) else "costs"
        boxes[page].update(_boxes(line))
        rows[page].append(said_of(line))
        why = why or line.no_receipt
    photo = kept({"none": "on" if why else "", "why": why}, [])
    return {"photo": photo, **{page: kept(boxes[page], rows[page]) for page in boxes}}


def _boxes(line: Line) -> dict[str, Any]:
    cost = in_boxes(line.asked)
    if line.kind in Line.BY_MILE:
        found = {"by": _WAYS[Kind(line.kind)], "miles": _number(line.miles)}
        people = {"passengers": line.passengers or "", "with_whom": line.with_whom}
        return {**found, **people}
    if line.kind in _WAYS:
        return {"by": _WAYS[Kind(line.kind)], "fare": cost, "why_taxi": line.reason}
    if line.kind == Kind.PARKING:
        return {"parking": cost}
    if line.kind in Line.BY_HOUR:
        tick = "on" if line.by_relative else ""
        name = line.kind
        return {f"{name}_hours": _number(line.hours), f"{name}_cost": cost, f"{name}_by": tick}
    if line.kind == Kind.PRINTING:
        return {"printing_pages": line.pages}
    if line.kind in (Kind.MEAL, Kind.PHONE):
        return {f"{line.kind}_cost": cost}
    return {"other_what": line.what, "other_cost": cost}


def in_boxes(pence: int | None) -> str:
    """``3.20``: pence as somebody types them."""
    return f"{Decimal(pence) / 100:.2f}" if pence else ""


def _number(value: Decimal | None) -> str:
    return f"{value.normalize():f}" if value else ""
