"""Texts: which numbers read them, how short they are, and how a provider's answer ends."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from coprod import by_hand, mail, outbox, texts
from coprod.letters import Words
from coprod.models import Message
from coprod.registry import Letter, letters
from tests.factories.members import PersonFactory

NOON = "2026-11-24T12:00:00Z"
LINK = "http://127.0.0.1:8000/meetings/reply/WzEyLDM0XQ:1tXyZa:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG/"


def letter(subject="Say if you can come on Tuesday 10 November", *paragraphs, url=LINK):
    button = {"label": "Say if you can come", "url": url} if url else {}
    return Letter(subject, "text", "<p>", words=Words(subject, list(paragraphs), button))


@pytest.fixture(autouse=True)
def _note(monkeypatch, forum):
    when = "When: Tuesday 10 November 2026, 10am to 12 noon\nWhere: Mill Hall"
    monkeypatch.setitem(
        letters, "test/note", lambda message: letter("Say if you can come", "Hello Joy,", when)
    )


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def texter(forum):
    return PersonFactory(
        name="Joy Amadi", email=None, phone="07700 900 123", channel=Message.Channel.TEXT
    )


def queue(person, key="one", **fields):
    return outbox.queue(key=key, template="test/note", person=person, **fields)


# Numbers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["07700 900 123", "07700900123", "+44 7700 900123", "+44 (0)7700 900123", "0044 7700-900-123"],
)
def test_number_when_it_is_a_uk_mobile_then_written_as_providers_want_it(typed):
    assert texts.mobile(typed) == "+447700900123"


@pytest.mark.parametrize(
    "typed",
    [
        "01632 960 123",
        "07700 900 12",
        "070 1234 5678",
        "+33 7700 900123",
        "",
        "07700 900 123 ext 2",
    ],
)
def test_number_when_it_reads_no_texts_then_none(typed):
    assert texts.mobile(typed) == ""


# Words -------------------------------------------------------------------------------------------


def test_words_when_made_then_who_what_when_and_the_link_and_nothing_else(forum):
    said = texts.words_of(
        letter(
            "Say if you can come",
            "Hello Joy,",
            "When: Tuesday 10 November 2026, 10am to 12 noon\nWhere: Mill Hall",
            "Needs: a secret",
        )
    )
    assert said == (
        "Larkmere Parent Carer Forum: Say if you can come. "
        f"Tuesday 10 November 2026, 10am to 12 noon. {LINK}"
    )
    assert texts.fits(said)


def test_words_when_too_long_for_two_then_the_fact_goes_first(forum):
    said = texts.words_of(letter("Say if you can come", f"When: {'x' * 200}"))
    assert "xxx" not in said
    assert said.endswith(LINK)


def test_words_when_typographic_then_in_the_alphabet_of_phones(forum):
    forum.name = "Sam’s forum"
    forum.save()
    assert texts.words_of(letter("“Yes” – or no…", url="")).startswith(
        """Sam's forum: "Yes" - or"""
    )


@pytest.mark.parametrize(
    ("words", "fits"),
    [
        ("a" * 306, True),
        ("a" * 307, False),
        ("ŵ" * 134, True),
        ("ŵ" * 135, False),
        ("€" * 154, False),
    ],
)
def test_words_when_counted_then_two_joined_messages_at_most(words, fits):
    assert texts.fits(words) == fits


def test_words_when_letter_has_no_button_then_our_number(forum):
    assert texts.words_of(letter("Thank you", url="")).endswith(f" Ring {forum.phone}.")


# The channel -------------------------------------------------------------------------------------


def test_person_when_channel_is_off_then_reached_otherwise(texter, settings):
    settings.TEXT_URL = ""
    assert texter.reached_by == Message.Channel.PHONE
    settings.TEXT_URL = "folder:"
    assert texter.reached_by == Message.Channel.TEXT
    texter.phone = "01632 960 123"
    assert texter.reached_by == Message.Channel.PHONE


def test_text_when_folder_then_kept_among_the_mail(noon, texter, settings, tmp_path):
    settings.TEXT_URL = "folder:"
    settings.MAIL_FOLDER = tmp_path / "mail"
    message = queue(texter)
    assert message.channel == Message.Channel.TEXT
    assert outbox.deliver_due() == 1
    message.refresh_from_db()
    assert message.state == Message.State.SENT
    [kept] = list(mail.folder())
    assert kept["To"] == "+447700900123"
    assert "Say if you can come" in kept.get_payload()


def test_text_when_night_then_waits_until_eight(texter, settings):
    settings.TEXT_URL = "folder:"
    with time_machine.travel("2026-11-24T23:00:00Z", tick=False):
        message = queue(texter)
        assert outbox.deliver_due() == 0
    assert message.not_before.isoformat() == "2026-11-25T08:00:00+00:00"


def test_text_when_switched_off_meanwhile_then_failed_and_can_be_rung(
    noon, texter, settings, coordinator
):
    settings.TEXT_URL = "folder:"
    message = queue(texter)
    settings.TEXT_URL = ""
    outbox.deliver_due()
    message.refresh_from_db()
    assert (message.state, message.reason) == ("failed", "Texts are switched off here.")
    by_hand.send_otherwise(message=message, channel="phone", by=coordinator)
    message.refresh_from_db()
    assert (message.state, message.channel) == ("queued", "phone")


def test_counts_when_some_read_texts_then_said_in_words(texter, rep, settings):
    settings.TEXT_URL = "folder:"
    four = [texter] * 4 + [rep]
    assert outbox.in_words(outbox.counts(four)) == "1 e-mail and 4 texts"


def test_address_when_it_is_nothing_known_then_said_at_once(settings):
    settings.TEXT_URL = "carrier-pigeon:"
    with pytest.raises(ImproperlyConfigured):
        texts.service()


# A provider, on a real socket --------------------------------------------------------------------


class Provider(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, dict(self.headers), json.loads(body)))
        if self.server.answer == "hang":
            self.server.release.wait(10)
            return
        self.send_response(self.server.answer)
        if 300 <= self.server.answer < 400:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.end_headers()
        self.wfile.write(self.server.body)

    do_GET = do_POST

    def log_message(self, *args):
        pass


@pytest.fixture
def provider(settings):
    server = HTTPServer(("127.0.0.1", 0), Provider)
    server.asked, server.answer, server.body = [], 200, b'{"id": "abc"}'
    server.release = threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    settings.TEXT_URL = f"http://s%40cret@127.0.0.1:{server.server_port}/v1/messages"
    settings.TEXT_FROM = "Larkmere"
    yield server
    server.release.set()
    server.shutdown()
    server.server_close()
    thread.join()


def test_provider_when_it_takes_a_text_then_sent_with_key_and_reference(noon, texter, provider):
    message = queue(texter)
    outbox.deliver_due()
    message.refresh_from_db()
    assert (message.state, message.attempts) == (Message.State.SENT, 1)
    [(path, head, said)] = provider.asked
    assert path == "/v1/messages"
    assert head["Authorization"] == "Bearer s@cret"
    assert head["Idempotency-Key"] == said["reference"] == str(message.uuid)
    assert (said["to"], said["from"]) == ("+447700900123", "Larkmere")
    assert said["text"].startswith("Larkmere Parent Carer Forum: Say if you can come.")


@pytest.mark.parametrize("code", [400, 404, 422])
def test_provider_when_it_refuses_the_number_then_failed_and_others_go(
    code, noon, texter, rep, provider
):
    message, other = queue(texter), queue(rep, key="two")
    provider.answer = code
    outbox.deliver_due()
    message.refresh_from_db()
    other.refresh_from_db()
    assert message.state == Message.State.FAILED
    assert message.reason == f"The text service refused this number ({code}). Check the number."
    assert other.state == Message.State.SENT


@pytest.mark.parametrize("code", [302, 401, 403, 408, 429, 500, 503])
def test_provider_when_it_is_not_the_number_then_tried_later(code, noon, texter, provider):
    message = queue(texter)
    provider.answer = code
    outbox.deliver_due()
    message.refresh_from_db()
    assert message.state == Message.State.QUEUED
    assert message.next_try_at > timezone.now()
    assert len(provider.asked) == 1, "the key followed a redirect"


def test_provider_when_it_hangs_or_is_gone_then_tried_later(noon, texter, provider, settings):
    settings.TEXT_TIMEOUT = 0.2
    message = queue(texter)
    provider.answer = "hang"
    outbox.deliver_due()
    message.refresh_from_db()
    assert (message.state, message.reason) == ("queued", "The text service could not be reached.")


@pytest.mark.parametrize("body", [b"", b"ok", b"[1]", b'{"id": 7}'])
def test_provider_when_its_answer_is_odd_then_sent_all_the_same(body, noon, texter, provider):
    provider.body = body
    message = queue(texter)
    outbox.deliver_due()
    message.refresh_from_db()
    assert message.state == Message.State.SENT
