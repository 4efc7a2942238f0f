"""Parents' meetings stay hidden from groups that have left and from officers on the list."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from meetings.models import Meeting
from meetings.services.details import change_meeting
from members import services
from members.models import MemberGroup, Person
from tests.factories.meetings import MeetingFactory, invite


@pytest.fixture
def parents_only(forum):
    return MeetingFactory(
        title="Parents’ evening", date=clocks.today() + timedelta(days=20), audience="parents"
    )


@pytest.mark.parametrize("standing", [s for s in MemberGroup.Standing.values if s != "member"])
@pytest.mark.parametrize("who", ["rep", "staff"])
def test_parents_meeting_when_the_group_is_no_member_then_hidden_from_its_people(
    who, standing, parents_only, group, coordinator, request, client_for
):
    person = request.getfixturevalue(who)
    address = parents_only.get_absolute_url()
    assert client_for(person).get(address).status_code == 200
    services.change_standing(group=group, standing=standing, by=coordinator)
    client = client_for(person)
    assert client.get(address).status_code == 404
    listed = client.get(reverse("meetings:meeting_list")).content.decode()
    assert parents_only.title not in listed
    assert not Person.objects.get(pk=person.pk).is_rep


def test_parents_meeting_when_another_group_is_a_member_then_shown(
    parents_only, rep, group, other_group, coordinator, client_for
):
    services.seat_person(group=other_group, person=rep, by=coordinator)
    services.change_standing(group=group, standing="left", by=coordinator)
    assert client_for(rep).get(parents_only.get_absolute_url()).status_code == 200


def test_meeting_when_officers_are_on_its_list_then_cannot_become_parents_only(
    officer, rep, coordinator, client_for
):
    long_ago = clocks.today() - timedelta(days=30)
    meeting = MeetingFactory(date=long_ago, audience="services", created_at=timezone.now())
    invite(meeting, officer)
    meeting.audience = "parents"
    with pytest.raises(TransitionNotAllowed, match="services"):
        change_meeting(meeting=meeting, by=coordinator, fields=["audience"])
    assert Meeting.objects.get(pk=meeting.pk).audience == "services"


def test_meeting_when_only_parents_are_on_its_list_then_can_become_parents_only(rep, coordinator):
    meeting = MeetingFactory(date=clocks.today() - timedelta(days=30), audience="services")
    invite(meeting, rep)
    meeting.audience = "parents"
    change_meeting(meeting=meeting, by=coordinator, fields=["audience"])
    assert Meeting.objects.get(pk=meeting.pk).is_parents_only
