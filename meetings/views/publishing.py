"""From agreed to public: the task list, publishing, withdrawing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from coprod import outbox
from coprod.agreeing import rule_words
from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted
from meetings import life, slips
from meetings.forms.minutes import PublishForm, WithdrawForm
from meetings.models import Minutes, PublicationTick
from meetings.models.agreement import tally
from meetings.services import publicity
from meetings.services.minutes import has_unsent_changes, was_told


def minutes_publish(request: HttpRequest, slug: str) -> HttpResponse:
    """What is still missing, the task list, the text as everyone will read it, and the button."""
    minutes = fetch_permitted(
        request.user,
        Minutes.objects.select_related("meeting", "agreed_version", "shown_version"),
        "meetings.publish_minutes",
        meeting__slug=slug,
    )
    version = minutes.shown_version or minutes.agreed_version or minutes.latest
    form = PublishForm(
        request.POST or None,
        parents_only=minutes.meeting.is_parents_only,
        initial={"tasks": list(minutes.ticks.values_list("task", flat=True))},
    )
    done = None
    if request.method == "POST" and form.is_valid():
        done = _publish(request, minutes, form)
    if done is not None:
        return done
    context = {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "version": version,
        "tally": tally(version) if version and not minutes.agreed_version else None,
        "rule": rule_words(version) if version else "",
        "unsent": bool(version and minutes.is_open and has_unsent_changes(minutes, version)),
        "ready": minutes.can("publish"),
        "counts": _told_in_words(minutes) if minutes.can("publish") else "",
        "slipped": slips.in_version(version) if version else [],
        "unexplained": slips.unexplained(version.public) if version else [],
        "form": form,
        "steps": life.life_of(minutes),
    }
    return render(request, "meetings/minutes_publish.html", context)


def _told_in_words(minutes: Minutes) -> str:
    """Who hears that they are published, and how; nothing where nobody is written to."""
    if minutes.agreed_version is None or not was_told(minutes.agreed_version):
        return ""
    invited = minutes.meeting.invitations.select_related("person").filter(person__is_active=True)
    return outbox.in_words(outbox.counts([each.person for each in invited], news=True))


def _publish(request: HttpRequest, minutes: Minutes, form: PublishForm) -> HttpResponse | None:
    """Save the ticks, and publish where that was pressed. None: the reason is on the form."""
    said = form.cleaned_data
    slug = minutes.meeting.slug
    try:
        lacking = publicity.tick_tasks(minutes=minutes, tasks=set(said["tasks"]), by=request.user)
        if lacking:
            words = f"“{PublicationTick.Task.WORDS.label}” stays open: {', '.join(lacking)}"
            messages.warning(
                request, f"{words} {'is' if len(lacking) == 1 else 'are'}n’t explained yet."
            )
        if request.POST.get("do") != "publish":
            messages.success(request, "The list is saved.")
            return redirect("meetings:minutes_publish", slug=slug)
        publicity.publish_minutes(
            minutes=minutes,
            parents_decided=said.get("parents_decided", False),
            by=request.user,
        )
    except TransitionNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return None
    messages.success(request, "Published. Everyone can read these minutes now.")
    return redirect(minutes.meeting)


def minutes_withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for the reason, then take published minutes from public view."""
    minutes = fetch_permitted(
        request.user,
        Minutes.objects.select_related("meeting"),
        "meetings.withdraw_minutes",
        meeting__slug=slug,
    )
    back = reverse("meetings:minutes_publish", args=[slug])
    form = WithdrawForm(request.POST or None, back=back)
    if request.method == "POST" and form.is_valid():
        try:
            publicity.withdraw_minutes(
                minutes=minutes, reason=form.cleaned_data["reason"], by=request.user
            )
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Withdrawn. Nobody outside the forum can read them now.")
            return redirect("meetings:minutes_publish", slug=slug)
    context = {"minutes": minutes, "meeting": minutes.meeting, "form": form, "back": back}
    return render(request, "meetings/minutes_withdraw.html", context)
