"""Rates from the usual figures to what they change: begun and proposed by the coordinator,
returned and confirmed by the treasurer, told to a parent; on a phone, at a desk, without script."""

from datetime import date

import pytest

from expenses.models import Claim, MilesElsewhere, Policy
from tests.factories.money import ClaimFactory, PolicyFactory
from tests.journeys.acting import errors_of, follow, press, words_of

pytestmark = pytest.mark.django_db


def test_rates_when_begun_from_the_usual_figures_then_two_people_agree_them(
    page, forum, coordinator, treasurer, signed_in, look, mailed, link_in
):
    signed_in(coordinator, on=page)
    page.goto("/money/")
    follow(page, "Rates and rules")
    look(page, "rates-empty")
    press(page, "Begin this draft")  # the first is this year’s
    look(page, "rates-draft")
    assert "Copies of the official mileage rates disagree" in words_of(page)
    follow(page, "Check and change it")
    look(page, "rates-edit")
    page.get_by_label("Own car or van", exact=True).fill("0.5")
    page.get_by_label("Miles a year at this rate").fill("ten thousand")
    press(page, "Save this version")
    assert "Write “0.5p” or “£0.5”" in errors_of(page)
    look(page, "rates-edit-errors")
    page.get_by_label("Own car or van", exact=True).fill("50p")
    page.get_by_label("Miles a year at this rate").fill("10000")
    page.get_by_label("Who agreed it, and when?").fill("The steering group, 3 March 2026")
    press(page, "Save this version")
    follow(page, "Propose it")
    look(page, "rates-propose")
    assert treasurer.name in words_of(page)
    press(page, "Propose this version")
    assert "You proposed it, so a treasurer who is somebody else" in words_of(page)
    signed_in(treasurer, on=page)
    page.goto(link_in(mailed(treasurer)))
    look(page, "rates-confirm-first")
    follow(page, "Return it with a reason instead")
    look(page, "rates-return")
    press(page, "Return it")
    assert "Write what should be different" in errors_of(page)
    page.get_by_label("What should be different?").fill("The official page says 55p.")
    press(page, "Return it")
    signed_in(coordinator, on=page)
    page.goto(link_in(mailed(coordinator)))
    assert "The official page says 55p." in words_of(page)
    look(page, "rates-returned")
    follow(page, "Change it")
    page.get_by_label("Own car or van", exact=True).fill("55")
    press(page, "Save this version")
    follow(page, "Propose it")
    press(page, "Propose this version")
    signed_in(treasurer, on=page)
    page.goto(link_in(mailed(treasurer)))
    press(page, "Confirm this version")
    assert "confirmed: it counts from 6 April 2026" in words_of(page)
    assert Policy.objects.get().confirmed_by == treasurer


def test_rates_when_they_rise_for_days_gone_by_then_the_parent_gets_the_difference(
    page, coordinator, treasurer, rep, signed_in, look, mailed, link_in
):
    PolicyFactory(begins_on=date(2025, 4, 6), rates={"car": "45"})
    for state in ("paid", "submitted", "draft"):
        line = {"kind": "car", "miles": "12", "pence": 540, "what": "Home to the hall"}
        ClaimFactory(person=rep, state=state, lines=[line])
    signed_in(coordinator, on=page)
    page.goto("/money/rates/")
    follow(page, "Begin a new version")
    look(page, "rates-begin")
    page.get_by_label("From which day").fill("6 April 2026")
    press(page, "Begin a new version")
    page.get_by_label("Own car or van", exact=True).fill("55p")
    page.get_by_label("Who agreed it, and when?").fill("The steering group, 3 March 2026")
    press(page, "Save this version")
    assert "45p a mile" in words_of(page)
    follow(page, "Throw it away")
    look(page, "rates-drop")
    follow(page, "Go back")
    follow(page, "Propose it")
    press(page, "Propose this version")
    signed_in(treasurer, on=page)
    page.goto(link_in(mailed(treasurer)))
    look(page, "rates-confirm")
    assert "£1.20" in words_of(page)
    press(page, "Confirm this version")
    assert "1 difference to be decided and 1 claim priced again" in words_of(page)
    page.goto("/money/rates/")
    look(page, "rates-list")
    signed_in(rep, on=page)
    page.goto(link_in(mailed(rep)))
    assert "£1.20" in words_of(page)
    assert Claim.objects.get(lines__kind="top_up").total == 120


def test_miles_when_driven_for_others_then_said_on_one_page(page, rep, signed_in, look):
    PolicyFactory(begins_on=date(2026, 4, 6))
    signed_in(rep, on=page)
    page.goto("/money-back/")
    follow(page, "Miles you drove for others")
    look(page, "miles")
    press(page, "Save these miles")
    assert "Enter the miles, 0 if none" in errors_of(page)
    page.get_by_label("How many miles did you drive for others").fill("1200")
    press(page, "Save these miles")
    assert "It counts for what you send from now on" in words_of(page)
    assert MilesElsewhere.objects.get().miles == 1200
