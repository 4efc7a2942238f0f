"""A claim from the treasurer's list to a yes by two people, and a no that somebody else judges."""

from datetime import timedelta

import pytest

from coprod import clocks
from expenses.models import Claim
from members.models import Role
from tests.factories.members import PersonFactory, RoleFactory
from tests.factories.money import AttendanceCheckFactory, ClaimFactory, PolicyFactory
from tests.journeys.acting import errors_of, follow, press, words_of
from tests.journeys.conftest import ON_PHONE

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["phone", "desktop", "no script"])
def width(request):
    return {"phone": ON_PHONE, "desktop": {}, "no script": {"java_script_enabled": False}}[
        request.param
    ]


@pytest.fixture
def claims(forum, rep):
    """One above the limit, of whom the register says nothing; and two small ones."""
    PolicyFactory(begins_on=clocks.today() - timedelta(days=300))
    day = clocks.today() - timedelta(days=5)
    large = ClaimFactory(
        person=rep,
        state="submitted",
        needs_two=True,
        on=day,
        occasion="A day of training",
        lines=[{"kind": "care", "hours": 8, "asked": 12_000, "pence": 12_000}],
    )
    AttendanceCheckFactory(claim=large)
    for name in ("Ona Mbeki", "Piet Lander"):
        small = ClaimFactory(person=PersonFactory(name=name), state="submitted", on=day)
        AttendanceCheckFactory(claim=small, answer="register")
    return large


@pytest.fixture
def approver(forum):
    person = PersonFactory(name="Una Second", email="una@larkmere.example")
    return RoleFactory(person=person, kind=Role.Kind.APPROVER).person


def test_claim_when_two_decide_then_asked_answered_and_approved_by_both(
    claims, rep, treasurer, coordinator, approver, signed_in, look, width
):
    page = signed_in(coordinator, **width)
    page.goto("/today/")
    follow(page, "Confirm it")
    assert "£" not in words_of(page)
    look(page, "attendance-to-say")
    follow(page, "Nadia Karim")
    page.get_by_label("Yes", exact=False).first.check()
    press(page, "Save the answer")

    page = signed_in(treasurer, **width)
    page.goto("/today/")
    follow(page, "Check them")
    look(page, "claims-to-decide")
    follow(page, "Nadia Karim, £120")
    look(page, "claim-decide")
    follow(page, "Ask a question")
    press(page, "Send the question")
    assert "Write what you would like to know" in errors_of(page)
    page.get_by_label("What would you like to know?").fill("Was the whole day needed?")
    press(page, "Send the question")

    theirs = signed_in(rep, **width)
    theirs.goto("/today/")
    follow(theirs, "Answer it")
    assert "Was the whole day needed?" in words_of(theirs)
    look(theirs, "claim-questioned")
    if "answer" not in theirs.url:
        follow(theirs, "Answer")
    theirs.get_by_label("Your answer").fill("Yes, the training was from nine to five.")
    press(theirs, "Send the answer")

    page.goto(f"/money/claims/{claims.pk}/")
    assert "from nine to five" in words_of(page)
    press(page, "Approve £120")
    assert Claim.objects.get(pk=claims.pk).state == "submitted"
    page.goto(f"/money/claims/{claims.pk}/")
    assert page.get_by_role("button", name="Approve").count() == 0
    second = signed_in(approver, **width)
    second.goto("/money/claims/")
    follow(second, "Nadia Karim, £120")
    look(second, "claim-decide-second")
    press(second, "Approve £120")
    assert Claim.objects.get(pk=claims.pk).state == "approved"


def test_small_claims_when_ticked_together_then_approved_together(
    claims, treasurer, signed_in, look, width
):
    page = signed_in(treasurer, **width)
    page.goto("/money/claims/")
    for name in ("Ona Mbeki", "Piet Lander"):
        page.get_by_label(name).check()
    press(page, "Look at those ticked")
    look(page, "claims-approve")
    press(page, "Approve")
    assert Claim.objects.filter(state="approved").count() == 2


def test_no_when_looked_at_again_then_not_by_who_said_it(
    claims, rep, treasurer, signed_in, look, width
):
    small = ClaimFactory(person=rep, state="submitted", occasion="A visit")
    AttendanceCheckFactory(claim=small, answer="register")
    page = signed_in(treasurer, **width)
    page.goto(f"/money/claims/{small.pk}/")
    follow(page, "Decline it")
    page.get_by_label("What else, or your words").fill("That day was paid in May.")
    look(page, "claim-decline")
    press(page, "Decline the claim")
    theirs = signed_in(rep, **width)
    theirs.goto(f"/money-back/{small.pk}/")
    assert theirs.get_by_role("link", name="Ask for another look").count() == 0
    other = RoleFactory(person=PersonFactory(name="Tess Two"), kind=Role.Kind.APPROVER).person
    theirs.reload()
    assert "That day was paid in May." in words_of(theirs)
    look(theirs, "claim-declined")
    follow(theirs, "Ask for another look")
    theirs.locator("textarea").first.fill("It was another visit, in June.")
    theirs.locator("main form button").first.click()
    theirs.wait_for_load_state()
    page.goto(f"/money/claims/{small.pk}/")
    assert "You declined it before" in words_of(page)
    assert page.get_by_role("button", name="Approve").count() == 0
    judge = signed_in(other, **width)
    judge.goto(f"/money/claims/{small.pk}/")
    assert "It was another visit, in June." in words_of(judge)
    look(judge, "claim-appealed")
    press(judge, "Approve £6.60")
    assert Claim.objects.get(pk=small.pk).state == "approved"
