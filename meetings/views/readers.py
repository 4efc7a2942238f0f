"""Who may read a private item or paragraph."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted
from meetings.forms.readers import ReadersForm
from meetings.models import AgendaItem, Meeting, Minutes, Paragraph
from meetings.services.confidential import name_readers


def agenda_item_readers(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Who may read a private item."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.change_agenda", slug=slug)
    item = get_object_or_404(meeting.agenda_items, pk=pk)
    back = ("Agenda", reverse("meetings:agenda_edit", args=[slug]))
    return _readers(request, meeting, item, title=item.title, back=back)


def paragraph_readers(request: HttpRequest, slug: str, uid: Any) -> HttpResponse:
    """Who may read a private paragraph."""
    minutes = fetch_permitted(
        request.user,
        Minutes.objects.select_related("meeting"),
        "meetings.write_minutes",
        meeting__slug=slug,
    )
    paragraph = get_object_or_404(
        Paragraph.objects.select_related("section__item"), uid=uid, section__minutes=minutes
    )
    back = ("The private paragraph", reverse("meetings:paragraph_private", args=[slug, uid]))
    return _readers(request, minutes.meeting, paragraph, title="One paragraph", back=back)


def _readers(
    request: HttpRequest,
    meeting: Meeting,
    part: AgendaItem | Paragraph,
    *,
    title: str,
    back: tuple[str, str],
) -> HttpResponse:
    """``back``: the label and the address of the page that one comes from."""
    if not part.is_private:
        raise Http404
    form = ReadersForm(request.POST or None, meeting=meeting, part=part)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            changed = name_readers(
                part=part,
                only_named=said["who"] == form.NAMED,
                people=said["people"],
                by=request.user,
            )
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            words = "Saved. It holds from now on, everywhere." if changed else "Nothing changed."
            messages.success(request, words)
            return redirect(back[1])
    context = {
        "meeting": meeting,
        "part": part,
        "title": title,
        "form": form,
        "back_label": back[0],
        "back": back[1],
    }
    return render(request, "meetings/part_readers.html", context)
