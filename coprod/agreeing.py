"""The forum's own rule for agreeing minutes: how many it takes, and the rule in plain words.

In one place, so that the settings, the draft, the letters and the published page say the same
and count the same. Source: the forum's settings, copied onto each version that goes out.
"""

from fractions import Fraction
from typing import Any

#: Shares that have a name. A third is no whole percent, so 33 and 67 mean thirds exactly.
NAMED = {
    25: (Fraction(1, 4), "at least a quarter"),
    33: (Fraction(1, 3), "at least a third"),
    50: (Fraction(1, 2), "at least half"),
    67: (Fraction(2, 3), "at least two thirds"),
    75: (Fraction(3, 4), "at least three quarters"),
}


def needed(present: int, share: int) -> int:
    """How many of those present must say yes: ``share`` percent, rounded up, at least one."""
    part = NAMED[share][0] if share in NAMED else Fraction(share, 100)
    return max(1, -(-present * part.numerator // part.denominator))


def rule_words(rule: Any) -> str:
    """The rule as one would say it. ``rule``: a forum, or a version that the rule was copied to."""
    return words_for(rule.agree_share, rule.agree_every_group, rule.agree_at_next)


def words_for(share: int, every_group: bool, at_next: bool) -> str:
    """The same from its three parts; ``share`` in percent."""
    parts = [f"{_who(share)} that they are a fair record"]
    if every_group and share < 100:
        parts.append("one of them from each group that was there")
    parts += ["nobody says not yet", "comments have closed and each has an answer"]
    said = [f"Minutes are agreed when {', '.join(parts)}."]
    if at_next:
        said.append("Or when the next meeting confirms them.")
    said.append("Saying nothing is never taken as yes.")
    return " ".join(said)


def _who(share: int) -> str:
    if share >= 100:
        return "everybody who was there says"
    words = NAMED[share][1] if share in NAMED else f"at least {share}%"
    return f"{words} of those who were there say"


def examples(rule: Any) -> list[tuple[str, str]]:
    """Usual shares, each with the whole rule as it would read: half, two thirds, everybody."""
    usual = {50: "Half, 50%", 67: "Two thirds, 67%", 100: "Everybody, 100%"}
    return [
        (name, words_for(share, rule.agree_every_group, rule.agree_at_next))
        for share, name in usual.items()
    ]
