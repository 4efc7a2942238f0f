"""Twelve months of dates from a first one: warnings, closed days, and one message to everybody."""

from datetime import date

import pytest
import time_machine

from coprod.models import Message
from meetings.models import Meeting, Series
from tests.journeys.acting import errors_of, follow, press, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_january():
    """A fixed day ahead, so that the same bank holidays and summer are met in every year."""
    with time_machine.travel("2030-01-08T10:00:00Z", tick=True):
        yield


def fill_pattern(page, *, first="22 January 2030"):
    page.get_by_label("Name of these meetings").fill("Forum meeting with services")
    page.get_by_label("Parents with services").check()
    page.get_by_label("First date").fill(first)
    page.get_by_label("Every how many weeks?").fill("6")
    page.get_by_label("Starts at").fill("10am")
    page.get_by_label("Ends at").fill("12 noon")
    page.get_by_label("In person, or online").check()
    page.get_by_label("Place", exact=True).fill("Kiln Lane Centre")


def test_a_year_is_planned_and_announced_with_one_message_each(
    page, coordinator, rep, officer, person_without_email, treasurer, signed_in, look, mailed
):
    signed_in(coordinator, on=page)
    page.goto("/meetings/")
    look(page, "meetings-empty")
    follow(page, "Plan the year")
    look(page, "plan-pattern")
    press(page, "See the dates")
    said = errors_of(page)
    assert "Enter the first date" in said
    assert "This field" not in said
    look(page, "plan-pattern-errors")
    fill_pattern(page)
    press(page, "See the dates")

    assert "Nine Tuesdays from your pattern." in words_of(page)
    page.get_by_label("What is it?").fill("Summer holiday")
    page.get_by_label("First day").fill("20 July 2030")
    page.get_by_label("Last day").fill("4 September 2030")
    press(page, "Add these closed days")
    rows = page.locator("table tbody tr")
    assert rows.count() == 9
    august = rows.filter(has_text="20 August 2030")
    assert "Clash" in august.inner_text()
    assert "Summer holiday" in august.inner_text()
    look(page, "plan-dates")
    eve = rows.filter(has_text="24 December 2030")
    eve.locator("summary").click()
    eve.locator("select").select_option(label="Leave it out")
    assert not Meeting.objects.exists()
    press(page, "Use these dates")

    assert Message.objects.count() == 0, "something went out before it was announced"
    assert "Send 4 e-mails and 1 letter" in words_of(page)
    look(page, "plan-publish")
    planned = Meeting.objects.count()
    press(page, "Announce the dates")
    assert f"{planned} dates are announced, with one message each." in words_of(page)
    look(page, "meetings-announced")
    series = Series.objects.get()
    assert not series.meetings.filter(announced_at=None).exists()
    assert not series.meetings.filter(date__range=("2030-07-20", "2030-09-04")).exists()
    assert not series.meetings.filter(date__month=12).exists()
    told = Message.objects.filter(template="meetings/announcement")
    assert sorted(told.values_list("channel", flat=True)) == ["email"] * 4 + ["letter"]
    text = mailed(rep).body
    assert "Tuesday 22 January 2030, 10am to 12 noon" in text
    assert "August 2030" not in text


def test_the_same_year_is_never_announced_twice(coordinator, rep, signed_in):
    page = signed_in(coordinator)
    page.goto("/meetings/plan/")
    fill_pattern(page)
    press(page, "See the dates")
    press(page, "Use these dates")
    other = signed_in(coordinator, java_script_enabled=False)
    other.goto(page.url)
    press(page, "Announce the dates")
    assert Message.objects.count() == 2
    press(other, "Announce the dates")
    assert "These dates have been announced already." in words_of(other)
    assert Message.objects.count() == 2


def test_dates_are_changed_by_keyboard_and_typing_not_by_dragging(
    page_desktop, coordinator, signed_in, look
):
    page = signed_in(coordinator, on=page_desktop)
    page.goto("/meetings/plan/")
    fill_pattern(page)
    press(page, "See the dates")
    row = page.locator("table tbody tr").filter(has_text="5 March 2030")
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    row.locator("select").select_option(label="Another date")
    press(page, "Use these dates")
    assert "Enter the date instead of 5 March 2030" in errors_of(page)
    look(page, "plan-dates-errors")
    row.locator("input[type=text]").fill("31 February 2030")
    press(page, "Use these dates")
    assert "31 February 2030" in row.locator("input[type=text]").input_value()
    errors_of(page)
    row.locator("input[type=text]").fill("6/3/2030")
    press(page, "Use these dates")
    assert Meeting.objects.filter(date=date(2030, 3, 6)).exists()
    assert not Meeting.objects.filter(date=date(2030, 3, 5)).exists()
