"""Changing a project: its words and dates, its end, its status, its news."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.forms import say_date
from coprod.views import fetch_permitted, require
from projects import status
from projects.forms.projects import (
    CompleteForm,
    OverrideForm,
    ProjectForm,
    ReviewForm,
    UpdateForm,
)
from projects.models import Project
from projects.services import overrides, projects
from projects.services.news import write_update
from projects.services.projects import StaleEdit
from projects.services.quiet import quiet_projects
from projects.services.statuses import in_a_year
from projects.vague import Kind, VagueDate

both = require_http_methods(["GET", "POST"])


def _step(request: HttpRequest, project: Project, title: str, **context: Any) -> HttpResponse:
    """A page with one form or one button about a project."""
    context = {"project": project, "heading": title, **context}
    return render(request, "projects/project_step.html", context)


def _read_so(start: VagueDate, due: VagueDate, changed: set[str]) -> str:
    """How the dates that were just written are understood, in a sentence each."""
    words = ""
    if start.text.strip() and "started_text" in changed and start.is_vague:
        words += f" We take “{start.text.strip()}” as {_held(start, start.as_start)}."
    if due.text.strip() and "due_text" in changed and due.is_vague:
        words += f" We take “{due.text.strip()}” as {_held(due, due.in_words)}."
    return words


def _held(read: VagueDate, words: str) -> str:
    return "a date we don’t understand" if read.kind == Kind.UNREAD else words


@both
def project_add(request: HttpRequest) -> HttpResponse:
    """Add a project. Dates that had to be guessed at are shown before they are saved."""
    require(request.user, "projects.add_project")
    form = ProjectForm(request.POST or None, may_hide=True, is_new=True)
    if request.method == "POST" and form.is_valid() and not form.needs_check():
        start, due = form.dates()
        project = projects.add_project(by=request.user, **form.values())
        read = _read_so(start, due, {"started_text", "due_text"})
        messages.success(request, f"{project} is added.{read} Now say who is on it.")
        return redirect("projects:project_people", slug=project.slug)
    return render(request, "projects/project_form.html", {"form": form})


@both
def project_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a project's words and dates."""
    project = fetch_permitted(request.user, Project, "projects.change_project", slug=slug)
    title = project.title
    may_hide = request.user.has_perm("projects.hide_project", project)
    form = ProjectForm(request.POST or None, instance=project, may_hide=may_hide)
    if request.method == "POST" and form.is_valid() and not form.needs_check():
        start, due = form.dates()
        try:
            changed = projects.change_project(
                project=project, values=form.values(), edit_no=form.sent_edit_no, by=request.user
            )
        except StaleEdit as stale:
            form.add_stale_edit(current=stale.current)
        else:
            read = _read_so(start, due, set(changed))
            words = f"The project is saved.{read}" if changed else "Nothing was changed."
            messages.success(request, words)
            return redirect(project)
    context = {"form": form, "project": project, "name": title}
    return render(request, "projects/project_form.html", context)


@both
def project_complete(request: HttpRequest, slug: str) -> HttpResponse:
    """Mark a project completed on a day."""
    project = fetch_permitted(request.user, Project, "projects.close_project", slug=slug)
    form = CompleteForm(request.POST or None, initial={"on": clocks.today()})
    if request.method == "POST" and form.is_valid():
        try:
            projects.complete_project(project=project, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            on = say_date(form.cleaned_data["on"])
            messages.success(request, f"{project} is completed, on {on}. You can take that back.")
            return redirect(project)
    return _step(request, project, "Mark it completed", form=form)


@both
def project_reopen(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a completion back."""
    project = fetch_permitted(request.user, Project, "projects.close_project", slug=slug)
    if project.completed_on is None:
        messages.info(request, "This project isn’t completed.")
        return redirect(project)
    if request.method == "POST":
        try:
            projects.reopen_project(project=project, by=request.user)
        except TransitionNotAllowed as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, f"{project} goes on. It isn’t completed any more.")
        return redirect(project)
    return _step(
        request,
        project,
        "Take its completion back?",
        points=[
            f"It was completed on {say_date(project.completed_on)}. That date goes.",
            "Its status follows from its dates again.",
            "News that was written when it was completed stays.",
        ],
        button="Take it back",
    )


@both
def status_set(request: HttpRequest, slug: str) -> HttpResponse:
    """Show another status than the dates give, and say why."""
    project = fetch_permitted(request.user, Project, "projects.change_project", slug=slug)
    today = clocks.today()
    derived = status.derive(project, today)
    form = OverrideForm(request.POST or None, derived=derived)
    if request.method == "POST" and form.is_valid():
        try:
            overrides.override_status(project=project, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Both statuses are shown now, with your reason.")
            return redirect(project)
    lead = f"The dates say: {derived.label.lower()}. {status.reason(project, today)}."
    return _step(request, project, "Show another status", form=form, lead=lead)


@both
def status_end(request: HttpRequest, slug: str) -> HttpResponse:
    """Let the status follow from the dates again."""
    project = fetch_permitted(request.user, Project, "projects.change_project", slug=slug)
    standing, today = project.override, clocks.today()
    if standing is None:
        messages.info(request, "The status follows from the dates already.")
        return redirect(project)
    derived = status.derive(project, today)
    if request.method == "POST":
        try:
            overrides.end_override(project=project, by=request.user)
        except TransitionNotAllowed as refused:
            messages.error(request, str(refused))
        else:
            words = f"The status follows from the dates again: {derived.label.lower()}."
            messages.success(request, words)
        return redirect(project)
    set_on = say_date(clocks.today(standing.made_at))
    return _step(
        request,
        project,
        "Let the dates say the status again?",
        points=[
            f"“{standing.get_status_display()}” was set on {set_on}, because: {standing.reason}",
            f"By its dates it is “{derived.label}”: {status.reason(project, today)}.",
        ],
        button="Follow the dates",
    )


@both
def update_write(request: HttpRequest, slug: str) -> HttpResponse:
    """Add dated news."""
    project = fetch_permitted(request.user, Project, "projects.write_update", slug=slug)
    form = UpdateForm(request.POST or None, initial={"on": clocks.today()})
    if request.method == "POST" and form.is_valid():
        try:
            write_update(project=project, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refused:
            form.add_error("on", str(refused))
        else:
            messages.success(request, f"Your news is on the page of {project}.")
            return redirect(project)
    last = project.last_news_on
    lead = f"The last news was on {say_date(last)}." if last else "There was no news yet."
    return _step(request, project, "Say what’s new", form=form, lead=lead)


@both
def project_review(request: HttpRequest, slug: str) -> HttpResponse:
    """Ongoing work was looked at, and when it will be again."""
    project = fetch_permitted(request.user, Project, "projects.change_project", slug=slug)
    today = clocks.today()
    form = ReviewForm(request.POST or None, initial={"next_on": in_a_year(today)})
    if request.method == "POST" and form.is_valid():
        try:
            projects.review_project(project=project, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            when = say_date(form.cleaned_data["next_on"])
            messages.success(request, f"Thank you. We ask again on {when}.")
            return redirect(project)
    return _step(request, project, "Look at it again", form=form, lead=_review(project, today))


def _review(project: Project, today: date) -> str:
    """Why it is looked at."""
    due = f"Its due date is “{project.due_text.strip()}”" if project.due_text.strip() else ""
    words = f"{due or 'It has no due date'}, so it is never overdue. Is it still going on?"
    if project.review_on is None:
        return words
    word = "was" if project.review_on <= today else "is"
    return f"{words} Its review {word} due on {say_date(project.review_on)}."


def project_waiting(request: HttpRequest) -> HttpResponse:
    """What waits for those who run the forum: quiet projects, and reviews that are due."""
    require(request.user, "projects.add_project")
    today = clocks.today()
    context = {
        "quiet": quiet_projects(today),
        "reviews": Project.objects.review_due(today).order_by("review_on", "title"),
    }
    return render(request, "projects/project_waiting.html", context)
