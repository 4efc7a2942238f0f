"""Dates as vague as life: every text is understood as it reads, or kept and shown as it is."""

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.vague import Kind, VagueDate, understand

STARTED_JAN_2021 = VagueDate("Jan 2021", date(2021, 1, 1), date(2021, 1, 31), Kind.MONTH)

# text, kind, first, last: read as it says, without a doubt
CLEAR = [
    # days, in British and ISO forms
    ("31 May 2026", "day", "2026-05-31", "2026-05-31"),
    ("31st May 2026", "day", "2026-05-31", "2026-05-31"),
    ("31st of May, 2026", "day", "2026-05-31", "2026-05-31"),
    ("Sunday 31 May 2026", "day", "2026-05-31", "2026-05-31"),
    ("Sun, 31 May 2026", "day", "2026-05-31", "2026-05-31"),
    ("May 31, 2026", "day", "2026-05-31", "2026-05-31"),
    ("31-May-2026", "day", "2026-05-31", "2026-05-31"),
    ("31-May-26", "day", "2026-05-31", "2026-05-31"),
    ("31/05/2026", "day", "2026-05-31", "2026-05-31"),
    ("31/5/26", "day", "2026-05-31", "2026-05-31"),
    ("31.05.2026", "day", "2026-05-31", "2026-05-31"),
    ("31-05-2026", "day", "2026-05-31", "2026-05-31"),
    ("05/06/2026", "day", "2026-06-05", "2026-06-05"),
    ("2026-05-31", "day", "2026-05-31", "2026-05-31"),
    ("2026/05/31", "day", "2026-05-31", "2026-05-31"),
    ("2026-05-31 00:00:00", "day", "2026-05-31", "2026-05-31"),
    ("2026-05-31T00:00:00", "day", "2026-05-31", "2026-05-31"),
    ("29 Feb 2028", "day", "2028-02-29", "2028-02-29"),
    ("by 31 May 2026", "day", "2026-05-31", "2026-05-31"),
    ("Due: 31 May 2026", "day", "2026-05-31", "2026-05-31"),
    ("end of Feb 2028", "day", "2028-02-29", "2028-02-29"),
    ("by the end of May 2026", "day", "2026-05-31", "2026-05-31"),
    ("End 2026", "day", "2026-12-31", "2026-12-31"),
    ("end of summer 2026", "day", "2026-08-31", "2026-08-31"),
    # months
    ("Jan 2021", "month", "2021-01-01", "2021-01-31"),
    ("January 2021", "month", "2021-01-01", "2021-01-31"),
    ("jan. 2021", "month", "2021-01-01", "2021-01-31"),
    ("JAN 2021", "month", "2021-01-01", "2021-01-31"),
    ("Sept 2020", "month", "2020-09-01", "2020-09-30"),
    ("Sep 2020", "month", "2020-09-01", "2020-09-30"),
    ("  March   2020 ", "month", "2020-03-01", "2020-03-31"),
    ("“March 2020”", "month", "2020-03-01", "2020-03-31"),
    ("March, 2020", "month", "2020-03-01", "2020-03-31"),
    ("March-2020", "month", "2020-03-01", "2020-03-31"),
    ("March\u00a02020", "month", "2020-03-01", "2020-03-31"),
    ("Sept ’23", "month", "2023-09-01", "2023-09-30"),
    ("05/2026", "month", "2026-05-01", "2026-05-31"),
    ("2026-05", "month", "2026-05-01", "2026-05-31"),
    ("by March 2026", "month", "2026-03-01", "2026-03-31"),
    ("(March 2026)", "month", "2026-03-01", "2026-03-31"),
    # seasons
    ("Spring 2022", "season", "2022-03-01", "2022-05-31"),
    ("summer 2021", "season", "2021-06-01", "2021-08-31"),
    ("AUTUMN 2022", "season", "2022-09-01", "2022-11-30"),
    ("Winter 2022/23", "season", "2022-12-01", "2023-02-28"),
    # years and spans
    ("2021", "year", "2021-01-01", "2021-12-31"),
    ("in 2021", "year", "2021-01-01", "2021-12-31"),
    ("2022/23", "span", "2022-09-01", "2023-08-31"),
    ("2022-23", "span", "2022-09-01", "2023-08-31"),
    ("2022–23", "span", "2022-09-01", "2023-08-31"),
    ("2022 / 23", "span", "2022-09-01", "2023-08-31"),
    ("2022/2023", "span", "2022-09-01", "2023-08-31"),
    ("academic year 2022/23", "span", "2022-09-01", "2023-08-31"),
    ("2022/23 school year", "span", "2022-09-01", "2023-08-31"),
    ("FY 2025/26", "span", "2025-04-01", "2026-03-31"),
    ("FY25/26", "span", "2025-04-01", "2026-03-31"),
    ("financial year 2025-26", "span", "2025-04-01", "2026-03-31"),
    ("2022 to 2023", "span", "2022-01-01", "2023-12-31"),
    ("2021-2025", "span", "2021-01-01", "2025-12-31"),
    ("Jan - March 2026", "span", "2026-01-01", "2026-03-31"),
    ("January to March 2026", "span", "2026-01-01", "2026-03-31"),
    ("Sept–Dec 2025", "span", "2025-09-01", "2025-12-31"),
    ("Nov 2025 — Feb 2026", "span", "2025-11-01", "2026-02-28"),
    ("between March and May 2026", "span", "2026-03-01", "2026-05-31"),
    ("Jan/Feb 2026", "span", "2026-01-01", "2026-02-28"),
    ("Spring/Summer 2026", "span", "2026-03-01", "2026-08-31"),
    ("3-5 May 2026", "span", "2026-05-03", "2026-05-05"),
    ("3 May to 5 June 2026", "span", "2026-05-03", "2026-06-05"),
    ("03/05/2026 - 05/06/2026", "span", "2026-05-03", "2026-06-05"),
    ("w/c 4 May 2026", "span", "2026-05-04", "2026-05-10"),
    # no date that could pass
    ("", "none", None, None),
    ("  ", "none", None, None),
    ("-", "none", None, None),
    ("n/a", "none", None, None),
    ("ongoing", "open", None, None),
    ("On going", "open", None, None),
    ("ON-GOING", "open", None, None),
    ("“Ongoing”.", "open", None, None),
    ("open-ended", "open", None, None),
    ("continuous", "open", None, None),
    ("monthly", "recurring", None, None),
    ("Monthly meetings", "recurring", None, None),
    ("termly", "recurring", None, None),
    ("every 6 weeks", "recurring", None, None),
    ("six-weekly", "recurring", None, None),
    ("twice a year", "recurring", None, None),
    ("ASAP", "urgent", None, None),
    ("a.s.a.p.", "urgent", None, None),
    ("as soon as possible", "urgent", None, None),
    ("TBC", "unknown", None, None),
    ("t.b.c.", "unknown", None, None),
    ("to be agreed", "unknown", None, None),
    ("?", "unknown", None, None),
    # a date first, then without an end
    ("May 2026 then ongoing", "mixed", "2026-05-01", "2026-05-31"),
    ("2021 - ongoing", "mixed", "2021-01-01", "2021-12-31"),
    ("2021 - present", "mixed", "2021-01-01", "2021-12-31"),
    ("from Sept 2020", "mixed", "2020-09-01", "2020-09-30"),
    ("Sept 2020 onwards", "mixed", "2020-09-01", "2020-09-30"),
    ("Pages to be drafted by end of March 2021 - ongoing", "mixed", "2021-03-31", "2021-03-31"),
]

# text, kind, first, last, words of the doubt: a guess that is shown
DOUBTED = [
    ('"023/24', "span", "2023-09-01", "2024-08-31", "Looks damaged: read as 2023/24"),
    ("023", "year", "2023-01-01", "2023-12-31", "Looks damaged: read as 2023"),
    ("22/23", "span", "2022-09-01", "2023-08-31", "Read as 2022/23"),
    ("2022-2023", "span", "2022-09-01", "2023-08-31", "Read as 2022/23"),
    ("2009-10", "span", "2009-09-01", "2010-08-31", "not as October 2009"),
    ("May 26", "month", "2026-05-01", "2026-05-31", "Read as May 2026"),
    ("May-26", "month", "2026-05-01", "2026-05-31", "Read as May 2026"),
    ("Monday 31 May 2026", "day", "2026-05-31", "2026-05-31", "is a Sunday"),
    ("winter 2022", "season", "2022-12-01", "2023-02-28", "December 2022 to February 2023"),
    ("Q3 2026", "span", "2026-07-01", "2026-09-30", "July to September"),
    ("2026 Q1", "span", "2026-01-01", "2026-03-31", "January to March"),
    ("Autumn term 2026", "season", "2026-09-01", "2026-12-31", "September to December"),
    ("spring term 2027", "season", "2027-01-01", "2027-04-30", "January to April"),
    ("early 2027", "year", "2027-01-01", "2027-12-31", "“early”"),
    ("mid-March 2026", "month", "2026-03-01", "2026-03-31", "“mid”"),
    ("late summer 2026", "season", "2026-06-01", "2026-08-31", "“late”"),
    ("about May 2026", "month", "2026-05-01", "2026-05-31", "“about”"),
    ("May 2026?", "month", "2026-05-01", "2026-05-31", "question mark"),
    ("Nov - Feb 2026", "span", "2025-11-01", "2026-02-28", "2025"),
    ("Parents help with the pages, ongoing", "open", None, None, "Only “ongoing”"),
    ("Once agreed, TBC", "unknown", None, None, "Only “TBC”"),
]

# kept as written, and shown as not understood
UNREAD = [
    "by Easter",
    "Easter 2026",
    "Before May 2026",
    "after the election",
    "not before 2026",
    "Dec 2020 and June 2021",
    "31 June 2026",
    "30/02/2026",
    "05/31/2026",
    "2026-13-01",
    "2023/22",
    "11/12",
    "1066",
    "May 9999",
    "0000",
    "20266",
    "Sept",
    "Summer",
    "31 May",
    "June 2026 to March 2026",
    "FY2026",
    "Year 9",
    "March past the town hall",
    "annual report",
    "completed March 2021",
    "no longer ongoing",
    "soon",
    "next term",
    "🎈",
    "=1+1",
    "٢٠٢٣",
]


def day(text):
    return text and date.fromisoformat(text)


@pytest.mark.parametrize(("text", "kind", "first", "last"), CLEAR)
def test_clear_words_when_read_are_the_period_that_they_say(text, kind, first, last):
    read = understand(text)
    assert (read.kind, read.first, read.last) == (kind, day(first), day(last))
    assert read.text == text
    assert read.doubt == ""


@pytest.mark.parametrize(("text", "kind", "first", "last", "doubt"), DOUBTED)
def test_guessed_words_when_read_say_what_was_guessed(text, kind, first, last, doubt):
    read = understand(text)
    assert (read.kind, read.first, read.last) == (kind, day(first), day(last))
    assert read.text == text
    assert doubt in read.doubt


@pytest.mark.parametrize("text", UNREAD)
def test_words_not_understood_when_read_are_kept_without_a_period(text):
    read = understand(text)
    assert (read.text, read.kind, read.first, read.last) == (text, Kind.UNREAD, None, None)


@pytest.mark.parametrize(
    ("text", "kind", "first", "last"),
    [
        ("end of Feb", "day", "2021-02-28", "2021-02-28"),
        ("March", "month", "2021-03-01", "2021-03-31"),
        ("January", "month", "2021-01-01", "2021-01-31"),
        ("Summer", "season", "2021-06-01", "2021-08-31"),
        ("31 May", "day", "2021-05-31", "2021-05-31"),
        ("Oct - Feb", "span", "2021-10-01", "2022-02-28"),
        ("Pages to be drafted by end of Feb-ongoing", "mixed", "2021-02-28", "2021-02-28"),
        ("Sept, then ongoing", "mixed", "2021-09-01", "2021-09-30"),
    ],
)
def test_words_without_a_year_when_the_start_is_known_take_its_year_and_say_so(
    text, kind, first, last
):
    read = understand(text, near=STARTED_JAN_2021)
    assert (read.kind, read.first, read.last) == (kind, day(first), day(last))
    assert "The year is taken from when it started" in read.doubt


def test_month_without_a_year_when_it_comes_before_the_start_is_of_the_next_year():
    started = understand("Nov 2020")
    assert understand("Feb", near=started).first == date(2021, 2, 1)


def test_start_that_is_not_understood_when_used_for_a_year_gives_none():
    read = understand("Feb", near=understand("after Easter"))
    assert (read.kind, read.first) == (Kind.UNREAD, None)
    assert "which year" in read.doubt


def test_mixed_words_without_any_year_when_read_have_no_milestone_but_say_so():
    read = understand("Pages to be drafted by end of Feb-ongoing")
    assert (read.kind, read.first, read.last) == (Kind.MIXED, None, None)
    assert "which year" in read.doubt


def test_year_such_as_2022_23_when_the_forum_s_year_begins_in_april_begins_there():
    read = understand("2022/23", year_begins=4)
    assert (read.first, read.last) == (date(2022, 4, 1), date(2023, 3, 31))
    assert understand("school year 2022/23", year_begins=4).first == date(2022, 9, 1)


def test_what_is_said_of_a_date_when_shown_is_plain():
    assert understand("Spring 2027").in_words == "by 31 May 2027"
    assert understand("ongoing").in_words == "work without an end"
    assert understand("monthly").in_words == "it comes round again"
    assert understand("ASAP").in_words == "no date we can hold anyone to"
    assert understand("Jan 2026").as_start == "some day from 1 to 31 January 2026"
    assert understand("2026").as_start == "some day from 1 January to 31 December 2026"
    assert understand("2022/23").as_start == "some day from 1 September 2022 to 31 August 2023"
    assert understand("3 May 2026").as_start == "3 May 2026"


# Properties --------------------------------------------------------------------------------------

PIECES = [
    "end",
    "of",
    "by",
    "early",
    "Jan",
    "Feb",
    "31",
    "3rd",
    "May",
    "2021",
    "2022",
    "23",
    "/",
    "-",
    "–",
    "to",
    "and",
    "ongoing",
    "monthly",
    "TBC",
    "ASAP",
    "winter",
    "summer",
    "term",
    "Q3",
    "FY",
    "(",
    ")",
    "?",
    ".",
    "'",
    '"',
    "from",
    "0",
    "99",
    "week",
    "2O21",
]

words = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(PIECES),
        max_size=8,
    ).map(" ".join),
    st.dates(date(1950, 1, 1), date(2100, 12, 31)).map(lambda on: f"{on:%d %b %Y}"),
)


@settings(max_examples=400, deadline=None)
@given(words, st.sampled_from([None, STARTED_JAN_2021]), st.integers(1, 12))
def test_any_words_when_read_are_kept_and_a_period_is_in_order(text, near, year_begins):
    read = understand(text, near=near, year_begins=year_begins)
    assert read.text == text
    assert (read.first is None) == (read.last is None)
    if read.first is not None:
        assert read.first <= read.last
    assert len(read.doubt) <= 200
    assert read.kind in Kind.values
    if read.kind in (Kind.DAY, Kind.MONTH, Kind.SEASON, Kind.YEAR, Kind.SPAN):
        assert read.last is not None
    if read.kind == Kind.UNREAD:
        assert read.last is None


@settings(max_examples=200, deadline=None)
@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_any_day_when_written_in_each_form_is_that_day(on):
    for form in ("%d/%m/%Y", "%d.%m.%Y", "%d %B %Y", "%d-%b-%Y", "%A %d %B %Y", "%Y-%m-%d"):
        read = understand(on.strftime(form))
        assert (read.kind, read.first, read.last, read.doubt) == (Kind.DAY, on, on, "")


def test_ten_thousand_characters_when_read_are_kept_at_once():
    text = "Jan - " * 2000
    assert understand(text).text == text


# The real table ----------------------------------------------------------------------------------

#: How the KIND column of the real table begins, and what it must be understood as.
KINDS = {
    "empty": Kind.NONE,
    "year only": Kind.YEAR,
    "urgent": Kind.URGENT,
    "season": Kind.SEASON,
    "mixed": Kind.MIXED,
    "month and year": Kind.MONTH,
    "open-ended": Kind.OPEN,
    "not yet known": Kind.UNKNOWN,
    "recurring": Kind.RECURRING,
    "damaged text": Kind.SPAN,
    "year span": Kind.SPAN,
}


def test_every_date_of_the_real_table_when_read_is_what_its_kind_says():
    folder = os.environ.get("COPROD_REAL_INPUT")
    if not folder:
        pytest.skip("COPROD_REAL_INPUT is not set: the real table's dates were not read")
    lines = (Path(folder) / "tracker-dates.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(lines) >= 39
    started = understand("Jan 2021")
    wrong = []
    for line in lines:
        _column, text, _rows, says = line.split("\t")
        kind = next(kind for start, kind in KINDS.items() if says.startswith(start))
        read = understand(text, near=started)
        years = [word for word in says.split() if word.isdigit()]
        fits = read.kind == kind and read.text == text
        if kind in (Kind.YEAR, Kind.MONTH, Kind.SEASON):
            fits = fits and str(read.first.year) in text and not read.doubt
        if years and read.first:
            fits = fits and str(read.first.year) == years[0]
        if says.startswith(("damaged", "mixed")):
            fits = fits and bool(read.doubt)
        if not fits:
            wrong.append((line, read))
    assert not wrong
