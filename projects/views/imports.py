"""Bringing in a table of projects: choosing it, its columns, each row as understood, undo."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import Forum
from coprod.templatetags.forum import plural
from coprod.views import require
from projects.forms.imports import ColumnsForm, FinishedForm, ImportForm
from projects.models import Import, ImportRow, Project
from projects.services import adding, imports
from projects.services.exports import columns_of
from projects.services.projects import complete_project
from projects.status import derive
from projects.tables import NotATable
from projects.understood import finished_on, row_understood

both = require_http_methods(["GET", "POST"])
Outcome, State = ImportRow.Outcome, Import.State
PER_PAGE = 100
#: Seconds after which a page that shows progress asks again by itself.
AGAIN = 4


def _imports(request: HttpRequest) -> QuerySet[Import]:
    require(request.user, "projects.import_projects")
    return Import.objects.defer("source").select_related("made_by", "done_by", "undone_by")


def _import(request: HttpRequest, pk: int) -> Import:
    return get_object_or_404(_imports(request), pk=pk)


@both
def import_list(request: HttpRequest) -> HttpResponse:
    """Choose or paste a table; the imports so far."""
    known = _imports(request)
    sent = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if sent else ImportForm()
    if sent and form.is_valid():
        fields = form.cleaned_data
        try:
            brought = imports.start_import(
                content=fields["content"], name=fields["name"], by=request.user
            )
        except NotATable as error:
            form.add_problem(str(error))
        else:
            return redirect("projects:import_detail", pk=brought.pk)
    added = Count("rows", filter=Q(rows__outcome=Outcome.NEW, rows__project__isnull=False))
    page = Paginator(known.annotate(added=added).order_by("-made_at", "-pk"), 30).get_page(
        request.GET.get("page")
    )
    return render(request, "projects/import_list.html", {"form": form, "page": page})


@require_safe
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Wherever an import stands: how far it is, its rows as understood, or what it added."""
    brought = _import(request, pk)
    if brought.state in (State.READING, State.RUNNING):
        response = render(request, "projects/import_progress.html", {"import": brought})
        response["Refresh"] = str(AGAIN)
        return response
    if brought.state == State.READ:
        return render(request, "projects/import_rows.html", _rows_context(request, brought))
    return render(request, "projects/import_done.html", _done_context(request, brought))


# Before: each row as it is understood -------------------------------------------------------------

#: What can be looked at by itself, in the order of the links.
_KINDS = (
    (Outcome.NEW, "To be added", "todo"),
    (Outcome.DIFFERS, "Here, in other words", "wait"),
    (Outcome.SAME, "Here already", "done"),
    (Outcome.PROBLEM, "Can’t be added", "late"),
    (Outcome.SKIPPED, "Left out", "wait"),
)
REMARKED = "remarked"
WHO = (
    ("us", "Only coordinators and who is on a project, until we have read the notes"),
    ("everybody", "Everybody, at once"),
)
_LOOKS = {kind: look for kind, _, look in _KINDS}
_WORDS = {kind: label for kind, label, _ in _KINDS}


def _rows_context(request: HttpRequest, brought: Import) -> dict[str, Any]:
    counts = dict(
        brought.rows.values_list("outcome").annotate(count=Count("pk")).order_by("outcome")
    )
    total, new = sum(counts.values()), counts.get(Outcome.NEW, 0)
    show = request.GET.get("show", "")
    rows = brought.rows.select_related("project")
    remarked = rows.exclude(problems=[])
    counts[REMARKED] = remarked.count()
    if show == REMARKED:
        rows = remarked
    elif show in counts:
        rows = rows.filter(outcome=show)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    columns = columns_of(brought)
    return {
        "import": brought,
        "page": page,
        "rows": _shown(list(page.object_list), brought),
        "counts": [
            {"kind": kind, "label": label, "count": counts[kind], "current": show == kind}
            for kind, label in [*_WORDS.items(), (REMARKED, "Something to look at")]
            if counts.get(kind)
        ],
        "show": show if show in counts else "",
        "total": total,
        "new": new,
        "may_add": imports.tickable(brought).exists(),
        "finished": brought.rows.filter(outcome=Outcome.NEW, reads_finished=True).count(),
        "asks_who": _asks_who(brought),
        "who": WHO,
        "kept": list(columns.kept.values()),
        "earlier": _earlier(brought),
    }


def _asks_who(brought: Import) -> bool:
    """The table doesn't say itself who may see its projects."""
    return "public" not in columns_of(brought).fields.values()


def _earlier(brought: Import) -> Import | None:
    """An import of the very same file whose projects are here."""
    same = Import.objects.filter(sha256=brought.sha256, state=State.DONE)
    return same.exclude(pk=brought.pk).defer("source").first()


def _shown(rows: list[ImportRow], brought: Import) -> list[dict[str, Any]]:
    """Rows with what each is understood as, and the status it will have."""
    columns, today = columns_of(brought), clocks.today()
    year_begins = Forum.current().year_begins
    found = []
    for row in rows:
        each = row_understood(columns, row.cells, today=today, year_begins=year_begins)
        found.append(
            {
                "row": row,
                "each": each,
                "title": each.title or "(no title)",
                "status": derive(each.project(), today),
                "words": zip(columns.headings, columns.joined(row.cells), strict=True),
                "may_tick": imports.may_tick(row),
                "look": _LOOKS[Outcome(row.outcome)],
                "said": _WORDS[Outcome(row.outcome)],
                "above": not row.key,
            }
        )
    return found


@both
def import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which column is what."""
    brought = _import(request, pk)
    if brought.state != State.READ:
        return redirect("projects:import_detail", pk=pk)
    columns = columns_of(brought)
    examples = _examples(brought)
    sent = request.method == "POST"
    form = ColumnsForm(request.POST if sent else None, columns=columns, examples=examples)
    if sent and form.is_valid():
        try:
            imports.match_columns(brought=brought, fields=form.chosen(), by=request.user)
        except TransitionNotAllowed as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "The columns are kept, also for the next such table.")
        return redirect("projects:import_detail", pk=pk)
    return render(request, "projects/import_columns.html", {"import": brought, "form": form})


def _examples(brought: Import) -> list[str]:
    """For each column the first words that stand in it."""
    found = [""] * len(brought.headings)
    for cells in brought.rows.exclude(key="").values_list("cells", flat=True)[:50]:
        for place, cell in enumerate(cells[: len(found)]):
            if cell and not found[place]:
                words = " ".join(cell.split())
                found[place] = f"Such as “{words[:60]}{'…' if len(words) > 60 else ''}”"
    return found


@require_POST
def import_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the page's ticks; then add the ticked rows, or only show them again."""
    brought = _import(request, pk)
    numbers = {
        name: {int(n) for n in request.POST.getlist(name) if n.isdecimal() and len(n) < 19}
        for name in ("shown", "row")
    }
    try:
        imports.tick_rows(
            brought=brought, shown=numbers["shown"], ticked=numbers["row"], by=request.user
        )
        if "save" in request.POST:
            messages.success(request, "The ticks on this page are kept.")
            query = urlencode({name: request.POST.get(name, "") for name in ("show", "page")})
            return redirect(f"{reverse('projects:import_detail', args=[pk])}?{query}")
        who = request.POST.get("who")
        if who not in ("everybody", "us") and _asks_who(brought):
            raise TransitionNotAllowed("Say who can see the new projects. Nothing is added yet.")
        imports.run_import(brought=brought, by=request.user, is_public=who != "us")
    except TransitionNotAllowed as error:
        messages.error(request, str(error))
    return redirect("projects:import_detail", pk=pk)


@require_POST
def import_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Show everybody the projects of an import that only the forum saw."""
    opened = imports.open_import(brought=_import(request, pk), by=request.user)
    messages.success(request, f"Everybody can see {plural(opened, 'project')} now.")
    return redirect("projects:import_detail", pk=pk)


@require_POST
def import_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a table of which nothing was added."""
    brought = _import(request, pk)
    try:
        imports.drop_import(brought=brought, by=request.user)
    except TransitionNotAllowed as error:
        messages.error(request, str(error))
        return redirect("projects:import_detail", pk=pk)
    messages.success(request, f"{brought.name} is put away. Nothing was added from it.")
    return redirect("projects:import_list")


# After: what it added -----------------------------------------------------------------------------


def _done_context(request: HttpRequest, brought: Import) -> dict[str, Any]:
    rows = brought.rows.filter(project__isnull=False).select_related("project")
    added = rows.filter(outcome=Outcome.NEW)
    finished = added.filter(reads_finished=True, project__completed_on__isnull=True)
    others = brought.rows.exclude(outcome=Outcome.NEW)
    return {
        "import": brought,
        "page": Paginator(added, PER_PAGE).get_page(request.GET.get("page")),
        "added": added.count(),
        "hidden": added.filter(project__is_public=False).count(),
        "finished": finished.count(),
        "others": [
            {"label": label, "count": count}
            for kind, label, _ in _KINDS
            if kind != Outcome.NEW and (count := others.filter(outcome=kind).count())
        ],
    }


@both
def import_finished(request: HttpRequest, pk: int) -> HttpResponse:
    """Tick which of the projects whose notes read as finished are completed, and since when."""
    brought = _import(request, pk)
    rows = brought.rows.filter(outcome=Outcome.NEW, reads_finished=True)
    waiting = list(
        rows.filter(project__completed_on__isnull=True).select_related("project")[:PER_PAGE]
    )
    sent = request.method == "POST"
    form = FinishedForm(request.POST if sent else None, rows=_reading_finished(waiting, brought))
    if sent and form.is_valid():
        done = 0
        for project, on in form.ticked():
            try:
                complete_project(project=project, on=on, by=request.user)
                done += 1
            except TransitionNotAllowed as error:
                messages.error(request, f"{project}: {error}")
        if done:
            messages.success(request, f"{plural(done, 'project is,projects are')} completed.")
        return redirect("projects:import_detail", pk=pk)
    context = {"import": brought, "form": form, "waiting": waiting}
    return render(request, "projects/import_finished.html", context)


def _reading_finished(rows: list[ImportRow], brought: Import) -> list[tuple[Project, str, Any]]:
    """Project, its notes, and the day that they name."""
    columns, found = columns_of(brought), []
    for row in rows:
        words = columns.read(row.cells)
        notes = words.get("notes", "") or words.get("completed", "")
        if row.project is not None:
            found.append((row.project, notes, finished_on(words, today=clocks.today())))
    return found


@both
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take away what an import added; what somebody worked on since stays."""
    brought = _import(request, pk)
    if brought.state != State.DONE:
        messages.info(request, "There is nothing of this import to undo.")
        return redirect("projects:import_detail", pk=pk)
    if request.method == "POST":
        try:
            count = adding.undo_import(
                brought=brought, by=request.user, leave_worked_on="leave" in request.POST
            )
        except TransitionNotAllowed as error:
            messages.error(request, str(error))
            return redirect("projects:import_undo", pk=pk)
        said = plural(count, "project is,projects are")
        messages.success(request, f"The import is undone: {said} taken away.")
        return redirect("projects:import_detail", pk=pk)
    worked_on = adding.worked_on(brought)
    staying = Project.objects.filter(pk__in=list(worked_on)[:PER_PAGE])
    context = {
        "import": brought,
        "going": adding.projects_of(brought).count() - len(worked_on),
        "staying": [(project, worked_on[project.pk]) for project in staying],
        "stay": len(worked_on),
    }
    return render(request, "projects/import_undo.html", context)
