"""Gone quiet: the lead officer is asked once a spell, reminded once, then it is on an agenda."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from coprod.models import Message
from projects.services import quiet
from projects.services.news import write_update
from tests.factories.projects import NamedFactory, ProjectFactory

pytestmark = pytest.mark.django_db

ADDED = datetime(2026, 1, 10, 12, tzinfo=UTC)


def on(day, hour=9):
    return time_machine.travel(f"2026-{day} {hour:02}:30", tick=False)


@pytest.fixture
def project(officer):
    project = ProjectFactory(title="Getting to school", last_news_on=date(2026, 3, 1))
    type(project).objects.filter(pk=project.pk).update(created_at=ADDED)
    project.refresh_from_db()
    NamedFactory(project=project, person=officer, part="lead")
    return project


def asked():
    return Message.objects.filter(template="projects/quiet").order_by("pk")


def test_lead_officer_when_sixty_days_have_passed_is_asked_once(project, officer, forum):
    with on("04-29"):
        assert quiet.ask_when_due() == 0
    with on("04-30"):
        assert quiet.ask_when_due() == 1
        assert quiet.ask_when_due() == 0
    with on("05-01"):
        assert quiet.ask_when_due() == 0
    assert asked().get().person == officer


def test_lead_officer_when_two_weeks_more_have_passed_is_reminded_once(project):
    for day in ("04-30", "05-13", "05-14", "05-15", "06-20"):
        with on(day):
            quiet.ask_when_due()
    assert [m.ids["again"] for m in asked()] == [False, True]
    assert asked().last().created_at.date() == date(2026, 5, 14)


def test_letter_when_news_came_before_it_was_written_is_not_sent(project, officer, outbox_drained):
    with on("04-30"):
        quiet.ask_when_due()
        write_update(project=project, text="Routes are drawn.", on=date(2026, 4, 30), by=officer)
        assert not outbox_drained()
    assert asked().get().state == Message.State.DROPPED


def test_letter_when_sent_says_since_when_and_leads_to_the_news_form(project, outbox_drained):
    with on("04-30"):
        quiet.ask_when_due()
        (mail,) = outbox_drained()
    assert mail.subject == "Say what’s new on your project"
    assert "since Sunday 1 March 2026" in mail.body
    assert f"/projects/{project.slug}/news/" in mail.body


def test_next_spell_when_news_came_and_stopped_again_is_asked_about_anew(project, officer):
    with on("04-30"):
        quiet.ask_when_due()
    write_update(
        project=project,
        text="It moves.",
        on=date(2026, 5, 2),
        by=officer,
        at=datetime(2026, 5, 2, 12, tzinfo=UTC),
    )
    with on("07-01"):
        assert quiet.ask_when_due() == 1
    assert asked().count() == 2


def test_new_lead_officer_when_the_first_was_asked_is_asked_too(project, organisation):
    from tests.factories.members import PersonFactory, RoleFactory

    with on("04-30"):
        quiet.ask_when_due()
    project.named.update(ended_at=ADDED)
    other = RoleFactory(person=PersonFactory(), kind="officer", organisation=organisation).person
    NamedFactory(project=project, person=other, part="lead")
    with on("05-01"):
        assert quiet.ask_when_due() == 1
    assert asked().last().person == other


def test_project_when_its_lead_was_reminded_two_weeks_ago_is_for_an_agenda(project):
    for day in ("04-30", "05-14"):
        with on(day):
            quiet.ask_when_due()
    assert quiet.unanswered(date(2026, 5, 27)) == []
    assert quiet.unanswered(date(2026, 5, 28)) == [project]


def test_project_when_nobody_leads_it_is_for_an_agenda_two_weeks_later(project):
    project.named.update(ended_at=ADDED)
    assert quiet.unanswered(date(2026, 5, 13)) == []
    assert quiet.unanswered(date(2026, 5, 14)) == [project]


def test_project_when_it_is_not_public_is_for_no_agenda(project):
    project.named.update(ended_at=ADDED)
    type(project).objects.update(is_public=False)
    assert quiet.unanswered(date(2026, 8, 1)) == []


def test_many_quiet_projects_when_asked_for_need_three_questions(
    officer, django_assert_num_queries, forum
):
    for count in (3, 30):
        while type_count() < count:
            NamedFactory(project=ProjectFactory(created_at=ADDED), person=officer, part="lead")
        with django_assert_num_queries(4):  # and the forum's own row
            assert len(quiet.quiet_projects(date(2026, 11, 19))) == count


def type_count():
    from projects.models import Project

    return Project.objects.count()


# Reviews -----------------------------------------------------------------------------------------


def test_lead_officer_when_a_review_is_due_is_asked_once_a_review(project, officer, outbox_drained):
    type(project).objects.update(
        due_kind="open", due_text="ongoing", review_on=date(2026, 3, 10), last_news_on=None
    )
    with on("03-09"):
        assert quiet.ask_for_reviews() == 0
    with on("03-10"):
        quiet.ask_for_reviews()
        quiet.ask_for_reviews()
        (mail,) = outbox_drained()
    assert mail.subject == "Look again at your ongoing project"
    assert "“ongoing”" in mail.body
    assert Message.objects.filter(template="projects/review_due").count() == 1


# Today -------------------------------------------------------------------------------------------


def test_coordinator_when_a_quiet_project_has_no_lead_finds_it_on_today(
    project, coordinator, client_for
):
    with on("05-02"):
        assert "Name a lead officer" not in client_for(coordinator).get("/today/").text
        project.named.update(ended_at=ADDED)
        page = client_for(coordinator).get("/today/").text
        assert "Name a lead officer: Getting to school" in page
        listed = client_for(coordinator).get("/projects/to-look-at/").text
        assert "Nobody leads it" in listed


def test_coordinator_when_reviews_are_due_finds_them_on_today(coordinator, client_for):
    with on("05-02"):
        ProjectFactory(title="Coffee mornings", due_kind="open", review_on=date(2026, 5, 1))
        assert "Look again at Coffee mornings" in client_for(coordinator).get("/today/").text
        ProjectFactory(due_kind="open", review_on=date(2026, 5, 1))
        assert "Look again at 2 ongoing projects" in client_for(coordinator).get("/today/").text
