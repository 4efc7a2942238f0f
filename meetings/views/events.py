"""Open events: signing up without an account, and the coordinator's list."""

import uuid as uuids
from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted, private_link
from meetings.forms.events import OwnSignUpForm, SignUpCancelForm, SignUpForm
from meetings.models import Meeting, SignUp
from meetings.models.calendar import Audience
from meetings.services import events as services

# The public ---------------------------------------------------------------------------------------


@login_not_required
@never_cache
def sign_up(request: HttpRequest, slug: str) -> HttpResponse:
    """Sign up to an open event: one short form, no account."""
    meeting = (
        Meeting.objects.visible_to(request.user).filter(slug=slug, audience=Audience.OPEN).first()
    )
    if meeting is None:
        raise Http404
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _within_limits(request, form):
        try:
            kept = services.sign_up(meeting=meeting, **form.cleaned_data)
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            context = {"meeting": meeting, "email": kept.email, "phone": kept.phone}
            return render(request, "meetings/signed_up.html", context)
    context = {
        "meeting": meeting,
        "form": form,
        "left": services.places_left(meeting),
        "takes": services.takes_sign_ups(meeting),
    }
    return render(request, "meetings/sign_up.html", context)


def _within_limits(request: HttpRequest, form: SignUpForm) -> bool:
    """Whether this address may be written to once more; if not, the reason is on the form."""
    key = form.cleaned_data["email"].lower() or form.cleaned_data["phone"]
    if ratelimit.consume(request, action="sign_up", key=key):
        return True
    form.add_error(None, "That was too many tries. Wait an hour, or ring us")
    return False


@private_link
def sign_up_own(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Change or cancel one's own sign-up, from the link in its confirmation."""
    found = get_object_or_404(SignUp.objects.select_related("meeting"), uuid=uuid)
    initial = {"people": found.people, "needs": found.needs}
    form = OwnSignUpForm(request.POST or None, initial=initial)
    done = ""
    if request.method == "POST" and request.POST.get("do") == "cancel":
        services.cancel_sign_up(sign_up=found)
        return redirect(request.path)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_sign_up(sign_up=found, **form.cleaned_data)
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            done = "Saved."
    context = {"meeting": found.meeting, "sign_up": found, "form": form, "done": done}
    return render(request, "meetings/sign_up_own.html", context)


# The coordinator ----------------------------------------------------------------------------------


def _meeting(request: HttpRequest, slug: str) -> Meeting:
    meeting = fetch_permitted(request.user, Meeting, "meetings.see_sign_ups", slug=slug)
    if meeting.audience != Audience.OPEN:
        raise Http404
    return meeting


def sign_up_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Who comes, how many, what they need, whom to ring."""
    meeting = _meeting(request, slug)
    rows = list(meeting.sign_ups.select_related("signed_up_by"))
    standing = [row for row in rows if row.cancelled_at is None]
    context = {
        "meeting": meeting,
        "standing": standing,
        "cancelled": len(rows) - len(standing),
        "people": sum(row.people for row in standing),
        "kept_days": services.KEPT_DAYS,
    }
    return render(request, "meetings/sign_up_list.html", context)


def sign_up_add(request: HttpRequest, slug: str) -> HttpResponse:
    """Write down somebody who rang."""
    meeting = _meeting(request, slug)
    form = SignUpForm(request.POST or None, for_other=True)
    if request.method == "POST" and form.is_valid():
        said: dict[str, Any] = form.cleaned_data
        try:
            services.sign_up(meeting=meeting, by=request.user, **said)
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{said['name']} is on the list.")
            return redirect("meetings:sign_up_list", slug=slug)
    return render(request, "meetings/sign_up_add.html", {"meeting": meeting, "form": form})


def sign_up_cancel(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take somebody off the list who rang to say so."""
    meeting = _meeting(request, slug)
    found = get_object_or_404(meeting.sign_ups, pk=pk)
    back = reverse("meetings:sign_up_list", args=[slug])
    form = SignUpCancelForm(request.POST or None, back=back)
    if request.method == "POST":
        services.cancel_sign_up(sign_up=found, by=request.user)
        messages.success(request, f"{found.name} is off the list.")
        return redirect(back)
    context = {"meeting": meeting, "sign_up": found, "form": form, "back": back}
    return render(request, "meetings/sign_up_cancel.html", context)
