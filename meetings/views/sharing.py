"""Passing published minutes on: words to copy, a poster, the list of channels."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from coprod import pdf
from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted, require
from meetings import sharing
from meetings.forms.sharing import ChannelForm
from meetings.models import Minutes, PublicityChannel
from meetings.services import sharing as services


def _published(request: HttpRequest, slug: str) -> Minutes:
    minutes = fetch_permitted(
        request.user,
        Minutes.objects.select_related("meeting", "shown_version"),
        "meetings.share_minutes",
        meeting__slug=slug,
    )
    if minutes.state != Minutes.State.PUBLISHED:
        raise Http404
    return minutes


def minutes_share(request: HttpRequest, slug: str) -> HttpResponse:
    """Words to copy, the poster, and which channels have been told."""
    minutes = _published(request, slug)
    done = {step.channel_id: step for step in minutes.publicity_steps.select_related("done_by")}
    channels = [
        {"channel": channel, "step": done.get(channel.pk)}
        for channel in PublicityChannel.objects.all()
        if channel.is_used or channel.pk in done
    ]
    context = {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "texts": sharing.texts_of(minutes),
        "channels": channels,
        "waiting": sum(row["step"] is None for row in channels),
    }
    return render(request, "meetings/minutes_share.html", context)


@require_POST
def channel_told(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Tick a channel, or take the tick back."""
    minutes = _published(request, slug)
    channel = get_object_or_404(PublicityChannel, pk=pk)
    try:
        if request.POST.get("do") == "undo":
            services.unmark_told(minutes=minutes, channel=channel, by=request.user)
            messages.success(request, f"{channel.name}: marked as not done yet.")
        else:
            services.mark_told(minutes=minutes, channel=channel, by=request.user)
            messages.success(request, f"{channel.name}: done.")
    except TransitionNotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("meetings:minutes_share", slug=slug)


def poster(request: HttpRequest, slug: str) -> HttpResponse:
    """A page for a noticeboard, as a PDF."""
    minutes = _published(request, slug)
    body = pdf.render("pdf/meetings/poster.html", sharing.poster_context(minutes))
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{slug}-poster.pdf"'
    return response


def channel_list(request: HttpRequest) -> HttpResponse:
    """Every channel, those in use first."""
    require(request.user, "meetings.share_minutes")
    channels = PublicityChannel.objects.order_by("-is_used", "name")
    return render(request, "meetings/channel_list.html", {"channels": channels})


def channel_add(request: HttpRequest) -> HttpResponse:
    require(request.user, "meetings.share_minutes")
    return _edit(request, PublicityChannel())


def channel_edit(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, "meetings.share_minutes")
    return _edit(request, get_object_or_404(PublicityChannel, pk=pk))


def _edit(request: HttpRequest, channel: PublicityChannel) -> HttpResponse:
    form = ChannelForm(request.POST or None, instance=channel)
    if request.method == "POST" and form.is_valid():
        fields = list(form.cleaned_data)
        services.save_channel(channel=form.instance, by=request.user, fields=fields)
        messages.success(request, f"{form.instance.name} is saved.")
        return redirect("meetings:channel_list")
    name = PublicityChannel.objects.filter(pk=channel.pk).values_list("name", flat=True).first()
    return render(request, "meetings/channel_edit.html", {"form": form, "name": name or ""})
