"""Who is on a project, and the themes that projects are sorted by."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted, require
from members.models import Person, Role
from projects.forms.projects import NameForm, ThemeForm
from projects.models import Named, Project, Theme
from projects.services import people, themes

both = require_http_methods(["GET", "POST"])


def _may_be_named(project: Project) -> list[int]:
    """Officers and representatives that aren't on it yet."""
    officers = Q(pk__in=Role.objects.current().filter(kind=Role.Kind.OFFICER).values("person"))
    on_it = project.named.current().values("person")
    found = Person.objects.active().filter(officers).exclude(pk__in=on_it)
    reps = Person.objects.reps().exclude(pk__in=on_it)
    return [*found.values_list("pk", flat=True), *reps.values_list("pk", flat=True)]


@both
def project_people(request: HttpRequest, slug: str) -> HttpResponse:
    """Who is on it, and naming somebody."""
    project = fetch_permitted(request.user, Project, "projects.name_people", slug=slug)
    choices = Person.objects.filter(pk__in=_may_be_named(project)).order_by("name")
    form = NameForm(request.POST or None, people=choices)
    if request.method == "POST" and form.is_valid():
        try:
            named = people.name_person(project=project, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            part = named.get_part_display().lower()
            messages.success(
                request, f"{named.person.name} is on it now, as {part}. They are told."
            )
            return redirect("projects:project_people", slug=project.slug)
    named_now = project.named.current().select_related("person").order_by("part", "person__name")
    context = {"form": form, "project": project, "named": named_now, "choices": choices}
    return render(request, "projects/project_people.html", context)


@both
def named_end(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take somebody off a project, after asking."""
    project = fetch_permitted(request.user, Project, "projects.name_people", slug=slug)
    current = Named.objects.current().filter(project=project).select_related("person")
    named = get_object_or_404(current, pk=pk)
    if request.method == "POST":
        people.end_naming(named=named, by=request.user)
        messages.success(request, f"{named.person.name} isn’t on it any more.")
        return redirect("projects:project_people", slug=project.slug)
    context = {
        "project": project,
        "heading": f"Take {named.person.name} off this project?",
        "points": [
            "They can’t write in its log or its news any more.",
            "What they wrote stays, with its date.",
        ],
        "button": "Take them off",
    }
    return render(request, "projects/project_step.html", context)


@both
def theme_list(request: HttpRequest) -> HttpResponse:
    """The themes, and adding one."""
    require(request.user, "projects.change_themes")
    form = ThemeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            theme = themes.add_theme(by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refused:
            form.add_error("name", str(refused))
        else:
            messages.success(request, f"“{theme}” is added.")
            return redirect("projects:theme_list")
    found = Theme.objects.annotate(count=Count("projects"))
    return render(request, "projects/theme_list.html", {"form": form, "themes": found})


@both
def theme_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a theme, or take away one that no project has."""
    require(request.user, "projects.change_themes")
    theme = get_object_or_404(Theme.objects.annotate(count=Count("projects")), pk=pk)
    was = theme.name
    form = ThemeForm(
        request.POST if "name" in request.POST else None, initial={"name": was}, back="../"
    )
    try:
        if request.method == "POST" and "delete" in request.POST:
            themes.delete_theme(theme=theme, by=request.user)
            messages.success(request, f"“{was}” is taken away.")
            return redirect("projects:theme_list")
        if request.method == "POST" and form.is_valid():
            themes.rename_theme(theme=theme, by=request.user, **form.cleaned_data)
            messages.success(request, f"“{was}” is called “{theme.name}” now.")
            return redirect("projects:theme_list")
    except TransitionNotAllowed as refused:
        if form.is_bound:
            form.add_error("name", str(refused))
        else:
            messages.error(request, str(refused))
    return render(request, "projects/theme_edit.html", {"form": form, "theme": theme, "was": was})
