"""Earlier minutes as an item of a later meeting: putting it on, recording that they were agreed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted
from meetings.forms.agreement import ConfirmForm
from meetings.models import AgendaItem, Confirmation, Meeting
from meetings.models.agreement import tally
from meetings.services import confirm_items, confirming


@require_POST
def agenda_confirm_add(request: HttpRequest, slug: str) -> HttpResponse:
    """Put confirming earlier minutes on this meeting's agenda."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.change_agenda", slug=slug)
    given = request.POST.get("minutes", "")
    chosen = [each for each in confirm_items.to_put_on(meeting) if str(each.pk) == given]
    if chosen:
        item = confirm_items.put_on_agenda(meeting=meeting, minutes=chosen[0], by=request.user)
        messages.success(request, f"“{item.title}” is on the agenda.")
    else:
        messages.warning(request, "Those minutes don’t wait to be confirmed any more.")
    return redirect("meetings:agenda_edit", slug=slug)


def agenda_item_confirm(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Record that this meeting confirmed earlier minutes; or take that back."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.confirm_minutes", slug=slug)
    item = get_object_or_404(
        AgendaItem.objects.on().select_related("meeting", "about_minutes__meeting"),
        meeting=meeting,
        pk=pk,
        kind=AgendaItem.Kind.CONFIRM,
        about_minutes__isnull=False,
    )
    minutes = item.about_minutes
    assert minutes is not None  # asked for above
    back = _back(request, meeting)
    done = Confirmation.objects.filter(minutes=minutes).select_related("meeting", "version").first()
    form = ConfirmForm(
        request.POST or None, initial={"words_said": "Everyone who was there agreed"}, back=back
    )
    if request.method == "POST" and (answer := _record(request, item, form)):
        return answer
    version = minutes.latest
    context = {
        "meeting": meeting,
        "item": item,
        "minutes": minutes,
        "earlier": minutes.meeting,
        "version": version,
        "tally": tally(version) if version else None,
        "done": done,
        "can_undo": done is not None and minutes.takes_answers,
        "against": [] if done else confirming.against(minutes, meeting, request.user),
        "came": meeting.invitations.attended().count(),
        "form": form,
        "back": back,
    }
    return render(request, "meetings/agenda_item_confirm.html", context)


def _back(request: HttpRequest, meeting: Meeting) -> str:
    runs = request.user.has_perm("meetings.change_agenda", meeting)
    return reverse(f"meetings:{'agenda_edit' if runs else 'minutes_write'}", args=[meeting.slug])


def _record(request: HttpRequest, item: AgendaItem, form: ConfirmForm) -> HttpResponse | None:
    """Confirm, or take back; None: the reason is on the form."""
    minutes = item.about_minutes
    assert minutes is not None  # the view asked for it
    here = redirect(request.path)
    try:
        if "undo" in request.POST:
            confirming.take_back_confirmation(minutes=minutes, by=request.user)
            messages.success(request, "Taken back. It isn’t recorded as confirmed any more.")
            return here
        if not form.is_valid():
            return None
        confirming.confirm_minutes(
            item=item, words=form.cleaned_data["words_said"], by=request.user
        )
    except TransitionNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return None
    messages.success(request, "Recorded. The minutes count as agreed, and can be published.")
    return here
