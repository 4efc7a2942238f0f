"""The logo register: everybody checks it, officers ask, the coordinator decides."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from coprod import clocks, pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import Forum
from coprod.views import fetch_permitted, require
from projects import rungs
from projects.forms.logo import (
    LogoAskForm,
    LogoCheckForm,
    LogoDecideForm,
    LogoWithdrawForm,
    MisuseForm,
    MisuseSettleForm,
)
from projects.ladder import rungs_in_use
from projects.models import LogoPermission, Misuse, Project
from projects.services import logo as services

State = LogoPermission.State
PER_PAGE = 50


def _visible(user: Any) -> QuerySet[LogoPermission]:
    return LogoPermission.objects.filter(
        project__in=Project.objects.visible_to(user)
    ).select_related("project")


def _level_name(level: int) -> str:
    return rungs.name_of(rungs_in_use(), level)


@login_not_required
def logo_list(request: HttpRequest) -> HttpResponse:
    """The register: which documents may carry the logo, and which may no longer."""
    seen = _visible(request.user).order_by("-decided_at", "-pk")
    context: dict[str, Any] = {
        "forum": Forum.current(),
        "page": Paginator(seen.filter(state=State.GIVEN), PER_PAGE).get_page(
            request.GET.get("page")
        ),
        "ended": list(seen.filter(state=State.WITHDRAWN).order_by("-ended_at")[:20]),
        "form": LogoCheckForm(),
        "level_name": _level_name(Forum.current().logo_level),
        "waiting": [],
    }
    if request.user.has_perm("projects.decide_logo"):
        context["waiting"] = list(seen.filter(state=State.ASKED).order_by("asked_at"))
    return pages.answer(request, "projects/logo_list.html", context)


@login_not_required
@never_cache
def logo_check(request: HttpRequest) -> HttpResponse:
    """Type the code that stands beside a logo."""
    form = LogoCheckForm(request.GET if "code" in request.GET else None)
    if form.is_bound and form.is_valid():
        return redirect("projects:logo_code", form.cleaned_data["code"])
    return render(request, "projects/logo_check.html", {"form": form})


@login_not_required
def logo_code(request: HttpRequest, code: str) -> HttpResponse:
    """Whether the document with this code may carry the logo; one answer for unknown codes."""
    found = (
        _visible(request.user)
        .filter(code=code.lower(), state__in=[State.GIVEN, State.WITHDRAWN])
        .first()
    )
    context: dict[str, Any] = {
        "code": code[:20],
        "logo": found,
        "given": found is not None and found.state == State.GIVEN,
        "today": clocks.today(),
    }
    if found is not None:
        context["confirmation"] = found.project.confirmations.filter(ended_at=None).first()
    return pages.answer(request, "projects/logo_code.html", context)


# Officers and the coordinator --------------------------------------------------------------------


def logo_ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask that one document may carry the logo."""
    project = fetch_permitted(request.user, Project, "projects.ask_for_logo", slug=slug)
    form = LogoAskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_for_logo(
                project=project, document=form.cleaned_data["document"], by=request.user
            )
        except TransitionNotAllowed as refusal:
            form.add_error("document", str(refusal))
        else:
            messages.success(request, "The forum has been asked. You will hear what it decides.")
            return redirect("projects:logo_ask", slug)
    least = Forum.current().logo_level
    context = {
        "project": project,
        "form": form,
        "logos": project.logos.all(),
        "level_name": _level_name(least),
        "high_enough": services.can_carry(project, least),
    }
    return render(request, "projects/logo_ask.html", context)


def _permission(request: HttpRequest, pk: int) -> LogoPermission:
    require(request.user, "projects.decide_logo")
    found = LogoPermission.objects.select_related("project", "asked_by")
    return get_object_or_404(found, pk=pk)


def logo_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """May this document carry the logo?"""
    logo = _permission(request, pk)
    form = LogoDecideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        allow = form.cleaned_data["allow"] == "yes"
        try:
            services.decide_logo(
                permission=logo, allow=allow, reason=form.cleaned_data["reason"], by=request.user
            )
        except TransitionNotAllowed as refusal:
            form.add_error("allow", str(refusal))
        else:
            messages.success(request, "Saved. The project’s officers are told.")
            return redirect("projects:logo_list")
    used, least = rungs_in_use(), Forum.current().logo_level
    context = {
        "logo": logo,
        "form": form,
        "level_name": rungs.name_of(used, least),
        "confirmed": rungs.name_of(used, logo.project.confirmed_level),
        "high_enough": services.can_carry(logo.project, least),
    }
    return render(request, "projects/logo_decide.html", context)


def logo_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """End one permission by hand."""
    logo = _permission(request, pk)
    form = LogoWithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_logo(permission=logo, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The permission has ended. The project’s officers are told.")
            return redirect("projects:logo_list")
    return render(request, "projects/logo_withdraw.html", {"logo": logo, "form": form})


# Misuse ------------------------------------------------------------------------------------------


def misuse_list(request: HttpRequest) -> HttpResponse:
    """Where the logo was seen although it may not stand there, and what became of it."""
    require(request.user, "projects.decide_logo")
    seen = Misuse.objects.select_related("project").order_by("settled_at", "-seen_on", "-pk")
    context = {
        "open": list(seen.filter(settled_at=None)),
        "settled": seen.exclude(settled_at=None)[:PER_PAGE],
    }
    return render(request, "projects/logo_misuse_list.html", context)


def misuse_add(request: HttpRequest) -> HttpResponse:
    """Say where the logo was seen; by representatives, group staff and the coordinator."""
    require(request.user, "projects.report_misuse")
    form = MisuseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.log_misuse(project=None, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refusal:
            form.add_error("seen_on", str(refusal))
        else:
            messages.success(request, "Thank you. The coordinator looks at it.")
            return redirect("projects:logo_list")
    return render(request, "projects/logo_misuse_add.html", {"form": form})


def misuse_settle(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of it."""
    require(request.user, "projects.decide_logo")
    seen = get_object_or_404(Misuse.objects.select_related("project"), pk=pk)
    form = MisuseSettleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.settle_misuse(misuse=seen, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved.")
            return redirect("projects:misuse_list")
    return render(request, "projects/logo_misuse_settle.html", {"misuse": seen, "form": form})
