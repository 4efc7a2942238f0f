"""Sending freezes the sum and the rules; changing it voids what was decided. Presses count once."""

import os
import uuid
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from expenses.models import Claim, ClaimCode, Line, Policy
from expenses.services import sending
from expenses.services.receipts import store_receipt
from expenses.services.sending import SumChanged, begin_claim, edit_claim, save_page, send_claim
from tests.factories.files import photo
from tests.factories.meetings import past_meeting
from tests.factories.members import ForumFactory, PersonFactory, RoleFactory
from tests.factories.money import ClaimFactory, PolicyFactory
from tests.members.test_seat_races import all_at_once

ON = date(2026, 11, 10)
ROUNDS = int(os.environ.get("COPROD_ROUNDS", "5"))
THREADS = 20
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")


@pytest.fixture
def policy(forum):
    return PolicyFactory(begins_on=date(2020, 4, 6), pay_days=10, two_over=2000)


@pytest.fixture
def claim(policy, rep):
    return draft_of(rep)


def draft_of(person, *, miles="12", days_ago=4, **fields):
    on = clocks.today() - timedelta(days=days_ago)
    claim = begin_claim(person=person, key=uuid.uuid4(), by=person, occasion="Training", on=on)
    rows = [{"kind": "car", "miles": miles, **fields}]
    return save_page(claim=claim, page="travel", said={}, rows=rows, by=person)[0]


def add_receipt(claim):
    upload = SimpleUploadedFile("ticket.jpg", photo((60, 80)), "image/jpeg")
    return store_receipt(claim=claim, upload=upload, by=claim.person)


@pytest.mark.django_db
def test_send_when_right_then_frozen_with_the_rules_and_told(claim, rep, treasurer, coordinator):
    sent = send_claim(claim=claim, by=rep, seen=660)
    assert (sent.state, sent.total, sent.pay_days) == ("submitted", 660, 10)
    assert (sent.needs_two, sent.is_late, sent.sent_by) == (False, False, rep)
    assert sent.clock.due_on == clocks.today() + timedelta(days=10)
    assert sent.attendance_check.answer == ""
    told = {(m.person, m.template) for m in Message.objects.all()}
    assert (rep, "expenses/claim_received") in told
    assert (treasurer, "expenses/claims_due") in told
    event = AuditEvent.objects.about(sent).get(verb="send")
    assert event.data == {"pence": 660, "is_late": False}


@pytest.mark.django_db
def test_letter_when_delivered_then_says_the_number_and_the_day(claim, rep, outbox_drained):
    sent = send_claim(claim=claim, by=rep)
    letter = next(mail for mail in outbox_drained() if rep.email in mail.to)
    assert sent.reference in letter.subject
    assert "£6.60" in letter.body


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("office", "miles", "two"),
    [("", "36.3", False), ("", "36.4", True), ("treasurer", "1", True), ("coordinator", "1", True)],
)
def test_send_when_the_sum_or_the_claimant_wants_two_then_two(office, miles, two, policy):
    person = PersonFactory()
    if office:
        RoleFactory(person=person, kind=office)
    sent = send_claim(claim=draft_of(person, miles=miles), by=person)
    assert sent.needs_two is two
    assert sent.total == {"36.3": 1997, "36.4": 2002, "1": 55}[miles]


@pytest.mark.django_db
@pytest.mark.parametrize(("days_ago", "late"), [(90, False), (91, True)])
def test_send_when_the_window_ends_then_late_from_the_day_after(days_ago, late, policy, rep):
    claim = draft_of(rep, days_ago=days_ago)
    if late:
        with pytest.raises(TransitionNotAllowed, match="Say why it comes late"):
            send_claim(claim=claim, by=rep)
        save_page(claim=claim, page="check", said={"late_reason": "Ill"}, rows=[], by=rep)
    sent = send_claim(claim=claim, by=rep)
    assert (sent.is_late, sent.is_held) == (late, late)
    template = "expenses/claim_late_held" if late else "expenses/claim_received"
    assert Message.objects.filter(person=rep).get().template == template


@pytest.mark.django_db
def test_send_when_nothing_is_on_it_or_a_page_is_wrong_then_refused(policy, rep):
    empty = begin_claim(person=rep, key=uuid.uuid4(), by=rep, occasion="Training", on=ON)
    with pytest.raises(TransitionNotAllowed, match="nothing to pay"):
        send_claim(claim=empty, by=rep)
    claim = draft_of(rep)
    save_page(claim=claim, page="costs", said={"meal_cost": "x"}, rows=None, by=rep)
    with pytest.raises(TransitionNotAllowed, match="isn’t right yet on the page about other"):
        send_claim(claim=claim, by=rep)
    assert not Claim.objects.exclude(state="draft").exists()


@pytest.mark.django_db
def test_send_when_spent_without_receipt_or_reason_then_refused(claim, rep):
    rows = [{"kind": "parking", "asked": 320}]
    save_page(claim=claim, page="travel", said={}, rows=rows, by=rep)
    with pytest.raises(TransitionNotAllowed, match="Add a photo of the receipt"):
        send_claim(claim=claim, by=rep)
    add_receipt(claim)
    assert send_claim(claim=claim, by=rep).state == "submitted"


@pytest.mark.django_db
def test_send_when_a_rate_has_changed_then_says_the_new_sum(claim, rep):
    PolicyFactory(begins_on=date(2021, 4, 6), rates={"car": "45"})
    with pytest.raises(SumChanged, match=r"£5.40 now") as refused:
        send_claim(claim=claim, by=rep, seen=660)
    assert refused.value.pence == 540
    claim.refresh_from_db()
    assert claim.state == "draft"


@pytest.mark.django_db
def test_send_when_it_was_entered_for_somebody_then_they_say_it_is_right(policy, rep, coordinator):
    claim = begin_claim(person=rep, key=uuid.uuid4(), by=coordinator, occasion="Day", on=ON)
    rows = [{"kind": "car", "miles": "12"}]
    save_page(claim=claim, page="travel", said={}, rows=rows, by=coordinator)
    for person in (rep, coordinator):
        with pytest.raises(TransitionNotAllowed, match="They say themselves"):
            send_claim(claim=claim, by=person)


@pytest.mark.django_db
def test_save_when_sent_then_refused(claim, rep):
    send_claim(claim=claim, by=rep)
    before = list(Line.objects.values())
    with pytest.raises(TransitionNotAllowed, match="has been sent"):
        save_page(claim=claim, page="travel", said={}, rows=[], by=rep)
    assert list(Line.objects.values()) == before


@pytest.mark.django_db
def test_begin_when_the_key_is_somebody_elses_then_refused(policy, rep, rep_of_other_group):
    key = uuid.uuid4()
    begin_claim(person=rep, key=key, by=rep, occasion="Training", on=ON)
    with pytest.raises(TransitionNotAllowed):
        begin_claim(person=rep_of_other_group, key=key, by=rep_of_other_group, occasion="x", on=ON)


@pytest.mark.django_db
def test_edit_when_one_of_two_has_approved_then_void_and_the_days_begin_anew(claim, rep, treasurer):
    sent = send_claim(claim=claim, by=rep)
    Claim.objects.filter(pk=sent.pk).update(
        needs_two=True, approved_at=timezone.now(), approved_by=treasurer
    )
    edit_no = Claim.objects.get().edit_no
    draft = edit_claim(claim=sent, by=rep)
    draft.refresh_from_db()
    assert (draft.state, draft.sent_at, draft.approved_by, draft.needs_two) == (
        "draft",
        None,
        None,
        False,
    )
    assert draft.edit_no > edit_no
    assert draft.lines.get().pence == 660
    later = timezone.now() + timedelta(days=200)
    again = send_claim(claim=draft, by=rep, at=later)
    assert not again.is_late, "it was sent in time once"
    assert again.clock.begins_on == clocks.today(later)
    assert Message.objects.filter(person=rep, template="expenses/claim_received").count() == 2


@pytest.mark.django_db
def test_edit_when_it_had_been_let_in_late_then_held_again(policy, rep, treasurer):
    claim = ClaimFactory(
        person=rep,
        state="submitted",
        is_late=True,
        late_reason="Ill",
        late_accepted_at=timezone.now(),
        late_accepted_by=treasurer,
        late_accepted_reason="Of course",
        on=clocks.today() - timedelta(days=200),
    )
    PolicyFactory(begins_on=clocks.today() - timedelta(days=400))
    Claim.objects.filter(pk=claim.pk).update(sent_at=timezone.now())
    again = send_claim(claim=edit_claim(claim=claim, by=rep), by=rep)
    assert again.is_held


@pytest.mark.django_db
def test_edit_when_a_question_is_open_or_a_code_is_posted_then_both_end(policy, rep, treasurer):
    asked = ClaimFactory(person=rep, state="questioned")
    asked.questions.create(text="Which day?", asked_by=treasurer)
    edit_claim(claim=asked, by=rep)
    assert asked.questions.get().answered_at is not None
    waiting = ClaimFactory(person=rep, state="unconfirmed")
    ClaimCode.objects.create(claim=waiting)
    edit_claim(claim=waiting, by=rep)
    assert not ClaimCode.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["approved", "paying", "paid", "declined", "withdrawn", "draft"])
def test_edit_when_decided_then_refused(state, policy, rep):
    with pytest.raises(TransitionNotAllowed, match="can’t be changed"):
        edit_claim(claim=ClaimFactory(person=rep, state=state), by=rep)


@pytest.mark.django_db
def test_edit_when_made_without_pages_then_its_lines_fill_them(policy, rep):
    lines = [
        {"kind": "car", "miles": "12.0", "passengers": 2, "with_whom": "Leah", "pence": 780},
        {"kind": "parking", "asked": 320, "pence": 320, "no_receipt": "Broken"},
        {"kind": "childcare", "hours": "2.5", "asked": 2000, "pence": 2000, "by_relative": True},
        {"kind": "printing", "pages": 12, "pence": 120},
    ]
    claim = edit_claim(claim=ClaimFactory(person=rep, state="submitted", lines=lines), by=rep)
    said = {page: claim.typed[page]["said"] for page in ("photo", "travel", "costs")}
    assert said == {
        "photo": {"none": "on", "why": "Broken"},
        "travel": {
            "by": "car",
            "miles": "12",
            "passengers": "2",
            "with_whom": "Leah",
            "parking": "3.20",
        },
        "costs": {
            "childcare_hours": "2.5",
            "childcare_cost": "20.00",
            "childcare_by": "on",
            "printing_pages": "12",
        },
    }
    Claim.objects.filter(pk=claim.pk).update(on=clocks.today())
    sent = send_claim(claim=claim, by=rep)
    assert [line.kind for line in sent.lines.all()] == ["car", "parking", "childcare", "printing"]
    assert sent.lines.get(kind="car").passengers == 2


@pytest.mark.django_db
def test_edit_when_a_new_rate_was_added_then_refused(policy, rep):
    paid = ClaimFactory(person=rep, state="submitted")
    top_up = {"kind": "top_up", "tops_up": paid.lines.get(), "pence": 120}
    added = ClaimFactory(person=rep, entered_by=None, state="submitted", lines=[top_up])
    for claim in (paid, added):
        with pytest.raises(TransitionNotAllowed, match="new rate"):
            edit_claim(claim=claim, by=rep)


@pytest.mark.django_db
def test_discard_when_never_sent_then_gone_else_taken_back(claim, rep):
    add_receipt(claim)
    sending.discard_draft(claim=claim, by=rep)
    assert not Claim.objects.exists()
    other = send_claim(claim=draft_of(rep), by=rep)
    sending.discard_draft(claim=edit_claim(claim=other, by=rep), by=rep)
    assert Claim.objects.get().state == "withdrawn"


@pytest.mark.django_db
def test_offer_when_taken_back_then_the_meeting_is_open_again(policy, rep):
    meeting = past_meeting(rep, days=3)
    claim = ClaimFactory(person=rep, meeting=meeting, state="declined")
    assert not sending.open_to_claim(rep).exists()
    Claim.objects.filter(pk=claim.pk).update(state="withdrawn")
    assert sending.open_to_claim(rep).get().meeting == meeting


# Many at once -------------------------------------------------------------------------------------


def _sent_by_all(claim, person):
    results = all_at_once(lambda _: send_claim(claim=claim, by=person), range(THREADS))
    sent = [result for result in results if isinstance(result, Claim)]
    wrong = [r for r in results if not isinstance(r, Claim | TransitionNotAllowed)]
    letters = Message.objects.filter(person=person, template="expenses/claim_received").count()
    lines = claim.lines.count()
    return wrong + ([] if (len(sent), letters, lines) == (1, 1, 1) else [(sent, letters, lines)])


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_send_when_pressed_by_twenty_at_once_then_sent_once():
    ForumFactory()
    PolicyFactory(begins_on=date(2020, 4, 6))
    for _ in range(ROUNDS):
        person = PersonFactory()
        assert _sent_by_all(draft_of(person), person) == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_miles_when_many_claims_are_sent_at_once_then_the_yearly_band_holds():
    """Two hundred miles of the higher rate, for twenty claims of twenty miles each."""
    ForumFactory()
    PolicyFactory(begins_on=date(2020, 4, 6), band_miles=200)
    for _ in range(ROUNDS):
        assert _driven_by_all() == 10 * 20 * 55 + 10 * 20 * 25


def _driven_by_all():
    person = PersonFactory()
    claims = [draft_of(person, miles="20") for _ in range(THREADS)]
    results = all_at_once(lambda claim: send_claim(claim=claim, by=person), claims)
    assert [r for r in results if isinstance(r, Exception)] == []
    lines = Line.objects.filter(claim__person=person)
    return sum(line.pence for line in lines)


@pytest.mark.race
@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite writes one at a time anyway")
@pytest.mark.django_db(transaction=True)
def test_miles_control_when_the_person_is_not_held_then_the_band_breaks(monkeypatch):
    monkeypatch.setattr(sending, "lock_people", lambda ids: None)
    ForumFactory()
    policy = PolicyFactory(begins_on=date(2020, 4, 6), band_miles=200)
    assert policy == Policy.objects.get()
    right = 10 * 20 * 55 + 10 * 20 * 25
    assert any(_driven_by_all() != right for _ in range(20))


@pytest.mark.race
@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite writes one at a time anyway")
@pytest.mark.django_db(transaction=True)
def test_send_control_when_nothing_is_held_then_sent_more_than_once(monkeypatch):
    monkeypatch.setattr(sending, "lock", lambda thing: type(thing).objects.get(pk=thing.pk))
    monkeypatch.setattr(sending, "lock_people", lambda ids: None)
    ForumFactory()
    PolicyFactory(begins_on=date(2020, 4, 6))
    wrong = []
    for _ in range(20):
        person = PersonFactory()
        wrong += _sent_by_all(draft_of(person), person)
        if wrong:
            break
    assert wrong
