"""From a box of plain text to paragraphs and records; pure, no queries.

A blank line starts a new paragraph. A line that begins ``Action:``, ``Decision:`` or
``Ask:`` is a paragraph of its own and is kept as a record. Owner and date are picked out of
``Hester to ring the council by 2 October`` or of ``Ring the council (Hester, by 2 October)``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

#: How alike two paragraphs must be to be the same one, edited. Source: decisions on minutes.
ALIKE = 0.6

_WORD = re.compile(r"^(action|decision|ask)\s*:\s*", re.IGNORECASE)
_BRACKET = re.compile(r"\s*\(([^()]{1,160})\)\s*\.?$")
_BY = re.compile(r"[,;]?\s*\bby\s+(?:the\s+)?([^,;()]{3,40}?)\.?$", re.IGNORECASE)
_TO = re.compile(r"^([^.:;,()]{2,60}?)\s+(?:to|will)\s+", re.IGNORECASE)
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_LONG_DATE = re.compile(
    r"^(\d{1,2})(?:st|nd|rd|th)?\s+([a-z]{3,9})\.?(?:\s+(\d{4}))?$", re.IGNORECASE
)
_SHORT_DATE = re.compile(r"^(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}|\d{2}))?$")


@dataclass(frozen=True)
class Written:
    """One paragraph as typed: its kind, its words, and what was picked out of them."""

    kind: str
    text: str
    who: str = ""
    due_text: str = ""
    due_on: date | None = None


def paragraphs(text: str, *, met_on: date) -> list[Written]:
    """The paragraphs of a box. ``met_on`` gives a date without a year its year."""
    found: list[Written] = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines: list[str] = []
        for line in block.strip().split("\n"):
            if _WORD.match(line.strip()) and lines:
                found.append(_written(lines, met_on))
                lines = []
            lines.append(line.rstrip())
        if any(line.strip() for line in lines):
            found.append(_written(lines, met_on))
    return found


def _written(lines: list[str], met_on: date) -> Written:
    text = "\n".join(lines).strip()
    word = _WORD.match(text)
    if word is None:
        return Written("text", text)
    kind, text = word[1].lower(), text[word.end() :].strip()
    if not text:
        return Written("text", lines[0].strip())
    who, due_text = _picked_out(text)
    if kind == "decision":
        bracket = _BRACKET.search(text)
        return Written(kind, text, who=bracket[1].strip() if bracket else "")
    return Written(kind, text, who, due_text, understood_date(due_text, after=met_on))


def _picked_out(text: str) -> tuple[str, str]:
    """Who and by when: from a bracket at the end, else from the sentence itself."""
    if bracket := _BRACKET.search(text):
        inside = bracket[1].strip()
        if by := _BY.search(inside):
            return inside[: by.start()].strip(" ,;"), by[1].strip()
        return inside, ""
    by = _BY.search(text)
    who = _TO.match(text)
    return (who[1].strip() if who else ""), (by[1].strip() if by else "")


def understood_date(text: str, *, after: date) -> date | None:
    """The day that a written date means, or None. Without a year: the next one from ``after``."""
    text = text.strip()
    if long := _LONG_DATE.match(text):
        day, name, year = int(long[1]), long[2].lower(), long[3]
        months = [n for n, month in enumerate(_MONTHS, 1) if month.startswith(name[:3])]
        if not months or not _MONTHS[months[0] - 1].startswith(name):
            return None
        return _day(day, months[0], int(year) if year else None, after)
    if short := _SHORT_DATE.match(text):
        given = short[3]
        year_no = None if given is None else int(given) + (2000 if len(given) == 2 else 0)
        return _day(int(short[1]), int(short[2]), year_no, after)
    return None


def _day(day: int, month: int, year: int | None, after: date) -> date | None:
    try:
        if year is not None:
            return date(year, month, day)
        this_year = date(after.year, month, day)
        return this_year if this_year >= after else date(after.year + 1, month, day)
    except ValueError:
        return None


def match(old: Sequence[str], new: Sequence[str]) -> list[int | None]:
    """For each new paragraph the index of the old one that it continues, or None.

    Exact matches first, wherever they moved to; then, in order, the most alike of at least
    ``ALIKE``. The first half of a split keeps the old one's identity.
    """
    result: list[int | None] = [None] * len(new)
    free: dict[str, list[int]] = {}
    for index, text in enumerate(old):
        free.setdefault(text, []).append(index)
    for index, text in enumerate(new):
        if free.get(text):
            result[index] = free[text].pop(0)
    taken = {index for index in result if index is not None}
    rest_old = [i for i in range(len(old)) if i not in taken]
    rest_new = [i for i in range(len(new)) if result[i] is None]
    for i, j in _align([old[i] for i in rest_old], [new[j] for j in rest_new]):
        result[rest_new[j]] = rest_old[i]
    return result


def _align(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """Pairs in order whose likeness adds up to the most (a longest-common-subsequence table)."""
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    like = [[_alike(a, b) for b in new] for a in old]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            pair = like[i][j] + best[i + 1][j + 1] if like[i][j] else 0.0
            best[i][j] = max(pair, best[i + 1][j], best[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if like[i][j] and best[i][j] == like[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _alike(old: str, new: str) -> float:
    """How alike, from ALIKE to 1; 0 when they are different paragraphs."""
    # A real beginning, not a word or two that happens to stand first.
    if len(new) >= 12 and old.startswith(new.rstrip(" .")):
        return 1.0
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= ALIKE else 0.0
