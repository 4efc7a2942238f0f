"""Rows become projects in one transaction, and go again as a whole while nobody worked on them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import CharField, F, IntegerField, Q, QuerySet, Value
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.text import slugify

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Forum
from members.models import Organisation
from projects.models import Import, ImportRow, LevelAtQuarter, Project, StatusChange, Theme, Update
from projects.services.exports import columns_of
from projects.services.judging import known_rows
from projects.services.statuses import in_a_year, needs_review
from projects.status import derive
from projects.understood import Understood, row_understood

State, Outcome = Import.State, ImportRow.Outcome
BATCH = 500


# Adding -------------------------------------------------------------------------------------------


@dataclass
class _Made:
    """A row on its way to be a project."""

    row: ImportRow
    each: Understood
    project: Project  # with the address that it would have alone


def add_rows(*, brought: Import) -> None:
    """Write every new row's project: all of them or none. Does nothing unless it is asked for.

    A row that became a project since it was judged, by another import, is not added again.
    """
    made = _prepared(brought)
    now = timezone.now()
    with transaction.atomic():
        # The forum's one row is the lock: two imports at once come one after the other.
        Forum.objects.select_for_update().filter(pk=1).first()
        locked = Import.objects.select_for_update().get(pk=brought.pk)
        if locked.state != State.RUNNING:
            return
        made = _not_here_yet(made)
        themes = _place(made, locked)
        Project.objects.bulk_create([each.project for each in made], batch_size=BATCH)
        Update.objects.bulk_create(_notes(made, locked, now), batch_size=BATCH)
        StatusChange.objects.bulk_create(_statuses(made, now), batch_size=BATCH)
        for each in made:
            each.row.project = each.project
        ImportRow.objects.bulk_update([each.row for each in made], ["project"], batch_size=BATCH)
        locked.state, locked.done_at = State.DONE, now
        locked.save(update_fields=["state", "done_at"])
        AuditEvent.record(
            "import_projects", locked, by=locked.done_by, count=len(made), themes=themes
        )


def _prepared(brought: Import) -> list[_Made]:
    """Everything that takes long, before any lock is taken."""
    columns, today = columns_of(brought), clocks.today()
    year_begins = Forum.current().year_begins
    found = []
    for row in brought.rows.filter(outcome=Outcome.NEW, project__isnull=True):
        each = row_understood(columns, row.cells, today=today, year_begins=year_begins)
        project = each.project()
        if "public" not in each.words:
            project.is_public = brought.is_public
        wanted = each.words.get("reference", "") if columns.ours else ""
        project.slug = address_of(wanted or project.title)
        found.append(_Made(row, each, project))
    return found


def _not_here_yet(made: list[_Made]) -> list[_Made]:
    known = known_rows()
    here = [each for each in made if each.row.key in known]
    for each in here:
        each.row.outcome, each.row.project_id = Outcome.SAME, known[each.row.key]
    ImportRow.objects.bulk_update(
        [each.row for each in here], ["outcome", "project"], batch_size=BATCH
    )
    return [each for each in made if each.row.key not in known]


def _place(made: list[_Made], brought: Import) -> list[int]:
    """Give each its address, theme and lead. The themes that were made for it."""
    taken = set(Project.objects.values_list("slug", flat=True))
    themes = {theme.name.casefold(): theme for theme in Theme.objects.all()}
    leads = {lead.name.casefold(): lead for lead in Organisation.objects.all()}
    new = []
    for each in made:
        words, project = each.each.words, each.project
        project.created_at, project.created_by = timezone.now(), brought.done_by
        project.slug = _numbered(project.slug, taken)
        taken.add(project.slug)
        if project.review_on is None and needs_review(project):
            project.review_on = in_a_year(clocks.today())
        project.lead = leads.get(words.get("lead", "").casefold())
        if name := words.get("theme", ""):
            if name.casefold() not in themes:
                theme = _new_theme(name)
                themes[name.casefold()] = theme
                new.append(theme.pk)
            project.theme = themes[name.casefold()]
    return new


def _new_theme(name: str) -> Theme:
    taken = set(Theme.objects.values_list("slug", flat=True))
    return Theme.objects.create(name=name, slug=_numbered(slugify(name)[:70] or "theme", taken))


def _notes(made: list[_Made], brought: Import, now: datetime) -> Iterable[Update]:
    today = clocks.today(now)
    for each in made:
        for note in each.each.notes:
            yield Update(
                project=each.project,
                on=note.on or today,
                text=note.text,
                made_at=now,
                made_by=brought.done_by,
                is_imported=note.on is None,
            )


def _statuses(made: list[_Made], now: datetime) -> Iterable[StatusChange]:
    """The status that each begins with, as a project that was typed has it too."""
    today = clocks.today(now)
    for each in made:
        yield StatusChange(project=each.project, status=derive(each.project, today), on=today)


def address_of(words: str) -> str:
    """An address for a project, which another project may have."""
    slug = slugify(words)[:80].strip("-") or "project"
    page = reverse("projects:project_detail", args=[slug])
    # A page of the portal's own may have this address.
    return slug if resolve(page).view_name == "projects:project_detail" else f"{slug}-2"


def _numbered(slug: str, taken: set[str]) -> str:
    found, number = slug, 1
    while found in taken:
        number += 1
        found = f"{slug}-{number}"
    return found


# Undoing ------------------------------------------------------------------------------------------

#: What the portal writes by itself about a project; it is nobody's work.
_BY_ITSELF = (ImportRow, StatusChange, LevelAtQuarter)


def projects_of(brought: Import) -> QuerySet[Project]:
    """The projects that an import added and that are still here."""
    rows = brought.rows.filter(outcome=Outcome.NEW, project__isnull=False)
    return Project.objects.filter(pk__in=rows.values("project"))


def worked_on(brought: Import) -> dict[int, list[str]]:
    """Which of them somebody has worked on since, and what they did, in words.

    Asks every table that names a project, so that a later app's counts too: in one question.
    """
    projects = projects_of(brought)
    changed = projects.filter(Q(edit_no__gt=0) | Q(completed_on__isnull=False))
    first = _worked(changed, "pk", 0, "it was changed")
    parts: list[Any] = []
    for relation in Project._meta.related_objects:
        model: Any = relation.related_model
        if model in _BY_ITSELF:
            continue
        name = relation.field.name
        rows = model._default_manager.filter(**{f"{name}__in": projects})
        if model is Update:
            rows = rows.exclude(made_at=brought.done_at)
        words = _SAID.get(model._meta.model_name, str(model._meta.verbose_name))
        parts.append(_worked(rows, name, len(parts) + 1, words))
    found: dict[int, list[str]] = {}
    for pk, _, said in sorted(first.union(*parts)):
        found.setdefault(pk, []).append(said)
    return found


def _worked(rows: Any, project: str, place: int, words: str) -> Any:
    """Projects of these rows, with the ``words`` for it and the place that these stand in."""
    shape = {
        "worked_pk": F(project),
        "worked_place": Value(place, IntegerField()),
        "worked_words": Value(words, CharField()),
    }
    return rows.order_by().annotate(**shape).values_list(*shape)


_SAID = {
    "update": "news was written",
    "named": "somebody is named on it",
    "involvement": "involvement is logged",
    "ownaccount": "somebody said whether they were involved",
    "override": "its status was set by hand",
    "claim": "a level is claimed",
    "confirmation": "a level is confirmed",
    "logopermission": "the logo was asked for",
    "story": "its story is told",
    "agendaitem": "it is on an agenda",
    "decision": "a decision is about it",
    "ask": "parents asked something about it",
}


@transaction.atomic
def undo_import(*, brought: Import, by: Any, leave_worked_on: bool = False) -> int:
    """Take away what an import added; how many projects went.

    Raises TransitionNotAllowed where somebody has worked on one since, unless those may stay.
    """
    Forum.objects.select_for_update().filter(pk=1).first()
    locked = Import.objects.select_for_update().get(pk=brought.pk)
    if locked.state != State.DONE:
        raise TransitionNotAllowed("There is nothing of this import to undo.")
    # Whoever works on one right now is waited for, and is seen below.
    list(projects_of(locked).order_by("pk").select_for_update().values_list("pk", flat=True))
    staying = worked_on(locked)
    if staying and not leave_worked_on:
        raise TransitionNotAllowed(
            f"Somebody has worked on {len(staying)} of these projects since."
        )
    going = list(projects_of(locked).exclude(pk__in=staying))
    if staying and not going:
        raise TransitionNotAllowed("Somebody has worked on every one of these projects since.")
    for begin in range(0, len(going), BATCH):
        Project.objects.filter(pk__in=[each.pk for each in going[begin : begin + BATCH]]).delete()
    _drop_themes(locked)
    locked.state, locked.undone_at, locked.undone_by = State.UNDONE, timezone.now(), by
    locked.save(update_fields=["state", "undone_at", "undone_by"])
    AuditEvent.record("undo_import", locked, by=by, count=len(going), stay=len(staying))
    return len(going)


def _drop_themes(brought: Import) -> None:
    """Themes that this import made and that nothing is about any more."""
    event = AuditEvent.objects.about(brought).filter(verb="import_projects").first()
    made = event.data.get("themes", []) if event else []
    Theme.objects.filter(pk__in=made, projects__isnull=True).delete()
