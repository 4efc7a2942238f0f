"""What one person, role, group or seat says of itself, and what the rows themselves hold."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from members import services
from members.models import MemberGroup, Person, Role, Seat
from tests.factories.members import MemberGroupFactory, PersonFactory, RoleFactory, SeatFactory

EMAIL, LETTER, PHONE, TEXT = (Message.Channel(c) for c in ("email", "letter", "phone", "text"))
HELD = {"email": "a@larkmere.example", "postal_address": "1 Quay", "phone": "01632 960 101"}


def test_person_email_when_stored_then_lower_case_or_null(db):
    assert PersonFactory(email=" Una@Larkmere.EXAMPLE ").email == "una@larkmere.example"
    assert [PersonFactory(email="").email for _ in range(2)] == [None, None]
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.update(email="Upper@larkmere.example")


def test_person_email_when_it_is_somebodys_then_the_database_refuses(db):
    first = PersonFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonFactory(email=first.email.upper())


@pytest.mark.parametrize(
    ("wish", "has", "reached"),
    [
        (EMAIL, {"email"}, EMAIL),
        (LETTER, {"email", "postal_address"}, LETTER),
        (PHONE, {"email", "phone"}, PHONE),
        (LETTER, {"email"}, EMAIL),
        (PHONE, {"postal_address"}, LETTER),
        (EMAIL, {"phone", "postal_address"}, PHONE),
        (EMAIL, {"postal_address"}, LETTER),
        (TEXT, {"phone", "email"}, EMAIL),
        (TEXT, {"phone"}, PHONE),
    ],
)
def test_person_when_reached_then_by_their_wish_if_we_hold_what_it_needs(wish, has, reached):
    given = {name: value if name in has else "" for name, value in HELD.items()}
    assert Person(channel=wish, **given).reached_by == reached


def test_person_when_household_shares_an_address_then_reached_by_it(db):
    person = Person(email=None, contact_email="family@larkmere.example")
    assert person.reached_by == EMAIL
    assert person.mail_address == "family@larkmere.example"


def test_person_name_in_public_when_no_group_is_meant_then_as_chosen():
    person = Person(name="Nadia Karim")
    group = MemberGroup(name="Saltings")
    assert person.name_in_public() == "A parent representative"
    assert person.name_in_public(group) == "A parent representative of Saltings"
    person.public_name = Person.PublicName.FIRST
    assert person.name_in_public(group) == "Nadia"
    person.public_name = Person.PublicName.FULL
    assert person.name_in_public(group) == "Nadia Karim"


@pytest.mark.parametrize(
    ("who", "note", "audience"),
    [
        ("coordinator", "coordinator", "coordinator"),
        ("administrator", "administrator", "coordinator"),
        ("treasurer", "treasurer", "person"),
        ("officer", "Larkmere Council SEND team", "person"),
        ("rep", "Larkmere Autism Families", "person"),
        ("stranger", "", "person"),
    ],
)
def test_person_when_named_in_the_frame_then_says_what_they_are_here_as(
    who, note, audience, request
):
    person = request.getfixturevalue(who)
    assert (person.role_note, person.audience) == (note, audience)


def test_person_kinds_when_asked_then_parents_and_staff_are_told_apart(rep, staff, treasurer):
    assert (rep.is_rep, rep.is_group_staff) == (True, False)
    assert (staff.is_rep, staff.is_group_staff) == (False, True)
    assert (treasurer.is_treasurer, treasurer.is_officer) == (True, False)


def test_permissions_when_person_is_switched_off_then_none(administrator):
    both = ["members.list_people", "members.change_forum"]
    assert administrator.has_perms(both)
    assert not administrator.has_perms([*both, "members.add_person"])
    assert not administrator.has_module_perms("members")
    administrator.is_active = False
    assert not administrator.has_perms(both)


def test_permissions_when_there_is_no_object_then_not_given(rep, staff, coordinator):
    nobody = AnonymousUser()
    for permission in (
        "members.change_own_details",
        "members.end_role",
        "members.end_seat",
        "members.give_role",
        "members.seat_people",
        "members.switch_off_person",
    ):
        assert not rep.has_perm(permission)
        assert not staff.has_perm(permission)
        assert not nobody.has_perm(permission)
    assert not staff.has_perm("members.view_person")
    assert not nobody.has_perm("members.view_person", rep)
    assert not coordinator.has_perm("members.change_person")


def test_visible_when_nobody_is_signed_in_then_no_person_role_or_seat(rep, coordinator):
    nobody = AnonymousUser()
    assert not Person.objects.visible_to(nobody)
    assert not Role.objects.visible_to(nobody)
    assert not Seat.objects.visible_to(nobody)
    assert not Role.objects.visible_to(coordinator)
    assert Seat.objects.visible_to(coordinator).get().person == rep


def test_members_when_asked_then_those_with_a_seat_or_role_today(
    rep, officer, stranger, coordinator
):
    gone = SeatFactory(person=PersonFactory())
    gone.end(by=coordinator)
    outside = SeatFactory(group=MemberGroupFactory(standing=MemberGroup.Standing.LEFT)).person
    members = set(Person.objects.members())
    assert {rep, officer, coordinator} <= members
    assert not {stranger, gone.person, outside} & members
    assert set(Person.objects.reps()) == {rep}


def test_seat_when_ended_twice_then_the_first_end_stays(rep, coordinator, administrator):
    seat = rep.seats.get()
    seat.end(by=coordinator)
    at = seat.ended_at
    seat.end(by=administrator)
    assert (seat.ended_at, seat.ended_by) == (at, coordinator)
    assert AuditEvent.objects.about(seat).filter(verb="end_seat").count() == 1


def test_spell_when_it_would_end_before_it_began_then_the_database_refuses(rep, coordinator):
    early = timezone.now() - timezone.timedelta(days=400)
    for spells in (Seat.objects, Role.objects):
        with pytest.raises(IntegrityError), transaction.atomic():
            spells.update(ended_at=early)


def test_rows_when_printed_then_say_what_they_are(coordinator, organisation, rep, group):
    services.change_standing(group=group, standing="member", by=coordinator)
    assert str(coordinator.roles.get()) == "Ruth Adeyemi: Coordinator"
    assert str(rep.seats.get()) == "Nadia Karim, Larkmere Autism Families, seat 1"
    assert str(group.steps.get()) == "Larkmere Autism Families: Member"
    assert str(organisation) == "Larkmere Council SEND team"


# Services that meet somebody else's change --------------------------------------------------------


def test_add_person_when_somebody_just_took_the_address_then_refused_in_words(rep, coordinator):
    with pytest.raises(TransitionNotAllowed, match="just added this e-mail address"):
        services.add_person(by=coordinator, name="Second", email=rep.email)
    assert not Person.objects.filter(name="Second").exists()


def test_add_person_when_to_be_invited_then_the_letter_is_queued(coordinator):
    person = services.add_person(by=coordinator, name="Una", email="una@larkmere.example")
    assert Message.objects.get().person == person
    services.add_person(by=coordinator, name="No address", email=None)
    assert Message.objects.count() == 1


def test_give_role_when_somebody_just_gave_it_then_refused_in_words(
    administrator, rep, monkeypatch
):
    RoleFactory(person=rep, kind=Role.Kind.TREASURER)
    blind = type(Role.objects.all())
    monkeypatch.setattr(blind, "exists", lambda self: False)
    with pytest.raises(TransitionNotAllowed, match="just been given"):
        services.give_role(person=rep, kind=Role.Kind.TREASURER, by=administrator)
    assert rep.roles.count() == 1


def test_end_role_when_ended_already_then_the_first_end_stays(administrator, treasurer):
    role = treasurer.roles.get()
    services.end_role(role=role, by=administrator)
    services.end_role(role=role, by=administrator)
    assert AuditEvent.objects.about(treasurer).filter(verb="end_role").count() == 1


def test_seat_when_person_sits_there_already_then_refused_in_words(coordinator, rep, group):
    with pytest.raises(TransitionNotAllowed, match="has a seat in"):
        services.seat_person(group=group, person=rep, by=coordinator)


def test_seat_when_somebody_just_took_it_then_refused_in_words(
    coordinator, rep, group, monkeypatch
):
    blind = type(Seat.objects.all())
    monkeypatch.setattr(blind, "current", lambda self: self.none())
    with pytest.raises(TransitionNotAllowed, match="Somebody else has just taken"):
        services.seat_person(group=group, person=PersonFactory(), by=coordinator)


def test_letters_when_one_was_marked_in_between_then_only_the_others_count(
    coordinator, person_without_email
):
    one, two = (
        Message.objects.create(
            key=str(n), template="x", channel=LETTER, person=person_without_email
        )
        for n in range(2)
    )
    assert services.mark_posted(messages=[one], by=coordinator) == 1
    assert services.mark_posted(messages=[one, two], by=coordinator) == 1


def test_drop_when_message_was_sent_in_between_then_it_stays_sent(coordinator, rep):
    message = Message.objects.create(key="x", template="x", person=rep, state="sent")
    services.drop_message(message=message, by=coordinator, reason="Late")
    message.refresh_from_db()
    assert message.state == "sent"
    assert not AuditEvent.objects.about(message).exists()
