"""Planning a year, announcing it once, and a meeting's details, through the pages."""

from datetime import date, time, timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from meetings.models import ClosedPeriod, FormerAddress, Meeting, Series
from meetings.services import calendar
from tests.factories.meetings import (
    AgendaItemFactory,
    ClosedPeriodFactory,
    MeetingFactory,
    SeriesFactory,
    coming_meeting,
    past_meeting,
)
from tests.factories.members import SeatFactory

PATTERN = {
    "name": "Forum meeting with services",
    "audience": "services",
    "every_weeks": "6",
    "first_date": "27 September 2023",
    "starts": "10am",
    "ends": "12 noon",
    "format": "both",
    "place": "Kiln Lane Centre",
}
THE_DAY = "2023-09-01 10:00"


@pytest.fixture
def page(client_for, coordinator):
    return client_for(coordinator)


@pytest.fixture
def series(forum):
    return SeriesFactory(name="Forum meeting with services")


def dates_url(series, first="2023-09-27"):
    return reverse("meetings:plan_dates", args=[series.pk]) + f"?from={first}"


def keep_all(response, **changes):
    """What the page would send if nothing were changed, plus ``changes``."""
    form = response.context["dates_form"]
    sent = {f"do_{p.day}": p.advice for p in form.proposals}
    return {"use": "1", **sent, **changes}


# Planning


@time_machine.travel(THE_DAY)
def test_plan_when_a_new_pattern_is_sent_then_nine_dates_are_shown(page):
    response = page.post(reverse("meetings:plan_pattern"), PATTERN, follow=True)
    assert response.status_code == 200
    assert [p.day for p in response.context["proposals"]][::8] == [
        date(2023, 9, 27),
        date(2024, 8, 28),
    ]
    assert Series.objects.get().every_weeks == 6
    assert not Meeting.objects.exists()


def test_plan_when_the_pattern_has_mistakes_then_each_is_named_and_kept(page):
    wrong = PATTERN | {"ends": "9am", "place": "", "first_date": "30 February 2024"}
    response = page.post(reverse("meetings:plan_pattern"), wrong)
    errors = response.context["form"].errors
    assert set(errors) == {"ends", "place", "first_date"}
    assert b"30 February 2024" in response.content


@time_machine.travel(THE_DAY)
def test_plan_when_summer_is_typed_as_closed_then_august_clashes_and_4_september_is_offered(
    page, series
):
    typed = {
        "close": "1",
        "closed-name": "Summer holiday",
        "closed-first_day": "22 July 2024",
        "closed-last_day": "1 September 2024",
    }
    response = page.post(dates_url(series), typed, follow=True)
    last = response.context["proposals"][-1]
    assert last.finding.words == "Summer holiday: 22 July to 1 September."
    assert b"Move to 4 September" in response.content
    assert ClosedPeriod.objects.get().created_by.name == "Ruth Adeyemi"
    assert AuditEvent.objects.filter(verb="close_days").exists()


def test_plan_when_closed_days_end_before_they_begin_then_refused_in_words(page, series):
    typed = {
        "close": "1",
        "closed-name": "Summer",
        "closed-first_day": "22 July 2024",
        "closed-last_day": "1 July 2024",
    }
    response = page.post(dates_url(series), typed)
    assert "The last day must be the first day or later" in response.content.decode()
    assert not ClosedPeriod.objects.exists()


def test_plan_when_closed_days_are_typed_twice_then_the_second_is_refused(page, series):
    ClosedPeriodFactory(first_day=date(2024, 7, 22), last_day=date(2024, 9, 1))
    typed = {
        "close": "1",
        "closed-name": "Summer",
        "closed-first_day": "22/7/2024",
        "closed-last_day": "1/9/2024",
    }
    response = page.post(dates_url(series), typed)
    assert "in the list already" in response.content.decode()
    assert ClosedPeriod.objects.count() == 1


def test_plan_when_closed_days_are_taken_away_then_they_are_gone(page, series, coordinator):
    period = ClosedPeriodFactory(first_day=date(2024, 7, 22), last_day=date(2024, 9, 1))
    page.post(dates_url(series), {"open": period.pk})
    assert not ClosedPeriod.objects.exists()
    assert AuditEvent.objects.get(verb="open_days").by_id == coordinator.pk


@time_machine.travel(THE_DAY)
def test_use_dates_when_pressed_then_meetings_wait_unannounced_and_nothing_goes_out(page, series):
    url = dates_url(series)
    other = {"do_2023-12-20": "leave", "do_2024-08-28": "other", "other_2024-08-28": "5 Sept 2024"}
    response = page.post(url, keep_all(page.get(url), **other))
    assert response.url == reverse("meetings:plan_publish", args=[series.pk])
    days = list(series.meetings.order_by("date").values_list("date", flat=True))
    assert len(days) == 8
    assert date(2023, 12, 20) not in days
    assert days[-1] == date(2024, 9, 5)
    assert not Meeting.objects.filter(announced_at__isnull=False).exists()
    assert not Message.objects.exists()


@time_machine.travel(THE_DAY)
def test_use_dates_when_another_date_is_missing_or_doubled_then_the_row_says_so(page, series):
    url = dates_url(series)
    sent = keep_all(
        page.get(url),
        **{"do_2023-11-08": "other", "do_2024-01-31": "other", "other_2024-01-31": "27/9/2023"},
    )
    response = page.post(url, sent)
    assert set(response.context["dates_form"].errors) == {"other_2023-11-08", "do_2024-01-31"}
    assert not Meeting.objects.exists()


@time_machine.travel(THE_DAY)
def test_use_dates_when_all_are_left_out_then_refused(page, series):
    url = dates_url(series)
    first = page.get(url)
    none = {f"do_{p.day}": "leave" for p in first.context["proposals"]}
    response = page.post(url, {"use": "1", **none})
    assert "Keep at least one date" in response.content.decode()


@time_machine.travel(THE_DAY)
def test_plan_when_left_and_opened_again_then_the_kept_dates_are_there(page, series, coordinator):
    days = [date(2023, 9, 27), date(2023, 11, 8)]
    calendar.use_dates(series=series, dates=days, by=coordinator)
    response = page.get(reverse("meetings:plan_dates", args=[series.pk]))
    assert [p.day for p in response.context["proposals"]] == days
    assert {p.finding.level for p in response.context["proposals"]} == {"clear"}


@time_machine.travel(THE_DAY)
def test_use_dates_when_used_again_then_only_unannounced_ones_are_replaced(series, coordinator):
    calendar.use_dates(series=series, dates=[date(2023, 9, 27)], by=coordinator)
    calendar.announce_year(series=series, by=coordinator)
    calendar.use_dates(series=series, dates=[date(2023, 11, 8)], by=coordinator)
    calendar.use_dates(series=series, dates=[date(2023, 11, 15)], by=coordinator)
    left = series.meetings.order_by("date").values_list("date", flat=True)
    assert list(left) == [date(2023, 9, 27), date(2023, 11, 15)]


@time_machine.travel(THE_DAY)
def test_plan_when_the_series_is_announced_for_a_day_then_that_day_clashes(
    page, series, coordinator
):
    calendar.use_dates(series=series, dates=[date(2023, 11, 8)], by=coordinator)
    calendar.announce_year(series=series, by=coordinator)
    proposals = page.get(dates_url(series)).context["proposals"]
    assert proposals[1].finding.words == "This series has a meeting on that day already."
    assert proposals[1].advice == "leave"


def test_save_series_when_times_change_then_waiting_dates_follow_and_announced_stay(
    series, coordinator
):
    told = MeetingFactory(series=series, title=series.name)
    waiting = MeetingFactory(
        series=series, title=series.name, announced_at=None, date=clocks.today() + timedelta(90)
    )
    series.starts, series.ends, series.name = time(18), time(20), "Evening forum"
    calendar.save_series(series=series, by=coordinator)
    told.refresh_from_db()
    waiting.refresh_from_db()
    assert (told.starts, told.title) == (time(10), "Forum meeting with services")
    assert (waiting.starts, waiting.title) == (time(18), "Evening forum")
    assert waiting.slug.endswith("-evening-forum")


# Announcing


@pytest.fixture
def planned(series, coordinator):
    days = [clocks.today() + timedelta(weeks=weeks) for weeks in (10, 16)]
    calendar.use_dates(series=series, dates=days, by=coordinator)
    return series


def test_publish_then_one_message_each_by_their_own_channel_with_every_date(
    page, planned, rep, officer, person_without_email, stranger, outbox_drained
):
    url = reverse("meetings:plan_publish", args=[planned.pk])
    assert "3 e-mails and 1 letter" in page.get(url).content.decode()
    page.post(url)
    told = Message.objects.filter(template="meetings/announcement")
    assert {(m.person.name, m.channel) for m in told} == {
        ("Nadia Karim", "email"),
        ("Owen Pryce", "email"),
        ("Ruth Adeyemi", "email"),
        ("Peter Wragg", "letter"),
    }
    [mail] = [mail for mail in outbox_drained() if mail.to == [rep.email]]
    for meeting in planned.meetings.all():
        assert f"{meeting.date.day} {meeting.date:%B %Y}" in mail.body
    assert len(mail.subject) <= 50


def test_publish_when_pressed_twice_then_sent_once(page, planned, rep):
    url = reverse("meetings:plan_publish", args=[planned.pk])
    page.post(url)
    sent = Message.objects.count()
    response = page.post(url)
    assert sent == 2
    assert Message.objects.count() == sent
    assert "announced already" in str([*get_messages(response.wsgi_request)][-1])
    with pytest.raises(TransitionNotAllowed):
        calendar.announce_year(series=planned, by=None)


def test_publish_when_further_dates_follow_later_then_they_are_announced_too(
    planned, coordinator, rep
):
    calendar.announce_year(series=planned, by=coordinator)
    calendar.use_dates(series=planned, dates=[clocks.today() + timedelta(weeks=22)], by=coordinator)
    calendar.announce_year(series=planned, by=coordinator)
    assert Message.objects.filter(person=rep).count() == 2


def test_publish_when_for_parents_only_then_reps_and_never_officers(
    page, planned, rep, staff, officer, treasurer
):
    Series.objects.update(audience="parents")
    page.post(reverse("meetings:plan_publish", args=[planned.pk]))
    assert {m.person for m in Message.objects.all()} == {rep, staff}


def test_announcement_when_the_seat_has_ended_meanwhile_then_not_sent(
    planned, coordinator, rep, outbox_drained
):
    calendar.announce_year(series=planned, by=coordinator)
    rep.seats.get().end(by=coordinator)
    assert not [mail for mail in outbox_drained() if mail.to == [rep.email]]


def test_publish_when_every_date_has_passed_then_listed_and_nobody_is_written_to(
    page, series, coordinator, rep
):
    calendar.use_dates(series=series, dates=[date(2023, 9, 27)], by=coordinator)
    checked = page.get(dates_url(series)).content.decode()
    assert "nobody is written to" in checked
    assert "e-mail" not in checked.split("Use these dates")[1].split("</main>")[0]
    url = reverse("meetings:plan_publish", args=[series.pk])
    asked = page.get(url).content.decode()
    assert "Nothing is sent" in asked
    assert "List the dates" in asked
    assert "Announce" not in asked.split("<h1>")[1]
    said = page.post(url, follow=True).content.decode()
    assert "1 date is listed. Nothing was sent." in said
    assert series.meetings.get().announced_at is not None
    assert not Message.objects.exists()


def test_publish_when_some_dates_have_passed_then_only_the_coming_ones_are_told(
    planned, coordinator, rep, outbox_drained
):
    Meeting.objects.filter(pk=planned.meetings.order_by("date").first().pk).update(
        date=clocks.today() - timedelta(days=1)
    )
    calendar.announce_year(series=planned, by=coordinator)
    [mail] = [mail for mail in outbox_drained() if mail.to == [rep.email]]
    assert mail.body.count("10am to 12 noon") == 1


# One meeting


def meeting_data(**changes):
    return {
        "title": "Meet the new team",
        "audience": "services",
        "date": "9 August 2023",
        "starts": "10am",
        "ends": "1pm",
        "format": "room",
        "place": "Town Hall",
        "series": "",
        "show": "on",
        **changes,
    }


def test_meeting_add_when_held_long_ago_then_recorded_later_under_todays_rules(page, forum):
    forum.minutes_days = 10
    forum.save()
    response = page.post(reverse("meetings:meeting_add"), meeting_data())
    meeting = Meeting.objects.get()
    assert response.url == reverse("meetings:meeting_people", args=[meeting.slug])
    assert meeting.slug == "2023-08-09-meet-the-new-team"
    assert meeting.is_recorded_later
    assert meeting.minutes_days == 10
    assert meeting.announced_at is not None
    assert not Message.objects.exists()


def test_meeting_add_when_the_same_day_and_name_exist_then_the_address_gets_a_number(page):
    for _ in range(2):
        page.post(reverse("meetings:meeting_add"), meeting_data())
    assert Meeting.objects.filter(slug="2023-08-09-meet-the-new-team-2").exists()


def test_meeting_add_when_a_title_has_a_line_break_or_script_then_refused_or_harmless(page):
    url = reverse("meetings:meeting_add")
    broken = page.post(url, meeting_data(title="Hello\r\nBcc: everybody@larkmere.example"))
    assert "Write this on one line" in broken.content.decode()
    page.post(url, meeting_data(title="<script>alert(1)</script>"))
    meeting = Meeting.objects.get()
    shown = page.get(reverse("meetings:meeting_edit", args=[meeting.slug])).content
    assert b"<script>alert" not in shown


def test_meeting_add_when_it_joins_a_plan_then_it_waits_to_be_announced(page, series):
    day = clocks.today() + timedelta(days=40)
    url = reverse("meetings:meeting_add") + f"?series={series.pk}&plan=1"
    form = page.get(url).context["form"]
    assert (form.initial["title"], form.initial["show"]) == (series.name, False)
    sent = meeting_data(date=day.isoformat(), series=series.pk)
    del sent["show"]
    response = page.post(url, sent)
    assert response.url == reverse("meetings:plan_dates", args=[series.pk])
    assert [p.day for p in page.get(response.url).context["proposals"]] == [day]


def edit_data(meeting, **changes):
    return {
        "title": meeting.title,
        "audience": meeting.audience,
        "date": meeting.date.isoformat(),
        "starts": "10am",
        "ends": "12 noon",
        "format": "both",
        "place": meeting.place,
        **changes,
    }


def test_meeting_edit_when_an_announced_date_moves_then_the_old_address_is_kept(page, coordinator):
    meeting = MeetingFactory()
    old = meeting.slug
    day = meeting.date + timedelta(days=7)
    page.post(
        reverse("meetings:meeting_edit", args=[old]), edit_data(meeting, date=day.isoformat())
    )
    meeting.refresh_from_db()
    assert meeting.date == day
    assert FormerAddress.objects.get().slug == old
    event = AuditEvent.objects.get(verb="change_meeting")
    assert (event.by_id, event.data["date"]) == (coordinator.pk, day.isoformat())
    assert calendar.former_date(meeting) == day - timedelta(days=7)
    assert not Message.objects.exists()


def test_meeting_edit_when_moved_and_back_then_the_first_address_is_its_own_again(coordinator):
    meeting = MeetingFactory()
    first, day = meeting.slug, meeting.date
    for where in (day + timedelta(days=7), day):
        meeting.date = where
        calendar.change_meeting(meeting=meeting, by=coordinator, fields=["date"])
    assert meeting.slug == first
    assert [former.slug for former in FormerAddress.objects.all()] != [first]


def test_meeting_edit_when_people_are_invited_then_the_date_stays(page, rep, coordinator):
    meeting = coming_meeting(rep)
    day = meeting.date
    page.post(
        reverse("meetings:meeting_edit", args=[meeting.slug]),
        edit_data(meeting, date="1 March 2031", place="Library"),
    )
    meeting.refresh_from_db()
    assert (meeting.date, meeting.place) == (day, "Library")
    meeting.date = day + timedelta(days=7)
    with pytest.raises(TransitionNotAllowed):
        calendar.change_meeting(meeting=meeting, by=coordinator, fields=["date"])


def test_meeting_edit_when_only_the_place_changes_then_nothing_else_is_written(coordinator):
    meeting = MeetingFactory()
    stale = Meeting.objects.get(pk=meeting.pk)
    Meeting.objects.filter(pk=meeting.pk).update(title="Changed by somebody else")
    stale.place = "Library"
    calendar.change_meeting(meeting=stale, by=coordinator, fields=["place"])
    meeting.refresh_from_db()
    assert (meeting.title, meeting.place) == ("Changed by somebody else", "Library")


def test_meeting_delete_when_never_announced_then_gone_with_a_trace(page):
    meeting = MeetingFactory(announced_at=None)
    AgendaItemFactory(meeting=meeting)
    url = reverse("meetings:meeting_delete", args=[meeting.slug])
    assert page.get(url).status_code == 200
    assert Meeting.objects.exists()
    page.post(url)
    assert not Meeting.objects.exists()
    assert AuditEvent.objects.filter(verb="delete_meeting", object_id=meeting.pk).exists()


def test_meeting_delete_when_people_know_of_it_then_it_stays(page):
    meeting = MeetingFactory()
    page.post(reverse("meetings:meeting_delete", args=[meeting.slug]))
    assert Meeting.objects.exists()


# Who may


@pytest.mark.parametrize(
    "who", ["rep", "staff", "officer", "treasurer", "administrator", "stranger"]
)
def test_calendar_pages_when_not_the_coordinator_then_refused(
    who, client_for, request, series, group
):
    meeting = past_meeting(series=series)
    browser = client_for(request.getfixturevalue(who))
    for url in coordinator_pages(series, meeting):
        assert browser.get(url).status_code == 403, url
        assert browser.post(url).status_code == 403, url
    assert Meeting.objects.count() == 1


def test_calendar_pages_when_signed_out_then_sent_to_sign_in(client, series):
    meeting = past_meeting(series=series)
    for url in coordinator_pages(series, meeting):
        assert client.get(url).status_code == 302, url
        assert client.post(url).url.startswith("/accounts/login/"), url


def test_calendar_pages_when_the_coordinator_opens_them_then_they_answer(page, series, rep):
    meeting = past_meeting(rep, series=series)
    for url in coordinator_pages(series, meeting):
        assert page.get(url, follow=True).status_code in (200, 405), url


def coordinator_pages(series, meeting):
    """Every address of this area that only the coordinator may open."""
    plan = ["plan_dates", "plan_publish"]
    about = [
        "meeting_edit", "meeting_delete", "meeting_people", "meeting_person_add",
        "meeting_invite", "meeting_attendance", "latecomer_add", "sign_in_sheet",
        "agenda_edit", "agenda_item_add", "agenda_send",
    ]  # fmt: skip
    return [
        reverse("meetings:plan_pattern"),
        reverse("meetings:meeting_add"),
        *(reverse(f"meetings:{name}", args=[series.pk]) for name in plan),
        *(reverse(f"meetings:{name}", args=[meeting.slug]) for name in about),
    ]


def test_calendar_pages_when_a_parents_meeting_then_an_officer_finds_nothing(client_for, officer):
    meeting = MeetingFactory(audience="parents")
    browser = client_for(officer)
    for name in ("meeting_people", "meeting_reply", "agenda_propose"):
        assert browser.get(reverse(f"meetings:{name}", args=[meeting.slug])).status_code == 404


def test_calendar_pages_when_there_are_more_people_then_no_more_queries(
    page, series, group, django_assert_max_num_queries
):
    meeting = past_meeting(*(SeatFactory().person for _ in range(3)), series=series, days=0)
    for name in ("meeting_people", "meeting_attendance", "sign_in_sheet", "agenda_edit"):
        with django_assert_max_num_queries(16):
            page.get(reverse(f"meetings:{name}", args=[meeting.slug]))


# A second series, and slips of the pen


@time_machine.travel(THE_DAY)
def test_plan_when_quarterly_then_the_same_weekday_of_the_month(page):
    pattern = {**PATTERN, "every_weeks": "", "every_months": "3", "first_date": "13 September 2023"}
    dates = page.post(reverse("meetings:plan_pattern"), pattern, follow=True)
    days = [p.day for p in dates.context["proposals"]]
    assert days[:3] == [date(2023, 9, 13), date(2023, 12, 13), date(2024, 3, 13)]
    assert "every three months on the second Wednesday" in dates.content.decode()


def test_plan_when_neither_weeks_nor_months_are_given_then_asked(page):
    pattern = {**PATTERN, "every_weeks": "", "every_months": ""}
    shown = page.post(reverse("meetings:plan_pattern"), pattern)
    assert "Enter how many weeks or months" in shown.content.decode()
    assert not Series.objects.exists()


@time_machine.travel(THE_DAY)
def test_plan_of_a_second_series_when_another_is_planned_then_both_are_in_the_year(page, series):
    MeetingFactory(title="Parents’ meeting", audience="parents", date=date(2023, 9, 28))
    MeetingFactory(title="Cancelled one", date=date(2023, 11, 8), **CANCELLED)
    shown = page.get(dates_url(series))
    marks = [m for month in shown.context["months"] for m in month["marks"]]
    assert [(m["day"], m["kind"]) for m in marks[:2]] == [(27, "services"), (28, "parents")]
    first, second = shown.context["proposals"][:2]
    assert "in the same week: Parents’ meeting, on Thursday 28" in first.finding.words
    assert second.finding.level == "clear"


CANCELLED = {"cancelled_at": timezone.now(), "cancelled_reason": "No quorum"}


def test_plan_when_dates_are_past_then_said_and_not_called_clear(page, series):
    shown = page.get(dates_url(series)).content.decode()
    assert ">Past<" in shown or "Past</" in shown
    assert "Nine have passed." in shown


@pytest.mark.parametrize(
    ("typed", "words"), [("12", "Did you mean 12 noon?"), ("1:30", "Did you mean 1:30pm?")]
)
def test_meeting_add_when_the_end_could_be_two_times_then_asked_in_words(page, typed, words):
    data = {"title": "Extra", "audience": "services", "date": "3 March 2031", "starts": "10am"}
    data |= {"ends": typed, "format": "room", "place": "Library"}
    shown = page.post(reverse("meetings:meeting_add"), data).content.decode()
    assert words in shown
    assert not Meeting.objects.exists()
    right = words.removeprefix("Did you mean ").removesuffix("?")
    page.post(reverse("meetings:meeting_add"), {**data, "ends": right})
    assert Meeting.objects.exists()


def test_meeting_add_when_extra_then_it_may_be_invited_at_once(page, rep):
    data = {"title": "Extra", "audience": "services", "date": "3 March 2031", "starts": "10am"}
    data |= {"ends": "12 noon", "format": "room", "place": "Library", "show": "on"}
    people = page.post(reverse("meetings:meeting_add"), data, follow=True)
    assert "See what will be sent" in people.content.decode()
    meeting = Meeting.objects.get()
    invite = reverse("meetings:meeting_invite", args=[meeting.slug])
    page.post(invite, {"p": [f"{rep.pk}.parent.{rep.seats.get().group_id}"]})
    assert Message.objects.get(template="meetings/invitation").person == rep
