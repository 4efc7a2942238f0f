"""The funder's report: counted from records, names nobody, and calculates nothing."""

import csv
import io
from datetime import date, time, timedelta

import page
import pytest
import time_machine
from django.utils import timezone

from expenses.models import Allocation, Claim
from expenses.reports import gather
from tests.factories.meetings import MeetingFactory, invite
from tests.factories.members import PersonFactory, SeatFactory
from tests.factories.money import (
    ClaimFactory,
    HeadingFactory,
    PolicyFactory,
    RecognitionFactory,
    SpendingFactory,
    TimeGivenFactory,
)
from tests.meetings.reading_pdf import words_of

FIRST, LAST = date(2026, 4, 1), date(2027, 3, 31)


@pytest.fixture(autouse=True)
def _on_a_day():
    with time_machine.travel("2026-11-20 10:00", tick=False):
        yield


@pytest.fixture
def travel(forum):
    PolicyFactory()
    heading = HeadingFactory(name="Travel", kinds=["car"])
    Allocation.objects.create(heading=heading, year=2026, pence=50_000, from_whom="Community grant")
    return heading


def _facts(first=FIRST, last=LAST):
    return {what: number for what, number, _ in gather(first, last).facts}


def _part(label, first=FIRST, last=LAST):
    return next(part for part in gather(first, last).parts if part.label == label)


def test_report_when_money_of_three_kinds_was_spent_then_each_in_its_column(travel):
    ClaimFactory(state="paid", lines=[{"pence": 1000, "heading": travel}])
    ClaimFactory(state="approved", lines=[{"pence": 200, "heading": travel}])
    RecognitionFactory(state="done", heading=travel)
    SpendingFactory(heading=travel, pence=300)
    part = _part("Travel")
    sums = part.sums
    assert (part.planned, sums.claims, sums.thanks, sums.other) == (50_000, 1000, 2500, 300)
    assert (sums.spent, sums.committed, part.left) == (3800, 200, 46_000)
    assert gather(FIRST, LAST).total == sums


def test_report_when_of_other_days_then_only_their_money(travel):
    for day in (date(2026, 6, 30), date(2026, 7, 1)):
        ClaimFactory(state="paid", on=day, lines=[{"pence": 1000, "heading": travel}])
    assert _part("Travel", FIRST, date(2026, 6, 30)).sums.claims == 1000


def test_report_when_few_people_were_paid_then_not_counted_out(travel):
    for number in range(3):
        words = _part("Travel").people_words
        assert words == ("0" if number == 0 else "fewer than 3")
        ClaimFactory(state="paid", lines=[{"pence": 1, "heading": travel}])
    assert _part("Travel").people_words == "3"


@pytest.mark.parametrize("state", ["declined", "given_away"])
def test_report_when_few_said_no_to_thanks_then_not_counted_out(travel, state):
    what = {"declined": "Thank-yous declined", "given_away": "Thank-yous given away"}[state]
    assert _facts()[what] == "0"
    for _ in range(4):
        RecognitionFactory(state=state, given_to="A charity")
    assert _facts()[what] == "fewer than 5"
    RecognitionFactory(state=state, given_to="A charity")
    assert _facts()[what] == "5"


def _sent(days_ago, paid_after=None, **fields):
    """A claim that was sent so many days ago and paid so many days later."""
    sent = timezone.now() - timedelta(days=days_ago)
    claim = ClaimFactory(state="paid" if paid_after is not None else "submitted", **fields)
    paid = sent + timedelta(days=paid_after) if paid_after is not None else None
    Claim.objects.filter(pk=claim.pk).update(sent_at=sent, paid_at=paid)


def test_report_when_claims_were_paid_then_says_how_fast_and_which_were_late(travel):
    person = PersonFactory()
    _sent(60, 14, person=person)
    _sent(60, 15, person=person)
    _sent(60, 4)
    _sent(20)  # past its last day
    _sent(3)  # still running
    found = _facts()
    assert found["Claims for money back"] == "5"
    assert found["People who claimed"] == "4"
    assert found["Paid in the days that we promise"] == "2 of 4"
    assert found["Days until the money was there"] == "14"


def test_report_when_claims_were_refused_or_never_sent_then_not_counted(travel):
    for state in ("draft", "declined", "withdrawn"):
        ClaimFactory(state=state)
    assert _facts()["Claims for money back"] == "0"
    assert _facts()["Paid in the days that we promise"] == "None yet"


def test_report_when_people_take_part_then_the_five_numbers_are_counted(
    travel, rep, rep_of_other_group, staff, officer, coordinator, treasurer
):
    meeting = MeetingFactory(date=date(2026, 11, 10), starts=time(10), ends=time(12))
    other = MeetingFactory(date=date(2026, 11, 12), starts=time(10), ends=time(12))
    third = SeatFactory(group=rep.current_seats[0].group, person=PersonFactory()).person
    for person in (rep, rep_of_other_group, third, staff, officer):
        invite(meeting, person, came="room")
    invite(other, rep, came="room")
    PersonFactory(is_active=False)
    found = _facts()
    # Nadia, Leah, a third, Grace, Owen, Ruth, Tom, and two who agreed the rates.
    assert found["Contacts held"] == "9"
    assert found["Size of the steering group"] == "2"
    assert found["Parent representatives"] == "3"
    assert found["Parents who gave their experience"] == "3"
    time_given = gather(FIRST, LAST).time
    assert (time_given.minutes, time_given.pence) == (4 * 120, 4 * 3000)


def test_report_when_time_was_given_then_in_no_sum_of_money(travel, rep):
    TimeGivenFactory(person=rep)
    report = gather(FIRST, LAST)
    assert (report.time.pence, report.total.spent, report.left) == (2250, 0, 50_000)


# Page, PDF, CSV -----------------------------------------------------------------------------------


def _fill(travel):
    for number in range(6):
        person = PersonFactory(name=f"Zadie Zephyr {number}")
        ClaimFactory(person=person, state="paid", lines=[{"pence": 123_456, "heading": travel}])
        RecognitionFactory(person=person, state="done", heading=travel)
        TimeGivenFactory(person=person)


def _cells(browser):
    made = b"".join(browser.get("/money/report/report.csv").streaming_content)
    return list(csv.reader(io.StringIO(made.decode("utf-8-sig"))))


def test_report_when_read_in_any_form_then_names_nobody(travel, treasurer, client_for):
    _fill(travel)
    browser = client_for(treasurer)
    shown = browser.get("/money/report/").content.decode()
    assert "£7,407.36" in shown
    made = browser.get("/money/report/report.pdf").content
    for text in (shown, words_of(made), str(_cells(browser))):
        assert "Zephyr" not in text


def test_pdf_when_made_then_valid_and_holds_every_part(travel, coordinator, client_for):
    _fill(travel)
    for number in range(30):
        HeadingFactory(name=f"Another heading {number} with a longer name")
    made = client_for(coordinator).get("/money/report/report.pdf").content
    assert page.validate_pdf_bytes(made, profile="ua1").failures == []
    text = words_of(made)
    for words in (
        "Report on money and taking part",
        "1 April 2026 to 31 March 2027",
        "Community grant",
        "Contacts held",
        "Size of the steering group",
        "9 hours",
        "It is no money",
        "£7,407.36",
        "Another heading 29",
    ):
        assert words in text, words


def test_csv_when_a_name_looks_like_a_formula_then_it_is_text(travel, treasurer, client_for):
    HeadingFactory(name='=HYPERLINK("http://x.example","Pay")')
    Allocation.objects.update(from_whom="+44 grant")
    SpendingFactory(heading=travel, pence=60_000)
    cells = _cells(client_for(treasurer))
    assert cells[0][0] == "Heading"
    assert [row for row in cells if any(cell[:1] in "=+-@\t" and cell for cell in row)] == []
    assert "'=HYPERLINK" in str(cells)
    row = next(row for row in cells if row and row[0] == "Travel")
    assert row == ["Travel", "500.00", "0.00", "0.00", "600.00", "600.00", "0.00", "(100.00)", "0"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("first=1+April+2026&last=", "Enter both days, or neither"),
        ("first=2+April+2026&last=1+April+2026", "Choose a day after the first one"),
        ("first=1+April+2020&last=1+April+2026", "within two years"),
        ("first=soon&last=later", "1 April 2026 to 31 March 2027"),
    ],
)
def test_report_when_the_days_make_no_sense_then_says_so_and_shows_the_year(
    travel, treasurer, client_for, asked, words
):
    shown = client_for(treasurer).get(f"/money/report/?{asked}")
    assert shown.status_code == 200
    assert words in shown.content.decode()


def test_report_when_29_february_is_asked_then_counted(travel, treasurer, client_for):
    shown = client_for(treasurer).get("/money/report/?first=29+February+2028&last=1+March+2028")
    assert "29 February 2028 to 1 March 2028" in shown.content.decode()


def test_report_page_when_there_is_much_then_asks_no_more_questions(
    travel, treasurer, client_for, django_assert_max_num_queries
):
    _fill(travel)
    for _ in range(60):
        ClaimFactory(state="paid", lines=[{"pence": 1, "heading": HeadingFactory()}])
    browser = client_for(treasurer)
    with django_assert_max_num_queries(14):
        assert browser.get("/money/report/").status_code == 200
