"""Somebody named on a project whose role or seat has ended since: they may do what others may.

Nobody thinks of the projects when a role or a seat ends, or when a group leaves.
"""

import pytest
from django.urls import reverse

from members.services import change_standing, end_role, end_seat
from projects.models import Named, Project
from projects.services import chasing
from projects.services.levels import officers_of
from projects.services.people import may_be
from projects.services.quiet import leads_of
from tests.factories.projects import InvolvementFactory, NamedFactory, ProjectFactory

#: What each part opens, by route; GET.
OFFICERS = ("project_edit", "status_set", "update_write", "level_claim", "logo_ask")
BOTH = ("involvement_add", "account_add")


@pytest.fixture
def hidden(officer, rep):
    """Not public, with a lead officer and a representative, and an entry of the log."""
    project = ProjectFactory(slug="hidden", is_public=False)
    NamedFactory(project=project, person=officer, part="lead")
    NamedFactory(project=project, person=rep, part="rep")
    InvolvementFactory(project=project, parents=2, officers=1)
    return project


def answers(client, person, project, names):
    client.force_login(person)
    addresses = [reverse(f"projects:{name}", args=[project.slug]) for name in names]
    addresses.append(project.get_absolute_url())
    return {client.get(address).status_code for address in addresses}


def test_officer_when_the_role_has_ended_is_on_the_project_no_more(
    client, officer, hidden, administrator
):
    assert answers(client, officer, hidden, OFFICERS + BOTH) == {200}
    end_role(role=officer.roles.get(), by=administrator)
    assert answers(client, officer, hidden, OFFICERS + BOTH) == {404}
    Project.objects.update(is_public=True)
    assert answers(client, officer, hidden, OFFICERS + BOTH) == {200, 403}
    assert client.get(hidden.get_absolute_url()).status_code == 200
    assert "Say what’s new" not in client.get(hidden.get_absolute_url()).content.decode()
    posted = client.post(reverse("projects:update_write", args=[hidden.slug]), {"text": "Mine"})
    assert posted.status_code == 403


def test_rep_when_the_seat_has_ended_is_on_the_project_no_more(client, rep, hidden, coordinator):
    assert answers(client, rep, hidden, BOTH) == {200}
    end_seat(seat=rep.seats.get(), by=coordinator)
    assert answers(client, rep, hidden, BOTH) == {404}


def test_rep_when_the_group_has_left_is_on_the_project_no_more(
    client, rep, group, hidden, coordinator
):
    change_standing(group=group, standing="former", note="They left", by=coordinator)
    assert answers(client, rep, hidden, BOTH) == {404}


def test_letters_when_the_role_has_ended_go_to_whoever_is_left(
    officer, hidden, administrator, coordinator
):
    assert chasing.who_replies(hidden) == [officer]
    end_role(role=officer.roles.get(), by=administrator)
    assert chasing.who_replies(hidden) == [coordinator]
    assert officers_of(hidden) == []
    assert leads_of([hidden]) == {}


def test_desk_when_the_role_has_ended_asks_for_nothing(client, officer, hidden, administrator):
    client.force_login(officer)
    assert hidden.title in client.get("/projects/requests/").content.decode()
    end_role(role=officer.roles.get(), by=administrator)
    for address in ("/today/", "/projects/requests/"):
        assert hidden.title not in client.get(address).content.decode()


def test_naming_when_read_for_many_is_what_it_is_for_one(officer, rep, hidden, administrator):
    """The question in SQL and the one about one person say the same."""
    for each in Named.objects.all():
        assert may_be(each.person, each.part)
    assert Named.objects.holding().count() == 2
    end_role(role=officer.roles.get(), by=administrator)
    held = [each for each in Named.objects.all() if may_be(each.person, each.part)]
    assert list(Named.objects.holding()) == held
