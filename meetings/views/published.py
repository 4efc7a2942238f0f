"""Published minutes as files and as they stood before: PDF, exact text, earlier versions.

Each is stored like a page. Only what was public once is found here, never a draft; what was
withdrawn or taken out answers 410 with the reason.
"""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect
from django.template.loader import render_to_string

from coprod import pages
from coprod.context import frame
from coprod.templatetags.forum import day
from meetings.corrections import first_served, redaction_after
from meetings.models import Document, Meeting, Minutes, Version
from meetings.models.versions import canonical
from meetings.page import earlier_page
from meetings.publicity import minutes_of
from meetings.views.publicity import find_meeting

PDF, JSON = "application/pdf", "application/json"
#: No minutes have so many versions, and no database such numbers.
MOST = 9999


@login_not_required
def minutes_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest published minutes as they were made into a PDF, while they are published."""
    response = pages.stored(request, same_for_all=True) or _pdf(request, slug, None)
    return _named(response, f"{slug}.pdf")


@login_not_required
def minutes_pdf_of(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The PDF of one published version, at an address that stays."""
    response = pages.stored(request, same_for_all=True) or _pdf(request, slug, number)
    return _named(response, f"{slug}-{number}.pdf")


def _named(response: HttpResponse, name: str) -> HttpResponse:
    if response.status_code == 200:
        response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _pdf(request: HttpRequest, slug: str, number: int | None) -> HttpResponse:
    """A document's bytes, kept like a page; or the way to where the meeting is now."""
    since = pages.generation()
    found = _version(request, slug, number)
    if isinstance(found, HttpResponse):
        return found
    body = Document.objects.filter(version=found).values_list("body", flat=True).first()
    if body is None:
        raise Http404
    return pages.keep(request, bytes(body), since=since, content_type=PDF)


@login_not_required
def minutes_json(request: HttpRequest, slug: str) -> HttpResponse:
    """The published text, byte for byte what its fingerprint is made from."""
    kept = pages.stored(request, same_for_all=True)
    if kept is not None:
        return kept
    since = pages.generation()
    found = _version(request, slug, None)
    if isinstance(found, HttpResponse):
        return found
    return pages.keep(request, canonical(found.public), since=since, content_type=JSON)


@login_not_required
def minutes_earlier(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A published version that was corrected since; the newest one is on the meeting's page."""
    since = pages.generation()
    found = _version(request, slug, number)
    if isinstance(found, HttpResponse):
        return found
    minutes = found.minutes
    if found.pk == minutes.shown_version_id:
        return redirect(minutes.meeting)
    context = earlier_page(minutes, found)
    if pages.is_personal(request):
        return pages.answer(request, "meetings/minutes_earlier.html", context)
    body = pages.public_html(request, "meetings/minutes_earlier.html", context)
    return pages.keep(request, body, since=since)


# Which version, or why there is none --------------------------------------------------------------


def _version(request: HttpRequest, slug: str, number: int | None) -> Version | HttpResponse:
    """The version that everyone reads, or the one with this number.

    Otherwise the way to where the meeting is now, or what became of the version. Raises
    Http404 when this reader may not know of the meeting, and for drafts.
    """
    meeting = find_meeting(request, slug)
    if isinstance(meeting, HttpResponsePermanentRedirect):
        return meeting
    minutes = minutes_of(meeting)
    if minutes is None or minutes.agreed_version is None or minutes.shown_version is None:
        raise Http404
    number = minutes.shown_version.number if number is None else number
    if not minutes.agreed_version.number <= number <= min(minutes.shown_version.number, MOST):
        raise Http404
    if minutes.state == Minutes.State.WITHDRAWN:
        return _gone(
            request,
            meeting,
            title=f"These minutes were withdrawn on {day(minutes.withdrawn_at)}",
            text=minutes.withdrawn_reason,
        )
    if minutes.state != Minutes.State.PUBLISHED:
        raise Http404
    if number < first_served(minutes):
        return _taken_out(request, minutes, number)
    version = minutes.versions.defer("full").get(number=number)
    version.minutes = minutes
    return version


def _taken_out(request: HttpRequest, minutes: Minutes, number: int) -> HttpResponse:
    taken = redaction_after(minutes, number)
    assert taken is not None  # first_served found it
    return _gone(
        request,
        minutes.meeting,
        title=f"Version {number} isn’t shown any more",
        text=f"Something was taken out of it on {day(taken.made_at)}.\n\n{taken.note}",
    )


def _gone(request: HttpRequest, meeting: Meeting, **context: Any) -> HttpResponse:
    """410, the same for every reader, and never stored."""
    values = {**frame(path=request.path), "meeting": meeting, **context}
    body = render_to_string("meetings/minutes_gone.html", values)
    return HttpResponse(body, status=410)
