"""What the coordinator does with asks: who answers, by when, what changed, what was heard."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from coprod.exceptions import TransitionNotAllowed
from coprod.templatetags.forum import day
from coprod.views import fetch_permitted, require
from meetings import asked, what_we_said
from meetings.forms.asks import (
    ChangedForm,
    ExtendForm,
    HeardForm,
    MoveForm,
    NameForm,
    ProjectForm,
)
from meetings.models import Ask
from meetings.services import asks as services
from members.models import Person
from projects.models import Project

#: Rows on one page.
PAGE = 60
#: What the list can be narrowed to.
PARTS = {
    "": "Waiting and overdue",
    "nobody": "Nobody is named",
    "adrift": "Gone from the minutes",
    "all": "All of them",
}


def _ask(request: HttpRequest, pk: int) -> Ask:
    return fetch_permitted(request.user, Ask.objects.with_all(), "meetings.put_asks", pk=pk)


def ask_waiting(request: HttpRequest) -> HttpResponse:
    """Every ask that isn't closed, with those of drafts, the longest overdue first."""
    require(request.user, "meetings.put_asks")
    part = request.GET.get("show", "")
    part = part if part in PARTS else ""
    adrift = Ask.objects.adrift().count()
    asks = {
        "": Ask.objects.open(),
        "nobody": Ask.objects.to_name().with_state(),
        "adrift": Ask.objects.adrift().with_state(),
        "all": Ask.objects.with_state(),
    }[part]
    page = Paginator(what_we_said.ordered(asks).with_all(), PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": [_row(ask) for ask in page.object_list],
        "page": page,
        "part": part,
        "title": PARTS[part],
        "parts": [
            {"label": label, "url": f"?show={name}", "current": name == part}
            for name, label in PARTS.items()
            if name != "adrift" or adrift
        ],
    }
    return render(request, "meetings/ask_waiting.html", context)


def _row(ask: Ask) -> dict[str, Any]:
    words = asked.list_words(ask)
    line = ask.paragraph
    draft = line is not None and line.section.minutes.state == "draft"
    return {
        "ask": ask,
        "words": words,
        "where": asked.where_said(ask)[0],
        "status": asked.status_of(ask),
        "is_public": asked.is_public(ask),
        "is_draft": draft,
        "adrift": what_we_said.is_adrift(ask),
    }


def ask_add(request: HttpRequest) -> HttpResponse:
    """Type what parents asked outside a meeting."""
    require(request.user, "meetings.put_asks")
    form = HeardForm(request.POST or None, projects=Project.objects.visible_to(request.user))
    if request.method == "POST" and form.is_valid():
        ask = services.add_ask(by=request.user, **form.cleaned_data)
        messages.success(request, "Added. Everybody can read it now. Next: name who must answer.")
        return redirect("asks:ask_name", pk=ask.pk)
    return render(request, "meetings/ask_add.html", {"form": form})


def _step(
    request: HttpRequest, ask: Ask, form: Any, keep: Callable[[Any], str], **context: Any
) -> HttpResponse:
    """A form about one ask: asked, kept by ``keep``, which says what was done, or refused."""
    if request.method == "POST" and form.is_valid():
        try:
            done = keep(form.cleaned_data)
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect(context.get("then") or ask.get_absolute_url())
    words = asked.words_for(request.user, ask) or asked.list_words(ask)
    shown = {"ask": ask, "form": form, "words": words, "where": asked.where_said(ask)[0]}
    shown["status"] = asked.status_of(ask)
    return render(request, "meetings/ask_step.html", shown | context)


def ask_name(request: HttpRequest, pk: int) -> HttpResponse:
    """Name the officer who must answer, and by when; they are written to at once."""
    ask = _ask(request, pk)
    form = NameForm(request.POST or None, ask=ask, officers=Person.objects.officers())

    def keep(given: dict[str, Any]) -> str:
        services.name_answerer(ask=ask, by=request.user, **given)
        return f"{given['person'].name} is asked to answer. A message is on its way to them."

    return _step(request, ask, form, keep, title="Who must answer?", letter=True)


def ask_extend(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the answer a new day, with its reason."""
    ask = _ask(request, pk)
    form = ExtendForm(request.POST or None)

    def keep(given: dict[str, Any]) -> str:
        made = services.extend_ask(ask=ask, by=request.user, **given)
        return f"The new day is {day(made.until)}. The reason stands beside it in public."

    return _step(request, ask, form, keep, title="A new day for the answer", extends=True)


def ask_changed(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what changed for families."""
    ask = _ask(request, pk)
    form = ChangedForm(request.POST or None, initial={"changed": ask.changed})

    def keep(given: dict[str, Any]) -> str:
        services.say_changed(ask=ask, by=request.user, **given)
        return "What changed is kept."

    return _step(request, ask, form, keep, title="What changed?")


def ask_project(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which project it is about."""
    ask = _ask(request, pk)
    projects = Project.objects.visible_to(request.user)
    form = ProjectForm(request.POST or None, projects=projects, initial_project=ask.project_id)

    def keep(given: dict[str, Any]) -> str:
        services.link_project(ask=ask, by=request.user, **given)
        return "It’s linked." if given["project"] else "It’s linked with no project."

    return _step(request, ask, form, keep, title="Which project is it about?")


def ask_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the words right of what was heard elsewhere."""
    ask = _ask(request, pk)
    form = HeardForm(request.POST or None, ask=ask)

    def keep(given: dict[str, Any]) -> str:
        services.change_ask(ask=ask, by=request.user, **given)
        return "The words are saved."

    return _step(request, ask, form, keep, title="Put the words right")


def ask_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it off, or hang it on another line of the same minutes when its own has gone."""
    ask = _ask(request, pk)
    lines = what_we_said.to_move_to(ask) if what_we_said.is_adrift(ask) else Ask.objects.none()
    form = MoveForm(request.POST if request.method == "POST" else None, lines=lines)

    def keep(given: dict[str, Any]) -> str:
        if (to := given.get("line")) is not None:
            services.move_ask(ask=ask, to=to, by=request.user)
            return "Officer, answers and days are kept with the other line now."
        services.remove_ask(ask=ask, by=request.user)
        return "It’s taken off."

    return _step(request, ask, form, keep, title="Take this ask off?", removes=True)
