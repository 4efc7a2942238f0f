"""What one reader sees of minutes: their rendition, its changed words, the talk about it.

Never a write, never a page. Which rendition somebody reads is decided here, once.
"""

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import F
from django.urls import reverse

from coprod.templatetags.forum import day_month
from meetings.corrections import TakenOut, taken_out_of, was_taken_out, without_taken_out
from meetings.models import Comment, Invitation, Minutes, Version
from meetings.readership import Access, access_for, has_private_parts
from members.models import Person

#: Words a minute that people read here: slower than a novel, because every word counts.
WORDS_A_MINUTE = 160

#: A run of words as it stayed (""), came in ("ins") or went out ("del").
Run = tuple[str, str]


@dataclass
class Reader:
    """Somebody who reads one set of minutes, signed in or by their own link.

    ``people`` is everybody invited, with group and attendance, so that a page reads them once.
    """

    minutes: Minutes
    person: Person
    people: list[Invitation]
    token: str = ""
    #: Whether what they were given so far has private parts in it.
    saw_private: bool = False

    @cached_property
    def invitation(self) -> Invitation | None:
        return next((i for i in self.people if i.person_id == self.person.pk), None)

    @cached_property
    def access(self) -> Access:
        """Which private parts they may read."""
        return access_for(self.person, self.minutes.meeting)

    @cached_property
    def taken_out(self) -> list[TakenOut]:
        """What was taken out since publication; costs nothing before that."""
        return taken_out_of(self.minutes)

    @property
    def reads_full(self) -> bool:
        """Whether they were given private parts, and nothing was kept from them."""
        return self.saw_private and self.access.reads_all

    @cached_property
    def writes_down(self) -> bool:
        """Whether they also write down what others say by phone; never by link."""
        return not self.token and self.person.has_perm("meetings.settle_comments", self.minutes)

    @property
    def offers_comments(self) -> bool:
        """Whether the page offers a comment form. Whoever sends one is asked for permission."""
        return self.invitation is not None or self.writes_down

    @property
    def offers_answer(self) -> bool:
        """Whether the page asks for a fair record. Whoever answers is asked for permission."""
        was_there = self.invitation is not None and self.invitation.attended
        return was_there and self.minutes.takes_answers

    @property
    def came(self) -> list[Invitation]:
        return [each for each in self.people if each.attended]

    def url(self, page: str) -> str:
        """The address of ``draft``, ``comment`` or ``answer`` for this reader."""
        if self.token:
            return reverse(f"meetings:minutes_{page}_by_link", args=[self.token])
        return reverse(f"meetings:minutes_{page}", args=[self.minutes.meeting.slug])

    def correct_url(self, comment: Comment) -> str:
        """Where the reader puts right a comment that was written down for them."""
        if not comment.was_written_down or not self.minutes.can("agree"):
            return ""
        if self.token:
            return reverse("meetings:comment_correct_by_link", args=[self.token, comment.pk])
        return reverse("meetings:comment_correct", args=[self.minutes.meeting.slug, comment.pk])

    def rendition(self, version: Version, since: Iterable[Version] = ()) -> dict[str, Any]:
        """What this reader may have of a version. ``since``: the versions after it.

        Where nothing is private there is nothing to ask. What was taken out of published
        minutes stands in no version any more, for nobody.
        """
        if not any(map(has_private_parts, (version, *since))):
            mine = version.public
        else:
            self.saw_private = True
            mine = self.access.rendition(version, since)
        return without_taken_out(mine, version.number, self.taken_out, full=self.reads_full)


def paragraphs_of(rendition: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each paragraph of a rendition by its id, in order."""
    return {p["uid"]: p for item in rendition["items"] for p in item["paragraphs"]}


def reading_minutes(rendition: dict[str, Any]) -> int:
    """How many minutes it takes to read, at least one."""
    words = sum(len(p["text"].split()) for p in paragraphs_of(rendition).values())
    return max(1, round(words / WORDS_A_MINUTE))


@dataclass
class Changes:
    """What moved between two renditions of the same kind: runs of words by paragraph id."""

    since: int
    runs: dict[str, list[Run]] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    gone: dict[int, list[str]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self.runs) + len(self.new) + sum(len(texts) for texts in self.gone.values())


def changes_between(old: dict[str, Any], new: dict[str, Any], *, since: int) -> Changes:
    """Changed, new and removed paragraphs from one version's rendition to the next one's.

    Removed ones stand under the item that has the same place, else under the last.
    """
    found = Changes(since)
    before, after = paragraphs_of(old), paragraphs_of(new)
    for uid, paragraph in after.items():
        if uid not in before:
            found.new.add(uid)
        elif (was := before[uid]["text"]) != paragraph["text"]:
            found.runs[uid] = changed_words(was, paragraph["text"])
    numbers = [item["number"] for item in new["items"]]
    for item in old["items"]:
        texts = [p["text"] for p in item["paragraphs"] if p["uid"] not in after and p["text"]]
        if texts and numbers:
            place = item["number"] if item["number"] in numbers else numbers[-1]
            found.gone.setdefault(place, []).extend(texts)
    return found


@lru_cache(maxsize=512)
def changed_words(old: str, new: str) -> list[Run]:
    """One text turned into another, word by word. Spaces go with the word before them."""
    a, b = (re.findall(r"\S+\s*|\s+", text) for text in (old, new))
    runs: list[Run] = []
    long = max(len(a), len(b)) > 400
    matcher = SequenceMatcher(None, [w.strip() for w in a], [w.strip() for w in b], autojunk=long)
    for step, i, i_end, j, j_end in matcher.get_opcodes():
        if step == "equal":
            runs.append(("", "".join(b[j:j_end])))
            continue
        if i < i_end:
            runs.append(("del", "".join(a[i:i_end])))
        if j < j_end:
            runs.append(("ins", "".join(b[j:j_end])))
    return runs


@dataclass(frozen=True)
class Said:
    """One comment as a reader sees it beneath its paragraph."""

    comment: Comment
    #: The number of the version it was made on, where that isn't the one on the page.
    earlier: int | None
    is_own: bool
    names: bool
    #: Where its author puts right what was written down for them; empty where there's nothing to.
    correct_url: str = ""

    @property
    def who(self) -> str:
        """For whom it was said; by name only to the author and to coordinators."""
        author = self.comment.author
        if self.comment.speaking_for == Comment.SpeakingFor.GROUP:
            words = f"for {author.on_behalf_of}"
        elif self.comment.speaking_for == Comment.SpeakingFor.MANY:
            words = "for many families"
        else:
            words = "for yourself" if self.is_own else "for themselves"
        if self.is_own:
            return f"your comment, {words}"
        return f"{author.person.name}, {words}" if self.names else words

    @property
    def written_down(self) -> str:
        """Who typed it for them and how it came, and when they put it right; else nothing."""
        words = self.comment.written_down
        if words and self.comment.corrected_at:
            words += f", put right by themselves on {day_month(self.comment.corrected_at)}"
        return words

    @property
    def settled_by(self) -> str:
        return str(getattr(self.comment, "settler", "") or self.comment.outcome_by or "")


def comments_on(minutes: Minutes, people: Iterable[Invitation]) -> list[Comment]:
    """Every comment on these minutes, oldest first, in one query.

    Two hundred comments come from a few people, who were read already: they aren't joined to
    each row again.
    """
    authors = {each.pk: each for each in people}
    comments: list[Comment] = list(
        Comment.objects.filter(version__minutes=minutes)
        .annotate(maker=F("made_by__name"), settler=F("outcome_by__name"))
        .order_by("made_at", "pk")
    )
    for comment in comments:
        comment.author = authors[comment.author_id]
    return comments


def talk_about(
    reader: Reader, comments: Iterable[Comment], version: Version, versions: Sequence[Version]
) -> dict[str, list[Said]]:
    """Comments by paragraph id.

    Those on a paragraph that is private in any version go to those only who may read it. Words
    that were copied from a text before something was taken out of it stay away.
    """
    private = [each for each in versions if has_private_parts(each)]
    hidden = reader.access.hidden(private) if private else set()
    numbers = {each.pk: each.number for each in versions}
    own = reader.invitation.pk if reader.invitation else None
    found: dict[str, list[Said]] = {}
    for comment in comments:
        uid = str(comment.uid)
        if uid not in hidden:
            if was_taken_out(reader.taken_out, uid, numbers[comment.version_id]):
                comment.quote = ""
            earlier = numbers[comment.version_id] if comment.version_id != version.pk else None
            is_own = comment.author_id == own
            url = reader.correct_url(comment) if is_own and version.comments_open else ""
            said = Said(comment, earlier, is_own, reader.writes_down, url)
            found.setdefault(uid, []).append(said)
    return found


@dataclass
class Draft:
    """Everything that a draft page shows besides the rendition: changes, talk, the open form."""

    changes: Changes | None = None
    talk: dict[str, list[Said]] = field(default_factory=dict)
    #: Where the form is opened, and where it is sent; empty when comments aren't offered.
    comment_url: str = ""
    comment_action: str = ""
    #: What opening it leads to; empty for its paragraph.
    comment_anchor: str = ""
    form: Any = None
    form_uid: str = ""
    sent: int = 0


def settle_order(comments: Iterable[Comment]) -> list[Comment]:
    """Open ones first, then in the order of the text."""
    return sorted(comments, key=lambda c: (c.outcome != "", number_key(c.number), c.pk))


def number_key(number: str) -> list[int]:
    """``4.10`` after ``4.9``."""
    return [int(part) for part in number.split(".") if part.isdecimal()]


def as_uid(text: str) -> str:
    """An id from an address in its stored form, or nothing."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""
