"""One's own ways in: proof by code, the address, devices, links; and what others reset."""

import time

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coprod.exceptions import TransitionNotAllowed
from coprod.models import Forum
from coprod.views import fetch_permitted, require
from members import codes, sessions, signing_in
from members.forms.signing_in import AddressForm, CodeForm
from members.http import SignedInRequest, recently_signed_in
from members.models import Person

TOO_MANY = "That was too many tries. Wait an hour, or ring us."
ENDED = "That code has ended. Ask for a new one: it comes at once."

# Is it you? ---------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "POST"])
def prove_by_code(request: SignedInRequest) -> HttpResponse:
    """A code by e-mail, for somebody without a second step, before something that matters.

    Opening the page sends nothing. What they were about to send goes on afterwards.
    """
    person = request.user
    if not person.email:
        raise Http404
    methods = get_adapter().get_reauthentication_methods(person)
    if all(method["id"] != "prove_by_code" for method in methods):
        # Whoever has a second step proves it with that: a read mailbox must not be enough.
        return redirect(f"{reverse('account_reauthenticate')}?{request.GET.urlencode()}")
    after = _next(request)
    sent = codes.waiting_for(request, "proof")
    form = CodeForm(request.POST if "code" in request.POST else None)
    if request.method == "POST" and "code" not in request.POST:
        if ratelimit.consume(request, action="prove_by_code", user=person):
            codes.send(
                request,
                "proof",
                person=person,
                address=person.email,
                template="members/prove_code",
            )
        else:
            messages.error(request, TOO_MANY)
        return redirect(f"{request.path}?{request.GET.urlencode()}")
    if form.is_bound and form.is_valid():
        if codes.check(request, "proof", form.cleaned_data["code"]):
            sessions.note_proof(request)
            answer: HttpResponse | None = resume_request(request)
            return answer or redirect(after)
        sent = _wrong(request, form, "proof")
    context = {"form": form, "sent": sent, "next": after}
    return render(request, "members/prove_by_code.html", context)


def _wrong(request: SignedInRequest, form: CodeForm, purpose: str) -> str:
    """Say that a code is wrong, or has come to its end; the address it went to, while it lives."""
    sent = codes.waiting_for(request, purpose)
    form.add_error("code", "This isn’t the code that we sent. Check its six digits")
    if not sent:
        messages.error(request, ENDED)
    return sent


def _next(request: SignedInRequest) -> str:
    """Where to go on, if that is a page of ours."""
    url = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()})
    return url if ours else reverse("today")


# One's own address --------------------------------------------------------------------------------


@recently_signed_in
@require_http_methods(["GET", "POST"])
def my_address(request: SignedInRequest) -> HttpResponse:
    """Ask for another address for signing in. Until it is confirmed, the old one holds."""
    person = get_object_or_404(Person, pk=request.user.pk)
    require(request.user, "members.change_own_details", person)
    form = AddressForm(request.POST or None, present=person.email)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="prove_by_code", user=person):
            form.add_error(None, TOO_MANY)
        else:
            _ask_address(request, person, form.cleaned_data["email"])
            return redirect("members:my_address_confirm")
    return render(request, "members/my_address.html", {"form": form, "person": person})


def _ask_address(request: SignedInRequest, person: Person, email: str) -> None:
    """Send the code; to an address that is somebody's already, a word to its owner instead."""
    if Person.objects.filter(email=email).exists():
        codes.expect_none(request, "address", address=email)
        signing_in.warn_of_wanted_address(address=email)
    else:
        codes.send(
            request, "address", person=person, address=email, template="members/address_code"
        )


@recently_signed_in
@require_http_methods(["GET", "POST"])
def my_address_confirm(request: SignedInRequest) -> HttpResponse:
    """The code from the new address: from now on it is theirs."""
    require(request.user, "members.change_own_details", request.user)
    address = codes.waiting_for(request, "address")
    if not address:
        return redirect("members:my_address")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if codes.check(request, "address", form.cleaned_data["code"]):
            try:
                signing_in.change_own_address(person=request.user, email=address)
            except TransitionNotAllowed as refused:
                messages.error(request, str(refused))
                return redirect("members:my_address")
            messages.success(request, f"From now on you sign in with {address}.")
            return redirect("members:my_details")
        if not _wrong(request, form, "address"):
            return redirect("members:my_address")
    context = {"form": form, "address": address}
    return render(request, "members/my_address_confirm.html", context)


# Where am I signed in? ----------------------------------------------------------------------------


@require_GET
def my_sessions(request: SignedInRequest) -> HttpResponse:
    """Every device that is signed in, in words; nothing tells where it is."""
    here = request.session.session_key
    devices = [
        {
            "session": session,
            "words": sessions.device_words(session.user_agent),
            "here": session.session_key == here,
        }
        for session in sessions.of(request.user)
    ]
    devices.sort(key=lambda device: not device["here"])
    return render(request, "members/my_sessions.html", {"devices": devices})


@require_POST
def session_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Sign out one of one's own devices; the present one leaves by the sign-out page."""
    if signing_in.end_session(person=request.user, number=pk):
        messages.success(request, "That device is signed out.")
    else:
        messages.info(request, "That device was signed out already.")
    return redirect("members:my_sessions")


@require_POST
def sessions_end_others(request: SignedInRequest) -> HttpResponse:
    """Sign out everywhere else."""
    count = signing_in.end_other_sessions(
        person=request.user, but=request.session.session_key or ""
    )
    words = {0: "No other device was signed in.", 1: "The other device is signed out."}
    messages.success(request, words.get(count, f"{count} other devices are signed out."))
    return redirect("members:my_sessions")


# Links in letters ---------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def links_end(request: SignedInRequest, public_id: str = "") -> HttpResponse:
    """End every link in letters so far: one's own, or somebody's whose letter was lost."""
    person = fetch_permitted(
        request.user, Person, "members.end_links", public_id=public_id or request.user.public_id
    )
    own = person.pk == request.user.pk
    if request.method == "POST":
        signing_in.end_links(person=person, by=request.user)
        whose = "Your links" if own else f"{person.name}’s links"
        messages.success(request, f"{whose} in letters so far no longer work.")
        return redirect("members:my_details") if not public_id else redirect(person)
    return render(request, "members/links_end.html", {"person": person, "own": own})


# Second steps -------------------------------------------------------------------------------------


@recently_signed_in
@require_http_methods(["GET", "POST"])
def second_step_reset(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Somebody lost their phone and their recovery codes: another administrator helps."""
    person = fetch_permitted(request.user, Person, "members.reset_second_step", public_id=public_id)
    if request.method == "POST":
        try:
            signing_in.reset_second_step(person=person, by=request.user)
        except TransitionNotAllowed as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, f"{person.name}’s second step is taken away.")
        return redirect(person)
    return render(request, "members/second_step_reset.html", {"person": person})


@never_cache
@recently_signed_in
@require_GET
def recovery_codes_download(request: SignedInRequest) -> HttpResponse:
    """The recovery codes as a text file, in the minutes in which they were first shown."""
    kept = Authenticator.objects.filter(
        user=request.user.pk, type=Authenticator.Type.RECOVERY_CODES
    ).first()
    shown_at = kept.data.get("viewed_at", 0) if kept else 0
    if kept is None or time.time() - shown_at > sessions.PROOF_LASTS.total_seconds():
        raise Http404
    name = Forum.current().name
    lines = [f"Recovery codes for {name}. Each works once, instead of the app.", ""]
    text = "\r\n".join([*lines, *kept.wrap().get_unused_codes(), ""])
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    return response
