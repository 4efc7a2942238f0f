"""Money in advance: asked, decided, used up, given back; never more than the rules allow."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import Message
from expenses.models import Advance
from expenses.services import advances
from expenses.services.paying import cancel_run, pay_run, payment_came_back
from tests.expenses.banking import with_bank
from tests.expenses.test_paying import run_of
from tests.factories.members import RoleFactory
from tests.factories.money import ClaimFactory, PolicyFactory

pytestmark = pytest.mark.django_db

ASK = "expenses:advance_ask"
TYPED = {"what_for": "Train to the hall", "pence": "45.50", "pay_by": "bank"}


@pytest.fixture(autouse=True)
def policy(forum):
    return PolicyFactory(begins_on=clocks.today())


def ask(person, pence=5000, by=None, what_for="Train"):
    return advances.ask_advance(person=person, what_for=what_for, pence=pence, by=by or person)


def paid(person, treasurer, pence=5000, what_for="Train"):
    advance = advances.approve_advance(advance=ask(person, pence, what_for=what_for), by=treasurer)
    run = run_of(by=treasurer, advances=[advance])
    pay_run(run=run, by=treasurer, paid_on=clocks.today())
    advance.refresh_from_db()
    return advance


def left(advance):
    found = advances.open_advances([advance.person_id]).get(advance.person_id, [])
    return sum(each.left for each in found if each.row.pk == advance.pk)


def test_advance_when_asked_by_page_then_decided_and_told(rep, treasurer, client_for):
    client = client_for(rep)
    for _ in range(2):  # pressed twice
        client.post(reverse(ASK), TYPED)
    advance = Advance.objects.get()
    assert (advance.pence, advance.person, advance.asked_by) == (4550, rep, rep)
    assert Message.objects.get(template="expenses/advance_asked").person == treasurer
    decide = reverse("expenses:advance_decide", args=[advance.pk])
    theirs = client_for(treasurer)
    assert "Enter why not" in theirs.post(decide, {"answer": "no"}).content.decode()
    theirs.post(decide, {"answer": "yes"})
    advance.refresh_from_db()
    assert (advance.state, advance.decided_by) == ("approved", treasurer)
    again = theirs.post(decide, {"answer": "no", "reason": "So."}, follow=True)
    assert "decided already" in again.content.decode()
    assert Message.objects.get(template="expenses/advance_decided").person == rep
    assert "Approved" in client.get(reverse(ASK)).content.decode()


def test_advance_when_declined_then_the_reason_is_told(rep, treasurer, client_for, outbox_drained):
    advance = ask(rep)
    decide = reverse("expenses:advance_decide", args=[advance.pk])
    client_for(treasurer).post(decide, {"answer": "no", "reason": "Next year only."})
    assert any("Next year only." in mail.body for mail in outbox_drained())


@pytest.mark.parametrize(
    ("had", "asked", "allowed"),
    [([], 10_000, True), ([], 10_001, False), ([4000], 6000, True), ([4000], 6001, False)],
)
def test_advance_when_more_than_the_rules_allow_then_refused(had, asked, allowed, rep, treasurer):
    for pence in had:
        paid(rep, treasurer, pence)
    if allowed:
        ask(rep, asked, what_for="Hotel")
    else:
        with pytest.raises(TransitionNotAllowed, match="possible now"):
            ask(rep, asked, what_for="Hotel")


def test_advance_when_earlier_ones_wait_then_they_count_too(rep, treasurer):
    first = ask(rep, 6000)
    with pytest.raises(TransitionNotAllowed):
        ask(rep, 6000, what_for="Hotel")
    advances.decline_advance(advance=first, reason="So.", by=treasurer)
    ask(rep, 6000, what_for="Hotel")


def test_advance_when_no_rules_are_in_force_then_says_so(rep, policy, client_for):
    with time_machine.travel(timezone.now() - timedelta(days=2)):  # before they begin
        assert "agreed no rules" in client_for(rep).get(reverse(ASK)).content.decode()
        with pytest.raises(TransitionNotAllowed, match="agreed no rules"):
            ask(rep)


def test_advance_when_ones_own_or_asked_by_oneself_then_another_decides(
    rep, coordinator, treasurer, client_for
):
    RoleFactory(person=coordinator, kind="treasurer")
    for person in (coordinator, rep):
        advance = ask(person, by=coordinator, what_for=f"For {person.pk}")
        for refused in (
            lambda a=advance: advances.approve_advance(advance=a, by=coordinator),
            lambda a=advance: advances.decline_advance(advance=a, reason="So.", by=coordinator),
        ):
            with pytest.raises(TransitionNotAllowed):
                refused()
        address = reverse("expenses:advance_decide", args=[advance.pk])
        assert client_for(coordinator).post(address, {"answer": "yes"}).status_code == 403
        advances.approve_advance(advance=advance, by=treasurer)
        with pytest.raises(TransitionNotAllowed):
            run_of(by=coordinator, advances=[advance])
    told = Message.objects.filter(template="expenses/advance_asked").values_list(
        "person", flat=True
    )
    assert set(told) == {treasurer.pk}


def test_advance_when_asked_for_somebody_then_by_a_coordinator_only(
    person_without_email, coordinator, treasurer, client_for
):
    typed = TYPED | {"person": person_without_email.pk, "pay_by": "cash"}
    enter = reverse("expenses:advance_enter")
    assert client_for(treasurer).post(enter, typed).status_code == 403
    client_for(coordinator).post(enter, typed)
    advance = Advance.objects.get()
    assert (advance.person, advance.asked_by) == (person_without_email, coordinator)


@pytest.mark.parametrize("who", ["rep", "treasurer", "rep_of_other_group"])
def test_advance_when_taken_back_then_only_by_whoever_asked(who, rep, request, client_for):
    advance = ask(rep)
    person = request.getfixturevalue(who)
    client_for(person).post(reverse("expenses:advance_withdraw", args=[advance.pk]))
    advance.refresh_from_db()
    assert advance.state == ("withdrawn" if person == rep else "asked")


def test_advance_when_a_claim_is_smaller_then_the_rest_stays(rep, treasurer):
    advance = paid(rep, treasurer, 5000)
    claim = ClaimFactory(person=rep, state="approved")
    run = run_of(claim, by=treasurer)
    assert (run.payments.get().pence, run.payments.get().offset) == (0, 660)
    assert left(advance) == 4340
    cancel_run(run=run, by=treasurer)
    assert left(advance) == 5000
    run = run_of(claim, by=treasurer)
    pay_run(run=run, by=treasurer, paid_on=clocks.today())
    claim.refresh_from_db()
    assert (claim.state, left(advance)) == ("paid", 4340)


def test_claims_when_there_is_something_in_advance_then_reminded(rep, treasurer, client_for):
    client, address = client_for(rep), reverse("expenses:claim_list")
    assert "in advance. It is taken off" not in client.get(address).content.decode()
    paid(rep, treasurer, 4550)
    assert "You have £45.50 in advance" in client.get(address).content.decode()


def test_advance_when_claims_use_it_up_then_the_last_is_paid_the_rest(rep, treasurer):
    first, second = paid(rep, treasurer, 700), paid(rep, treasurer, 300, what_for="Taxi")
    claims = [ClaimFactory(person=rep, state="approved") for _ in range(3)]
    run = run_of(*claims, by=treasurer)
    assert list(run.payments.values_list("pence", "offset")) == [(0, 660), (320, 340), (660, 0)]
    assert [left(first), left(second)] == [0, 0]


@given(
    had=st.lists(st.integers(1, 900), max_size=3), spent=st.lists(st.integers(1, 900), max_size=4)
)
def test_advances_when_claims_use_them_then_no_penny_is_lost(had, spent):
    """What is paid and what was had in advance is what was spent; no advance is used twice."""
    from types import SimpleNamespace

    from expenses.services.paying import use_up

    rows = [advances.Open(SimpleNamespace(pk=n), pence) for n, pence in enumerate(had)]
    paid_out, uses = 0, {}
    for pence in spent:
        used = use_up(rows, pence)
        paid_out += pence - sum(sum_ for _, sum_ in used)
        for row, sum_ in used:
            assert sum_ > 0
            uses[row.pk] = uses.get(row.pk, 0) + sum_
    assert paid_out + sum(uses.values()) == sum(spent)
    assert all(uses.get(n, 0) + rows[n].left == pence for n, pence in enumerate(had))
    assert sum(uses.values()) == min(sum(had), sum(spent))


def test_advance_when_given_back_then_noted_and_told(rep, treasurer, client_for):
    advance = paid(rep, treasurer, 5000)
    address = reverse("expenses:advance_return", args=[advance.pk])
    client = client_for(treasurer)
    assert "at most £50" in client.post(address, {"pence": "50.01"}).content.decode()
    client.post(address, {"pence": "20", "note": "In cash"})
    assert left(advance) == 3000
    assert Message.objects.get(template="expenses/advance_returned").person == rep
    assert "£30 is left" in client.get(reverse("expenses:advance_list")).content.decode()
    with pytest.raises(TransitionNotAllowed, match="£30"):
        advances.return_advance(advance=advance, pence=3001, note="", by=treasurer)


def test_advance_when_its_payment_comes_back_then_unless_it_was_used(rep, treasurer):
    with_bank(rep)
    advance = paid(rep, treasurer, 5000)
    payment = advance.payments.get()
    run = run_of(ClaimFactory(person=rep, state="approved"), by=treasurer)
    with pytest.raises(TransitionNotAllowed, match="used since"):
        payment_came_back(payment=payment, reason="So.", by=treasurer)
    cancel_run(run=run, by=treasurer)
    payment_came_back(payment=payment, reason="So.", by=treasurer)
    advance.refresh_from_db()
    assert (advance.state, left(advance)) == ("approved", 0)


@pytest.mark.parametrize("rows", [3, 60])
def test_advance_list_when_long_then_as_few_questions(
    rows, rep, treasurer, client_for, django_assert_max_num_queries
):
    for number in range(rows):
        state = ("asked", "paid", "declined")[number % 3]
        Advance.objects.create(
            person=rep, what_for="Train", pence=10, state=state, declined_reason="So."
        )
    client = client_for(treasurer)
    client.get(reverse("expenses:advance_list"))
    with django_assert_max_num_queries(14):
        client.get(reverse("expenses:advance_list"))
    mine = client_for(rep)
    mine.get(reverse(ASK))
    with django_assert_max_num_queries(14):
        mine.get(reverse(ASK))
