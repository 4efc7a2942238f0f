"""What money puts on Today: for whoever claims, decides, pays and vouches, in one question."""

from datetime import timedelta

import pytest
from django.utils import timezone

from coprod import clocks
from coprod.models import Forum
from expenses.models import Run
from expenses.today import desk
from members.models import Role
from tests.factories.meetings import MeetingFactory, invite
from tests.factories.members import RoleFactory
from tests.factories.money import (
    AttendanceCheckFactory,
    ClaimFactory,
    PolicyFactory,
    RecognitionFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy(forum):
    return PolicyFactory(begins_on=clocks.today() - timedelta(days=200))


def titles(person):
    return [thing.title for thing in desk(person, clocks.today(), Forum.current()).things]


def days_ago(days):
    return timezone.now() - timedelta(days=days)


def test_rep_when_there_and_nothing_asked_back_then_offered(policy, rep):
    meeting = MeetingFactory(date=clocks.today() - timedelta(days=6), title="Parents’ meeting")
    invite(meeting, rep, came="room")
    (title,) = titles(rep)
    assert title.startswith("Ask back what ")
    claim = ClaimFactory(person=rep, meeting=meeting)
    assert titles(rep) == ["Finish your claim: Parents’ meeting"]
    claim.state = "withdrawn"
    claim.save()
    assert titles(rep)[0].startswith("Ask back what ")


def test_rep_when_not_there_or_long_ago_or_no_rates_then_not_offered(forum, rep):
    recent = MeetingFactory(date=clocks.today() - timedelta(days=6))
    invite(recent, rep)
    long_ago = MeetingFactory(date=clocks.today() - timedelta(days=80))
    invite(long_ago, rep, came="room")
    came = MeetingFactory(date=clocks.today() - timedelta(days=5))
    there = invite(came, rep, came="room")
    assert titles(rep) == [], "no rates are agreed"
    PolicyFactory(begins_on=clocks.today() - timedelta(days=200))
    assert len(titles(rep)) == 1
    there.attendance.delete()
    assert titles(rep) == []


def test_rep_when_asked_or_offered_then_their_turn(policy, rep):
    ClaimFactory(person=rep, state="questioned", occasion="A visit")
    ClaimFactory(person=rep, state="unconfirmed", occasion="Reading")
    RecognitionFactory(person=rep)
    assert titles(rep) == [
        "Answer a question about your claim: A visit",
        "Check a claim that was entered for you: Reading",
        "Say yes or no to a thank-you: Reading draft letters",
    ]
    waiting = desk(rep, clocks.today(), Forum.current()).waiting
    assert waiting == []
    claim = ClaimFactory(person=rep, state="submitted", sent_at=days_ago(3))
    (mine,) = desk(rep, clocks.today(), Forum.current()).waiting
    assert mine.due == clocks.today(claim.sent_at) + timedelta(days=14)


def test_treasurer_when_claims_wait_then_by_the_oldest_and_never_ones_own(policy, treasurer):
    ClaimFactory(person=treasurer, state="submitted", sent_at=days_ago(13))
    ClaimFactory(entered_by=treasurer, state="submitted", sent_at=days_ago(12))
    assert titles(treasurer) == []
    ClaimFactory(state="submitted", sent_at=days_ago(9))
    ClaimFactory(state="submitted", sent_at=days_ago(2))
    ClaimFactory(state="approved", sent_at=days_ago(4))
    Run.objects.create(made_by=treasurer)
    check, pay, run = desk(treasurer, clocks.today(), Forum.current()).things
    assert (check.title, check.clock.day) == ("Check 2 claims", 9)
    assert pay.title == "Pay 1 claim"
    assert run.title.startswith("Say that payment run")


def test_claim_when_looked_at_again_then_the_days_begin_with_the_asking(policy, treasurer):
    claim = ClaimFactory(state="submitted", sent_at=days_ago(40), appealed_at=days_ago(3))
    assert claim.clock.day == 3
    (check,) = desk(treasurer, clocks.today(), Forum.current()).things
    assert check.clock == claim.clock


def test_approver_when_claim_needs_two_then_theirs_and_no_other(policy, stranger):
    approver = RoleFactory(person=stranger, kind=Role.Kind.APPROVER).person
    ClaimFactory(state="submitted")
    assert titles(approver) == []
    ClaimFactory(state="submitted", needs_two=True)
    assert titles(approver) == ["Check 1 claim"]


def test_coordinator_when_register_is_silent_then_asked_but_not_about_herself(policy, coordinator):
    AttendanceCheckFactory(claim__person=coordinator)
    AttendanceCheckFactory(answer="there")
    assert [t for t in titles(coordinator) if t.startswith("Confirm")] == []
    AttendanceCheckFactory()
    AttendanceCheckFactory()
    assert "Confirm that 2 people were there" in titles(coordinator)


def test_treasurer_when_nobody_else_coordinates_then_asked_who_was_there(
    policy, treasurer, coordinator
):
    AttendanceCheckFactory(claim__person=coordinator)
    AttendanceCheckFactory(claim__person=treasurer)
    assert "Confirm that 1 person was there" in titles(treasurer)
    RoleFactory(kind=Role.Kind.COORDINATOR)
    assert not [title for title in titles(treasurer) if title.startswith("Confirm")]


def test_desk_when_there_is_more_then_still_one_question(
    policy, treasurer, coordinator, rep, django_assert_num_queries
):
    for person in (treasurer, coordinator, rep):
        assert person.role_kinds is not None  # asked by the page's frame, not by the desk
        for _ in range(20):
            ClaimFactory(person=person, state="questioned")
            AttendanceCheckFactory()
        forum = Forum.current()
        with django_assert_num_queries(1):
            desk(person, clocks.today(), forum)
