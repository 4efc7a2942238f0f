"""Being there for a part of a meeting; saying oneself that one was there."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted
from meetings.forms.attendance import DeclareForm, PartForm
from meetings.models import Invitation, Meeting
from meetings.services import presence
from meetings.services.attendance import is_settled, may_record
from meetings.views.attendance import address_of, by_reply_link, own_invitation


def attendance_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """When one person came and went, and which items they missed."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.record_attendance", slug=slug)
    invitation = get_object_or_404(meeting.invitations.with_people(), pk=pk)
    invitation.meeting = meeting
    form = PartForm(request.POST or None, invitation=invitation)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            presence.record_part(
                invitation=invitation,
                how=said["how"],
                arrived=said["arrived"],
                left=said["left"],
                missed=said.get("missed", ()),
                by=request.user,
            )
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Saved for {invitation.person.name}.")
            return redirect("meetings:meeting_attendance", slug=slug)
    context = {
        "meeting": meeting,
        "invitation": invitation,
        "form": form,
        "open": may_record(meeting) and not is_settled(meeting),
    }
    return render(request, "meetings/attendance_detail.html", context)


def attendance_declare(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that one was there, signed in."""
    return _declare(request, own_invitation(request, slug), by=request.user)


@by_reply_link
def attendance_declare_by_link(
    request: HttpRequest, invitation: Invitation, token: str
) -> HttpResponse:
    """Say that one was there, from the invitation's letter."""
    return _declare(request, invitation, by=invitation.person, token=token)


def _declare(
    request: HttpRequest, invitation: Invitation, *, by: Any, token: str = ""
) -> HttpResponse:
    form = DeclareForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            presence.declare_attendance(invitation=invitation, how=form.cleaned_data["how"], by=by)
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(request.path)
    context = {
        "invitation": invitation,
        "meeting": invitation.meeting,
        "form": form,
        "link": bool(token),
        "reply_url": address_of("meeting_reply" if not token else "reply", invitation, token),
        "may_declare": presence.may_declare(invitation.meeting),
    }
    return render(request, "meetings/attendance_declare.html", context)
