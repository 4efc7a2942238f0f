"""Letters about meetings and minutes: one function each; never decides to send."""

from meetings.emails import calendar, events, minutes, notices, promises

__all__ = ["calendar", "events", "minutes", "notices", "promises"]
