"""Letters about meetings and minutes: one function each; never decides to send."""

from meetings.emails import (
    agreement,
    asks,
    calendar,
    corrections,
    events,
    matters,
    minutes,
    notices,
    places,
    promises,
    sharing,
)

__all__ = [
    "agreement",
    "asks",
    "calendar",
    "corrections",
    "events",
    "matters",
    "minutes",
    "notices",
    "places",
    "promises",
    "sharing",
]
