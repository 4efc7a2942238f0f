"""Sending somebody in one's place to one meeting, and taking it back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted
from meetings.forms.attendance import SubstituteForm
from meetings.models import Invitation, Meeting
from meetings.services import substitutes
from meetings.views.attendance import address_of, by_reply_link, own_invitation


def substitute_name(request: HttpRequest, slug: str) -> HttpResponse:
    """Say who comes in one's place, signed in."""
    invitation = own_invitation(request, slug)
    back = address_of("meeting_reply", invitation, "")
    return _page(request, invitation, by=request.user, back=back)


@by_reply_link
def substitute_name_by_link(
    request: HttpRequest, invitation: Invitation, token: str
) -> HttpResponse:
    """Say who comes in one's place, from the invitation's letter."""
    back = address_of("reply", invitation, token)
    return _page(request, invitation, by=invitation.person, back=back, token=token)


def substitute_record(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Write down who comes in somebody's place."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.see_replies", slug=slug)
    rows = meeting.invitations.with_people().select_related("substitute__person")
    invitation = get_object_or_404(rows, pk=pk)
    invitation.meeting = meeting
    back = reverse("meetings:meeting_people", args=[slug])
    return _page(request, invitation, by=request.user, back=back, for_other=True)


def _page(
    request: HttpRequest,
    invitation: Invitation,
    *,
    by: Any,
    back: str,
    token: str = "",
    for_other: bool = False,
) -> HttpResponse:
    """Who comes instead: the question, or whom it is and the way to take it back."""
    standing_in = getattr(invitation, "substitute", None)
    form = SubstituteForm(request.POST or None, invitation=invitation)
    if request.method == "POST":
        try:
            done = _keep(request, invitation, form, by=by, back=back)
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            if done is not None:
                return done
    context = {
        "invitation": invitation,
        "meeting": invitation.meeting,
        "standing_in": standing_in,
        "form": form,
        "back": back,
        "link": bool(token),
        "for_other": for_other,
        "offers": substitutes.may_have_substitute(invitation),
        "over": invitation.meeting.is_past or invitation.meeting.is_cancelled,
    }
    return render(request, "meetings/substitute_name.html", context)


def _keep(
    request: HttpRequest, invitation: Invitation, form: SubstituteForm, *, by: Any, back: str
) -> HttpResponseRedirect | None:
    """Take it back, or name somebody. Raises TransitionNotAllowed; None: the form says why."""
    if "nobody" in request.POST:
        if substitutes.stand_down(invitation=invitation, by=by):
            messages.success(request, "They needn’t come after all. We’ve told them.")
        return redirect(back)
    if not form.is_valid():
        return None
    made = substitutes.name_substitute(invitation=invitation, by=by, **form.cleaned_data)
    messages.success(request, f"{made.person.name} is asked to come in this place.")
    return redirect(back)
