"""By whom minutes were agreed, in words: the people who were there, or a later meeting.

The public reads these words, so a parents' meeting that confirmed is never dated in them.
"""

from coprod.templatetags.forum import day, plural
from meetings.models import Confirmation, Minutes, Version
from meetings.models.agreement import Tally


def confirmation_of(version: Version, count: Tally) -> Confirmation | None:
    """The later meeting that agreed it, where the answers alone didn't. One query, then only."""
    if count.is_met:
        return None
    rows = Confirmation.objects.filter(version=version).select_related("meeting__minutes")
    return rows.first()


def meeting_words(confirmation: Confirmation) -> str:
    """``the meeting of 4 November 2026``; of parents only, never on which day."""
    meeting = confirmation.meeting
    minutes = getattr(meeting, "minutes", None)
    public = minutes is not None and minutes.state == Minutes.State.PUBLISHED
    if meeting.is_parents_only and not public:
        return "a later parents’ meeting"
    return f"the meeting of {day(meeting.date)}"


def stamp_words(version: Version, count: Tally) -> str:
    """By how many of those who were there, or at which meeting; for the stamp on the page."""
    if confirmation := confirmation_of(version, count):
        return f"Confirmed at {meeting_words(confirmation)} by those who were there."
    there = plural(count.present, "person who was there,people who were there")
    every = ", with at least one from each group" if version.agree_every_group else ""
    return f"by {count.fair} of the {there}{every}. Nobody said “not yet”."


def cover_words(version: Version, count: Tally) -> str:
    """The same for the cover of the PDF, with the day."""
    when = day(version.minutes.agreed_at)
    if confirmation := confirmation_of(version, count):
        return f"{when}: confirmed at {meeting_words(confirmation)} by those who were there"
    there = plural(count.present, "person there,people there")
    return f"{when}, by {count.fair} of the {there}"
