"""The involvement log: reading it, adding to it page by page, replying, putting right."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from coprod import clocks, pages
from coprod.exceptions import TransitionNotAllowed
from coprod.templatetags.forum import and_list, long_day
from coprod.views import fetch_permitted
from members.models import Person
from projects import ladder
from projects.entries import hours_words, shown, writers_of
from projects.forms import involvement as forms
from projects.forms.entry import PAGES, TITLES, Entry, answers_of, may_have, pages_for
from projects.forms.entry_pages import HowForm, WhoForm
from projects.levels_ahead import standing_with
from projects.methods import TOGETHER, Method
from projects.models import Involvement, LogDraft, Participation, Project
from projects.models.involvement import Stage, who_words
from projects.rungs import lowest, name_of
from projects.services import chasing
from projects.services import involvement as services
from projects.services.involvement import Logged

LOG = "projects.log_involvement"
#: Entries on one page of a long log.
MOST = 30


def _visible(request: HttpRequest, slug: str) -> Project:
    project = Project.objects.visible_to(request.user).filter(slug=slug).first()
    if project is None:
        raise Http404
    return project


def _entry(request: HttpRequest, slug: str, pk: int) -> Involvement:
    """An entry of a project whose log they may write in. Raises Http404, PermissionDenied."""
    project = fetch_permitted(request.user, Project, LOG, slug=slug)
    entry: Involvement | None = _entries(project).filter(pk=pk).first()
    if entry is None:
        raise Http404
    return entry


def _entries(project: Project) -> Any:
    return project.involvements.with_people().select_related("project", "replaces", "replaced_by")


def _typed(request: HttpRequest) -> Any:
    """What was sent; a form without a field is bound all the same."""
    return request.POST if request.method == "POST" else None


# Reading ----------------------------------------------------------------------------------------


@login_not_required
def involvement_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The whole log of a project, newest first, and what parents say of it themselves."""
    project = _visible(request, slug)
    page = Paginator(_entries(project), MOST).get_page(request.GET.get("page"))
    writers = writers_of(project)
    context = {
        "project": project,
        "page": page,
        "shown": [shown(entry, writers) for entry in page],
        "accounts": project.accounts.standing().with_people() if page.number == 1 else [],
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
        "prev_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "writes": request.user.has_perm(LOG, project),
        "says": request.user.has_perm("projects.say_involved", project),
        "may_ask": request.user.has_perm("projects.ask_to_be_named", project),
    }
    return pages.answer(request, "projects/involvement_list.html", context)


@login_not_required
def involvement_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One entry by itself, at an address that holds."""
    project = _visible(request, slug)
    entry = _entries(project).filter(pk=pk).first()
    if entry is None:
        raise Http404
    context = {
        "project": project,
        "shown": shown(entry),
        "writes": request.user.has_perm(LOG, project),
    }
    return pages.answer(request, "projects/involvement_detail.html", context)


# Adding, page by page -----------------------------------------------------------------------------


def involvement_add(request: HttpRequest, slug: str) -> HttpResponse:
    """The first page; whoever isn't on the project is told how to get on it."""
    project = _visible(request, slug)
    if not request.user.has_perm(LOG, project):
        return _refuse(request, project)
    person = _person(request)
    form = HowForm(
        _typed(request),
        project=project,
        person=person,
        answers={},
        initial={"key": uuid.uuid4(), "when": "today"},
    )
    form.keep = f"involvement/new/{project.pk}"
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["key"]
        try:
            draft = services.keep_draft(
                project=project, key=key, page="how", answers=form.kept(), by=person
            )
        except TransitionNotAllowed:
            return redirect("projects:involvement_list", slug=slug)
        return _go_on(draft, project, person)
    drafts = _drafts(project, person)
    context = _page_context(project, "how", form, {}) | {"drafts": drafts}
    return render(request, "projects/involvement_page.html", context)


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def _drafts(project: Project, person: Person) -> list[LogDraft]:
    return list(LogDraft.objects.filter(project=project, person=person, entry__isnull=True))


def _refuse(request: HttpRequest, project: Project) -> HttpResponse:
    """403 with a way on, for those who could be on a project."""
    may_ask = request.user.has_perm("projects.ask_to_be_named", project)
    context = {"project": project, "may_ask": may_ask}
    return render(request, "projects/involvement_refused.html", context, status=403)


@require_POST
def involvement_ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask the coordinator to be put on the project."""
    project = fetch_permitted(request.user, Project, "projects.ask_to_be_named", slug=slug)
    try:
        chasing.ask_to_be_named(project=project, by=_person(request))
    except TransitionNotAllowed as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, "The coordinator is asked to put you on this project.")
    return redirect(project.get_absolute_url())


def _draft(request: HttpRequest, slug: str, key: uuid.UUID) -> tuple[Project, LogDraft]:
    """One's own draft, while one may still log. Raises Http404, PermissionDenied."""
    project = fetch_permitted(request.user, Project, LOG, slug=slug)
    drafts = LogDraft.objects.select_related("replaces", "entry")
    draft = drafts.filter(key=key, project=project, person=_person(request)).first()
    if draft is None:
        raise Http404
    return project, draft


def _saved_url(draft: LogDraft, project: Project) -> str:
    return reverse("projects:involvement_saved", args=[project.slug, draft.entry_id])


def _go_on(draft: LogDraft, project: Project, person: Person) -> HttpResponse:
    """The next page without an answer, or the last look."""
    page = Entry(project, person, draft.answers).next_page
    if page:
        return redirect("projects:involvement_page", slug=project.slug, key=draft.key, page=page)
    return redirect("projects:involvement_check", slug=project.slug, key=draft.key)


def involvement_page(request: HttpRequest, slug: str, key: uuid.UUID, page: str) -> HttpResponse:
    """One page of an entry that is being written."""
    project, draft = _draft(request, slug, key)
    if draft.entry_id is not None:
        return redirect(_saved_url(draft, project))
    if page not in may_have(draft.answers):
        raise Http404
    person, kept = _person(request), draft.answers.get(page, {})
    form = PAGES[page](
        _typed(request),
        project=project,
        person=person,
        answers=draft.answers,
        initial=PAGES[page].as_initial(kept),
    )
    form.keep = f"involvement/{draft.key}/{page}"
    if request.method == "POST" and form.is_valid():
        try:
            draft = services.keep_draft(
                project=project, key=draft.key, page=page, answers=form.kept(), by=person
            )
        except TransitionNotAllowed as refusal:
            messages.info(request, str(refusal))
            return redirect("projects:involvement_list", slug=slug)
        return _go_on(draft, project, person)
    context = _page_context(project, page, form, draft.answers) | {"draft": draft}
    template = "involvement_who" if isinstance(form, WhoForm) else "involvement_page"
    return render(request, f"projects/{template}.html", context)


def _page_context(project: Project, page: str, form: Any, answers: Any) -> dict[str, Any]:
    """Which page of how many: as far as one can tell from the answers so far."""
    wanted = pages_for(answers)
    # Nobody has said yet how it was done: a meeting, which has the most pages.
    count = len(wanted) + 1 if "how" in answers else 6
    if "who" not in answers and "how" in answers and wanted[-1] == "stage":
        count = 6
    number = wanted.index(page) + 1 if page in wanted else len(wanted)
    title = TITLES.get(page, "")
    if page == "who" and form.way == Method.TOLD:
        title = "Who was told?"
    return {
        "project": project,
        "form": form,
        "title": title or str(form.fields[next(iter(form.fields))].label),
        "has_title": bool(title),
        "number": number,
        "count": count,
        "back_page": wanted[number - 2] if number > 1 else "",
    }


def involvement_check(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Everything that was answered, the level that would follow, and the button that saves."""
    project, draft = _draft(request, slug, key)
    if draft.entry_id is not None:
        return redirect(_saved_url(draft, project))
    person = _person(request)
    entry = Entry(project, person, draft.answers)
    if wrong := entry.first_wrong():
        return redirect("projects:involvement_page", slug=slug, key=key, page=wrong)
    logged = entry.logged()
    form = forms.SaveForm(_typed(request), puts_right=draft.replaces_id is not None)
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data.get("reason", "")
            services.save_draft(draft=draft, logged=logged, reason=reason, by=person)
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            draft.refresh_from_db()
            return redirect(_saved_url(draft, project))
    due = services.due_on(logged, draft.replaces)
    standing = standing_with(project, logged, due=due, without=draft.replaces)
    context = {
        "project": project,
        "draft": draft,
        "form": form,
        "logged": logged,
        "rows": _rows(project, draft, logged),
        "level": level_words(standing),
        "warnings": list(_warnings(logged)),
        "due": due if logged.awaits_reply else None,
    }
    return render(request, "projects/involvement_check.html", context)


def level_words(standing: ladder.Standing) -> dict[str, Any]:
    """A level by its name, why, and the facts that would raise it."""
    rungs, level = ladder.rungs_in_use(), standing.level
    rung, above = lowest(rungs, level), (level or 0) + 1
    return {
        "level": level,
        "name": name_of(rungs, level),
        "place": f"Rung {rung.number} of {len(rungs)}" if rung else "",
        "because": standing.because,
        "next": name_of(rungs, above) if above in ladder.NAMES else "",
        "missing": standing.next_missing,
    }


def _rows(project: Project, draft: LogDraft, logged: Logged) -> list[dict[str, str]]:
    """The answers to check, each with a link that names what it changes."""

    def row(page: str, label: str, value: str, change: str = "") -> dict[str, str]:
        url = reverse("projects:involvement_page", args=[project.slug, draft.key, page])
        return {"label": label, "value": value, "url": url, "change": change or label.lower()}

    is_telling = logged.method == Method.TOLD
    rows = [
        row("how", "When", long_day(logged.on), "the day"),
        row("how", "How", Method(logged.method).label, "how it was done"),
    ]
    if logged.title:
        rows.append(row("how", "Name", logged.title, "its name"))
    if logged.told_by:
        rows.append(row("how", "Told by", logged.told_by.name, "who told you"))
    who = who_words(logged.parts)
    none = "Nobody was told" if is_telling else "No parents took part"
    label = Method(logged.method).came
    value = who if logged.parents else f"{none}. {who}".removesuffix(". ")
    rows.append(row("who", label, value, "who took part"))
    rows.append(row("stage", "Stage", Stage(logged.stage).label, "the stage"))
    if is_telling:
        rows.append(row("told", "How they were told", logged.told_how))
    if logged.asks:
        rows += [
            row("said", "They said", logged.said, "what they said"),
            row("said", "Changed", logged.changed or "Nothing yet", "what changed"),
        ]
        if logged.unchanged:
            rows.append(row("said", "Didn’t change", logged.unchanged, "what didn’t change"))
            rows.append(row("said", "Why not", logged.why, "why it didn’t"))
        rows += _later_rows(row, logged)
    return rows


def _later_rows(row: Any, logged: Logged) -> list[dict[str, str]]:
    told = "Not yet"
    if logged.replied_on:
        told = f"{long_day(logged.replied_on)}: {logged.told_how}"
    rows = [row("after", "Parents were told what came of it", told)]
    if logged.next_on:
        rows.append(row("after", "Next", long_day(logged.next_on), "the next date"))
    if logged.minutes:
        rows.append(row("after", "Time that parents gave", hours_words(logged.minutes)))
    return rows


def _warnings(logged: Logged) -> Any:
    """What may be right, and is worth a second look."""
    for part in logged.more_than_invited:
        who = part.group.name if part.group else Participation.Who(part.who).label
        yield (
            f"{who}: {part.came} took part, and {part.invited} were invited. "
            "That may be right: people bring others."
        )
    is_session = Method(logged.method).counts_as == TOGETHER
    if is_session and logged.parents and not logged.came(Participation.Who.OFFICERS):
        yield (
            "No officers are counted, so this doesn’t count as a session of parents and officers "
            "together."
        )


def involvement_saved(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """That it is saved, what the level is now and why, and how to take it back."""
    entry = _entry(request, slug, pk)
    standing = ladder.standing_of(entry.project, clocks.today())
    context = {
        "project": entry.project,
        "shown": shown(entry, {}),
        "level": level_words(standing),
        "who_replies": and_list(p.name for p in chasing.who_replies(entry.project)),
    }
    return render(request, "projects/involvement_saved.html", context)


def involvement_drop(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Throw away what one began: asked once, since nothing of it comes back."""
    project, draft = _draft(request, slug, key)
    if draft.entry_id is not None:
        return redirect(_saved_url(draft, project))
    if request.method == "POST":
        services.drop_draft(draft=draft, by=_person(request))
        messages.success(request, "What you began is thrown away. Nothing was logged.")
        return redirect(project.get_absolute_url())
    began = f"You began it on {long_day(draft.begun_at)}."
    context = {"project": project, "draft": draft, "began": began}
    return render(request, "projects/involvement_drop.html", context)


# What is done with an entry -----------------------------------------------------------------------


def involvement_reply(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Write down what became of it and when parents were told."""
    entry = _entry(request, slug, pk)
    if not entry.can_be_answered:
        messages.info(request, "No reply is owed here any more.")
        return redirect("projects:involvement_detail", slug=slug, pk=pk)
    form = forms.ReplyForm(_typed(request), entry=entry)
    if request.method == "POST" and form.is_valid():
        try:
            services.reply_to_parents(entry=entry, reply=form.reply, by=_person(request))
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("projects:involvement_saved", slug=slug, pk=pk)
    context = {"project": entry.project, "shown": shown(entry, {}), "form": form}
    return render(request, "projects/involvement_reply.html", context)


def involvement_take_back(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take an entry back with a reason."""
    entry = _entry(request, slug, pk)
    url = reverse("projects:involvement_detail", args=[slug, pk])
    if not entry.is_standing:
        messages.info(request, "This entry was taken back already.")
        return redirect(url)
    form = forms.TakeBackForm(_typed(request), back_url=url)
    if request.method == "POST" and form.is_valid():
        try:
            services.take_back_entry(
                entry=entry, reason=form.cleaned_data["reason"], by=_person(request)
            )
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            standing = ladder.standing_of(entry.project, clocks.today())
            now = level_words(standing)["name"]
            messages.success(request, f"It is taken back. The log now shows: {now}.")
            return redirect(url)
    after = level_words(standing_with(entry.project, None, without=entry))
    context = {"project": entry.project, "shown": shown(entry, {}), "form": form, "level": after}
    return render(request, "projects/involvement_take_back.html", context)


@require_POST
def involvement_put_right(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Open an entry's answers to change them; nothing changes until that is saved."""
    entry = _entry(request, slug, pk)
    try:
        draft = services.begin_put_right(
            entry=entry, answers=answers_of(entry), by=_person(request)
        )
    except TransitionNotAllowed as refusal:
        messages.info(request, str(refusal))
        return redirect("projects:involvement_detail", slug=slug, pk=pk)
    return redirect("projects:involvement_check", slug=slug, key=draft.key)
