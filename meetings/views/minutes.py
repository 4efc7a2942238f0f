"""Writing minutes: the overview, what is kept private, the short version; see also sections."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted
from meetings import life, proofing, slips
from meetings.forms.minutes import PrivateForm, ShortForm
from meetings.forms.readers import ReleaseForm
from meetings.models import AgendaItem, Meeting, Minutes, Paragraph
from meetings.readership import readers_in_words
from meetings.services import minutes as services
from meetings.services.attendance import summary_of
from meetings.services.confidential import make_public, paragraph_went_out

# The overview -------------------------------------------------------------------------------------


def to_write(request: HttpRequest, slug: str) -> tuple[Meeting, Minutes | None]:
    """The meeting whose minutes this person may write, and what there is of them."""
    minutes = Minutes.objects.select_related("meeting__minute_taker").filter(meeting__slug=slug)
    if minutes.exists():
        begun = fetch_permitted(request.user, minutes, "meetings.write_minutes")
        return begun.meeting, begun
    meetings = Meeting.objects.select_related("minute_taker")
    return fetch_permitted(request.user, meetings, "meetings.write_minutes", slug=slug), None


def working_copy(
    meeting: Meeting, minutes: Minutes | None
) -> list[tuple[int, AgendaItem, list[Paragraph]]]:
    """Each item as it is numbered now, also those that nobody has written under yet."""
    written: dict[int, list[Paragraph]] = {}
    if minutes is not None:
        for section in minutes.sections.prefetch_related("paragraphs"):
            living = [p for p in section.paragraphs.all() if p.retired_at is None]
            written[section.item_id] = living
    items = [
        item
        for item in meeting.agenda_items.order_by("position", "pk")
        if item.state == AgendaItem.State.ON or written.get(item.pk)
    ]
    return [(number, item, written.get(item.pk, [])) for number, item in enumerate(items, 1)]


def minutes_write(request: HttpRequest, slug: str) -> HttpResponse:
    """What is written of each item, what to look at again, and the way to sending."""
    meeting, minutes = to_write(request, slug)
    copy = working_copy(meeting, minutes)
    invitations = list(meeting.invitations.with_people())
    version = minutes.latest if minutes is not None else None
    rows: list[dict[str, Any]] = [
        {
            "number": number,
            "item": item,
            "paragraphs": len(living),
            "records": sum(p.kind != Paragraph.Kind.TEXT for p in living),
            "private": sum(p.is_private for p in living),
            "url": reverse("meetings:section_edit", args=[slug, item.pk]),
        }
        for number, item, living in copy
    ]
    context = {
        "meeting": meeting,
        "minutes": minutes,
        "version": version,
        "next_number": version.number + 1 if version else 1,
        "rows": rows,
        "written": sum(row["paragraphs"] for row in rows),
        "summary": summary_of(meeting, invitations),
        "remarks": _remarks(copy, invitations),
        "slipped": slips.in_short_version(minutes) if minutes else [],
        "clock": life.day_clock(meeting.draft_clock, version),
        "steps": life.life_of(minutes, meeting=meeting),
        "short": minutes.short_version if minutes else "",
    }
    return render(request, "meetings/minutes_write.html", context)


def _remarks(
    copy: list[tuple[int, AgendaItem, list[Paragraph]]], invitations: list[Any]
) -> proofing.Remarks:
    """What a reader might stumble over, also names of parents who didn't choose to be named."""
    texts = [
        proofing.Text(f"{number}.{n}", paragraph.text, item.pk)
        for number, item, living in copy
        for n, paragraph in enumerate(living, 1)
        if not paragraph.is_private and not item.is_private
    ]
    quiet = [i.person for i in invitations if i.is_parent and i.person.public_name == "group"]
    names = {name for person in quiet for name in (person.name, person.first_name)}
    return proofing.look_through(texts, sorted(names))


# Private paragraphs and the short version --------------------------------------------------------


def paragraph_private(request: HttpRequest, slug: str, uid: Any) -> HttpResponse:
    """Keep one paragraph from the public, with a reason and, where wanted, words instead."""
    meeting, minutes = to_write(request, slug)
    paragraph = get_object_or_404(
        Paragraph.objects.select_related("section__item"), uid=uid, section__minutes=minutes
    )
    back = reverse("meetings:section_edit", args=[slug, paragraph.section.item_id])
    initial = {"reason": paragraph.private_reason, "public_text": paragraph.public_text}
    public = "public" in request.POST
    form = PrivateForm((request.POST or None) if not public else None, initial=initial)
    release = ReleaseForm(request.POST if public else None)
    if request.method == "POST":
        try:
            if public and release.is_valid():
                note = release.cleaned_data["note"]
                make_public(paragraph=paragraph, note=note, by=request.user)
                messages.success(request, "This paragraph is for everyone again.")
                return redirect(f"{back}#understood")
            if not public and form.is_valid():
                services.keep_private(paragraph=paragraph, by=request.user, **form.cleaned_data)
                messages.success(request, "This paragraph is kept private.")
                return redirect(f"{back}#understood")
        except TransitionNotAllowed as refusal:
            (release if public else form).add_error(None, str(refusal))
    context = {
        "meeting": meeting,
        "paragraph": paragraph,
        "form": form,
        "release": release,
        "went_out": minutes is not None and paragraph_went_out(minutes, paragraph),
        "readers": readers_in_words(paragraph),
        "back": back,
    }
    return render(request, "meetings/paragraph_private.html", context)


def minutes_short(request: HttpRequest, slug: str) -> HttpResponse:
    """The short version: counted and listed, never blocked."""
    meeting, minutes = to_write(request, slug)
    form = ShortForm(
        request.POST or None, initial={"text": minutes.short_version if minutes else ""}
    )
    form.keep = f"short/{meeting.pk}"
    if request.method == "POST" and form.is_valid():
        person = request.user
        try:
            services.save_short_version(
                minutes=services.open_minutes(meeting=meeting, by=person),
                text=form.cleaned_data["text"],
                by=person,
            )
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The short version is saved.")
            return redirect(request.path)
    text = str(form["text"].value() or "")
    count, long = proofing.short_version_remarks(text)
    context = {
        "meeting": meeting,
        "form": form,
        "count": count,
        "most": proofing.SHORT_SENTENCES,
        "long": long,
        "slipped": slips.in_short_version(minutes, text) if minutes else [],
    }
    return render(request, "meetings/minutes_short.html", context)
