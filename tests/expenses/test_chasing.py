"""Reminders about claims: to whoever's turn it is, once a day that is due, never twice."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from coprod.models import Message
from expenses.models import Question
from expenses.promises import of_claims
from expenses.services.chasing import remind_when_due
from tests.factories.money import AttendanceCheckFactory, ClaimFactory, PolicyFactory

pytestmark = pytest.mark.django_db

SENT = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _policy(forum):
    PolicyFactory()


def on_day(number, hour=10):
    return SENT.replace(hour=hour) + timedelta(days=number)


def keys(template):
    return list(Message.objects.filter(template=template).order_by("pk").values_list("key"))


def test_treasurer_when_a_claim_waits_then_reminded_on_days_7_10_13_and_weekly(treasurer):
    ClaimFactory(state="submitted", sent_at=SENT)
    ClaimFactory(state="submitted", sent_at=SENT, person=treasurer)
    counts = []
    for day in (1, 6, 7, 8, 10, 12, 13, 14, 15, 21, 22, 28):
        for _ in range(2):
            with time_machine.travel(on_day(day)):
                remind_when_due()
        counts.append(len(keys("expenses/claims_due")))
    assert counts == [0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5]


def test_treasurer_when_only_own_claims_wait_then_not_reminded(treasurer):
    ClaimFactory(state="submitted", sent_at=SENT, person=treasurer)
    with time_machine.travel(on_day(13)):
        remind_when_due()
    assert keys("expenses/claims_due") == []


def test_coordinator_when_register_is_silent_then_reminded(coordinator):
    AttendanceCheckFactory(claim__sent_at=SENT)
    with time_machine.travel(on_day(7)):
        remind_when_due()
        remind_when_due()
    assert len(keys("expenses/attendance_due")) == 1


def test_treasurer_when_nobody_else_coordinates_then_reminded_of_who_was_there(
    coordinator, treasurer
):
    AttendanceCheckFactory(claim__sent_at=SENT, claim__person=coordinator)
    with time_machine.travel(on_day(7)):
        remind_when_due()
    assert Message.objects.get(template="expenses/attendance_due").person == treasurer


def test_claimant_when_question_is_open_then_reminded_twice(treasurer, rep):
    claim = ClaimFactory(person=rep, state="questioned", sent_at=SENT)
    question = Question.objects.create(claim=claim, text="Which bus?", asked_at=SENT)
    for day in (1, 3, 4, 7, 20):
        with time_machine.travel(on_day(day)):
            remind_when_due()
    assert len(keys("expenses/question_again")) == 2
    question.answered_at = SENT
    question.save()


def test_reminders_when_delivered_then_say_which_day(treasurer, coordinator, rep, outbox_drained):
    claim = ClaimFactory(state="submitted", sent_at=SENT)
    AttendanceCheckFactory(claim=claim)
    asked = ClaimFactory(person=rep, state="questioned", sent_at=SENT, occasion="A visit")
    Question.objects.create(claim=asked, text="Which bus?", asked_at=SENT)
    ClaimFactory(entered_by=coordinator, state="unconfirmed", sent_at=SENT)
    with time_machine.travel(on_day(11)):
        remind_when_due()
        mails = outbox_drained()
    words = "\n".join(f"{mail.subject}\n{mail.body}" for mail in mails)
    assert len(mails) == 4
    assert "day 11 of 14" in words or "day 12 of 14" in words
    assert "Which bus?" in words
    assert claim.person.name in words


def test_promise_when_counted_then_paid_late_and_overdue_but_nobody_named(forum, rep):
    paid = ClaimFactory(state="paid", person=rep, sent_at=SENT, paid_at=on_day(10))
    ClaimFactory(state="declined", sent_at=SENT)
    late = ClaimFactory(state="paid", sent_at=SENT)
    type(late).objects.filter(pk=late.pk).update(paid_at=on_day(15))
    type(paid).objects.filter(pk=paid.pk).update(paid_at=on_day(10))
    ClaimFactory(state="submitted", sent_at=on_day(10))
    with time_machine.travel(on_day(20)):
        (promise,) = of_claims(forum)
        assert promise.label == "Money back within 14 days"
        assert sorted(promise.states) == ["kept", "late"]
        assert rep.name not in " ".join(result.label for result in promise.results)
    with time_machine.travel(on_day(26)):
        (promise,) = of_claims(forum)
        assert sorted(promise.states) == ["kept", "late", "late"]
