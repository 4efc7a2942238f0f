"""A claim for somebody without e-mail: entered, posted past its enterer, confirmed, asked about."""

import re

import pytest

from coprod.models import Message
from expenses.models import Claim
from expenses.services import confirming
from expenses.services.deciding import ask_about, decline_claim
from members.models import Role
from tests.factories.meetings import past_meeting
from tests.factories.members import PersonFactory, RoleFactory
from tests.factories.money import ClaimFactory, LineFactory, PolicyFactory
from tests.journeys.acting import errors_of, follow, press, words_of
from tests.meetings.reading_pdf import words_of as words_of_pdf

pytestmark = pytest.mark.django_db


def _code_in(pdf):
    return re.search(r"Your code is (\d{4}\s?\d{4})", " ".join(words_of_pdf(pdf).split()))[1]


def test_claim_is_entered_posted_and_confirmed_by_its_code(
    page, coordinator, treasurer, person_without_email, signed_in, open_page, look
):
    PolicyFactory()
    meeting = past_meeting(person_without_email, days=5, title="Forum meeting with services")
    signed_in(coordinator, on=page)
    page.goto("/money/claims/new/")
    look(page, "claim-enter")
    page.get_by_label("Whose claim is it?").select_option(label=person_without_email.name)
    press(page, "Go on to what it was for")
    look(page, "claim-enter-what")
    page.get_by_label(meeting.title).check()
    press(page, "Go on to the photo")
    claim = Claim.objects.get()
    assert (claim.person, claim.entered_by) == (person_without_email, coordinator)
    LineFactory(claim=claim, kind="car", miles="12.0", what="Home and back", on=claim.on)
    confirming.hand_over(claim=claim, by=coordinator)
    claim.refresh_from_db()
    assert claim.state == Claim.State.UNCONFIRMED
    page.goto(claim.get_absolute_url())
    assert "Peter Wragg’s turn" in words_of(page)
    look(page, "claim-unconfirmed")
    page.goto("/messages/?show=letters")
    assert "1 letter must be printed by somebody else: the treasurer." in words_of(page)

    theirs = signed_in(treasurer)
    theirs.goto("/money/letters/")
    look(theirs, "code-letters")
    code = _code_in(theirs.request.get("/money/letters.pdf").body())
    press(theirs, "Mark those ticked as posted")
    assert "1 letter is marked as posted." in words_of(theirs)
    theirs.goto(f"/money/claims/{claim.pk}/phone/")
    look(theirs, "claim-phone")

    reader = open_page(java_script_enabled=False)
    reader.goto("/money-back/confirm/")
    look(reader, "claim-confirm")
    reader.get_by_label("Number of the claim").fill(claim.reference)
    reader.get_by_label("Code from the letter").fill("0000 0000")
    press(reader, "See the claim")
    assert "don’t go together" in errors_of(reader)
    reader.get_by_label("Code from the letter").fill(code)
    press(reader, "See the claim")
    look(reader, "claim-confirm-right")
    press(reader, "Yes, this is right")
    assert "Thank you. You have said that it is right" in words_of(reader)
    look(reader, "claim-confirmed")
    claim.refresh_from_db()
    assert (claim.state, claim.confirmed_how) == (Claim.State.SUBMITTED, "code")


def test_question_is_answered_and_a_no_is_looked_at_again(page, rep, treasurer, signed_in, look):
    second = PersonFactory(name="Sita Rao", email="sita@larkmere.example")
    RoleFactory(person=second, kind=Role.Kind.TREASURER)
    lines = [
        {"kind": "car", "miles": "12.0", "pence": 660, "workings": "12 miles at 55p"},
        {"kind": "meal", "asked": 1250, "pence": 800, "workings": "£8 a day at most"},
    ]
    claim = ClaimFactory(person=rep, state="submitted", lines=lines)
    ask_about(claim=claim, text="What was the meal?", edit_no=claim.edit_no, by=treasurer)
    signed_in(rep, on=page)
    page.goto(claim.get_absolute_url())
    look(page, "claim-question")
    follow(page, "Answer the question")
    look(page, "question-answer")
    press(page, "Send the answer")
    assert "Write your answer" in errors_of(page)
    page.get_by_label("Your answer").fill("Lunch: the meeting went on until four.")
    press(page, "Send the answer")
    assert "The answer is there." in words_of(page)
    look(page, "claim-answered")

    claim.refresh_from_db()
    decline_claim(claim=claim, reason="Lunch was there.", edit_no=claim.edit_no, by=treasurer)
    page.reload()
    look(page, "claim-declined")
    follow(page, "Ask for another look")
    look(page, "claim-appeal")
    page.get_by_label("What should they know?").fill("There was nothing that I can eat.")
    press(page, "Ask for another look")
    assert "Somebody else than before looks at it now." in words_of(page)
    look(page, "claim-again")
    assert Message.objects.filter(template="expenses/appeal_received", person=second).exists()

    follow(page, "Take this claim back")
    look(page, "claim-withdraw")
    press(page, "Take it back")
    claim.refresh_from_db()
    assert claim.state == Claim.State.WITHDRAWN
