"""Saying whether minutes are a fair record; hearing who said “not yet”; closing comments."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from coprod.exceptions import TransitionNotAllowed
from meetings.forms.agreement import NotYetForm, WindowForm
from meetings.forms.minutes import AnswerForForm, AnswerForm
from meetings.models import Agreement, Invitation
from meetings.reading import Reader
from meetings.services import agreement
from meetings.services.agreement import answer_minutes
from meetings.views.drafts import by_link, draft_page, signed_in_reader, version_of


@require_POST
def minutes_answer(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer, signed in. Only for those who were there."""
    return _answer(request, signed_in_reader(request, slug, "meetings.agree_minutes"))


@require_POST
@by_link
def minutes_answer_by_link(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Answer from the letter's link."""
    if not reader.person.has_perm("meetings.agree_minutes", reader.minutes):
        raise PermissionDenied
    return _answer(request, reader)


def _answer(request: HttpRequest, reader: Reader) -> HttpResponse:
    assert reader.invitation is not None  # nobody attends without an invitation
    form = AnswerForm(request.POST)
    if request.POST.get("do") == "withdraw":
        return _take_back(request, form, reader, reader.invitation)
    if form.is_valid() and _keep(form, reader, reader.invitation):
        return redirect(f"{reader.url('draft')}?answered=1#agree")
    return draft_page(request, reader, answer=form)


def _take_back(
    request: HttpRequest, form: AnswerForm, reader: Reader, invitation: Invitation
) -> HttpResponse:
    """Take one's own answer back: afterwards one has said nothing."""
    form.is_valid()  # only its version is wanted
    number = form.cleaned_data.get("version", 0)
    try:
        agreement.withdraw_answer(
            version=version_of(reader, number), invitation=invitation, by=reader.person
        )
    except TransitionNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return draft_page(request, reader, answer=form)
    return redirect(f"{reader.url('draft')}?answered=back#agree")


@require_POST
def minutes_answer_for(request: HttpRequest, slug: str) -> HttpResponse:
    """Write down the answer of somebody who gave it by phone or letter."""
    reader = signed_in_reader(request, slug, "meetings.settle_comments")
    form = AnswerForForm(request.POST, minutes=reader.minutes)
    if form.is_valid():
        invitation = form.cleaned_data["invitation"]
        if _keep(form, reader, invitation):
            name = invitation.person.name
            messages.success(request, f"{name}’s answer is kept, written down by you.")
            return redirect(reader.url("draft"))
    return draft_page(request, reader, answer_for=form)


def _keep(form: AnswerForm, reader: Reader, invitation: Invitation) -> bool:
    """Whether the answer was kept; if not, the reason is on the form."""
    said = form.cleaned_data
    try:
        answer_minutes(
            version=version_of(reader, said["version"]),
            invitation=invitation,
            answer=said["answer"],
            reason=said["reason"],
            via=said.get("via", ""),
            by=reader.person,
        )
    except TransitionNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


# For whoever runs the meeting ---------------------------------------------------------------------


def not_yet_answer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What somebody wants changed, and what can be done: change it, ring, or say why not."""
    reader = signed_in_reader(request, slug, "meetings.settle_comments")
    given = get_object_or_404(
        Agreement.objects.select_related("version", "invitation__person", "invitation__group"),
        pk=pk,
        version__minutes=reader.minutes,
        answer=Agreement.Answer.NOT_YET,
    )
    form = NotYetForm(
        request.POST or None, initial={"outcome": given.outcome}, back=reader.url("draft")
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data["outcome"]
        if _try(form, agreement.answer_not_yet, agreement=given, outcome=said, by=request.user):
            name = given.invitation.person.name
            messages.success(request, f"Your answer is on its way to {name}.")
            return redirect(f"{reader.url('draft')}#notyet")
    context = {"minutes": reader.minutes, "meeting": reader.minutes.meeting, "given": given}
    return render(request, "meetings/not_yet_answer.html", {**context, "form": form})


def minutes_window(request: HttpRequest, slug: str) -> HttpResponse:
    """Whose copies comments wait for; and the reason, if they close without them."""
    reader = signed_in_reader(request, slug, "meetings.settle_comments")
    minutes, version = reader.minutes, reader.minutes.latest
    if version is None:
        return redirect("meetings:minutes_write", slug=slug)
    form = WindowForm(request.POST or None, back=reader.url("draft"))
    if request.method == "POST" and form.is_valid():
        why = form.cleaned_data["reason"]
        if _try(form, agreement.close_window, version=version, reason=why, by=request.user):
            messages.success(request, "Comments are closed. Readers see your reason.")
            return redirect(reader.url("draft"))
    context = {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "version": version,
        "window": version.window,
        "held": minutes.can("agree") and version.window.is_held,
        "form": form,
    }
    return render(request, "meetings/minutes_window.html", context)


def _try(form: Any, service: Any, **said: Any) -> bool:
    """Whether the service did it; if not, its reason is on the form."""
    try:
        service(**said)
    except TransitionNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return False
    return True
