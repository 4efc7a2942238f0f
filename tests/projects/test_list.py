"""The tracker: order, filters, counts, pages, charts, and that nothing hidden shows."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.models import Organisation
from projects import tracker
from projects.models import LevelAtQuarter, Override, Project
from projects.services import overrides
from projects.services import projects as services
from projects.services.involvement import Logged, Part, log_involvement
from projects.services.news import write_update
from projects.status import Status
from projects.vague import understand
from tests.factories.projects import NamedFactory, ProjectFactory, ThemeFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
URL = "/projects/"


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel("2026-11-20 12:00:00+00:00", tick=False):
        yield


def project(title, *, started="January 2026", due="", done=None, news=None, **fields):
    made = ProjectFactory.build(title=title, slug=title.lower().replace(" ", "-"), **fields)
    made.started, made.due = understand(started), understand(due)
    made.last_news_on = news
    if done:
        made.completed_on, made.completed_at = done, timezone.now()
    made.save()
    return made


def page(client=None, query="", url=URL):
    response = (client or Client()).get(f"{url}{query}")
    assert response.status_code == 200
    return response.content.decode()


def titles(html):
    """Titles of the rows, in their order."""
    rows = html.split('<ul class="pcf-rows">')[-1].split("</ul>")[0] if "pcf-rows" in html else ""
    return [part.split(">")[1].split("<")[0] for part in rows.split("<h3>")[1:]]


def test_list_when_read_then_those_that_need_news_come_first():
    project("Done long ago", done=date(2026, 2, 1))
    project("Done lately", done=date(2026, 9, 1))
    project("Starts later", started="March 2027")
    project("Goes on", news=TODAY)
    project("Goes on silently", news=date(2026, 8, 1))
    project("Late", due="May 2026", news=date(2026, 11, 1))
    assert titles(page()) == [
        "Late",
        "Goes on silently",
        "Goes on",
        "Starts later",
        "Done lately",
        "Done long ago",
    ]


def test_row_when_read_then_dates_stand_as_written_and_as_understood():
    lead = Organisation.objects.create(name="Larkmere Libraries", sector="other")
    project("Quiet rooms", started="autumn 2025", due="summer 2026", lead=lead)
    html = page()
    words = "Larkmere Libraries. Started “autumn 2025”. Due “summer 2026”, so by 31 August 2026."
    assert words in html


def test_row_when_due_asap_then_nobody_is_held_to_it():
    project("Guide", due="ASAP")
    html = page()
    assert "Due “ASAP”: no date we can hold anyone to." in html
    assert "To complete" in html


def test_row_when_silent_for_sixty_days_then_it_says_so():
    project("Silent", news=TODAY - timedelta(days=60))
    project("In touch", news=TODAY - timedelta(days=59))
    html = page()
    assert "No news for 60 days" in html
    assert "No news for 59 days" not in html


def test_tiles_when_counted_then_they_say_how_many_stand_where():
    project("Late", due="May 2026")
    project("Late too", due="May 2026")
    project("Over", done=date(2026, 2, 1))
    html = page()
    assert "<b>2</b>" in html.split("Overdue")[0].rsplit("<li>", 1)[1]
    assert "3 projects, those that need news first" in html


def test_status_when_set_by_hand_then_list_filter_and_count_follow():
    late = project("Late", due="May 2026")
    Override.objects.create(project=late, status=Status.TO_COMPLETE, reason="The contract moved")
    assert titles(page(query="?status=overdue")) == []
    assert titles(page(query="?status=to_complete")) == ["Late"]
    Override.objects.update(ended_at=timezone.now())
    assert titles(page(query="?status=overdue")) == ["Late"]


class TestFilters:
    @pytest.fixture(autouse=True)
    def projects(self):
        self.theme = ThemeFactory(name="Transport", slug="transport")
        self.team = Organisation.objects.create(name="Transport team", sector="education")
        project("Buses", theme=self.theme, lead=self.team, level=3, news=TODAY)
        project("Nobody asked", level=0, news=date(2026, 7, 1), driver="Families wrote to us")
        project("Not yet", due="May 2026", news=date(2026, 11, 1))

    @pytest.mark.parametrize(
        ("query", "left"),
        [
            ("?level=3", ["Buses"]),
            ("?level=0", ["Nobody asked"]),
            ("?level=not-yet", ["Not yet"]),
            ("?theme=transport", ["Buses"]),
            ("?news=quiet", ["Nobody asked"]),
            ("?news=month", ["Not yet", "Buses"]),
            ("?status=overdue", ["Not yet"]),
            ("?words_in=wrote", ["Nobody asked"]),
            ("?words_in=TEAM", ["Buses"]),
            ("?words_in=100%25", []),
            ("?status=overdue&news=quiet", []),
        ],
    )
    def test_filter_when_chosen_then_only_those_are_left(self, query, left):
        html = page(query=query)
        assert titles(html) == left
        assert f"{len(left)} of 3 projects" in html

    def test_leader_when_chosen_then_only_theirs_are_left(self):
        assert titles(page(query=f"?lead={self.team.pk}")) == ["Buses"]

    def test_choice_when_made_then_it_can_be_taken_away(self):
        html = page(query="?status=to_complete&level=3")
        assert 'href="?level=3"' in html
        assert 'href="?status=to_complete"' in html

    def test_nonsense_in_the_address_when_read_then_it_counts_as_nothing(self):
        html = page(query="?status=red&level=9&lead=x&news=%00&after=zz.1.2&theme=../")
        assert len(titles(html)) == 3

    def test_nothing_left_when_read_then_page_offers_the_way_back(self):
        html = page(query="?words_in=zebra")
        assert "No project fits what you chose" in html

    def test_quiet_when_asked_then_it_is_what_the_agenda_takes_up(self):
        """One rule for the filter, the count and the agenda’s item."""
        made = [
            project("No start", started="", news=None),
            project("Set by hand", done=date(2026, 2, 1), news=date(2026, 3, 1)),
            project("Rests", news=date(2026, 3, 1)),
            project("Later", started="March 2027", news=date(2026, 3, 1)),
            project("Edge", news=TODAY - timedelta(days=60)),
            project("Old", started="May 2026"),
        ]
        Project.objects.filter(title__in=["No start", "Old"]).update(
            created_at=timezone.now() - timedelta(days=200)
        )
        Override.objects.create(project=made[1], status=Status.TO_COMPLETE, reason="Reopened")
        Override.objects.create(project=made[2], status=Status.DUE_TO_START, reason="Paused")
        quiet = set(Project.objects.gone_quiet(TODAY, 60).values_list("title", flat=True))
        shown = set(titles(page(query="?news=quiet")))
        counts = tracker.counts_of(Project.objects.all(), TODAY, 60)
        assert shown == quiet
        assert counts.quiet == len(quiet)


class TestHidden:
    def test_hidden_project_when_outside_then_no_row_count_choice_or_chart_tells(self):
        theme = ThemeFactory(name="Secret theme", slug="secret")
        hidden = project("Hidden work", theme=theme, is_public=False, level=4)
        LevelAtQuarter.objects.create(
            project=hidden, quarter=date(2026, 7, 1), level=4, least_sessions=2, least_share=33
        )
        project("Open work")
        for query in ("", "?words_in=hidden", "?level=4"):
            html = page(query=query)
            assert "Hidden work" not in html
            assert "Secret theme" not in html
            assert '<td class="num"><strong>2</strong></td>' not in html
        assert "1 project, those that need news first" in page()

    def test_hidden_project_when_named_on_it_then_shown_with_its_mark(self, client, officer):
        hidden = project("Hidden work", is_public=False)
        NamedFactory(project=hidden, person=officer)
        client.force_login(officer)
        html = page(client)
        assert "Hidden work" in html
        assert "Not public" in html


class TestPages:
    def test_pages_when_followed_then_each_project_stands_on_one_of_them(self):
        for number in range(150):
            project(
                f"Work {number}",
                news=TODAY - timedelta(days=number % 7) if number % 5 else None,
                due="May 2026" if number % 3 == 0 else "",
                done=date(2026, 1 + number % 9, 1) if number % 4 == 0 else None,
            )
        seen, url, pages = [], URL, 0
        while url:
            html = page(url=url)
            seen += titles(html)
            pages += 1
            following = html.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
            url = URL + following.replace("&amp;", "&") if 'rel="next"' in html else ""
        assert pages == 3
        assert len(seen) == len(set(seen)) == 150

    @pytest.mark.parametrize("number", [3, 60])
    def test_questions_when_more_rows_then_as_many(self, number, client, rep, officer, coordinator):
        theme = ThemeFactory()
        for each in range(number):
            made = project(f"Work {each}", theme=theme, level=each % 5, news=TODAY)
            LevelAtQuarter.objects.create(
                project=made, quarter=date(2026, 7, 1), level=1, least_sessions=2, least_share=33
            )
        for query in ("", "?status=to_complete", "?words_in=work"):
            with CaptureQueriesContext(connection) as asked:
                page(query=query)
            assert len(asked) <= 6, [q["sql"][:90] for q in asked]
        for person in (rep, officer, coordinator):
            client.force_login(person)
            for query in ("", "?words_in=work"):
                with CaptureQueriesContext(connection) as asked:
                    page(client, query)
                assert len(asked) <= 9, (person, [q["sql"][:90] for q in asked])


class TestCharts:
    def test_quarters_when_drawn_then_table_has_both_kinds_of_none(self):
        for title, level in (("A", 4), ("B", 3), ("C", 0), ("D", None)):
            made = project(title, level=level)
            LevelAtQuarter.objects.create(
                project=made, quarter=date(2026, 7, 1), level=None, least_sessions=2, least_share=33
            )
        html = page()
        assert "2 of 4 projects are at rung 3 or 4. At the end of Sep 26 it was 0 of 4." in html
        assert "On the ladder: </span>Not yet" in html
        assert "Parents involved: </span>None" in html

    def test_charts_when_nothing_is_on_the_ladder_then_it_says_so(self):
        project("A")
        assert "No project is on the ladder yet." in page()

    def test_charts_when_filtered_then_left_out(self):
        project("A")
        assert "pcf-charts" not in page(query="?status=to_complete")

    def test_news_when_drawn_then_bars_add_up_to_what_goes_on(self):
        project("A", news=TODAY)
        project("B", news=TODAY - timedelta(days=200))
        project("C", done=date(2026, 1, 1))
        counts = tracker.counts_of(Project.objects.all(), TODAY, 60)
        assert counts.by("bar") == {0: 1, tracker.BARS - 1: 1, None: 1}
        assert "One open project has had no news for 60 days or more." in page()


class TestKept:
    """What was made is kept, and nobody reads it once anything has changed."""

    @pytest.fixture
    def known(self, coordinator):
        made = services.add_project(by=coordinator, title="Buses", started_text="January 2026")
        assert "Buses" in page()
        return made

    def test_list_when_nothing_changed_then_one_question(self, known):
        page()
        with CaptureQueriesContext(connection) as asked:
            page()
        assert len(asked) == 1

    def test_project_when_hidden_then_gone_at_once(self, known, coordinator):
        services.change_project(
            project=known, values={"is_public": False}, edit_no=known.edit_no, by=coordinator
        )
        assert "Buses" not in page()

    def test_status_when_set_by_hand_and_ended_then_shown_at_once(self, known, coordinator):
        overrides.override_status(
            project=known, status="due_to_start", reason="Paused", by=coordinator
        )
        assert titles(page(query="?status=due_to_start")) == ["Buses"]
        overrides.end_override(project=known, by=coordinator)
        assert titles(page(query="?status=due_to_start")) == []

    def test_news_when_written_then_shown_at_once(self, known, coordinator):
        with time_machine.travel("2027-03-01 12:00:00+00:00", tick=False):
            assert "No news for" in page()
            write_update(project=known, text="New", on=date(2027, 3, 1), by=coordinator)
            assert "No news for" not in page()

    def test_project_when_completed_then_shown_at_once(self, known, coordinator):
        services.complete_project(project=known, on=TODAY, by=coordinator)
        assert "Completed 20 November 2026." in page()

    def test_entry_when_logged_then_rung_is_shown_at_once(self, known, coordinator):
        logged = Logged(
            on=TODAY, method="told", stage=1, parts=[Part("parents", 9)], told_how="letter"
        )
        log_involvement(project=known, logged=logged, by=coordinator)
        assert "Rung 1 of 4" in page()

    def test_list_when_the_day_passes_then_made_anew(self, known, coordinator):
        with time_machine.travel("2027-03-01 12:00:00+00:00", tick=False):
            assert "No news for" in page()
        assert "No news for" not in page()

    def test_list_when_kept_for_one_then_not_shown_to_another(self, known, coordinator, client):
        services.change_project(
            project=known, values={"is_public": False}, edit_no=known.edit_no, by=coordinator
        )
        client.force_login(coordinator)
        assert "Buses" in page(client)
        assert "Add a project" in page(client)
        assert "Buses" not in page()
        assert "Add a project" not in page()


def test_empty_forum_when_read_then_page_says_what_will_stand_here():
    html = page()
    assert "No project is here yet" in html
    assert reverse("projects:project_export", args=["xlsx"]) not in html


def test_sitemap_when_asked_then_lists_public_projects_only():
    project("Open work", news=TODAY)
    project("Hidden work", is_public=False)
    xml = Client().get("/sitemap.xml").content.decode()
    assert "/projects/open-work/</loc>" in xml
    assert "2026-11-20" in xml
    assert "hidden-work" not in xml
