"""The budget: every penny once, in the year of its day, and left is what is left."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from expenses.budget import budget_of, counted, entries, loose, this_year, year_days, year_of
from expenses.models import (
    Advance,
    AdvanceUse,
    Allocation,
    Claim,
    Heading,
    Line,
    Recognition,
    Spending,
    VoucherBatch,
    VoucherMove,
)
from expenses.services import budget as services
from expenses.services.spending import add_spending, pay_spending, take_back_spending
from tests.factories.members import PersonFactory
from tests.factories.money import (
    ClaimFactory,
    HeadingFactory,
    PolicyFactory,
    RecognitionFactory,
    SpendingFactory,
)

NOW = "2026-11-20 10:00"


@pytest.fixture(autouse=True)
def _on_a_day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def travel(forum):
    return HeadingFactory(name="Travel", kinds=["car", "parking"])


def _set(heading, pence, year=2026):
    return Allocation.objects.create(heading=heading, year=year, pence=pence)


def _row(label, year=2026):
    return next(row for row in budget_of(year).rows if row.label == label)


def _claim(heading, pence, state, **fields):
    return ClaimFactory(lines=[{"pence": pence, "heading": heading}], state=state, **fields)


# Which year, which column -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2026, 3, 31), 2025),
        (date(2026, 4, 1), 2026),
        (date(2027, 3, 31), 2026),
        (date(2028, 2, 29), 2027),
    ],
)
def test_year_when_a_day_lies_at_its_edge_then_begins_on_1_april(day, year):
    assert year_of(day) == year
    first, last = year_days(year)
    assert first <= day <= last


@pytest.mark.parametrize(
    ("state", "spent", "committed"),
    [
        ("draft", 0, 0),
        ("unconfirmed", 0, 320),
        ("submitted", 0, 320),
        ("questioned", 0, 320),
        ("approved", 0, 320),
        ("paying", 0, 320),
        ("paid", 320, 0),
        ("declined", 0, 0),
        ("withdrawn", 0, 0),
    ],
)
def test_claim_when_in_a_state_then_counts_in_one_column(travel, state, spent, committed):
    _set(travel, 1000)
    _claim(travel, 320, state)
    row = _row("Travel")
    assert (row.spent, row.committed, row.left) == (spent, committed, 1000 - spent - committed)


def test_line_when_of_another_year_than_its_claim_then_counts_in_its_own(travel):
    ClaimFactory(
        lines=[
            {"pence": 100, "heading": travel, "on": date(2026, 3, 31)},
            {"pence": 250, "heading": travel, "on": date(2026, 4, 1)},
        ],
        state="paid",
    )
    assert (_row("Travel", 2025).spent, _row("Travel", 2026).spent) == (100, 250)


@pytest.mark.parametrize(
    ("state", "spent", "committed"),
    [
        ("offered", 0, 2500),
        ("accepted", 0, 2500),
        ("paying", 0, 2500),
        ("done", 2500, 0),
        ("declined", 0, 0),
        ("withdrawn", 0, 0),
    ],
)
def test_thanks_when_in_a_state_then_counts_from_the_offer_on(travel, state, spent, committed):
    RecognitionFactory(state=state, heading=travel)
    row = _row("Travel")
    assert (row.spent, row.committed) == (spent, committed)
    assert row.sums.claims == row.sums.claims_open == 0


def _batch(heading, many=4, pence=1000, given=1):
    batch = VoucherBatch.objects.create(
        shop="Larkmere Grocers", pence=pence, bought_on=date(2026, 6, 1), heading=heading
    )
    VoucherMove.objects.create(
        batch=batch, number=1, kind="bought", change=many, before=0, after=many
    )
    for number in range(given):
        left = many - number
        VoucherMove.objects.create(
            batch=batch,
            number=number + 2,
            kind="given",
            change=-1,
            before=left,
            after=left - 1,
            recognition=RecognitionFactory(kind="voucher", pence=pence, heading=heading),
        )
    return batch


def test_vouchers_when_bought_and_handed_over_then_count_once(travel):
    _batch(travel, many=4, given=2)
    assert (_row("Travel").spent, _row("Travel").committed) == (4000, 0)


def test_vouchers_when_a_spending_stands_for_them_then_count_once(travel):
    batch = _batch(travel)
    spending = SpendingFactory(heading=travel, pence=4000, on=batch.bought_on, batch=batch)
    assert _row("Travel").spent == 4000
    Spending.objects.filter(pk=spending.pk).update(heading=HeadingFactory(name="Thanks"))
    assert (_row("Travel").spent, _row("Thanks").spent) == (0, 4000)


def test_spending_when_ordered_paid_and_taken_back_then_moves_and_goes(travel, treasurer):
    made = SpendingFactory(heading=travel, pence=2200, is_paid=False)
    assert (_row("Travel").spent, _row("Travel").committed) == (0, 2200)
    pay_spending(spending=made, by=treasurer)
    assert (_row("Travel").spent, _row("Travel").committed) == (2200, 0)
    take_back_spending(spending=made, reason="Entered twice", by=treasurer)
    assert (_row("Travel").spent, _row("Travel").committed) == (0, 0)


# Advances -----------------------------------------------------------------------------------------


def _advance(person, pence=5000, state="paid"):
    return Advance.objects.create(
        person=person, what_for="Train", pence=pence, state=state, decided_at="2026-11-01T10:00Z"
    )


def test_advance_when_a_claim_uses_it_then_the_money_counts_once_all_along(travel):
    """£50 in advance, £30 claimed: £50 altogether before, while it is paid and afterwards."""
    person = PersonFactory()
    advance = _advance(person)

    def altogether():
        found = budget_of(2026)
        return found.spent + found.committed

    assert altogether() == 5000
    claim = _claim(travel, 3000, "submitted", person=person)
    assert altogether() == 5000
    use = AdvanceUse.objects.create(advance=advance, claim=claim, pence=3000)
    assert altogether() == 5000  # in a run
    use.delete()
    _claim(travel, 3000, "paid", person=person)
    claim.delete()
    AdvanceUse.objects.create(advance=advance, claim=Claim.objects.get(state="paid"), pence=3000)
    assert altogether() == 5000
    AdvanceUse.objects.create(advance=advance, pence=2000, note="In cash")
    assert altogether() == 3000


@pytest.mark.parametrize(("state", "counts"), [("asked", 0), ("approved", 5000), ("declined", 0)])
def test_advance_when_agreed_then_committed_before_it_is_paid(forum, state, counts):
    row = {"declined_reason": "No"} if state == "declined" else {}
    Advance.objects.create(person=PersonFactory(), what_for="Train", pence=5000, state=state, **row)
    assert budget_of(2026).committed == counts


def test_advance_when_of_somebody_else_then_a_claim_does_not_use_it(travel):
    _advance(PersonFactory())
    _claim(travel, 3000, "submitted")
    assert budget_of(2026).committed == 8000


# Every penny once ---------------------------------------------------------------------------------

STATES = [state.value for state in Claim.State]
LIFE = ["submitted", "questioned", "submitted", "approved", "paying", "paid"]
pence = st.integers(min_value=1, max_value=30_000)
where = st.integers(min_value=0, max_value=3)
days = st.sampled_from([date(2026, 3, 31), date(2026, 4, 1), date(2026, 11, 10), date(2027, 4, 1)])
claims = st.lists(
    st.tuples(
        st.sampled_from(STATES), st.lists(st.tuples(pence, where, days), min_size=1, max_size=3)
    ),
    max_size=4,
)
thanks = st.lists(
    st.tuples(st.sampled_from([state.value for state in Recognition.State]), pence, where, days),
    max_size=3,
)
spendings = st.lists(st.tuples(st.booleans(), st.booleans(), pence, where, days), max_size=3)
budgets = st.lists(st.integers(min_value=0, max_value=100_000), min_size=3, max_size=3)
QUICK: dict[str, Any] = {
    "deadline": None,
    "max_examples": 40,
    "suppress_health_check": [HealthCheck.too_slow],
}


class EveryPenny(TestCase):
    """Counted again in plain Python from the rows that were drawn, not by the same questions."""

    def world(self, drawn_budgets):
        self.policy = PolicyFactory()
        self.people = SimpleNamespace(any=PersonFactory(), by=PersonFactory())
        self.headings = [HeadingFactory(name=f"H{n}") for n in range(3)]
        for heading, sum_ in zip(self.headings, drawn_budgets, strict=True):
            _set(heading, sum_)

    def heading(self, number):
        return self.headings[number] if number < 3 else None

    def claim(self, state, lines):
        """Straight into the table: a claim's history is no matter of the budget."""
        now = "2026-11-19T10:00Z"
        claim = Claim.objects.create(
            person=self.people.any, entered_by=self.people.any, occasion="A", on=date(2026, 11, 10)
        )
        for sum_, number, day in lines:
            Line.objects.create(
                claim=claim,
                kind="parking",
                on=day,
                pence=sum_,
                policy=self.policy,
                heading=self.heading(number),
            )
        by = self.people.by
        Claim.objects.filter(pk=claim.pk).update(
            state=state,
            sent_at=now,
            approved_at=now,
            approved_by=by,
            paid_at=now,
            paid_by=by,
            declined_reason="No",
        )
        return claim

    @settings(**QUICK)
    @given(budgets, claims, thanks, spendings)
    def test_budget_when_anything_happened_then_spent_committed_and_left_add_up(
        self, drawn, drawn_claims, drawn_thanks, drawn_spendings
    ):
        self.world(drawn)
        open_ = {"unconfirmed", "submitted", "questioned", "approved", "paying"}
        expected = {n: [0, 0] for n in range(4)}
        for state, lines in drawn_claims:
            self.claim(state, lines)
            for sum_, number, day in lines:
                if year_of(day) == 2026 and (state == "paid" or state in open_):
                    expected[number][state in open_] += sum_
        for state, sum_, number, day in drawn_thanks:
            RecognitionFactory(
                person=self.people.any,
                offered_by=self.people.by,
                state=state,
                pence=sum_,
                on=day,
                heading=self.heading(number),
                given_to="A charity",
            )
            owed = state in {"offered", "accepted", "paying"}
            if year_of(day) == 2026 and (owed or state == "done"):
                expected[number][owed] += sum_
        for is_paid, is_back, sum_, number, day in drawn_spendings:
            number = number % 3
            SpendingFactory(
                heading=self.heading(number),
                is_paid=is_paid,
                pence=sum_,
                on=day,
                taken_back_at="2026-11-19T10:00Z" if is_back else None,
            )
            if year_of(day) == 2026 and not is_back:
                expected[number][not is_paid] += sum_
        found = budget_of(2026)
        by_heading = {row.heading.name: row for row in found.rows if row.heading}
        for number in range(3):
            row = by_heading[f"H{number}"]
            assert [row.spent, row.committed] == expected[number]
            assert row.budget == drawn[number] == row.spent + row.committed + row.left
        assert found.spent == sum(spent for spent, _ in expected.values())
        assert found.committed == sum(committed for _, committed in expected.values())
        assert found.budget == found.spent + found.committed + found.left

    @settings(**QUICK)
    @given(claims)
    def test_lines_when_summed_over_headings_and_years_then_each_counts_once(self, drawn):
        self.world([0, 0, 0])
        for state, lines in drawn:
            self.claim(state, lines)
        standing = {"unconfirmed", "submitted", "questioned", "approved", "paying", "paid"}
        whole = sum(each[0] for state, lines in drawn for each in lines if state in standing)
        counts = [
            sums
            for year in (2025, 2026, 2027)
            for sums in counted(entries(*year_days(year))).values()
        ]
        assert sum(sums.claims + sums.claims_open for sums in counts) == whole

    @settings(**QUICK)
    @given(claims, st.lists(st.tuples(pence, where, days), min_size=1, max_size=3))
    def test_claim_when_it_goes_through_its_life_then_pence_only_change_columns(
        self, others, lines
    ):
        self.world([5000, 5000, 5000])
        for state, each in others:
            self.claim(state, each)
        claim = self.claim(LIFE[0], lines)
        before = [(row.label, row.spent + row.committed, row.left) for row in budget_of(2026).rows]
        for state in LIFE[1:]:
            Claim.objects.filter(pk=claim.pk).update(state=state)
            after = [
                (row.label, row.spent + row.committed, row.left) for row in budget_of(2026).rows
            ]
            assert after == before


# Warnings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spent", "words"),
    [
        (799, []),
        (800, ["80% used"]),
        (1000, ["100% used"]),
        (1001, ["Overspent by £0.01"]),
    ],
)
def test_warning_when_a_share_is_used_then_said_in_words(travel, spent, words):
    _set(travel, 1000)
    _claim(travel, spent, "paid")
    assert [warning.text for warning in _row("Travel").warnings] == words


def test_warning_when_more_is_promised_than_left_then_said(travel):
    _set(travel, 1000)
    _claim(travel, 600, "paid")
    _claim(travel, 600, "submitted")
    assert [w.text for w in _row("Travel").warnings] == ["£2 more is promised than is left"]


def test_warning_when_there_is_no_budget_then_said(travel):
    _claim(travel, 600, "paid")
    assert [w.text for w in _row("Travel").warnings] == ["£6 spent, and no budget"]


@pytest.mark.parametrize(
    ("day", "spent", "fenced", "warns"),
    [
        ("2026-12-30 10:00", 100, True, False),
        ("2026-12-31 10:00", 100, True, True),
        ("2027-03-31 10:00", 499, True, True),
        ("2027-03-31 10:00", 500, True, False),
        ("2027-03-31 10:00", 100, False, False),
        ("2027-04-01 10:00", 100, True, False),
    ],
)
def test_warning_when_a_ring_fenced_sum_is_hardly_used_late_then_said(
    travel, day, spent, fenced, warns
):
    Heading.objects.update(is_ring_fenced=fenced)
    _set(travel, 1000)
    _claim(travel, spent, "paid")
    with time_machine.travel(day, tick=False):
        found = [warning.text for warning in _row("Travel").warnings]
    assert bool(found) == warns
    assert not warns or "year ends on 31 March" in found[0]


def test_warning_when_a_ring_fenced_sum_is_overspent_then_says_from_elsewhere(travel):
    Heading.objects.update(is_ring_fenced=True)
    _set(travel, 1000)
    _claim(travel, 1250, "paid")
    assert "has to be paid from elsewhere" in _row("Travel").warnings[0].text


# Headings and sums --------------------------------------------------------------------------------


def test_usual_headings_when_pressed_twice_then_there_once(treasurer, client_for):
    browser = client_for(treasurer)
    for _ in range(2):
        browser.post("/money/budget/headings/usual/")
    assert Heading.objects.count() == len(services.USUAL)
    kinds = [kind for heading in Heading.objects.all() for kind in heading.kinds]
    assert len(kinds) == len(set(kinds))
    assert Heading.objects.get(for_no_email=True).is_ring_fenced


def test_usual_headings_when_begun_then_every_kind_of_line_has_one(treasurer):
    services.add_usual_headings(by=treasurer)
    kinds = {kind for heading in Heading.objects.all() for kind in heading.kinds}
    assert set(services.KINDS) <= kinds


def test_heading_when_a_kind_falls_under_another_then_refused_in_words(
    travel, treasurer, client_for
):
    said = {"name": "Cars", "kinds": ["car"]}
    shown = client_for(treasurer).post("/money/budget/headings/new/", said).content.decode()
    assert "“My own car or van” already falls under “Travel”." in shown
    assert Heading.objects.count() == 1


def test_heading_when_the_second_for_people_without_email_then_refused(forum, treasurer):
    said = {"kinds": [], "is_ring_fenced": True, "for_no_email": True, "by": treasurer}
    services.add_heading(name="Post", **said)
    with pytest.raises(TransitionNotAllowed, match="already the heading"):
        services.add_heading(name="Letters", **said)


def test_heading_when_ended_then_its_years_still_show_it(travel, treasurer, client_for):
    _claim(travel, 600, "paid")
    client_for(treasurer).post(f"/money/budget/headings/{travel.pk}/end/")
    assert _row("Travel").spent == 600
    assert [row.label for row in budget_of(2025).rows] == []


def test_sum_when_changed_then_the_old_one_is_replaced_and_readable(travel, treasurer, client_for):
    browser, address = client_for(treasurer), f"/money/budget/2026/{travel.pk}/"
    browser.post(address, {"pence": "1,200", "from_whom": "Community grant", "note": "First"})
    first = Allocation.objects.get()
    said = {"pence": "1500.50", "from_whom": "Community grant", "instead_of": first.pk}
    browser.post(address, said)
    assert _row("Travel").budget == 150_050
    shown = browser.get(address).content.decode()
    assert "£1,200 from Community grant" in shown
    assert AuditEvent.objects.filter(verb="set_allocation").count() == 2


def test_sum_when_somebody_set_another_meanwhile_then_refused_and_kept(
    travel, treasurer, client_for
):
    _set(travel, 1000)
    shown = client_for(treasurer).post(f"/money/budget/2026/{travel.pk}/", {"pence": "20"})
    assert "Somebody has set this sum meanwhile" in shown.content.decode()
    assert _row("Travel").budget == 1000


def test_sum_when_pressed_twice_then_one_row(travel, treasurer, client_for):
    for _ in range(2):
        client_for(treasurer).post(f"/money/budget/2026/{travel.pk}/", {"pence": "20"})
    assert Allocation.objects.count() == 1


# Not under a heading yet --------------------------------------------------------------------------


def test_loose_lines_when_put_under_a_heading_then_count_there(travel, treasurer, client_for):
    claim = _claim(None, 320, "paid")
    browser = client_for(treasurer)
    assert "Not under a heading yet" in browser.get("/money/budget/").content.decode()
    keys = [each.key for each in loose(2026)]
    browser.post("/money/budget/2026/put/", {"things": keys, "heading": travel.pk})
    assert (_row("Travel").spent, loose(2026)) == (320, [])
    assert claim.lines.get().heading == travel


def test_loose_lines_when_somebody_put_them_elsewhere_then_they_stay_there(travel, treasurer):
    claim = _claim(None, 320, "paid")
    key = f"line-{claim.lines.get().pk}"
    other = HeadingFactory(name="Other")
    assert services.put_under(keys=[key], heading=other, by=treasurer) == 1
    assert services.put_under(keys=[key], heading=travel, by=treasurer) == 0
    assert claim.lines.get().heading == other


def test_loose_things_when_of_every_kind_then_all_can_be_put(travel, treasurer):
    _claim(None, 320, "submitted")
    RecognitionFactory()
    _batch(None, given=0)
    assert sum(each.pence for each in loose(2026)) == 320 + 2500 + 4000
    services.put_under(keys=[each.key for each in loose(2026)], heading=travel, by=treasurer)
    assert _row("Travel").spent + _row("Travel").committed == 320 + 2500 + 4000
    assert loose(2026) == []


# Other spending -----------------------------------------------------------------------------------


def test_spending_when_pressed_twice_then_there_once(travel, treasurer, client_for):
    said = {
        "what": "Room hire",
        "pence": "45",
        "on": "10 November 2026",
        "heading": travel.pk,
        "is_paid": "no",
    }
    for _ in range(2):
        client_for(treasurer).post("/money/budget/spending/new/", said)
    spending = Spending.objects.get()
    assert (spending.pence, spending.is_paid, spending.made_by) == (4500, False, treasurer)


def test_spending_when_taken_back_without_a_reason_then_refused_in_words(
    travel, treasurer, client_for
):
    spending = SpendingFactory(heading=travel)
    address = f"/money/budget/spending/{spending.pk}/take-back/"
    shown = client_for(treasurer).post(address, {"reason": " "}).content.decode()
    assert "Enter why it is taken back" in shown
    client_for(treasurer).post(address, {"reason": "Entered twice"})
    shown = client_for(treasurer).get("/money/budget/2026/spending/").content.decode()
    assert "Entered twice" in shown


def test_spending_when_it_stands_for_vouchers_then_cannot_be_taken_back(travel, treasurer):
    spending = SpendingFactory(heading=travel, batch=_batch(travel))
    with pytest.raises(TransitionNotAllowed, match="list of vouchers"):
        take_back_spending(spending=spending, reason="No", by=treasurer)


def test_spending_when_the_heading_has_ended_then_refused(travel, treasurer):
    services.end_heading(heading=travel, by=treasurer)
    with pytest.raises(TransitionNotAllowed, match="has been ended"):
        add_spending(
            heading=travel, on=date(2026, 11, 1), what="A", pence=1, is_paid=True, by=treasurer
        )


# The page -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/money/budget/", "/money/budget/2026/spending/"])
def test_budget_page_when_there_is_much_then_asks_no_more_questions(
    travel, treasurer, client_for, address
):
    def questions():
        browser = client_for(treasurer)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert browser.get(address).status_code == 200
        return len(asked)

    def fill(many):
        person = PersonFactory()
        for number in range(many):
            heading = HeadingFactory()
            _set(heading, 1000)
            SpendingFactory(heading=heading, made_by=person)
            ClaimFactory(lines=[{"pence": 100 + number, "heading": heading}], state="submitted")

    fill(3)
    few = questions()
    fill(57)
    assert questions() == few <= 14


def test_budget_page_when_empty_then_offers_the_usual_headings(treasurer, coordinator, client_for):
    assert (
        "Begin with the usual headings"
        in client_for(treasurer).get("/money/budget/").content.decode()
    )
    shown = client_for(coordinator).get("/money/budget/").content.decode()
    assert "Begin with the usual headings" not in shown
    assert "treasurer can begin" in shown


def test_budget_page_when_read_then_names_nobody(travel, coordinator, client_for):
    _claim(travel, 600, "paid", person=PersonFactory(name="Zadie Zephyr"))
    shown = client_for(coordinator).get(f"/money/budget/{this_year()}/").content.decode()
    assert "£6" in shown
    assert "Zadie" not in shown
