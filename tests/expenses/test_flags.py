"""What is flagged to whoever decides: never refused by itself, and said in words."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from expenses.flags import flags_for, flags_of
from expenses.models import Claim, Receipt
from meetings.models import Attendance, Invitation
from members.services import change_person
from tests.factories.meetings import MeetingFactory
from tests.factories.members import PersonFactory
from tests.factories.money import AttendanceCheckFactory, ClaimFactory, PolicyFactory

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 10)
CAR = {"kind": "car", "miles": "12.0", "pence": 660}
PARKING = {"kind": "parking", "pence": 320, "asked": 320}


@pytest.fixture(autouse=True)
def _policy(forum):
    PolicyFactory()


@pytest.fixture
def meeting():
    return MeetingFactory(date=DAY)


def claim_of(name, *lines, **options):
    options = {"state": "submitted", **options}
    person = options.pop("person", None) or PersonFactory(name=name)
    return ClaimFactory(person=person, lines=list(lines), **options)


def with_receipt(claim, mark="a"):
    """As if a file of this fingerprint had been sent."""
    Receipt.objects.create(
        claim=claim, kind="image", path=f"{claim.pk}-{mark}", size=1, fingerprint=mark, scan="none"
    )
    return claim


def read(claim):
    """As the desk reads it."""
    return Claim.objects.with_all().get(pk=claim.pk)


def kinds(claim):
    return [flag.kind for flag in flags_of(read(claim))]


def words(claim):
    return " ".join(flag.words for flag in flags_of(read(claim)))


def test_claim_when_nothing_is_odd_then_no_flag(meeting):
    one = with_receipt(claim_of("Aisha Khan", CAR, PARKING, meeting=meeting), "a")
    with_receipt(claim_of("Ben Ode", CAR, PARKING, meeting=meeting), "b")
    assert kinds(one) == []


# Messy case 6: two claim, one car -----------------------------------------------------------------


def test_messy_case_6_when_two_claim_one_car_then_the_passengers_miles_are_flagged_not_refused(
    meeting,
):
    """The driver has miles and passenger pence; parking may be split unevenly; a journey with two
    stops is paid once."""
    brought = {**CAR, "passengers": 1, "with_whom": "Ben", "pence": 720}
    driver = with_receipt(
        claim_of("Aisha Khan", brought, {**PARKING, "pence": 161}, meeting=meeting), "a"
    )
    passenger = with_receipt(
        claim_of("Ben Ode", CAR, {**PARKING, "pence": 159}, meeting=meeting), "b"
    )
    [flag] = flags_of(read(passenger))
    assert flag.kind == "shared_car"
    assert "Aisha Khan says" in flag.words
    assert "Ben came in their car on 10 November 2026" in flag.words
    assert flag.claims == (driver,)
    [flag] = flags_of(read(driver))
    assert "Ben Ode came in this car" in flag.words
    assert flag.claims == (passenger,)
    # Neither was refused, by the portal or by the database.
    assert {read(driver).state, read(passenger).state} == {"submitted"}
    # Two stops: the second meeting of the day asks for the same journey again.
    again = claim_of("", CAR, person=driver.person, occasion="Workshop")
    assert "asked_twice" in kinds(again)
    assert f"My own car or van on 10 November 2026 is asked for in {driver.reference}" in words(
        again
    )


def test_shared_car_when_nobody_is_named_then_asked_of_the_same_meeting_only(meeting):
    claim_of("Aisha Khan", {**CAR, "passengers": 2}, meeting=meeting)
    ben = claim_of("Ben Ode", CAR, meeting=meeting)
    assert "brought 2 in their car to the same meeting" in words(ben)
    assert "Was Ben one of them?" in words(ben)
    elsewhere = claim_of("Cleo Papas", CAR, occasion="A visit")
    assert kinds(elsewhere) == []


def test_shared_car_when_all_passengers_are_named_and_it_is_somebody_else_then_no_flag(meeting):
    claim_of("Aisha Khan", {**CAR, "passengers": 2, "with_whom": "Dan and Eve"}, meeting=meeting)
    assert kinds(claim_of("Ben Ode", CAR, meeting=meeting)) == []
    assert kinds(claim_of("Danuta Lis", CAR, meeting=meeting)) == []


def test_shared_car_when_named_on_another_occasion_of_the_day_then_flagged(meeting):
    claim_of("Aisha Khan", {**CAR, "passengers": 1, "with_whom": "ben"}, occasion="A visit")
    assert kinds(claim_of("Ben Ode", CAR, meeting=meeting)) == ["shared_car"]


def test_shared_car_when_one_drove_nothing_then_no_flag(meeting):
    claim_of("Aisha Khan", {**CAR, "passengers": 1, "with_whom": "Ben"}, meeting=meeting)
    bus = {"kind": "transport", "pence": 400, "asked": 400}
    assert kinds(with_receipt(claim_of("Ben Ode", bus, meeting=meeting))) == []


# Twice --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["submitted", "approved", "paid", "questioned"])
def test_claim_when_the_same_was_asked_before_then_flagged_with_the_sum(state):
    first = with_receipt(claim_of("Aisha Khan", PARKING, state=state))
    second = with_receipt(claim_of("", PARKING, person=first.person), "b")
    [flag] = flags_of(read(second))
    assert flag.kind == "asked_twice"
    assert flag.words == (
        f"Parking or tolls on 10 November 2026 is asked for in {first.reference} (Aisha Khan) "
        "too: £3.20."
    )


@pytest.mark.parametrize("state", ["draft", "declined", "withdrawn"])
def test_claim_when_the_other_does_not_stand_then_no_flag(state):
    first = claim_of("Aisha Khan", CAR, state=state)
    assert kinds(claim_of("", CAR, person=first.person)) == []


def test_claim_when_the_same_journey_is_asked_by_other_means_then_flagged():
    first = claim_of("Aisha Khan", {**CAR, "what": "Home to Kiln Lane, and back"})
    taxi = {"kind": "taxi", "pence": 900, "asked": 900, "what": "home to Kiln Lane and back"}
    second = with_receipt(claim_of("", taxi, person=first.person))
    assert "The journey “home to Kiln Lane and back”" in words(second)
    other = {**taxi, "what": "Home to the clinic"}
    assert kinds(with_receipt(claim_of("", other, on=DAY, person=PersonFactory()), "c")) == []


def test_claim_when_it_is_another_day_or_another_person_then_no_flag():
    first = claim_of("Aisha Khan", CAR)
    assert kinds(claim_of("", CAR, person=first.person, on=date(2026, 11, 11))) == []
    assert kinds(claim_of("Ben Ode", CAR)) == []


def test_claim_when_a_line_is_in_it_twice_then_flagged():
    claim = with_receipt(claim_of("Aisha Khan", PARKING, PARKING))
    assert words(claim) == "Parking or tolls on 10 November 2026, £3.20, is in this claim twice."


def test_claim_when_there_is_another_for_the_meeting_then_flagged(meeting):
    first = claim_of("Aisha Khan", CAR, meeting=meeting)
    bus = {"kind": "phone", "pence": 400, "asked": 400}
    second = with_receipt(claim_of("", bus, person=first.person, meeting=meeting))
    assert words(second) == f"{first.reference} is a claim for the same meeting."


@pytest.mark.parametrize("state", ["submitted", "paid", "declined", "withdrawn"])
def test_receipt_when_it_is_on_another_claim_then_flagged_whatever_became_of_that(state):
    first = with_receipt(claim_of("Aisha Khan", PARKING, state=state))
    second = with_receipt(claim_of("Ben Ode", PARKING))
    [flag] = flags_of(read(second))
    assert flag.kind == "same_receipt"
    assert f"The same receipt is on {first.reference} (Aisha Khan)" in flag.words


def test_receipt_when_it_is_on_a_draft_then_not_told():
    """Nobody but its own people knows of a draft; once it is sent, it is flagged there."""
    with_receipt(claim_of("Aisha Khan", PARKING, state="draft"))
    assert kinds(with_receipt(claim_of("Ben Ode", PARKING))) == []


# The rest -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pence", "flagged"), [(1000, False), (1001, True)])
def test_claim_when_there_is_no_receipt_then_flagged_above_what_a_reason_is_taken_for(
    pence, flagged
):
    line = {"kind": "taxi", "pence": pence, "asked": pence, "no_receipt": "I lost it"}
    claim = claim_of("Aisha Khan", line)
    assert kinds(claim) == (["no_receipt"] if flagged else [])
    if flagged:
        assert words(claim) == (
            "Taxi, £10.01, has no receipt. The rules take a reason in its place up to £10. "
            "They say: “I lost it”"
        )


def test_claim_when_only_a_refused_file_is_there_then_counts_as_none():
    claim = with_receipt(claim_of("Aisha Khan", {"kind": "taxi", "pence": 2000, "asked": 2000}))
    assert kinds(claim) == []
    claim.receipts.update(scan="refused")
    assert kinds(claim) == ["no_receipt"]


def test_claim_when_miles_are_paid_by_rate_then_no_receipt_is_missed():
    assert kinds(claim_of("Aisha Khan", {**CAR, "pence": 5500, "miles": "100"})) == []


def test_claim_when_it_is_said_that_they_were_not_there_then_flagged(meeting, coordinator):
    claim = claim_of("Aisha Khan", CAR, meeting=meeting)
    AttendanceCheckFactory(
        claim=claim, answer="not_there", note="She sent apologies.", answered_by=coordinator
    )
    assert words(claim) == ("They weren’t there, it was said when we asked: “She sent apologies.”")


def test_claim_when_the_register_has_others_but_not_them_then_flagged(meeting):
    claim = claim_of("Aisha Khan", CAR, meeting=meeting)
    assert kinds(claim) == []  # no register was kept
    other = Invitation.objects.create(meeting=meeting, person=PersonFactory(), capacity="parent")
    Attendance.objects.create(invitation=other)
    assert kinds(claim) == ["not_there"]
    AttendanceCheckFactory(claim=claim, answer="there")
    assert kinds(claim) == []


def test_claim_when_it_came_late_then_flagged_until_and_after_it_is_let_in():
    claim = claim_of("Aisha Khan", CAR, is_late=True)
    assert "nobody has decided yet" in words(claim)


def test_flags_when_there_are_many_claims_then_asked_in_as_many_questions(meeting):
    def asked(count):
        while Claim.objects.count() < count:
            number = Claim.objects.count()
            lines = [{**CAR, "passengers": 1, "with_whom": "Ben"}, PARKING]
            with_receipt(claim_of(f"Ben Number{number}", *lines, meeting=meeting))
        claims = list(Claim.objects.with_all())
        with CaptureQueriesContext(
            connection,
        ) as caught:
            found = flags_for(claims)
        assert all(found[claim.pk] for claim in claims)
        return len(caught)

    assert asked(3) == asked(40) <= 6


def test_claim_when_who_entered_it_changed_how_they_are_reached_then_flagged(coordinator):
    claim = ClaimFactory(entered_by=coordinator, state="submitted")
    own = ClaimFactory(person=claim.person, state="submitted", on=date(2026, 10, 1))
    assert flags_of(claim) == []
    change_person(person=claim.person, by=coordinator, fields=["email"])
    (flag,) = flags_of(claim)
    assert flag.kind == "reached"
    assert "e-mail address" in flag.words
    assert coordinator.name in flag.words
    assert [flag.kind for flag in flags_of(own)] == []
