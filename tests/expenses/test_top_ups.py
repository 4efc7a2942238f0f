"""What a confirmed version changes of claims that are there: differences and new prices."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from expenses.models import Claim, Line, Policy
from expenses.pricing import CannotPrice
from expenses.promises import of_claims
from expenses.services.deciding import approve_claim
from expenses.services.lines import write_lines
from expenses.services.paying import make_run
from expenses.services.top_ups import bring_up_to_date, preview
from members.models import Role
from tests.factories.members import PersonFactory, RoleFactory
from tests.factories.money import (
    AttendanceCheckFactory,
    ClaimFactory,
    HeadingFactory,
    LineFactory,
    PolicyFactory,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 10)
DECIDED = ["approved", "paying", "paid"]
UNDECIDED = ["draft", "unconfirmed", "submitted", "questioned"]


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def old(forum):
    """45p, as it was when the claims were priced."""
    return PolicyFactory(begins_on=date(2025, 4, 6), rates={"car": "45"})


def at_45p(state, miles="12", pence=540, **fields):
    line = {"kind": "car", "miles": miles, "pence": pence, "workings": "as it was"}
    lines = [{**line, "policy": Policy.objects.get(begins_on=date(2025, 4, 6))}]
    return ClaimFactory(state=state, lines=lines, **fields)


def newer(rate="55", begins_on=date(2026, 4, 6), **rates):
    return PolicyFactory(begins_on=begins_on, rates={"car": rate, **rates})


def top_up_of(claim):
    return Claim.objects.filter(lines__tops_up__claim=claim).distinct().get()


@pytest.mark.parametrize("state", DECIDED)
def test_decided_claim_when_a_day_pays_more_then_gets_a_claim_of_the_difference(
    state, old, rep, treasurer
):
    heading = HeadingFactory()
    lines = [{"kind": "car", "miles": "12", "pence": 540, "heading": heading}]
    claim = ClaimFactory(person=rep, state=state, lines=lines, pay_by="cheque")
    policy = newer()
    bring_up_to_date(policy=policy, by=treasurer)
    added = top_up_of(claim)
    line = added.lines.get()
    assert (added.person, added.entered_by, added.state) == (rep, None, "submitted")
    assert added.sent_at is not None
    assert (added.occasion, added.on, added.pay_by) == (claim.occasion, claim.on, "cheque")
    assert not added.is_for_another
    assert (line.kind, line.pence, line.policy, line.heading) == ("top_up", 120, policy, heading)
    assert line.tops_up == claim.lines.get()
    assert line.workings == "12 miles at 55p is £6.60, less £5.40 that was approved"
    assert claim.reference in line.what
    assert (claim.total, claim.lines.count()) == (540, 1)
    event = AuditEvent.objects.get(verb="top_up")
    assert (event.object_id, event.by_id) == (added.pk, treasurer.pk)
    assert event.data == {"tops_up": claim.pk, "pence": 120}


@pytest.mark.parametrize("state", UNDECIDED)
def test_undecided_claim_when_a_day_pays_otherwise_then_priced_again_in_place(
    state, old, treasurer
):
    claim = at_45p(state)
    policy = newer()
    bring_up_to_date(policy=policy, by=treasurer)
    claim.refresh_from_db()
    line = claim.lines.get()
    assert (line.pence, line.workings, line.policy) == (660, "12 miles at 55p", policy)
    assert claim.edit_no == 1
    event = AuditEvent.objects.get(verb="reprice_claim")
    assert event.data == {"before": 540, "after": 660}
    assert Claim.objects.count() == 1


@pytest.mark.parametrize("state", ["declined", "withdrawn"])
def test_claim_when_it_does_not_stand_then_left_alone(state, old, treasurer):
    claim = at_45p(state)
    assert bring_up_to_date(policy=newer(), by=treasurer) == []
    assert (claim.total, Claim.objects.count()) == (540, 1)


def test_undecided_claim_when_the_new_rate_is_lower_then_pays_the_new_rate(old, treasurer):
    claim = at_45p("submitted")
    bring_up_to_date(policy=newer("40"), by=treasurer)
    assert claim.lines.get().pence == 480


def test_paid_claim_when_the_new_rate_is_lower_then_nothing_is_taken_back(old, treasurer):
    claim = at_45p("paid")
    assert bring_up_to_date(policy=newer("40"), by=treasurer) == []
    assert (claim.total, Claim.objects.count(), Message.objects.count()) == (540, 1, 0)


def test_lines_when_before_the_first_day_then_untouched(old, treasurer):
    lines = [
        {"kind": "car", "miles": "12", "pence": 540, "on": date(2026, 4, 5)},
        {"kind": "car", "miles": "12", "pence": 540, "on": date(2026, 4, 6)},
    ]
    claim = ClaimFactory(state="paid", lines=lines)
    bring_up_to_date(policy=newer(), by=treasurer)
    added = top_up_of(claim).lines.get()
    assert (added.tops_up.on, added.pence) == (date(2026, 4, 6), 120)


def test_days_when_another_version_governs_them_then_untouched(old, treasurer):
    """One that begins earlier than one in force counts only up to that one's day."""
    newer("45", begins_on=date(2026, 6, 1))
    claim = at_45p("paid")
    assert bring_up_to_date(policy=newer("55"), by=treasurer) == []
    assert claim.total == 540


def test_several_lines_when_topped_up_then_in_one_claim(old, treasurer):
    lines = [
        {"kind": "car", "miles": "12", "pence": 540},
        {"kind": "parking", "asked": 320, "pence": 320},
        {"kind": "car", "miles": "20", "pence": 900},
        {"kind": "childcare", "hours": "3", "asked": 3600, "pence": 3000},
    ]
    claim = ClaimFactory(state="paid", lines=lines)
    bring_up_to_date(policy=newer(childcare="1100"), by=treasurer)
    added = top_up_of(claim)
    # 12 × 10p, 20 × 10p, and childcare of £36 is paid to £33 now.
    assert [line.pence for line in added.lines.all()] == [120, 200, 300]
    assert added.total == 620


def test_run_when_repeated_then_adds_nothing(old, treasurer, rep):
    claim = at_45p("paid", person=rep)
    policy = newer()
    for _ in range(3):
        bring_up_to_date(policy=policy, by=treasurer)
    assert (Line.objects.filter(tops_up__claim=claim).count(), Claim.objects.count()) == (1, 2)
    assert Message.objects.filter(template="expenses/new_rates").count() == 1


def test_line_when_topped_up_by_a_version_then_the_database_refuses_a_second(old, treasurer):
    claim = at_45p("paid")
    policy = newer()
    bring_up_to_date(policy=policy, by=treasurer)
    again = ClaimFactory(lines=[])
    with pytest.raises(IntegrityError), transaction.atomic():
        LineFactory(claim=again, kind="top_up", tops_up=claim.lines.get(), policy=policy)


def test_claim_approved_after_the_run_when_run_again_then_caught_up(old, treasurer):
    policy = newer()
    bring_up_to_date(policy=policy, by=treasurer)
    claim = at_45p("approved")
    bring_up_to_date(policy=policy, by=None)
    assert top_up_of(claim).total == 120


def test_first_approval_when_the_sum_changes_then_void(old, treasurer):
    claim = at_45p("submitted", miles="300", pence=13_500, needs_two=True)
    approve_claim(claim=claim, edit_no=0, by=treasurer)
    bring_up_to_date(policy=newer(), by=treasurer)
    claim.refresh_from_db()
    assert claim.approved_by is None
    assert claim.approved_at is None
    assert (claim.total, claim.edit_no) == (16_500, 1)


def test_claim_when_the_new_sum_is_above_the_limit_then_takes_two(old, treasurer):
    claim = at_45p("submitted", miles="200", pence=9_000)
    bring_up_to_date(policy=newer(), by=treasurer)
    claim.refresh_from_db()
    assert (claim.total, claim.needs_two) == (11_000, True)


def test_top_up_when_its_claimant_holds_an_office_then_takes_two(old, treasurer, coordinator):
    claim = at_45p("paid", person=coordinator)
    bring_up_to_date(policy=newer(), by=treasurer)
    assert top_up_of(claim).needs_two


def test_attendance_when_answered_for_the_claim_then_carried_over(old, treasurer, coordinator):
    claim = at_45p("paid")
    AttendanceCheckFactory(
        claim=claim,
        claimant=claim.person,
        answer="there",
        answered_by=coordinator,
        answered_at=timezone.now(),
    )
    bring_up_to_date(policy=newer(), by=treasurer)
    check = top_up_of(claim).attendance_check
    assert (check.answer, check.answered_by, check.claimant) == (
        "there",
        coordinator,
        claim.person,
    )


def test_claim_that_came_back_when_topped_up_before_then_not_paid_twice(old, treasurer):
    """Approved, topped up, and then reopened because the bank details changed."""
    claim = at_45p("approved")
    policy = newer()
    bring_up_to_date(policy=policy, by=treasurer)
    Claim.objects.filter(pk=claim.pk).update(state="submitted", approved_by=None, approved_at=None)
    bring_up_to_date(policy=policy, by=treasurer)
    assert claim.lines.get().pence == 540
    assert Claim.objects.count() == 2
    with pytest.raises(CannotPrice, match="its lines stay as they are"):
        write_lines(claim, [{"kind": "car", "on": DAY, "miles": Decimal(12)}])


def test_top_up_when_somebody_writes_its_lines_anew_then_refused(old, treasurer):
    claim = at_45p("paid")
    bring_up_to_date(policy=newer(), by=treasurer)
    with pytest.raises(CannotPrice, match="its lines stay as they are"):
        write_lines(top_up_of(claim), [{"kind": "car", "on": DAY, "miles": Decimal(12)}])


def test_band_when_priced_again_then_each_claim_keeps_its_place(old, treasurer, rep):
    """Two sent claims across the band: the first one isn't pushed over it by the second."""
    rep.miles_elsewhere.create(tax_year=2026, miles=9_988)
    now = timezone.now()
    first = at_45p("submitted", person=rep, sent_at=now + timedelta(hours=1))
    second = at_45p("submitted", person=rep, pence=300, sent_at=now + timedelta(hours=2))
    bring_up_to_date(policy=newer(), by=treasurer)
    assert (first.lines.get().pence, second.lines.get().pence) == (660, 300)


# What is said before and after --------------------------------------------------------------------


def test_preview_when_read_then_says_what_happens_and_changes_nothing(old, treasurer):
    paid, sent, draft = at_45p("paid"), at_45p("submitted"), at_45p("draft")
    policy = PolicyFactory(begins_on=date(2026, 4, 6), confirmed=False)
    found = {change.claim: change for change in preview(policy)}
    assert {claim: change.difference for claim, change in found.items()} == {
        paid: 120,
        sent: 120,
        draft: 120,
    }
    assert [found[claim].is_top_up for claim in (paid, sent, draft)] == [True, False, False]
    assert [found[claim].is_told for claim in (paid, sent, draft)] == [True, True, False]
    assert (Claim.objects.count(), Message.objects.count()) == (3, 0)
    assert [claim.total for claim in (paid, sent, draft)] == [540, 540, 540]


def test_preview_when_there_are_many_claims_then_as_many_questions_as_for_few(old):
    policy = PolicyFactory(begins_on=date(2026, 4, 6), confirmed=False)
    counts = []
    for number in (3, 57):
        for _ in range(number):
            at_45p("paid", person=PersonFactory())
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert preview(policy)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 9


def test_letter_when_claims_change_then_one_a_person_with_each_sum(
    old, treasurer, rep, outbox_drained
):
    paid = at_45p("paid", person=rep)
    sent = at_45p("submitted", person=rep, miles="20", pence=900)
    at_45p("draft", person=rep)
    bring_up_to_date(policy=newer(), by=treasurer)
    letters = [mail for mail in outbox_drained() if mail.to == [rep.email]]
    assert [mail.subject for mail in letters] == ["Expect £1.20 more from us"]
    body = letters[0].body
    assert f"{paid.reference}, Parents’ meeting on 10 November 2026: £1.20 more" in body
    assert f"{sent.reference}, Parents’ meeting on 10 November 2026: £2 more" in body
    assert "days from 6 April 2026" in body
    assert "We take nothing back" in body


def test_letter_when_an_undecided_claim_pays_less_then_says_so(old, treasurer, rep, outbox_drained):
    at_45p("submitted", person=rep)
    bring_up_to_date(policy=newer("40"), by=treasurer)
    letter = next(mail for mail in outbox_drained() if mail.to == [rep.email])
    assert letter.subject == "See the new sum of your money back"
    assert "60p less" in letter.body or "£0.60 less" in letter.body


def test_letter_when_the_claim_was_taken_back_meanwhile_then_not_sent(
    old, treasurer, rep, outbox_drained
):
    claim = at_45p("submitted", person=rep)
    bring_up_to_date(policy=newer(), by=treasurer)
    Claim.objects.filter(pk=claim.pk).update(state="withdrawn", withdrawn_at=timezone.now())
    assert [mail for mail in outbox_drained() if mail.to == [rep.email]] == []
    assert Message.objects.get(template="expenses/new_rates").state == "dropped"


def test_letter_when_somebody_has_no_email_then_by_post(old, treasurer, person_without_email):
    at_45p("paid", person=person_without_email)
    bring_up_to_date(policy=newer(), by=treasurer)
    assert Message.objects.get(template="expenses/new_rates").channel == "letter"


# What was entered for somebody -----------------------------------------------------------------


def test_top_up_when_claim_was_entered_for_somebody_then_its_enterer_neither_decides_nor_pays(
    old, coordinator, person_without_email, treasurer, client_for
):
    """One person may coordinate the forum and keep its money: the difference is bound alike."""
    RoleFactory(person=coordinator, kind=Role.Kind.TREASURER)
    claim = at_45p("paid", person=person_without_email, entered_by=coordinator)
    bring_up_to_date(policy=newer(), by=None)
    added = top_up_of(claim)
    assert added.entered_by == coordinator
    assert added not in Claim.objects.decidable_by(coordinator)
    client = client_for(coordinator)
    client.post(reverse("expenses:claim_approve", args=[added.pk]), {"edit_no": added.edit_no})
    with pytest.raises(TransitionNotAllowed, match="entered"):
        approve_claim(claim=added, edit_no=added.edit_no, by=coordinator)
    approve_claim(claim=added, edit_no=added.edit_no, by=treasurer)
    added.refresh_from_db()
    assert (added.state, added.approved_by) == ("approved", treasurer)
    assert added not in Claim.objects.payable_by(coordinator)
    with pytest.raises(TransitionNotAllowed, match="entered"):
        make_run(claims=[added], by=coordinator, key=uuid4())


def test_top_up_when_claim_was_entered_for_somebody_then_no_page_says_that_it_was_typed(
    old, coordinator, person_without_email, treasurer, client_for
):
    claim = at_45p("paid", person=person_without_email, entered_by=coordinator)
    bring_up_to_date(policy=newer(), by=None)
    added = top_up_of(claim)
    read = client_for(treasurer).get(added.get_absolute_url()).content.decode()
    assert "Entered by" not in read
    decide = reverse("expenses:claim_decide", args=[added.pk])
    decided = client_for(treasurer).get(decide).content.decode()
    assert "entered it for them" not in decided
    assert "Ruth Adeyemi entered the claim that it adds to." in decided


@pytest.mark.parametrize("is_for_another", [True, False])
def test_promise_when_a_new_rate_made_a_difference_then_it_isnt_counted(
    is_for_another, forum, old, rep, coordinator
):
    claim = at_45p("paid", person=rep, entered_by=coordinator if is_for_another else rep)
    bring_up_to_date(policy=newer(), by=None)
    top_up_of(claim)
    with time_machine.travel(timezone.now() + timedelta(days=40)):
        (promise,) = of_claims(forum)
    assert promise.states == ["kept"]
