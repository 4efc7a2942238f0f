"""A claim for somebody else: begun by the coordinator, confirmed by letter or on the phone."""

import uuid
from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted, require
from expenses.claimants import people_for_another
from expenses.forms.claims import (
    OTHER,
    CodeForm,
    CodeRightForm,
    ForWhomForm,
    PhoneForm,
    WhatForForm,
)
from expenses.models import Claim
from expenses.services import confirming, sending
from members import printing
from members.http import SignedInRequest
from members.models import Person
from members.services import mark_posted

both = require_http_methods(["GET", "POST"])
State = Claim.State

# Begun --------------------------------------------------------------------------------------------


@both
def claim_enter(request: SignedInRequest) -> HttpResponse:
    """For whom, and what it was for; then the same pages as anybody's claim."""
    require(request.user, "expenses.claim_for_another")
    people = people_for_another(request.user)
    chosen = next((p for p in people if str(p.public_id) == request.GET.get("person")), None)
    if chosen is None:
        asked = request.GET if "person" in request.GET else None
        form = ForWhomForm(asked, people=people)
        claims = Claim.objects.open_for_others(request.user).with_all()[:20]
        context = {"form": form, "people": people, "claims": claims}
        return render(request, "expenses/claim_enter.html", context)
    return _what_for(request, chosen)


def _what_for(request: SignedInRequest, person: Person) -> HttpResponse:
    rows = list(sending.open_to_claim(person)[:12])
    meetings = {str(row.meeting.pk): row.meeting for row in rows}
    posted = request.POST if request.method == "POST" else None
    form = WhatForForm(
        posted, person=person, meetings=list(meetings.values()), initial={"key": uuid.uuid4()}
    )
    if posted is not None and form.is_valid():
        said = form.cleaned_data
        other = said["meeting"] == OTHER
        try:
            claim = sending.begin_claim(
                person=person,
                key=said["key"],
                by=request.user,
                meeting=None if other else meetings[said["meeting"]],
                occasion=said["occasion"] if other else "",
                on=said["on"] if other else None,
            )
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("expenses:claim_photo", pk=claim.pk)
    context = {"form": form, "person": person}
    return render(request, "expenses/claim_enter_what.html", context)


# Confirmed by the code in the letter --------------------------------------------------------------


@login_not_required
@never_cache
@both
def claim_confirm(request: HttpRequest) -> HttpResponse:
    """Number and code open the claim, then yes or no. Nobody signs in.

    A wrong number and a wrong code get the same answer, and so do both on every later step.
    """
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        if not ratelimit.consume(request, action="claim_code", key=said["reference"].upper()):
            form.add_error(None, "That was too many tries. Wait an hour, or ring us")
        elif claim := confirming.try_code(reference=said["reference"], code=said["code"]):
            return _opened(request, claim.pk, said)
        else:
            form.add_error(
                None,
                "This number and this code don’t go together, or the code has ended. Check both, "
                "or ring us",
            )
    return render(request, "expenses/claim_confirm.html", {"form": form})


def _opened(request: HttpRequest, pk: int, said: dict[str, Any]) -> HttpResponse:
    """The claim, to somebody who has typed its number and code in this very request."""
    claim = Claim.objects.with_all().get(pk=pk)
    signed_in = request.user if isinstance(request.user, Person) else None
    form = CodeRightForm(
        request.POST if "answer" in request.POST else None,
        initial={**said, "edit_no": claim.edit_no},
    )
    outcome = ""
    if form.is_bound and form.is_valid():
        try:
            outcome = _said(claim, form, signed_in)
        except TransitionNotAllowed as refused:
            form = CodeRightForm(initial={**said, "edit_no": claim.edit_no})
            messages.error(request, str(refused))
    context = {"claim": claim, "form": form, "outcome": outcome}
    return render(request, "expenses/claim_confirm_right.html", context)


def _said(claim: Claim, form: CodeRightForm, by: Person | None) -> str:
    """Do what they said. Raises TransitionNotAllowed, also for whoever entered the claim."""
    if form.says_yes:
        edit_no = form.cleaned_data["edit_no"]
        confirming.confirm_by_code(claim=claim, edit_no=edit_no, by=by)
        return "yes"
    confirming.say_not_right(claim=claim, said=form.cleaned_data["said"], by=by, via="code")
    return "no"


# Confirmed on the phone ---------------------------------------------------------------------------


@both
def claim_confirm_phone(request: SignedInRequest, pk: int) -> HttpResponse:
    """A treasurer reads the claim out and writes down yes or no; never who entered it."""
    claims = Claim.objects.with_all()
    claim = fetch_permitted(request.user, claims, "expenses.confirm_by_phone", pk=pk)
    if claim.state != State.UNCONFIRMED:
        messages.info(request, "This claim doesn’t wait to be confirmed.")
        return redirect("expenses:claim_detail", pk=claim.pk)
    form = PhoneForm(request.POST or None, initial={"edit_no": claim.edit_no})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            if form.says_yes:
                confirming.confirm_by_phone(claim=claim, edit_no=said["edit_no"], by=request.user)
                messages.success(request, "Noted: they say it is right. It can be checked now.")
            else:
                confirming.say_not_right(
                    claim=claim, said=said["said"], by=request.user, via="phone"
                )
                messages.success(request, f"Noted. {claim.entered_by} puts it right with them.")
        except TransitionNotAllowed as refused:
            form = PhoneForm(initial={"edit_no": claim.edit_no})
            messages.error(request, str(refused))
        else:
            return redirect("expenses:claim_detail", pk=claim.pk)
    changed = confirming.changed_by_enterer([claim])[claim.pk]
    context = {"claim": claim, "form": form, "changed": changed}
    return render(request, "expenses/claim_phone.html", context)


# Letters that somebody else must print ------------------------------------------------------------


def code_letters(request: SignedInRequest) -> HttpResponse:
    """The letters with a code, which whoever entered the claim may not print."""
    require(request.user, "expenses.print_codes")
    letters = printing.held_from_others(request.user)
    claims = confirming.claims_of(letters)
    known, changed = {claim.pk: claim for claim in claims}, confirming.changed_by_enterer(claims)
    rows = [
        {"letter": letter, "claim": claim, "changed": changed[claim.pk]}
        for letter in letters
        if (claim := known.get(letter.ids.get("claim", 0))) is not None
    ]
    return render(request, "expenses/code_letters.html", {"rows": rows})


def code_letters_pdf(request: SignedInRequest) -> HttpResponse:
    """The same as one PDF."""
    require(request.user, "expenses.print_codes")
    made = printing.in_one(printing.held_from_others(request.user), by=request.user)
    if made is None:
        messages.info(request, "There are no letters to print.")
        return redirect("expenses:code_letters")
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="letters.pdf"'
    return response


@require_POST
def code_letters_posted(request: SignedInRequest) -> HttpResponse:
    """Mark those that were on the page as posted."""
    require(request.user, "expenses.print_codes")
    wanted = set(request.POST.getlist("m"))
    letters = [m for m in printing.held_from_others(request.user) if str(m.pk) in wanted]
    if not letters:
        raise Http404
    posted = mark_posted(messages=letters, by=request.user)
    words = "1 letter is" if posted == 1 else f"{posted} letters are"
    messages.success(request, f"{words} marked as posted.")
    return redirect("expenses:code_letters")
