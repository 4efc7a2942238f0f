"""Who was there: the list of those that somebody has to vouch for, and the answer. HTTP only.

Neither sums nor receipts stand here.
"""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from coprod.exceptions import TransitionNotAllowed
from coprod.views import fetch_permitted, require
from expenses.forms.deciding import AttendanceForm
from expenses.models import AttendanceCheck
from expenses.services import attendance as services
from members.http import SignedInRequest

PER_PAGE = 50
#: While a claim is in one of these an answer can be put right.
CHANGES = ("submitted", "questioned")


@require_safe
def attendance_list(request: SignedInRequest) -> HttpResponse:
    """Whom the register doesn't show, the oldest claim first; then what was answered lately."""
    require(request.user, "expenses.list_attendance")
    seen = AttendanceCheck.objects.visible_to(request.user).select_related(
        "claimant", "claim__meeting", "claim__person", "answered_by"
    )
    waiting = seen.open().order_by("claim__sent_at", "pk")
    page = Paginator(waiting, PER_PAGE).get_page(request.GET.get("page"))
    answered = seen.exclude(answer__in=["", AttendanceCheck.Answer.REGISTER])
    lately = list(answered.order_by("-answered_at")[:20])
    shown = [check.pk for check in (*page, *lately)]
    theirs = AttendanceCheck.objects.filter(pk__in=shown).asked_of(request.user)
    mine = set(theirs.values_list("pk", flat=True))
    context = {
        "rows": [(check, check.pk in mine) for check in page],
        "page": page,
        "answered": [
            (check, check.claim.state in CHANGES and check.pk in mine) for check in lately
        ],
    }
    return render(request, "expenses/attendance_list.html", context)


@require_http_methods(["GET", "POST"])
def attendance_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Was there, or wasn't. It declines nothing: whoever decides reads it."""
    seen = AttendanceCheck.objects.select_related("claimant", "claim__meeting", "claim__person")
    check = fetch_permitted(request.user, seen, "expenses.check_attendance", pk=pk)
    initial = {"note": check.note}
    if check.answer:
        there = check.answer != AttendanceCheck.Answer.NOT_THERE
        initial["there"] = "yes" if there else "no"
    form = AttendanceForm(request.POST or None, claim=check.claim, initial=initial)
    if request.method == "POST" and form.is_valid():
        there = form.cleaned_data["there"] == "yes"
        try:
            services.answer_attendance(
                check=check, there=there, note=form.cleaned_data["note"], by=request.user
            )
        except TransitionNotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Saved. Thank you: whoever decides reads it.")
            return redirect("expenses:attendance_list")
    return render(request, "expenses/attendance_answer.html", {"check": check, "form": form})
