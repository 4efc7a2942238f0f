"""Actions of circulated minutes: what is open, what is late, and marking one as done."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from coprod.exceptions import TransitionNotAllowed
from coprod.views import require
from meetings.models import ActionItem
from meetings.publicity import status_of_action
from meetings.services import decisions

#: Rows on one page.
PAGE = 60


def action_list(request: HttpRequest) -> HttpResponse:
    """Open actions, the longest overdue first; or those that are done, newest first."""
    require(request.user, "meetings.finish_action")
    done = "done" in request.GET
    actions = ActionItem.objects.standing().filter(done_at__isnull=not done)
    actions = actions.order_by("-done_at") if done else actions.by_due()
    page = Paginator(actions, PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "action": action,
            "meeting": action.paragraph.section.minutes.meeting,
            "status": status_of_action(action),
        }
        for action in page.object_list
    ]
    context = {"rows": rows, "page": page, "done": done}
    return render(request, "meetings/action_list.html", context)


@require_POST
def action_finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as done, or take that back."""
    require(request.user, "meetings.finish_action")
    action = get_object_or_404(ActionItem.objects.standing(), pk=pk)
    try:
        if request.POST.get("do") == "undo":
            decisions.reopen_action(action=action, by=request.user)
            messages.success(request, "It’s open again.")
        else:
            decisions.finish_action(action=action, by=request.user)
            messages.success(request, f"Done: {action.text[:80]}")
    except TransitionNotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("meetings:action_list")
