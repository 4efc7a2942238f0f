"""Letters of the calendar: the year announced, an invitation, an agenda."""
