"""What one version of the rates and rules says, in words, and how two versions differ.

One table names everything that a version holds, in the order in which forms and pages show it.
Nothing here writes.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from coprod.templatetags.forum import day, pence
from expenses.models import Policy

#: What an empty rate means: nothing is paid for it, or it is paid as it cost.
NOT_PAID, NO_LIMIT, NOT_COUNTED = "Not paid", "No limit", "Not counted"


@dataclass(frozen=True)
class Item:
    """One figure of a version. ``unit``: p, £, or the noun that is counted; "" is yes or no.

    ``per``: what follows the figure. ``most``: above this it is a slip of the pen (pence for
    money). ``empty``: what a rate that isn't there means; rules are never empty.
    """

    name: str
    label: str
    unit: str
    per: str = ""
    hint: str = ""
    most: int = 0
    empty: str = ""
    is_rate: bool = True

    def say(self, value: Any) -> str:
        """``55p a mile``, ``£10 an hour at most``, ``90 days``, ``Yes``."""
        if value is None:
            return self.empty
        if self.unit in ("p", "£"):
            return f"{say_money(value)}{self.per and ' ' + self.per}"
        if not self.unit:
            return "Yes" if value else "No"
        one, _, many = self.unit.partition(",")
        return f"{value:,} {one if value == 1 else many}"


def say_money(amount: Decimal | int) -> str:
    """Pence and parts of a penny: ``45p``, ``24.5p``, ``£10``, ``£10.505``."""
    amount = Decimal(amount)
    if amount < 100:
        return f"{amount.normalize():f}p"
    return pence(int(amount)) if amount == int(amount) else f"£{(amount / 100).normalize():f}"


def _rate(
    name: str, label: str, unit: str, per: str, most: int, empty: str, hint: str = ""
) -> Item:
    return Item(name, label, unit, per, hint, most, empty)


def _rule(name: str, label: str, unit: str, most: int = 0, hint: str = "", per: str = "") -> Item:
    return Item(name, label, unit, per, hint, most, is_rate=False)


_DAYS, _HOURS = "day,days", "hour,hours"

TABLE: tuple[tuple[str, tuple[Item, ...]], ...] = (
    (
        "Travel",
        (
            _rate("car", "Own car or van", "p", "a mile", 200, NOT_PAID),
            _rule(
                "band_miles",
                "Miles a year at this rate",
                "mile,miles",
                100_000,
                "By car in a tax year, for everybody somebody drives for",
            ),
            _rate("car_above", "Own car or van above that", "p", "a mile", 200, NOT_PAID),
            _rate("motorcycle", "Motorcycle", "p", "a mile", 200, NOT_PAID),
            _rate("bicycle", "Bicycle", "p", "a mile", 200, NOT_PAID),
            _rate("passenger", "Each passenger in a car", "p", "a mile", 100, NOT_PAID),
        ),
    ),
    (
        "Childcare and care",
        (
            _rate("childcare", "Childcare", "£", "an hour at most", 20_000, NO_LIMIT),
            _rate("care", "Replacement care", "£", "an hour at most", 20_000, NO_LIMIT),
            _rule(
                "care_minutes",
                "Care around a meeting",
                "minute,minutes",
                600,
                "For the way there and back, both together",
            ),
            _rule("relatives_care", "Care by a relative from another home is paid", ""),
        ),
    ),
    (
        "Food, phone, printing",
        (
            _rate("meal", "Food and drink", "£", "a day at most", 20_000, NO_LIMIT),
            _rule("meal_hours", "Paid when away for", _HOURS, 24, "This long, or longer"),
            _rate("phone", "Phone and data", "£", "a meeting at most", 10_000, NO_LIMIT),
            _rate("printing", "Printing", "p", "a page", 500, NOT_PAID),
        ),
    ),
    (
        "Thank-yous and time",
        (
            _rate("half_day", "Thank-you payment, half a day", "£", "", 100_000, NOT_PAID),
            _rate("full_day", "Thank-you payment, a full day", "£", "", 100_000, NOT_PAID),
            _rule("full_day_hours", "A full day is", _HOURS, 12, "This long, or longer"),
            _rate(
                "in_kind",
                "Value of an hour given freely",
                "£",
                "an hour",
                20_000,
                NOT_COUNTED,
                "For reports only: nobody is paid it",
            ),
        ),
    ),
    (
        "Claims",
        (
            _rule("window_days", "Days to claim in", _DAYS, 730, "After the day itself"),
            _rule("pay_days", "Days until the money is back", _DAYS, 60, "The promise we make"),
            _rule("two_over", "Two people approve above", "£", 10_000_000),
            _rule(
                "lost_receipt_most",
                "Without a receipt, up to",
                "£",
                100_000,
                "With a reason in its place",
            ),
            _rule("advance_most", "In advance, up to", "£", 1_000_000),
            _rule(
                "shows_totals",
                "Everybody may read totals",
                "",
                0,
                "Sums for the year, without any name",
            ),
        ),
    ),
)
ITEMS: dict[str, Item] = {item.name: item for _, items in TABLE for item in items}
RATES = tuple(name for name, item in ITEMS.items() if item.is_rate)
RULES = tuple(name for name, item in ITEMS.items() if not item.is_rate)


def values(policy: Policy) -> dict[str, Any]:
    """Every figure by its name; a rate that isn't there is None. Reads the prefetched rates."""
    rates: Mapping[str, Decimal] = {rate.kind: rate.pence for rate in policy.rates.all()}
    return {
        name: rates.get(name) if item.is_rate else getattr(policy, name)
        for name, item in ITEMS.items()
    }


@dataclass(frozen=True)
class Row:
    """One figure on a page; ``before`` is empty where it didn't change."""

    label: str
    value: str
    before: str = ""


def rows(policy: Policy) -> list[tuple[str, list[Row]]]:
    """Everything that a version says, by heading."""
    said = values(policy)
    return [
        (heading, [Row(item.label, item.say(said[item.name])) for item in items])
        for heading, items in TABLE
    ]


def differences(new: Policy, old: Policy) -> list[Row]:
    """What the newer version says in another way, in the table's order; empty: nothing."""
    now, then = values(new), values(old)
    return [
        Row(item.label, item.say(now[name]), item.say(then[name]))
        for name, item in ITEMS.items()
        if now[name] != then[name]
    ]


def seal(policy: Policy, before: Policy | None) -> str:
    """A short name for exactly what somebody reads: a form carries it, a service compares it.

    Rates, rules, day, words and state, and the version that they are compared with.
    """
    said = [f"{name}={'' if value is None else value}" for name, value in values(policy).items()]
    rest = [policy.state, day(policy.begins_on), policy.agreed_by, policy.note]
    proposed = policy.proposed_at.isoformat() if policy.proposed_at else ""
    text = "\n".join([*said, *rest, proposed, str(before.pk if before else "")])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
