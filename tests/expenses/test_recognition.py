"""Thank-yous: by the time attended, offered once, answered without a reason, never to oneself."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from expenses import attended
from expenses.models import Acknowledgement, Recognition
from expenses.services import recognition as thanks
from tests.factories.meetings import AgendaItemFactory, MeetingFactory, invite, past_meeting
from tests.factories.members import PersonFactory
from tests.factories.money import HeadingFactory, PolicyFactory, RecognitionFactory

pytestmark = pytest.mark.django_db
RATES = {"half_day": "2500", "full_day": "5000"}


@pytest.fixture
def policy(forum):
    return PolicyFactory(begins_on=date(2020, 4, 6), rates=RATES)


def attend(meeting, person, *, arrived=None, left=None, missed=()):
    """Somebody who was there from when to when, but for some items."""
    there = invite(meeting, person, came="room", capacity="parent").attendance
    there.arrived, there.left = arrived, left
    there.save()
    there.missed.set(missed)
    return person


# Time attended -----------------------------------------------------------------------------------

#: starts, ends, arrived, left, missed items (of 30, 60 and 30 minutes), minutes, which day
TIMES = [
    ((10, 12), None, None, (), 120, "half_day"),
    ((10, 14), None, None, (), 240, "full_day"),
    ((10, 14), time(10, 1), None, (), 239, "half_day"),
    ((9, 15), None, time(13), (), 240, "full_day"),
    ((9, 15), time(8), time(16), (), 360, "full_day"),
    ((10, 12), time(10, 30), time(11, 30), (), 60, "half_day"),
    ((10, 12), None, None, (1,), 60, "half_day"),
    ((10, 12), time(10, 30), None, (0,), 90, "half_day"),  # not taken off twice
    ((10, 12), time(11), None, (1,), 30, "half_day"),  # only the half that they could have heard
    ((10, 12), None, None, (0, 1, 2), 0, None),
]


@pytest.mark.parametrize(("hours", "arrived", "left", "missed", "minutes", "length"), TIMES)
def test_payment_when_worked_out_then_by_the_time_attended(
    hours, arrived, left, missed, minutes, length, policy, coordinator, rep
):
    begins, ends = time(hours[0]), time(hours[1])
    meeting = past_meeting(starts=begins, ends=ends)
    items = [AgendaItemFactory(meeting=meeting, minutes=m) for m in (30, 60, 30)]
    attend(meeting, rep, arrived=arrived, left=left, missed=[items[n] for n in missed])
    [guest] = thanks.guests_of(meeting, coordinator)
    assert guest.there.minutes == minutes
    pence = {"half_day": 2500, "full_day": 5000}.get(length)
    assert (guest.payment.pence if guest.payment else None) == pence


def test_workings_when_somebody_came_late_then_say_so(policy, coordinator, rep):
    meeting = past_meeting(starts=time(10), ends=time(12, 30))
    items = [AgendaItemFactory(meeting=meeting, minutes=m) for m in (60, 30, 60)]
    attend(meeting, rep, arrived=time(10, 30), missed=[items[1]])
    [made] = thanks.offer_after_meeting(
        meeting=meeting, kind="honorarium", people=[rep.pk], by=coordinator
    )
    assert made.workings == (
        "There 10:30am to 12:30pm but for 30 minutes: 1 hour 30 minutes: half a day, £25"
    )
    assert (made.pence, made.on, made.what_for) == (2500, meeting.date, "Coming to Consortium")


def test_items_when_some_say_no_minutes_then_share_what_is_left(policy):
    meeting = MeetingFactory(starts=time(10), ends=time(12))
    items = [AgendaItemFactory(meeting=meeting, minutes=m) for m in (30, None, None)]
    minutes = [(b - a).total_seconds() / 60 for a, b in attended.slots(meeting, items).values()]
    assert minutes == [30, 45, 45]


def test_payment_when_they_were_not_there_or_the_forum_pays_none_then_none():
    half = {"half_day": Decimal(7500)}
    assert attended.payment_for(attended.There(0, "Not there"), half, 4) is None
    for rates in ({}, {"half_day": Decimal(0)}):
        assert attended.payment_for(attended.There(120, "There"), rates, 4) is None
    assert (
        attended.payment_for(attended.There(150, "There"), half, 4).workings
        == "There: half a day, £75"
    )


def test_full_day_when_it_has_no_rate_then_half_a_day_is_paid():
    there = attended.There(300, "There throughout, 5 hours")
    half, full = {"half_day": Decimal(2500)}, {"full_day": Decimal(5000)}
    assert attended.payment_for(there, half, 4).pence == 2500
    assert attended.payment_for(there, full, 4).pence == 5000
    assert attended.payment_for(attended.There(60, ""), full, 4) is None


# Offering ----------------------------------------------------------------------------------------


def test_offer_when_made_after_a_meeting_then_to_parents_only_and_never_to_oneself(
    policy, coordinator, rep, staff, officer
):
    gone = attend(meeting := past_meeting(rep, staff, officer), PersonFactory(is_active=False))
    attend(meeting, coordinator)
    absent = invite(meeting, PersonFactory(), capacity="parent").person
    everybody = [p.pk for p in (rep, staff, officer, gone, coordinator, absent)]
    made = thanks.offer_after_meeting(
        meeting=meeting, kind="honorarium", people=everybody, by=coordinator
    )
    assert [row.person for row in made] == [rep]
    assert Message.objects.get(template="expenses/thanks_offered").person == rep


def test_offer_when_pressed_twice_then_made_once(policy, coordinator, rep):
    meeting = past_meeting(rep)
    offer = {"meeting": meeting, "kind": "honorarium", "people": [rep.pk], "by": coordinator}
    assert len(thanks.offer_after_meeting(**offer)) == 1
    assert thanks.offer_after_meeting(**offer) == []
    assert len(thanks.offer_after_meeting(**offer | {"kind": "thanks"})) == 1
    one = {"person": rep, "kind": "training", "on": date(2026, 11, 3), "what_for": "Chairing"}
    first = thanks.offer_one(**one, by=coordinator)
    assert thanks.offer_one(**one | {"what_for": "chairing"}, by=coordinator) == first
    assert Recognition.objects.count() == Message.objects.count() == 3
    thanks.withdraw_offer(recognition=first, by=coordinator)
    assert thanks.offer_one(**one, by=coordinator) != first


def test_offer_when_the_rates_hold_no_payment_then_the_kind_is_not_there(forum, coordinator, rep):
    PolicyFactory(begins_on=date(2020, 4, 6))
    meeting = past_meeting(rep)
    assert thanks.kinds_on(meeting.date) == ["voucher", "thanks", "training"]
    with pytest.raises(TransitionNotAllowed):
        thanks.offer_after_meeting(
            meeting=meeting, kind="honorarium", people=[rep.pk], by=coordinator
        )
    assert not Recognition.objects.exists()


def test_offer_when_to_oneself_then_refused_by_service_and_database(policy, coordinator):
    with pytest.raises(TransitionNotAllowed):
        thanks.offer_one(
            person=coordinator, kind="thanks", on=date(2026, 11, 3), what_for="All", by=coordinator
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        RecognitionFactory(person=coordinator, offered_by=coordinator)


def test_offer_when_a_heading_is_for_its_kind_then_falls_under_it(
    policy, coordinator, rep, person_without_email
):
    heading = HeadingFactory(kinds=["honorarium"])
    post = HeadingFactory(for_no_email=True)
    made = thanks.offer_after_meeting(
        meeting=past_meeting(rep, person_without_email),
        kind="honorarium",
        people=[rep.pk, person_without_email.pk],
        by=coordinator,
    )
    assert {row.person: row.heading for row in made} == {rep: heading, person_without_email: post}


# The answer --------------------------------------------------------------------------------------


def test_yes_when_it_has_a_value_then_only_after_the_page(rep):
    row = RecognitionFactory(person=rep)
    with pytest.raises(thanks.NotRead):
        thanks.accept_thanks(recognition=row, by=rep)
    thanks.acknowledge(person=rep, by=rep)
    thanks.acknowledge(person=rep, by=rep)
    thanks.accept_thanks(recognition=row, by=rep, pay_by="cash")
    row.refresh_from_db()
    assert (row.state, row.pay_by, row.answered_by) == ("accepted", "cash", rep)
    assert Acknowledgement.objects.count() == 1
    letter = RecognitionFactory(person=PersonFactory(), kind="thanks", pence=0)
    assert thanks.accept_thanks(recognition=letter, by=letter.person).state == "accepted"


def test_page_when_its_words_change_then_read_again(rep, monkeypatch):
    row = RecognitionFactory(person=rep)
    thanks.acknowledge(person=rep, by=rep)
    monkeypatch.setattr(thanks, "EDITION", "May 2027")
    with pytest.raises(thanks.NotRead):
        thanks.accept_thanks(recognition=row, by=rep)
    thanks.acknowledge(person=rep, by=rep)
    assert thanks.accept_thanks(recognition=row, by=rep).state == "accepted"


def test_no_when_said_then_no_reason_is_kept_anywhere(rep):
    row = thanks.decline_thanks(recognition=RecognitionFactory(person=rep), by=rep)
    assert row.state == "declined"
    assert not {f.name for f in Recognition._meta.fields if "reason" in f.name or "note" in f.name}
    assert AuditEvent.objects.get(verb="decline_thanks").data == {"pence": 2500}


def test_mind_when_changed_before_it_is_on_its_way_then_every_way_is_open(rep):
    thanks.acknowledge(person=rep, by=rep)
    row = RecognitionFactory(person=rep)
    thanks.decline_thanks(recognition=row, by=rep)
    assert thanks.give_away(recognition=row, to=" Food bank ", by=rep).given_to == "Food bank"
    assert thanks.accept_thanks(recognition=row, by=rep).given_to == ""
    thanks.decline_thanks(recognition=row, by=rep)
    thanks.accept_thanks(recognition=row, by=rep)
    Recognition.objects.update(state="paying")
    for change in (
        lambda: thanks.decline_thanks(recognition=row, by=rep),
        lambda: thanks.give_away(recognition=row, to="Food bank", by=rep),
        lambda: thanks.accept_thanks(recognition=row, by=rep),
        lambda: thanks.withdraw_offer(recognition=row, by=row.offered_by),
    ):
        with pytest.raises(TransitionNotAllowed):
            change()
    row.refresh_from_db()
    assert row.state == "paying"


def test_less_when_asked_for_then_taken_and_never_more(rep):
    thanks.acknowledge(person=rep, by=rep)
    row = RecognitionFactory(person=rep)
    for pence in (0, 2501):
        with pytest.raises(TransitionNotAllowed):
            thanks.accept_thanks(recognition=row, by=rep, pence=pence)
    assert thanks.accept_thanks(recognition=row, by=rep, pence=1000).pence == 1000


# Handing over and reminding ----------------------------------------------------------------------


def test_letter_and_training_when_done_then_marked_and_told(rep, treasurer):
    for kind in ("thanks", "training"):
        row = RecognitionFactory(person=rep, kind=kind, pence=0, state="accepted")
        thanks.hand_over(recognition=row, by=treasurer)
        row.refresh_from_db()
        assert (row.state, row.done_by) == ("done", treasurer)
        with pytest.raises(TransitionNotAllowed):
            thanks.hand_over(recognition=row, by=treasurer)
    assert Message.objects.filter(template="expenses/thanks_received", person=rep).count() == 2


def test_handing_over_when_to_oneself_or_what_one_offered_then_refused(rep, treasurer):
    own = RecognitionFactory(person=treasurer, kind="training", pence=0, state="accepted")
    with pytest.raises(TransitionNotAllowed):
        thanks.hand_over(recognition=own, by=treasurer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Recognition.objects.filter(pk=own.pk).update(state="done", done_by=treasurer)
    offered = RecognitionFactory(person=rep, kind="voucher", state="accepted", offered_by=treasurer)
    with pytest.raises(TransitionNotAllowed):
        thanks.hand_over(recognition=offered, by=treasurer, from_drawer=True)
    for kind in ("honorarium", "voucher"):  # these have ways of their own
        row = RecognitionFactory(person=rep, kind=kind, state="accepted")
        with pytest.raises(TransitionNotAllowed):
            thanks.hand_over(recognition=row, by=treasurer)


def test_reminder_when_two_weeks_pass_then_once(forum, outbox_drained):
    now = timezone.now()
    old = RecognitionFactory(offered_at=now - timedelta(days=14, minutes=1))
    RecognitionFactory(offered_at=now - timedelta(days=13))
    RecognitionFactory(offered_at=now - timedelta(days=20), state="declined")
    RecognitionFactory(offered_at=now - timedelta(days=90))
    for _ in range(3):
        thanks.remind_of_offers(now)
    assert [m.person for m in Message.objects.all()] == [old.person]
    [mail] = outbox_drained()
    assert mail.subject == "Say yes or no to our thank-you"


def test_letters_when_due_then_say_what_is_offered_and_nothing_once_it_moved_on(
    policy, coordinator, rep, outbox_drained
):
    meeting = past_meeting(rep)
    [row] = thanks.offer_after_meeting(
        meeting=meeting, kind="honorarium", people=[rep.pk], by=coordinator
    )
    [mail] = outbox_drained()
    assert "thank-you payment of £25" in mail.body
    assert "benefits and tax" in mail.body
    assert f"/money-back/thanks/{row.pk}/" in mail.body
    assert len(mail.subject) <= 50
    thanks.withdraw_offer(recognition=row, by=coordinator)
    assert outbox_drained()[-1].subject == "Please note: an offer was taken back"
    other = thanks.offer_one(
        person=rep, kind="thanks", on=meeting.date, what_for="Chairing", by=coordinator
    )
    thanks.withdraw_offer(recognition=other, by=coordinator)
    assert len(outbox_drained()) == 2  # neither the offer nor that it is gone
    assert set(Message.objects.filter(ids__thanks=other.pk).values_list("state", flat=True)) == {
        Message.State.DROPPED
    }
