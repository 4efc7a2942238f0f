"""Writing minutes: the overview, one item's box, what is kept private, the short version."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted
from meetings import life, proofing, renditions, writing
from meetings.forms.minutes import JoinForm, PrivateForm, SectionForm, ShortForm
from meetings.models import AgendaItem, Meeting, Minutes, Paragraph, Section
from meetings.services import minutes as services
from meetings.services.attendance import summary_of
from meetings.templatetags.minutes import facts_of

# The overview -------------------------------------------------------------------------------------


def _to_write(request: HttpRequest, slug: str) -> tuple[Meeting, Minutes | None]:
    """The meeting whose minutes this person may write, and what there is of them."""
    minutes = Minutes.objects.select_related("meeting__minute_taker").filter(meeting__slug=slug)
    if minutes.exists():
        begun = fetch_permitted(request.user, minutes, "meetings.write_minutes")
        return begun.meeting, begun
    meetings = Meeting.objects.select_related("minute_taker")
    return fetch_permitted(request.user, meetings, "meetings.write_minutes", slug=slug), None


def _working_copy(
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
    meeting, minutes = _to_write(request, slug)
    copy = _working_copy(meeting, minutes)
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
        "clock": life.day_clock(minutes or Minutes(meeting=meeting), version),
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


# One item -----------------------------------------------------------------------------------------


def section_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One box of text, and beneath it how it was understood."""
    meeting, minutes = _to_write(request, slug)
    copy = _working_copy(meeting, minutes)
    place = next((n for n, (_, item, _) in enumerate(copy) if item.pk == pk), None)
    if place is None:
        raise Http404
    number, item, living = copy[place]
    section = Section.objects.filter(item=item).first() if minutes else None
    initial = {"text": "\n\n".join(p.written for p in living)}
    initial["edit_no"] = str(section.edit_no if section else 0)
    before, after = (copy[n] if 0 <= n < len(copy) else None for n in (place - 1, place + 1))
    form = SectionForm(request.POST or None, initial=initial, following=after[0] if after else None)
    if request.method == "POST" and form.is_valid():
        then = after[1] if after and "then" in request.POST else item
        try:
            looked = _save(request, meeting, item, form, stays=then == item)
        except services.StaleEdit as stale:
            return _join(request, meeting, item, stale.section, form.cleaned_data["text"])
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("meetings:section_edit", slug, (item if looked else then).pk)
    context = {
        "meeting": meeting,
        "minutes": minutes,
        "item": item,
        "number": number,
        "form": form,
        "section": section,
        "understood": _understood(section, number) if section else [],
        "before": before,
        "after": after,
        "open": minutes is None or minutes.is_open,
        "clock": life.day_clock(minutes or Minutes(meeting=meeting), None),
    }
    return render(request, "meetings/section_edit.html", context)


def _save(
    request: HttpRequest,
    meeting: Meeting,
    item: AgendaItem,
    form: SectionForm,
    *,
    stays: bool = True,
) -> bool:
    """Keep the text and say so; True when the writer should look at it before going on.

    Raises StaleEdit and TransitionNotAllowed.
    """
    person = request.user
    minutes = services.open_minutes(meeting=meeting, by=person)
    section, _ = Section.objects.get_or_create(item=item, defaults={"minutes": minutes})
    private = set(section.paragraphs.filter(is_private=True).values_list("pk", flat=True))
    changed = services.save_section(
        section=section,
        text=form.cleaned_data["text"],
        edit_no=form.cleaned_data["edit_no"],
        by=person,
    )
    kept = section.paragraphs.living().filter(is_private=True).exclude(pk__in=private).count()
    if kept:
        messages.warning(
            request,
            "Saved. Words that were private moved, so they are kept private where they are now. "
            "Look at the paragraphs marked private below.",
        )
    elif stays:
        messages.success(
            request, "Saved. Below is how we read it." if changed else "Nothing had changed."
        )
    else:
        messages.success(request, f"“{item.title}” is saved. Here is the next item.")
    return bool(kept)


def _join(
    request: HttpRequest, meeting: Meeting, item: AgendaItem, section: Section, mine: str
) -> HttpResponse:
    """Both texts beside each other, and one box with both to save."""
    theirs = section.text
    form = JoinForm(
        initial={"text": writing.joined(theirs, mine), "edit_no": section.edit_no},
    )
    context = {
        "meeting": meeting,
        "item": item,
        "section": section,
        "theirs": theirs,
        "mine": mine,
        "form": form,
    }
    return render(request, "meetings/section_join.html", context, status=409)


def _understood(section: Section, number: int) -> list[dict[str, Any]]:
    """Each paragraph as it was read: its number, its record, who and by when."""
    paragraphs = section.paragraphs.living().select_related("actionitem", "decision", "ask")
    rows = []
    for n, paragraph in enumerate(paragraphs, 1):
        read = renditions.paragraph_data(paragraph, f"{number}.{n}")
        facts = facts_of(read)
        rows.append(
            {
                "paragraph": paragraph,
                "number": f"{number}.{n}",
                "anchor": f"p{number}-{n}",
                "kind": "" if paragraph.kind == Paragraph.Kind.TEXT else paragraph.kind,
                "label": paragraph.get_kind_display(),
                "facts": facts,
                "note": _what_is_missing(read),
            }
        )
    return rows


def _what_is_missing(read: dict[str, Any]) -> str:
    """What could not be picked out of an action or an ask, with an example of how to write it."""
    if read["kind"] not in ("action", "ask"):
        return ""
    lacks = []
    if not read["who"]:
        lacks.append("No owner found: write “(Hester, by 2 October)” at the end.")
    if not read["due_text"]:
        lacks.append("No date found: write “by 2 October”.")
    elif not read["due_on"]:
        words = f"“{read['due_text']}” is kept as you wrote it."
        lacks.append(f"{words} It names no day, so it is never late.")
    return " ".join(lacks)


def paragraph_private(request: HttpRequest, slug: str, uid: Any) -> HttpResponse:
    """Keep one paragraph from the public, with a reason and, where wanted, words instead."""
    meeting, minutes = _to_write(request, slug)
    paragraph = get_object_or_404(
        Paragraph.objects.select_related("section__item"), uid=uid, section__minutes=minutes
    )
    back = reverse("meetings:section_edit", args=[slug, paragraph.section.item_id])
    initial = {"reason": paragraph.private_reason, "public_text": paragraph.public_text}
    form = PrivateForm(request.POST or None, initial=initial)
    if request.method == "POST":
        public = "public" in request.POST
        try:
            if public:
                services.make_public(paragraph=paragraph, by=request.user)
                messages.success(request, "This paragraph is for everyone again.")
                return redirect(f"{back}#understood")
            if form.is_valid():
                services.keep_private(paragraph=paragraph, by=request.user, **form.cleaned_data)
                messages.success(request, "This paragraph is kept private.")
                return redirect(f"{back}#understood")
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
    context = {"meeting": meeting, "paragraph": paragraph, "form": form, "back": back}
    return render(request, "meetings/paragraph_private.html", context)


def minutes_short(request: HttpRequest, slug: str) -> HttpResponse:
    """The short version: counted and listed, never blocked."""
    meeting, minutes = _to_write(request, slug)
    form = ShortForm(
        request.POST or None, initial={"text": minutes.short_version if minutes else ""}
    )
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
    }
    return render(request, "meetings/minutes_short.html", context)
