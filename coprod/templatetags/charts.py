"""Charts as plain SVG: the finding is the heading above, a table with every number follows.

Never a query. Colours and words' places are classes of ``static/css/forum.css``.
"""

from collections.abc import Sequence
from typing import Any

from django import template

from coprod.templatetags.forum import plural

register = template.Library()


@register.inclusion_tag("components/chart_rungs.html")
def chart_rungs(
    quarters: Sequence[tuple[str, Sequence[int]]], name: str, numbers: Sequence[Any] = (1, 2, 3, 4)
) -> dict[str, Any]:
    """Stacked columns: ``quarters`` is [(label, [none, level 1, 2, 3, 4])], the newest last.

    ``numbers``: the rungs on which levels 1 to 4 stand, where the ladder has others.
    """
    tallest = max((sum(counts) for _, counts in quarters), default=0) or 1
    unit, wide = 262 / tallest, min(61, 290 / max(len(quarters), 1))
    columns: list[dict[str, Any]] = []
    label_heights: list[tuple[str, float]] = []
    for index, (label, counts) in enumerate(quarters):
        floor, x = 284.0, 2 + wide * index
        parts: list[dict[str, Any]] = []
        for level, count in enumerate(counts):
            if count:
                tall = unit * count
                parts.append(
                    {
                        "level": level,
                        "count": count,
                        "x": round(x, 1),
                        "wide": round(wide - 13, 1),
                        "y": round(floor - tall, 1),
                        "tall": round(tall - 2, 1),
                        "mid_x": round(x + (wide - 13) / 2, 1),
                        "mid_y": round(floor - tall / 2 + 4, 1),
                    }
                )
                floor -= tall
        columns.append({"label": label, "parts": parts, "mid": round(x + (wide - 13) / 2, 1)})
        label_heights = [
            (f"Rung {numbers[part['level'] - 1]}" if part["level"] else "None", part["mid_y"])
            for part in parts
        ]
    return {
        "columns": columns,
        "name": name,
        "ends": label_heights,
        "end_x": round(wide * len(quarters)),
        "about": f"{plural(len(quarters), 'column')}, one for each quarter. "
        "The table below has every number.",
    }


@register.inclusion_tag("components/chart_share.html")
def chart_share(meetings: Sequence[tuple[str, int, int]], name: str) -> dict[str, Any]:
    """Parents' share in the room: [(label, parents, others)], one bar for each meeting."""
    rows = []
    for index, (label, parents, others) in enumerate(meetings):
        everyone = parents + others or 1
        rows.append(
            {
                "label": label,
                "parents": parents,
                "others": others,
                "all": everyone,
                "y": 44 * index,
                "wide": round(240 * parents / everyone, 1),
                "rest_x": round(70 + 240 * parents / everyone, 1),
                "rest": round(240 * others / everyone, 1),
            }
        )
    return {
        "rows": rows,
        "name": name,
        "tall": 44 * len(rows) + 4,
        "about": "Parents are the solid part of each bar. The table below has every number.",
    }


@register.inclusion_tag("components/chart_days.html")
def chart_days(points: Sequence[tuple[str, int]], limit: int, name: str) -> dict[str, Any]:
    """Days each thing took, against the promised number: [(label, days)], oldest first."""
    most = max([limit * 2, *(days for _, days in points)])
    step = 350 / max(len(points), 1)
    dots = [
        {
            "label": label,
            "days": days,
            "x": round(16 + step * (index + 0.5), 1),
            "y": round(270 - 250 * days / most, 1),
            "late": days > limit,
        }
        for index, (label, days) in enumerate(points)
    ]
    late = sum(1 for _, days in points if days > limit)
    return {
        "dots": dots,
        "name": name,
        "limit": limit,
        "limit_y": round(270 - 250 * limit / most, 1),
        "about": f"{plural(len(points) - late, 'mark')} at or under day {limit}, {late} over it. "
        "The table below has every number.",
    }
