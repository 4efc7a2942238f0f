"""What one asks back: one's own claims, whose turn it is with each, and what one can ask for."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.views import require
from expenses import version
from expenses.forms.claiming import BeginForm
from expenses.models import Claim, Policy
from expenses.services.advances import left_of
from expenses.services.sending import begin_claim, open_to_claim
from expenses.turns import turn_of
from meetings.models import Invitation
from members.http import SignedInRequest

#: Claims on one page of a long list; meetings offered at once, and of earlier days.
MOST, OFFERED, EARLIER = 20, 12, 12
#: What a version says of thank-yous, which stands on pages of its own.
THANKS = "Thank-yous and time"


def claim_list(request: SignedInRequest) -> HttpResponse:
    """What one can ask for now, what one began, and one's own claims, newest first."""
    require(request.user, "expenses.claim")
    claims = Claim.objects.visible_to(request.user).select_related(
        "person", "entered_by", "meeting"
    )
    claims = claims.prefetch_related("lines")
    mine = claims.filter(person=request.user)
    page = Paginator(mine.exclude(state="draft"), MOST).get_page(request.GET.get("page"))
    for claim in page:
        claim.turn = turn_of(claim, request.user)  # type: ignore[attr-defined]
    begun, entered = _entered(request, claims)
    for claim in entered:
        claim.turn = turn_of(claim, request.user)  # type: ignore[attr-defined]
    rates = Policy.objects.governing(clocks.today())
    offers = _offers(request, rates) if page.number == 1 else []
    context = {
        "offers": [offer for offer in offers if not offer["is_late"]][:OFFERED],
        "earlier": [offer for offer in offers if offer["is_late"]][:EARLIER],
        "drafts": begun if page.number == 1 else [],
        "page": page,
        "entered": entered,
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
        "prev_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "rates": rates,
        "in_advance": left_of(request.user),
        "pays": [part for part in version.rows(rates) if part[0] != THANKS] if rates else [],
        "year": clocks.today().year,
    }
    return render(request, "expenses/claim_list.html", context)


def _entered(request: SignedInRequest, claims: Any) -> tuple[list[Claim], list[Claim]]:
    """What they began for themselves, and what they entered for others; one question.

    What a coordinator writes for them isn't among it: that comes by letter.
    """
    wanted = Q(person=request.user, state="draft") | ~Q(person=request.user)
    found = list(claims.filter(wanted, entered_by=request.user)[: 2 * MOST])
    own = [claim for claim in found if claim.person_id == request.user.pk]
    others = [claim for claim in found if claim.person_id != request.user.pk]
    return own[:MOST], others[:MOST]


def _offers(request: SignedInRequest, policy: Policy | None) -> list[dict[str, Any]]:
    """Meetings that somebody can ask money back for, newest first, the late ones marked."""
    window = policy.window_days if policy else None
    offers = []
    for invitation in open_to_claim(request.user)[: OFFERED + EARLIER]:
        meeting = invitation.meeting
        age = (clocks.today() - meeting.date).days
        offers.append(
            {
                "meeting": meeting,
                "was_there": invitation.attended,
                "is_late": window is not None and age > window,
                "key": uuid.uuid4(),
            }
        )
    return offers


def claim_begin(request: SignedInRequest) -> HttpResponse:
    """Begin a claim: for a meeting that one was at, or for something else on a day."""
    require(request.user, "expenses.claim")
    if request.method == "POST" and request.POST.get("meeting"):
        return _begin_for_meeting(request)
    data = request.POST if request.method == "POST" else None
    form = BeginForm(data, initial={"key": uuid.uuid4()})
    form.keep = "claim/new"
    if request.method == "POST" and form.is_valid():
        try:
            claim = begin_claim(person=request.user, by=request.user, **form.cleaned_data)
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("expenses:claim_photo", pk=claim.pk)
    return render(request, "expenses/claim_begin.html", {"form": form})


def _begin_for_meeting(request: SignedInRequest) -> HttpResponse:
    """Only for a meeting that one was invited to; one that is claimed already leads there."""
    pk = request.POST["meeting"]
    found = Invitation.objects.select_related("meeting").filter(person=request.user)
    invitation = get_object_or_404(found, meeting=pk if pk.isdecimal() and len(pk) < 18 else 0)
    asked = Claim.objects.filter(person=request.user, meeting=invitation.meeting)
    known = asked.exclude(state__in=["draft", "withdrawn"]).first()
    if known is not None:
        messages.info(request, "You have asked money back for this meeting already: here it is.")
        return redirect(known)
    try:
        key = uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        key = uuid.uuid4()
    try:
        claim = begin_claim(
            person=request.user, key=key, by=request.user, meeting=invitation.meeting
        )
    except TransitionNotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("expenses:claim_list")
    if claim.typed:
        return redirect("expenses:claim_check", pk=claim.pk)
    return redirect("expenses:claim_photo", pk=claim.pk)
