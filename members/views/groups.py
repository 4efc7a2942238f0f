"""Groups, their standing and their seats. The list and a group's page are public."""

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from coprod import pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import Forum
from coprod.views import fetch_permitted, require
from members import services
from members.forms.groups import AddGroupForm, GroupForm, SeatForm, StandingForm
from members.http import SignedInRequest
from members.models import MemberGroup, Person, Seat

PUBLIC = AnonymousUser()
#: The rest of the map, in the order in which a group comes nearer.
REST = ["applied", "visited", "contacted", "known", "left", "declined"]


@login_not_required
def group_list(request: HttpRequest) -> HttpResponse:
    """Who is round the table. Those who run the forum see the whole map."""
    template = "members/group_list.html"
    if pages.is_personal(request):
        return render(request, template, _map(request.user))
    return pages.serve(request, lambda: pages.public_html(request, template, _map(PUBLIC)))


def _map(user: Any) -> dict[str, Any]:
    groups = list(MemberGroup.objects.visible_to(user).with_seat_counts())
    rest = [
        (MemberGroup.Standing(standing).label, found)
        for standing in REST
        if (found := [group for group in groups if group.standing == standing])
    ]
    members = [group for group in groups if group.is_member]
    return {"groups": members, "rest": rest, "cap": Forum.current().seat_cap}


@login_not_required
def group_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One group: what it is, how to reach it, its seats; its history for the coordinator."""
    template = "members/group_detail.html"
    if pages.is_personal(request):
        return render(request, template, _about(request.user, slug))
    return pages.serve(request, lambda: pages.public_html(request, template, _about(PUBLIC, slug)))


def _about(user: Any, slug: str) -> dict[str, Any]:
    group = get_object_or_404(MemberGroup.objects.visible_to(user), slug=slug)
    cap = Forum.current().seat_cap
    seats = list(group.seats.current().select_related("person", "group").order_by("number"))
    context: dict[str, Any] = {
        "group": group,
        "seats": seats,
        "cap": cap,
        "free": max(cap - len(seats), 0),
        "names": user.has_perm("members.see_rep_names"),
    }
    if user.has_perm("members.see_group_history"):
        context["past"] = (
            group.seats.filter(ended_at__isnull=False)
            .select_related("person", "ended_by")
            .order_by("-ended_at")
        )
        context["steps"] = group.steps.select_related("by")
    return context


@require_http_methods(["GET", "POST"])
def group_add(request: SignedInRequest) -> HttpResponse:
    """Put a group on the map."""
    require(request.user, "members.add_group")
    form = AddGroupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        group = services.add_group(by=request.user, **form.cleaned_data)
        messages.success(request, f"{group.name} is added.")
        return redirect(group)
    return render(request, "members/group_form.html", {"form": form})


@require_http_methods(["GET", "POST"])
def group_edit(request: SignedInRequest, slug: str) -> HttpResponse:
    """Change what a group's page says."""
    group = fetch_permitted(request.user, MemberGroup, "members.change_group", slug=slug)
    form = GroupForm(request.POST or None, instance=group)
    if request.method == "POST" and form.is_valid():
        services.change_group(group=group, by=request.user, fields=form.changed_data)
        messages.success(request, "The group’s page is saved.")
        return redirect(group)
    return render(request, "members/group_form.html", {"form": form, "group": group})


@require_http_methods(["GET", "POST"])
def group_standing(request: SignedInRequest, slug: str) -> HttpResponse:
    """Record a step of a group's standing."""
    group = fetch_permitted(request.user, MemberGroup, "members.change_group", slug=slug)
    form = StandingForm(request.POST or None, initial={"standing": group.standing})
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        services.change_standing(
            group=group,
            standing=chosen["standing"],
            by=request.user,
            note=chosen["note"],
            minutes=chosen["minutes"] or 0,
        )
        messages.success(request, f"Saved: {group.get_standing_display().lower()}.")
        return redirect(group)
    return render(request, "members/group_standing.html", {"form": form, "group": group})


@require_http_methods(["GET", "POST"])
def seat_add(request: SignedInRequest, slug: str) -> HttpResponse:
    """Give one of a group's seats to somebody."""
    group = fetch_permitted(request.user, MemberGroup, "members.seat_people", slug=slug)
    seats = list(group.seats.current().select_related("person").order_by("number"))
    everybody = request.user.has_perm("members.list_people")
    people = (
        Person.objects.active().exclude(seats__in=seats).order_by("name") if everybody else None
    )
    staff_free = not any(seat.is_staff for seat in seats)
    form = SeatForm(request.POST or None, people=people, staff_free=staff_free)
    if request.method == "POST" and form.is_valid():
        try:
            words = _give_seat(request, group, form.cleaned_data, by_name=not everybody)
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, words)
            return redirect(group)
    full = len(seats) >= Forum.current().seat_cap
    context = {"form": form, "group": group, "seats": seats, "full": full}
    return render(request, "members/seat_add.html", context)


def _give_seat(
    request: SignedInRequest, group: MemberGroup, chosen: dict[str, Any], *, by_name: bool
) -> str:
    """Give or offer the seat; what was done, in words.

    A rep who types an address (``by_name``) offers it: the answer is the same whether or not
    we know the address, and names nobody but whom they typed. Raises TransitionNotAllowed.
    """
    who = {"group": group, "by": request.user, "is_staff": chosen["kind"] == "staff"}
    if by_name and chosen["email"]:
        if not ratelimit.consume(request, action="offer_seat", user=request.user):
            raise TransitionNotAllowed("You have made many offers today. Go on tomorrow.")
        services.offer_seat(name=chosen["name"], email=chosen["email"], **who)
        return f"We write to {chosen['email']}. The seat is theirs when they say yes."
    if chosen.get("person"):
        seat = services.seat_person(person=chosen["person"], **who)
    else:
        seat = services.seat_newcomer(name=chosen["name"], email=chosen["email"] or None, **who)
    return f"{seat.person.name} has seat {seat.number} of {group.name} from today."


@require_http_methods(["GET", "POST"])
def seat_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End a seat after asking; it stays in the history."""
    seats = Seat.objects.current().select_related("person", "group")
    seat = fetch_permitted(request.user, seats, "members.end_seat", pk=pk)
    if request.method == "POST":
        services.end_seat(seat=seat, by=request.user)
        messages.success(request, f"{seat.person.name}’s seat is ended. It is free from now on.")
        return redirect(seat.group)
    return render(request, "members/seat_end.html", {"seat": seat})
