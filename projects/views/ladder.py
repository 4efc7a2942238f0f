"""What the rungs mean, a project's claim and confirmation, and the forum's ladders."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from coprod import clocks, pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import Forum
from coprod.views import fetch_permitted, require
from projects import rungs
from projects.forms.ladder import (
    ClaimForm,
    ConfirmForm,
    EndConfirmationForm,
    LadderForm,
    RoundForm,
)
from projects.ladder import TABLE, Rules, quarter_of, rungs_in_use
from projects.models import Ladder, LevelAtQuarter, Project, Rung
from projects.services import claims, ladders, levels


@login_not_required
def ladder_detail(request: HttpRequest) -> HttpResponse:
    """What the rungs mean: the table of rules, from the code that derives levels."""
    forum = Forum.current()
    today = clocks.today()
    now = (
        LevelAtQuarter.objects.filter(quarter=quarter_of(today))
        .values_list("least_sessions", "least_share")
        .first()
    )
    later = Rules(forum.ladder_sessions, forum.ladder_share)
    rules = Rules(*now) if now else later
    used = rungs_in_use()
    context = {
        "forum": forum,
        "rungs": [_rung_row(rung, used, rules) for rung in sorted(used, key=lambda r: -r.number)],
        "rules": rules,
        "later": later if later != rules else None,
        "next_quarter": levels.next_quarter(quarter_of(today)),
        "logo_name": rungs.name_of(used, forum.logo_level),
    }
    return pages.answer(request, "projects/ladder_detail.html", context)


def _rung_row(rung: Rung, used: list[Rung], rules: Rules) -> dict[str, Any]:
    """One rung as the page explains it: what its row adds to the row below."""
    floor = rungs.lowest(used, rung.level)
    proven = floor is not None and floor.number == rung.number
    row = next((row for row in TABLE if row.level == rung.level), None) if proven else None
    if row is None:
        return {"rung": rung, "floor": floor}
    below = next((other for other in TABLE if other.level == rung.level - 1), None)
    includes = below is not None and set(below.facts) <= set(row.facts)
    shared = below.facts if below and includes else ()
    return {
        "rung": rung,
        "row": row,
        "includes": rungs.name_of(used, below.level) if below and includes else "",
        "facts": [fact.in_words(rules) for fact in row.facts if fact not in shared],
    }


# One project -------------------------------------------------------------------------------------


def level_claim(request: HttpRequest, slug: str) -> HttpResponse:
    """The officer's: which level the project has, and why."""
    project = fetch_permitted(request.user, Project, "projects.claim_level", slug=slug)
    known = rungs.read(project, clocks.today())
    form = ClaimForm(request.POST or None, rungs=[r for r in known.rungs if r.level])
    if request.method == "POST" and form.is_valid():
        try:
            claims.claim_level(
                project=project,
                rung=form.chosen,
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
        except TransitionNotAllowed as refusal:
            form.add_error("rung", str(refusal))
        else:
            messages.success(request, "Saved. The forum has been asked, and the page shows both.")
            return redirect(project)
    ladder = rungs.ladder_of(project, known=known)
    context = {"project": project, "form": form, "ladder": ladder}
    return render(request, "projects/level_claim.html", context)


def level_claim_end(request: HttpRequest, slug: str) -> HttpResponse:
    """Take one's claim back."""
    project = fetch_permitted(request.user, Project, "projects.claim_level", slug=slug)
    if request.method == "POST":
        try:
            claims.end_claim(project=project, by=request.user)
        except TransitionNotAllowed as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "The claim is taken back.")
        return redirect(project)
    context = {"project": project, "claim": claims.standing_claim(project)}
    return render(request, "projects/level_claim_end.html", context)


def level_confirm(request: HttpRequest, slug: str) -> HttpResponse:
    """The forum's: which level a parents' meeting decided on."""
    project = fetch_permitted(request.user, Project, "projects.confirm_level", slug=slug)
    standing = claims.standing_confirmation(project)
    initial = {"replaces": standing.pk if standing else None}
    form = ConfirmForm(request.POST or None, rungs=rungs_in_use(), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            kept = claims.confirm_level(
                project=project,
                rung=form.chosen,
                decision=form.decision,
                replaces=form.cleaned_data["replaces"],
                by=request.user,
            )
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
            form.look_again(claims.standing_confirmation(project))
        else:
            messages.success(request, f"The forum confirms {kept.rung_name}. Officers are told.")
            return redirect(project)
    context = {"project": project, "form": form, "ladder": rungs.ladder_of(project)}
    return render(request, "projects/level_confirm.html", context)


def level_confirm_end(request: HttpRequest, slug: str) -> HttpResponse:
    """The forum doesn't confirm a level any more, and says why."""
    project = fetch_permitted(request.user, Project, "projects.confirm_level", slug=slug)
    standing = claims.standing_confirmation(project)
    form = EndConfirmationForm(
        request.POST or None, initial={"replaces": standing.pk if standing else None}
    )
    if request.method == "POST" and form.is_valid():
        try:
            claims.end_confirmation(project=project, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
            standing = claims.standing_confirmation(project)
            form.look_again(standing)
        else:
            messages.success(request, "The confirmation has ended. Officers are told.")
            return redirect(project)
    context = {
        "project": project,
        "confirmation": standing,
        "form": form,
        "logos": project.logos.filter(state="given").count(),
    }
    return render(request, "projects/level_confirm_end.html", context)


def round_begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Count anew, because a new stage begins."""
    project = fetch_permitted(request.user, Project, "projects.confirm_level", slug=slug)
    form = RoundForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            levels.begin_round(project=project, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refusal:
            form.add_error("began_on", str(refusal))
        else:
            messages.success(request, "The new count has begun.")
            return redirect(project)
    return render(request, "projects/level_round.html", {"project": project, "form": form})


# The forum's ladders -----------------------------------------------------------------------------


def ladder_list(request: HttpRequest) -> HttpResponse:
    """The ladders that the forum has, and which one is used."""
    require(request.user, "projects.change_ladders")
    context = {"ladders": Ladder.objects.prefetch_related("rungs")}
    return render(request, "projects/ladder_list.html", context)


def ladder_add(request: HttpRequest) -> HttpResponse:
    """A ladder of one's own."""
    require(request.user, "projects.change_ladders")
    return _ladder_form(request, None)


def ladder_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Other names for rungs, other rungs."""
    require(request.user, "projects.change_ladders")
    return _ladder_form(request, get_object_or_404(Ladder, pk=pk))


def _ladder_form(request: HttpRequest, ladder: Ladder | None) -> HttpResponse:
    form = LadderForm(request.POST or None, ladder=ladder)
    if request.method == "POST" and form.is_valid():
        try:
            ladders.save_ladder(
                ladder=ladder, name=form.cleaned_data["name"], steps=form.steps, by=request.user
            )
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The ladder is saved.")
            return redirect("projects:ladder_list")
    return render(request, "projects/ladder_form.html", {"form": form, "ladder": ladder})


def ladder_use(request: HttpRequest, pk: int) -> HttpResponse:
    """Name levels by this ladder from now on."""
    require(request.user, "projects.change_ladders")
    ladder = get_object_or_404(Ladder.objects.prefetch_related("rungs"), pk=pk)
    if request.method == "POST":
        try:
            ladders.use_ladder(ladder=ladder, by=request.user)
        except TransitionNotAllowed as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"Levels are named by “{ladder}” from now on.")
        return redirect("projects:ladder_list")
    return render(request, "projects/ladder_use.html", {"ladder": ladder})


def ladder_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away a ladder that isn't used."""
    require(request.user, "projects.change_ladders")
    ladder = get_object_or_404(Ladder.objects.prefetch_related("rungs"), pk=pk)
    if request.method == "POST":
        try:
            ladders.delete_ladder(ladder=ladder, by=request.user)
        except TransitionNotAllowed as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"“{ladder.name}” is deleted.")
        return redirect("projects:ladder_list")
    return render(request, "projects/ladder_delete.html", {"ladder": ladder})
