"""Thank-yous: one's own and their answers; offering, noting and handing over. HTTP only."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from coprod import clocks, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.templatetags.forum import plural
from coprod.views import fetch_permitted, require
from expenses import benefits
from expenses.forms.thanks import (
    AcceptForm,
    AnswerForm,
    MeetingOfferForm,
    NoteForm,
    OneOfferForm,
    PeriodForm,
)
from expenses.models import BankDetails, Recognition
from expenses.pdf import benefits_letter as letter_pdf
from expenses.services import recognition as service
from meetings.models import Meeting
from members.http import SignedInRequest
from members.models import Person

PER_PAGE = 30
#: How far back the page looks for meetings to thank people for.
LOOK_BACK = timedelta(days=200)
both = require_http_methods(["GET", "POST"])
Kind, State = Recognition.Kind, Recognition.State
#: What is said once an answer is kept.
SAID = {
    "accept": "Thank you: your yes is kept. You can change your mind until it is on its way.",
    "decline": "That’s kept: no, thank you. You can change your mind.",
    "give": "That’s kept: it goes to somebody else. You can change your mind.",
}


def _own_url() -> str:
    return reverse("expenses:thanks_own")


def _list_url() -> str:
    return reverse("expenses:thanks_list")


# One's own ---------------------------------------------------------------------------------------


def _may_open(request: SignedInRequest) -> None:
    """Whoever claims, and whoever was thanked although they hold no seat any more."""
    if not request.user.recognitions.exists():
        require(request.user, "expenses.claim")


def thanks_own(request: SignedInRequest) -> HttpResponse:
    """What one is offered, and what became of earlier thank-yous."""
    _may_open(request)
    own = Recognition.objects.filter(person=request.user).select_related("answered_by")
    rows = list(own.exclude(state=State.WITHDRAWN))
    pays = [r for r in rows if r.state == State.ACCEPTED and r.kind == Kind.HONORARIUM]
    context = {
        "open": [row for row in rows if row.state == State.OFFERED],
        "earlier": [row for row in rows if row.state != State.OFFERED],
        "needs_bank": any(row.pay_by == "bank" for row in pays)
        and not BankDetails.objects.filter(person=request.user).exists(),
    }
    return render(request, "expenses/thanks_own.html", context)


def _own(request: SignedInRequest, pk: int) -> Recognition:
    found = Recognition.objects.filter(person=request.user).exclude(state=State.WITHDRAWN)
    return fetch_permitted(request.user, found, "expenses.answer_thanks", pk=pk)


@both
def thanks_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Three equal choices: yes, no, or to somebody else."""
    thanks = _own(request, pk)
    form = AnswerForm(request.POST or None, thanks=thanks, back_url=_own_url())
    if request.method == "POST" and form.is_valid():
        answer = form.cleaned_data["answer"]
        if answer == "accept" and _comes_first(thanks):
            return redirect("expenses:thanks_pause", pk=pk)
        if _answer(request, thanks, form):
            messages.success(request, SAID[answer])
            return redirect("expenses:thanks_own")
    return render(request, "expenses/thanks_answer.html", {"form": form, "thanks": thanks})


def _comes_first(thanks: Recognition) -> bool:
    """Whether accepting asks for more: how money comes, and the page where it is unread."""
    if not thanks.has_value:
        return False
    return thanks.kind == Kind.HONORARIUM or not service.has_read(thanks.person_id)


@both
def thanks_pause(request: SignedInRequest, pk: int) -> HttpResponse:
    """Before the first thank-you with a value: benefits and tax. Then how it comes, and yes."""
    thanks = _own(request, pk)
    form = AcceptForm(request.POST or None, thanks=thanks, back_url=_own_url())
    if request.method == "POST" and request.POST.get("decline"):
        return _decline(request, thanks)
    if request.method == "POST" and form.is_valid():
        try:
            if form.is_new:
                service.acknowledge(person=request.user, by=request.user)
            service.accept_thanks(recognition=thanks, by=request.user, **form.how)
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, SAID["accept"])
            return redirect("expenses:thanks_own")
    context = {"form": form, "thanks": thanks, "edition": service.EDITION}
    return render(request, "expenses/thanks_pause.html", context)


def _decline(request: SignedInRequest, thanks: Recognition) -> HttpResponse:
    try:
        service.decline_thanks(recognition=thanks, by=request.user)
    except TransitionNotAllowed as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, SAID["decline"])
    return redirect("expenses:thanks_own")


def _answer(request: SignedInRequest, thanks: Recognition, form: AnswerForm, **how: Any) -> bool:
    """Keep an answer; a refusal goes to the form."""
    answer, by = form.cleaned_data["answer"], request.user
    try:
        if answer == "accept":
            service.accept_thanks(recognition=thanks, by=by, **how)
        elif answer == "decline":
            service.decline_thanks(recognition=thanks, by=by)
        else:
            service.give_away(recognition=thanks, to=form.cleaned_data["given_to"], by=by)
    except TransitionNotAllowed as refused:
        form.add_error(None, str(refused))
        return False
    return True


# Offering ----------------------------------------------------------------------------------------


def thanks_list(request: SignedInRequest) -> HttpResponse:
    """What was offered: what waits for an answer, what has to be brought to them, the rest."""
    require(request.user, "expenses.offer_thanks")
    seen = Recognition.objects.visible_to(request.user).exclude(person=request.user)
    seen = seen.select_related("person", "offered_by")
    waiting = list(seen.waiting().order_by("offered_at", "pk"))
    rest = seen.exclude(pk__in=[row.pk for row in waiting])
    context = {
        "offered": [row for row in waiting if row.state == State.OFFERED],
        "to_bring": [row for row in waiting if row.state in (State.ACCEPTED, State.PAYING)],
        "away": [row for row in waiting if row.state == State.GIVEN_AWAY],
        "page": Paginator(rest, PER_PAGE).get_page(request.GET.get("page")),
        "request": request,
    }
    return render(request, "expenses/thanks_list.html", context)


@both
def thanks_offer(request: SignedInRequest) -> HttpResponse:
    """To people who came to a meeting, or to one person for something else."""
    require(request.user, "expenses.offer_thanks")
    today = clocks.today()
    form = OneOfferForm(
        request.POST or None, by=request.user, kinds=service.kinds_on(today), back_url=_list_url()
    )
    if request.method == "POST" and form.is_valid():
        try:
            row = service.offer_one(by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"The offer to {row.person.name} is on its way.")
            return redirect("expenses:thanks_list")
    parents = Count(
        "invitations",
        filter=Q(invitations__capacity="parent", invitations__attendance__isnull=False),
    )
    meetings = Meeting.objects.visible_to(request.user).taking_place()
    meetings = meetings.filter(date__range=(today - LOOK_BACK, today)).annotate(parents=parents)
    recent = list(meetings.filter(parents__gt=0).order_by("-date", "-starts")[:12])
    context = {"form": form, "meetings": recent, "request": request}
    return render(request, "expenses/thanks_offer.html", context)


@both
def thanks_offer_meeting(request: SignedInRequest, slug: str) -> HttpResponse:
    """One kind to everybody who came to a meeting as a parent, or to some of them."""
    meeting = fetch_permitted(
        request.user, Meeting.objects.taking_place(), "expenses.offer_thanks", slug=slug
    )
    known = service.rates_on(meeting.date)
    guests = service.guests_by(known, meeting, request.user)
    start = {"what_for": f"Coming to {meeting.title}"[:200]}
    form = MeetingOfferForm(
        request.POST or None,
        guests=guests,
        kinds=service.kinds_by(known[1]),
        back_url=_list_url(),
        initial=start,
    )
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        fields["people"] = [person.pk for person in fields["people"]]
        try:
            made = service.offer_after_meeting(meeting=meeting, by=request.user, **fields)
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            _say_offered(request, len(made))
            return redirect("expenses:thanks_list")
    reach = outbox.in_words(outbox.counts(guest.person for guest in guests))
    own = meeting.invitations.attended().filter(person=request.user, capacity="parent").exists()
    context = {"form": form, "meeting": meeting, "guests": guests, "reach": reach, "own": own}
    return render(request, "expenses/thanks_offer_meeting.html", context)


def _say_offered(request: SignedInRequest, count: int) -> None:
    if count:
        messages.success(request, f"Offered to {plural(count, 'person,people')}.")
    else:
        messages.info(request, "Nobody new: each of them has this offer already, or no sum.")


def _run(request: SignedInRequest, pk: int, permission: str) -> Recognition:
    found = Recognition.objects.select_related("person", "offered_by", "answered_by", "heading")
    return fetch_permitted(request.user, found, permission, pk=pk)


@both
def thanks_note(request: SignedInRequest, pk: int) -> HttpResponse:
    """One offer: where it stands; and the answer, noted for somebody who rang."""
    thanks = _run(request, pk, "expenses.note_thanks")
    form = NoteForm(request.POST or None, thanks=thanks, back_url=_list_url())
    if request.method == "POST" and form.is_valid():
        how = form.how if form.cleaned_data["answer"] == "accept" else {}
        if how and form.cleaned_data.get("read"):
            service.acknowledge(person=thanks.person, by=request.user)
        if _answer(request, thanks, form, **how):
            messages.success(request, f"{thanks.person.name}’s answer is kept.")
            return redirect("expenses:thanks_list")
    context = {"form": form, "thanks": thanks, "edition": service.EDITION}
    return render(request, "expenses/thanks_note.html", context)


@both
def thanks_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take an offer back, after asking."""
    thanks = _run(request, pk, "expenses.note_thanks")
    if request.method == "POST":
        try:
            service.withdraw_offer(recognition=thanks, by=request.user)
        except TransitionNotAllowed as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, f"The offer to {thanks.person.name} is taken back.")
        return redirect("expenses:thanks_list")
    return render(request, "expenses/thanks_withdraw.html", {"thanks": thanks})


# The letter for a benefits office ----------------------------------------------------------------


@both
def benefits_letter(request: SignedInRequest) -> HttpResponse:
    """One's own letter, for a period."""
    _may_open(request)
    return _letter(request, request.user)


@both
def benefits_letter_for(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Somebody's letter, made by a treasurer because they asked for it."""
    require(request.user, "expenses.pay")
    paid = Q(money_claims__state="paid") | Q(recognitions__state=State.DONE)
    people = Person.objects.filter(paid, public_id=public_id).distinct()
    return _letter(request, get_object_or_404(people))


def _letter(request: SignedInRequest, person: Person) -> HttpResponse:
    today = clocks.today()
    start = {"first": today - timedelta(days=365), "last": today}
    form = PeriodForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        made = letter_pdf(benefits.received(person, **form.cleaned_data))
        service.note_letter(person=person, by=request.user)
        response = HttpResponse(made, content_type="application/pdf")
        response["Content-Disposition"] = 'attachment; filename="money-received.pdf"'
        response["Cache-Control"] = "private, no-store"
        return response
    context = {"form": form, "person": person, "own": person.pk == request.user.pk}
    return render(request, "expenses/benefits_letter.html", context)
