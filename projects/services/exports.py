"""The tracker as a table that gives back every word: one row a project, named columns only.

In CSV an apostrophe stands before whatever a spreadsheet could take for a formula; the import
takes it off again. In XLSX every cell is typed as text instead.

What the public may not read of a project is in no public export: no people, no log, no audit;
whether it is public and what else a table said of it are for whoever may import.
"""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from coprod.models import Forum
from coprod.templatetags.forum import day
from members.models import Organisation
from projects import tables, workbooks
from projects.columns import KEPT, Columns
from projects.ladder import NOT_YET, rung_names
from projects.models import Import, ImportRow, Project, Update
from projects.status import Status
from projects.understood import NO, YES, Note, fold, notes_joined
from projects.vague import Kind, VagueDate, understand

HEADINGS = (
    "Reference",
    "Title",
    "Summary",
    "Status",
    "Started",
    "Due",
    "Completed",
    "Review date",
    "Level proven by the log",
    "Level confirmed by the forum",
    "Last news",
    "Lead organisation",
    "Theme",
    "Wards",
    "Who is involved",
    "Driver",
    "Notes",
    "Address",
)
#: Only for whoever may import.
MORE_HEADINGS = ("Public",)
#: What the portal works out itself; an import leaves these alone.
DERIVED_HEADINGS = (
    "Status",
    "Level proven by the log",
    "Level confirmed by the forum",
    "Last news",
    "Address",
)
CHUNK = 500


class Export:
    """An export as somebody may have it. ``whole``: for whoever may import projects."""

    def __init__(self, projects: QuerySet[Project], *, today: date, whole: bool) -> None:
        self.today, self.whole = today, whole
        updates = Update.objects.order_by("on", "pk")
        self.projects = (
            projects.with_status(today)  # type: ignore[attr-defined]
            .select_related("lead", "theme")
            .prefetch_related(Prefetch("updates", queryset=updates, to_attr="all_updates"))
            .order_by("pk")
        )
        self.rungs = rung_names()
        self.columns: dict[int, Columns] = {}
        self.leads: set[str] = set()
        self.kept_names = self._kept_names() if whole else []

    def _kept_names(self) -> list[str]:
        """What imported tables said that is no field of ours, or became none; each name once."""
        self.leads = {fold(name) for name in Organisation.objects.values_list("name", flat=True)}
        names: dict[str, None] = {}
        rows = ImportRow.objects.filter(outcome=ImportRow.Outcome.NEW, project__isnull=False)
        used = Import.objects.filter(pk__in=rows.values("made_from")).defer("source")
        for brought in used.order_by("pk"):
            columns = self.columns[brought.pk] = columns_of(brought)
            names |= dict.fromkeys(columns.kept.values())
            if set(_UNSURE.values()) & set(columns.fields.values()):
                for cells in rows.filter(made_from=brought).values_list("cells", flat=True):
                    names |= dict.fromkeys(self._unread(columns.read(cells)))
        return list(names)

    def _unread(self, words: dict[str, str]) -> dict[str, str]:
        """Words of our own columns that couldn't become a value: they are kept beside it."""
        found = {heading: words.get(name, "") for heading, name in _UNSURE.items()}
        if fold(found["Lead organisation"]) in self.leads:
            found["Lead organisation"] = ""
        if understand(found["Review date"]).kind == Kind.DAY:
            found["Review date"] = ""
        if found["Public"].casefold() in YES | NO:
            found["Public"] = ""
        return {heading: text for heading, text in found.items() if text}

    @property
    def headings(self) -> list[str]:
        ours = [*HEADINGS, *(MORE_HEADINGS if self.whole else ())]
        clash = {name.casefold() for name in ours}
        kept = [f"{n}{KEPT}" if n.casefold() in clash else n for n in self.kept_names]
        return [*ours, *kept]

    def rows(self) -> Iterator[list[str]]:
        """Each project's cells, in the order of ``headings``."""
        for project, row in self._each():
            cells = cells_of(project, self.rungs)
            if self.whole:
                cells["Public"] = "Yes" if project.is_public else "No"
            found = list(cells.values())
            if self.kept_names:
                kept = self._kept(row, cells["Completed"])
                found += [kept.get(name, "") for name in self.kept_names]
            yield found

    def _each(self) -> Iterator[tuple[Project, ImportRow | None]]:
        """Projects by and by, each with the row of a table that it came from."""
        chunk: list[Project] = []
        for project in self.projects.iterator(chunk_size=CHUNK):
            chunk.append(project)
            if len(chunk) == CHUNK:
                yield from self._with_rows(chunk)
                chunk = []
        yield from self._with_rows(chunk)

    def _with_rows(self, chunk: list[Project]) -> Iterator[tuple[Project, ImportRow | None]]:
        rows: dict[int | None, ImportRow] = {}
        if self.whole and chunk:
            new = ImportRow.objects.filter(
                project__in=[project.pk for project in chunk], outcome=ImportRow.Outcome.NEW
            )
            rows = {row.project_id: row for row in new if row.made_from_id in self.columns}
        for project in chunk:
            yield project, rows.get(project.pk)

    def _kept(self, row: ImportRow | None, completed: str) -> dict[str, str]:
        """``completed``: a day that was ticked since is no leftover any more."""
        if row is None:
            return {}
        columns = self.columns[row.made_from_id]
        unread = self._unread(columns.read(row.cells))
        if fold(unread.get("Completed", "")) == fold(completed):
            unread.pop("Completed", None)
        return unread | columns.kept_words(row.cells)

    # The three kinds ------------------------------------------------------------------------------

    def csv(self) -> Iterator[bytes]:
        return tables.write_csv(self.headings, self.rows())

    def xlsx(self) -> Iterator[bytes]:
        """A text too long for one cell goes on in a column “Notes (2)” beside it."""
        counts = [1] * len(self.headings)
        for row in self.rows():
            for place, cell in enumerate(row):
                if len(cell) * 2 > workbooks.MOST_UNITS:
                    counts[place] = max(counts[place], len(workbooks.pieces_of(cell)))
        headings = [
            heading if number == 1 else f"{heading} ({number})"
            for heading, count in zip(self.headings, counts, strict=True)
            for number in range(1, count + 1)
        ]
        return workbooks.write(headings, self._pieces(counts), name="Projects")

    def _pieces(self, counts: list[int]) -> Iterator[list[str]]:
        for row in self.rows():
            found: list[str] = []
            for cell, count in zip(row, counts, strict=True):
                pieces = [cell] if count == 1 else workbooks.pieces_of(cell)
                found += [*pieces, *[""] * (count - len(pieces))]
            yield found

    def json(self) -> Iterator[bytes]:
        """One object a line within the list, so that it can be read as it comes."""
        top = {"forum": Forum.current().name, "made_on": self.today.isoformat()}
        yield json.dumps(top, ensure_ascii=False)[:-1].encode() + b', "projects": [\n'
        between = b""
        for project, row in self._each():
            found = object_of(project)
            if self.whole:
                found["public"] = project.is_public
                found["kept"] = self._kept(row, day(project.completed_on))
            yield between + json.dumps(found, ensure_ascii=False).encode()
            between = b",\n"
        yield b"\n]}\n"


#: Fields whose words may become no value: an import completes nothing, a service may be unknown
#: here, a review may be no day.
_UNSURE = {
    "Completed": "completed",
    "Review date": "review",
    "Lead organisation": "lead",
    "Public": "public",
}


def columns_of(brought: Import) -> Columns:
    """The headings of an import, and what each is."""
    return Columns(brought.headings, {int(k): v for k, v in brought.columns.items() if v})


def notes(project: Any) -> list[Note]:
    """A project's news and imported notes, oldest first. ``all_updates`` are prefetched."""
    return [Note(each.text, None if each.is_imported else each.on) for each in project.all_updates]


def cells_of(project: Any, rungs: dict[int, str]) -> dict[str, str]:
    """Heading to words of one project, as everybody may read them who may read it."""
    level, confirmed = project.level, project.confirmed_level
    return {
        "Reference": project.slug,
        "Title": project.title,
        "Summary": project.summary,
        "Status": str(Status(project.status).label),
        "Started": project.started_text,
        "Due": project.due_text,
        "Completed": day(project.completed_on),
        "Review date": day(project.review_on),
        "Level proven by the log": NOT_YET if level is None else rungs[level],
        "Level confirmed by the forum": "" if confirmed is None else rungs[confirmed],
        "Last news": day(project.last_news_on),
        "Lead organisation": project.lead.name if project.lead else "",
        "Theme": project.theme.name if project.theme else "",
        "Wards": project.wards,
        "Who is involved": project.involved,
        "Driver": project.driver,
        "Notes": notes_joined(notes(project)),
        "Address": f"{settings.COPROD_ORIGIN}{project.get_absolute_url()}",
    }


def _date(date: VagueDate) -> dict[str, Any]:
    return {
        "text": date.text,
        "first": date.first.isoformat() if date.first else None,
        "last": date.last.isoformat() if date.last else None,
        "kind": str(date.kind),
        "doubt": date.doubt,
    }


def object_of(project: Any) -> dict[str, Any]:
    """One project for programs: dates as written and as understood, levels as numbers."""
    return {
        "reference": project.slug,
        "title": project.title,
        "summary": project.summary,
        "status": str(project.status),
        "started": _date(project.started),
        "due": _date(project.due),
        "completed_on": project.completed_on.isoformat() if project.completed_on else None,
        "review_on": project.review_on.isoformat() if project.review_on else None,
        "level": project.level,
        "confirmed_level": project.confirmed_level,
        "last_news_on": project.last_news_on.isoformat() if project.last_news_on else None,
        "lead": project.lead.name if project.lead else "",
        "theme": project.theme.name if project.theme else "",
        "wards": project.wards,
        "involved": project.involved,
        "driver": project.driver,
        "notes": [
            {"on": note.on.isoformat() if note.on else None, "text": note.text}
            for note in notes(project)
        ],
        "address": f"{settings.COPROD_ORIGIN}{project.get_absolute_url()}",
    }
