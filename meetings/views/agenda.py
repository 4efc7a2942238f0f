"""The agenda: editing it, proposing an item, sending it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from coprod import letters, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted
from meetings import steps
from meetings.emails import calendar as emails
from meetings.forms.agenda import ItemForm, ProposalForm
from meetings.models import AgendaItem, Meeting
from meetings.readership import readers_in_words
from meetings.services import agenda, confidential, confirm_items


def _agenda(request: HttpRequest, slug: str) -> Meeting:
    return fetch_permitted(request.user, Meeting, "meetings.change_agenda", slug=slug)


def agenda_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The items in order with what can be done to each, proposals, and what was taken off."""
    meeting = _agenda(request, slug)
    items = list(
        meeting.agenda_items.select_related("proposed_by", "about_minutes__meeting")
        .prefetch_related("papers")
        .order_by("position", "pk")
    )
    on = [item for item in items if item.state == AgendaItem.State.ON]
    context = {
        "meeting": meeting,
        "tab": "agenda",
        "unconfirmed": confirm_items.to_put_on(meeting),
        "items": on,
        "proposed": [item for item in items if item.state == AgendaItem.State.PROPOSED],
        "off": [item for item in items if item.state == AgendaItem.State.OFF],
        "planned": sum(item.minutes or 0 for item in on),
        "clock": (clock := agenda.agenda_clock(meeting)),
        "by_itself": clock.kept_on is not None and agenda.went_by_itself(meeting),
        "may_delay": steps.may_delay(meeting) and not meeting.has_begun,
        "recorded_later": meeting.is_recorded_later,
    }
    return render(request, "meetings/agenda_edit.html", context)


def agenda_item_add(request: HttpRequest, slug: str) -> HttpResponse:
    """A new item at the end of the agenda."""
    meeting = _agenda(request, slug)
    form = ItemForm(request.POST or None, instance=AgendaItem(meeting=meeting))
    if request.method == "POST" and form.is_valid():
        agenda.save_item(item=form.instance, by=request.user)
        messages.success(request, f"“{form.instance.title}” is on the agenda.")
        page = "agenda_item_add" if "another" in request.POST else "agenda_edit"
        return redirect(f"meetings:{page}", slug=slug)
    return render(request, "meetings/agenda_item.html", {"meeting": meeting, "form": form})


def agenda_item_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change an item, or a proposal before it is accepted."""
    meeting = _agenda(request, slug)
    item = get_object_or_404(meeting.agenda_items, pk=pk)
    name = item.title
    form = ItemForm(request.POST or None, instance=item)
    if request.method == "POST" and form.is_valid():
        fields = [field for field in form.cleaned_data if field != "note_on_release"]
        try:
            confidential.change_item(
                item=item,
                fields=fields,
                note=form.cleaned_data.get("note_on_release", ""),
                by=request.user,
            )
        except TransitionNotAllowed as refusal:
            form.add_error("is_private", str(refusal))
        else:
            messages.success(request, f"“{item.title}” is saved.")
            return redirect("meetings:agenda_edit", slug=slug)
    context = {"meeting": meeting, "form": form, "item": item, "name": name}
    if item.is_private:
        context["readers"] = readers_in_words(item)
    return render(request, "meetings/agenda_item.html", context)


@require_POST
def agenda_item_move(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One place up or down."""
    meeting = _agenda(request, slug)
    item = get_object_or_404(meeting.agenda_items, pk=pk)
    up = request.POST.get("to") == "up"
    if agenda.move_item(item=item, up=up, by=request.user):
        messages.success(request, f"“{item.title}” moved {'up' if up else 'down'}.")
    return redirect("meetings:agenda_edit", slug=slug)


@require_POST
def agenda_item_decide(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Put an item on the agenda or take it off."""
    meeting = _agenda(request, slug)
    item = get_object_or_404(meeting.agenda_items, pk=pk)
    state = request.POST.get("state", "")
    try:
        agenda.decide_item(item=item, state=state, by=request.user)
    except TransitionNotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        where = "on the agenda" if state == AgendaItem.State.ON else "off the agenda"
        messages.success(request, f"“{item.title}” is {where}.")
    return redirect("meetings:agenda_edit", slug=slug)


def agenda_propose(request: HttpRequest, slug: str) -> HttpResponse:
    """What an invited person would like to talk about."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.propose_item", slug=slug)
    form = ProposalForm(request.POST or None, instance=AgendaItem(meeting=meeting))
    if request.method == "POST" and form.is_valid():
        try:
            agenda.propose_item(item=form.instance, by=request.user)
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, "Thank you. The coordinator reads it and decides when it fits."
            )
            return redirect("meetings:meeting_detail", slug=slug)
    context = {"meeting": meeting, "form": form, "over": meeting.is_past}
    return render(request, "meetings/agenda_propose.html", context)


def agenda_send(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the agenda's letter and how many get it; POST sends it."""
    meeting = _agenda(request, slug)
    if request.method == "POST":
        return _send(request, meeting)
    people = agenda.readers(meeting)
    lines = emails.agenda_lines(meeting)
    times = agenda.times_sent(meeting)
    context: dict[str, Any] = {
        "meeting": meeting,
        "people": people,
        "lines": lines,
        "times": times,
        "counts": outbox.in_words(outbox.counts(people)),
        "clock": agenda.agenda_clock(meeting),
        "words": None,
    }
    if people and lines:
        context["words"] = letters.words(
            "meetings/agenda",
            {
                "person": people[0],
                "meeting": meeting,
                "items": lines,
                "again": times > 0,
                "url": meeting.get_absolute_url(),
            },
        )
    return render(request, "meetings/agenda_send.html", context)


def _send(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    times = request.POST.get("times", "")
    seen = int(times) if times.isdecimal() and len(times) < 18 else -1
    try:
        count = agenda.send_agenda(meeting=meeting, by=request.user, times=seen)
    except TransitionNotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        people = "person" if count == 1 else "people"
        messages.success(request, f"The agenda is on its way to {count} {people}.")
    return redirect("meetings:agenda_edit", slug=meeting.slug)
