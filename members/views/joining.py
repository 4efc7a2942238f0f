"""The two links by which people arrive: an invitation's, and that of an empty forum."""

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from coprod import links
from coprod.exceptions import TransitionNotAllowed
from members import services
from members.accounts import limit_session
from members.forms.forum import SetUpForm
from members.models import Person, Role


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """An invitation: whose it is, and a button that sends a sign-in code to their address.

    The link itself signs nobody in: whoever else gets hold of it gets no code.
    """
    try:
        link = links.read("join", token)
    except links.LinkInvalid as refused:
        return _refused(request, ended=refused.ended)
    person = Person.objects.active().filter(pk=link.person_id).first()
    if person is None:
        return _refused(request, ended=True)
    if request.user.is_authenticated and request.user.pk == person.pk:
        return redirect("today")
    if request.method == "GET" or not person.email:
        return render(request, "members/join.html", {"person": person})
    limited: HttpResponse | None = ratelimit.consume_or_429(
        request, action="request_login_code", key=person.email
    )
    if limited:
        return limited
    LoginCodeVerificationProcess.initiate(request=request, user=person, email=person.email)
    return redirect("account_confirm_login_code")


def _refused(request: HttpRequest, *, ended: bool) -> HttpResponse:
    """A link that ended (410) or was never one of ours (404), with what to do instead."""
    status = 410 if ended else 404
    return render(request, "members/link_ended.html", {"ended": ended}, status=status)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """Begin an empty forum, once: its name, and who runs it."""
    try:
        links.read("set-up", token)
    except links.LinkInvalid as refused:
        return _refused(request, ended=refused.ended)
    if Role.objects.active_administrators().exists():
        return _refused(request, ended=True)
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = services.set_up_forum(
                forum=form.save(commit=False),
                name=form.cleaned_data["your_name"],
                email=form.cleaned_data["your_email"],
                password=form.cleaned_data["password"],
            )
        except TransitionNotAllowed:
            return _refused(request, ended=True)
        login(request, person, backend="allauth.account.auth_backends.AuthenticationBackend")
        limit_session(request, person)
        messages.success(request, "Your forum is set up. Add its groups and people next.")
        return redirect("today")
    return render(request, "members/set_up.html", {"form": form})


@login_not_required
def closed(request: HttpRequest) -> HttpResponse:
    """allauth's pages that this portal doesn't have: nobody signs up or adds an address."""
    raise Http404
