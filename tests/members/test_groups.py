"""Groups: the public list and pages, the map, standing, and how members are named."""

import pytest
from django.test import Client
from django.urls import reverse

from coprod.models import AuditEvent
from members import services
from members.models import MemberGroup, Person
from tests.factories.members import MemberGroupFactory, PersonFactory, SeatFactory

LIST, ADD = reverse("members:group_list"), reverse("members:group_add")


def html_of(page):
    return page.content.decode()


@pytest.fixture
def rare(forum):
    return MemberGroupFactory(
        name="Rare Diseases Coast", slug="rare", standing=MemberGroup.Standing.VISITED
    )


def test_list_when_public_then_member_groups_with_their_seats_only(group, rep, staff, rare):
    html = html_of(Client().get(LIST))
    assert group.name in html
    assert "2 of 3 seats taken" in html
    assert rare.name not in html
    assert Client().get(rare.get_absolute_url()).status_code == 404


def test_list_when_coordinator_then_the_rest_of_the_map_by_standing(
    coordinator, client_for, group, rare
):
    html = html_of(client_for(coordinator).get(LIST))
    assert html.index(group.name) < html.index("Visited") < html.index(rare.name)


def test_list_when_asked_again_then_unchanged_and_without_cookie(group):
    first = Client().get(LIST)
    assert not first.cookies
    assert Client().get(LIST, headers={"if-none-match": first["ETag"]}).status_code == 304


def test_list_when_public_then_holds_no_form_and_no_token(group):
    for address in (LIST, group.get_absolute_url()):
        assert "<form" not in html_of(Client().get(address))


@pytest.mark.parametrize(
    ("choice", "seen"),
    [
        (Person.PublicName.GROUP, "A parent representative"),
        (Person.PublicName.FIRST, "Nadia"),
        (Person.PublicName.FULL, "Nadia Karim"),
    ],
)
def test_page_when_public_then_names_a_rep_as_they_chose(choice, seen, group, rep):
    rep.public_name = choice
    rep.save()
    html = html_of(Client().get(group.get_absolute_url()))
    assert seen in html
    assert ("Karim" in html) == (choice == Person.PublicName.FULL)
    assert rep.email not in html


def test_page_when_staff_chose_nothing_then_not_called_a_parent(group, staff):
    html = html_of(Client().get(group.get_absolute_url()))
    assert "A member of staff" in html
    assert "A parent representative" not in html


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("rep_of_other_group", True),
        ("staff", True),
        ("coordinator", True),
        ("administrator", True),
        ("officer", False),
        ("treasurer", False),
        ("stranger", False),
    ],
)
def test_page_when_signed_in_then_names_for_those_who_sit_or_run(
    who, sees, request, client_for, group, rep
):
    page = client_for(request.getfixturevalue(who)).get(group.get_absolute_url())
    assert (rep.name in html_of(page)) == sees


def test_public_page_when_a_rep_changes_their_mind_then_the_stored_page_goes(
    group, rep, client_for
):
    assert rep.name not in html_of(Client().get(group.get_absolute_url()))
    form = {"name": rep.name, "public_name": "full", "email": rep.email, "channel": "email"}
    client_for(rep).post(reverse("members:my_details_edit"), form)
    assert rep.name in html_of(Client().get(group.get_absolute_url()))
    form["public_name"] = "group"
    client_for(rep).post(reverse("members:my_details_edit"), form)
    assert rep.name not in html_of(Client().get(group.get_absolute_url()))


def test_public_pages_when_seats_and_groups_change_then_they_follow(coordinator, client_for, group):
    assert "0 of 3 seats taken" in html_of(Client().get(LIST))
    seat = services.seat_person(group=group, person=PersonFactory(), by=coordinator)
    assert "1 of 3 seats taken" in html_of(Client().get(LIST))
    services.end_seat(seat=seat, by=coordinator)
    assert "0 of 3 seats taken" in html_of(Client().get(LIST))
    services.change_standing(group=group, standing="left", by=coordinator)
    assert group.name not in html_of(Client().get(LIST))
    assert Client().get(group.get_absolute_url()).status_code == 404


def test_page_when_coordinator_then_history_with_dates(coordinator, client_for, group):
    person = PersonFactory(name="Una Priddy")
    seat = SeatFactory(group=group, person=person)
    seat.end(by=coordinator)
    services.change_standing(
        group=group, standing="member", by=coordinator, note="Signed at their fair", minutes=45
    )
    html = html_of(client_for(coordinator).get(group.get_absolute_url()))
    assert "Una Priddy" in html
    assert f"ended by {coordinator.name}" in html
    assert "Signed at their fair" in html
    assert "45 minutes" in html
    assert "Una Priddy" not in html_of(Client().get(group.get_absolute_url()))


def test_add_when_saved_then_on_the_map_with_its_first_step(coordinator, client_for):
    form = {"name": "Harbour SEND Dads", "kind": "parents", "standing": "known"}
    page = client_for(coordinator).post(ADD, form, follow=True)
    group = MemberGroup.objects.get()
    assert page.request["PATH_INFO"] == "/groups/harbour-send-dads/"
    assert [(s.standing, s.by) for s in group.steps.all()] == [("known", coordinator)]
    assert AuditEvent.objects.about(group).get().verb == "add_group"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": ""}, "Enter the group’s name"),
        ({"name": "larkmere autism FAMILIES"}, "We have a group of this name already"),
        ({"kind": ""}, "Choose what kind of group it is"),
        ({"about": "x" * 601}, "use 600 characters or fewer"),
    ],
)
def test_add_when_something_is_wrong_then_says_so(form, words, coordinator, client_for, group):
    form = {"name": "New one", "kind": "parents", "standing": "known", **form}
    assert html_of(client_for(coordinator).post(ADD, form)).count(words) >= 2
    assert MemberGroup.objects.count() == 1


def test_add_when_names_make_one_address_then_each_gets_its_own(coordinator):
    slugs = [
        services.add_group(name=name, by=coordinator).slug
        for name in ("New", "Sea & Sand", "Sea Sand!", "Ωμέγα")
    ]
    assert slugs == ["new-2", "sea-sand", "sea-sand-2", "group"]


def test_edit_when_saved_then_the_address_stays(coordinator, client_for, group):
    edit = reverse("members:group_edit", args=[group.slug])
    form = {"name": "Larkmere Autism Network", "kind": "parents", "about": "New words"}
    client_for(coordinator).post(edit, form)
    html = html_of(Client().get("/groups/larkmere-autism-families/"))
    assert "Larkmere Autism Network" in html
    assert "New words" in html


def test_needs_when_typed_then_the_public_never_reads_them(coordinator, client_for, group):
    services.change_group(group=group, by=coordinator, fields=[])
    group.needs = "A signer"
    group.save()
    assert "A signer" in html_of(client_for(coordinator).get(group.get_absolute_url()))
    assert "A signer" not in html_of(Client().get(group.get_absolute_url()))


def test_standing_when_a_step_is_recorded_then_dated_with_minutes(coordinator, client_for, rare):
    client_for(coordinator).post(
        reverse("members:group_standing", args=[rare.slug]),
        {"standing": "applied", "note": "Form came", "minutes": "30"},
    )
    rare.refresh_from_db()
    step = rare.steps.first()
    assert rare.standing == "applied"
    assert (step.note, step.minutes, step.by) == ("Form came", 30, coordinator)


def test_list_when_it_grows_then_asks_the_database_no_more_often(
    coordinator, client_for, django_assert_max_num_queries
):
    client = client_for(coordinator)
    for _ in range(8):
        SeatFactory(group=MemberGroupFactory())
    client.get(LIST)
    with django_assert_max_num_queries(9):
        client.get(LIST)


def test_group_page_when_it_grows_then_asks_the_database_no_more_often(
    coordinator, client_for, django_assert_max_num_queries, group
):
    for _ in range(8):
        SeatFactory(group=group).end(by=coordinator)
    client = client_for(coordinator)
    client.get(group.get_absolute_url())
    with django_assert_max_num_queries(14):
        client.get(group.get_absolute_url())
