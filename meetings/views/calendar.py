"""Planning a year, adding and changing meetings, inviting people."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from coprod import clocks, letters, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.forms import DAY_NAMES, MONTH_NAMES, read_date
from coprod.views import fetch_permitted, require
from meetings import planner
from meetings.emails import calendar as emails
from meetings.forms import calendar as forms
from meetings.models import ClosedPeriod, Meeting, Series
from meetings.services import attendance, calendar
from meetings.services.calendar import InviteePlan

# The year ---------------------------------------------------------------------------------------


def plan_pattern(request: HttpRequest) -> HttpResponse:
    """How often, for whom, when and where; ``?series=`` plans a further year of one."""
    require(request.user, "meetings.plan_year")
    series = None
    if number := request.GET.get("series", ""):
        series = get_object_or_404(Series, pk=_row_number(number))
    form = forms.PatternForm(
        request.POST or None, instance=series, initial={"first_date": _next_first(series)}
    )
    if request.method == "POST" and form.is_valid():
        calendar.save_series(series=form.instance, by=request.user)
        first = form.cleaned_data["first_date"]
        return redirect(f"{reverse('meetings:plan_dates', args=[form.instance.pk])}?from={first}")
    kept = list(Series.objects.order_by("name")) if series is None else []
    return render(
        request, "meetings/plan_pattern.html", {"form": form, "series": series, "kept": kept}
    )


def _row_number(text: str) -> int:
    """A row's number from an address; nought, which no row has, for anything else."""
    return int(text) if text.isdecimal() and len(text) < 18 else 0


def _next_first(series: Series | None) -> date | None:
    """When a series would go on after its last announced meeting."""
    if series is None:
        return None
    last = series.meetings.filter(announced_at__isnull=False).order_by("-date").first()
    return last.date + timedelta(weeks=series.every_weeks) if last else None


def _against(series: Series, days: Sequence[date]) -> planner.Against:
    """What can speak against these days, and against those that they could move to."""
    first, last = days[0], days[-1] + timedelta(weeks=planner.SEARCH_WEEKS)
    near = Meeting.objects.filter(date__range=(first, last))
    others = near.exclude(series=series)
    own = near.filter(series=series, announced_at__isnull=False)
    return planner.Against(
        closed=list(ClosedPeriod.objects.touching(first, last)),
        others=dict(others.values_list("date", "title")),
        own=frozenset(own.values_list("date", flat=True)),
    )


def _proposals(series: Series, first: date | None) -> list[planner.Proposal]:
    """From the pattern, or from the dates that wait unannounced where no first one is named."""
    if first:
        days = planner.dates_of_year(first, series.every_weeks)
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
        calendar.use_dates(series=series, dates=dates_form.cleaned_data["dates"], by=request.user)
        return redirect("meetings:plan_publish", pk=series.pk)
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
            "months": _months(proposals, series.audience),
            "closed": _closed_near(proposals),
            "shared_weekday": _shared_weekday([p.day for p in proposals]),
            "counts": _told_in_words(series, [p.move_to or p.day for p in proposals]),
        },
    )


def _told_in_words(series: Series, days: Sequence[date]) -> str:
    """``25 e-mails and 1 phone call``; empty when every day has passed, for nobody is told."""
    if max(days) < clocks.today():
        return ""
    return outbox.in_words(outbox.counts(calendar.told_of(series.audience)))


def _change_closed(request: HttpRequest) -> forms.ClosedPeriodForm | None:
    """Add or take away closed days; the form again when it has errors."""
    if number := request.POST.get("open", ""):
        period = ClosedPeriod.objects.filter(pk=_row_number(number)).first()
        if period:
            calendar.open_days(period=period, by=request.user)
            messages.success(request, f"{period.name} is taken away. The dates are checked again.")
        return None
    form = forms.ClosedPeriodForm(request.POST)
    if not form.is_valid():
        return form
    fields = form.cleaned_data
    calendar.close_days(
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


def _months(proposals: Sequence[planner.Proposal], audience: str) -> list[dict[str, Any]]:
    """The year at a glance: the months from the first date's to the last one's, twelve at least."""
    first, last = proposals[0].day, proposals[-1].day
    count = max(12, (last.year - first.year) * 12 + last.month - first.month + 1)
    months = []
    for offset in range(count):
        year, month = divmod(first.month - 1 + offset, 12)
        name = MONTH_NAMES[month][:3]
        marks = [
            {
                "day": p.day.day,
                "kind": "parents" if audience == "parents" else "services",
                "state": "" if p.finding.level == planner.CLEAR else p.finding.level,
            }
            for p in proposals
            if (p.day.year, p.day.month) == (first.year + year, month + 1)
        ]
        months.append({"label": name, "marks": marks})
    return months


def plan_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """The one message with every date; pressing the button announces them."""
    require(request.user, "meetings.plan_year")
    series = get_object_or_404(Series, pk=pk)
    if request.method == "POST":
        try:
            announced = calendar.announce_year(series=series, by=request.user)
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
    people = calendar.told_of(series.audience) if coming else []
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


# One meeting ------------------------------------------------------------------------------------


def meeting_add(request: HttpRequest) -> HttpResponse:
    """An extra meeting, or one that was held already."""
    require(request.user, "meetings.add_meeting")
    form = forms.NewMeetingForm(request.POST or None, initial=_usual(request))
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        meeting = calendar.add_meeting(by=request.user, show=fields.pop("show"), **fields)
        if meeting.series and not meeting.announced_at and not meeting.is_past:
            messages.success(request, f"{meeting} is added to the plan.")
            return redirect("meetings:plan_dates", pk=meeting.series.pk)
        messages.success(request, f"{meeting.title} is added. Now say who is invited.")
        return redirect("meetings:meeting_people", slug=meeting.slug)
    return render(request, "meetings/meeting_add.html", {"form": form})


def _usual(request: HttpRequest) -> dict[str, Any]:
    """What a series usually has, for an extra meeting of it (``?series=``).

    With ``?plan=`` it joins the dates that wait to be announced together.
    """
    number = request.GET.get("series", "")
    series = Series.objects.filter(pk=_row_number(number)).first()
    if series is None:
        return {}
    usual = {name: getattr(series, name) for name in calendar.USUAL}
    usual["show"] = "plan" not in request.GET
    return {"title": series.name, "series": series.pk, **usual}


def meeting_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """A meeting's details. Saving them writes to nobody."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.change_meeting", slug=slug)
    movable = calendar.may_move(meeting) and not attendance.is_settled(meeting)
    title, was = meeting.title, meeting.date
    form = forms.MeetingForm(request.POST or None, instance=meeting, movable=movable)
    if request.method == "POST" and form.is_valid():
        try:
            calendar.change_meeting(meeting=meeting, by=request.user, fields=form.changed_data)
        except TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The details are saved. Nobody was written to.")
            return redirect("meetings:meeting_detail", slug=meeting.slug)
    context = {
        "form": form,
        "meeting": meeting,
        "name": title,
        "was": was,
        "movable": movable,
        "deletable": not (meeting.announced_at or meeting.invited_at),
    }
    return render(request, "meetings/meeting_edit.html", context)


def meeting_delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Take away a meeting that nobody was told of."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.change_meeting", slug=slug)
    if request.method == "POST":
        try:
            calendar.delete_meeting(meeting=meeting, by=request.user)
        except TransitionNotAllowed as refusal:
            messages.error(request, str(refusal))
            return redirect("meetings:meeting_edit", slug=slug)
        messages.success(request, f"{meeting} is taken away.")
        return redirect("meetings:meeting_list")
    return render(request, "meetings/meeting_delete.html", {"meeting": meeting})


# Who is invited ---------------------------------------------------------------------------------


def meeting_people(request: HttpRequest, slug: str) -> HttpResponse:
    """Who was invited and what they answered; who else could be, to tick before sending."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.invite", slug=slug)
    invitations = list(meeting.invitations.with_people())
    extras = _plans(request.GET.getlist("extra"), meeting)
    usual = calendar.default_invitees(meeting)
    chosen = {plan.person.pk for plan in extras}
    return render(
        request,
        "meetings/meeting_people.html",
        {
            "meeting": meeting,
            "tab": "people",
            "invitations": invitations,
            "tally": _tally(invitations),
            "candidates": [options for pk, options in usual.items() if pk not in chosen],
            "extras": extras,
            "first_time": not invitations,
            "sends": calendar.sends_letters(meeting),
            "due_later": meeting.invitation_due_on > clocks.today(),
            "open": not meeting.is_past,
            "minute_taker_form": forms.MinuteTakerForm(meeting=meeting) if invitations else None,
        },
    )


def _tally(invitations: Sequence[Any]) -> list[tuple[str, int]]:
    """How many answered what, and how many nothing yet."""
    given = [i.reply.answer if hasattr(i, "reply") else "" for i in invitations]
    labels = (("room", "in person"), ("online", "online"), ("cannot", "can’t come"))
    tally = [(label, given.count(answer)) for answer, label in labels]
    return [*tally, ("no answer yet", given.count(""))]


def _plans(codes: Sequence[str], meeting: Meeting) -> list[InviteePlan]:
    """``45.officer.3`` → that person, for organisation 3. What isn't possible is left out."""
    wanted: dict[int, str] = {}
    for code in codes[:400]:
        number, _, place = code.partition(".")
        if number.isdecimal() and len(number) < 18:
            wanted.setdefault(int(number), place)
    if not wanted:
        return []
    people = {p.pk: p for p in calendar.people_with_places().filter(pk__in=wanted)}
    officers = not meeting.is_parents_only
    known = calendar.options_of(list(people.values()), officers=officers)
    plans = []
    for pk, place in wanted.items():
        if person := people.get(pk):
            fitting = [plan for plan in known[pk] if plan.code == place]
            plan = fitting[0] if fitting else calendar.guest_plan(person, place)
            if plan and (officers or plan.capacity != "officer"):
                plans.append(plan)
    return plans


def _codes(plans: Sequence[InviteePlan]) -> list[str]:
    return [f"{plan.person.pk}.{plan.code}" for plan in plans]


def meeting_person_add(request: HttpRequest, slug: str) -> HttpResponse:
    """Add somebody who isn't on the list: another officer, or a parent in no group."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.invite", slug=slug)
    form = forms.PlaceForm(request.POST or None, meeting=meeting)
    if request.method == "POST" and form.is_valid():
        plan = calendar.plan_for(by=request.user, **form.cleaned_data)
        earlier = _plans(request.GET.getlist("extra"), meeting)
        extras = urlencode({"extra": [*_codes(earlier), *_codes([plan])]}, doseq=True)
        messages.success(request, f"{plan.person.name} is on the list below. Nothing is sent yet.")
        return redirect(f"{reverse('meetings:meeting_people', args=[slug])}?{extras}#invite")
    return render(request, "meetings/meeting_person_add.html", {"form": form, "meeting": meeting})


def meeting_invite(request: HttpRequest, slug: str) -> HttpResponse:
    """GET shows what will go out to those ticked; POST freezes the invitations and sends."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.invite", slug=slug)
    data = request.POST if request.method == "POST" else request.GET
    plans = _chosen_plans(data, meeting)
    if not plans:
        messages.error(request, "Tick at least one person to invite.")
        return redirect("meetings:meeting_people", slug=slug)
    if request.method == "POST":
        made = calendar.invite_to_meeting(meeting=meeting, people=plans, by=request.user)
        _say_invited(request, meeting, len(made))
        return redirect("meetings:meeting_people", slug=slug)
    sends = calendar.sends_letters(meeting)
    context = {
        "meeting": meeting,
        "plans": plans,
        "codes": _codes(plans),
        "sends": sends,
        "counts": outbox.in_words(outbox.counts(plan.person for plan in plans)),
        "words": letters.words(
            "meetings/invitation",
            emails.invitation_context(meeting, plans[0], meeting.get_absolute_url()),
        )
        if sends
        else None,
    }
    return render(request, "meetings/meeting_invite.html", context)


def _chosen_plans(data: QueryDict, meeting: Meeting) -> list[InviteePlan]:
    """Ticked people with the group chosen for each: ``p=45`` and ``for-45=parent.3``."""
    codes = []
    for ticked in data.getlist("p"):
        place = data.get(f"for-{ticked}")
        codes.append(f"{ticked}.{place}" if place else ticked)
    invited = set(meeting.invitations.values_list("person_id", flat=True))
    return [plan for plan in _plans(codes, meeting) if plan.person.pk not in invited]


def _say_invited(request: HttpRequest, meeting: Meeting, count: int) -> None:
    if not count:
        messages.info(request, "Everybody you ticked has an invitation already. Nothing was sent.")
    elif calendar.sends_letters(meeting):
        people = "person is" if count == 1 else "people are"
        messages.success(request, f"{count} {people} invited. Their messages are on the way.")
    else:
        people = "person is" if count == 1 else "people are"
        messages.success(request, f"{count} {people} on the list. Nothing was sent.")


@require_POST
def minute_taker_give(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the minutes of this one meeting to somebody invited."""
    meeting = fetch_permitted(request.user, Meeting, "meetings.invite", slug=slug)
    form = forms.MinuteTakerForm(request.POST, meeting=meeting)
    if form.is_valid():
        person = form.cleaned_data["person"]
        calendar.give_minutes_to(meeting=meeting, person=person, by=request.user)
        name = person.name if person else "The coordinator"
        messages.success(request, f"{name} takes the minutes of this meeting.")
    else:
        messages.error(request, "Choose somebody who is invited.")
    return redirect("meetings:meeting_people", slug=slug)
