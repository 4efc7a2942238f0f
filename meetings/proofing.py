"""What a reader might stumble over in minutes: listed for the writer, never blocking or scored.

Pure. Source: publishing rules on plain words and on children who could be recognised.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

#: Words in a sentence from which on it is listed as long.
LONG_SENTENCE = 25
#: The short version: how many sentences, of how many words.
SHORT_SENTENCES, SHORT_WORDS = 12, 15
#: Capitals that everybody reads as a word.
KNOWN = frozenset(["NHS", "GP", "UK", "TV", "OK", "PDF", "ID", "IT", "AM", "PM", "II", "III", "IV"])

#: So many words in a row are taken over from somewhere, not found by chance.
RUN = 4

#: Words that begin a sentence before a name: "The Millbrook site".
_NO_NAMES = frozenset(
    re.findall(
        r"\S+",
        """
        a an and as at but by for from he her his i if in it my of on one our she so that the
        their then they this to we when who with
        """,
    )
)
_WORD = re.compile(r"[\w’'-]+")
_CAPITALS = re.compile(r"\b(?:[A-Z]{2,}[a-z]?|[A-Z][a-z]?[A-Z]{1,}[a-z]?)\b")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_CHILD = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:aged?|age of)\s+\d{1,2}\b",
        r"\b\d{1,2}[- ]year[- ]olds?\b",
        r"\b(?:my|her|his|their|whose)\s+(?:\w+\s+)?(?:son|daughter|child|boy|girl|grandson|granddaughter)\b",
        r"\b(?:son|daughter)\s+of\b",
        r"\bdate of birth\b|\bD\.?O\.?B\b",
        r"\bborn\s+(?:on|in)\b",
    )
]


@dataclass(frozen=True)
class Remark:
    """One thing to look at: which paragraph, and the words."""

    number: str
    words: str
    item: int = 0


@dataclass(frozen=True)
class Text:
    """One paragraph to look through. ``item`` is the agenda item that it can be changed in."""

    number: str
    text: str
    item: int = 0


@dataclass(frozen=True)
class Remarks:
    """All remarks by kind."""

    abbreviations: list[Remark]
    sentences: list[Remark]
    children: list[Remark]
    names: list[Remark]

    @property
    def count(self) -> int:
        return sum(map(len, (self.abbreviations, self.sentences, self.children, self.names)))


def look_through(texts: Iterable[Text], names: Iterable[str] = ()) -> Remarks:
    """Every remark on these paragraphs. ``names``: people who didn't choose to be named."""
    texts = list(texts)
    return Remarks(
        abbreviations=list(_abbreviations(texts)),
        sentences=[
            Remark(t.number, sentence, t.item) for t in texts for sentence in long_sentences(t.text)
        ],
        children=[
            Remark(t.number, found[0], t.item)
            for t in texts
            for pattern in _CHILD
            for found in pattern.finditer(t.text)
        ],
        names=list(_named(texts, names)),
    )


def _abbreviations(texts: list[Text]) -> Iterator[Remark]:
    """Each abbreviation once, where it first stands, unless the text explains it somewhere."""
    everything = "\n".join(t.text for t in texts)
    seen: set[str] = set()
    for text in texts:
        for found in _CAPITALS.finditer(text.text):
            word = found[0].rstrip("s")
            if word in KNOWN or word in seen:
                continue
            seen.add(word)
            if not _is_explained(word, everything):
                yield Remark(text.number, word, text.item)


def _is_explained(word: str, text: str) -> bool:
    """``Education, Health and Care Plan (EHCP)`` or ``EHCP (Education, Health and Care Plan)``."""
    short = re.escape(word)
    return bool(re.search(rf"\({short}s?\)|\b{short}s?\s+\([^)]{{{len(word)},}}\)", text))


def sentences(text: str) -> list[str]:
    """The sentences of a text; a line break ends one too."""
    return [found.strip() for found in _SENTENCE.findall(text) if re.search(r"\w", found)]


def long_sentences(text: str, limit: int = LONG_SENTENCE) -> list[str]:
    return [sentence for sentence in sentences(text) if len(sentence.split()) > limit]


def _named(texts: list[Text], names: Iterable[str]) -> Iterator[Remark]:
    for name in names:
        pattern = re.compile(rf"\b{re.escape(name)}\b")
        yield from (Remark(t.number, name, t.item) for t in texts if pattern.search(t.text))


def slipped(text: str, private: Iterable[str], public: Iterable[str]) -> list[str]:
    """Words of private paragraphs that stand in ``text``, which everyone reads.

    Runs of ``RUN`` words or more, and names. What ``public`` paragraphs say as well has not
    slipped out of anything. A name is what is written with a capital within a sentence.
    """
    said = _bare("\n".join(public))
    open_runs = set(_runs(said))
    own = _bare(text)
    found: list[str] = []
    names: list[str] = []
    for secret in private:
        shut = set(_runs(_bare(secret))) - open_runs
        found += _joined_runs(text, own, shut)
        names += [name for name in _names(secret) if name.lower() not in said]
    whole = " ".join(found).lower()
    found += [name for name in names if name.lower() in own and name.lower() not in whole]
    return list(dict.fromkeys(found))


def _bare(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    yield from (tuple(words[n : n + RUN]) for n in range(len(words) - RUN + 1))


def _joined_runs(text: str, words: list[str], shut: set[tuple[str, ...]]) -> list[str]:
    """The runs that stand in ``shut`` as long as they go, in the words of ``text``."""
    places = [found.span() for found in _WORD.finditer(text)]
    phrases, begins, ends = [], -1, -1
    for n, run in enumerate(_runs(words)):
        if run not in shut:
            continue
        if n > ends:
            if begins >= 0:
                phrases.append(text[places[begins][0] : places[ends - 1][1]])
            begins = n
        ends = n + RUN
    if begins >= 0:
        phrases.append(text[places[begins][0] : places[ends - 1][1]])
    return phrases


def _names(text: str) -> list[str]:
    """Words with a capital that begin no sentence, or that another one follows: Hester Vale."""
    found = re.findall(r"(?<![.!?:\n“‘])(?<!^)\s\W?([A-Z][\w’-]*[a-z][\w’-]*)", text)
    found += re.findall(r"\b([A-Z][\w’-]*[a-z][\w’-]*)(?=\s[A-Z][a-z])", text)
    return [name for name in found if name.lower() not in _NO_NAMES]


def short_version_remarks(text: str) -> tuple[int, list[str]]:
    """How many sentences a short version has, and which are longer than they should be."""
    return len(sentences(text)), long_sentences(text, SHORT_WORDS)
