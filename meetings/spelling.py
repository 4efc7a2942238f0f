"""Whether only spelling and typing mistakes changed from one version to the next.

Then the answers hold, so the rule is strict, and stated in ``RULE``: the same items and
paragraphs, the same records, the same privacy, the same people; in each paragraph a few words,
each by a letter or two; never a number, a date, a name or a word that turns a sentence round.
Readers get both texts. Pure: renditions in, sentences out; never a query.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from meetings.reading import changed_words, paragraphs_of

RULE = (
    "At most five words in a paragraph, each by one letter, or two in longer words. Never a "
    "number, a date, a name, a word like “not”, an action, a decision or an ask, what is "
    "private, a title, or who came."
)

MOST_WORDS = 5

_TURNING = """
    not no never none nobody nothing neither nor nowhere without cannot unless until except only
    all both each every some any few many most more less least half quarter third one two three
    four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand
    first second last once twice january february april june july august september october
    november december monday tuesday wednesday thursday friday saturday sunday today tomorrow
    yesterday agree agreed agrees disagree disagreed yes
"""
#: Words that may never come, go or change.
TURNING = frozenset(_TURNING.split())

_MODAL = """
    can could may might must should shall will would do did does is was are were has had have he
    she his her him they we i you their our your my us them this that these those
"""
#: Words that may not turn into each other: what can, may, must and will be, and who.
MODAL = frozenset(_MODAL.split())

#: Little words that may come in or go out.
LITTLE = frozenset(("a", "an", "the", "to", "of"))

_STARTERS = """
    the this that these those there they then we when where what who with a an and are as at but
    by each for from he her how if in is it its of on or our parents families she so some their
    to was were which while you your people
"""
#: Words at the beginning of a sentence that are certainly no names.
STARTERS = frozenset(_STARTERS.split())

#: Beginnings that turn a word into its opposite.
_AGAINST = ("un", "in", "im", "il", "ir", "dis", "non", "mis", "de", "re", "over", "under")

#: Punctuation around a word, but not the sign of a number.
_EDGES = re.compile(r"^(?:[^\w£%?+−–-]|[+−–-](?!\d))+|[^\w£%?]+$")
_SENTENCE_END = re.compile(r"[.!?:]\W*$")


@dataclass(frozen=True)
class Changed:
    """One paragraph before and after, as runs of words that stayed, came in or went out."""

    number: str
    runs: list[tuple[str, str]]


@dataclass
class Check:
    """What changed, for both texts side by side; and why it is no spelling, in sentences."""

    changed: list[Changed] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    @property
    def is_spelling(self) -> bool:
        return bool(self.changed) and not self.refusals


def check(
    old: tuple[dict[str, Any], dict[str, Any]], new: tuple[dict[str, Any], dict[str, Any]]
) -> Check:
    """Compare two versions, each as its full and its public rendition."""
    found = Check()
    for before, after in zip(old, new, strict=True):
        _frames(before, after, found)
        for number, was, now in _texts(before, after):
            if was == now:
                continue
            runs = Changed(number, changed_words(was, now))
            if runs not in found.changed:
                found.changed.append(runs)
            for words in _wrong_words(was, now):
                _refuse(found, f"{number}: {words}")
    return found


def _refuse(found: Check, words: str) -> None:
    if words not in found.refusals:
        found.refusals.append(words)


def _frames(before: dict[str, Any], after: dict[str, Any], found: Check) -> None:
    """Everything but the running text has to be the same."""
    if before["who"] != after["who"]:
        _refuse(found, "Who came has changed.")
    if bool(before["short_version"]) != bool(after["short_version"]):
        _refuse(found, "The short version came in or went out.")
    old, new = before["items"], after["items"]
    if [_frame(item) for item in old] != [_frame(item) for item in new]:
        _refuse(found, "An item, its title or what is private in it has changed.")
    was, now = paragraphs_of(before), paragraphs_of(after)
    if list(was) != list(now):
        _refuse(found, "A paragraph came in, went out or moved.")
        return
    for uid, paragraph in now.items():
        if _facts(was[uid]) != _facts(paragraph):
            what = "what is private, or a record: who, by when or how"
            _refuse(found, f"{paragraph['number']}: it changes {what}.")


def _frame(item: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in item.items() if k not in ("paragraphs", "item")}


def _facts(paragraph: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in paragraph.items() if k != "text"}


def _texts(before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Each text with the name it goes by, before and after."""
    yield "The short version", before["short_version"], after["short_version"]
    was = paragraphs_of(before)
    for uid, paragraph in paragraphs_of(after).items():
        if uid in was:
            yield paragraph["number"], was[uid]["text"], paragraph["text"]


# One text -----------------------------------------------------------------------------------------


def _wrong_words(old: str, new: str) -> list[str]:
    """Why one text isn't only another spelling of the other."""
    a, b = old.split(), new.split()
    bare = [[_EDGES.sub("", w) for w in words] for words in (a, b)]
    wrong, changes = [], 0
    matcher = SequenceMatcher(None, bare[0], bare[1], autojunk=False)
    for step, i, i_end, j, j_end in matcher.get_opcodes():
        if step == "equal":
            continue
        gone, came = bare[0][i:i_end], bare[1][j:j_end]
        changes += max(len(gone), len(came))
        starts = i == 0 or bool(_SENTENCE_END.search(a[i - 1]))
        wrong += _wrong_run(gone, came, before=bare[0][i - 1] if i else "", starts=starts)
    if _questions(old) != _questions(new):
        wrong.append("a question mark came or went.")
    if changes > MOST_WORDS:
        wrong.append(f"{changes} words changed.")
    return wrong


def _questions(text: str) -> int:
    return text.count("?")


def _wrong_run(gone: list[str], came: list[str], *, before: str, starts: bool) -> list[str]:
    """What is wrong with one run of words that became another."""
    if "".join(gone).lower() == "".join(came).lower() and not _weighs_any([*gone, *came]):
        return []  # written apart or together
    if len(gone) == len(came):
        return [
            said
            for n, (old, new) in enumerate(zip(gone, came, strict=True))
            if (said := _wrong_pair(old, new, starts=starts and n == 0))
        ]
    if not came and all(word.lower() == before.lower() for word in gone):
        return []  # the same word twice
    extra = came or gone
    if not (gone and came) and all(word.lower() in LITTLE for word in extra if word):
        return []
    was, now = (" ".join(words) or "nothing" for words in (gone, came))
    return [f"“{was}” became “{now}”."]


def _wrong_pair(old: str, new: str, *, starts: bool) -> str:
    """Why one word isn't only a correction of another; empty where it is."""
    said = f"“{old}” became “{new}”."
    if not old or not new:
        return said if old or new else ""
    low, high = old.lower(), new.lower()
    if _weighs(old) or _weighs(new):
        return f"{said} That is a number, a date or a word that turns the sentence round."
    if old[1:] == new[1:] and low == high:
        return ""  # only the first letter's size
    if _is_name(old, starts) or _is_name(new, starts):
        return f"{said} That may be a name."
    if low in MODAL and high in MODAL:
        return said
    if any(one == start + other for start in _AGAINST for one, other in ((low, high), (high, low))):
        return f"{said} That may be the opposite."
    if _distance(low, high) > _allowed(low, high):
        return said
    return ""


def _weighs(word: str) -> bool:
    low = word.lower().replace("’", "'")
    if any(c.isdigit() or c in "£%?" for c in word) or "n't" in low:
        return True
    return low in TURNING or low in {"wont", "dont", "cant", "isnt", "didnt", "wasnt", "doesnt"}


def _weighs_any(words: list[str]) -> bool:
    return any(_weighs(word) for word in words)


def _is_name(word: str, starts: bool) -> bool:
    """A capital letter makes a name, except on a common word that begins a sentence."""
    if word == "I" or not any(c.isupper() for c in word):
        return False
    return not (starts and word[1:].islower() and _close_to_starter(word.lower()))


def _close_to_starter(word: str) -> bool:
    return word in STARTERS or any(
        len(each) > 2 and _distance(word, each) <= _allowed(word, each) for each in STARTERS
    )


def _allowed(old: str, new: str) -> int:
    """Letters that may differ: one in short words, two from six letters on."""
    return 2 if max(len(old), len(new)) >= 6 else 1


def _distance(a: str, b: str) -> int:
    """How many letters differ: added, left out, another, or two that changed places."""
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            best = min(row[j - 1] + 1, rows[-1][j] + 1, rows[-1][j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
