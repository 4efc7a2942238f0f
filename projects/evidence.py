"""What a log of parents' involvement proves, fact by fact; pure. The table is in ``ladder.py``.

How the words of the rules are understood:

* A telling is no session and no asking: it never shows that parents were absent from a stage.
* A session counts for Participation once it is written down what parents said in it and what
  became of that: a list of dates proves nobody's part.
* Shares are of heads over all sessions of the count: "19 of 40", which anybody can add up.
* A stage was passed without parents if it was recorded and nobody of them was in any of it.
* Claims and confirmations aren't read here: they can raise nothing.

Taking evidence away never raises a level, and an entry that is added lowers one only for a fact
that then says so (``tests/projects/test_ladder.py``).
"""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from coprod.templatetags.forum import day
from projects.methods import ASKED, TOGETHER, TOLD
from projects.models.involvement import Stage

if TYPE_CHECKING:
    from projects.models import Round

STAGES = {
    Stage.DRAFTING: "Drafting",
    Stage.AFTER_DRAFT: "The time after the draft",
    Stage.SIGN_OFF: "Sign-off",
    Stage.DELIVERY: "Delivery",
    Stage.REVIEW: "Review",
}


@dataclass(frozen=True)
class Entry:
    """One entry of the log. ``parents`` and ``officers`` were told, answered or took part."""

    on: date
    counts_as: str  # told, asked or together
    stage: int
    parents: int = 0
    officers: int = 0
    groups: int = 0  # member groups among the parents
    said: str = ""
    outcome: str = ""  # what changed; or what didn't, and why
    replied_on: date | None = None
    reply_due_on: date | None = None
    told_how: str = ""


@dataclass(frozen=True)
class Rules:
    """The forum's thresholds: sessions for Participation, percent of parents in them."""

    sessions: int = 2
    share: int = 33


@dataclass(frozen=True)
class Missing:
    """One fact that a level needs and the log doesn't have: a sentence, and the entry's day."""

    text: str
    kind: str
    on: date | None = None

    @property
    def can_come(self) -> bool:
        """False: it lies in the past. Only a new count begins anew."""
        return self.kind != "early"


@dataclass(frozen=True)
class Step:
    """One level: whether its row is complete, the sentence that says why, or what is missing."""

    reached: bool
    because: str
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True)
class Standing:
    """The level that is proven (None: not on the ladder yet), and each level's step, 1 to 4."""

    level: int | None
    steps: dict[int, Step]
    because: str
    round: "Round | None" = None

    @property
    def next_missing(self) -> tuple[Missing, ...]:
        """What would raise it by one."""
        step = self.steps.get((self.level or 0) + 1)
        return step.missing if step else ()


@dataclass(frozen=True)
class Log:
    """What had happened by ``today``, oldest first, and the questions that facts ask of it."""

    entries: tuple[Entry, ...]
    rules: Rules
    today: date

    def of(self, *kinds: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.counts_as in kinds]

    @property
    def heard(self) -> list[Entry]:
        """Parents were asked, or worked together with services."""
        return [entry for entry in self.of(ASKED, TOGETHER) if entry.parents]

    @property
    def early_enough(self) -> list[Entry]:
        """Parents were heard before the result was signed off."""
        return [entry for entry in self.heard if entry.stage < Stage.SIGN_OFF]

    @property
    def without_parents(self) -> list[Entry]:
        """A session or an asking that no parent was in, from drafting on."""
        return [
            entry
            for entry in self.of(ASKED, TOGETHER)
            if not entry.parents and entry.stage >= Stage.DRAFTING
        ]

    @property
    def sessions(self) -> list[Entry]:
        """Parents and officers together, before sign-off."""
        return [e for e in self.early_enough if e.counts_as == TOGETHER and e.officers]

    @property
    def whole_sessions(self) -> list[Entry]:
        """Those of which it is known what was said and what became of it."""
        return [entry for entry in self.sessions if entry.said and entry.outcome]

    def is_answered(self, entry: Entry) -> bool:
        return bool(entry.outcome and entry.replied_on and entry.replied_on <= self.today)


@dataclass(frozen=True)
class Found:
    """What the log says about one fact: the sentence that proves it, or what is missing."""

    because: str = ""
    missing: tuple[Missing, ...] = ()


def _counted(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"


def _lacks(text: str, kind: str, on: date | None = None) -> Found:
    return Found(missing=(Missing(text, kind, on),))


# The facts, in the order of the table ------------------------------------------------------------


def parents_were_told(log: Log) -> Found:
    tellings = log.of(TOLD)
    whole = [entry for entry in tellings if entry.parents and entry.told_how]
    if log.heard or whole:
        entry = (log.heard or whole)[0]
        were = "was" if entry.parents == 1 else "were"
        did = {TOLD: f"{were} told", ASKED: f"{were} asked", TOGETHER: "worked with services"}
        who = _counted(entry.parents, "parent", "parents")
        how = f": {entry.told_how}" if entry.counts_as == TOLD else ""
        return Found(f"{who} {did[entry.counts_as]} on {day(entry.on)}{how}.")
    if not tellings:
        return _lacks("Telling parents what is planned: when, how, and how many of them.", "told")
    last = tellings[-1]
    missing = []
    if not last.parents:
        text = f"How many parents were told on {day(last.on)} isn’t written down."
        missing.append(Missing(text, "count", last.on))
    if not last.told_how:
        text = f"How parents were told on {day(last.on)} isn’t written down."
        missing.append(Missing(text, "how", last.on))
    return Found(missing=tuple(missing))


def asked_and_answered(log: Log) -> Found:
    asked = log.early_enough
    if not asked:
        return _lacks("Asking parents before the result is signed off.", "asked")
    if answered := [entry for entry in asked if log.is_answered(entry)]:
        entry = answered[-1]
        assert entry.replied_on is not None
        return Found(
            f"Parents were asked on {day(entry.on)} and heard on {day(entry.replied_on)} "
            f"what became of it."
        )
    if undated := [entry for entry in asked if entry.outcome]:
        on = undated[-1].on
        text = f"The day on which parents were told what became of their views of {day(on)}."
        return _lacks(text, "replied_on", on)
    on = asked[-1].on
    text = f"A reply to the parents asked on {day(on)}: what changed, what didn’t and why."
    return _lacks(text, "reply", on)


def nothing_is_unanswered(log: Log) -> Found:
    """An asking wants its dated reply; of a session at least what became of it."""
    missing = []
    for entry in log.of(ASKED, TOGETHER):
        due = entry.reply_due_on
        if due is None or due >= log.today:
            continue
        if entry.counts_as == ASKED and not log.is_answered(entry):
            text = f"Views asked for on {day(entry.on)} are unanswered."
        elif entry.counts_as == TOGETHER and not entry.outcome:
            text = f"Parents haven’t heard what became of the session on {day(entry.on)}."
        else:
            continue
        missing.append(Missing(f"{text} The reply was due by {day(due)}.", "unanswered", entry.on))
    return Found(missing=tuple(missing))


def enough_sessions(log: Log) -> Found:
    whole, needed = log.whole_sessions, log.rules.sessions
    if len(whole) >= needed:
        days = ", ".join(day(entry.on) for entry in whole[-3:])
        times = _counted(len(whole), "session", "sessions")
        return Found(f"Parents and officers worked together in {times} before sign-off ({days}).")
    more = needed - len(whole)
    which = "session" if not whole else "more session"
    missing = [
        Missing(
            f"{_counted(more, which, which + 's')} of parents and officers together before "
            f"sign-off, with what parents said and what became of it.",
            "session",
        )
    ]
    for entry in log.sessions:
        if not entry.said:
            text = f"What parents said on {day(entry.on)} isn’t written down."
            missing.append(Missing(text, "said", entry.on))
        if not entry.outcome:
            text = f"What became of what parents said on {day(entry.on)} isn’t written down."
            missing.append(Missing(text, "outcome", entry.on))
    return Found(missing=tuple(missing))


def group_took_part(log: Log) -> Found:
    whole = log.whole_sessions
    groups = max((entry.groups for entry in whole), default=0)
    if groups:
        who = _counted(groups, "member group", "member groups")
        return Found(f"{who[0].upper()}{who[1:]} took part.")
    if not whole:
        return _lacks("A member group of the forum in one of the sessions.", "group")
    return _lacks("No member group of the forum was in any of these sessions.", "group")


def came_before_first_draft(log: Log) -> Found:
    before = [entry for entry in log.heard if entry.stage <= Stage.DRAFTING]
    drafted = [e.on for e in log.entries if e.stage >= Stage.AFTER_DRAFT]
    drafted += [e.on for e in log.without_parents if e.stage == Stage.DRAFTING and _is_session(e)]
    first_draft = min(drafted, default=None)
    if before and (first_draft is None or before[0].on <= first_draft):
        return Found(f"Parents came in on {day(before[0].on)}, before the first draft.")
    if first_draft is None:
        return _lacks("Parents in it before the first draft.", "too_early")
    return _lacks(
        f"{_too_late(log, first_draft)} An earlier beginning can’t be made up later, but a new "
        f"stage can begin a new count.",
        "early",
        first_draft,
    )


def _too_late(log: Log, first_draft: date) -> str:
    if not log.heard:
        return f"Drafting had begun without parents by {day(first_draft)}."
    came = log.heard[0]
    if came.stage > Stage.DRAFTING:
        return f"Parents came in on {day(came.on)}, when a draft was written already."
    return f"Parents came in on {day(came.on)}; drafting began without them on {day(first_draft)}."


def enough_were_parents(log: Log) -> Found:
    sessions = log.of(TOGETHER)
    parents = sum(entry.parents for entry in sessions)
    everybody = parents + sum(entry.officers for entry in sessions)
    share, of = log.rules.share, f"{parents} of {everybody} people in the sessions were parents"
    if everybody and parents * 100 >= share * everybody:
        return Found(f"{of[0].upper()}{of[1:]}.")
    if not everybody:
        return _lacks(f"At least {share}% parents in the sessions.", "no_share")
    return _lacks(f"Only {of}; at least {share}% need to be.", "share")


def parents_signed_off(log: Log) -> Found:
    agreed = [e for e in log.of(TOGETHER) if e.stage == Stage.SIGN_OFF and e.parents]
    if agreed:
        return Found(f"Parents took part in agreeing the result on {day(agreed[-1].on)}.")
    return _lacks("Parents taking part, with officers, in agreeing the result.", "sign_off")


def no_stage_without_parents(log: Log) -> Found:
    with_parents = {entry.stage for entry in log.heard}
    passed = {e.stage: e for e in log.without_parents if e.stage not in with_parents}
    return Found(
        missing=tuple(
            Missing(
                f"{STAGES[Stage(stage)]} passed without parents on {day(entry.on)}.",
                "stage",
                entry.on,
            )
            for stage, entry in sorted(passed.items())
        )
    )


def _is_session(entry: Entry) -> bool:
    return entry.counts_as == TOGETHER
