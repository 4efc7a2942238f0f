"""Dates as vague as life: the words as written, and the period that they are understood as."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from coprod.templatetags.forum import day
from projects import periods
from projects.periods import ENDS, Kind, NotRead, Reading

__all__ = ["ENDS", "Kind", "VagueDate", "understand"]

#: No date needs more; anything longer is a story, and is kept as one.
LONGEST = 300
NO_DATE = "no date we can hold anyone to"
#: What a due date means that isn't a period.
MEANS = {
    Kind.NONE: "no date given",
    Kind.OPEN: "work without an end",
    Kind.RECURRING: "it comes round again",
    Kind.UNREAD: "we don’t understand this date",
}


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

    @property
    def ends(self) -> bool:
        """There is a last possible day, after which it has passed."""
        return self.kind in ENDS and self.last is not None

    @property
    def is_vague(self) -> bool:
        """The words say less than one day, or it took reading to understand them."""
        return bool(self.text) and (self.kind != Kind.DAY or bool(self.doubt))

    @property
    def in_words(self) -> str:
        """What a due date is held to: ``by 31 May 2027``."""
        if self.ends and self.last is not None:
            return f"by {day(self.last)}"
        if self.kind == Kind.MIXED and self.last is not None:
            return f"something by {day(self.last)}, then no end"
        return MEANS.get(Kind(self.kind), NO_DATE)

    @property
    def as_start(self) -> str:
        """What a start is taken as: ``some day from 1 to 31 January 2026``."""
        if self.first is None or self.last is None:
            return {Kind.NONE: "no date given", Kind.UNREAD: "we don’t understand this date"}.get(
                Kind(self.kind), "no date that we can tell"
            )
        if self.first == self.last:
            return day(self.first)
        return f"some day from {_from(self.first, self.last)} to {day(self.last)}"


def _from(first: date, last: date) -> str:
    """Only what the last day doesn't say again."""
    if first.year != last.year:
        return day(first)
    return str(first.day) if first.month == last.month else f"{first.day} {first:%B}"


def understand(text: str, *, near: VagueDate | None = None, year_begins: int = 9) -> VagueDate:
    """What the words of a date mean.

    ``near`` is when the same work started, for words without a year; ``year_begins`` the
    month in which a year such as 2022/23 begins (September: the school year, a setting).
    """
    if len(text) > LONGEST:
        return VagueDate(text, kind=Kind.UNREAD, doubt="It’s too long for a date")
    reading = Reading(year_begins=year_begins)
    if near is not None and near.first is not None:
        reading = Reading(near.first, None, "The year is taken from when it started", year_begins)
    words = tidy(text)
    for reader in (_nothing, _unknown, _urgent, _recurring, _open, _period):
        found = reader(words, reading)
        if found is not None:
            return VagueDate(text, found.first, found.last, found.kind, found.doubt[:200])
    return VagueDate(text, kind=Kind.UNREAD)


def tidy(text: str) -> str:
    """Words in small letters, with one kind of dash and blank, without quotation marks."""
    words = unicodedata.normalize("NFKC", text).casefold()
    words = re.sub(r"[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]", "-", words)
    words = re.sub(r"['\u2018\u2019](\d\d)(?![\d/-])", r"20\1", words)
    words = re.sub(r"[\"'`\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb]", "", words)
    words = " ".join(words.split())
    previous = None
    while words != previous:
        previous = words
        words = words.strip(" .,;:")
        if words.startswith("(") and words.endswith(")"):
            words = words[1:-1]
    return words


@dataclass(frozen=True)
class _Found:
    """What one reader made of the words."""

    kind: str
    first: date | None = None
    last: date | None = None
    doubt: str = ""


_NOTHING = re.compile(r"[-/]*|n/?a|not applicable|none|nil|blank")
_UNKNOWN = re.compile(
    r"\b(t\.?b\.?[cad]|to be (?:confirmed|agreed|decided|announced|advised|set|determined)"
    r"|(?:not )?yet to be \w+|not (?:yet )?(?:known|agreed|decided|set|confirmed)"
    r"|not started(?: yet)?|unknown|undecided)(?!\w)"
)
_URGENT = re.compile(
    r"\b(a\.?s\.?a\.?p|as soon as (?:possible|we can)|urgent(?:ly)?|immediate(?:ly)?)(?!\w)"
)
_OPEN = re.compile(
    r"\b(on[ -]?going|open[ -]?ended|continu(?:ing|ous(?:ly)?|es|al)|rolling|permanent(?:ly)?"
    r"|indefinite(?:ly)?|no end(?: date)?|business as usual|until further notice|onwards?"
    r"|present)(?!\w)"
)
_NUMBER = r"(?:\d{1,2}|one|two|three|four|five|six|eight|ten|twelve)"
_UNIT = r"(?:day|week|fortnight|month|half[ -]term|term|quarter|year)s?"
_RECURRING = re.compile(
    rf"\b((?:half[ -]|bi-?|{_NUMBER}[ -])?(?:daily|weekly|fortnightly|monthly|quarterly|termly"
    rf"|yearly|annual(?:ly)?)|(?:each|every)(?: other| {_NUMBER})? {_UNIT}"
    rf"|(?:once|twice|{_NUMBER} times) (?:a|per|each|every) {_UNIT})(?!\w)"
)
#: What may stand beside words that were understood without adding to them.
_FILLERS = re.compile(
    r"(?:\b(?:and|then|it|is|its|basis|on|a|at|of|the|work|meetings?|reviews?|updates?|sessions?"
    r"|date|end|now|still)\b|[\s,;:.()/&+-])*"
)
_DENIES = re.compile(
    r"\b(no longer|not|never|isnt|wasnt|was|were|finished|completed?|done|ended|closed|stopped"
    r"|cancelled|paused)\b(?! (?:started|yet))"
)
#: A date within a story: with a year or a day, or a month after a word that leads to one.
_WITHIN = re.compile(
    rf"\b(?:(?:by|in|on|from|since|until|till) )?(?:the )?"
    rf"(?:(?:end|start|beginning)(?: of)? (?:the )?|early |mid[ -]|late )?"
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)? {periods.MONTH}(?: \d{{4}})?"
    rf"|(?:{periods.MONTH}|{periods.SEASON}) \d{{4}}"
    rf"|(?<=by )(?:{periods.MONTH})|(?<=of )(?:{periods.MONTH})|(?<=end )(?:{periods.MONTH})"
    rf"|\d{{4}}(?:/\d\d)?)(?![\w/-])",
    re.ASCII,
)


def _nothing(words: str, reading: Reading) -> _Found | None:
    return _Found(Kind.NONE) if _NOTHING.fullmatch(words) else None


def _unknown(words: str, reading: Reading) -> _Found | None:
    """``TBC``."""
    if words and not words.strip("? "):
        return _Found(Kind.UNKNOWN)
    return _alone(words, _UNKNOWN, Kind.UNKNOWN)


def _urgent(words: str, reading: Reading) -> _Found | None:
    """``ASAP``; with a date beside it, the date counts."""
    found = _alone(words, _URGENT, Kind.URGENT)
    if found is not None and found.doubt:
        rest = _URGENT.sub("", words).strip(" ,;:-")
        return _period(rest, reading, quiet=True) or found
    return found


def _alone(words: str, pattern: re.Pattern[str], kind: str) -> _Found | None:
    """One kind by its own words; what stands beside them wasn't understood, and is said so."""
    match = pattern.search(words)
    if match is None:
        return None
    rest = (words[: match.start()] + " " + words[match.end() :]).strip()
    if _FILLERS.fullmatch(rest):
        return _Found(kind)
    said = match.group(1)
    return _Found(kind, doubt=f"Only “{said.upper() if len(said) < 6 else said}” was understood")


def _recurring(words: str, reading: Reading) -> _Found | None:
    """``monthly``; ``annual report`` isn't one, for the rest of it must be understood too."""
    match = _RECURRING.search(words)
    if match is None:
        return None
    rest = (words[: match.start()] + " " + words[match.end() :]).strip()
    if _DENIES.search(rest):
        return None
    if _FILLERS.fullmatch(rest):
        return _Found(Kind.RECURRING)
    period = _period(rest, reading, quiet=True)
    return period and _Found(Kind.RECURRING, period.first, period.last, period.doubt)


def _open(words: str, reading: Reading) -> _Found | None:
    """``ongoing``, and ``May 2026 then ongoing``: a date first."""
    since = re.fullmatch(r"(?:from|since) (.+)", words)
    match = _OPEN.search(words)
    if match is None:
        if since is None:
            return None
        period = _period(since[1], reading, quiet=True)
        if period is None or (period.kind == Kind.SPAN and re.search(r" (?:to|until) |-", words)):
            return None
        return _Found(Kind.MIXED, period.first, period.last, period.doubt)
    rest = words[: match.start()] + " " + words[match.end() :]
    if _DENIES.search(rest):
        return None
    if _FILLERS.fullmatch(rest):
        return _Found(Kind.OPEN)
    return _milestone(rest, reading) or _alone(words, _OPEN, Kind.OPEN)


def _milestone(rest: str, reading: Reading) -> _Found | None:
    """The date in what is said before ``ongoing``."""
    rest = re.sub(r"^[\s,;:&(-]+|(?:[\s,;:&(-]|\band\b|\bthen\b)+$", "", rest)
    candidates = [rest]
    within = list(_WITHIN.finditer(rest))
    if len(within) == 1:
        candidates.append(within[0].group())
    for words in candidates:
        try:
            period = periods.read(words, reading)
        except periods.NoYear as trouble:
            return _Found(Kind.MIXED, doubt=str(trouble).rstrip("."))
        except NotRead:
            continue
        return _Found(Kind.MIXED, period.first, period.last, period.doubt)
    return None


def _period(words: str, reading: Reading, *, quiet: bool = False) -> _Found | None:
    """A period that ends; or, unless ``quiet``, why it isn't understood."""
    try:
        period = periods.read(words, reading)
    except NotRead as trouble:
        doubt = str(trouble).rstrip(".")
        return _Found(Kind.UNREAD, doubt=doubt) if doubt and not quiet else None
    return _Found(period.kind, period.first, period.last, period.doubt)
