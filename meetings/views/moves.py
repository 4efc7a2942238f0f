"""Moving a meeting, cancelling it, saying that it takes place after all: always with notice."""

import copy
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from coprod import letters, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import Message
from coprod.views import fetch_permitted
from meetings import planner
from meetings.emails import notices as emails
from meetings.forms.moves import CancelForm, MoveForm
from meetings.models import Meeting, Move
from meetings.services import cancelling, moves, notices
from members.models import Person


def _fetch(request: HttpRequest, slug: str) -> Meeting:
    return fetch_permitted(request.user, Meeting, "meetings.change_meeting", slug=slug)


def _told(meeting: Meeting, people: list[Person], haste: notices.Haste) -> dict[str, Any]:
    """Who hears, how, and who can't be reached in time: for the page that asks first."""
    standing = meeting.sign_ups.filter(cancelled_at__isnull=True)
    return {
        "meeting": meeting,
        "signed_up": standing.exclude(email="").count(),
        "to_ring": list(standing.filter(email="")),
        "people": people,
        "counts": outbox.in_words(notices.counts(people, haste)),
        "haste": haste,
        "rung_instead": notices.rung_instead(people, haste),
        "too_late": notices.too_late_by_post(people, haste),
    }


def _after_sending(request: HttpRequest, meeting: Meeting, key: str) -> HttpResponse:
    """To the calls first, where somebody must be rung today; otherwise to the meeting."""
    calls = Message.objects.filter(
        key__startswith=key, channel=Message.Channel.PHONE, state=Message.State.QUEUED
    ).count()
    if calls and notices.haste_of(meeting.starts_at).no_post:
        who = "this person" if calls == 1 else f"these {calls} people"
        messages.warning(request, f"Ring {who} now: they hear of it in no other way.")
        return redirect("members:message_list")
    return redirect("meetings:meeting_detail", slug=meeting.slug)


# Moving -------------------------------------------------------------------------------------------


def meeting_move(request: HttpRequest, slug: str) -> HttpResponse:
    """The new day and place, then what would be sent, then it is done."""
    meeting = _fetch(request, slug)
    if words := moves.why_not_move(meeting):
        messages.info(request, words)
        page = "meeting_edit" if meeting.announced_at is None else "meeting_detail"
        return redirect(f"meetings:{page}", slug=slug)
    form = MoveForm(request.POST or None, instance=copy.copy(meeting))
    look = None
    if request.method == "POST" and "change" not in request.POST and form.is_valid():
        if "send" in request.POST:
            done = _move(request, meeting, form)
            if done is not None:
                return done
        if not form.errors:
            look = _look(meeting, form)
    context = {"meeting": meeting, "form": form, "look": look, "seen": meeting.moves.count()}
    return render(request, "meetings/meeting_move.html", context)


def _move(request: HttpRequest, meeting: Meeting, form: MoveForm) -> HttpResponse | None:
    """Do it; None when it was refused, with the reason on the form or in a message."""
    seen = request.POST.get("seen", "")
    try:
        move = moves.move_meeting(
            meeting=meeting,
            plan=form.plan,
            reason=form.cleaned_data["reason"],
            by=request.user,
            seen=int(seen) if seen.isdecimal() and len(seen) < 6 else -1,
            knowing="knowing" in request.POST,
        )
    except TransitionNotAllowed as refusal:
        if meeting.moves.count() and str(meeting.moves.count()) != seen:
            messages.info(request, str(refusal))
            return redirect("meetings:meeting_detail", slug=Meeting.objects.get(pk=meeting.pk).slug)
        form.add_error(None, str(refusal))
        return None
    messages.success(request, "The meeting has moved. Everybody’s message is on the way.")
    return _after_sending(request, move.meeting, f"moved:{move.pk}:")


def _look(meeting: Meeting, form: MoveForm) -> dict[str, Any] | None:
    """What would change and what would be sent; None, with an error, when nothing changes."""
    plan = form.plan
    if not plan.changes(meeting):
        form.add_error(None, "Nothing is different yet: change the date, a time or the place.")
        return None
    finding = moves.clashes_of(meeting, plan)
    changed = copy.copy(meeting)
    plan.put_on(changed)
    move = Move(
        meeting=changed,
        date_was=meeting.date,
        starts_was=meeting.starts,
        ends_was=meeting.ends,
        where_was=meeting.where,
        date=plan.date,
        starts=plan.starts,
        ends=plan.ends,
        where=changed.where,
        reason=form.cleaned_data["reason"],
    )
    answered_first = F("reply__pk").desc(nulls_last=True)
    invited = meeting.invitations.select_related("person", "reply", "group", "organisation")
    own = invited.order_by(answered_first, "pk").first()
    words = letters.words("meetings/meeting_moved", _preview(changed, move, own))
    haste = notices.haste_of(meeting.starts_at, plan.starts_at)
    return {
        "was": meeting,
        "now": changed,
        "finding": finding,
        "is_clash": finding.level == planner.CLASH,
        "another_time": move.is_to_another_time,
        "words": words,
        **_told(meeting, notices.readers_of_notice(meeting), haste),
    }


def _preview(changed: Meeting, move: Move, own: Any) -> dict[str, Any]:
    """The letter as somebody reads it who had answered, where anybody has."""
    reply = getattr(own, "reply", None) if own else None
    if reply is not None:
        reply.to_confirm = reply.to_confirm or move.is_to_another_time
    said = emails.moved_context(changed, move, move)
    was = emails.day_and_time(move.date_was, move.starts_was, move.ends_was)
    if move.is_to_another_time and was not in said["earlier"]:
        said["earlier"] = [*said["earlier"], was]
    return {
        **said,
        "person": own.person if own else None,
        "meeting": changed,
        "own": own,
        "reply": reply,
        "url": "/",
    }


# Cancelling ---------------------------------------------------------------------------------------


def meeting_cancel(request: HttpRequest, slug: str) -> HttpResponse:
    """Why, then what would be sent, then it is done."""
    meeting = _fetch(request, slug)
    if words := cancelling.why_not_cancel(meeting):
        messages.info(request, words)
        page = "meeting_edit" if meeting.announced_at is None else "meeting_detail"
        return redirect(f"meetings:{page}", slug=slug)
    form = CancelForm(request.POST or None, meeting=meeting)
    look = None
    if request.method == "POST" and form.is_valid():
        if "send" in request.POST:
            return _cancel(request, meeting, form.cleaned_data["reason"])
        look = _look_at_cancelling(meeting, form.cleaned_data["reason"])
    context = {"meeting": meeting, "form": form, "look": look}
    return render(request, "meetings/meeting_cancel.html", context)


def _cancel(request: HttpRequest, meeting: Meeting, reason: str) -> HttpResponse:
    try:
        cancelling.cancel_meeting(meeting=meeting, reason=reason, by=request.user)
    except TransitionNotAllowed as refusal:
        messages.info(request, str(refusal))
        return redirect("meetings:meeting_detail", slug=meeting.slug)
    messages.success(request, "The meeting is cancelled. Everybody’s message is on the way.")
    return _after_sending(request, meeting, f"cancelled:{meeting.pk}:")


def _look_at_cancelling(meeting: Meeting, reason: str) -> dict[str, Any]:
    cancelled = copy.copy(meeting)
    cancelled.cancelled_reason = reason
    own = meeting.invitations.select_related("person").order_by("pk").first()
    context = {
        "person": own.person if own else None,
        "meeting": cancelled,
        "own": own,
        "earlier": emails.when_it_was(meeting),
        "url": "/",
    }
    return {
        "reason": reason,
        "words": letters.words("meetings/meeting_cancelled", context),
        **_told(
            meeting,
            notices.readers_of_notice(meeting),
            notices.haste_of(meeting.starts_at),
        ),
    }


def meeting_reinstate(request: HttpRequest, slug: str) -> HttpResponse:
    """A cancelled meeting takes place after all."""
    meeting = _fetch(request, slug)
    if request.method == "POST":
        try:
            told = cancelling.reinstate_meeting(meeting=meeting, by=request.user)
        except TransitionNotAllowed as refusal:
            messages.info(request, str(refusal))
            return redirect("meetings:meeting_detail", slug=slug)
        how = "Those who had heard are told." if told else "Nobody had heard, so nobody is told."
        messages.success(request, f"The meeting takes place after all. {how}")
        return _after_sending(request, meeting, f"after-all:{meeting.pk}:")
    if words := cancelling.why_not_reinstate(meeting):
        messages.info(request, words)
        return redirect("meetings:meeting_detail", slug=slug)
    sent = cancelling.notices_of(meeting)
    heard = [m.person for m in sent if cancelling.has_heard(m) and m.person]
    notice = _told(meeting, heard, notices.haste_of(meeting.starts_at))
    context = {
        "stopped": len(sent) - len(heard),
        "own": meeting.invited_at is not None,
        "notice": notice,
        **notice,
    }
    return render(request, "meetings/meeting_reinstate.html", context)


def agenda_carry(request: HttpRequest, slug: str) -> HttpResponse:
    """Put the agenda of a cancelled meeting on the next one; GET shows what would go where."""
    meeting = _fetch(request, slug)
    if request.method != "POST":
        context = {
            "meeting": meeting,
            "target": cancelling.next_for_agenda(meeting),
            "items": cancelling.items_to_carry(meeting) if meeting.is_cancelled else [],
        }
        return render(request, "meetings/agenda_carry.html", context)
    try:
        target = cancelling.carry_agenda(meeting=meeting, by=request.user)
    except TransitionNotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("meetings:meeting_detail", slug=slug)
    messages.success(request, f"The items are on the agenda of {target}.")
    return redirect("meetings:agenda_edit", slug=target.slug)
