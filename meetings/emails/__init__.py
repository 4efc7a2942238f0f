"""Letters about meetings and minutes: one function each; never decides to send."""

from meetings.emails import calendar, corrections, events, minutes, notices, promises, sharing

__all__ = ["calendar", "corrections", "events", "minutes", "notices", "promises", "sharing"]
