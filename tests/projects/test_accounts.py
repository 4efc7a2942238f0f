"""What parents say themselves of being involved, and being asked for it once a quarter."""

from datetime import UTC, datetime

import pytest
import time_machine

from coprod.exceptions import NoLongerDue
from coprod.models import Message
from coprod.outbox import write
from projects.models import OwnAccount
from projects.services.accounts import say_involved, take_back_account
from projects.services.chasing import ask_reps, quarter_ends, unspoken
from tests.factories.members import SeatFactory
from tests.factories.projects import NamedFactory, ProjectFactory

pytestmark = pytest.mark.django_db
TYPED = {"involved": "yes", "when_text": "Twice since Easter", "early": "no"}


@pytest.fixture
def project(forum):
    return ProjectFactory(title="School transport", slug="school-transport")


def say(client, project, **typed):
    return client.post(f"/projects/{project.slug}/involved/", TYPED | typed)


def public(client_for, project):
    return client_for(None).get(f"/projects/{project.slug}/log/").content.decode()


def test_word_when_said_then_stands_beside_the_log_by_group(client_for, rep, project):
    response = say(client_for(rep), project)
    account = OwnAccount.objects.get()
    assert response.url == f"/projects/school-transport/involved/{account.pk}/"
    page = public(client_for, project)
    assert "We were involved: Twice since Easter" in page
    assert "No, too late." in page
    assert "A parent representative of Larkmere Autism Families" in page
    assert rep.name not in page
    project.refresh_from_db()
    assert project.last_news_on is not None
    assert project.level is None


@pytest.mark.parametrize(("choice", "shown"), [("first", "first_name"), ("full", "name")])
def test_word_when_its_author_shows_a_name_then_that_is_shown(
    client_for, rep, project, choice, shown
):
    rep.public_name = choice
    rep.save()
    say(client_for(rep), project, involved="no", early="")
    page = public(client_for, project)
    assert "We were not involved" in page
    assert getattr(rep, shown) in page


def test_word_of_somebody_without_a_seat_when_said_then_no_name(client_for, officer, project):
    NamedFactory(project=project, person=officer)
    say(client_for(officer), project)
    page = public(client_for, project)
    assert "Somebody who is on the project" in page
    assert officer.name not in page


def test_word_when_involved_and_not_whether_early_then_asked(client_for, rep, project):
    found = say(client_for(rep), project, early="").context["form"].errors
    assert "early" in found
    found = client_for(rep).post(f"/projects/{project.slug}/involved/", {}).context["form"].errors
    assert "Choose whether you were involved" in str(found)


def test_word_when_not_involved_then_early_is_not_kept(client_for, rep, project):
    say(client_for(rep), project, involved="no")
    assert OwnAccount.objects.get().early == ""


def test_word_when_sent_twice_then_stands_once(client_for, rep, project):
    client = client_for(rep)
    assert say(client, project).url == say(client, project).url
    assert OwnAccount.objects.count() == 1


def test_seats_in_two_groups_when_speaking_then_asked_for_which(
    client_for, rep, project, other_group
):
    SeatFactory(person=rep, group=other_group)
    assert "group" in say(client_for(rep), project).context["form"].errors
    say(client_for(rep), project, group=str(other_group.pk))
    assert OwnAccount.objects.get().group == other_group


def test_group_of_others_when_sent_then_refused(client_for, rep, project, other_group, group):
    SeatFactory(person=rep, group=other_group)
    strange = ProjectFactory()  # a number that is no group of theirs
    assert (
        "group" in say(client_for(rep), project, group=str(strange.pk + 999)).context["form"].errors
    )


def test_coordinator_when_somebody_rings_then_writes_it_down_as_theirs(
    client_for, coordinator, person_without_email, project
):
    client = client_for(coordinator)
    assert "person" in say(client, project).context["form"].errors
    say(client, project, person=str(person_without_email.pk))
    account = OwnAccount.objects.get()
    assert (account.person, account.made_by) == (person_without_email, coordinator)
    page = public(client_for, project)
    assert "Written down for them by the forum" in page
    assert person_without_email.name not in page


def test_rep_when_sending_another_person_then_it_stays_their_own(
    client_for, rep, rep_of_other_group, project
):
    say(client_for(rep), project, person=str(rep_of_other_group.pk))
    assert OwnAccount.objects.get().person == rep


def test_word_when_taken_back_then_nobody_reads_it(client_for, rep, rep_of_other_group, project):
    client = client_for(rep)
    url = say(client, project).url
    assert client_for(rep_of_other_group).post(f"{url}take-back/").status_code == 403
    assert "Take this back?" in client.get(f"{url}take-back/").content.decode()
    client.post(f"{url}take-back/")
    assert "Twice since Easter" not in public(client_for, project)
    assert "This was taken back" in client.get(url).content.decode()
    client.post(f"{url}take-back/")
    assert OwnAccount.objects.get().taken_back_by == rep


# Once a quarter ---------------------------------------------------------------------------------


def on(day):
    return time_machine.travel(datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=UTC))


@pytest.fixture
def named(project, rep):
    with on("2026-02-10"):
        return NamedFactory(project=project, person=rep, part="rep")


@pytest.mark.parametrize(
    ("day", "ends"),
    [("2026-01-01", "2026-03-31"), ("2026-06-30", "2026-06-30"), ("2026-11-22", "2026-12-31")],
)
def test_quarter_when_asked_then_its_last_day(day, ends):
    assert quarter_ends(datetime.fromisoformat(day).date()).isoformat() == ends


def test_rep_when_a_quarter_begins_then_asked_once_and_in_the_weekly_letter(named, rep):
    for day in ("2026-04-01", "2026-04-02", "2026-06-30"):
        with on(day):
            ask_reps()
    message = Message.objects.get()
    assert (message.person, message.template) == (rep, "projects/were_you_involved")
    assert message.is_news
    with on("2026-07-01"):
        ask_reps()
    assert Message.objects.count() == 2


def test_rep_when_named_this_quarter_then_not_asked_yet(named):
    with on("2026-03-20"):
        assert ask_reps() == 0


def test_rep_when_they_have_said_it_then_not_asked(named, rep, project, group):
    with on("2026-03-20"):
        said = say_involved(project=project, person=rep, were_involved=False, group=group, by=rep)
    with on("2026-04-01"):
        assert ask_reps() == 0
        take_back_account(account=said, by=rep)
        assert ask_reps() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"completed_on": "2026-03-01", "completed_at": datetime(2026, 3, 1, tzinfo=UTC)},
    ],
)
def test_rep_when_the_project_is_completed_then_not_asked(named, project, change):
    type(project).objects.filter(pk=project.pk).update(**change)
    with on("2026-04-01"):
        assert ask_reps() == 0


def test_rep_when_off_the_project_or_officer_then_not_asked(named, project, officer):
    with on("2026-02-10"):
        NamedFactory(project=project, person=officer, part="lead")
    named.ended_at = datetime(2026, 3, 1, tzinfo=UTC)
    named.save()
    with on("2026-04-01"):
        assert ask_reps() == 0


def test_letter_when_several_projects_then_each_has_its_address(named, rep, forum):
    with on("2026-02-10"):
        NamedFactory(project=ProjectFactory(title="Short breaks"), person=rep, part="rep")
    with on("2026-04-01"):
        ask_reps()
        letter = write(Message.objects.get())
    assert len(letter.subject) <= 50
    assert "2 projects" in letter.subject
    assert "Short breaks" in letter.text
    assert letter.text.count("/involved/") >= 2


def test_letter_when_it_was_said_meanwhile_or_the_quarter_is_over_then_not_due(
    named, rep, project, group
):
    with on("2026-04-01"):
        ask_reps()
    with on("2026-07-01"), pytest.raises(NoLongerDue):
        write(Message.objects.get())
    with on("2026-04-02"):
        say_involved(project=project, person=rep, were_involved=True, group=group, by=rep)
        with pytest.raises(NoLongerDue):
            write(Message.objects.get())


def test_project_when_hidden_then_its_rep_is_still_asked(named, rep, project):
    project.is_public = False
    project.save()
    with on("2026-04-01"):
        assert list(unspoken(rep, datetime(2026, 4, 1).date())) == [project]
