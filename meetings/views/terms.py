"""Days when nobody should meet: the list, one period, and importing term dates."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from coprod import clocks
from coprod.templatetags.forum import plural
from coprod.views import require
from meetings import terms
from meetings.forms import terms as forms
from meetings.forms.calendar import ClosedPeriodForm
from meetings.models import ClosedPeriod
from meetings.services import series
from meetings.services import terms as services


def _period(request: HttpRequest, pk: int) -> ClosedPeriod:
    require(request.user, "meetings.plan_year")
    return get_object_or_404(ClosedPeriod, pk=pk)


def closed_list(request: HttpRequest) -> HttpResponse:
    """What is coming, what is over, which meetings fall on it; a form for one more."""
    require(request.user, "meetings.plan_year")
    form = ClosedPeriodForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        series.close_days(
            name=fields["name"],
            first_day=fields["first_day"],
            last_day=fields["last_day"],
            by=request.user,
        )
        messages.success(request, f"{fields['name']} is on the list.")
        return redirect("meetings:closed_list")
    periods = list(ClosedPeriod.objects.order_by("first_day", "last_day"))
    coming = [period for period in periods if period.last_day >= clocks.today()]
    context = {
        "form": form,
        "coming": coming,
        "over": [period for period in periods if period.last_day < clocks.today()][::-1],
        "imports": _imports(periods),
        "clashes": services.meetings_on(coming),
    }
    return render(request, "meetings/closed_list.html", context)


def _imports(periods: list[ClosedPeriod]) -> list[dict[str, Any]]:
    """Each import once, newest first, with how many of its periods are still as they came."""
    found: dict[tuple[Any, str], list[ClosedPeriod]] = {}
    for period in periods:
        if period.imported_from:
            found.setdefault((period.created_at, period.imported_from), []).append(period)
    return [
        {"source": key[1], "at": key[0], "count": len(found[key]), "pk": found[key][0].pk}
        for key in sorted(found, reverse=True)
    ]


def closed_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one period."""
    period = _period(request, pk)
    form = forms.ClosedEditForm(request.POST or None, instance=period)
    name = period.name
    if request.method == "POST" and form.is_valid():
        services.change_closed_days(period=period, by=request.user, fields=form.changed_data)
        messages.success(request, f"{period.name} is saved.")
        return redirect("meetings:closed_list")
    return render(
        request, "meetings/closed_edit.html", {"form": form, "period": period, "name": name}
    )


def closed_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take one period away."""
    period = _period(request, pk)
    if request.method == "POST":
        series.open_days(period=period, by=request.user)
        messages.success(request, f"{period.name} is taken away.")
        return redirect("meetings:closed_list")
    return render(request, "meetings/closed_delete.html", {"period": period})


def closed_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take a whole import away."""
    period = _period(request, pk)
    if request.method == "POST":
        count = services.undo_import(period=period, by=request.user)
        if count:
            said = plural(count, "period is,periods are")
            messages.success(request, f"The import is undone: {said} taken away.")
        else:
            messages.info(request, "These days were typed, so there is no import to undo.")
        return redirect("meetings:closed_list")
    context = {"period": period, "periods": services.import_of(period)}
    return render(request, "meetings/closed_undo.html", context)


# Importing ----------------------------------------------------------------------------------------


def closed_import(request: HttpRequest) -> HttpResponse:
    """Read what somebody sent, show each row as understood, then keep what is ticked."""
    require(request.user, "meetings.plan_year")
    form = forms.ImportForm(request.POST or None, request.FILES or None)
    rows: list[dict[str, Any]] | None = None
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        found = terms.read(text)
        if "import" in request.POST:
            done = _import(request, found, form.cleaned_data["source"])
            if done is not None:
                return done
            form.add_error(None, "Tick at least one row to put on the list")
        if not found:
            form.add_error("text", "There is no date in this that we can find")
        else:
            rows = _shown(found, request)
            form.again = True
        form = _with_text(form, text)
    context = {"form": form, "rows": rows, "most": terms.MOST_LINES}
    if rows is not None:
        context |= _summary(rows)
    return render(request, "meetings/closed_import.html", context)


def _import(request: HttpRequest, found: list[terms.Row], source: str) -> HttpResponse | None:
    ticked = set(request.POST.getlist("row"))
    rows = [row for row in found if row.code in ticked and row.may_keep]
    if not rows:
        return None
    done = services.import_closed_days(rows=rows, source=source, by=request.user)
    if done.added:
        said = plural(done.added, "period is,periods are")
        known = f" {done.known} were there already." if done.known else ""
        messages.success(request, f"{said} added from {source}.{known}")
    else:
        messages.info(request, "All of these days were on the list already. Nothing was added.")
    return redirect("meetings:closed_list")


def _shown(found: list[terms.Row], request: HttpRequest) -> list[dict[str, Any]]:
    """Each row with whether it is known, and whether it is ticked."""
    known = services.known_days()
    chosen = set(request.POST.getlist("row")) if "import" in request.POST else None
    rows = []
    for row in found:
        is_known = (row.first, row.last) in known
        may_keep = row.may_keep and not is_known
        is_over = bool(row.last and row.last < clocks.today())
        usual = row.level == terms.OK and not is_over
        rows.append(
            {
                "row": row,
                "known": is_known,
                "may_keep": may_keep,
                "over": is_over,
                "ticked": may_keep and (usual if chosen is None else row.code in chosen),
            }
        )
    return rows


def _summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "ready": sum(r["may_keep"] and r["ticked"] for r in rows),
        "to_look_at": sum(r["may_keep"] and r["row"].level == terms.LOOK for r in rows),
        "wrong": [r["row"] for r in rows if r["row"].problems],
        "known": sum(r["known"] for r in rows),
    }


def _with_text(form: forms.ImportForm, text: str) -> forms.ImportForm:
    """The form again with a file's lines in its box, so that they can be put right."""
    data: Any = dict(form.data.items())
    data["text"] = text
    form.data = data
    return form
