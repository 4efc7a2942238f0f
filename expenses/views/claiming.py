"""A claim page by page: photo, travel, other costs, a last look. Every page is kept as typed."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.templatetags.forum import day_month, weekday_month
from coprod.templatetags.forum import pence as in_pounds
from coprod.views import fetch_permitted
from expenses import answers, sums
from expenses.forms import claiming as forms
from expenses.models import BankDetails, Claim, Line, Policy
from expenses.pricing import care_hours, tax_year
from expenses.services import confirming, sending
from expenses.services.lines import RateBook, miles_elsewhere
from expenses.services.miles import declare_miles, years_to_ask
from expenses.services.receipts import ReceiptRefused, store_receipt
from expenses.turns import turn_of
from members.http import SignedInRequest

CHANGE = "expenses.change_claim"
TITLES = {
    "photo": "Photo of the receipt",
    "travel": "How did you travel?",
    "costs": "What else did it cost?",
    "check": "Is this right?",
}


def _claim(request: SignedInRequest, pk: int) -> Claim:
    """One that they write or wrote. Raises Http404, PermissionDenied."""
    claims = Claim.objects.select_related("person", "entered_by", "meeting")
    claims = claims.prefetch_related("lines", "receipts")
    return fetch_permitted(request.user, claims, CHANGE, pk=pk)


def _elsewhere(request: SignedInRequest, claim: Claim) -> HttpResponse:
    """Where a claim is that isn't a draft any more."""
    if request.method == "POST":
        messages.info(request, Claim.REFUSALS["change"])
    return redirect(claim)


def _context(request: SignedInRequest, claim: Claim, page: str, **more: Any) -> dict[str, Any]:
    number = answers.PAGES.index(page) + 1
    back = answers.PAGES[number - 2] if number > 1 else ""
    return {
        "claim": claim,
        "title": TITLES[page],
        "number": number,
        "count": len(answers.PAGES),
        "back_url": reverse(f"expenses:claim_{back}", args=[claim.pk])
        if back
        else reverse("expenses:claim_list"),
        "back_label": TITLES[back] if back else "Money back",
        "whose": "" if claim.person_id == request.user.pk else claim.person.name,
        **more,
    }


def _next(claim: Claim) -> HttpResponse:
    """The first page that hasn't been seen yet, else the last look."""
    for page in answers.PAGES:
        if page == "check" or not answers.is_kept(claim.typed, page):
            return redirect(f"expenses:claim_{page}", pk=claim.pk)
    raise AssertionError("the last page is always there")


def _keep(
    request: SignedInRequest, claim: Claim, page: str, form: forms.ClaimPage
) -> HttpResponse | None:
    """Keep what was typed; where to go on, or None while something isn't right."""
    rows = form.rows()
    if isinstance(form, forms.TravelForm) and rows is not None:
        _note_miles(request, claim, form)
    claim, problem = sending.save_page(
        claim=claim, page=page, said=form.said(), rows=rows, by=request.user
    )
    if problem and rows and form.policy:
        sending.save_page(claim=claim, page=page, said=form.said(), rows=None, by=request.user)
        form.add_error(None, problem)
        rows = None
    if "later" in request.POST:
        messages.success(request, f"Your claim {claim.reference} is kept. Go on whenever you like.")
        return redirect("expenses:claim_list")
    return _next(claim) if rows is not None else None


def _note_miles(request: SignedInRequest, claim: Claim, form: forms.TravelForm) -> None:
    if form.miles_elsewhere is not None:
        declare_miles(
            person=claim.person,
            year=tax_year(claim.on),
            miles=form.miles_elsewhere,
            by=request.user,
        )


def _data(request: SignedInRequest, claim: Claim, page: str) -> Any:
    """What the form is bound to: what was sent, or what was kept though it wasn't right."""
    if request.method == "POST":
        return request.POST
    is_wrong = answers.is_kept(claim.typed, page) and claim.typed[page].get("rows") is None
    return answers.said(claim.typed, page) if is_wrong else None


# The receipt --------------------------------------------------------------------------------------


def claim_photo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Photos first. Valid ones stay even where another is refused."""
    claim = _claim(request, pk)
    if claim.state != Claim.State.DRAFT:
        return _elsewhere(request, claim)
    form = forms.PhotoForm(
        _data(request, claim, "photo"),
        request.FILES if request.method == "POST" else None,
        claim=claim,
        policy=None,
        initial=answers.said(claim.typed, "photo"),
    )
    if request.method == "POST":
        refused = _store(request, claim)
        try:
            response = _keep(request, claim, "photo", form)
        except TransitionNotAllowed:
            return _elsewhere(request, claim)
        for words in refused:
            form.add_error("photos", words)
        if response is not None and not refused:
            return response
        claim = _claim(request, pk)
    return render(
        request, "expenses/claim_photo.html", _context(request, claim, "photo", form=form)
    )


def _store(request: SignedInRequest, claim: Claim) -> list[str]:
    """Keep each file that can be kept; for the others, their name and what is wrong."""
    refused = []
    for upload in request.FILES.getlist("photos"):
        try:
            store_receipt(claim=claim, upload=upload, by=request.user)
        except ReceiptRefused as refusal:
            refused.append(f"{(upload.name or 'File')[:60]}: {refusal}")
    return refused


# Travel, and what else it cost --------------------------------------------------------------------


def claim_travel(request: SignedInRequest, pk: int) -> HttpResponse:
    """How they came; what they put last time stands there already."""
    claim, book = _claim(request, pk), RateBook()
    initial, last = answers.said(claim.typed, "travel"), ""
    if not answers.is_kept(claim.typed, "travel"):
        initial = _as_last_time(claim)
        last = initial.get("miles", "")
    form = forms.TravelForm(
        _data(request, claim, "travel"),
        claim=claim,
        policy=book.governing(claim.on),
        initial=initial,
        last_miles=last,
        asks_miles=_asks_miles(claim),
    )
    return _money_page(request, claim, "travel", form, book)


def _asks_miles(claim: Claim) -> bool:
    """Once in a tax year: whether they drove for others too, which the yearly band counts."""
    year = tax_year(claim.on)
    return year in years_to_ask() and miles_elsewhere(claim.person, year) is None


def _as_last_time(claim: Claim) -> dict[str, str]:
    """How they came last time, to the same place where they were there before."""
    kinds = [*Line.BY_MILE, Line.Kind.TRANSPORT, Line.Kind.TAXI]
    found = Line.objects.standing().filter(claim__person=claim.person, kind__in=kinds)
    before = list(found.select_related("claim__meeting").order_by("-claim__sent_at")[:20])
    place = claim.meeting.place if claim.meeting else ""
    same = [line for line in before if line.claim.meeting and line.claim.meeting.place == place]
    for line in [*same, *before][:1]:
        miles = f"{line.miles.normalize():f}" if line.miles else ""
        return {"by": str(line.kind), **({"miles": miles} if miles else {})}
    return {}


def claim_costs(request: SignedInRequest, pk: int) -> HttpResponse:
    """Childcare and other costs; most people press the button."""
    claim, book = _claim(request, pk), RateBook()
    policy = book.governing(claim.on)
    form = forms.CostsForm(
        _data(request, claim, "costs"),
        claim=claim,
        policy=policy,
        initial=answers.said(claim.typed, "costs"),
        care_hours=_hours_of(claim, policy),
    )
    return _money_page(request, claim, "costs", form, book)


def _hours_of(claim: Claim, policy: Policy | None) -> Decimal | None:
    """Hours of care that the meeting may have taken."""
    if claim.meeting is None or policy is None:
        return None
    return care_hours(claim.meeting.starts_at, claim.meeting.ends_at, policy.care_minutes)


def _money_page(
    request: SignedInRequest, claim: Claim, page: str, form: forms.ClaimPage, book: RateBook
) -> HttpResponse:
    """A page whose boxes come to a sum; ``?sum`` answers that sum alone and keeps nothing."""
    if claim.state != Claim.State.DRAFT:
        return _elsewhere(request, claim)
    if request.method == "POST" and "sum" in request.GET:
        context = {"sum": _sum_with(claim, page, form, book)}
        return render(request, "expenses/_claim_sum.html", context)
    if request.method == "POST":
        try:
            response = _keep(request, claim, page, form)
        except TransitionNotAllowed:
            return _elsewhere(request, claim)
        if response is not None:
            return response
        claim = _claim(request, claim.pk)
    total = sums.sum_of(claim.lines.all(), form.policy)
    if not form.is_bound and form.initial and not answers.is_kept(claim.typed, page):
        total = _sum_with(claim, page, form, book)
    context = _context(request, claim, page, form=form, sum=total)
    return render(request, f"expenses/claim_{page}.html", context)


def _sum_with(claim: Claim, page: str, form: forms.ClaimPage, book: RateBook) -> sums.Sum:
    """What it would come to with the boxes of this page as they are, other pages as kept."""
    said, rows = form.said(), None
    if form.is_bound:
        rows = form.rows()
    elif "miles" in form.initial:
        rows = [{"kind": form.initial["by"], "miles": Decimal(form.initial["miles"])}]
    typed = {**claim.typed, page: answers.kept(said, rows)}
    return sums.ahead(claim, answers.rows_of(typed, claim.on), book)


# The last look ------------------------------------------------------------------------------------


def claim_check(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everything with its workings, how to be paid, and the button that sends it."""
    claim = _claim(request, pk)
    if claim.state != Claim.State.DRAFT:
        return _elsewhere(request, claim)
    if wrong := answers.wrong_page(claim.typed):
        return redirect(f"expenses:claim_{wrong}", pk=pk)
    book = RateBook()
    lines, problem = sums.lines_now(claim, book)
    policy, account = book.governing(claim.on), _account_of(claim)
    form = _check_form(request, claim, lines, policy, account)
    if request.method == "POST":
        response = _send(request, claim, form)
        if response is not None:
            return response
        claim = _claim(request, pk)
        lines, problem = sums.lines_now(claim, book)
    context = _context(
        request,
        claim,
        "check",
        form=form,
        sum=sums.sum_of(lines, policy, problem),
        rows=list(_rows(claim, lines)),
        why=answers.why_no_receipt(claim.typed),
        has_bank=account is not None,
    )
    return render(request, "expenses/claim_check.html", context)


def _account_of(claim: Claim) -> BankDetails | None:
    return BankDetails.objects.filter(person=claim.person).first()


def _check_form(
    request: SignedInRequest,
    claim: Claim,
    lines: list[Line],
    policy: Policy | None,
    account: BankDetails | None,
) -> forms.CheckForm:
    """Asks only for what is missing: a reason for no receipt, a reason for being late."""
    wanting = any(answers.needs_receipt(line) and not line.no_receipt for line in lines)
    late = policy is not None and sending.is_late(claim, policy, clocks.today())
    is_own = claim.person_id == request.user.pk
    kept = {"pay_by": claim.pay_by, "late_reason": claim.late_reason}
    return forms.CheckForm(
        request.POST if request.method == "POST" else None,
        claim=claim,
        policy=policy,
        initial={**answers.said(claim.typed, "check"), **kept, "seen": _total(lines)},
        needs_why=wanting and not claim.receipts.all(),
        late_by=_late_words(policy) if late and policy else "",
        account=account.masked if account else "",
        whose="" if is_own else claim.person.name,
    )


def _total(lines: list[Line]) -> int:
    return sum(line.pence for line in lines)


def _late_words(policy: Policy) -> str:
    return (
        f"It is more than {policy.window_days} days ago. That doesn’t mean no: the treasurer "
        "reads your reason and decides."
    )


def _send(request: SignedInRequest, claim: Claim, form: forms.CheckForm) -> HttpResponse | None:
    """Keep what was typed and send it; None where something is still to be put right."""
    is_right = form.is_valid()
    try:
        if form.cleaned_data.get("why"):
            said = {"none": "on", "why": form.cleaned_data["why"]}
            sending.save_page(claim=claim, page="photo", said=said, rows=[], by=request.user)
        claim, _ = sending.save_page(
            claim=claim, page="check", said=form.said(), rows=[], by=request.user
        )
        if "later" in request.POST:
            words = f"Your claim {claim.reference} is kept. Go on whenever you like."
            messages.success(request, words)
            return redirect("expenses:claim_list")
        if not is_right:
            return None
        seen = form.cleaned_data["seen"]
        if claim.is_for_another:
            confirming.hand_over(claim=claim, by=request.user, seen=seen)
        else:
            sending.send_claim(claim=claim, by=request.user, seen=seen)
    except sending.SumChanged as change:
        form.data = {**form.data.dict(), "seen": str(change.pence)}  # type: ignore[attr-defined]
        form.add_error(None, str(change))
        return None
    except TransitionNotAllowed as refusal:
        claim.refresh_from_db()
        if claim.state != Claim.State.DRAFT:  # pressed twice: it is there
            return redirect("expenses:claim_sent", pk=claim.pk)
        form.add_error(None, str(refusal))
        return None
    return redirect("expenses:claim_sent", pk=claim.pk)


def _rows(claim: Claim, lines: list[Line]) -> Any:
    """The lines to check, each with a link to the page that changes it."""
    for line in lines:
        travel = line.kind in (*Line.BY_MILE, "transport", "taxi", "parking")
        page = "travel" if travel or (line.kind == "other" and _is_travel(claim, line)) else "costs"
        label = line.what if line.kind == "other" and line.what else line.get_kind_display()
        yield {
            "label": label,
            "sum": in_pounds(line.pence),
            "notes": list(_notes(line)),
            "url": reverse(f"expenses:claim_{page}", args=[claim.pk]),
            "change": label[:1].lower() + label[1:],
        }


def _is_travel(claim: Claim, line: Line) -> bool:
    rows = claim.typed.get("travel", {}).get("rows") or []
    return any(row["kind"] == "other" and row.get("what") == line.what for row in rows)


def _notes(line: Line) -> Any:
    """How the sum came about, and what was said of it."""
    if line.workings:
        yield line.workings
    if line.hours and not line.workings:
        yield f"{line.hours.normalize():f} hours"
    if line.with_whom:
        yield f"With {line.with_whom}"
    if line.by_relative:
        yield "By a relative who doesn’t live with you"
    if line.reason:
        yield line.reason


def claim_sent(request: SignedInRequest, pk: int) -> HttpResponse:
    """It has arrived: its number, the sum, and what happens next and when."""
    claim = _claim(request, pk)
    if claim.state == Claim.State.DRAFT:
        return redirect("expenses:claim_check", pk=pk)
    context = {
        "claim": claim,
        "turn": turn_of(claim, request.user),
        "steps": _steps(claim),
        "whose": "" if claim.person_id == request.user.pk else claim.person.name,
        "lacks_bank": claim.pay_by == Claim.PayBy.BANK
        and not BankDetails.objects.filter(person=claim.person).exists(),
    }
    return render(request, "expenses/claim_sent.html", context)


def _steps(claim: Claim) -> list[dict[str, str]]:
    """What happens next and when, as far as it is known on the first day."""
    clock, waits = claim.clock, claim.state == Claim.State.UNCONFIRMED
    sent = day_month(claim.sent_at)
    steps = [{"label": "Sent", "when": sent, "state": "done"}]
    first = claim.person.first_name
    if waits:
        words = "Then it is checked and paid"
        steps = [{"label": "Entered", "when": sent, "state": "done"}]
        steps.append({"label": f"{first} says that it is right", "when": words, "state": "now"})
    checked = claim.state in (Claim.State.APPROVED, Claim.State.PAYING, Claim.State.PAID)
    now = "next" if waits else "done" if checked else "now"
    who = "By two people" if claim.needs_two else "By the treasurer"
    steps.append({"label": "Checked", "when": who, "state": now})
    by = f"By {weekday_month(clock.due_on)}" if clock and not claim.is_held else ""
    held = "If the treasurer says that a late claim can be paid" if claim.is_held else ""
    paid = "done" if claim.state == Claim.State.PAID else "now" if checked else "next"
    label = f"Money with {first}" if waits else "Money with you"
    return [*steps, {"label": label, "when": "" if waits else by or held, "state": paid}]


# Changing what was sent ---------------------------------------------------------------------------


def claim_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take what was sent back to change it: what that means, and the button."""
    claim = _claim(request, pk)
    if claim.state == Claim.State.DRAFT:
        return redirect("expenses:claim_check", pk=pk)
    if request.method == "POST":
        try:
            sending.edit_claim(claim=claim, by=request.user)
        except TransitionNotAllowed as refusal:
            messages.error(request, str(refusal))
            return redirect(claim)
        messages.success(request, "Change what you like, then send it again.")
        return redirect("expenses:claim_check", pk=pk)
    if not claim.can("edit"):
        messages.info(request, Claim.REFUSALS["edit"])
        return redirect(claim)
    return render(request, "expenses/claim_edit.html", {"claim": claim})
