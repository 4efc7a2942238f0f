"""The tracker's own drawings: news by days as bars, a bar for each status. Never a query."""

from collections.abc import Sequence
from typing import Any

from django import template

from projects.charts import Bar

register = template.Library()


@register.inclusion_tag("projects/_chart_news.html")
def chart_news(bars: Sequence[Bar], limit: int, name: str) -> dict[str, Any]:
    """Bars of projects by days since the last news; the dashed line is the forum's limit."""
    tallest = max([bar.count for bar in bars] + [1])
    wide = 352 / len(bars)
    drawn = []
    for number, bar in enumerate(bars):
        tall = 200 * bar.count / tallest
        x = 14 + wide * number
        drawn.append(
            {
                "count": bar.count,
                "is_late": bar.is_late,
                "x": round(x + 4, 1),
                "mid": round(x + wide / 2, 1),
                "y": round(270 - tall, 1),
                "above": round(262 - tall, 1),
                "wide": round(wide - 8, 1),
                "tall": round(tall, 1),
            }
        )
    late = sum(bar.count for bar in bars if bar.is_late)
    return {
        "bars": drawn,
        "name": name,
        "limit": limit,
        "half": round(limit / 2),
        "about": f"{sum(bar.count for bar in bars) - late} before day {limit}, {late} from then "
        "on. The table below has every number.",
    }


@register.inclusion_tag("projects/_chart_status.html")
def chart_status(rows: Sequence[dict[str, Any]], name: str) -> dict[str, Any]:
    """A bar for each status, with its word, its shape and its number."""
    return {"rows": rows, "name": name, "tall": 44 * len(rows) + 4}
