"""Questions about many meetings, invitations, items and minutes; never writes."""

from meetings.querysets.agenda import AgendaItemQuerySet
from meetings.querysets.asks import AskQuerySet
from meetings.querysets.attendance import AttendanceQuerySet, InvitationQuerySet
from meetings.querysets.calendar import ClosedPeriodQuerySet, MeetingQuerySet
from meetings.querysets.decisions import ActionQuerySet
from meetings.querysets.minutes import CommentQuerySet, MinutesQuerySet, ParagraphQuerySet
from meetings.querysets.versions import VersionQuerySet

__all__ = [
    "ActionQuerySet",
    "AgendaItemQuerySet",
    "AskQuerySet",
    "AttendanceQuerySet",
    "ClosedPeriodQuerySet",
    "CommentQuerySet",
    "InvitationQuerySet",
    "MeetingQuerySet",
    "MinutesQuerySet",
    "ParagraphQuerySet",
    "VersionQuerySet",
]
