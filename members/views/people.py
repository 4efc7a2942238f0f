"""The list of people, one person's page, and one's own details."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from coprod.personal import everything_about
from coprod.views import fetch_permitted, require
from members import services
from members.forms.people import AddPersonForm, MyDetailsForm, PeopleFilter, PersonForm, RoleForm
from members.http import SignedInRequest, recently_signed_in
from members.models import Person, Role
from members.second_step import steps_of

PER_PAGE = 50


def person_list(request: SignedInRequest) -> HttpResponse:
    """Everybody the forum knows, and how each is reached."""
    require(request.user, "members.list_people")
    form = PeopleFilter(request.GET or None)
    found = _filtered(Person.objects.visible_to(request.user), form)
    page = Paginator(found.with_places().order_by("name", "pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {"filter": form, "page": page, "chosen": _chosen(request, form)}
    return render(request, "members/person_list.html", context)


def _chosen(request: SignedInRequest, form: PeopleFilter) -> list[dict[str, str]]:
    """What the list is narrowed by, each with the address without it."""
    chosen = []
    for name in form.fields if form.is_bound else ():
        value = form.cleaned_data.get(name)
        if value:
            query = request.GET.copy()
            query.pop(name)
            query.pop("page", None)
            label = {"role": dict(Role.Kind.choices).get(value), "off": "Switched off too"}
            chosen.append({"label": label.get(name) or str(value), "url": f"?{query.urlencode()}"})
    return chosen


def _filtered(people: Any, form: PeopleFilter) -> Any:
    if not form.is_bound:
        return people.active()
    form.is_valid()
    chosen = form.cleaned_data
    if not chosen.get("off"):
        people = people.active()
    if chosen.get("q"):
        people = people.matching(chosen["q"])
    if chosen.get("group"):
        people = people.filter(seats__group=chosen["group"], seats__ended_at__isnull=True)
    if chosen.get("role"):
        people = people.filter(roles__kind=chosen["role"], roles__ended_at__isnull=True)
    return people.distinct()


@require_http_methods(["GET", "POST"])
def person_add(request: SignedInRequest) -> HttpResponse:
    """Add somebody, with their seat or service, and invite them."""
    require(request.user, "members.add_person")
    form = AddPersonForm(request.POST or None, initial={"place": "parent", **request.GET.dict()})
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        seated = chosen["place"] in ("parent", "staff")
        try:
            person = services.welcome_person(
                by=request.user,
                fields=form.person_fields(),
                invite=chosen["invite"],
                group=chosen["group"] if seated else None,
                is_staff=chosen["place"] == "staff",
                organisation=chosen["organisation"] if chosen["place"] == "officer" else None,
            )
        except TransitionNotAllowed as refused:
            form.add_error("group" if seated else "email", str(refused))
        else:
            messages.success(request, _added(person, invited=chosen["invite"]))
            return _next_person(chosen) if "another" in request.POST else redirect(person)
    return render(request, "members/person_add.html", {"form": form})


def _next_person(chosen: dict[str, Any]) -> HttpResponse:
    """The empty form again, for somebody of the same group or service."""
    kept = {"place": chosen["place"]}
    kept |= {
        name: chosen[name].pk
        for name in ("group", "organisation")
        if getattr(chosen[name], "pk", None)
    }
    return redirect(f"{reverse('members:person_add')}?{urlencode(kept)}")


def _added(person: Person, *, invited: bool) -> str:
    if invited and person.email:
        return f"{person.name} is added. Their invitation goes to {person.email}."
    if invited:
        return f"{person.name} is added. Without their own e-mail address there’s no invitation."
    return f"{person.name} is added. No invitation was sent."


def person_detail(request: SignedInRequest, public_id: str) -> HttpResponse:
    """How to reach somebody, what they do and did in the forum."""
    person = fetch_permitted(request.user, Person, "members.view_person", public_id=public_id)
    context: dict[str, Any] = {
        "person": person,
        "seats": person.seats.select_related("group").order_by("ended_at", "-started_at"),
        "roles": person.roles.select_related("organisation").order_by("ended_at", "-started_at"),
    }
    if request.user.has_perm("members.invite_person", person):
        events = AuditEvent.objects.about(person)
        context["invited"] = events.filter(verb="invite_person").first()
    if request.user.has_perm("members.reset_second_step", person):
        context["has_second_step"] = steps_of(person).exists()
    return render(request, "members/person_detail.html", context)


@require_http_methods(["GET", "POST"])
def person_edit(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Correct what we hold. The person is told, unless it is they themselves."""
    person = fetch_permitted(request.user, Person, "members.change_person", public_id=public_id)
    own = person.pk == request.user.pk
    form = PersonForm(request.POST or None, instance=person, own=own)
    if request.method == "POST" and form.is_valid():
        try:
            if form.changed_data:
                services.change_person(person=person, by=request.user, fields=form.changed_data)
        except TransitionNotAllowed as refused:
            form.add_error("email", str(refused))
        else:
            _say_saved(request, person, changed=bool(form.changed_data))
            return redirect(person)
    return render(request, "members/person_edit.html", {"form": form, "person": person})


def _say_saved(request: SignedInRequest, person: Person, *, changed: bool) -> None:
    if not changed:
        messages.info(request, "Nothing was changed.")
        return
    told = "" if person.pk == request.user.pk else f" {person.first_name} is told."
    messages.success(request, f"The details are saved.{told}")


@require_POST
def person_invite(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Send the invitation, or send it again."""
    person = fetch_permitted(request.user, Person, "members.invite_person", public_id=public_id)
    try:
        services.invite_person(person=person, by=request.user)
    except TransitionNotAllowed as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"The invitation goes to {person.email}.")
    return redirect(person)


@require_http_methods(["GET", "POST"])
def person_switch(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Switch somebody off, which ends their sessions, or on again."""
    person = fetch_permitted(request.user, Person, "members.switch_off_person", public_id=public_id)
    if request.method == "POST":
        if person.is_active:
            services.switch_off_person(person=person, by=request.user)
            messages.success(request, f"{person.name} is switched off and signed out everywhere.")
        else:
            services.switch_on_person(person=person, by=request.user)
            messages.success(request, f"{person.name} is switched on again.")
        return redirect(person)
    return render(request, "members/person_switch.html", {"person": person})


@recently_signed_in
@require_http_methods(["GET", "POST"])
def role_give(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Give somebody a role: an administrator's work, never for oneself."""
    person = fetch_permitted(request.user, Person, "members.give_role", public_id=public_id)
    form = RoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            role = services.give_role(
                person=person, kind=form.cleaned_data["kind"], by=request.user
            )
        except TransitionNotAllowed as refused:
            form.add_error("kind", str(refused))
        else:
            what = role.get_kind_display().lower()
            messages.success(request, f"{person.name} is {what} from now on.")
            return redirect(person)
    return render(request, "members/role_give.html", {"form": form, "person": person})


@recently_signed_in
@require_http_methods(["GET", "POST"])
def role_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End a role; it stays in the history."""
    roles: QuerySet[Role] = Role.objects.current().select_related("person", "organisation")
    role = fetch_permitted(request.user, roles, "members.end_role", pk=pk)
    if request.method == "POST":
        services.end_role(role=role, by=request.user)
        what = role.get_kind_display().lower()
        messages.success(request, f"{role.person.name} isn’t {what} any more.")
        return redirect(role.person)
    return render(request, "members/role_end.html", {"role": role})


def my_details(request: SignedInRequest) -> HttpResponse:
    """One's own page: what we hold, and where to change it."""
    person = _oneself(request)
    return render(request, "members/my_details.html", {"person": person})


def my_export(request: SignedInRequest) -> HttpResponse:
    """Everything we hold about oneself, as a file that other programs read."""
    person = _oneself(request)
    require(request.user, "members.change_own_details", person)
    response = JsonResponse(everything_about(person), json_dumps_params={"indent": 2})
    response["Content-Disposition"] = 'attachment; filename="what-the-forum-holds-about-me.json"'
    return response


@require_http_methods(["GET", "POST"])
def my_details_edit(request: SignedInRequest) -> HttpResponse:
    """Change one's own details."""
    person = _oneself(request)
    require(request.user, "members.change_own_details", person)
    form = MyDetailsForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        if form.changed_data:
            services.change_person(person=person, by=person, fields=form.changed_data)
        messages.success(request, "Your details are saved.")
        return redirect("members:my_details")
    return render(request, "members/my_details_edit.html", {"form": form})


def _oneself(request: SignedInRequest) -> Person:
    """A fresh copy: a refused form must not change the name at the top of the page."""
    return get_object_or_404(Person, pk=request.user.pk)
