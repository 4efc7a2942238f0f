"""The usual figures, as drafts that a forum changes and two people confirm. Pence.

Sources: the government's approved mileage rates, of which the one for cars rose from 45p to
55p a mile for journeys from 6 April 2026, and 25p above 10,000 miles; 24p motorcycles, 20p
bicycles and 5p a passenger stayed. Copies of the official tables disagree on the change, so
nothing here counts before a treasurer has confirmed it. The other figures are common practice
of forums. No thank-you payments are among them: whether a forum pays any is its own decision.
"""

from dataclasses import dataclass
from datetime import date

#: The same in both years: what isn't a car's mileage.
_OTHERS = {
    "car_above": "25",
    "motorcycle": "24",
    "bicycle": "20",
    "passenger": "5",
    "childcare": "1000",
    "care": "1500",
    "meal": "800",
    "phone": "200",
    "printing": "10",
    "in_kind": "1500",
}

#: (first day, rates)
USUAL: tuple[tuple[date, dict[str, str]], ...] = (
    (date(2025, 4, 6), {"car": "45", **_OTHERS}),
    (date(2026, 4, 6), {"car": "55", **_OTHERS}),
)


@dataclass(frozen=True)
class Offer:
    """One draft that an empty portal offers to begin, by the key in its button."""

    key: str
    begins_on: date
    rates: dict[str, str]
    title: str
    text: str


OFFERS: tuple[Offer, ...] = (
    Offer(
        "2026",
        *USUAL[1],
        title="For journeys from 6 April 2026",
        text="Cars at 55p a mile.",
    ),
    Offer(
        "2025",
        *USUAL[0],
        title="For journeys before 6 April 2026",
        text="Cars at 45p a mile. Only needed if somebody still asks for money back for that time.",
    ),
)

#: Said wherever these figures are offered or confirmed.
WARNING = (
    "Copies of the official mileage rates disagree about the change in April 2026: some say 45p "
    "a mile for cars, some say 55p. The treasurer must check each figure at gov.uk before it "
    "counts."
)
