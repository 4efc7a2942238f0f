"""Status by dates: a table of cases that Python and SQL both keep."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from projects.models import Override, Project
from projects.status import Status, derive, reason
from projects.vague import Kind, understand
from tests.factories.projects import ProjectFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 19)

# started, due, completed on, last news, status
CASES = [
    # Completed: whatever the dates say
    ("2021", "2022", "2022-05-01", None, "completed"),
    ("", "", "2026-11-19", None, "completed"),
    ("Jan 2030", "Feb 2030", "2026-11-01", None, "completed"),
    ("2021", "ongoing", "2026-11-01", None, "completed"),
    # Overdue: only after the last possible day
    ("2021", "18 November 2026", None, None, "overdue"),
    ("2021", "19 November 2026", None, None, "to_complete"),
    ("2021", "October 2026", None, None, "overdue"),
    ("2021", "November 2026", None, None, "to_complete"),
    ("2021", "2025", None, None, "overdue"),
    ("2021", "2026", None, None, "to_complete"),
    ("2021", "summer 2026", None, None, "overdue"),
    ("2021", "autumn 2026", None, None, "to_complete"),
    ("2021", "2025/26", None, None, "overdue"),
    ("2021", "2026/27", None, None, "to_complete"),
    ("2021", "winter 2025/26", None, None, "overdue"),
    ("2021", "Jan - March 2026", None, None, "overdue"),
    ("", "March 2020", None, None, "overdue"),
    ("", "March 2020", None, "2026-11-01", "overdue"),
    ("Jan 2030", "March 2020", None, None, "overdue"),
    ("2021", '"023/24', None, None, "overdue"),
    # Never overdue, however long ago
    ("2021", "ongoing", None, None, "to_complete"),
    ("2021", "On going", None, None, "to_complete"),
    ("2021", "monthly", None, None, "to_complete"),
    ("2021", "monthly from May 2021", None, None, "to_complete"),
    ("2021", "ASAP", None, None, "to_complete"),
    ("2021", "TBC", None, None, "to_complete"),
    ("2021", "", None, None, "to_complete"),
    ("2021", "by Easter 2021", None, None, "to_complete"),
    ("Jan 2021", "Pages to be written by end of Feb-ongoing", None, None, "to_complete"),
    ("2021", "2021 - ongoing", None, None, "to_complete"),
    # Due to start: the first possible day lies ahead, or neither start nor news
    ("20 November 2026", "", None, None, "due_to_start"),
    ("19 November 2026", "", None, None, "to_complete"),
    ("December 2026", "2027", None, None, "due_to_start"),
    ("November 2026", "2027", None, None, "to_complete"),
    ("2027", "ongoing", None, "2026-11-01", "due_to_start"),
    ("2026", "ongoing", None, None, "to_complete"),
    ("winter 2026", "", None, None, "due_to_start"),
    ("2026/27", "", None, None, "to_complete"),
    ("", "", None, None, "due_to_start"),
    ("", "2027", None, None, "due_to_start"),
    ("", "ongoing", None, None, "due_to_start"),
    ("TBC", "", None, None, "due_to_start"),
    ("ASAP", "", None, None, "due_to_start"),
    ("", "", None, "2026-11-01", "to_complete"),
    ("TBC", "ongoing", None, "2026-11-01", "to_complete"),
    ("from May 2027", "", None, None, "due_to_start"),
    # A start in words that aren't understood is a start
    ("after the election", "", None, None, "to_complete"),
    ("ongoing", "", None, None, "to_complete"),
    ("monthly", "", None, None, "to_complete"),
]


def day(text):
    return date.fromisoformat(text) if text else None


def project_of(started, due, completed, news, **more):
    start = understand(started)
    return ProjectFactory.build(
        started=start,
        due=understand(due, near=start),
        completed_on=day(completed),
        completed_at=datetime(2026, 1, 1, tzinfo=UTC) if completed else None,
        last_news_on=day(news),
        **more,
    )


@pytest.mark.parametrize(("started", "due", "completed", "news", "status"), CASES)
def test_status_when_derived_is_the_table_s(started, due, completed, news, status):
    assert derive(project_of(started, due, completed, news), TODAY) == status


def test_every_case_when_asked_of_the_database_is_the_same():
    for case in CASES:
        project_of(*case[:4]).save()
    rows = Project.objects.with_status(TODAY).order_by("pk")
    assert [row.derived for row in rows] == [case[4] for case in CASES]
    assert [row.status for row in rows] == [case[4] for case in CASES]


class TestSameInBoth(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(
        st.sampled_from(sorted({case[0] for case in CASES})),
        st.sampled_from(sorted({case[1] for case in CASES})),
        st.sampled_from([None, "2026-11-19"]),
        st.sampled_from([None, "2026-11-01"]),
        st.dates(date(2019, 1, 1), date(2031, 1, 1)),
        st.sampled_from([None, *Status.values]),
        st.integers(1, 400),
    )
    def test_any_dates_on_any_day_when_asked_both_ways_are_the_same(
        self, started, due, completed, news, today, by_hand, days
    ):
        project = project_of(started, due, completed, news)
        project.created_at = datetime(2026, 9, 1, 12, tzinfo=UTC)
        project.save()
        if by_hand:
            Override.objects.create(project=project, status=by_hand, reason="So it is")
        row = Project.objects.with_status(today).get(pk=project.pk)
        assert row.derived == derive(project, today)
        assert row.status == project.status_on(today) == (by_hand or row.derived)
        quiet = Project.objects.gone_quiet(today, days).filter(pk=project.pk).exists()
        assert quiet == project.is_quiet_on(today, days)
        if project.due_kind not in (Kind.DAY, Kind.MONTH, Kind.SEASON, Kind.YEAR, Kind.SPAN):
            assert row.derived != Status.OVERDUE


def test_override_when_it_stands_is_shown_and_the_dates_status_stays_known():
    project = project_of("2021", "2022", None, None)
    project.save()
    override = Override.objects.create(project=project, status="to_complete", reason="New plan")
    row = Project.objects.with_status(TODAY).get()
    assert (row.status, row.derived) == ("to_complete", "overdue")
    assert row.status_on(TODAY) == Status.TO_COMPLETE
    override.ended_at = datetime(2026, 11, 1, tzinfo=UTC)
    override.save()
    row = Project.objects.with_status(TODAY).get()
    assert (row.status, row.derived) == ("overdue", "overdue")


@pytest.mark.parametrize(
    ("started", "due", "completed", "words"),
    [
        ("2021", "2022", "2022-05-01", "Completed on 1 May 2022"),
        ("2021", "Spring 2026", None, "Due by 31 May 2026, and not completed"),
        ("2021", "Spring 2027", None, "Due by 31 May 2027"),
        ("2027", "", None, "Starts on 1 January 2027 or later"),
        ("", "", None, "No start is given, and there is no news yet"),
        ("2021", "", None, "No due date is given, so it is never overdue"),
        ("2021", "ongoing", None, "Its due date is “ongoing”, so it is never overdue"),
        (
            "2021",
            "by Easter",
            None,
            "We don’t understand the due date “by Easter”, so it is never overdue",
        ),
        (
            "2021",
            "May 2021 then ongoing",
            None,
            "Due something by 31 May 2021, then no end, so it is never overdue",
        ),
    ],
)
def test_reason_when_asked_says_which_date_decides(started, due, completed, words):
    assert reason(project_of(started, due, completed, None), TODAY) == words


# Gone quiet --------------------------------------------------------------------------------------

QUIET = [
    # started, due, completed, last news, added on, quiet after 60 days on 19 November
    ("2021", "", None, "2026-09-20", "2021-01-01", True),
    ("2021", "", None, "2026-09-21", "2021-01-01", False),
    ("2021", "", None, None, "2026-09-20", True),
    ("2021", "", None, None, "2026-09-21", False),
    ("", "", None, None, "2026-09-20", True),
    ("2021", "2022", None, "2022-01-01", "2021-01-01", True),
    ("2021", "ongoing", None, "2022-01-01", "2021-01-01", True),
    ("2021", "2022", "2022-01-01", "2022-01-01", "2021-01-01", False),
    ("2027", "", None, None, "2021-01-01", False),
    ("20 November 2026", "", None, "2026-01-01", "2021-01-01", False),
    ("November 2026", "", None, None, "2021-01-01", True),
]


@pytest.mark.parametrize(("started", "due", "completed", "news", "added", "quiet"), QUIET)
def test_project_without_news_when_sixty_days_have_passed_has_gone_quiet(
    started, due, completed, news, added, quiet
):
    made = datetime.fromisoformat(f"{added}T12:00:00+00:00")
    project_of(started, due, completed, news, created_at=made).save()
    assert Project.objects.gone_quiet(TODAY, 60).exists() == quiet


def test_last_evening_when_the_clock_is_ahead_still_counts_as_that_day():
    # Half past eleven at night in London on 20 September, in summer time.
    made = datetime(2026, 9, 20, 22, 30, tzinfo=UTC)
    project = project_of("2021", "", None, None, created_at=made)
    project.save()
    assert project.quiet_since == date(2026, 9, 20)
    assert Project.objects.gone_quiet(TODAY, 60).exists()
    assert not Project.objects.gone_quiet(TODAY - timedelta(days=1), 60).exists()


@time_machine.travel("2026-11-19 10:00", tick=False)
def test_project_added_today_when_nothing_happened_yet_is_not_quiet():
    ProjectFactory()
    assert not Project.objects.gone_quiet(TODAY, 60).exists()
