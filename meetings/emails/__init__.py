"""Letters about meetings and minutes: one function each; never decides to send."""

from meetings.emails import calendar, minutes

__all__ = ["calendar", "minutes"]
