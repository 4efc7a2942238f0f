"""The pages that change a project: what they ask, what they show before they save, who may."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from projects.models import Override, Project, Theme
from projects.services import overrides
from tests.factories.projects import NamedFactory, ProjectFactory, ThemeFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 19)
EMPTY = {
    "title": "Getting to school",
    "summary": "",
    "driver": "",
    "theme": "",
    "lead": "",
    "involved": "",
    "started_text": "",
    "due_text": "",
    "review_on": "",
    "wards": "",
    "is_public": "on",
    "edit_no": "0",
}


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel(datetime(2026, 11, 19, 10, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def project(officer):
    project = ProjectFactory(title="Getting to school", slug="getting-to-school")
    NamedFactory(project=project, person=officer, part="lead")
    return project


@pytest.fixture
def run(client_for, coordinator):
    return client_for(coordinator)


def test_project_when_added_is_on_its_page_and_asks_who_is_on_it(run):
    answer = run.post("/projects/add/", {**EMPTY, "due_text": "Spring 2027"}, follow=True)
    assert answer.redirect_chain[0][0] == "/projects/getting-to-school/people/"
    assert "We take “Spring 2027” as by 31 May 2027" in answer.text
    assert Project.objects.get().due_last == date(2027, 5, 31)


def test_project_without_a_title_when_added_keeps_all_that_was_typed(run):
    answer = run.post("/projects/add/", {**EMPTY, "title": "", "driver": "Families ring"})
    assert "Enter what the work is called" in answer.text
    assert "Families ring" in answer.text
    assert not Project.objects.exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("by Easter", "We don’t understand this date"),
        ("'023/24", "Looks damaged: read as 2023/24"),
        ("May 26", "Read as May 2026"),
    ],
)
def test_date_that_is_guessed_at_when_sent_is_shown_before_it_is_saved(run, text, words):
    sent = {**EMPTY, "due_text": text}
    answer = run.post("/projects/add/", sent)
    assert "Nothing is saved yet" in answer.text
    assert words in answer.text
    assert not Project.objects.exists()
    seen = answer.context["form"].data
    answer = run.post(
        "/projects/add/",
        {**sent, "seen_started": seen["seen_started"], "seen_due": seen["seen_due"]},
    )
    assert answer.status_code == 302
    assert Project.objects.get().due_text == text


def test_date_when_written_another_way_after_the_check_is_looked_at_anew(run):
    sent = {**EMPTY, "due_text": "by Christmas", "seen_started": "", "seen_due": "by Easter"}
    answer = run.post("/projects/add/", sent)
    assert "Nothing is saved yet" in answer.text


def test_doubtful_date_when_it_stood_there_before_is_not_asked_about_again(run, project):
    Project.objects.update(due_text="by Easter", due_kind="unread")
    answer = run.post(
        "/projects/getting-to-school/edit/", {**EMPTY, "title": "Buses", "due_text": "by Easter"}
    )
    assert answer.status_code == 302
    assert Project.objects.get().title == "Buses"


def test_edit_when_somebody_else_saved_meanwhile_keeps_both_words(run, project):
    Project.objects.update(edit_no=3, title="Buses")
    answer = run.post("/projects/getting-to-school/edit/", {**EMPTY, "title": "Trains"})
    assert "Somebody else changed this" in answer.text
    assert "Trains" in answer.text
    assert Project.objects.get().title == "Buses"
    answer = run.post(
        "/projects/getting-to-school/edit/", {**EMPTY, "title": "Trains", "edit_no": "3"}
    )
    assert answer.status_code == 302
    assert Project.objects.get().title == "Trains"


def test_officer_when_changing_their_project_cannot_hide_or_show_it(project, officer, client_for):
    Project.objects.update(is_public=False)
    client = client_for(officer)
    page = client.get("/projects/getting-to-school/edit/").text
    assert "is_public" not in page
    client.post("/projects/getting-to-school/edit/", {**EMPTY, "title": "Buses"})
    project.refresh_from_db()
    assert (project.title, project.is_public) == ("Buses", False)


def test_coordinator_when_taking_the_tick_away_hides_the_project(run, project, client_for):
    run.post("/projects/getting-to-school/edit/", {**EMPTY, "is_public": ""})
    assert client_for(None).get("/projects/getting-to-school/").status_code == 404


def test_project_when_completed_and_taken_back_says_so_each_time(run, project):
    answer = run.post(
        "/projects/getting-to-school/complete/", {"on": "1/11/2026", "text": ""}, follow=True
    )
    assert "is completed, on 1 November 2026" in answer.text
    answer = run.post("/projects/getting-to-school/reopen/", follow=True)
    assert "goes on" in answer.text
    project.refresh_from_db()
    assert project.completed_on is None


def test_completion_on_a_day_ahead_when_sent_is_refused_at_its_field(run, project):
    answer = run.post("/projects/getting-to-school/complete/", {"on": "20/11/2026", "text": ""})
    assert "Enter a day that has come already" in answer.text


def test_status_when_set_by_hand_needs_a_reason_and_shows_both(project, officer, client_for):
    Project.objects.update(due_kind="year", due_first="2025-01-01", due_last="2025-12-31")
    client = client_for(officer)
    address = "/projects/getting-to-school/status/"
    assert (
        "Say why the dates are wrong"
        in client.post(address, {"status": "to_complete", "reason": ""}).text
    )
    assert client.post(address, {"status": "completed", "reason": "So"}).status_code == 200
    assert client.post(address, {"status": "overdue", "reason": "So"}).status_code == 200
    client.post(address, {"status": "to_complete", "reason": "A new plan is agreed"})
    assert Override.objects.get().made_by == officer
    page = client.get("/projects/getting-to-school/status/end/").text
    assert "A new plan is agreed" in page
    assert "Overdue" in page
    client.post("/projects/getting-to-school/status/end/")
    project.refresh_from_db()
    assert Override.objects.get().ended_by == officer


def test_rep_on_the_project_when_trying_to_change_it_is_refused(project, rep, client_for):
    NamedFactory(project=project, person=rep, part="rep")
    for page in ("edit", "status", "news", "complete", "people", "review"):
        answer = client_for(rep).post(f"/projects/getting-to-school/{page}/", EMPTY)
        assert answer.status_code == 403, page
    project.refresh_from_db()
    assert project.title == "Getting to school"


def test_officer_when_no_longer_on_it_may_not_write(project, officer, client_for):
    project.named.update(ended_at=datetime(2026, 11, 1, tzinfo=UTC))
    answer = client_for(officer).post(
        "/projects/getting-to-school/news/", {"text": "A", "on": "18/11/2026"}
    )
    assert answer.status_code == 403
    assert not project.updates.exists()


def test_news_when_written_is_dated_and_thanks(project, officer, client_for):
    answer = client_for(officer).post(
        "/projects/getting-to-school/news/",
        {"text": "Routes are drawn.", "on": "18 November 2026"},
        follow=True,
    )
    assert "Your news is on the page" in answer.text
    project.refresh_from_db()
    assert project.last_news_on == date(2026, 11, 18)


def test_news_of_tomorrow_when_sent_is_refused_with_the_words_kept(project, officer, client_for):
    answer = client_for(officer).post(
        "/projects/getting-to-school/news/", {"text": "Routes are drawn.", "on": "20/11/2026"}
    )
    assert "Enter today or a day that has been" in answer.text
    assert "Routes are drawn." in answer.text


def test_ongoing_work_when_looked_at_is_asked_about_again_in_a_year(project, run):
    Project.objects.update(due_kind="open", due_text="ongoing", review_on=TODAY)
    page = run.get("/projects/getting-to-school/review/")
    assert "19 November 2027" in page.text
    run.post(
        "/projects/getting-to-school/review/", {"next_on": "19 November 2027", "text": "It runs."}
    )
    project.refresh_from_db()
    assert project.review_on == date(2027, 11, 19)
    assert project.updates.get().text == "It runs."


def test_person_when_named_from_the_list_is_on_it_until_taken_off(run, project, rep, officer):
    address = "/projects/getting-to-school/people/"
    page = run.get(address)
    assert list(page.context["choices"]) == [rep]
    answer = run.post(address, {"person": rep.pk, "part": "officer"})
    assert "isn’t an officer" in answer.text
    answer = run.post(address, {"person": rep.pk, "part": "rep"}, follow=True)
    assert "Nadia Karim is on it now, as representative" in answer.text
    named = project.named.current().get(person=rep)
    run.post(f"{address}{named.pk}/end/")
    assert not project.named.current().filter(person=rep).exists()


def test_naming_of_another_project_when_ended_by_its_number_is_not_found(run, project):
    other = NamedFactory()
    answer = run.post(f"/projects/getting-to-school/people/{other.pk}/end/")
    assert answer.status_code == 404
    other.refresh_from_db()
    assert other.ended_at is None


def test_theme_when_added_renamed_and_taken_away_says_so(run):
    run.post("/projects/themes/", {"name": "Transport"})
    theme = Theme.objects.get()
    assert "already" in run.post("/projects/themes/", {"name": "TRANSPORT"}).text
    run.post(f"/projects/themes/{theme.pk}/", {"name": "Getting about"})
    theme.refresh_from_db()
    assert theme.name == "Getting about"
    run.post(f"/projects/themes/{theme.pk}/", {"delete": "1"})
    assert not Theme.objects.exists()


def test_theme_that_projects_have_when_taken_away_stays(run):
    theme = ThemeFactory()
    ProjectFactory(theme=theme)
    answer = run.post(f"/projects/themes/{theme.pk}/", {"delete": "1"})
    assert "Projects have this theme" in answer.text
    assert Theme.objects.exists()


# What the project's page includes ----------------------------------------------------------------


def partial(name, project, user):
    from django.template import Context, Template

    words = f"{{% load editing %}}{{% {name} project user %}}"
    if name == "project_status":
        words = "{% load editing %}{% project_status project %}"
    return Template(words).render(Context({"project": project, "user": user}))


def test_actions_when_shown_are_those_that_the_reader_has(project, coordinator, officer, rep):
    from django.contrib.auth.models import AnonymousUser

    assert "Mark it completed" in partial("project_actions", project, coordinator)
    officers = partial("project_actions", project, officer)
    assert "Say what’s new" in officers
    assert "Mark it completed" not in officers
    for reader in (rep, AnonymousUser()):
        assert "<a" not in partial("project_actions", project, reader)


def test_history_when_shown_tells_who_did_what_to_those_who_keep_it(
    project, officer, rep, run, client_for
):
    run.post("/projects/getting-to-school/edit/", {**EMPTY, "title": "Buses"})
    project.refresh_from_db()
    told = partial("project_history", project, officer)
    assert "Changed: its name, by Ruth Adeyemi" in told
    assert "<li" not in partial("project_history", project, rep)


def test_status_when_shown_says_why_what_it_was_and_what_was_set_by_hand(project, officer):
    project.status_changes.create(status="due_to_start", on=date(2026, 1, 10))
    project.status_changes.create(status="to_complete", on=date(2026, 5, 3))
    Project.objects.update(
        started_first="2026-05-03", started_last="2026-05-03", started_kind="day"
    )
    project.refresh_from_db()
    words = partial("project_status", project, officer)
    assert "To complete" in words
    assert "Before that due to start, until 3 May 2026" in words
    overrides.override_status(project=project, status="overdue", reason="It’s late", by=officer)
    words = partial("project_status", project, officer)
    assert "It’s late" in words
    assert "to complete" in words
    assert "Before that to complete" in words


def test_pages_when_opened_need_few_questions(run, project, officer, django_assert_max_num_queries):
    for count in range(20):
        project.updates.create(text="A", on=TODAY - timedelta(days=count))
        NamedFactory(project=project)
    for page in ("edit", "people", "status", "news", "review", "complete"):
        with django_assert_max_num_queries(14):
            assert run.get(f"/projects/getting-to-school/{page}/").status_code == 200
    with django_assert_max_num_queries(14):
        run.get("/projects/to-look-at/")
