"""Calendars and feeds that programs read, and the page that says how to follow the forum."""

from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_POST

from coprod import pages
from coprod.models import Forum
from coprod.views import fetch_permitted, private_link
from meetings import feeds
from meetings.models import CalendarKey, Meeting
from meetings.publicity import embedded
from meetings.services import feeds as keys
from members.models import Person

ICS = "text/calendar; charset=utf-8"
ATOM = "application/atom+xml; charset=utf-8"


# For programs -------------------------------------------------------------------------------------


@login_not_required
def public_calendar(request: HttpRequest) -> HttpResponse:
    """Every meeting that the public may know of, for subscribing to."""
    since = pages.generation()
    name = Forum.current().name
    return pages.stored(request, same_for_all=True) or pages.keep(
        request,
        feeds.calendar_of(feeds.public_meetings(), name=name),
        since=since,
        content_type=ICS,
    )


@login_not_required
def meeting_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """One meeting, for whoever may know of it."""
    reader: Any = request.user
    meeting = Meeting.objects.visible_to(reader).filter(slug=slug).first()
    if meeting is None:
        raise Http404
    return _file(feeds.calendar_of([meeting], name=meeting.title), f"{slug}.ics")


@private_link
def private_calendar(request: HttpRequest, key: str) -> HttpResponse:
    """One person's own calendar, by its key, while they take part."""
    person = keys.person_of(key)
    if person is None:
        raise Http404
    name = f"{Forum.current().name}, {person.first_name}"
    return _file(feeds.calendar_of(feeds.meetings_of(person), name=name), "meetings.ics")


def _file(body: bytes, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=ICS)
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@login_not_required
def minutes_feed(request: HttpRequest) -> HttpResponse:
    """Published minutes, newest first."""
    since = pages.generation()
    return pages.stored(request, same_for_all=True) or pages.keep(
        request, feeds.minutes_feed(), since=since, content_type=ATOM
    )


@csp_replace({"frame-ancestors": ["*"]})
@xframe_options_exempt
@login_not_required
def embed(request: HttpRequest) -> HttpResponse:
    """The next meeting and the newest minutes, to stand in another website's frame.

    The public's words whoever asks: nothing of a session goes into it.
    """
    body = pages.public_html(request, "meetings/embed.html", embedded())
    return pages.live(request, body)


# The page about them ------------------------------------------------------------------------------


@login_not_required
def follow(request: HttpRequest) -> HttpResponse:
    """How to follow the forum: calendar, feed, a box for another website."""
    return pages.answer(request, "meetings/follow.html", _follow(request))


def _follow(request: HttpRequest) -> dict[str, Any]:
    def address(name: str) -> str:
        return settings.COPROD_ORIGIN + reverse(f"meetings:{name}")

    context: dict[str, Any] = {
        "calendar_url": address("public_calendar"),
        "webcal_url": "webcal://" + address("public_calendar").split("://", 1)[1],
        "feed_url": address("minutes_feed"),
        "answers_url": settings.COPROD_ORIGIN + reverse("asks:ask_feed"),
        "embed_url": address("embed"),
    }
    if pages.is_personal(request) and request.user.is_authenticated:
        context["key"] = CalendarKey.objects.filter(person=request.user).first()
        context["may_have_own"] = request.user.has_perm("meetings.have_calendar", request.user)
    return context


@require_POST
def calendar_key_make(request: HttpRequest) -> HttpResponse:
    """Make the address of one's own calendar and show it, once."""
    person = fetch_permitted(
        request.user, Person, "meetings.have_calendar", pk=request.user.pk or 0
    )
    key = keys.make_calendar_key(person=person, by=person)
    path = reverse("meetings:private_calendar", args=[key])
    own = settings.COPROD_ORIGIN + path
    context = _follow(request) | {"own_url": own, "own_webcal": own.replace("http", "webcal", 1)}
    return render(request, "meetings/follow.html", context)


@require_POST
def calendar_key_end(request: HttpRequest) -> HttpResponse:
    """End the address of one's own calendar."""
    person = fetch_permitted(
        request.user, Person, "meetings.have_calendar", pk=request.user.pk or 0
    )
    keys.end_calendar_key(person=person, by=person)
    messages.success(request, "Ended. Programs that used this address show no new dates any more.")
    return redirect("meetings:follow")
