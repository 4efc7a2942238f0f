"""The outbox: one row per cause and person, delivered at least once and never to the wrong one."""

import smtplib
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, transaction
from django.utils import timezone

from coprod import by_hand, clocks, outbox
from coprod.exceptions import NoLongerDue, TransitionNotAllowed
from coprod.models import AuditEvent, Message
from coprod.registry import Letter, letters
from members.services import change_person
from tests.factories.members import PersonFactory

LONDON = ZoneInfo("Europe/London")
NOON = "2026-11-24T12:00:00Z"


@pytest.fixture(autouse=True)
def _note(monkeypatch, forum):
    """A letter to test with."""
    monkeypatch.setitem(letters, "test/note", lambda message: Letter("Read this", "Words", "<p>"))


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def queue(person, key="one", **fields):
    return outbox.queue(key=key, template="test/note", person=person, **fields)


# Writing rows ------------------------------------------------------------------------------------


def test_queue_when_the_cause_repeats_then_there_is_one_row(rep):
    assert queue(rep).pk == queue(rep).pk
    assert Message.objects.count() == 1


def test_queue_when_another_writes_the_same_key_then_the_database_refuses(rep):
    message = queue(rep)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(key=message.key, template="test/note")


def test_queue_when_the_cause_is_undone_then_so_is_the_message(rep):
    with transaction.atomic():
        queue(rep)
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_queue_when_person_is_reached_by_post_then_it_waits_for_hands(
    person_without_email, outbox_drained
):
    message = queue(person_without_email)
    assert message.channel == Message.Channel.LETTER
    assert outbox_drained() == []
    message.refresh_from_db()
    assert message.state == Message.State.QUEUED


def test_queue_when_household_shares_an_address_then_each_gets_their_own_letter(outbox_drained):
    two = [PersonFactory(email=None, contact_email="family@larkmere.example") for _ in range(2)]
    for person in two:
        queue(person, key=f"note:{person.pk}")
    sent = outbox_drained()
    assert [m.to for m in sent] == [["family@larkmere.example"]] * 2
    assert not any(m.cc or m.bcc for m in sent)


# Quiet hours: 20:00 to 08:00 in the UK, also on the two days when the clocks change ---------------


@pytest.mark.parametrize(
    ("at", "goes"),
    [
        ("2026-11-24 19:59:59", "2026-11-24 19:59:59"),
        ("2026-11-24 20:00", "2026-11-25 08:00"),
        ("2026-11-24 23:59", "2026-11-25 08:00"),
        ("2026-11-25 00:00", "2026-11-25 08:00"),
        ("2026-11-25 07:59:59", "2026-11-25 08:00"),
        ("2026-11-25 08:00", "2026-11-25 08:00"),
        ("2026-07-14 20:30", "2026-07-15 08:00"),
        # Clocks go forward in the night to Sunday 29 March, and back on 25 October.
        ("2026-03-28 21:00", "2026-03-29 08:00"),
        ("2026-03-29 07:30", "2026-03-29 08:00"),
        ("2026-10-24 21:00", "2026-10-25 08:00"),
        ("2026-10-25 01:30", "2026-10-25 08:00"),
    ],
)
def test_quiet_hours_when_clock_says_then_mail_goes(at, goes, rep):
    there = datetime.fromisoformat(at).replace(tzinfo=LONDON)
    with time_machine.travel(there, tick=False):
        message = queue(rep)
    assert message.not_before.astimezone(LONDON) == datetime.fromisoformat(goes).replace(
        tzinfo=LONDON
    )


@pytest.mark.parametrize(("change", "hours"), [("2026-03-28", 10), ("2026-10-24", 12)])
def test_quiet_hours_when_clocks_change_in_the_night_then_it_is_eight_by_the_new_time(
    change, hours
):
    evening = datetime.fromisoformat(f"{change} 21:00").replace(tzinfo=LONDON)
    morning = clocks.after_quiet_hours(evening)
    assert (morning - evening.astimezone(ZoneInfo("UTC"))) == timedelta(hours=hours)


def test_quiet_hours_when_message_is_urgent_then_not_kept(rep):
    with time_machine.travel("2026-11-24T23:00:00Z", tick=False):
        assert queue(rep, urgent=True).not_before == timezone.now()
        assert outbox.deliver_due() == 1


def test_quiet_hours_when_night_then_worker_leaves_the_row_until_eight(rep):
    with time_machine.travel("2026-11-24T23:00:00Z", tick=False) as clock:
        queue(rep)
        assert outbox.deliver_due() == 0
        clock.move_to("2026-11-25T08:00:00Z")
        assert outbox.deliver_due() == 1


# Delivering --------------------------------------------------------------------------------------


def test_delivery_when_done_then_the_row_says_so_and_nothing_goes_twice(noon, rep):
    message = queue(rep, secret={"code": "123456"})
    assert (outbox.deliver_due(), outbox.deliver_due()) == (1, 0)
    message.refresh_from_db()
    assert (message.state, message.attempts) == (Message.State.SENT, 1)
    assert message.sent_at == timezone.now()
    assert message.secret == {}
    [sent] = mail.outbox
    assert sent.extra_headers["Message-ID"] == message.message_id
    assert sent.reply_to == ["hello@larkmere.example"]
    assert sent.from_email.startswith('"Larkmere Parent Carer Forum" <')
    assert sent.alternatives[0][1] == "text/html"


def test_delivery_when_forum_name_holds_hostile_characters_then_the_header_stays_whole(
    noon, rep, forum
):
    forum.name = 'Evil" <x@y.example>\r\nBcc: z@y.example'
    forum.save()
    queue(rep)
    outbox.deliver_due()
    head = mail.outbox[0].message()
    assert head.get_all("Bcc") is None
    assert head["From"].count("<") == 1


def test_delivery_when_person_is_switched_off_meanwhile_then_dropped(noon, rep):
    message = queue(rep)
    rep.is_active = False
    rep.save()
    outbox.deliver_due()
    message.refresh_from_db()
    assert message.state == Message.State.DROPPED
    assert mail.outbox == []


def test_delivery_when_person_is_erased_meanwhile_then_nothing_is_left(noon, rep):
    queue(rep)
    rep.delete()
    assert outbox.deliver_due() == 0
    assert mail.outbox == []


def test_delivery_when_letter_has_lost_its_point_then_dropped_with_the_reason(
    noon, rep, monkeypatch
):
    def late(message):
        raise NoLongerDue("The meeting is over.")

    monkeypatch.setitem(letters, "test/note", late)
    message = queue(rep)
    outbox.deliver_due()
    message.refresh_from_db()
    assert (message.state, message.reason) == (Message.State.DROPPED, "The meeting is over.")


def test_delivery_when_one_letter_cannot_be_written_then_the_others_go(noon, rep, monkeypatch):
    def broken(message):
        raise KeyError("a mistake of ours")

    monkeypatch.setitem(letters, "test/broken", broken)
    bad = outbox.queue(key="bad", template="test/broken", person=rep)
    queue(rep)
    outbox.deliver_due()
    bad.refresh_from_db()
    assert bad.state == Message.State.QUEUED
    assert bad.next_try_at > timezone.now()
    assert len(mail.outbox) == 1


def test_delivery_when_row_has_no_address_then_failed_instead_of_sent_to_nobody(noon, rep):
    message = queue(rep)
    Message.objects.update(address="")
    outbox.deliver_due()
    message.refresh_from_db()
    assert message.state == Message.State.FAILED
    assert "no e-mail address" in message.reason


# Claims ------------------------------------------------------------------------------------------


def test_claim_when_another_worker_has_it_then_left_alone(noon, rep):
    queue(rep)
    assert len(Message.objects.claim(timezone.now(), 5)) == 1
    assert Message.objects.claim(timezone.now(), 5) == []
    assert outbox.deliver_due() == 0


def test_claim_when_its_worker_died_then_taken_after_the_lease(noon, rep):
    message = queue(rep)
    Message.objects.claim(timezone.now(), 1)
    noon.shift(Message.LEASE)
    assert outbox.deliver_due() == 0
    noon.shift(timedelta(seconds=1))
    assert outbox.deliver_due() == 1
    message.refresh_from_db()
    assert (message.state, message.attempts) == (Message.State.SENT, 2)
    assert mail.outbox[0].extra_headers["Message-ID"] == message.message_id


# Refusals ----------------------------------------------------------------------------------------


class Refusing(BaseEmailBackend):
    """A mail server that answers with ``error``, and takes mail to other addresses."""

    error: Exception | None = None
    only = ""

    def send_messages(self, email_messages):
        for message in email_messages:
            if self.error and (not self.only or self.only in message.to):
                raise self.error
            mail.outbox.append(message)
        return len(email_messages)


@pytest.fixture
def server(settings, monkeypatch):
    settings.EMAIL_BACKEND = "tests.coprod.test_outbox.Refusing"

    def answers(error, only=""):
        # The backend is imported by name, which may be another copy of this module.
        from django.core.mail import get_connection

        backend = type(get_connection())
        monkeypatch.setattr(backend, "error", error)
        monkeypatch.setattr(backend, "only", only)

    return answers


def refused(code, address="x@larkmere.example"):
    return smtplib.SMTPRecipientsRefused({address: (code, b"No")})


def test_refusal_when_for_good_then_failed_at_once_and_the_others_go(noon, rep, staff, server):
    bad, good = queue(rep, key="a"), queue(staff, key="b")
    server(refused(550), only=rep.email)
    outbox.deliver_due()
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == (Message.State.FAILED, Message.State.SENT)
    assert bad.reason == ("The address was refused by its mail server (550). Check the address.")


@pytest.mark.parametrize(
    "error",
    [
        refused(451),
        smtplib.SMTPDataError(452, b"Full"),
        smtplib.SMTPServerDisconnected("gone"),
        smtplib.SMTPAuthenticationError(535, b"Who?"),
        smtplib.SMTPSenderRefused(553, b"No", "forum@localhost"),
        TimeoutError(),
        ConnectionRefusedError(),
    ],
)
def test_refusal_when_for_now_or_not_of_the_address_then_tried_later(error, noon, rep, server):
    message = queue(rep)
    server(error)
    outbox.deliver_due()
    message.refresh_from_db()
    assert message.state == Message.State.QUEUED
    assert message.claimed_at is None
    assert message.next_try_at == timezone.now() + timedelta(minutes=1)
    assert message.reason
    server(None)
    noon.shift(timedelta(minutes=1))
    assert outbox.deliver_due() == 1
    message.refresh_from_db()
    assert message.state == Message.State.SENT


def test_refusal_when_it_never_ends_then_twelve_tries_in_a_day_and_failed(noon, rep, server):
    message = queue(rep)
    server(refused(451))
    start, tries = timezone.now(), []
    while message.state == Message.State.QUEUED:
        noon.move_to(max(message.next_try_at, timezone.now()))
        tries.append((timezone.now() - start).total_seconds() / 60)
        assert outbox.deliver_due() == 1
        message.refresh_from_db()
    assert tries == [0, 1, 3, 8, 18, 38, 78, 138, 258, 498, 858, 1338]
    assert message.state == Message.State.FAILED
    assert "We tried 12 times" in message.reason


# By hand -----------------------------------------------------------------------------------------


def test_resend_when_it_failed_then_goes_to_the_address_as_it_is_now(
    noon, rep, coordinator, server
):
    message = queue(rep)
    server(refused(550))
    outbox.deliver_due()
    rep.email = "nadia.new@larkmere.example"
    rep.save()
    by_hand.resend(message=message, by=coordinator)
    server(None)
    outbox.deliver_due()
    message.refresh_from_db()
    assert (message.state, message.reason) == (Message.State.SENT, "")
    assert mail.outbox[0].to == ["nadia.new@larkmere.example"]
    assert AuditEvent.objects.about(message).get().by_id == coordinator.pk


def test_resend_when_it_was_sent_then_refused(noon, rep, coordinator):
    message = queue(rep)
    outbox.deliver_due()
    with pytest.raises(TransitionNotAllowed):
        by_hand.resend(message=message, by=coordinator)
    assert len(mail.outbox) == 1


def test_call_when_noted_twice_then_the_second_is_refused(rep, coordinator):
    message = queue(rep, channel=Message.Channel.PHONE)
    spoke = {"message": message, "outcome": by_hand.Call.SPOKE, "by": coordinator}
    by_hand.note_call(**spoke, note="Can come")
    with pytest.raises(TransitionNotAllowed):
        by_hand.note_call(**spoke, note="Can't come")
    message.refresh_from_db()
    assert (message.state, message.note, message.sent_by) == (
        Message.State.RUNG,
        "Can come",
        coordinator,
    )


def test_email_when_marked_by_hand_then_refused(rep, coordinator):
    message = queue(rep)
    with pytest.raises(TransitionNotAllowed):
        by_hand.mark_posted(message=message, by=coordinator)
    with pytest.raises(TransitionNotAllowed):
        by_hand.note_call(message=message, outcome=by_hand.Call.SPOKE, by=coordinator)
    message.refresh_from_db()
    assert message.state == Message.State.QUEUED


def test_counts_when_channels_are_mixed_then_said_in_words(rep, staff, person_without_email):
    ringer = PersonFactory(email=None, phone="01632 960 166", channel=Message.Channel.PHONE)
    tally = outbox.counts([rep, staff, person_without_email, ringer])
    assert outbox.in_words(tally) == "2 e-mails, 1 letter and 1 phone call"
    assert outbox.in_words({}) == "no messages"
    assert outbox.in_words({"email": 1}) == "1 e-mail"


# Who hasn't been reached -------------------------------------------------------------------------


def test_unreached_when_letters_calls_and_failures_wait_then_those_and_no_others(
    rep, staff, person_without_email, coordinator
):
    channels = Message.Channel
    letter = queue(person_without_email, key="letter", ids={"version": 7})
    call = queue(rep, key="call", channel=channels.PHONE, ids={"version": 7})
    failed = queue(staff, key="failed", ids={"version": 7})
    Message.objects.filter(pk=failed.pk).update(state=Message.State.FAILED)
    queue(rep, key="mail", ids={"version": 7})
    queue(rep, key="other", channel=channels.PHONE, ids={"version": 8})
    posted = queue(rep, key="posted", channel=channels.LETTER, ids={"version": 7})
    by_hand.mark_posted(message=posted, by=coordinator)
    unreached = Message.objects.unreached("test/note", version=7)
    assert set(unreached) == {letter, call, failed}
    assert not Message.objects.unreached("test/other", version=7).exists()


# What hands deliver, and notices to a former address ----------------------------------------------


def test_sweep_when_a_letter_has_lost_its_point_then_off_the_list_and_uncounted(
    rep, person_without_email, monkeypatch
):
    kept, lost = queue(person_without_email), queue(person_without_email, key="lost")
    mail_too = queue(rep, key="lost mail")

    def late(message):
        if message.key.startswith("lost"):
            raise NoLongerDue("The meeting is over.")
        return Letter("Read this", "Words")

    monkeypatch.setitem(letters, "test/note", late)
    assert outbox.sweep_for_hands() == 1
    assert list(Message.objects.for_hands()) == [kept]
    lost.refresh_from_db()
    mail_too.refresh_from_db()
    assert (lost.state, lost.reason) == (Message.State.DROPPED, "The meeting is over.")
    assert mail_too.state == Message.State.QUEUED
    assert outbox.sweep_for_hands() == 0


def test_sweep_when_a_letter_cannot_be_written_then_it_stays_to_be_looked_at(
    person_without_email, monkeypatch
):
    monkeypatch.setitem(letters, "test/note", lambda message: {}["a mistake of ours"])
    message = queue(person_without_email)
    assert outbox.sweep_for_hands() == 0
    message.refresh_from_db()
    assert message.state == Message.State.QUEUED


def test_resend_when_notice_to_a_former_address_then_never_to_the_new_one(
    noon, rep, coordinator, server
):
    """Whoever changed it may be a thief: the notice must reach the address that was."""
    change = rep
    change.email = "stranger@elsewhere.example"
    change_person(person=change, by=coordinator, fields=["email"])
    message = Message.objects.get(template="members/email_changed")
    assert message.address == "nadia@larkmere.example"
    server(refused(550), only="nadia@larkmere.example")
    outbox.deliver_due()
    message.refresh_from_db()
    assert message.state == Message.State.FAILED
    assert by_hand.other_ways(message) == []
    by_hand.resend(message=message, by=coordinator)
    server(None)
    outbox.deliver_due()
    assert ["nadia@larkmere.example"] in [sent.to for sent in mail.outbox]
    message.refresh_from_db()
    assert (message.state, message.address) == (Message.State.SENT, "nadia@larkmere.example")
