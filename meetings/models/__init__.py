"""The tables of meetings, one module per concept along a meeting's life."""

from meetings.models.agenda import AgendaItem, NamedReader, Paper, Release
from meetings.models.agreement import Agreement, Confirmation
from meetings.models.asks import Answer, Ask, AskExtension, AskState
from meetings.models.attendance import Attendance, Invitation, Reply, Via
from meetings.models.calendar import ClosedPeriod, Delay, FormerAddress, Meeting, Move, Series
from meetings.models.comments import Comment
from meetings.models.decisions import ActionItem, Decision
from meetings.models.events import CalendarKey, SignUp
from meetings.models.minutes import Minutes, Paragraph, Section
from meetings.models.publicity import Document, PublicationTick, PublicityChannel, PublicityStep
from meetings.models.versions import Correction, Version, WindowReason

__all__ = [
    "ActionItem",
    "AgendaItem",
    "Agreement",
    "Answer",
    "Ask",
    "AskExtension",
    "AskState",
    "Attendance",
    "CalendarKey",
    "ClosedPeriod",
    "Comment",
    "Confirmation",
    "Correction",
    "Decision",
    "Delay",
    "Document",
    "FormerAddress",
    "Invitation",
    "Meeting",
    "Minutes",
    "Move",
    "NamedReader",
    "Paper",
    "Paragraph",
    "PublicationTick",
    "PublicityChannel",
    "PublicityStep",
    "Release",
    "Reply",
    "Section",
    "Series",
    "SignUp",
    "Version",
    "Via",
    "WindowReason",
]
