"""From a box of plain text to paragraphs and records; pure, no queries.

A blank line starts a new paragraph. A line that begins ``Action:``, ``Decision:`` or
``Ask:`` is a paragraph of its own and is kept as a record. Owner and date are picked out of
``Hester to ring the council by 2 October`` or of ``Ring the council (Hester, by 2 October)``.
"""

import calendar
import os.path
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

#: How alike two paragraphs must be to be the same one, edited. Source: decisions on minutes.
ALIKE = 0.6
#: A box this long is minutes of more than one item.
MOST_PARAGRAPHS = 200
#: Two paragraphs that have so many words in a row in common have the same source.
SAME_RUN = 5
#: In long texts only paragraphs about as far down as each other are compared.
_BAND = 12
#: Longer ones are compared word by word, not letter by letter.
_LONG_TEXT = 600

_WORD = re.compile(r"^(action|decision|ask)[ \t]*:\s*", re.IGNORECASE)
_BRACKET = re.compile(r"\s*\(([^()]{1,160})\)\s*\.?$")
_TO = re.compile(r"^([^.:;,()]{2,60}?)\s+(?:to|will)\s+(?!be\b)", re.IGNORECASE)
_MONTHS = [name.lower() for name in calendar.month_name[1:]]
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _MONTHS) + "|sept"
_WEEKDAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?"
_DAY = rf"{_WEEKDAY}(?:the\s+)?(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?"
_LONG = rf"{_DAY}\s+(?:{_MONTH})\b\.?(?:,?\s+\d{{4}})?".replace("(\\d", "(?:\\d")
_SHORT = r"\d{1,2}[/.]\d{1,2}(?:[/.](?:\d{4}|\d{2}))?"
_BY_DATE = re.compile(rf"[,;]?\s*\bby\s+({_LONG}|{_SHORT})(?![\w/])", re.IGNORECASE)
_BARE_DATE = re.compile(rf"^(.*?)[,;]\s*({_LONG}|{_SHORT})$", re.IGNORECASE)
_BY_END = re.compile(r"[,;]?\s*\bby\s+([^,;()]{3,40}?)\.?$", re.IGNORECASE)
#: Words of time, so that "printed by the council" isn't taken for a date.
_TIME = re.compile(
    rf"\d|\b(?:{_MONTH}|spring|summer|autumn|winter|christmas|easter|new year|half[- ]term|term|"
    r"day|today|tonight|tomorrow|week|month|year|weekend|meeting|end of|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|asap|soon)",
    re.IGNORECASE,
)
_LONG_PARTS = re.compile(rf"^{_DAY}\s+([a-z]{{3,9}})\.?(?:,?\s+(\d{{4}}))?$", re.IGNORECASE)
_SHORT_PARTS = re.compile(r"^(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}|\d{2}))?$")
_MONTH_PARTS = re.compile(
    r"^(?:the\s+)?(?:end\s+of\s+)?([a-z]{3,9})(?:\s+(\d{4}))?$", re.IGNORECASE
)
_HOW = re.compile(
    r"agree|vote|unanim|majority|consensus|abstain|left open|for and|against|show of hands",
    re.IGNORECASE,
)
#: A sentence that begins so names no owner: "Send the letter to parents".
_NO_OWNER = frozenset(
    re.findall(
        r"\S+",
        """
        add apply arrange ask book bring call check circulate collect consider contact continue
        discuss draft email e-mail explain feed find follow get give go hold invite it keep let
        look make meet move need offer organise pass post prepare print provide publish put raise
        reply report respond return review ring send set share show speak take talk tell there
        this try update use want we we’d write
        see as e.g i.e if when for not about with by
        """,
    )
)


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
            if lines and (_WORD.match(line.strip()) or _record_ends(lines, line)):
                found.append(_written(lines, met_on))
                lines = []
            lines.append(line.rstrip())
        if any(line.strip() for line in lines):
            found.append(_written(lines, met_on))
    return found


def _record_ends(lines: list[str], line: str) -> bool:
    """Whether ``line`` begins something new after a record: only a sentence's rest goes on."""
    word = _WORD.match(lines[0].strip())
    if word is None or not lines[0].strip()[word.end() :]:
        return False
    return not line.strip()[:1].islower() and line.strip()[:1] != "("


def _written(lines: list[str], met_on: date) -> Written:
    text = "\n".join(lines).strip()
    word = _WORD.match(text)
    if word is None:
        return Written("text", text)
    kind, text = word[1].lower(), text[word.end() :].strip()
    if not text:
        return Written("text", lines[0].strip())
    if kind == "decision":
        bracket = _BRACKET.search(text)
        how = bracket[1].strip() if bracket and _HOW.search(bracket[1]) else ""
        return Written(kind, text, who=how)
    who, due_text = _picked_out(text)
    return Written(kind, text, who, due_text, understood_date(due_text, after=met_on))


def _picked_out(text: str) -> tuple[str, str]:
    """Who and by when: from a bracket at the end, else from the sentence itself."""
    who = due = ""
    if bracket := _BRACKET.search(text):
        inside = bracket[1].strip()
        who, due = _with_date(inside)
        who = "" if _first(who) in _NO_OWNER else who
    if not due:
        due = _with_date(text[: bracket.start()] if bracket else text)[1]
    if not who and (named := _TO.match(text)) and _first(named[1]) not in _NO_OWNER:
        who = named[1].strip()
    return who, due


def _first(words: str) -> str:
    return words.split()[0].lower().strip(".") if words.split() else ""


def _with_date(text: str) -> tuple[str, str]:
    """What stands before a date, and the date as it was written, or nothing."""
    if by := _BY_DATE.search(text):
        return text[: by.start()].strip(" ,;"), by[1].strip()
    if by := _BY_END.search(text):
        if _TIME.search(by[1]):
            return text[: by.start()].strip(" ,;"), by[1].strip()
    elif bare := _BARE_DATE.match(text):
        return bare[1].strip(" ,;"), bare[2].strip()
    return text, ""


def understood_date(text: str, *, after: date) -> date | None:
    """The day that a written date means, or None. Without a year: the next one from ``after``.

    A month alone means its last day: nothing is late before the last possible day.
    """
    text = text.strip().rstrip(".")
    if long := _LONG_PARTS.match(text):
        month = _month(long[2])
        year = int(long[3]) if long[3] else None
        return _day(int(long[1]), month, year, after) if month else None
    if short := _SHORT_PARTS.match(text):
        given = short[3]
        year = None if given is None else int(given) + (2000 if len(given) == 2 else 0)
        return _day(int(short[1]), int(short[2]), year, after)
    if (alone := _MONTH_PARTS.match(text)) and (month := _month(alone[1])):
        return _last_of(month, int(alone[2]) if alone[2] else None, after)
    return None


def _month(name: str) -> int | None:
    name = "sep" if name.lower() == "sept" else name.lower()
    found = [n for n, month in enumerate(_MONTHS, 1) if month == name or month[:3] == name]
    return found[0] if found else None


def _day(day: int, month: int, year: int | None, after: date) -> date | None:
    try:
        if year is not None:
            return date(year, month, day)
        this_year = date(after.year, month, day)
        return this_year if this_year >= after else date(after.year + 1, month, day)
    except ValueError:
        return None


def _last_of(month: int, year: int | None, after: date) -> date | None:
    year = year or (after.year if month >= after.month else after.year + 1)
    return _day(calendar.monthrange(year, month)[1], month, year, after) if year > 1900 else None


# Which paragraph is which -------------------------------------------------------------------------


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
    like = _likeness(old, new)
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            alike = like.get((i, j), 0.0)
            pair = alike + best[i + 1][j + 1] if alike else 0.0
            best[i][j] = max(pair, best[i + 1][j], best[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        alike = like.get((i, j), 0.0)
        if alike and best[i][j] == alike + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _likeness(old: list[str], new: list[str]) -> dict[tuple[int, int], float]:
    """How alike the pairs are that may be one paragraph; in long texts only those nearby."""
    bags_old, bags_new = ([Counter(words(text)) for text in texts] for texts in (old, new))
    slope = len(new) / len(old) if old else 0
    wide = len(old) * len(new) <= 40 * 40
    found = {}
    for i, a in enumerate(old):
        for j, b in enumerate(new):
            near = wide or abs(i * slope - j) <= _BAND
            if near and _may_be_alike(bags_old[i], bags_new[j]):
                found[i, j] = _alike(a, b, quick=not wide)
    return found


def _may_be_alike(old: Counter[str], new: Counter[str]) -> bool:
    """A quick no for paragraphs of some length that share few words."""
    most, fewest = max(old.total(), new.total()), min(old.total(), new.total())
    return most < 8 or (old & new).total() * 3 >= fewest


def _alike(old: str, new: str, *, quick: bool = False) -> float:
    """How alike, from ALIKE to 1; 0 when they are different paragraphs. ``quick``: by words."""
    # A real beginning, not a word or two that happens to stand first.
    if len(new) >= 12 and old.startswith(new.rstrip(" .")):
        return 1.0
    same = _same_ends(old, new)
    if same >= ALIKE:
        return same
    if quick or max(len(old), len(new)) > _LONG_TEXT:
        ratio = SequenceMatcher(None, old.split(), new.split()).ratio()
    else:
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
            return 0.0
        ratio = matcher.ratio()
    return ratio if ratio >= ALIKE else 0.0


def _same_ends(old: str, new: str) -> float:
    """The share that a common beginning and end make up: most edits are in one place."""
    start = len(os.path.commonprefix([old, new]))  # noqa: RUF071
    end = len(os.path.commonprefix([old[start:][::-1], new[start:][::-1]]))  # noqa: RUF071
    return 2 * (start + end) / max(len(old) + len(new), 1)


# What must not slip out of a private paragraph ----------------------------------------------------


def words(text: str) -> list[str]:
    """The bare words of a text, in order."""
    return re.findall(r"\w+", text.lower())


def holds_words_of(text: str, source: str) -> bool:
    """Whether ``text`` holds a run of words of ``source``: it was split off, merged or moved."""
    theirs, ours = words(source), words(text)
    if len(theirs) < 3:
        return bool(theirs) and theirs == ours
    size = min(SAME_RUN, len(theirs))
    runs = {tuple(theirs[n : n + size]) for n in range(len(theirs) - size + 1)}
    return any(tuple(ours[n : n + size]) in runs for n in range(len(ours) - size + 1))


def slips(
    old: Sequence[tuple[str, bool]],
    new: Sequence[str],
    continued: Sequence[int | None],
    elsewhere: Sequence[str] = (),
) -> dict[int, int]:
    """New texts that hold what was private: index of the new one → index of its private source.

    ``old`` pairs each text with whether it is private; sources in ``elsewhere`` (other items,
    retired paragraphs) count on from there. A text that stands where a private one vanished
    counts too: it is the safe guess, shown at once and taken back with one press.
    """
    sources = [(n, text) for n, (text, private) in enumerate(old) if private]
    sources += [(len(old) + n, text) for n, text in enumerate(elsewhere)]
    found = {}
    for j, text in enumerate(new):
        before = continued[j]
        if before is not None and (old[before][1] or old[before][0] == text):
            continue
        was = old[before][0] if before is not None else ""
        for n, source in sources:
            if holds_words_of(text, source) and not holds_words_of(was, source):
                found[j] = n
                break
        else:
            if before is None and (n_gap := _vanished_here(old, continued, j)) is not None:
                found[j] = n_gap
    return found


def _vanished_here(
    old: Sequence[tuple[str, bool]], continued: Sequence[int | None], j: int
) -> int | None:
    """The private paragraph that stood between this new one's neighbours and is gone."""
    first = max((i for i in continued[:j] if i is not None), default=-1)
    last = min((i for i in continued[j + 1 :] if i is not None and i > first), default=len(old))
    kept = set(continued)
    return next((i for i in range(first + 1, last) if old[i][1] and i not in kept), None)


# Two people's texts of one box --------------------------------------------------------------------


def joined(theirs: str, mine: str) -> str:
    """Both texts as one: what they share once, where they differ theirs and then mine."""
    a, b = (re.split(r"\n\s*\n", text.strip()) for text in (theirs, mine))
    parts: list[str] = []
    for step, i, i_end, j, j_end in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        parts += a[i:i_end]
        if step != "equal":
            parts += b[j:j_end]
    return "\n\n".join(part for part in parts if part.strip())
