"""The usual figures, as a draft that a forum changes and two people confirm. Pence.

Sources: the government's approved mileage rates, of which the one for cars rose from 45p to
55p a mile for journeys from 6 April 2026, and 25p above 10,000 miles; 24p motorcycles, 20p
bicycles and 5p a passenger stayed. Advice on these changes, so nothing here counts before a
treasurer has confirmed it. The other figures are common practice of forums.
"""

from datetime import date

#: (first day, rates)
USUAL: tuple[tuple[date, dict[str, str]], ...] = (
    (
        date(2025, 4, 6),
        {
            "car": "45",
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
        },
    ),
    (
        date(2026, 4, 6),
        {
            "car": "55",
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
        },
    ),
)
