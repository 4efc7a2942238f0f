"""Adding a meeting, changing its details, taking it away."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted, require
from meetings.forms import calendar as forms
from meetings.models import Meeting, Series
from meetings.services import attendance, calendar
from meetings.views.planning import row_number


def meeting_add(request: HttpRequest) -> HttpResponse:
    """An extra meeting, or one that was held already."""
    require(request.user, "meetings.add_meeting")
    form = forms.NewMeetingForm(request.POST or None, initial=_usual(request))
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        meeting = calendar.add_meeting(by=request.user, show=fields.pop("show"), **fields)
        if meeting.series and not meeting.announced_at and not meeting.is_past:
            messages.success(request, f"{meeting} is added to the plan.")
            return redirect("meetings:plan_dates", pk=meeting.series.pk)
        messages.success(request, f"{meeting.title} is added. Now say who is invited.")
        return redirect("meetings:meeting_people", slug=meeting.slug)
    return render(request, "meetings/meeting_add.html", {"form": form})


def _usual(request: HttpRequest) -> dict[str, Any]:
    """What a series usually has, for an extra meeting of it (``?series=``).

    With ``?plan=`` it joins the dates that wait to be announced together.
    """
    number = request.GET.get("series", "")
    series = Series.objects.filter(pk=row_number(number)).first()
    if series is None:
        return {}
    usual = {name: getattr(series, name) for name in calendar.USUAL}
    usual["show"] = "plan" not in request.GET
    return {"title": series.name, "series": series.pk, **usual}


def meeting_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """A meeting's details. Saving them writes to nobody."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.change_meeting", slug=slug)
    movable = calendar.may_move(meeting) and not attendance.is_settled(meeting)
    title, was = meeting.title, meeting.date
    times = movable or meeting.has_begun
    form = forms.MeetingForm(request.POST or None, instance=meeting, movable=movable, times=times)
    if request.method == "POST" and form.is_valid():
        try:
            calendar.change_meeting(meeting=meeting, by=request.user, fields=form.changed_data)
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The details are saved. Nobody was written to.")
            return redirect("meetings:meeting_detail", slug=meeting.slug)
    context = {
        "form": form,
        "meeting": meeting,
        "name": title,
        "was": was,
        "movable": movable,
        "deletable": not (meeting.announced_at or meeting.invited_at),
    }
    return render(request, "meetings/meeting_edit.html", context)


def meeting_delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Take away a meeting that nobody was told of."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.change_meeting", slug=slug)
    if request.method == "POST":
        try:
            calendar.delete_meeting(meeting=meeting, by=request.user)
        except TransitionNotAllowed as refusal:
            messages.error(request, str(refusal))
            return redirect("meetings:meeting_edit", slug=slug)
        messages.success(request, f"{meeting} is taken away.")
        return redirect("meetings:meeting_list")
    return render(request, "meetings/meeting_delete.html", {"meeting": meeting})
