"""Replying, recording who was there, and the sign-in sheet."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from coprod import links
from coprod.exceptions import TransitionNotAllowed
from coprod.templatetags.forum import hour
from coprod.views import fetch_permitted, private_link, refuse_link
from meetings.forms.attendance import AttendanceForm, LatecomerForm, ReplyForm
from meetings.models import Invitation, Meeting
from meetings.services import attendance
from meetings.services.details import former_date
from meetings.services.presence import may_declare
from meetings.services.substitutes import may_have_substitute

# Replies ----------------------------------------------------------------------------------------


def by_reply_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view about the invitation whose letter's link somebody opened."""

    @private_link
    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        try:
            link = links.read("reply", token)
            rows = Invitation.objects.with_people().select_related("meeting__minutes", "substitute")
            invitation = rows.filter(
                pk=link.about, person_id=link.person_id, person__is_active=True
            ).first()
            if invitation is None:
                raise links.LinkInvalid
        except links.LinkInvalid as error:
            return refuse_link(request, error, purpose="reply", token=token)
        return view(request, invitation, token)

    return opened


def own_invitation(request: HttpRequest, slug: str) -> Invitation:
    """The invitation of whoever is signed in."""
    meetings = Meeting.objects.select_related("minutes")
    meeting = fetch_permitted(request.user, meetings, "meetings.reply", slug=slug)
    rows = meeting.invitations.with_people().select_related("substitute__person")
    invitation = rows.get(person_id=request.user.pk or 0)
    invitation.meeting = meeting
    return invitation


def address_of(page: str, invitation: Invitation, token: str) -> str:
    """The address of one of an invited person's own pages, by link or signed in."""
    if token:
        return reverse(f"meetings:{page}_by_link", args=[token])
    return reverse(f"meetings:{page}", args=[invitation.meeting.slug])


@by_reply_link
def reply_by_link(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """Answer an invitation from its letter. Opening the link changes nothing."""
    return _reply(request, invitation, by=invitation.person, token=token)


def meeting_reply(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer one's own invitation, signed in."""
    return _reply(request, own_invitation(request, slug), by=request.user)


def _reply(
    request: HttpRequest, invitation: Invitation, *, by: Any, token: str = ""
) -> HttpResponse:
    """One page for both ways: the question, or the answer as it stands with a way to change it."""
    form = ReplyForm(request.POST or None, invitation=invitation)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            attendance.reply(
                invitation=invitation,
                answer=fields["answer"],
                needs=fields["needs"],
                for_group=fields.get("for_group"),
                by=by,
            )
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(request.path)
    kept = getattr(invitation, "reply", None)
    answered = kept is not None and not kept.to_confirm and not form.is_bound
    context = {
        "invitation": invitation,
        "meeting": invitation.meeting,
        "form": form,
        "link": bool(token),
        "over": invitation.meeting.is_past,
        "substitute": getattr(invitation, "substitute", None),
        "substitute_url": address_of("substitute_name", invitation, token)
        if may_have_substitute(invitation)
        else "",
        "declare_url": address_of("attendance_declare", invitation, token),
        "may_declare": may_declare(invitation.meeting),
        "former": former_date(invitation.meeting),
        "answered": answered and "change" not in request.GET,
    }
    return render(request, "meetings/reply.html", context)


def reply_record(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Write down what somebody answered by phone, by post or in person."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.see_replies", slug=slug)
    invitation = get_object_or_404(meeting.invitations.with_people(), pk=pk)
    invitation.meeting = meeting
    form = ReplyForm(request.POST or None, invitation=invitation, for_other=True)
    if "via" in request.GET:
        form.initial["via"] = request.GET["via"]
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            attendance.reply(
                invitation=invitation,
                answer=fields["answer"],
                needs=fields["needs"],
                for_group=fields.get("for_group"),
                via=fields["via"],
                by=request.user,
            )
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{invitation.person.name}’s answer is kept.")
            return redirect("meetings:meeting_people", slug=slug)
    context = {"meeting": meeting, "invitation": invitation, "form": form}
    return render(request, "meetings/reply_record.html", context)


# Who was there ----------------------------------------------------------------------------------


def meeting_attendance(request: HttpRequest, slug: str) -> HttpResponse:
    """Tick who is there, from a phone in the meeting."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.record_attendance", slug=slug)
    people = meeting.invitations.with_people().select_related("substitute_for__person")
    invitations = list(people)
    form = AttendanceForm(request.POST or None, invitations=invitations)
    if request.method == "POST" and form.is_valid():
        try:
            count = attendance.record_attendance(
                meeting=meeting, changes=form.changes(), by=request.user
            )
        except TransitionNotAllowed as refusal:
            messages.error(request, str(refusal))
        else:
            _say_recorded(request, meeting, count)
        return redirect("meetings:meeting_attendance", slug=slug)
    summary = attendance.summary_of(meeting, invitations)
    context = {
        "meeting": meeting,
        "tab": "attendance",
        "form": form,
        "groups": _by_place(form),
        "summary": summary,
        "open": attendance.may_record(meeting),
        "settled": attendance.is_settled(meeting),
    }
    return render(request, "meetings/attendance.html", context)


def _say_recorded(request: HttpRequest, meeting: Meeting, count: int) -> None:
    summary = attendance.attendance_summary(meeting)
    if count:
        rows = "1 person" if count == 1 else f"{count} people"
        messages.success(request, f"Saved for {rows}. {summary.words}.")
    else:
        messages.info(request, f"Nothing had changed. {summary.words}.")


def _by_place(form: AttendanceForm) -> list[dict[str, Any]]:
    """The rows of ticks under their group or organisation, in the order of the counts."""
    places: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for invitation in form.invitations:
        row = {
            "invitation": invitation,
            "how": form[f"how_{invitation.pk}"],
            "was": form[f"was_{invitation.pk}"],
            "note": _note_on(invitation),
        }
        places.setdefault(attendance.place_of(invitation), []).append(row)
    ordered = sorted(places, key=attendance.in_order)
    return [{"label": key[2], "kind": key[0], "rows": places[key]} for key in ordered]


def _note_on(invitation: Invitation) -> str:
    """What the ticks beside a name don't say: in whose place, from when to when, who said so."""
    said = []
    if invitation.substitute_for is not None:
        said.append(f"in the place of {invitation.substitute_for.person.name}")
    if invitation.attended:
        there = invitation.attendance
        said += [f"came at {hour(there.arrived)}"] if there.arrived else []
        said += [f"left at {hour(there.left)}"] if there.left else []
        said += ["missed an item"] if invitation.came_for_part and not there.is_part else []
        said += ["said so themselves"] if there.is_self_declared else []
    return ", ".join(said)


def latecomer_add(request: HttpRequest, slug: str) -> HttpResponse:
    """Add somebody who came without being on the list."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.record_attendance", slug=slug)
    form = LatecomerForm(request.POST or None, meeting=meeting)
    if request.method == "POST" and form.is_valid():
        try:
            added = attendance.add_latecomer(meeting=meeting, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{added.person.name} is added and ticked.")
            return redirect("meetings:meeting_attendance", slug=slug)
    return render(request, "meetings/latecomer_add.html", {"meeting": meeting, "form": form})


def sign_in_sheet(request: HttpRequest, slug: str) -> HttpResponse:
    """A page to print: names, and a box to sign in."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.record_attendance", slug=slug)
    places: dict[tuple[str, str, str], list[Invitation]] = {}
    people = meeting.invitations.with_people().select_related("substitute_for__person")
    for invitation in people:
        places.setdefault(attendance.place_of(invitation), []).append(invitation)
    groups = [(key[2], places[key]) for key in sorted(places, key=attendance.in_order)]
    context = {"meeting": meeting, "groups": groups, "spare": range(6)}
    return render(request, "meetings/sign_in_sheet.html", context)
