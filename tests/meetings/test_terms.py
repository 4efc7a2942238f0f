"""Term dates as people send them: read, shown, kept once, undone."""

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from coprod import clocks
from coprod.models import AuditEvent
from meetings import terms
from meetings.models import ClosedPeriod
from meetings.services import terms as services
from tests.factories.meetings import ClosedPeriodFactory, MeetingFactory, coming_meeting

IMPORT = "meetings:closed_import"
THE_DAY = "2026-06-01 10:00"

MESSY = """Larkmere schools, 2026/27
Autumn term: Thurs 3rd Sept 2026 to Fri 18 December 2026
Half term Mon 26 Oct 2026 – Fri 30th Oct 2026
Inset days: Tues 1 Sept 2026, Wed 2 Sept 2026 & Mon 2 Nov 2026
Spring Term 4/1/27 - 25/3/27
Half term Mon 15 February 20277- Fri 19 February 2027
Summer term: Mon 12th April 2027 to Mon 23rd July 2027
Half-term: 31 May - 4 June
Spring break from 26.03.27 until 09.04.27 (inclusive)
Summer holiday: Monday 26 July 2027 to Tuesday 31 August 2027 TBC
"""


@pytest.fixture
def page(client_for, coordinator):
    return client_for(coordinator)


def one(line, above=""):
    rows = terms.read(f"{above}\n{line}")
    assert len(rows) == 1, rows
    return rows[0]


# Reading ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "first", "last"),
    [
        ("Holiday Mon 26th Oct 2026 - Fri 30 Oct", date(2026, 10, 26), date(2026, 10, 30)),
        ("Break 25/10/26 to 3.11.26", date(2026, 10, 25), date(2026, 11, 3)),
        ("Half term: 26 - 30 October 2026", date(2026, 10, 26), date(2026, 10, 30)),
        ("Christmas holiday 21 Dec - 1 Jan 2027", date(2026, 12, 21), date(2027, 1, 1)),
        ("Christmas holiday 21 Dec 2026 to 1 January", date(2026, 12, 21), date(2027, 1, 1)),
        ("2026-10-26 to 2026-10-30 half term", date(2026, 10, 26), date(2026, 10, 30)),
        ("Half term, week commencing 26 October 2026", date(2026, 10, 26), date(2026, 10, 30)),
        ("w/c 26/10/2026: half term", date(2026, 10, 26), date(2026, 10, 30)),
        ("Two weeks from 29 March 2027, Easter", date(2027, 3, 29), date(2027, 4, 9)),
        ("Inset day Wed 2nd of September 2026", date(2026, 9, 2), date(2026, 9, 2)),
        ("“Half term”;26.10.2026;30.10.2026", date(2026, 10, 26), date(2026, 10, 30)),
        ("Half term\t26/10/2026\t30/10/2026", date(2026, 10, 26), date(2026, 10, 30)),
    ],
)
def test_line_when_dates_are_written_in_any_usual_way_then_understood(line, first, last):
    row = one(line)
    assert row.problems == ()
    assert (row.kind, row.first, row.last) == ("closed", first, last)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "Holiday: 1 May 2027 to 12 April 2027",
            "Row 2: the last day, 12 April 2027, is before the first, 1 May 2027.",
        ),
        (
            "Holiday ends Mon 17 July 2026",
            "Row 2: 17 July 2026 is a Friday, not a Monday: which is meant?",
        ),
        ("Half term 26 October 20266 to 30 October 2026", "Row 2: “20266” isn’t a year."),
        ("Training day 31 February 2027", "Row 2: February 2027 has no day 31."),
        ("Inset 04/25/2027", "Row 2: “04/25/2027” has no month 25. Write the day first."),
        ("Holiday 25 May - 29 May", "Row 2: “25 May” has no year. Add it."),
        ("Summer holiday 22 July 2026 to 1 September 2027", "Row 2: that would be 407 days."),
        ("Half term: 2 September 2026 to 23 October 2026", "Row 2: a half term of 52 days"),
        ("Mon 7 September 2026 - Fri 23 October 2026", "Row 2: it doesn’t say whether schools"),
    ],
)
def test_line_when_it_cant_be_right_then_it_says_what_is_wrong_and_isnt_kept(line, words):
    row = one(line)
    assert row.words.startswith(words)
    assert not row.may_keep


def test_year_when_it_stands_above_then_it_is_used_and_said_and_left_to_decide():
    row = one("Half term: 31 May - 4 June", above="Term dates 2026/27")
    assert (row.first, row.last) == (date(2027, 5, 31), date(2027, 6, 4))
    assert (row.level, row.may_keep) == (terms.LOOK, True)
    assert row.words == "Row 2: the year isn’t written: 2027 follows from “2026/27” above."


def test_line_when_not_confirmed_then_left_to_decide():
    row = one("Summer holiday 26 July 2027 to 31 August 2027 TBC")
    assert (row.level, row.may_keep) == (terms.LOOK, True)
    assert "isn’t confirmed" in row.words


def test_days_when_listed_in_one_line_then_each_is_one():
    rows = terms.read("Inset days: 3 & 4 September 2026, Mon 2 November 2026")
    assert [row.first for row in rows] == [
        date(2026, 9, 3),
        date(2026, 9, 4),
        date(2026, 11, 2),
    ]
    assert {row.name for row in rows} == {"Inset days"}


def test_terms_when_only_they_are_given_then_the_holidays_lie_between():
    rows = terms.read(
        "Autumn term: 3 September 2026 to 18 December 2026\n"
        "Spring term: 4 January 2027 to 25 March 2027\n"
        "Summer term: 12 April 2027 to 23 July 2027"
    )
    assert [(r.name, r.first, r.last) for r in rows if r.may_keep] == [
        ("Christmas holiday", date(2026, 12, 19), date(2027, 1, 3)),
        ("Easter holiday", date(2027, 3, 26), date(2027, 4, 11)),
    ]


def test_terms_when_the_holiday_is_given_as_well_then_it_isnt_there_twice():
    rows = terms.read(
        "Spring term: 4 January 2027 to 25 March 2027\n"
        "Easter holiday: 26 March 2027 to 9 April 2027\n"
        "Summer term: 12 April 2027 to 23 July 2027"
    )
    assert [r.name for r in rows if r.may_keep] == ["Easter holiday"]


def test_terms_when_one_cant_be_read_then_no_holiday_is_guessed_over_it():
    rows = terms.read(
        "Autumn term: 3 September 2026 to 18 December 2026\n"
        "Spring term: 4 January 20277 to 25 March 2027\n"
        "Summer term: 12 April 2027 to 23 July 2027"
    )
    assert [r for r in rows if r.may_keep] == []


def test_days_when_schools_close_and_open_then_the_holiday_is_between():
    rows = terms.read("School closes Fri 18 December 2026\nSchool reopens Mon 4 January 2027")
    [kept] = [r for r in rows if r.may_keep]
    assert (kept.first, kept.last) == (date(2026, 12, 19), date(2027, 1, 3))


def test_table_when_it_has_terms_and_half_terms_then_its_headings_name_them():
    rows = terms.read(
        "Term,Start date,End date,Half term start,Half term end\n"
        "Autumn,03/09/2026,18/12/2026,26/10/2026,30/10/2026\n"
        "Spring,04/01/2027,25/03/2027,15/02/2027,19/02/2027\n"
    )
    assert [(r.name, r.kind) for r in rows] == [
        ("Autumn", "open"),
        ("Half term", "closed"),
        ("Spring", "open"),
        ("Half term", "closed"),
        ("Christmas holiday", "closed"),
    ]
    assert not any(r.problems for r in rows)


def test_number_when_it_counts_terms_then_it_is_no_day():
    row = one("Term 1 - 2 September 2026 to 23 October 2026")
    assert (row.kind, row.first) == ("open", date(2026, 9, 2))


def test_rows_when_the_same_or_overlapping_then_said():
    first, same, over = terms.read(
        "Half term 26/10/26 - 30/10/26\nAutumn half term 26/10/26 - 30/10/26\nInset day 30/10/26"
    )
    assert first.may_keep
    assert same.words == "Row 2: The same days as row 1." or not same.may_keep
    assert "overlaps row 1" in over.words


@pytest.mark.parametrize("text", ["", "x" * 5000, "\n" * 2000, "1/1/1 - 99/99/9999", "%s %d \x00"])
def test_text_when_it_is_nonsense_then_nothing_breaks(text):
    terms.read(text)


@time_machine.travel(THE_DAY, tick=False)
def test_text_when_it_holds_thousands_of_dates_then_no_more_rows_than_lines_are_read():
    assert len(terms.read("Holiday " + "1/1/24, 5/1/24, " * 10_000)) < 200
    assert len(terms.read("Holiday 1/1/24, 3/1/24, 5/1/24, 7/1/24\n" * 400)) <= 404


@pytest.mark.parametrize(
    "event",
    [
        "DTSTART:26 October",
        "DTSTART:00010101T000000Z\r\nDTEND;VALUE=DATE:00010101",
        "DTSTART:20261026\r\nDTEND:99991399",
        "DTSTART;VALUE=BOOLEAN:TRUE",
    ],
)
def test_calendar_file_when_a_date_in_it_is_none_then_said(page, event):
    content = f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    file = SimpleUploadedFile("dates.ics", content.encode())
    answer = page.post(reverse(IMPORT), {"source": "Council", "file": file, "read": "1"})
    assert answer.status_code == 200
    assert "no dates in this calendar" in answer.content.decode()


def test_messy_dates_when_read_then_understood_or_said_exactly():
    rows = terms.read(MESSY)
    kept = [(r.number, r.first, r.last) for r in rows if r.level == terms.OK and r.may_keep]
    assert kept == [
        (3, date(2026, 10, 26), date(2026, 10, 30)),
        (4, date(2026, 9, 1), date(2026, 9, 1)),
        (4, date(2026, 9, 2), date(2026, 9, 2)),
        (4, date(2026, 11, 2), date(2026, 11, 2)),
        (9, date(2027, 3, 26), date(2027, 4, 9)),
        (5, date(2026, 12, 19), date(2027, 1, 3)),
    ]
    assert [r.words for r in rows if r.problems] == [
        "Row 6: “20277” isn’t a year.",
        "Row 7: 23 July 2027 is a Friday, not a Monday: which is meant?",
    ]
    assert [r.number for r in rows if r.level == terms.LOOK] == [8, 10]


@pytest.mark.skipif("COPROD_REAL_INPUT" not in os.environ, reason="COPROD_REAL_INPUT isn’t set")
def test_real_term_dates_when_read_then_each_dated_row_is_understood_or_says_why():
    text = (Path(os.environ["COPROD_REAL_INPUT"]) / "school-terms-messy.txt").read_text()
    rows = terms.read(text)
    assert [r.number for r in rows if r.problems] == [6, 7]
    assert [r.number for r in rows if r.level == terms.LOOK] == [8, 10]
    assert {r.number for r in rows} == set(range(2, 11))


# Files --------------------------------------------------------------------------------------------

ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Larkmere//EN
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20261026
DTEND;VALUE=DATE:20261031
SUMMARY:Autumn half term
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20261102
SUMMARY:Inset day
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def test_calendar_file_when_read_then_the_last_day_is_the_last_closed_one():
    half, inset = terms.read(services.text_of(ICS.encode(), "terms.ics"))
    assert (half.name, half.first, half.last) == (
        "Autumn half term",
        date(2026, 10, 26),
        date(2026, 10, 30),
    )
    assert (inset.first, inset.last) == (date(2026, 11, 2), date(2026, 11, 2))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_file_when_in_any_usual_encoding_then_read(encoding):
    text = services.text_of("Half term: 26 – 30 October 2026".encode(encoding), "t.csv")
    assert one(text).first == date(2026, 10, 26)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("terms.ics", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"),
        ("terms.ics", b"no calendar"),
        ("terms.xlsx", b"PK\x03\x04\x00\x00"),
        ("terms.csv", b"x" * 300_000),
    ],
)
def test_file_when_it_cant_be_read_then_said_and_nothing_kept(page, name, content):
    response = page.post(
        reverse(IMPORT),
        {"source": "School", "read": "1", "file": SimpleUploadedFile(name, content)},
    )
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not ClosedPeriod.objects.exists()


# Importing ----------------------------------------------------------------------------------------


def read_page(page, text=MESSY):
    return page.post(reverse(IMPORT), {"source": "Larkmere Council", "text": text, "read": "1"})


def ticked(response):
    return [each["row"].code for each in response.context["rows"] if each["ticked"]]


def keep(page, rows, text=MESSY):
    data = {"source": "Larkmere Council", "text": text, "import": "1", "row": rows}
    return page.post(reverse(IMPORT), data, follow=True)


@time_machine.travel(THE_DAY, tick=False)
def test_import_when_read_then_nothing_is_kept_yet_and_each_row_is_shown(page):
    shown = read_page(page)
    words = shown.content.decode()
    assert "Row 6: “20277” isn’t a year." in words
    assert "2 rows need putting right" in words
    assert len(ticked(shown)) == 6
    assert not ClosedPeriod.objects.exists()


@time_machine.travel(THE_DAY, tick=False)
def test_import_when_rows_are_ticked_then_just_they_are_kept_with_their_source(page):
    rows = ticked(read_page(page))[:2]
    assert "2 periods are added" in keep(page, rows).content.decode()
    assert {p.imported_from for p in ClosedPeriod.objects.all()} == {"Larkmere Council"}
    assert AuditEvent.objects.filter(verb="import_closed_days").count() == 2


@time_machine.travel(THE_DAY, tick=False)
def test_import_when_the_same_comes_twice_then_nothing_is_added(page):
    rows = ticked(read_page(page))
    keep(page, rows)
    assert "Nothing was added" in keep(page, rows).content.decode()
    assert ClosedPeriod.objects.count() == 6
    assert ticked(read_page(page)) == rows or "already" in read_page(page).content.decode()
    assert not any(each["may_keep"] and each["ticked"] for each in read_page(page).context["rows"])


@time_machine.travel(THE_DAY, tick=False)
def test_import_when_a_wrong_row_is_sent_anyway_then_it_isnt_kept(page):
    wrong = [row.code for row in terms.read(MESSY) if row.problems or not row.is_closed]
    response = keep(page, wrong)
    assert "Tick at least one row" in response.content.decode()
    assert not ClosedPeriod.objects.exists()


@time_machine.travel(THE_DAY, tick=False)
def test_import_when_undone_then_all_of_it_goes_but_what_was_changed(page):
    own = ClosedPeriodFactory(first_day=date(2026, 8, 3), last_day=date(2026, 8, 4))
    keep(page, ticked(read_page(page)))
    changed, other = ClosedPeriod.objects.exclude(imported_from="")[:2]
    page.post(
        reverse("meetings:closed_edit", args=[changed.pk]),
        {"name": "Ours", "first_day": "2 September 2026", "last_day": "3 September 2026"},
    )
    undo = reverse("meetings:closed_undo", args=[other.pk])
    assert "Take 5 periods away?" in page.get(undo).content.decode()
    page.post(undo)
    assert set(ClosedPeriod.objects.values_list("name", flat=True)) == {own.name, "Ours"}


# The list -----------------------------------------------------------------------------------------


def test_closed_list_when_a_meeting_falls_on_one_then_it_says_so(page, rep):
    meeting = coming_meeting(rep, days=20)
    ClosedPeriodFactory(first_day=meeting.date, last_day=meeting.date + timedelta(days=3))
    shown = page.get(reverse("meetings:closed_list")).content.decode()
    assert "1 meeting falls on such days" in shown
    assert meeting.get_absolute_url() in shown


def test_closed_list_when_days_are_added_then_there_and_twice_refused(page):
    url = reverse("meetings:closed_list")
    data = {
        "closed-name": "Feast of Larkmere",
        "closed-first_day": "3 May 2027",
        "closed-last_day": "3 May 2027",
    }
    page.post(url, data)
    assert "already" in page.post(url, data).content.decode()
    assert ClosedPeriod.objects.get().imported_from == ""


def test_closed_delete_when_asked_then_only_the_button_does_it(page):
    period = ClosedPeriodFactory(first_day=clocks.today(), last_day=clocks.today())
    url = reverse("meetings:closed_delete", args=[period.pk])
    page.get(url)
    assert ClosedPeriod.objects.exists()
    page.post(url)
    assert not ClosedPeriod.objects.exists()


def test_closed_list_when_long_then_constant_queries(page, django_assert_max_num_queries):
    for days in range(20):
        day = clocks.today() + timedelta(days=days)
        ClosedPeriodFactory(first_day=day, last_day=day)
        MeetingFactory(date=day)
    with django_assert_max_num_queries(14):
        page.get(reverse("meetings:closed_list"))
