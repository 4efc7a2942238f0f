"""Case 8 of the messy cases: a group that didn’t join and is visited, as meetings see it."""

import pytest
from django.test import Client
from django.urls import reverse

from coprod.exceptions import TransitionNotAllowed
from meetings.models.agreement import tally
from meetings.services.calendar import default_invitees, guest_plan, invite_to_meeting
from members import services
from members.models import MemberGroup
from tests.factories.meetings import coming_meeting, invite, past_meeting
from tests.factories.members import MemberGroupFactory, PersonFactory, SeatFactory
from tests.factories.minutes import circulated, comment
from tests.factories.published import agree, publish, send_out, written_minutes
from tests.meetings.reading_pdf import everything_in, words_of

NAME = "Rare Diseases Coast"


@pytest.fixture
def visited(forum):
    return MemberGroupFactory(name=NAME, slug="rare", standing=MemberGroup.Standing.VISITED)


@pytest.fixture
def speaker(visited):
    return PersonFactory(name="Isla Quennell", email="isla@larkmere.example")


@pytest.fixture
def meeting(coordinator, rep, speaker):
    """The visited group’s speaker was in the room as a guest, for nobody but themselves."""
    meeting = past_meeting(coordinator, rep)
    plan = guest_plan(speaker, "parent.0")
    invite_to_meeting(meeting=meeting, people=[plan], by=coordinator)
    return meeting


@pytest.fixture
def with_visited(coordinator, rep, officer, speaker, visited):
    """The same, but written down as having come for the group that is visited."""
    meeting = past_meeting(coordinator, rep, days=20)
    invite(meeting, speaker, came="room", capacity="parent", group=visited)
    return meeting


def test_case_8_group_that_is_visited_has_no_seat_and_is_not_invited(coordinator, visited, speaker):
    with pytest.raises(TransitionNotAllowed, match="isn’t a member group yet"):
        services.seat_person(group=visited, person=speaker, by=coordinator)
    # Not even a seat left from before its group went gives an invitation.
    SeatFactory(group=visited, person=speaker)
    assert speaker.pk not in default_invitees(coming_meeting())


def test_case_8_group_that_is_visited_has_no_vote(coordinator, rep, group, with_visited):
    version = circulated(with_visited, "It was said.", by=coordinator)
    assert with_visited.invitations.attended().count() == 3
    assert list(tally(version).groups_missing) == [group.name]


def test_case_8_views_of_a_guest_enter_as_their_own(coordinator, meeting, speaker):
    version = circulated(meeting, "It was said.", by=coordinator)
    said = comment(version, speaker, text="We hear the same on the coast.")
    assert said.author.group is None
    assert said.speaking_for == "myself"


def test_case_8_name_of_a_visited_group_is_in_no_public_channel(
    client_for, coordinator, with_visited, visited
):
    """Nobody asked it whether its name may stand there; that somebody came is told."""
    minutes = written_minutes(with_visited, by=coordinator)
    minutes = publish(agree(send_out(minutes, by=coordinator, days_ago=10)), by=coordinator)
    public = Client()
    meeting = with_visited.get_absolute_url()
    for address in ("/", "/groups/", meeting, f"{meeting}minutes.json", "/meetings/minutes.atom"):
        page = public.get(address)
        assert page.status_code == 200
        assert NAME not in page.text, address
    assert "A group that hasn’t joined" in public.get(meeting).text
    pdf = public.get(f"{meeting}minutes.pdf").content
    assert NAME not in words_of(pdf) + everything_in(pdf)
    assert NAME not in str(minutes.latest.public)
    assert public.get(visited.get_absolute_url()).status_code == 404
    people = client_for(coordinator).get(
        reverse("meetings:meeting_people", args=[meeting.split("/")[2]])
    )
    assert NAME in people.text
