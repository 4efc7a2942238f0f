"""Three seats, one of them staff at most: by page, by service and by the database itself."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from members import services
from members.models import MemberGroup, Person, Seat
from tests.factories.members import MemberGroupFactory, PersonFactory, SeatFactory


def seat_url(group):
    return reverse("members:seat_add", args=[group.slug])


@pytest.fixture
def full_group(forum):
    group = MemberGroupFactory(name="Saltings Autism Families")
    for name in ("Una Priddy", "Tobias Ekwueme", "Orla Finnegan"):
        SeatFactory(group=group, person=PersonFactory(name=name))
    return group


def test_seat_page_when_one_is_free_then_gives_the_lowest_number(coordinator, client_for, group):
    person = PersonFactory(name="Una Priddy")
    page = client_for(coordinator).post(
        seat_url(group), {"person": person.pk, "kind": "parent"}, follow=True
    )
    seat = group.seats.current().get()
    assert (seat.person, seat.number, seat.is_staff) == (person, 1, False)
    assert seat.started_by == coordinator
    assert "Una Priddy has seat 1" in page.content.decode()
    assert AuditEvent.objects.about(seat).get().verb == "seat_person"


def test_seat_page_when_the_group_is_full_then_names_the_holders_and_offers_an_end(
    coordinator, client_for, full_group
):
    newcomer = PersonFactory(name="Fourth Person")
    page = client_for(coordinator).post(
        seat_url(full_group), {"person": newcomer.pk, "kind": "parent"}
    )
    html = page.content.decode()
    assert full_group.seats.current().count() == 3
    assert "Una Priddy, Tobias Ekwueme, Orla Finnegan" in html
    for seat in full_group.seats.current():
        assert reverse("members:seat_end", args=[seat.pk]) in html


def test_seat_service_when_staff_seat_is_taken_then_second_staff_is_refused(
    coordinator, group, staff
):
    with pytest.raises(TransitionNotAllowed, match="one staff seat already"):
        services.seat_person(group=group, person=PersonFactory(), by=coordinator, is_staff=True)
    services.seat_person(group=group, person=PersonFactory(), by=coordinator)  # a parent may


def test_seat_page_when_new_name_and_address_then_adds_seats_and_invites(
    coordinator, client_for, group
):
    client_for(coordinator).post(
        seat_url(group), {"name": "Una Priddy", "email": "Una@Larkmere.example", "kind": "parent"}
    )
    person = Person.objects.get(email="una@larkmere.example")
    assert [seat.group for seat in person.current_seats] == [group]
    assert Message.objects.get(person=person).template == "members/welcome"


def test_seat_page_when_typed_address_is_known_then_nobody_is_added_twice(
    coordinator, client_for, group, stranger
):
    client_for(coordinator).post(
        seat_url(group), {"name": "Sam O.", "email": stranger.email.upper(), "kind": "parent"}
    )
    assert group.seats.current().get().person == stranger
    assert Person.objects.filter(name="Sam O.").count() == 0


def test_seat_page_when_refused_then_no_half_added_person_stays(
    coordinator, client_for, full_group
):
    client_for(coordinator).post(
        seat_url(full_group), {"name": "Una P.", "email": "up@larkmere.example", "kind": "parent"}
    )
    assert not Person.objects.filter(email="up@larkmere.example").exists()
    assert not Message.objects.exists()


def test_seat_page_when_rep_of_the_group_then_picks_from_no_list_of_people(
    rep, client_for, group, stranger
):
    page = client_for(rep).get(seat_url(group))
    assert page.status_code == 200
    assert stranger.name not in page.content.decode()
    client_for(rep).post(seat_url(group), {"person": stranger.pk, "name": "", "kind": "parent"})
    assert not stranger.seats.exists()


def test_seat_when_group_is_no_member_then_has_no_seats(coordinator):
    group = MemberGroupFactory(standing=MemberGroup.Standing.VISITED)
    with pytest.raises(TransitionNotAllowed, match="isn’t a member group yet"):
        services.seat_person(group=group, person=PersonFactory(), by=coordinator)


def test_seat_when_forum_takes_two_then_third_is_refused(coordinator, forum, group):
    forum.seat_cap = 2
    forum.save()
    for _ in range(2):
        services.seat_person(group=group, person=PersonFactory(), by=coordinator)
    with pytest.raises(TransitionNotAllowed, match="All 2 seats"):
        services.seat_person(group=group, person=PersonFactory(), by=coordinator)


def test_seat_when_person_sits_for_another_group_then_both_seats_stand(
    coordinator, rep, other_group
):
    services.seat_person(group=other_group, person=rep, by=coordinator)
    assert rep.seats.current().count() == 2


def test_seat_end_when_asked_then_only_a_press_ends_it_and_history_stays(
    coordinator, client_for, rep, group
):
    seat = rep.seats.get()
    url = reverse("members:seat_end", args=[seat.pk])
    client = client_for(coordinator)
    assert client.get(url).status_code == 200
    assert rep.seats.current().exists()

    client.post(url)
    seat.refresh_from_db()
    assert seat.ended_at is not None
    assert seat.ended_by == coordinator
    history = client.get(group.get_absolute_url()).content.decode()
    assert "No seat has ended yet" not in history
    assert rep.name in history
    assert client.post(url).status_code == 404  # a second press finds no seat to end


def test_seat_when_one_is_ended_then_its_number_is_free_again(coordinator, full_group):
    second = full_group.seats.get(number=2)
    services.end_seat(seat=second, by=coordinator)
    seat = services.seat_person(group=full_group, person=PersonFactory(), by=coordinator)
    assert seat.number == 2
    assert full_group.seats.count() == 4


REFUSED = {
    "a fourth number": {"number": 4},
    "a number that is taken": {"number": 1},
    "a second seat for one person": {"number": 3, "person": "first"},
    "a second staff seat": {"number": 3, "is_staff": True},
}


@pytest.mark.parametrize("what", REFUSED)
def test_seat_row_when_written_past_all_code_then_the_database_refuses(what, forum):
    group = MemberGroupFactory()
    first = SeatFactory(group=group, number=1)
    SeatFactory(group=group, number=2, is_staff=True)
    fields = {"group": group, "person": PersonFactory(), **REFUSED[what]}
    if fields["person"] == "first":
        fields["person"] = first.person
    with pytest.raises(IntegrityError), transaction.atomic():
        Seat.objects.create(**fields)
    assert group.seats.count() == 2
