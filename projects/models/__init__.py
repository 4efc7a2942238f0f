"""The tables of projects, one module per concept: the work, the log, the ladder, the rest."""

from projects.models.imports import ColumnMatching, Import, ImportRow
from projects.models.involvement import Involvement, LogDraft, OwnAccount, Participation
from projects.models.ladder import Claim, Confirmation, Ladder, LevelAtQuarter, Round, Rung
from projects.models.logo import LogoPermission, Misuse
from projects.models.projects import (
    Named,
    Override,
    Project,
    StatusChange,
    Theme,
    Update,
)
from projects.models.reports import Edition, EditionFile
from projects.models.stories import Story

__all__ = [
    "Claim",
    "ColumnMatching",
    "Confirmation",
    "Edition",
    "EditionFile",
    "Import",
    "ImportRow",
    "Involvement",
    "Ladder",
    "LevelAtQuarter",
    "LogDraft",
    "LogoPermission",
    "Misuse",
    "Named",
    "Override",
    "OwnAccount",
    "Participation",
    "Project",
    "Round",
    "Rung",
    "StatusChange",
    "Story",
    "Theme",
    "Update",
]
