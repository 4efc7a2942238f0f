"""Adding, changing, completing and overriding: what the services keep, and what they refuse."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from projects.models import Named, Project, StatusChange
from projects.services import overrides, people, projects, statuses, themes
from projects.services.news import note_news, write_update
from projects.status import Status
from tests.factories.projects import NamedFactory, ProjectFactory

pytestmark = pytest.mark.django_db

NOVEMBER = time_machine.travel(datetime(2026, 11, 19, 10, tzinfo=UTC), tick=False)


@pytest.fixture(autouse=True)
def _november():
    with NOVEMBER:
        yield


def changes(project):
    return [(c.status, c.on) for c in StatusChange.objects.filter(project=project).order_by("pk")]


def test_project_when_added_keeps_its_dates_as_written_and_as_understood(coordinator):
    project = projects.add_project(
        by=coordinator, title="Getting to school", started_text=" Jan 2026 ", due_text="Spring 2027"
    )
    project.refresh_from_db()
    assert (project.started_text, project.due_text) == (" Jan 2026 ", "Spring 2027")
    assert (project.started_first, project.due_last) == (date(2026, 1, 1), date(2027, 5, 31))
    assert changes(project) == [("to_complete", date(2026, 11, 19))]
    assert AuditEvent.objects.about(project).get().verb == "add_project"


def test_due_month_without_a_year_when_added_takes_it_from_the_start_and_says_so(coordinator):
    project = projects.add_project(
        by=coordinator, title="Pages", started_text="Jan 2021", due_text="end of Feb-ongoing"
    )
    assert (project.due_kind, project.due_last) == ("mixed", date(2021, 2, 28))
    assert "year is taken" in project.due_doubt
    assert project.status_on(date(2026, 11, 19)) == Status.TO_COMPLETE


def test_two_projects_of_one_title_when_added_have_their_own_addresses(coordinator, officer):
    first = projects.add_project(by=coordinator, title="Short breaks")
    second = projects.add_project(by=officer, title="Short breaks")
    assert (first.slug, second.slug) == ("short-breaks", "short-breaks-2")


@pytest.mark.parametrize("title", ["Add", "Themes", "To look at", "Requests"])
def test_title_that_is_the_address_of_a_page_when_added_gets_another(coordinator, title):
    project = projects.add_project(by=coordinator, title=title)
    assert project.slug.endswith("-2")


def test_title_without_a_letter_when_added_still_has_an_address(coordinator):
    assert projects.add_project(by=coordinator, title="🎈").slug == "project"


def test_work_without_an_end_when_added_is_looked_at_in_a_year(coordinator):
    ongoing = projects.add_project(by=coordinator, title="A", due_text="ongoing")
    ending = projects.add_project(by=coordinator, title="B", due_text="2027")
    assert (ongoing.review_on, ending.review_on) == (date(2027, 11, 19), None)


def test_project_when_somebody_else_saved_first_refuses_the_stale_edit(coordinator, officer):
    project = projects.add_project(by=coordinator, title="Getting to school")
    number = project.edit_no
    projects.change_project(project=project, values={"title": "Buses"}, edit_no=number, by=officer)
    with pytest.raises(projects.StaleEdit) as refused:
        projects.change_project(
            project=project, values={"title": "Trains"}, edit_no=number, by=coordinator
        )
    assert refused.value.current == number + 1
    assert Project.objects.get().title == "Buses"


def test_start_when_it_changes_has_the_due_date_read_again(coordinator):
    project = projects.add_project(
        by=coordinator, title="A", started_text="Jan 2021", due_text="March"
    )
    projects.change_project(
        project=project, values={"started_text": "Jan 2026"}, edit_no=0, by=coordinator
    )
    assert project.due_last == date(2026, 3, 31)


def test_project_when_completed_and_taken_back_keeps_every_step(coordinator):
    project = projects.add_project(by=coordinator, title="A", started_text="2021", due_text="2022")
    projects.complete_project(
        project=project, on=date(2026, 11, 1), by=coordinator, text="It is open."
    )
    assert project.status_on(date(2026, 11, 19)) == Status.COMPLETED
    assert project.updates.get().text == "It is open."
    assert project.last_news_on == date(2026, 11, 1)
    with pytest.raises(TransitionNotAllowed):
        projects.complete_project(project=project, on=date(2026, 11, 1), by=coordinator)
    projects.reopen_project(project=project, by=coordinator)
    with pytest.raises(TransitionNotAllowed):
        projects.reopen_project(project=project, by=coordinator)
    assert [status for status, _ in changes(project)] == ["overdue", "completed", "overdue"]


def test_project_when_completed_on_a_day_ahead_is_refused(coordinator):
    project = projects.add_project(by=coordinator, title="A")
    with pytest.raises(TransitionNotAllowed):
        projects.complete_project(project=project, on=date(2026, 11, 20), by=coordinator)


def test_status_when_set_by_hand_is_shown_until_it_is_ended_or_completed(coordinator, officer):
    project = projects.add_project(by=coordinator, title="A", started_text="2021", due_text="2022")
    today = date(2026, 11, 19)
    overrides.override_status(
        project=project, status="to_complete", reason="A new plan is agreed", by=officer
    )
    assert project.status_on(today) == "to_complete"
    overrides.override_status(
        project=project, status="due_to_start", reason="Begins anew", by=officer
    )
    assert project.overrides.filter(ended_at__isnull=True).count() == 1
    overrides.end_override(project=project, by=officer)
    assert project.status_on(today) == "overdue"
    with pytest.raises(TransitionNotAllowed):
        overrides.end_override(project=project, by=officer)
    overrides.override_status(project=project, status="to_complete", reason="Again", by=officer)
    projects.complete_project(project=project, on=today, by=coordinator)
    assert not project.overrides.filter(ended_at__isnull=True).exists()
    assert project.status_on(today) == "completed"


def test_status_when_set_to_what_the_dates_say_or_to_completed_is_refused(coordinator):
    project = projects.add_project(by=coordinator, title="A", started_text="2021", due_text="2022")
    for status in ("overdue", "completed"):
        with pytest.raises(TransitionNotAllowed):
            overrides.override_status(project=project, status=status, reason="So", by=coordinator)
    projects.complete_project(project=project, on=date(2026, 11, 1), by=coordinator)
    with pytest.raises(TransitionNotAllowed):
        overrides.override_status(project=project, status="overdue", reason="So", by=coordinator)


# The status over time ----------------------------------------------------------------------------


def test_status_when_the_clock_changes_it_is_dated_to_the_day_it_came_true(coordinator):
    with time_machine.travel("2026-01-10 10:00", tick=False):
        project = projects.add_project(
            by=coordinator, title="A", started_text="March 2026", due_text="May 2026"
        )
    with time_machine.travel("2026-04-20 06:00", tick=False):
        assert statuses.note_statuses_when_due() == 1
        assert statuses.note_statuses_when_due() == 0
        assert project.previous_status_on(date(2026, 4, 20)) == ("due_to_start", date(2026, 3, 1))
    with time_machine.travel("2026-07-05 06:00", tick=False):
        statuses.note_statuses_when_due()
    assert changes(project) == [
        ("due_to_start", date(2026, 1, 10)),
        ("to_complete", date(2026, 3, 1)),
        ("overdue", date(2026, 6, 1)),
    ]


def test_status_when_the_timetable_was_late_is_still_the_one_before(coordinator):
    with time_machine.travel("2026-01-10 10:00", tick=False):
        project = projects.add_project(
            by=coordinator, title="A", started_text="2021", due_text="May 2026"
        )
    assert project.previous_status_on(date(2026, 6, 1)) == ("to_complete", date(2026, 6, 1))


def test_imported_project_when_the_timetable_first_sees_it_gets_its_first_row():
    project = ProjectFactory()
    assert project.previous_status_on(date(2026, 11, 19)) is None
    assert statuses.note_statuses_when_due() == 1
    assert changes(project) == [("due_to_start", date(2026, 11, 19))]
    assert project.previous_status_on(date(2026, 11, 19)) is None


def test_ongoing_work_without_a_review_date_when_looked_over_gets_one_once():
    ongoing = ProjectFactory(due_kind="open", created_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    old = ProjectFactory(due_kind="open", created_at=datetime(2020, 3, 1, 12, tzinfo=UTC))
    ending = ProjectFactory(due_kind="year", due_first="2027-01-01", due_last="2027-12-31")
    assert statuses.give_review_dates() == 2
    assert statuses.give_review_dates() == 0
    for each in (ongoing, old, ending):
        each.refresh_from_db()
    assert (ongoing.review_on, old.review_on) == (date(2027, 3, 1), date(2026, 11, 19))
    assert ending.review_on is None


def test_ongoing_work_when_looked_at_is_due_again_on_the_day_given(coordinator):
    project = ProjectFactory(due_kind="open", review_on=date(2026, 11, 19))
    assert list(Project.objects.review_due(date(2026, 11, 19))) == [project]
    assert project.is_review_due_on(date(2026, 11, 19))
    with pytest.raises(TransitionNotAllowed):
        projects.review_project(project=project, next_on=date(2026, 11, 19), by=coordinator)
    projects.review_project(
        project=project, next_on=date(2027, 11, 19), by=coordinator, text="It goes on."
    )
    assert not Project.objects.review_due(date(2026, 11, 19)).exists()
    assert project.updates.get().text == "It goes on."


# News --------------------------------------------------------------------------------------------


def test_news_when_written_twice_is_one_and_counts_as_news(officer):
    project = ProjectFactory()
    for _ in range(2):
        write_update(project=project, text="Routes are drawn.", on=date(2026, 11, 3), by=officer)
    assert project.updates.count() == 1
    assert project.last_news_on == date(2026, 11, 3)
    note_news(project, date(2026, 10, 1))
    assert project.last_news_on == date(2026, 11, 3)


def test_news_of_a_day_ahead_when_written_is_refused(officer):
    with pytest.raises(TransitionNotAllowed):
        write_update(project=ProjectFactory(), text="A", on=date(2026, 11, 20), by=officer)


# People ------------------------------------------------------------------------------------------


def test_person_when_named_is_told_once_and_a_project_has_one_lead(coordinator, officer, rep):
    project = ProjectFactory()
    named = people.name_person(project=project, person=officer, part="lead", by=coordinator)
    assert people.name_person(project=project, person=officer, part="lead", by=coordinator) == named
    assert Message.objects.filter(template="projects/named", person=officer).count() == 1
    with pytest.raises(TransitionNotAllowed):
        people.name_person(project=project, person=rep, part="lead", by=coordinator)
    with pytest.raises(TransitionNotAllowed):
        people.name_person(project=project, person=officer, part="rep", by=coordinator)
    people.name_person(project=project, person=rep, part="rep", by=coordinator)
    assert project.named.current().count() == 2


def test_second_lead_officer_when_named_is_refused_until_the_first_has_ended(
    coordinator, officer, organisation
):
    from tests.factories.members import PersonFactory, RoleFactory

    other = RoleFactory(
        person=PersonFactory(name="Priya Nandy"), kind="officer", organisation=organisation
    ).person
    project = ProjectFactory()
    first = people.name_person(project=project, person=officer, part="lead", by=coordinator)
    with pytest.raises(TransitionNotAllowed, match="Owen Pryce is the lead officer"):
        people.name_person(project=project, person=other, part="lead", by=coordinator)
    people.end_naming(named=first, by=coordinator)
    people.end_naming(named=first, by=coordinator)
    people.name_person(project=project, person=other, part="lead", by=coordinator)
    assert project.named.current().get().person == other


def test_officer_when_made_lead_changes_part_and_is_named_once(coordinator, officer):
    project = ProjectFactory()
    people.name_person(project=project, person=officer, part="officer", by=coordinator)
    people.name_person(project=project, person=officer, part="lead", by=coordinator)
    assert [n.part for n in project.named.current()] == ["lead"]
    assert Named.objects.filter(project=project).count() == 2


def test_letter_about_being_named_when_it_has_ended_is_not_sent(
    coordinator, officer, outbox_drained
):
    project = ProjectFactory()
    named = people.name_person(project=project, person=officer, part="officer", by=coordinator)
    people.end_naming(named=named, by=coordinator)
    assert not outbox_drained()


def test_letter_about_being_named_when_sent_says_as_what(coordinator, rep, outbox_drained):
    project = ProjectFactory(title="Getting to school")
    people.name_person(project=project, person=rep, part="rep", by=coordinator)
    (mail,) = outbox_drained()
    assert "“Getting to school” now, as representative" in mail.body


# Themes ------------------------------------------------------------------------------------------


def test_theme_when_renamed_keeps_its_address_and_names_stay_unique(coordinator):
    theme = themes.add_theme(name="Transport", by=coordinator)
    with pytest.raises(TransitionNotAllowed):
        themes.add_theme(name="transport", by=coordinator)
    themes.rename_theme(theme=theme, name="Getting about", by=coordinator)
    assert (theme.name, theme.slug) == ("Getting about", "transport")
    ProjectFactory(theme=theme)
    with pytest.raises(TransitionNotAllowed):
        themes.delete_theme(theme=theme, by=coordinator)


def test_person_when_switched_off_is_not_named(coordinator, officer):
    officer.is_active = False
    officer.save()
    with pytest.raises(TransitionNotAllowed):
        people.name_person(project=ProjectFactory(), person=officer, part="lead", by=coordinator)


def test_named_person_when_they_say_it_is_news_of_a_hidden_project_is_allowed(officer, client_for):
    project = ProjectFactory(is_public=False)
    NamedFactory(project=project, person=officer)
    response = client_for(officer).post(
        f"/projects/{project.slug}/news/", {"text": "It moves.", "on": "18/11/2026"}
    )
    assert response.status_code == 302
    assert project.updates.get().on == date(2026, 11, 18)


def test_many_imported_projects_when_first_seen_are_noted_in_few_questions(
    forum, django_assert_max_num_queries
):
    ProjectFactory.create_batch(60)
    with django_assert_max_num_queries(8):
        assert statuses.note_statuses_when_due() == 60
    assert statuses.note_statuses_when_due() == 0


def test_imported_project_that_was_overdue_long_ago_when_first_seen_is_dated_to_its_adding():
    with time_machine.travel("2026-11-17 10:00", tick=False):
        project = ProjectFactory(due_kind="year", due_first="2022-01-01", due_last="2022-12-31")
    statuses.note_statuses_when_due()
    assert changes(project) == [("overdue", date(2026, 11, 17))]
