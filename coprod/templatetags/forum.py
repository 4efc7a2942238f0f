"""Presentation shared by every page: dates in British words, marks, drawings, plain numbers.

Never a query, never a permission. Drawings are plain SVG or boxes with classes, because the
Content Security Policy allows no style attribute.
"""

import base64
import math
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import nh3
from django import template
from django.forms import BaseForm
from django.forms.formsets import BaseFormSet
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from coprod import clocks, forms

register = template.Library()

NUMBER_WORDS = [
    "no", "one", "two", "three", "four", "five", "six",
    "seven", "eight", "nine", "ten", "eleven", "twelve",
]  # fmt: skip

# Dates and times ------------------------------------------------------------------------------

DAYS, MONTHS = forms.DAY_NAMES, forms.MONTH_NAMES


def _local(moment: date | datetime) -> date | datetime:
    """An aware moment as the clock on the wall shows it; a plain date as it is."""
    if isinstance(moment, datetime) and moment.tzinfo:
        return moment.astimezone(clocks.LONDON)
    return moment


@register.filter
def day_month(moment: date | datetime | None) -> str:
    """``10 November``."""
    if not moment:
        return ""
    moment = _local(moment)
    return f"{moment.day} {MONTHS[moment.month - 1]}"


@register.filter
def day(moment: date | datetime | None) -> str:
    """``10 November 2026``."""
    return f"{day_month(moment)} {_local(moment).year}" if moment else ""


@register.filter
def weekday(moment: date | datetime | None) -> str:
    """``Tuesday``."""
    return DAYS[_local(moment).weekday()] if moment else ""


@register.filter
def long_day(moment: date | datetime | None) -> str:
    """``Tuesday 10 November 2026``."""
    return f"{weekday(moment)} {day(moment)}" if moment else ""


@register.filter
def weekday_month(moment: date | datetime | None) -> str:
    """``Tuesday 10 November``: within this year or about the next weeks."""
    return f"{weekday(moment)} {day_month(moment)}" if moment else ""


@register.filter
def hour(moment: time | datetime | None) -> str:
    """``10am``, ``5:30pm``, ``12 noon``, ``midnight``."""
    if moment is None or moment == "":
        return ""
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    return forms.say_time(moment.hour, moment.minute)


@register.filter
def to_hour(start: time | datetime | None, end: time | datetime | None) -> str:
    """``10am to 12 noon``; only the start where no end is known."""
    return f"{hour(start)} to {hour(end)}" if end else hour(start)


@register.filter
def moment_words(moment: datetime | None) -> str:
    """``10 November 2026 at 5:30pm``."""
    return f"{day(moment)} at {hour(moment)}" if moment else ""


@register.filter
def days_from(later: date | datetime | None, earlier: date | datetime | None) -> int | None:
    """Whole days from ``earlier`` to ``later`` by the calendar on the wall."""
    if not (later and earlier):
        return None
    return (_as_date(later) - _as_date(earlier)).days


def _as_date(moment: date | datetime) -> date:
    local = _local(moment)
    return local.date() if isinstance(local, datetime) else local


@register.filter
def when(moment: date | datetime | None) -> str:
    """``today``, ``tomorrow``, ``4 days ago``, ``in 12 days``."""
    if not moment:
        return ""
    days = (_as_date(moment) - timezone.localdate()).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in near:
        return near[days]
    return f"in {days} days" if days > 0 else f"{-days} days ago"


@register.filter
def iso(moment: date | datetime | None) -> str:
    """For the ``datetime`` attribute of ``<time>``."""
    return _local(moment).isoformat() if moment else ""


# Words and numbers ----------------------------------------------------------------------------


@register.filter
def plural(count: int | Sequence[Any] | None, words: str) -> str:
    """``{{ 3|plural:"person,people" }}`` is "3 people"; ``"day"`` alone takes an s."""
    number = count if isinstance(count, int) else len(count or ())
    one, _, many = words.partition(",")
    return f"{number} {one if number == 1 else many or one + 's'}"


@register.filter
def number_word(count: int | None) -> str:
    """Words up to twelve, digits from there; nought is "no"."""
    if count is None:
        return ""
    return NUMBER_WORDS[count] if 0 <= count < len(NUMBER_WORDS) else f"{count:,}"


@register.filter
def money(amount: Decimal | int | float | None) -> str:
    """``£9.80``; whole pounds without pence: ``£12``."""
    if amount is None or amount == "":
        return ""
    value = Decimal(str(amount)).quantize(Decimal("0.01"))
    text = f"{abs(value):,.2f}".removesuffix(".00")
    return f"{'−' if value < 0 else ''}£{text}"


@register.filter
def pence(amount: int | None) -> str:
    """An amount kept in pence as pounds."""
    return money(Decimal(amount) / 100) if amount is not None else ""


@register.filter
def and_list(things: Iterable[Any], last: str = "and") -> str:
    """``a, b and c``."""
    words = [str(thing) for thing in things]
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


@register.filter
def first_lower(words: str) -> str:
    """For a label used inside a sentence; names in capitals and “I” stay."""
    words = str(words)
    stays = words[1:2].isupper() or re.match(r"I\b", words)
    return words if stays else words[:1].lower() + words[1:]


@register.filter
def spaced(fingerprint: str, size: int = 4) -> str:
    """A long code in groups, so that it can be read aloud."""
    return " ".join(fingerprint[i : i + size] for i in range(0, len(fingerprint), size))


@register.filter(is_safe=True)
def nl2p(text: str | None) -> SafeString:
    """Plain text as paragraphs: blank lines part them, single line breaks stay."""
    blocks = [block for block in (text or "").replace("\r\n", "\n").split("\n\n") if block.strip()]
    return format_html_join("", "<p>{}</p>", ((mark_safe(_lines(block)),) for block in blocks))


def _lines(block: str) -> str:
    return "<br>".join(str(conditional_escape(line)) for line in block.strip().split("\n"))


@register.filter
def letter_html(paragraph: str) -> SafeString:
    """A letter's paragraph for e-mail: words, or a list where each line begins with a dash.

    Styles stand in the text, because mail programs drop style sheets.
    """
    lines = paragraph.strip().split("\n")
    if all(line.startswith("- ") for line in lines):
        items = format_html_join(
            "", '<li style="margin:0 0 6px">{}</li>', ((line[2:],) for line in lines)
        )
        return format_html('<ul style="margin:0 0 18px;padding:0 0 0 22px">{}</ul>', items)
    return format_html('<p style="margin:0 0 18px">{}</p>', mark_safe(_lines(paragraph)))


_markdown = MarkdownIt("zero", {"html": False, "linkify": False}).enable(
    ["list", "emphasis", "link", "newline", "escape"]
)
_ALLOWED = {"p", "br", "strong", "em", "ul", "ol", "li", "a"}


@register.filter
def markup(text: str | None) -> SafeString:
    """Light Markdown as safe HTML: paragraphs, lists, bold, links. Headings stay plain words.

    The parser writes no HTML of the author's; the allow-list is a second lock on that door.
    """
    html = _markdown.render(text or "")
    return mark_safe(
        nh3.clean(
            html,
            tags=_ALLOWED,
            attributes={"a": {"href"}},
            url_schemes={"http", "https", "mailto", "tel"},
            link_rel="nofollow noopener",
        )
        .replace("<ul>", '<ul class="pcf-list">')
        .replace("<ol>", '<ol class="pcf-list pcf-list--n">')
    )


# Marks, tags and drawings ---------------------------------------------------------------------


@lru_cache
def _sprite() -> str:
    return static("img/marks.svg")


@register.simple_tag
def mark(name: str, css: str = "pcf-i") -> SafeString:
    """One drawing of ``static/img/marks.svg``. It says nothing by itself: words stand beside it."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', css, _sprite(), name
    )


@register.simple_tag
def tag(look: str, text: Any, shape: str = "") -> SafeString:
    """A status: word, shape and colour. Looks: late, todo, done, wait, gold, flag, quiet.

    ``flag`` has no shape unless one is named; ``quiet`` is bold words with a speech bubble.
    """
    shape = shape or {"flag": "", "gold": "done"}.get(look, look)
    drawing = mark(shape, "") if shape else ""
    if look == "quiet":
        return format_html(
            '<span class="pcf-quiet">{}<strong>{}</strong></span>', mark("quiet"), text
        )
    return format_html('<span class="pcf-tag pcf-tag--{}">{}{}</span>', look, drawing, text)


@register.inclusion_tag("components/date_tile.html")
def date_tile(moment: date | datetime) -> dict[str, str]:
    """A calendar leaf. A year other than this one stands under the month."""
    local = _local(moment)
    month = MONTHS[local.month - 1][:3]
    this_year = local.year == timezone.localdate().year
    return {
        "month": month if this_year else f"{month} {local.year}",
        "number": str(local.day),
        "weekday": weekday(local),
    }


@register.inclusion_tag("components/clock.html")
def clock(
    day: int, of: int = 14, shared: int | None = None, closes: int | None = None, end: str = ""
) -> dict[str, Any]:
    """A promise's days as boxes. ``shared`` and ``closes`` are day numbers said aloud only."""
    label = [f"Day {day} of {of}." if day <= of else f"{plural(day - of, 'day')} past day {of}."]
    if shared:
        label.append(f"Draft shared on day {shared}.")
    if closes:
        label.append(f"Comments close on day {closes}.")
    label.append(end or f"The promise ends on day {of}.")
    boxes = [(n, "was" if n < day else "now" if n == day else "") for n in range(1, of + 1)]
    return {"boxes": boxes, "label": " ".join(label)}


@register.inclusion_tag("components/pips.html")
def pips(done: int, of: int, label: str = "") -> dict[str, Any]:
    """ "7 of 9": filled and empty dots. Write the number in the heading above."""
    return {
        "dots": [n < done for n in range(of)],
        "label": label or f"{done} of {of}",
    }


def seat_order(seats: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Spread each kind evenly round the table, so that the picture shows the mix, not the list."""
    kinds: dict[tuple[str, bool], int] = {}
    for seat in seats:
        kinds[seat] = kinds.get(seat, 0) + 1
    placed = [
        ((index + 0.5) / count, kind)
        for kind, count in sorted(kinds.items(), key=lambda pair: -pair[1])
        for index in range(count)
    ]
    return [kind for _, kind in sorted(placed, key=lambda pair: pair[0])]


def _table(seats: Sequence[tuple[str, bool]]) -> dict[str, Any]:
    """Where each seat stands, and what the picture says in one sentence."""
    ordered = seat_order([(kind, bool(there)) for kind, there in seats])
    places = []
    for index, (kind, there) in enumerate(ordered):
        turn = math.tau * index / len(ordered) - math.pi / 2
        places.append(
            {
                "kind": "p" if kind == "parent" else "s",
                "there": there,
                "x": round(170 + 136 * math.cos(turn), 1),
                "y": round(170 + 136 * math.sin(turn), 1),
                "turn": round(math.degrees(turn), 1),
                "half": (14.5 if there else 13),
            }
        )
    seated = sum(1 for _, present in ordered if present)
    parents = sum(1 for kind, present in ordered if present and kind == "parent")
    empty = len(ordered) - seated
    label = f"{parents} of the {seated} people round the table were parents or carers."
    if empty:
        label += f" {plural(empty, 'invited seat was,invited seats were')} empty."
    return {"places": places, "parents": parents, "there": seated, "empty": empty, "label": label}


@register.inclusion_tag("components/seats.html")
def seats(seats: Sequence[tuple[str, bool]], key: bool = True) -> dict[str, Any]:
    """The round table: ``seats`` is a list of ("parent" or "service", present)."""
    return {**_table(seats), "key": key}


@register.simple_tag
def seats_image(seats: Sequence[tuple[str, bool]]) -> SafeString:
    """The round table as an image with words, for PDFs, where a bare SVG would be untagged."""
    drawn = _table(seats)
    svg = template.loader.render_to_string("components/seats_drawing.svg", drawn)
    encoded = base64.b64encode(svg.encode()).decode()
    return format_html(
        '<img class="seats" src="data:image/svg+xml;base64,{}" alt="{}">', encoded, drawn["label"]
    )


@register.simple_tag
def seat_row(kind: str, invited: int, came: int) -> SafeString:
    """One group's seats as a row of small shapes, for tables. The numbers stand beside it."""
    shape = "p" if kind == "parent" else "s"
    boxes = [
        f'<i class="{shape}{"" if n < came else " off"}"></i>' for n in range(max(invited, came))
    ]
    return mark_safe(f'<span class="pcf-row-seats" aria-hidden="true">{"".join(boxes)}</span>')


RUNGS = ("No parents involved", "Information", "Consultation", "Participation", "Co-production")


@register.inclusion_tag("components/rung.html")
def rung(level: int | None, note: str = "", name: str = "", place: str = "") -> dict[str, Any]:
    """A small ladder with its words. None: not on the ladder yet; 0: no parents involved.

    ``name`` and ``place``, such as “Rung 2 of 5”: as the forum's own ladder has them.
    """
    steps = [(n, 25 - 7 * (n - 1), n <= (level or 0)) for n in (1, 2, 3, 4)]
    if not name:
        name = RUNGS[level] if level is not None else "Not on the ladder yet"
        place = f"Rung {level} of 4" if level else ""
    return {"level": level, "steps": steps, "name": name, "note": note, "place": place}


# Forms and pages ------------------------------------------------------------------------------


@register.inclusion_tag("components/error_summary.html")
def error_summary(*things: BaseForm | BaseFormSet | None) -> dict[str, Any]:
    """Every error of these forms and formsets, each with a link to its first control."""
    return {"errors": forms.summary(*things)}


@register.simple_tag(takes_context=True)
def page_query(context: Context, **changes: Any) -> str:
    """The address' query with ``changes``; None takes a key out. Works without a request."""
    request = context.get("request")
    query: dict[str, Any] = dict(request.GET.lists()) if request else {}
    for key, value in changes.items():
        query.pop(key, None)
        if value not in (None, ""):
            query[key] = [value]
    return "?" + urlencode(query, doseq=True)


#: What a reader may choose, and the class on ``html`` that does it.
READING_CHOICES = {
    "size": {"": "The usual size", "large": "Larger", "larger": "Largest"},
    "spacing": {"": "The usual spacing", "spaced": "More space between letters and lines"},
    "tint": {
        "": "Warm paper",
        "plain": "White",
        "blue": "Pale blue",
        "green": "Pale green",
        "rose": "Pale rose",
    },
    "theme": {"": "As my phone or computer says", "light": "Always light", "dark": "Always dark"},
    "motion": {"": "The usual movement", "still": "No movement"},
}
_READING = {value for choices in READING_CHOICES.values() for value in choices if value}


@register.simple_tag(takes_context=True)
def reading_classes(context: Context) -> str:
    """Classes for ``html`` from the cookie ``reading``, such as ``dark.large.spaced``.

    Only known words become classes, so a cookie can't write into the page.
    """
    request = context.get("request")
    cookie = request.COOKIES.get("reading", "") if request else ""
    return " ".join(f"read-{word}" for word in cookie.split(".") if word in _READING)
