"""Saying whether minutes are a fair record."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from coprod.exceptions import TransitionNotAllowed
from meetings.forms.minutes import AnswerForForm, AnswerForm
from meetings.models import Invitation
from meetings.reading import Reader
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
    if form.is_valid() and _keep(form, reader, reader.invitation):
        return redirect(f"{reader.url('draft')}?answered=1#agree")
    return draft_page(request, reader, answer=form)


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
            by=reader.person,
        )
    except TransitionNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return False
    return True
