"""The two links by which people arrive: an invitation's, and that of an empty forum."""

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from coprod import links
from coprod.exceptions import TransitionNotAllowed
from coprod.models import Message
from coprod.views import private_link, refuse_link
from members import services
from members.forms.forum import SetUpForm
from members.models import MemberGroup, Person, Role


@private_link
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """An invitation: whose it is, and a button that sends a sign-in code to their address.

    The link itself signs nobody in: whoever else gets hold of it gets no code.
    """
    try:
        link = links.read("join", token)
    except links.LinkInvalid as refused:
        return refuse_link(request, refused, purpose="join", token=token)
    person = Person.objects.active().filter(pk=link.person_id).first()
    if person is None:
        return refuse_link(request, links.LinkInvalid(ended=True))
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


@private_link
@require_http_methods(["GET", "POST"])
def seat_offer(request: HttpRequest, token: str) -> HttpResponse:
    """A group offers a seat: yes or no. Opening the page decides nothing."""
    try:
        link = links.read("seat", token)
        offer = (
            Message.objects.select_related("person")
            .filter(pk=link.about, person=link.person_id, template="members/seat_offer")
            .first()
        )
        if offer is None:
            raise links.LinkInvalid
    except links.LinkInvalid as refused:
        return refuse_link(request, refused, purpose="seat", token=token)
    group = get_object_or_404(MemberGroup.objects.members(), pk=offer.ids["group"])
    context = {"group": group, "person": offer.person, "is_staff": offer.ids["is_staff"]}
    answer = request.POST.get("answer") if request.method == "POST" else None
    if answer == "yes":
        try:
            context["seat"] = services.accept_seat(offer=offer)
        except TransitionNotAllowed:
            context["gone"] = True
    context["no"] = answer == "no"
    return render(request, "members/seat_offer.html", context)


@private_link
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """Begin an empty forum, once: its name, and who runs it."""
    try:
        links.read("set-up", token)
    except links.LinkInvalid as refused:
        return refuse_link(request, refused)
    if Role.objects.active_administrators().exists():
        return refuse_link(request, links.LinkInvalid(ended=True))
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
            return refuse_link(request, links.LinkInvalid(ended=True))
        login(request, person, backend="allauth.account.auth_backends.AuthenticationBackend")
        messages.success(request, "Your forum is set up. Add its groups and people next.")
        return redirect("today")
    return render(request, "members/set_up.html", {"form": form})


@login_not_required
def closed(request: HttpRequest) -> HttpResponse:
    """allauth's pages that this portal doesn't have: nobody signs up or adds an address."""
    raise Http404
