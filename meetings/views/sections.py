"""Writing one agenda item: the box of text, saved by a button or by itself as it is typed.

A script on the page saves with the same form to the same address and asks for JSON. What it
is told are words and pieces of page made here, so that nothing is worded or escaped twice.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from coprod.templatetags.forum import hour
from coprod.views import wants_json
from meetings import life, reading, renditions, writing
from meetings.forms.minutes import MOST_TEXT, JoinForm, SectionForm
from meetings.models import AgendaItem, Comment, Meeting, Minutes, Paragraph, Section
from meetings.services import minutes as services
from meetings.templatetags.minutes import facts_of
from meetings.views.minutes import to_write, working_copy
from members.models import Person

#: How long somebody counts as writing here after their words were saved.
LATELY = timedelta(minutes=10)

KEPT_PRIVATE = (
    "Saved. Words that were private moved, so they are kept private where they are now. "
    "Look at the paragraphs marked private below."
)


@dataclass
class Place:
    """One item of the working copy: its number, its box, and what stands before and after."""

    meeting: Meeting
    minutes: Minutes | None
    item: AgendaItem
    section: Section | None
    number: int
    living: list[Paragraph]
    before: tuple[int, AgendaItem] | None
    after: tuple[int, AgendaItem] | None

    @property
    def edit_no(self) -> int:
        return self.section.edit_no if self.section else 0

    @property
    def text(self) -> str:
        return "\n\n".join(p.written for p in self.living)

    @property
    def is_open(self) -> bool:
        return self.minutes is None or self.minutes.is_open


def _place(request: HttpRequest, slug: str, pk: int) -> Place:
    """The item that this person may write under. Raises Http404 and PermissionDenied."""
    meeting, minutes = to_write(request, slug)
    # The number before the text: if somebody saves in between, ours is the older, and refused.
    boxes = Section.objects.select_related("edited_by", "minutes")
    box = boxes.filter(minutes=minutes, item__pk=pk)  # asked so, a number may have any length
    section = box.first() if minutes else None
    copy = working_copy(meeting, minutes)
    at = next((n for n, (_, item, _) in enumerate(copy) if item.pk == pk), None)
    if at is None:
        raise Http404
    number, item, living = copy[at]
    before, after = (copy[n][:2] if 0 <= n < len(copy) else None for n in (at - 1, at + 1))
    return Place(meeting, minutes, item, section, number, living, before, after)


def section_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One box of text, and beneath it how it was understood."""
    place = _place(request, slug, pk)
    comment = _comment_on_the_way(request, place)
    initial = {"text": place.text, "edit_no": str(place.edit_no)}
    form = SectionForm(
        request.POST or None,
        initial=initial,
        following=place.after[0] if place.after and not comment else None,
    )
    if wants_json(request):
        answer = _save_typed if request.method == "POST" else _now
        return answer(request, place, form)
    if request.method == "POST" and form.is_valid():
        then = place.after[1] if place.after and "then" in request.POST else place.item
        try:
            looked = _save(request, place, form, stays=then == place.item)
        except services.StaleEdit as stale:
            return _join(request, place, stale.section, form.cleaned_data["text"])
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            if comment is not None and not looked:
                back = reverse("meetings:comments_settle", args=[slug])
                return redirect(f"{back}?changed={comment.pk}#comment{comment.pk}")
            return redirect("meetings:section_edit", slug, (place.item if looked else then).pk)
    return render(request, "meetings/section_edit.html", _page(request, place, form, comment))


def _page(
    request: HttpRequest, place: Place, form: SectionForm, comment: Comment | None
) -> dict[str, Any]:
    section = place.section
    return {
        "meeting": place.meeting,
        "minutes": place.minutes,
        "item": place.item,
        "number": place.number,
        "form": form,
        "section": section,
        "understood": understood(section, place.number) if section else [],
        "before": place.before,
        "after": place.after,
        "open": place.is_open,
        "clock": life.day_clock(place.meeting.draft_clock, None),
        "others": others_writing(section, request.user),
        "comment": comment,
        "caret": _caret(place, comment),
        "most": MOST_TEXT,
        "words": ["Action", "Decision", "Ask"],
    }


# A comment that led here --------------------------------------------------------------------------


def _comment_on_the_way(request: HttpRequest, place: Place) -> Comment | None:
    """The comment whose "Change the text" was pressed; saving leads back to it."""
    number = request.GET.get("c", "")
    asked = request.GET.get("back") == "comments" and number.isdecimal() and len(number) < 18
    if not asked or not request.user.has_perm("meetings.settle_comments", place.minutes):
        return None
    found = Comment.objects.filter(version__minutes=place.minutes, pk=int(number))
    return found.select_related("version").first()


def _caret(place: Place, comment: Comment | None) -> str:
    """Where in the box the paragraph stands that a comment is about: "120,188", or nothing."""
    if comment is None:
        return ""
    begins = 0
    for paragraph in place.living:
        ends = begins + len(paragraph.written)
        if paragraph.uid == comment.uid:
            return f"{begins},{ends}"
        begins = ends + 2
    return ""


# Saving -------------------------------------------------------------------------------------------


def _store(
    request: HttpRequest, place: Place, form: SectionForm, *, typing: bool
) -> tuple[Section, bool, bool]:
    """The section, whether something changed, and whether private words moved.

    Raises StaleEdit and TransitionNotAllowed.
    """
    minutes = services.open_minutes(meeting=place.meeting, by=request.user)
    section, _ = Section.objects.get_or_create(item=place.item, defaults={"minutes": minutes})
    private = set(section.paragraphs.filter(is_private=True).values_list("pk", flat=True))
    changed = services.save_section(
        section=section,
        text=form.cleaned_data["text"],
        edit_no=form.cleaned_data["edit_no"],
        by=request.user,
        typing=typing,
    )
    slipped = section.paragraphs.living().filter(is_private=True).exclude(pk__in=private).exists()
    return section, changed, slipped


def _save(request: HttpRequest, place: Place, form: SectionForm, *, stays: bool) -> bool:
    """Keep the text and say so; True when the writer should look at it before going on.

    Raises StaleEdit and TransitionNotAllowed.
    """
    _, _, slipped = _store(request, place, form, typing=False)
    if slipped:
        messages.warning(request, KEPT_PRIVATE)
    elif stays:
        # Saved just now, or already while it was typed.
        messages.success(request, "Saved. Below is how we read it.")
    else:
        messages.success(request, f"“{place.item.title}” is saved. Here is the next item.")
    return slipped


def _save_typed(request: HttpRequest, place: Place, form: SectionForm) -> JsonResponse:
    """Keep what was typed so far, or say in words why it isn't kept."""
    if not form.is_valid():
        return JsonResponse({"said": _first_error(form)}, status=422)
    mine = form.cleaned_data["text"]
    try:
        section, _, slipped = _store(request, place, form, typing=True)
    except services.StaleEdit as stale:
        return JsonResponse(_clash(stale.section, mine), status=409)
    except TransitionNotAllowed as refusal:
        return JsonResponse({"said": str(refusal)}, status=422)
    rows = understood(section, place.number)
    context = {"understood": rows, "open": True, "item": place.item, "meeting": place.meeting}
    at = hour(timezone.now())
    return JsonResponse(
        {
            "edit_no": section.edit_no,
            "saved_at": at,
            "said": f"Saved at {at}",
            "warning": KEPT_PRIVATE if slipped else "",
            "understood": render_to_string("meetings/_understood.html", context),
        }
    )


def _first_error(form: SectionForm) -> str:
    return " ".join(str(error) for errors in form.errors.values() for error in errors[:1])


def _now(request: HttpRequest, place: Place, form: SectionForm) -> JsonResponse:
    """What is stored now, and who writes here: asked every now and then by an open page."""
    return JsonResponse(
        {
            "edit_no": place.edit_no,
            "text": place.text,
            "others": others_writing(place.section, request.user),
            "who": str(getattr(request.user, "public_id", "")),
            "token": get_token(request),
        }
    )


# Two people in one box ----------------------------------------------------------------------------


def others_writing(section: Section | None, me: Any) -> str:
    """``Rhoswen Vale is writing here too (1 minute ago)``, or nothing.

    Read off the newest edit, or the newest of somebody else: no page says that it is open.
    """
    if section is None or section.edited_at is None:
        return ""
    now = timezone.now()
    name, at = "", section.edited_at
    if section.edited_by is not None and section.edited_by != me:
        name = section.edited_by.name
    elif at > now - LATELY:
        other = (
            AuditEvent.objects.about(section.minutes)
            .filter(verb="edit_minutes", data__section=section.pk, at__gt=now - LATELY)
            .exclude(by_id=me.pk)
            .first()
        )
        person = Person.objects.filter(pk=other.by_id).first() if other and other.by_id else None
        name, at = (person.name, other.at) if other and person else ("", at)
    if not name or at <= now - LATELY:
        return ""
    ago = int((now - at).total_seconds() // 60)
    words = {0: "just now", 1: "1 minute ago"}.get(ago, f"{ago} minutes ago")
    return f"{name} is writing here too ({words})"


def _both(section: Section, mine: str) -> dict[str, Any]:
    """Two texts of one box, word by word, and both together."""
    theirs = section.text
    return {
        "section": section,
        "theirs": theirs,
        "mine": mine,
        "runs": reading.changed_words(theirs, mine.replace("\r\n", "\n")),
        "joined": writing.joined(theirs, mine),
    }


def _clash(section: Section, mine: str) -> dict[str, Any]:
    both = _both(section, mine)
    by = section.edited_by.name if section.edited_by else "Somebody else"
    return {
        "edit_no": section.edit_no,
        "said": f"Not saved yet: {by} saved other words first. Choose below the box.",
        "theirs": both["theirs"],
        "joined": both["joined"],
        "clash": render_to_string("meetings/_section_clash.html", both),
    }


def _join(request: HttpRequest, place: Place, section: Section, mine: str) -> HttpResponse:
    """Both texts beside each other, and one box with both to save."""
    both = _both(section, mine)
    form = JoinForm(initial={"text": both["joined"], "edit_no": section.edit_no})
    context = {**both, "meeting": place.meeting, "item": place.item, "form": form}
    return render(request, "meetings/section_join.html", context, status=409)


# How it was understood ----------------------------------------------------------------------------


def understood(section: Section, number: int) -> list[dict[str, Any]]:
    """Each paragraph as it was read: its number, its record, who and by when."""
    paragraphs = section.paragraphs.living().select_related("actionitem", "decision", "ask")
    rows = []
    for n, paragraph in enumerate(paragraphs, 1):
        read = renditions.paragraph_data(paragraph, f"{number}.{n}")
        rows.append(
            {
                "paragraph": paragraph,
                "number": f"{number}.{n}",
                "anchor": f"p{number}-{n}",
                "kind": "" if paragraph.kind == Paragraph.Kind.TEXT else paragraph.kind,
                "label": paragraph.get_kind_display(),
                "facts": facts_of(read),
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
