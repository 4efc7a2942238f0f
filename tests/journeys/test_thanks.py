"""A thank-you from the offer to the drawer: offered by the coordinator, chosen by a parent,
handed over by the treasurer; on a phone, at a desk and without script."""

from datetime import date, time

import pytest

from expenses.models import Recognition, VoucherBatch
from tests.factories.meetings import past_meeting
from tests.factories.money import HeadingFactory, PolicyFactory, RecognitionFactory, drawer
from tests.journeys.acting import errors_of, follow, press, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(forum, rep, person_without_email, rep_of_other_group):
    forum.phone, forum.email = "01632 960 100", "hello@larkmere.example"
    forum.save()
    PolicyFactory(begins_on=date(2020, 4, 6), rates={"half_day": "2500", "full_day": "5000"})
    meeting = past_meeting(rep, person_without_email, rep_of_other_group, title="Consortium")
    late = meeting.invitations.get(person=rep_of_other_group).attendance
    late.arrived = time(11)
    late.save()
    return meeting


def test_payment_when_offered_and_accepted_then_paused_at_benefits_first(
    page, meeting, coordinator, rep, signed_in, look, mailed, link_in
):
    signed_in(coordinator, on=page)
    page.goto("/money/thanks/")
    look(page, "thanks-list-empty")
    follow(page, "Offer a thank-you")
    look(page, "thanks-offer")
    follow(page, "Consortium")
    look(page, "thanks-offer-meeting")
    assert "2 e-mails and 1 letter" in words_of(page)
    press(page, "Send the offers")
    assert "Choose what you would like to offer" in errors_of(page)
    page.get_by_label("Thank-you payment", exact=True).check()
    press(page, "Send the offers")
    assert "Offered to 3 people" in words_of(page)
    look(page, "thanks-list")
    signed_in(rep, on=page)
    page.goto(link_in(mailed(rep)))
    look(page, "thanks-answer")
    page.get_by_label("Yes, thank you").check()
    press(page, "Send my answer")
    assert "Check benefits and tax first" in words_of(page)
    look(page, "thanks-pause")
    page.get_by_label("In cash, at the next meeting").check()
    press(page, "I have read this, and accept")
    assert "your yes is kept" in words_of(page)
    look(page, "thanks-own")
    follow(page, "Change your answer")
    page.get_by_label("Give it to somebody else", exact=True).check()
    press(page, "Send my answer")
    assert "Enter who should have it instead" in errors_of(page)
    page.get_by_label("Who should have it instead?").fill("Larkmere Food Bank")
    press(page, "Send my answer")
    row = Recognition.objects.get(person=rep)
    assert (row.state, row.given_to) == ("given_away", "Larkmere Food Bank")
    page.goto("/money-back/benefits-letter/")
    look(page, "benefits-letter")


def test_answer_when_rung_in_then_noted_by_the_coordinator(
    page, meeting, coordinator, person_without_email, signed_in, look
):
    row = RecognitionFactory(person=person_without_email, offered_by=coordinator, meeting=meeting)
    signed_in(coordinator, on=page)
    page.goto("/money/thanks/")
    follow(page, "Peter Wragg")
    look(page, "thanks-note")
    page.get_by_label("Yes, thank you").check()
    press(page, "Keep this answer")
    assert "benefits and tax first" in errors_of(page)
    page.get_by_label("I have read them the words about benefits and tax").check()
    press(page, "Keep this answer")
    assert "Peter Wragg’s answer is kept" in words_of(page)
    follow(page, "Peter Wragg")
    follow(page, "Take the offer back")
    look(page, "thanks-withdraw")
    press(page, "Take the offer back")
    row.refresh_from_db()
    assert row.state == "withdrawn"


def test_voucher_when_bought_and_handed_over_then_ledger_says_so(
    page, meeting, coordinator, treasurer, rep, signed_in, look
):
    HeadingFactory(name="Thank-yous")
    drawer(treasurer, shop="Old Mill Books", expires_on=date(2026, 12, 20))
    RecognitionFactory(person=rep, kind="voucher", state="accepted", offered_by=coordinator)
    signed_in(treasurer, on=page)
    page.goto("/money/vouchers/")
    follow(page, "Add bought vouchers")
    look(page, "voucher-buy")
    press(page, "Put them in the drawer")
    assert "Enter the shop" in errors_of(page)
    page.get_by_label("Which shop is it for?").fill("Larkmere Market")
    page.get_by_label("What is each worth?").fill("25")
    page.get_by_label("How many did you buy?").fill("10")
    page.get_by_label("From which heading of the budget?").select_option(label="Thank-yous")
    press(page, "Put them in the drawer")
    page.goto("/money/thanks/")
    look(page, "thanks-list-treasurer")
    follow(page, "Hand over")
    look(page, "thanks-hand-over")
    page.get_by_label("Larkmere Market, £25: 10 in the drawer").check()
    page.get_by_label("The number on it").fill("LM 0001")
    press(page, "Hand it over")
    assert "Handed over to Nadia Karim" in words_of(page)
    page.goto("/money/vouchers/")
    look(page, "voucher-list")
    follow(page, "Larkmere Market")
    look(page, "voucher-batch")
    follow(page, "Write off")
    look(page, "voucher-write-off")
    page.get_by_label("How many?").fill("2")
    page.get_by_label("What happened to them?").fill("Lost in the post")
    press(page, "Write them off")
    assert "7 vouchers in the drawer" in words_of(page)
    assert VoucherBatch.objects.with_left().get(shop="Larkmere Market").left == 7
    page.goto("/money/thanks/")
    follow(page, "Nadia Karim")
    follow(page, "The voucher came back")
    look(page, "thanks-back")
    press(page, "Put it back in the drawer")
    assert VoucherBatch.objects.with_left().get(shop="Larkmere Market").left == 8
