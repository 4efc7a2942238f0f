"""Planning a year: the pattern, its dates, and announcing them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from coprod import clocks, letters, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.forms import DAY_NAMES, MONTH_NAMES, read_date
from coprod.views import require
from meetings import planner
from meetings.emails import calendar as emails
from meetings.forms import calendar as forms
from meetings.models import ClosedPeriod, Meeting, Series
from meetings.services import series as services


def row_number(text: str) -> int:
    """A row's number from an address; nought, which no row has, for anything else."""
    return int(text) if text.isdecimal() and len(text) < 18 else 0


def plan_pattern(request: HttpRequest) -> HttpResponse:
    """How often, for whom, when and where; ``?series=`` plans a further year of one."""
    require(request.user, "meetings.plan_year")
    series = None
    if number := request.GET.get("series", ""):
        series = get_object_or_404(Series, pk=row_number(number))
    form = forms.PatternForm(
        request.POST or None, instance=series, initial={"first_date": _next_first(series)}
    )
    if request.method == "POST" and form.is_valid():
        services.save_series(series=form.instance, by=request.user)
        first = form.cleaned_data["first_date"]
        return redirect(f"{reverse('meetings:plan_dates', args=[form.instance.pk])}?from={first}")
    kept = list(Series.objects.order_by("name")) if series is None else []
    return render(
        request, "meetings/plan_pattern.html", {"form": form, "series": series, "kept": kept}
    )


def _next_first(series: Series | None) -> date | None:
    """When a series would go on after its last announced meeting."""
    if series is None:
        return None
    last = series.meetings.filter(announced_at__isnull=False).order_by("-date").first()
    if last is None:
        return None
    if series.every_months:
        return planner.same_weekday(last.date, series.every_months)
    return last.date + timedelta(weeks=series.every_weeks)


def _against(series: Series, days: Sequence[date]) -> planner.Against:
    """What can speak against these days, and against those that they could move to."""
    first, last = days[0], days[-1] + timedelta(weeks=planner.SEARCH_WEEKS)
    near = Meeting.objects.taking_place().filter(date__range=(first, last))
    others = near.exclude(series=series)
    own = near.filter(series=series, announced_at__isnull=False)
    return planner.Against(
        closed=list(ClosedPeriod.objects.touching(first, last)),
        others=dict(others.values_list("date", "title")),
        own=frozenset(own.values_list("date", flat=True)),
        today=clocks.today(),
    )


def _proposals(series: Series, first: date | None) -> list[planner.Proposal]:
    """From the pattern, or from the dates that wait unannounced where no first one is named."""
    if first:
        days = planner.dates_of_year(first, series.every_weeks, series.every_months)
    else:
        waiting = series.meetings.filter(announced_at__isnull=True, invited_at__isnull=True)
        days = sorted(waiting.values_list("date", flat=True))
    if not days:
        return []
    return planner.propose(days, series.starts, series.ends, _against(series, days))


def _asked_first(request: HttpRequest) -> date | None:
    try:
        return read_date(request.GET.get("from", ""))
    except ValidationError:
        return None


def plan_dates(request: HttpRequest, pk: int) -> HttpResponse:
    """Twelve months of dates, what was found about each, and what to do."""
    require(request.user, "meetings.plan_year")
    series = get_object_or_404(Series, pk=pk)
    if request.method == "POST" and ("close" in request.POST or "open" in request.POST):
        closed_form = _change_closed(request)
        if closed_form is None:
            return redirect(request.get_full_path() + "#closed")
    else:
        closed_form = forms.ClosedPeriodForm()
    proposals = _proposals(series, _asked_first(request))
    if not proposals:
        return redirect(f"{reverse('meetings:plan_pattern')}?series={series.pk}")
    chosen = request.POST if request.method == "POST" and "use" in request.POST else None
    dates_form = forms.DatesForm(chosen, proposals=proposals)
    if chosen is not None and dates_form.is_valid():
        services.use_dates(series=series, dates=dates_form.cleaned_data["dates"], by=request.user)
        return redirect("meetings:plan_publish", pk=series.pk)
    others = _others(proposals, series)
    return render(
        request,
        "meetings/plan_dates.html",
        {
            "series": series,
            "kept": _asked_first(request) is None,
            "closed_form": closed_form,
            "form": dates_form if dates_form.is_bound else closed_form,
            "dates_form": dates_form,
            "proposals": proposals,
            "summary": planner.in_words(proposals),
            "rhythm": planner.say_rhythm(series.every_weeks, series.every_months, proposals[0].day),
            "months": _months(proposals, series, others),
            "others": bool(others),
            "closed": _closed_near(proposals),
            "shared_weekday": _shared_weekday([p.day for p in proposals]),
            "counts": _told_in_words(series, [p.move_to or p.day for p in proposals]),
        },
    )


def _told_in_words(series: Series, days: Sequence[date]) -> str:
    """``25 e-mails and 1 phone call``; empty when every day has passed, for nobody is told."""
    if max(days) < clocks.today():
        return ""
    return outbox.in_words(outbox.counts(services.told_of(series.audience)))


def _change_closed(request: HttpRequest) -> forms.ClosedPeriodForm | None:
    """Add or take away closed days; the form again when it has errors."""
    if number := request.POST.get("open", ""):
        period = ClosedPeriod.objects.filter(pk=row_number(number)).first()
        if period:
            services.open_days(period=period, by=request.user)
            messages.success(request, f"{period.name} is taken away. The dates are checked again.")
        return None
    form = forms.ClosedPeriodForm(request.POST)
    if not form.is_valid():
        return form
    fields = form.cleaned_data
    services.close_days(
        name=fields["name"],
        first_day=fields["first_day"],
        last_day=fields["last_day"],
        by=request.user,
    )
    messages.success(request, f"{fields['name']} is added. The dates are checked again.")
    return None


def _closed_near(proposals: Sequence[planner.Proposal]) -> list[ClosedPeriod]:
    """The closed days between the first date and the end of its twelve months."""
    first, last = proposals[0].day, planner.twelve_months_after(proposals[0].day)
    return list(ClosedPeriod.objects.touching(first, max(last, proposals[-1].day)))


def _shared_weekday(days: Sequence[date]) -> str:
    """``Wednesdays`` when all dates are, otherwise ``dates``."""
    names = {DAY_NAMES[day.weekday()] for day in days}
    return f"{names.pop()}s" if len(names) == 1 else "dates"


def _others(proposals: Sequence[planner.Proposal], series: Series) -> list[Meeting]:
    """Meetings already planned in these months, of this series and of others."""
    first, last = proposals[0].day.replace(day=1), proposals[-1].day
    near = Meeting.objects.taking_place().filter(
        date__range=(first, max(last, planner.twelve_months_after(first)))
    )
    return list(near.exclude(series=series, announced_at__isnull=True).order_by("date"))


def _months(
    proposals: Sequence[planner.Proposal], series: Series, others: Sequence[Meeting]
) -> list[dict[str, Any]]:
    """The year at a glance: the months from the first date's to the last one's, twelve at least.

    What is planned already stands in it too, so that two series are seen beside each other.
    """
    first, last = proposals[0].day, proposals[-1].day
    count = max(12, (last.year - first.year) * 12 + last.month - first.month + 1)
    marks = [_mark(p.day, series.audience, p.finding.level) for p in proposals]
    marks += [_mark(m.date, m.audience, "", f"{m.title}, planned already") for m in others]
    marks.sort(key=lambda mark: mark["date"])
    months = []
    for offset in range(count):
        year, month = divmod(first.month - 1 + offset, 12)
        here = (first.year + year, month + 1)
        inside = [m for m in marks if (m["date"].year, m["date"].month) == here]
        months.append({"label": MONTH_NAMES[month][:3], "marks": inside})
    return months


def _mark(day: date, audience: str, level: str, title: str = "") -> dict[str, Any]:
    return {
        "date": day,
        "day": day.day,
        "kind": "parents" if audience == "parents" else "services",
        "state": level if level in (planner.CLASH, planner.LOOK) else "",
        "title": title,
    }


def plan_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """The one message with every date; pressing the button announces them."""
    require(request.user, "meetings.plan_year")
    series = get_object_or_404(Series, pk=pk)
    if request.method == "POST":
        try:
            announced = services.announce_year(series=series, by=request.user)
        except TransitionNotAllowed as refusal:
            messages.info(request, str(refusal))
        else:
            said = "date is" if len(announced) == 1 else "dates are"
            how = "announced, with one message each" if _coming(announced) else "listed"
            end = "" if _coming(announced) else " Nothing was sent."
            messages.success(request, f"{len(announced)} {said} {how}.{end}")
        return redirect("meetings:meeting_list")
    waiting = list(series.meetings.filter(announced_at__isnull=True).order_by("date", "starts"))
    if not waiting:
        return redirect("meetings:plan_dates", pk=series.pk)
    against = _against(series, [meeting.date for meeting in waiting])
    coming = _coming(waiting)
    people = services.told_of(series.audience) if coming else []
    tally = outbox.counts(people)
    return render(
        request,
        "meetings/plan_publish.html",
        {
            "series": series,
            "rows": [(m, planner.check(m.date, m.starts, m.ends, against)) for m in waiting],
            "counts": outbox.in_words(tally),
            "people": people,
            "words": letters.words(
                "meetings/announcement", emails.announcement_context(series, coming, None)
            )
            if coming
            else None,
        },
    )


def _coming(meetings: Sequence[Meeting]) -> list[Meeting]:
    """Those that aren't over: nobody is told of a day that has passed."""
    return [meeting for meeting in meetings if meeting.date >= clocks.today()]
