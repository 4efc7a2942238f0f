"""A mail server that refuses, asks to come later, hangs or drops: told apart on real sockets.

Source: the fault plan's row for SMTP. 5xx: failed, the others unaffected; 4xx: tried later; a
server that hangs holds up nobody for longer than the timeout; no page waits for any of it.
"""

import subprocess
import sys
from pathlib import Path

import pytest
import time_machine
from django.core.mail import get_connection
from django.urls import reverse
from django.utils import timezone

from coprod import outbox
from coprod.models import Message
from coprod.registry import Letter, letters
from tests.factories.members import PersonFactory

SINK = Path(__file__).resolve().parents[1] / "smtp_sink.py"


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def sink(tmp_path, settings, monkeypatch, forum):
    """The mail server as another process; who got a mail, as ``sink()``."""
    monkeypatch.setitem(letters, "test/note", lambda message: Letter("Read this", "Words"))
    log = tmp_path / "taken"
    command = [sys.executable, str(SINK), str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = int(server.stdout.readline())
        settings.EMAIL_TIMEOUT = 0.4
        yield lambda: [row.split("\t") for row in log.read_text().split("\n") if row]
        server.kill()


def queue(name):
    person = PersonFactory(name=name, email=f"{name}@larkmere.example")
    return outbox.queue(key=name, template="test/note", person=person)


def drained(*messages):
    """Deliver what is due; each message as it stands now."""
    outbox.deliver_due()
    return [Message.objects.get(pk=message.pk) for message in messages]


def test_server_when_it_refuses_one_then_that_one_failed_and_the_others_have_theirs(sink):
    before, refused, after = drained(queue("anna"), queue("refused"), queue("bert"))
    assert refused.state == Message.State.FAILED
    assert "(550)" in refused.reason
    assert refused.bounced_at is not None
    assert (before.state, after.state) == (Message.State.SENT, Message.State.SENT)
    taken = dict(sink())
    assert taken == {m.address: m.message_id for m in (before, after)}


def test_server_when_it_refuses_the_words_then_failed_for_good(sink):
    [full] = drained(queue("full"))
    assert (full.state, full.claimed_at) == (Message.State.FAILED, None)
    assert "(552)" in full.reason


def test_server_when_it_greylists_then_tried_later_and_the_others_have_theirs(sink, noon):
    grey, after = drained(queue("grey"), queue("bert"))
    assert (grey.state, grey.claimed_at) == (Message.State.QUEUED, None)
    assert grey.next_try_at == timezone.now() + timezone.timedelta(minutes=1)
    assert after.state == Message.State.SENT
    noon.shift(60)
    Message.objects.filter(pk=grey.pk).update(address="let.in@larkmere.example")
    [let_in] = drained(grey)
    assert (let_in.state, let_in.attempts) == (Message.State.SENT, 2)


def test_server_when_it_hangs_then_given_up_after_the_timeout_and_the_others_have_theirs(sink):
    hung, after = drained(queue("hang"), queue("bert"))
    assert (hung.state, hung.claimed_at) == (Message.State.QUEUED, None)
    assert hung.reason == "The mail server could not be reached."
    assert after.state == Message.State.SENT


def test_server_when_it_drops_after_the_words_then_the_same_mail_goes_again(sink, noon):
    dropped, after = drained(queue("drop"), queue("bert"))
    assert (dropped.state, dropped.claimed_at) == (Message.State.QUEUED, None)
    assert after.state == Message.State.SENT
    noon.shift(60)
    Message.objects.filter(pk=dropped.pk).update(address="back@larkmere.example")
    [again] = drained(dropped)
    assert again.state == Message.State.SENT
    assert ["back@larkmere.example", dropped.message_id] in sink()


def test_page_when_the_server_hangs_then_waits_for_nothing(sink, client_for, coordinator, rep):
    """Writing a row opens no connection: the page's process never talks to a mail server."""
    outbox.queue(key="page", template="test/note", person=rep)
    page = client_for(coordinator).get(reverse("members:message_list"))
    assert page.status_code == 200
    assert Message.objects.get(key="page").attempts == 0


def test_timeout_when_mail_is_sent_then_fifteen_seconds(settings):
    """Of one silence on the line; the claim on a row outlasts every step of a mail together."""
    from coprod import settings as written

    assert written.EMAIL_TIMEOUT == 15
    assert Message.LEASE.total_seconds() > 5 * written.EMAIL_TIMEOUT
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert get_connection(timeout=settings.EMAIL_TIMEOUT).timeout == settings.EMAIL_TIMEOUT
