"""Who is invited to a meeting, and who takes its minutes."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from coprod import clocks, letters, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted
from meetings.emails import calendar as emails
from meetings.forms import calendar as forms
from meetings.models import Meeting
from meetings.services import invitations as services
from meetings.services.invitations import InviteePlan


def meeting_people(request: HttpRequest, slug: str) -> HttpResponse:
    """Who was invited and what they answered; who else could be, to tick before sending."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.invite", slug=slug)
    invitations = list(
        meeting.invitations.with_people().select_related(
            "reply__replied_by", "substitute_for__person"
        )
    )
    extras = _plans(request.GET.getlist("extra"), meeting)
    usual = services.default_invitees(meeting)
    chosen = {plan.person.pk for plan in extras}
    return render(
        request,
        "meetings/meeting_people.html",
        {
            "meeting": meeting,
            "tab": "people",
            "invitations": invitations,
            "tally": _tally(invitations),
            "candidates": [options for pk, options in usual.items() if pk not in chosen],
            "extras": extras,
            "first_time": not invitations,
            "sends": services.sends_letters(meeting),
            "due_later": meeting.invitation_due_on > clocks.today(),
            "open": not meeting.is_past,
            "minute_taker_form": forms.MinuteTakerForm(meeting=meeting) if invitations else None,
        },
    )


def _tally(invitations: Sequence[Any]) -> list[tuple[str, int]]:
    """How many answered what, and how many nothing yet."""
    replies = [getattr(invitation, "reply", None) for invitation in invitations]
    given = [reply.answer if reply and not reply.to_confirm else "" for reply in replies]
    labels = (("room", "in person"), ("online", "online"), ("cannot", "can’t come"))
    tally = [(label, given.count(answer)) for answer, label in labels]
    return [*tally, ("no answer yet", given.count(""))]


def _plans(codes: Sequence[str], meeting: Meeting) -> list[InviteePlan]:
    """``45.officer.3`` → that person, for organisation 3. What isn't possible is left out."""
    wanted: dict[int, str] = {}
    for code in codes[:400]:
        number, _, place = code.partition(".")
        if number.isdecimal() and len(number) < 18:
            wanted.setdefault(int(number), place)
    if not wanted:
        return []
    people = {p.pk: p for p in services.people_with_places().filter(pk__in=wanted)}
    officers = not meeting.is_parents_only
    known = services.options_of(list(people.values()), officers=officers)
    plans = []
    for pk, place in wanted.items():
        if person := people.get(pk):
            fitting = [plan for plan in known[pk] if plan.code == place]
            plan = fitting[0] if fitting else services.guest_plan(person, place)
            if plan and (officers or plan.capacity != "officer"):
                plans.append(plan)
    return plans


def _codes(plans: Sequence[InviteePlan]) -> list[str]:
    return [f"{plan.person.pk}.{plan.code}" for plan in plans]


def meeting_person_add(request: HttpRequest, slug: str) -> HttpResponse:
    """Add somebody who isn't on the list: another officer, or a parent in no group."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.invite", slug=slug)
    form = forms.PlaceForm(request.POST or None, meeting=meeting)
    if request.method == "POST" and form.is_valid():
        plan = services.plan_for(by=request.user, **form.cleaned_data)
        earlier = _plans(request.GET.getlist("extra"), meeting)
        extras = urlencode({"extra": [*_codes(earlier), *_codes([plan])]}, doseq=True)
        messages.success(request, f"{plan.person.name} is on the list below. Nothing is sent yet.")
        return redirect(f"{reverse('meetings:meeting_people', args=[slug])}?{extras}#invite")
    return render(request, "meetings/meeting_person_add.html", {"form": form, "meeting": meeting})


def meeting_invite(request: HttpRequest, slug: str) -> HttpResponse:
    """GET shows what will go out to those ticked; POST freezes the invitations and sends."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.invite", slug=slug)
    data = request.POST if request.method == "POST" else request.GET
    plans = _chosen_plans(data, meeting)
    if not plans:
        messages.error(request, "Tick at least one person to invite.")
        return redirect("meetings:meeting_people", slug=slug)
    if request.method == "POST":
        try:
            made = services.invite_to_meeting(meeting=meeting, people=plans, by=request.user)
        except TransitionNotAllowed as refusal:
            messages.error(request, str(refusal))
        else:
            _say_invited(request, meeting, len(made))
        return redirect("meetings:meeting_people", slug=slug)
    sends = services.sends_letters(meeting)
    context = {
        "meeting": meeting,
        "plans": plans,
        "codes": _codes(plans),
        "sends": sends,
        "counts": outbox.in_words(outbox.counts(plan.person for plan in plans)),
        "words": letters.words(
            "meetings/invitation",
            emails.invitation_context(meeting, plans[0], meeting.get_absolute_url()),
        )
        if sends
        else None,
    }
    return render(request, "meetings/meeting_invite.html", context)


def _chosen_plans(data: QueryDict, meeting: Meeting) -> list[InviteePlan]:
    """Ticked people with the group chosen for each: ``p=45`` and ``for-45=parent.3``."""
    codes = []
    for ticked in data.getlist("p"):
        place = data.get(f"for-{ticked}")
        codes.append(f"{ticked}.{place}" if place else ticked)
    invited = set(meeting.invitations.values_list("person_id", flat=True))
    return [plan for plan in _plans(codes, meeting) if plan.person.pk not in invited]


def _say_invited(request: HttpRequest, meeting: Meeting, count: int) -> None:
    if not count:
        messages.info(request, "Everybody you ticked has an invitation already. Nothing was sent.")
    elif services.sends_letters(meeting):
        people = "person is" if count == 1 else "people are"
        messages.success(request, f"{count} {people} invited. Their messages are on the way.")
    else:
        people = "person is" if count == 1 else "people are"
        messages.success(request, f"{count} {people} on the list. Nothing was sent.")


@require_POST
def minute_taker_give(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the minutes of this one meeting to somebody invited."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.invite", slug=slug)
    form = forms.MinuteTakerForm(request.POST, meeting=meeting)
    if form.is_valid():
        person = form.cleaned_data["person"]
        services.give_minutes_to(meeting=meeting, person=person, by=request.user)
        name = person.name if person else "The coordinator"
        messages.success(request, f"{name} takes the minutes of this meeting.")
    else:
        messages.error(request, "Choose somebody who is invited.")
    return redirect("meetings:meeting_people", slug=slug)
