"""Giving a promised date a new one, with the reason, in front of everybody."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from coprod import letters, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted
from meetings.emails.promises import delayed_context
from meetings.forms.delays import DelayForm
from meetings.models import Delay, Meeting
from meetings.services import delays
from meetings.services.agenda import readers


def meeting_delay(request: HttpRequest, slug: str) -> HttpResponse:
    """Why and until when; then the letter as everybody will read it; then it is told."""
    meeting = fetch_permitted(
        request.user,
        Meeting.objects.select_related("minutes"),
        "meetings.record_delay",
        slug=slug,
    )
    promise = delays.promise_now(meeting)
    context = _about(meeting, promise)
    try:
        delays.refuse_delay(meeting, promise)
    except TransitionNotAllowed as refusal:
        return render(request, "meetings/delay.html", {**context, "refusal": str(refusal)})
    form = DelayForm(
        request.POST or None,
        promise=promise,
        between=delays.allowed_dates(meeting, promise),
        parents_only=meeting.is_parents_only,
        back=context["back"],
    )
    if request.method == "POST" and form.repeats(context["recorded"]):
        messages.info(request, "This new date is recorded already. Nobody was told twice.")
        return redirect(meeting)
    if request.method == "POST" and form.is_valid():
        if request.POST.get("do") == "tell" and _record(request, meeting, form):
            return redirect(meeting)
        context["words"] = _letter(meeting, context["clock"].ends_on, form.cleaned_data)
        form.seen = True
    return render(request, "meetings/delay.html", {**context, "form": form})


def _about(meeting: Meeting, promise: str) -> dict[str, Any]:
    """What the page shows whether or not a new date is possible."""
    minutes = promise == Delay.Promise.MINUTES
    back = "meetings:minutes_write" if minutes else "meetings:agenda_edit"
    people = readers(meeting)
    return {
        "meeting": meeting,
        "minutes": minutes,
        "back": reverse(back, args=[meeting.slug]),
        "clock": delays.clock_of(meeting, promise),
        "recorded": [d for d in reversed(meeting.known_delays) if d.promise == promise],
        "people": people,
        "counts": outbox.in_words(outbox.counts(people)),
    }


def _record(request: HttpRequest, meeting: Meeting, form: DelayForm) -> bool:
    """Record it and say so; False when it was refused, with the reason on the form."""
    try:
        delay = delays.record_delay(meeting=meeting, by=request.user, **form.cleaned_data)
    except TransitionNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return False
    told = outbox.in_words(outbox.counts(readers(meeting)))
    way = (
        "Nobody is invited yet, so nobody was told."
        if told == "no messages"
        else (f"On their way to everybody invited: {told}.")
    )
    messages.success(request, f"The new date is {delay.until:%A %-d %B}. {way}")
    return True


def _letter(meeting: Meeting, was_due: Any, said: dict[str, Any]) -> letters.Words:
    """The letter about a delay that isn't recorded yet."""
    delay = Delay(
        meeting=meeting,
        promise=said["promise"],
        was_due=was_due,
        until=said["until"],
        reason=said["reason"],
    )
    return letters.words(f"meetings/{delay.promise}_delayed", delayed_context(delay, None))
