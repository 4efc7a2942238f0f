"""Deciding a claim: by one or two people, as it was read, with words for everybody."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from expenses.models import Claim, Question
from expenses.services import deciding
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
LIST = "/money/claims/"


@pytest.fixture
def policy(forum):
    return PolicyFactory()


@pytest.fixture
def claim(policy, rep):
    claim = ClaimFactory(person=rep, state="submitted")
    AttendanceCheckFactory(claim=claim, answer="register")
    return claim


@pytest.fixture
def chair(forum):
    person = PersonFactory(name="Chika Obi", email="chika@larkmere.example")
    return RoleFactory(person=person, kind=Role.Kind.APPROVER).person


def at(claim, part=""):
    return f"/money/claims/{claim.pk}/{part}"


def words(page):
    return page.content.decode()


def approve(client, claim, **change):
    fields = {"edit_no": claim.edit_no, "shown": claim.total, **change}
    return client.post(at(claim, "approve/"), fields, follow=True)


# One claim ---------------------------------------------------------------------------------------


def test_claim_when_the_treasurer_opens_it_then_one_button_says_the_sum(
    claim, treasurer, client_for
):
    page = words(client_for(treasurer).get(at(claim)))
    assert "Nadia Karim, £6.60" in page
    assert page.count("Approve £6.60") == 1
    assert "Yes: the register says so." in page
    assert "Decline it" in page
    assert "Ask a question" in page


def test_claim_when_nobody_has_said_whether_they_were_there_then_it_waits(
    policy, rep, treasurer, client_for
):
    claim = ClaimFactory(person=rep, state="submitted")
    check = AttendanceCheckFactory(claim=claim)
    page = words(client_for(treasurer).get(at(claim)))
    assert "Before it can be approved, somebody says whether they were there." in page
    assert f'action="/money/claims/{claim.pk}/approve/"' not in page
    page = words(approve(client_for(treasurer), claim))
    assert "Nobody has said yet whether they were there." in page
    check.answer, check.answered_by = "there", PersonFactory()
    check.save()
    approve(client_for(treasurer), claim)
    claim.refresh_from_db()
    assert claim.state == "approved"


def test_claim_when_approved_then_it_can_be_paid(claim, treasurer, client_for):
    page = words(approve(client_for(treasurer), claim))
    assert "Approved: £6.60 for Nadia Karim. It can be paid now." in page
    claim.refresh_from_db()
    assert (claim.state, claim.approved_by, claim.second_by) == ("approved", treasurer, None)
    event = AuditEvent.objects.about(claim).first()
    assert (event.verb, event.by_id, event.data) == ("approve_claim", treasurer.pk, {"pence": 660})


def test_claim_when_approved_twice_then_the_second_is_told_by_whom(claim, treasurer, client_for):
    client = client_for(treasurer)
    approve(client, claim)
    page = words(approve(client, claim))
    assert "It has been approved already, by Tom Hesketh." in page
    assert AuditEvent.objects.about(claim).count() == 1


def test_claim_when_it_has_changed_since_it_was_read_then_shown_anew(claim, treasurer, client_for):
    client = client_for(treasurer)
    LineFactory(claim=claim, pence=320)
    Claim.objects.filter(pk=claim.pk).update(edit_no=1)
    page = approve(client, claim, shown=660)
    assert page.status_code == 409
    assert "It came to £6.60; now it comes to £9.80." in words(page)
    claim.refresh_from_db()
    assert claim.state == "submitted"
    approve(client, claim)
    claim.refresh_from_db()
    assert claim.state == "approved"


def test_claim_when_the_form_says_no_number_then_it_counts_as_unread(claim, treasurer, client_for):
    page = client_for(treasurer).post(at(claim, "approve/"))
    assert page["Location"] == at(claim)
    claim.refresh_from_db()
    assert claim.state == "submitted"


def test_claim_when_proof_is_old_then_asked_first(claim, treasurer, client_for):
    client = client_for(treasurer)
    session = client.session
    session["proved_at"] -= 20 * 60
    session.save()
    for part in ("approve/", "ask/", "decline/", "late/", "no/"):
        page = client.post(at(claim, part), {"edit_no": 0, "text": "So?", "reason": "So."})
        assert page.status_code == 302
        assert "is-it-you" in page["Location"]
    claim.refresh_from_db()
    assert claim.state == "submitted"


# Two people --------------------------------------------------------------------------------------


def test_claim_when_over_the_limit_then_two_approve(policy, rep, treasurer, chair, client_for):
    claim = ClaimFactory(person=rep, state="submitted", needs_two=True, lines=[{"pence": 10_001}])
    page = words(client_for(treasurer).get(at(claim)))
    assert "Approve £100.01, as the first of two" in page
    assert "it is above the limit" in page
    page = words(approve(client_for(treasurer), claim))
    assert "One more person has to approve it." in page
    claim.refresh_from_db()
    assert (claim.state, claim.needs_two, claim.approved_by) == ("submitted", True, treasurer)
    assert Message.objects.filter(template="expenses/claims_due", person=chair).exists()
    page = words(client_for(treasurer).get(at(claim)))
    assert "You have approved it." in page
    assert "Chika Obi can decide it." in page
    page = words(client_for(chair).get(at(claim)))
    assert "Tom Hesketh has approved it" in page
    assert "as the second of two" in page
    approve(client_for(chair), claim)
    claim.refresh_from_db()
    assert (claim.state, claim.second_by) == ("approved", chair)


def test_claim_when_it_should_have_said_that_it_takes_two_then_asked_anew(policy, rep, treasurer):
    claim = ClaimFactory(person=rep, state="submitted", lines=[{"pence": 10_001}])
    deciding.approve_claim(claim=claim, edit_no=0, by=treasurer)
    claim.refresh_from_db()
    assert (claim.state, claim.needs_two) == ("submitted", True)


def test_claim_when_exactly_at_the_limit_then_one_approves(policy, rep, treasurer, client_for):
    claim = ClaimFactory(person=rep, state="submitted", lines=[{"pence": 10_000}])
    approve(client_for(treasurer), claim)
    claim.refresh_from_db()
    assert claim.state == "approved"


@pytest.mark.parametrize("kind", [Role.Kind.TREASURER, Role.Kind.COORDINATOR])
def test_claim_when_the_claimant_has_got_an_office_since_then_two_approve(
    kind, claim, rep, treasurer, chair
):
    RoleFactory(person=rep, kind=kind)
    deciding.approve_claim(claim=claim, edit_no=0, by=treasurer)
    claim.refresh_from_db()
    assert (claim.state, claim.needs_two) == ("submitted", True)
    with pytest.raises(TransitionNotAllowed, match="You have approved it"):
        deciding.approve_claim(claim=claim, edit_no=0, by=treasurer)
    deciding.approve_claim(claim=claim, edit_no=0, by=chair)
    claim.refresh_from_db()
    assert claim.state == "approved"


def test_claim_when_nobody_else_may_then_it_waits_and_says_so(policy, treasurer, client_for):
    claim = ClaimFactory(person=treasurer, state="submitted", needs_two=True)
    page = words(client_for(treasurer).get(at(claim)))
    assert "Nobody is left who may decide it. It waits" in page
    assert 'action="/money/claims/' not in page


def test_claim_when_a_question_follows_a_first_approval_then_it_begins_anew(
    policy, rep, treasurer, chair, client_for
):
    claim = ClaimFactory(person=rep, state="submitted", needs_two=True)
    deciding.approve_claim(claim=claim, edit_no=0, by=treasurer)
    deciding.ask_about(claim=claim, text="Which day?", edit_no=0, by=chair)
    claim.refresh_from_db()
    assert (claim.state, claim.approved_by) == ("questioned", None)


def test_claim_when_small_then_a_second_approver_neither_sees_nor_decides_it(
    claim, chair, client_for
):
    client = client_for(chair)
    assert client.get(at(claim)).status_code == 404
    assert client.post(at(claim, "approve/"), {"edit_no": 0}).status_code == 404
    with pytest.raises(TransitionNotAllowed, match="two people"):
        deciding.approve_claim(claim=claim, edit_no=0, by=chair)


# Question, no, late ------------------------------------------------------------------------------


def test_question_when_asked_then_the_claimant_hears_and_it_waits(
    claim, rep, treasurer, client_for, outbox_drained
):
    page = client_for(treasurer).post(at(claim, "ask/"), {"edit_no": 0, "text": ""})
    assert "Write what you would like to know" in words(page)
    client_for(treasurer).post(at(claim, "ask/"), {"edit_no": 0, "text": "Was it two trips?"})
    claim.refresh_from_db()
    assert claim.state == "questioned"
    assert Question.objects.get().asked_by == treasurer
    letter = next(mail for mail in outbox_drained() if mail.to == [rep.email])
    assert "Was it two trips?" in letter.body
    page = words(client_for(treasurer).get(at(claim)))
    assert "Was it two trips?" in page
    assert "There is nothing to decide now." in page


def test_no_when_it_has_no_reason_then_asked_for_and_what_was_chosen_stays(
    claim, treasurer, client_for
):
    client = client_for(treasurer)
    page = client.post(at(claim, "decline/"), {"edit_no": 0, "opening": "own", "more": ""})
    assert "Write why it is declined" in words(page)
    client.post(at(claim, "decline/"), {"edit_no": 0, "opening": "twice", "more": "MB-0001."})
    claim.refresh_from_db()
    assert claim.state == "declined"
    assert claim.declined_reason.startswith("Thank you for what you did. This has been paid")
    assert claim.declined_reason.endswith("MB-0001.")


def test_no_when_said_then_the_claimant_reads_why(
    claim, rep, treasurer, client_for, outbox_drained
):
    fields = {"edit_no": 0, "opening": "own", "more": "It was another day."}
    client_for(treasurer).post(at(claim, "decline/"), fields)
    letter = next(mail for mail in outbox_drained() if mail.to == [rep.email])
    assert "It was another day." in letter.body


def test_form_when_the_claim_has_changed_then_the_words_stay(claim, treasurer, client_for):
    client = client_for(treasurer)
    Claim.objects.filter(pk=claim.pk).update(edit_no=4)
    for part, fields in {
        "ask/": {"text": "My long question"},
        "decline/": {"opening": "own", "more": "My long question"},
    }.items():
        page = client.post(at(claim, part), {"edit_no": 3, **fields})
        assert page.status_code == 409
        assert "My long question" in words(page)
        assert "It was changed while you read it" in words(page)
    claim.refresh_from_db()
    assert claim.state == "submitted"


def test_late_when_not_accepted_then_not_approved(policy, rep, treasurer, client_for):
    claim = ClaimFactory(person=rep, state="submitted", is_late=True, late_reason="I was ill")
    client = client_for(treasurer)
    page = words(client.get(at(claim)))
    assert "Accept it although it is late" in page
    assert f'action="/money/claims/{claim.pk}/approve/"' not in page
    assert "Say first why it is accepted" in words(approve(client, claim))
    page = client.post(at(claim, "late/"), {"edit_no": 0, "reason": ""})
    assert "Write why it is accepted" in words(page)
    client.post(at(claim, "late/"), {"edit_no": 0, "reason": "She was away."})
    claim.refresh_from_db()
    assert (claim.state, claim.late_accepted_by) == ("submitted", treasurer)
    approve(client, claim)
    claim.refresh_from_db()
    assert claim.state == "approved"


# Appeals -----------------------------------------------------------------------------------------


@pytest.fixture
def appeal(policy, rep, treasurer):
    claim = ClaimFactory(person=rep, state="submitted", declined_reason="No.")
    claim.declined_by, claim.declined_at = treasurer, timezone.now()
    claim.appealed_at, claim.appealed_by, claim.appeal = timezone.now(), rep, "Please look again"
    claim.save()
    return claim


@pytest.fixture
def other_treasurer(forum):
    person = PersonFactory(name="Orla Byrne", email="orla@larkmere.example")
    return RoleFactory(person=person, kind=Role.Kind.TREASURER).person


def test_appeal_when_its_decliner_opens_it_then_somebody_else_decides(
    appeal, treasurer, other_treasurer, client_for
):
    client = client_for(treasurer)
    page = words(client.get(at(appeal)))
    assert "You declined it before, so somebody else decides now." in page
    assert "Orla Byrne can decide it." in page
    for part in ("approve/", "no/", "decline/", "ask/"):
        client.post(at(appeal, part), {"edit_no": 0, "reason": "So.", "text": "So?", "more": "So"})
        appeal.refresh_from_db()
        assert (appeal.state, appeal.refused_at) == ("submitted", None)


def test_appeal_when_refused_by_another_then_that_is_final(
    appeal, rep, other_treasurer, client_for, outbox_drained
):
    client = client_for(other_treasurer)
    page = words(client.get(at(appeal)))
    assert "Tom Hesketh declined it." in page
    assert "Decline it for good" in page
    client.post(at(appeal, "no/"), {"edit_no": 0, "reason": "I read the rules and the receipts."})
    appeal.refresh_from_db()
    assert (appeal.state, appeal.refused_by) == ("declined", other_treasurer)
    letter = next(mail for mail in outbox_drained() if mail.to == [rep.email])
    assert "I read the rules and the receipts." in letter.body


def test_appeal_when_approved_by_another_then_approved(appeal, other_treasurer, client_for):
    approve(client_for(other_treasurer), appeal)
    appeal.refresh_from_db()
    assert (appeal.state, appeal.approved_by) == ("approved", other_treasurer)


# Many --------------------------------------------------------------------------------------------


def test_bulk_when_some_cannot_be_then_they_are_named_and_the_rest_go_through(
    policy, rep, treasurer, client_for
):
    ready = [ClaimFactory(person=rep, state="submitted") for _ in range(2)]
    own = ClaimFactory(person=treasurer, state="submitted")
    late = ClaimFactory(person=rep, state="submitted", is_late=True)
    unsaid = AttendanceCheckFactory().claim
    paid = ClaimFactory(person=rep, state="paid")
    every = [*ready, own, late, unsaid, paid]
    client = client_for(treasurer)
    page = words(client.get(LIST + "approve/", {"claim": [claim.pk for claim in every]}))
    assert "Approve 2 claims, £13.20 altogether?" in page
    fields = {"claim": [claim.pk for claim in every]}
    fields |= {f"read-{claim.pk}": claim.edit_no for claim in every}
    Claim.objects.filter(pk=ready[1].pk).update(edit_no=9)
    page = words(client.post(LIST + "approve/", fields, follow=True))
    assert "1 claim approved, £6.60 altogether." in page
    for claim, why in (
        (own, "it is your own claim"),
        (late, "it came late"),
        (unsaid, "nobody has said yet whether they were there"),
        (paid, "it is paid"),
        (ready[1], "it was changed while you read it"),
    ):
        assert f"{claim.reference} isn’t approved: {why}" in page
    states = [Claim.objects.get(pk=claim.pk).state for claim in every]
    assert states == ["approved", *["submitted"] * 4, "paid"]


def test_bulk_when_nothing_is_ticked_then_says_so(policy, treasurer, client_for):
    page = client_for(treasurer).get(LIST + "approve/", {"claim": ["x", "9" * 30]}, follow=True)
    assert "Tick the claims" in words(page)


def test_list_when_claims_wait_then_the_oldest_first_and_who_cannot(
    policy, rep, treasurer, client_for
):
    now = timezone.now()
    new = ClaimFactory(person=rep, state="submitted", sent_at=now - timedelta(days=2))
    old = ClaimFactory(person=rep, state="submitted", sent_at=now - timedelta(days=9))
    own = ClaimFactory(person=treasurer, state="submitted")
    page = words(client_for(treasurer).get(LIST))
    assert page.index(old.reference) < page.index(new.reference)
    assert own.reference not in page
    assert "Day 9 of 14" in page
    assert "2 claims, £13.20 altogether" in page
    page = words(client_for(treasurer).get(LIST + "?show=others"))
    assert own.reference in page
    assert "It is your own claim" in page
    for name in ("approved", "paid", "all", "nonsense"):
        assert client_for(treasurer).get(f"{LIST}?show={name}").status_code == 200


def test_heading_when_changed_then_kept_and_told_to_the_record(claim, treasurer, client_for):
    heading, line = HeadingFactory(name="Travel"), claim.lines.get()
    client = client_for(treasurer)
    assert "Headings of the budget" in words(client.get(at(claim)))
    client.post(at(claim, f"{line.pk}/"), {"heading": heading.pk})
    line.refresh_from_db()
    assert line.heading == heading
    assert AuditEvent.objects.about(claim).first().verb == "set_heading"
    other = ClaimFactory(state="submitted").lines.get()
    assert client.get(at(claim, f"{other.pk}/")).status_code == 404


@pytest.mark.parametrize("path", ["/money/", LIST, LIST + "?show=all", "/money/attendance/"])
def test_page_when_there_are_many_then_asks_no_more(
    path, policy, rep, treasurer, coordinator, client_for
):
    counts = []
    for more in (3, 57):
        for _ in range(more):
            claim = ClaimFactory(state="submitted")
            AttendanceCheckFactory(claim=claim)
            ClaimFactory(state="submitted", needs_two=True, declined_by=coordinator)
        client = client_for(treasurer if "attendance" not in path else coordinator)
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 14, "\n".join(q["sql"][-90:] for q in asked)


def test_claim_page_when_opened_then_few_questions(claim, treasurer, client_for):
    for number in range(10):
        LineFactory(claim=claim, pence=100 + number)
        Question.objects.create(
            claim=claim, text="Why?", asked_by=treasurer, answer="So.", answered_at=timezone.now()
        )
    client = client_for(treasurer)
    client.get(at(claim))
    with CaptureQueriesContext(connection) as asked:
        client.get(at(claim))
    assert len(asked) <= 16, "\n".join(q["sql"][-90:] for q in asked)


def test_desk_when_opened_then_links_to_what_one_may_open(
    claim, treasurer, coordinator, chair, client_for
):
    mine = {
        treasurer: {"claims_to_decide", "attendance_list"},
        coordinator: {"attendance_list"},
        chair: {"claims_to_decide"},
    }
    for person, names in mine.items():
        page = words(client_for(person).get("/money/"))
        for name in ("claims_to_decide", "attendance_list"):
            assert (f'href="{reverse(f"expenses:{name}")}"' in page) == (name in names)
    assert "Check 1 claim" in words(client_for(treasurer).get("/money/"))
