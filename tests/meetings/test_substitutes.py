"""Somebody in another's place: one place, one person, whatever the page."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from coprod import links
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from meetings.models import Invitation, Minutes, Reply
from meetings.models.agreement import tally
from meetings.services import attendance, substitutes
from members.models import Person
from members.services import end_seat
from tests.factories.meetings import coming_meeting, invite, past_meeting
from tests.factories.members import PersonFactory, RoleFactory, SeatFactory
from tests.factories.minutes import answer, circulated, comment

NEW = {"name": "Yusuf Brandt", "email": "yusuf@larkmere.example"}


def at(name, meeting, *args):
    return reverse(f"meetings:{name}", args=[meeting.slug, *args])


def by_link(name, invitation):
    token = links.make("reply", person=invitation.person, about=invitation.pk)
    return reverse(f"meetings:{name}_by_link", args=[token])


def stand_in(invitation, **who):
    return substitutes.name_substitute(invitation=invitation, by=invitation.person, **(who or NEW))


def here(meeting):
    """It is the meeting's own day, half an hour in."""
    return time_machine.travel(meeting.starts_at + timedelta(minutes=30), tick=False)


@pytest.fixture
def meeting(rep, coordinator):
    return coming_meeting(rep, coordinator)


@pytest.fixture
def place(meeting, rep):
    return meeting.invitations.get(person=rep)


# Naming somebody


def test_substitute_when_named_by_link_then_invited_in_the_same_place_and_written_to(
    client, place, group, outbox_drained
):
    client.post(by_link("reply", place), {"answer": "cannot"})
    assert "Say who comes instead" in client.get(by_link("reply", place)).text

    client.post(by_link("substitute_name", place), NEW)

    made = Invitation.objects.get(substitute_for=place)
    assert (made.group, made.capacity, made.invited_by) == (group, "parent", place.person)
    assert "Yusuf Brandt" in client.get(by_link("reply", place)).text
    letter = next(m for m in outbox_drained() if m.to == ["yusuf@larkmere.example"])
    assert f"{place.person.name} can’t come" in letter.body
    assert "/meetings/reply/" in letter.body


def test_substitute_when_new_then_has_no_address_to_sign_in_with(meeting, place, coordinator):
    made = stand_in(place, name="Yusuf", email=coordinator.email)
    assert made.person != coordinator
    assert (made.person.email, made.person.contact_email) == (None, coordinator.email)


def test_substitute_when_named_then_the_place_has_said_it_cannot_come(place):
    stand_in(place)
    assert Reply.objects.get(invitation=place).answer == "cannot"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"name": ""}, "Write the name"),
        ({"name": "Yusuf"}, "Write their e-mail address or their phone number"),
    ],
)
def test_substitute_when_incomplete_then_the_form_says_what_is_missing(
    client_for, rep, meeting, sent, words
):
    page = client_for(rep).post(at("substitute_name", meeting), sent)
    assert words in page.text
    assert meeting.invitations.count() == 2


def test_substitute_when_somebody_of_the_group_then_offered_and_the_invited_are_not(
    client_for, rep, meeting, place, group, person_without_email, coordinator, stranger
):
    offered = set(substitutes.known_substitutes(place))
    assert offered == {person_without_email}
    client_for(rep).post(at("substitute_name", meeting), {"person": person_without_email.pk})
    assert Invitation.objects.get(substitute_for=place).person == person_without_email
    with pytest.raises(TransitionNotAllowed):
        stand_in(place, person=stranger)


def test_substitute_when_an_officer_sends_one_then_of_the_same_organisation(
    officer, organisation, meeting
):
    own = invite(meeting, officer)
    colleague = RoleFactory(kind="officer", organisation=organisation).person
    RoleFactory(kind="officer")
    assert set(substitutes.known_substitutes(own)) == {colleague}
    made = stand_in(own, person=colleague)
    assert (made.capacity, made.organisation, made.sector) == ("officer", organisation, "education")


def test_substitute_when_of_a_substitute_or_of_no_group_then_refused(meeting, place, stranger):
    made = stand_in(place)
    guest = invite(meeting, stranger)
    for invitation in (made, guest):
        with pytest.raises(TransitionNotAllowed):
            stand_in(invitation, name="Another", phone="01632 960 177")


def test_substitute_when_there_is_one_then_no_second(place):
    stand_in(place)
    with pytest.raises(TransitionNotAllowed, match="One place, one person"):
        stand_in(place, name="Another", phone="01632 960 177")


def test_substitute_when_named_again_and_again_then_refused(place):
    for number in range(3):
        stand_in(place, name=f"Person {number}", email=f"p{number}@larkmere.example")
        substitutes.stand_down(invitation=place, by=place.person)
    with pytest.raises(TransitionNotAllowed, match="ring us"):
        stand_in(place)


def test_substitute_when_written_down_by_the_coordinator_then_the_list_shows_both(
    client_for, coordinator, meeting, place
):
    page = client_for(coordinator)
    page.post(at("substitute_record", meeting, place.pk), {"name": "Yusuf", "phone": "01632 960 1"})
    assert f"in the place of {place.person.name}" in page.get(at("meeting_people", meeting)).text
    assert Message.objects.get(person__name="Yusuf").channel == "phone"


# Taking it back


def test_substitute_when_the_rep_comes_after_all_then_stood_down_and_told(
    client, place, outbox_drained
):
    made = stand_in(place)
    outbox_drained()

    client.post(by_link("reply", place), {"answer": "room"})

    assert not Invitation.objects.filter(pk=made.pk).exists()
    letter = [m for m in outbox_drained() if m.to == ["yusuf@larkmere.example"]][-1]
    assert "needn’t come in their place" in letter.body
    assert client.get(by_link("reply", made)).status_code in (404, 410)
    assert AuditEvent.objects.filter(verb="stand_down").count() == 1


def test_invitation_when_the_substitute_stood_down_before_it_went_then_not_sent(
    place, outbox_drained
):
    stand_in(place)
    substitutes.stand_down(invitation=place, by=place.person)
    subjects = [m.subject for m in outbox_drained() if m.to == ["yusuf@larkmere.example"]]
    assert not any(subject.startswith("Say if you can come") for subject in subjects)


def test_substitute_when_ticked_then_the_rep_cannot_come_after_all(place, meeting, coordinator):
    made = stand_in(place)
    with here(meeting):
        attendance.record_attendance(meeting=meeting, changes={made.pk: "room"}, by=coordinator)
        with pytest.raises(TransitionNotAllowed, match="Only one of the"):
            attendance.reply(invitation=place, answer="room", by=place.person)
    assert Reply.objects.get(invitation=place).answer == "cannot"


# One place, one person


def test_substitute_when_both_are_ticked_then_refused_in_words_and_neither_kept(
    client_for, coordinator, meeting, place
):
    made = stand_in(place)
    sent = {f"how_{i.pk}": "room" for i in (place, made)} | {f"was_{place.pk}": ""}
    with here(meeting):
        page = client_for(coordinator).post(at("meeting_attendance", meeting), sent, follow=True)
    assert "have one place between them" in page.text
    assert not meeting.invitations.attended().exists()


def test_substitute_when_ticked_after_the_rep_then_refused(meeting, place, coordinator):
    made = stand_in(place)
    with here(meeting):
        attendance.record_attendance(meeting=meeting, changes={place.pk: "room"}, by=coordinator)
        with pytest.raises(TransitionNotAllowed):
            attendance.record_attendance(
                meeting=meeting, changes={made.pk: "online"}, by=coordinator
            )
    assert [i.pk for i in meeting.invitations.attended()] == [place.pk]


def test_counts_when_a_substitute_came_then_one_invited_one_came(meeting, place, coordinator):
    made = stand_in(place)
    with here(meeting):
        attendance.record_attendance(meeting=meeting, changes={made.pk: "room"}, by=coordinator)
    summary = attendance.attendance_summary(meeting)
    row = next(row for row in summary.rows if row.label == place.group.name)
    assert (row.invited, row.came, row.parents_came) == (1, 1, 1)
    assert (summary.invited, summary.total, len(summary.seats)) == (2, 1, 2)
    assert sorted(summary.seats) == [("parent", True), ("service", False)]


def test_group_when_more_come_than_it_has_places_then_the_next_is_refused(
    meeting, group, coordinator, place
):
    more = [invite(meeting, PersonFactory(), capacity="parent", group=group) for _ in range(3)]
    everybody = {invitation.pk: "room" for invitation in (place, *more)}
    with here(meeting):
        with pytest.raises(TransitionNotAllowed, match="has 3 places"):
            attendance.record_attendance(meeting=meeting, changes=everybody, by=coordinator)
        everybody.popitem()
        assert attendance.record_attendance(meeting=meeting, changes=everybody, by=coordinator) == 3


def test_substitute_when_there_then_comments_and_agrees_like_anybody(coordinator, rep, group):
    meeting = past_meeting(coordinator, absent=[rep])
    place = meeting.invitations.get(person=rep)
    person = PersonFactory(name="Yusuf Brandt")
    made = Invitation.objects.create(
        meeting=meeting, person=person, capacity="parent", group=group, substitute_for=place
    )
    attendance.record_attendance(meeting=meeting, changes={made.pk: "room"}, by=coordinator)
    version = circulated(meeting, by=coordinator)
    assert comment(version, person).author == made
    answer(version, person)
    counted = tally(version)
    assert (counted.present, counted.fair, counted.groups_missing) == (2, 1, ())


# The messy cases of two groups


def test_case_1_rep_of_two_groups_counts_once_for_the_group_they_choose(
    client, coordinator, rep, group, other_group
):
    SeatFactory(group=other_group, person=rep)
    meeting = coming_meeting(rep, coordinator)
    own = meeting.invitations.get(person=rep)
    assert other_group.name in client.get(by_link("reply", own)).text

    client.post(by_link("reply", own), {"answer": "room", "for_group": other_group.pk})
    with here(meeting):
        attendance.record_attendance(meeting=meeting, changes={own.pk: "room"}, by=coordinator)

    summary = attendance.attendance_summary(meeting)
    came = {row.label: (row.invited, row.came) for row in summary.rows if row.kind == "parent"}
    assert came == {other_group.name: (1, 1)}
    assert summary.parents == 1
    with time_machine.travel(meeting.ends_at + timedelta(days=1), tick=False):
        version = circulated(meeting, by=coordinator)
        assert tally(version).groups_missing == (other_group.name,)
        answer(version, rep)
        assert tally(version).groups_missing == ()
    assert [r["label"] for r in version.public["who"]["rows"]][0] == other_group.name


def test_case_1_when_the_group_is_not_theirs_then_refused(client, rep, group, other_group):
    meeting = coming_meeting(rep)
    own = meeting.invitations.get(person=rep)
    assert "for_group" not in client.get(by_link("reply", own)).text
    with pytest.raises(TransitionNotAllowed):
        attendance.reply(invitation=own, answer="room", for_group=other_group, by=rep)


def test_case_2_moves_from_group_a_to_b_in_march_then_old_minutes_still_show_a(
    coordinator, rep, group, other_group
):
    meeting = past_meeting(rep, coordinator, days=30)
    version = circulated(meeting, by=coordinator, days_ago=20)
    end_seat(seat=rep.seats.get(), by=coordinator)
    SeatFactory(group=other_group, person=rep)
    later = past_meeting(days=2)
    invite(later, Person.objects.get(pk=rep.pk), came="room")

    assert version.public["who"]["rows"][0]["label"] == group.name
    old, new = (attendance.attendance_summary(each).rows[0] for each in (meeting, later))
    assert (old.label, old.came) == (group.name, 1)
    assert (new.label, new.came) == (other_group.name, 1)
    assert Minutes.objects.get(meeting=meeting).latest.public == version.public
