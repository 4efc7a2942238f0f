"""Sending the draft: who gets what by which channel, and what each reader would get."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from coprod import clocks, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted
from meetings import life, reading, renditions, slips, spelling
from meetings.forms.minutes import CirculateForm
from meetings.models import Minutes, Version
from meetings.readership import readership_of
from meetings.services import minutes as services


def _to_send(request: HttpRequest, slug: str) -> Minutes:
    """The minutes that this person may send out; they begin with the first word. Or Http404."""
    return fetch_permitted(
        request.user,
        Minutes.objects.select_related("meeting"),
        "meetings.circulate_minutes",
        meeting__slug=slug,
    )


def minutes_circulate(request: HttpRequest, slug: str) -> HttpResponse:
    """Who gets what and how; a press of the button sends it, once."""
    minutes = _to_send(request, slug)
    newest = minutes.latest
    number = newest.number + 1 if newest else 1
    told = newest is not None and services.was_told(newest)
    form = CirculateForm(request.POST or None, initial={"number": number, "tell": told})
    if request.method == "POST" and form.is_valid():
        try:
            version = services.circulate_minutes(
                minutes=minutes,
                number=form.cleaned_data["number"],
                tell=form.cleaned_data["tell"],
                spelling_only=form.cleaned_data["spelling_only"],
                by=request.user,
            )
        except TransitionNotAllowed as refusal:
            messages.warning(request, str(refusal))
            return redirect("meetings:minutes_circulate", slug=slug)
        sent = services.was_told(version)
        done = "is on its way." if sent else "can be read here now. Nothing was sent."
        messages.success(request, f"Version {version.number} of the draft {done}")
        return redirect("meetings:minutes_draft", slug=slug)
    context = {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "newest": newest,
        "number": number,
        "form": form,
        "refusal": _refusal(minutes),
        "slipped": slips.in_short_version(minutes),
        "spelling": _spelling(minutes, newest),
        "spelling_rule": spelling.RULE,
        "clock": life.day_clock(minutes.clock, newest),
        **_recipients(minutes, newest),
    }
    return render(request, "meetings/minutes_circulate.html", context)


def _refusal(minutes: Minutes) -> str:
    """Why it can't be sent, or nothing."""
    try:
        services.refuse_to_send(minutes)
        services.refuse_unchanged(minutes)
    except TransitionNotAllowed as refusal:
        return str(refusal)
    return ""


def _spelling(minutes: Minutes, newest: Version | None) -> spelling.Check | None:
    """Both texts of what changed, and whether it is spelling only; None for a first version."""
    if newest is None:
        return None
    return spelling.check((newest.full, newest.public), renditions.build(minutes))


def _recipients(minutes: Minutes, newest: Version | None) -> dict[str, Any]:
    """How many get it by which channel, which rendition, and until when they can comment."""
    people = [i for i in minutes.meeting.invitations.with_people() if i.person.is_active]
    readership = readership_of(minutes.meeting)
    full = sum(readership.access(invitation.person).reads_all for invitation in people)
    today = clocks.today()
    closes = services.next_window(newest, today)
    return {
        "people": len(people),
        "words": outbox.in_words(outbox.counts([i.person for i in people])),
        "full": full,
        "public": len(people) - full,
        "days": (closes - today).days,
        "closes_on": closes,
        "there": sum(i.attended for i in people),
    }


def minutes_preview(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """The working copy as one kind of reader would get it. Nothing is kept."""
    minutes = _to_send(request, slug)
    full, public = renditions.build(minutes)
    context = {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "kind": kind,
        "rendition": full if kind == "full" else public,
        "reading_minutes": reading.reading_minutes(full if kind == "full" else public),
    }
    return render(request, "meetings/minutes_preview.html", context)
