"""The tables of meetings, one module per concept along a meeting's life."""

from meetings.models.agenda import AgendaItem
from meetings.models.attendance import Attendance, Invitation, Reply
from meetings.models.calendar import ClosedPeriod, FormerAddress, Meeting, Series
from meetings.models.decisions import ActionItem, Ask, Decision
from meetings.models.minutes import Agreement, Comment, Minutes, Paragraph, Section, Version
from meetings.models.publicity import Document, PublicationTick

__all__ = [
    "ActionItem",
    "AgendaItem",
    "Agreement",
    "Ask",
    "Attendance",
    "ClosedPeriod",
    "Comment",
    "Decision",
    "Document",
    "FormerAddress",
    "Invitation",
    "Meeting",
    "Minutes",
    "Paragraph",
    "PublicationTick",
    "Reply",
    "Section",
    "Series",
    "Version",
]
