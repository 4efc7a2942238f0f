"""Bringing in a table: read and judged row by row, then added in one transaction.

Each step can be killed anywhere and gone on with. Reading writes batches, each of which checks
under a lock that nobody else wrote it; adding is all or nothing; asking twice does it once.
"""

import hashlib
import logging
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from projects import columns, tables
from projects.models import ColumnMatching, Import, ImportRow, Project
from projects.services.adding import add_rows
from projects.services.judging import Judge
from projects.tables import NotATable

logger = logging.getLogger(__name__)
State, Outcome = Import.State, ImportRow.Outcome
PASTED = "A pasted table"
#: What is read in the request that brings it; more is read by the worker, with its progress.
SMALL_BYTES = 200_000
SMALL_UNPACKED = 3_000_000
SMALL_ROWS = 300
BATCH = 250
#: What hasn't been read by then never will be: something in it kills its reader.
LONGEST = timedelta(hours=1)
_ABOVE = [{"column": "", "text": "It stands above the headings", "stops": True}]


# Bringing a table ---------------------------------------------------------------------------------


def start_import(*, content: bytes, name: str, by: Any) -> Import:
    """Keep a table and begin to read it. Raises NotATable for what can be no table."""
    if name != PASTED or len(content) > SMALL_BYTES:
        tables.check_kind(content)
    small = len(content) <= SMALL_BYTES and tables.unpacked_size(content) <= SMALL_UNPACKED
    if small:
        _table_in(content, name)  # so that its problems are said beside the field
    with transaction.atomic():
        brought = Import.objects.create(
            name=name[:200],
            sha256=hashlib.sha256(content).hexdigest(),
            source=content,
            made_by=by,
        )
        AuditEvent.record("start_import", brought, by=by)
    _do_or_ring(brought, small=small)
    return brought


def _table_in(content: bytes, name: str) -> tuple[tables.Table, int]:
    """The table, and the place of its headings. Raises NotATable."""
    if name == PASTED:
        table = tables.read_text(content.decode(), pasted=True)
    else:
        table = tables.read(content)
    place = columns.head_at([row.cells for row in table.rows])
    if place + 1 == len(table.rows):
        raise NotATable("There are headings, but no row beneath them")
    return table, place


def _do_or_ring(brought: Import, *, small: bool) -> None:
    if small:
        go_on(brought=brought)
    else:
        transaction.on_commit(lambda: ring(brought.pk))


def ring(pk: int) -> None:
    """Ask the worker to go on. The row is the truth: the timetable rings again if it is lost."""
    from projects.tasks import go_on_with_import

    if not settings.TESTING:
        try:
            go_on_with_import.delay(pk)
        except Exception:  # a deaf broker only delays
            logger.warning("The broker could not be reached; the timetable will go on.")


def go_on(*, brought: Import) -> None:
    """Do what is left of reading or adding. Harmless to run twice, or at once."""
    brought.refresh_from_db()
    if brought.state == State.READING:
        try:
            _read(brought)
        except NotATable as error:
            _fail(brought, str(error))
    elif brought.state == State.RUNNING:
        add_rows(brought=brought)
    brought.refresh_from_db()


def go_on_with_all() -> None:
    """Every import that something interrupted; called by the timetable."""
    old = Import.objects.filter(made_at__lt=timezone.now() - LONGEST, state=State.READING)
    for brought in old.exclude(source=b""):
        _fail(brought, "It could not be read within an hour. Split the table, and try again")
    for brought in Import.objects.filter(state__in=[State.READING, State.RUNNING]):
        try:
            go_on(brought=brought)
        except Exception:  # one that nobody can read holds up no other
            logger.exception("Import %s could not go on", brought.pk)


def _fail(brought: Import, reason: str) -> None:
    Import.objects.filter(pk=brought.pk, state=State.READING).update(
        state=State.FAILED, reason=reason[:300], source=b""
    )


# Reading ------------------------------------------------------------------------------------------


def _read(brought: Import) -> None:
    """Write and judge rows in batches, from where it stopped."""
    first_time = bool(brought.source)
    if first_time:
        rows = _rows_of_source(brought)
    else:
        rows = list(brought.rows.exclude(key=""))
    judge = Judge(brought)
    judge.see(rows[: brought.rows_read])
    while brought.rows_read < len(rows):
        batch = list(judge.rows(rows[brought.rows_read : brought.rows_read + BATCH]))
        if not _write(brought, batch, first_time=first_time):
            return  # somebody else goes on with it
    Import.objects.filter(pk=brought.pk, state=State.READING, rows_read=len(rows)).update(
        state=State.READ, source=b""
    )


def _rows_of_source(brought: Import) -> list[ImportRow]:
    """The rows beneath the headings, not saved; the headings are, the first time."""
    table, place = _table_in(bytes(brought.source), brought.name)
    head, rows = table.rows[place].cells, table.rows[place + 1 :]
    if table.is_text and columns.is_ours([tables.unguarded(cell) for cell in head]):
        head = [tables.unguarded(cell) for cell in head]
        for row in rows:
            row.cells = [tables.unguarded(cell) for cell in row.cells]
    if not brought.headings:
        width = max(len(row.cells) for row in table.rows[place:])
        names = columns.names_of([*head, *[""] * (width - len(head))])
        _keep_headings(brought, names, table, place)
    return [
        ImportRow(
            made_from=brought,
            number=row.number,
            cells=row.cells,
            problems=[
                {"column": "", "text": remark, "stops": False, "read": True}
                for remark in dict.fromkeys(row.remarks)
            ],
        )
        for row in rows
    ]


@transaction.atomic
def _keep_headings(brought: Import, names: list[str], table: tables.Table, place: int) -> None:
    """Headings, what they are taken for, and the rows above them, which are no projects."""
    locked = Import.objects.select_for_update().get(pk=brought.pk)
    if not locked.headings:
        remembered = ColumnMatching.objects.filter(headings_key=columns.key_of(names)).first()
        locked.headings = names
        locked.columns = remembered.columns if remembered else columns.guess(names)
        locked.rows_total = len(table.rows) - place - 1
        locked.reason = ". ".join(table.remarks)[:300]
        locked.save(update_fields=["headings", "columns", "rows_total", "reason"])
        ImportRow.objects.bulk_create(
            ImportRow(
                made_from=locked,
                number=row.number,
                cells=row.cells,
                outcome=Outcome.SKIPPED,
                problems=_ABOVE,
            )
            for row in table.rows[:place]
        )
    brought.refresh_from_db()


@transaction.atomic
def _write(brought: Import, batch: list[ImportRow], *, first_time: bool) -> bool:
    """Keep one batch; False when somebody else wrote it, or the columns changed meanwhile."""
    locked = Import.objects.select_for_update().get(pk=brought.pk)
    asked = (State.READING, brought.rows_read, brought.columns)
    if (locked.state, locked.rows_read, locked.columns) != asked:
        return False
    if first_time:
        ImportRow.objects.bulk_create(batch)
    else:
        fields = ["key", "outcome", "problems", "reads_finished", "project"]
        ImportRow.objects.bulk_update(batch, fields)
    locked.rows_read += len(batch)
    locked.save(update_fields=["rows_read"])
    brought.rows_read = locked.rows_read
    return True


# Deciding -----------------------------------------------------------------------------------------


def match_columns(*, brought: Import, fields: Mapping[int, str], by: Any) -> None:
    """Take the columns for what somebody says they are, remember that, and judge all rows anew.

    Raises TransitionNotAllowed once the rows are being added.
    """
    with transaction.atomic():
        locked = _locked(brought, State.READ, "The rows of this table are being added already.")
        locked.columns = {str(place): name for place, name in fields.items() if name}
        locked.state, locked.rows_read = State.READING, 0
        locked.save(update_fields=["columns", "state", "rows_read"])
        ColumnMatching.objects.update_or_create(
            headings_key=columns.key_of(locked.headings),
            defaults={"columns": locked.columns, "made_at": timezone.now(), "made_by": by},
        )
        AuditEvent.record("match_columns", locked, by=by)
    _do_or_ring(brought, small=locked.rows_total <= SMALL_ROWS)


def _locked(brought: Import, state: str, otherwise: str) -> Import:
    locked = Import.objects.select_for_update().get(pk=brought.pk)
    if locked.state != state:
        raise TransitionNotAllowed(otherwise)
    return locked


def may_tick(row: ImportRow) -> bool:
    """Whether somebody may decide about a row: not where it can't be added, or is here."""
    if row.outcome == Outcome.DIFFERS:
        return row.project_id is None
    return bool(row.key) and row.outcome in (Outcome.NEW, Outcome.SKIPPED)


def tickable(brought: Import) -> QuerySet[ImportRow]:
    """The rows of a table that ``may_tick`` is true of."""
    undecided = Q(outcome__in=[Outcome.NEW, Outcome.SKIPPED])
    other_words = Q(outcome=Outcome.DIFFERS, project__isnull=True)
    return brought.rows.filter(undecided | other_words).exclude(key="")


@transaction.atomic
def tick_rows(*, brought: Import, shown: Collection[int], ticked: Collection[int], by: Any) -> None:
    """Of the rows that a page showed, add the ticked ones and leave out the others.

    Raises TransitionNotAllowed once the rows are being added.
    """
    locked = _locked(brought, State.READ, "The rows of this table are being added already.")
    changed = []
    for row in locked.rows.filter(pk__in=shown):
        wanted = Outcome.NEW if row.pk in ticked else Outcome.SKIPPED
        if may_tick(row) and row.outcome != wanted:
            if row.outcome == Outcome.DIFFERS and wanted == Outcome.SKIPPED:
                continue
            row.outcome = wanted
            changed.append(row)
    if changed:
        ImportRow.objects.bulk_update(changed, ["outcome"])
        AuditEvent.record("tick_rows", locked, by=by, count=len(changed))


def run_import(*, brought: Import, by: Any, is_public: bool = True) -> None:
    """Add the ticked rows: at once where they are few, else by the worker.

    ``is_public``: whether everybody sees those whose rows don’t say it themselves.

    Raises TransitionNotAllowed when there is nothing to add, or when it was asked before.
    """
    with transaction.atomic():
        locked = _locked(brought, State.READ, "The rows of this table are being added already.")
        count = locked.rows.filter(outcome=Outcome.NEW).count()
        if not count:
            raise TransitionNotAllowed("Tick at least one row to add.")
        locked.state, locked.done_by, locked.is_public = State.RUNNING, by, is_public
        locked.save(update_fields=["state", "done_by", "is_public"])
    _do_or_ring(brought, small=count <= SMALL_ROWS)


@transaction.atomic
def open_import(*, brought: Import, by: Any) -> int:
    """Let everybody see the projects of an import that only the forum saw; how many those were."""
    rows = brought.rows.filter(outcome=Outcome.NEW).values("project")
    hidden = Project.objects.select_for_update().filter(pk__in=rows, is_public=False)
    opened = list(hidden)
    for project in opened:
        AuditEvent.record("change_project", project, by=by, fields=["is_public"])
    Project.objects.filter(pk__in=[project.pk for project in opened]).update(is_public=True)
    return len(opened)


@transaction.atomic
def drop_import(*, brought: Import, by: Any) -> None:
    """Forget a table of which nothing was added. Raises TransitionNotAllowed otherwise."""
    locked = Import.objects.select_for_update().get(pk=brought.pk)
    if locked.state in (State.RUNNING, State.DONE, State.UNDONE):
        raise TransitionNotAllowed("Projects were added from this table. Undo the import instead.")
    AuditEvent.record("drop_import", locked, by=by)
    locked.delete()
