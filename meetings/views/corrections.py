"""Putting published minutes right: choose a place, see both texts, make the new version."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from coprod.exceptions import TransitionNotAllowed
from coprod.templatetags.forum import plural
from coprod.views import fetch_permitted
from meetings import amending, reading
from meetings.amending import Place
from meetings.corrections import corrections_of
from meetings.forms.corrections import CorrectionForm, ReleaseForm, WhoForm, WordsForm
from meetings.models import Correction, Minutes, PublicityChannel, Version
from meetings.services.attendance import EXPECTED
from meetings.services.corrections import correct_minutes

#: How much of a paragraph the list shows.
LINE = 90


def _minutes(request: HttpRequest, slug: str) -> Minutes:
    return fetch_permitted(
        request.user,
        Minutes.objects.select_related("meeting", "agreed_version", "shown_version"),
        "meetings.correct_minutes",
        meeting__slug=slug,
    )


def corrections_start(request: HttpRequest, slug: str) -> HttpResponse:
    """Everywhere that can be put right, and what was put right before."""
    minutes = _minutes(request, slug)
    context: dict[str, Any] = {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "ready": minutes.can("correct") and minutes.shown_version is not None,
    }
    version = minutes.shown_version
    if context["ready"] and version is not None:
        titles = {
            p["uid"]: item["title"] for item in version.full["items"] for p in item["paragraphs"]
        }
        context |= {
            "version": version,
            "places": [
                _line(slug, place, titles)
                for place in amending.places_of(version.full, version.public)
            ],
            "private": [
                _line(slug, place, titles, show=True)
                for place in amending.private_places(version.full, version.public)
            ],
            "corrections": corrections_of(minutes),
        }
    return render(request, "meetings/corrections_start.html", context)


def _line(slug: str, place: Place, titles: dict[str, str], show: bool = False) -> dict[str, Any]:
    url = reverse("meetings:minutes_correct", args=[slug, place.key])
    words = " ".join(place.text.split())
    return {
        "url": f"{url}?show=1" if show else url,
        "label": place.label,
        "item": titles.get(place.key, ""),
        "words": words if len(words) <= LINE else f"{words[:LINE].rsplit(' ', 1)[0]} …",
        "private": place.private,
    }


def minutes_correct(request: HttpRequest, slug: str, place: str) -> HttpResponse:
    """One place: what it says, what it should say, both texts, then the button."""
    minutes = _minutes(request, slug)
    version = minutes.shown_version
    if version is None or not minutes.can("correct"):
        return redirect("meetings:corrections_start", slug=slug)
    version.minutes = minutes
    form = _form(request, minutes, version, place)
    if request.method == "POST" and form.is_valid():
        if request.POST.get("do") == "make" and form.was_seen:
            if (done := _make(request, minutes, form)) is not None:
                return done
        else:
            form.show_again()
    context = {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "version": version,
        "form": form,
        "place": form.place,  # type: ignore[attr-defined]
        "show": isinstance(form, ReleaseForm),
        "told": _told(minutes),
        "back": form.back,
        **(_preview(version, form) if form.previewed else {}),
    }
    return render(request, "meetings/minutes_correct.html", context)


def _form(request: HttpRequest, minutes: Minutes, version: Version, key: str) -> CorrectionForm:
    """The form for this place. Raises Http404 when there is no such place."""
    given: dict[str, Any] = {
        "data": request.POST or None,
        "version": version,
        "back": reverse("meetings:corrections_start", args=[minutes.meeting.slug]),
    }
    if "show" in request.GET:
        for place in amending.private_places(version.full, version.public):
            if place.key == key:
                return ReleaseForm(place=place, **given)
        raise Http404
    found = amending.place_of(version.full, version.public, key)
    if found is None:
        raise Http404
    if key != amending.WHO:
        return WordsForm(place=found, **given)
    meeting = minutes.meeting
    expected = [str(each) for each in EXPECTED] if meeting.audience == "services" else []
    return WhoForm(place=found, wanted=meeting.parents_share, expected=expected, **given)


def _preview(version: Version, form: CorrectionForm) -> dict[str, Any]:
    """Both texts, as those who were there and as everyone will read them."""
    full, public = form.renditions
    return {
        "elsewhere": form.elsewhere if isinstance(form, WordsForm) else [],
        "everyone": _both(version.public, public),
        "inside": _both(version.full, full) if _is_private(form) else [],
        "who": (version.public["who"], public["who"]) if isinstance(form, WhoForm) else None,
    }


def _is_private(form: CorrectionForm) -> bool:
    return isinstance(form, WordsForm) and form.place.private


def _both(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """Each place that changes: as it is and as it will be. A paragraph without words is shut."""
    changed = amending.changed_uids(before, after)
    old, new = reading.paragraphs_of(before), reading.paragraphs_of(after)
    found = [
        {"label": p["number"], "before": old.get(uid), "after": p}
        for uid, p in new.items()
        if uid in changed
    ]
    if before["short_version"] != after["short_version"]:
        texts = {"before": before["short_version"], "after": after["short_version"]}
        found.append({"label": "The short version", "short": texts})
    return found


def _told(minutes: Minutes) -> str:
    people = minutes.meeting.invitations.filter(person__is_active=True).count()
    channels = PublicityChannel.objects.filter(is_used=True).exclude(email="").count()
    contacts = f" and {plural(channels, 'publicity contact')}" if channels else ""
    return f"{plural(people, 'person who was invited,people who were invited')}{contacts}"


def _make(request: HttpRequest, minutes: Minutes, form: CorrectionForm) -> HttpResponse | None:
    """Make the version. None: the reason is on the form."""
    said = form.cleaned_data
    try:
        correction = correct_minutes(
            minutes=minutes,
            number=said["number"],
            renditions=form.renditions,
            kind=form.made_as,
            note=said["note"],
            approved_by_words=said["approved_by_words"],
            by=request.user,
        )
    except TransitionNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return None
    number = correction.version.number
    if minutes.state == Minutes.State.WITHDRAWN:
        messages.success(request, f"Version {number} is ready. Publish it when you want.")
        return redirect("meetings:minutes_publish", slug=minutes.meeting.slug)
    words = {Correction.Kind.REDACTION: " Earlier versions aren’t shown any more."}
    messages.success(
        request,
        f"Version {number} is what everyone reads now, and people are told."
        f"{words.get(Correction.Kind(correction.kind), '')}",
    )
    return redirect(minutes.meeting)
