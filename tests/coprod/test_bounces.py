"""Mail that came back: found by its number, told in plain words, and nothing else touched."""

import io
import mailbox
import socketserver
import threading
import uuid
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from coprod import bounces, outbox
from coprod.bounces import Done
from coprod.models import AuditEvent, Message
from coprod.registry import Letter, letters
from members.models import Person
from tests.factories.members import PersonFactory

NOON = "2026-11-24T12:00:00Z"


@pytest.fixture(autouse=True)
def _note(monkeypatch, forum):
    monkeypatch.setitem(letters, "test/note", lambda message: Letter("Read this", "Words"))
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.mark.parametrize("mail", [b"Content-Type: message/rfc822\r\n\r\n" * 3000, b"\x00\xff", b""])
def test_mail_when_nobody_can_read_it_then_passed_over(mail):
    assert bounces.take(mail) is Done.IGNORED


def test_notice_when_its_action_is_no_word_then_passed_over(sent):
    assert bounces.take(notice(sent, action="\x1c")) is Done.IGNORED


@pytest.fixture
def sent(rep):
    """A message that its mail server took."""
    return _sent(rep)


def _sent(person, key="one"):
    outbox.queue(key=key, template="test/note", person=person)
    outbox.deliver_due()
    message = Message.objects.get(key=key)
    assert message.state == Message.State.SENT
    return message


def notice(message, status="5.1.1", action="failed", part="headers", number=None):
    """A status notification as mail servers write it (RFC 3464)."""
    message_id = f"<{number}@127.0.0.1>" if number else message.message_id
    head = f"From: forum@localhost\\nMessage-ID: {message_id}\\nSubject: Read this\\n"
    head = head.replace("\\n", "\r\n")
    returned = {
        "headers": f"Content-Type: text/rfc822-headers\r\n\r\n{head}",
        "whole": f"Content-Type: message/rfc822\r\n\r\n{head}\r\nWords\r\n",
        "body": "Content-Type: text/plain\r\n\r\nYour mail came back.\r\n",
    }[part]
    text = f"Your mail {message_id} came back." if part == "body" else "It came back."
    return (
        "From: MAILER-DAEMON@larkmere.example\r\nTo: forum@localhost\r\n"
        "Subject: Undelivered Mail\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.larkmere.example\r\n\r\n"
        f"Final-Recipient: rfc822; {message.address}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} No\r\n\r\n"
        f"--b\r\n{returned}\r\n--b--\r\n"
    ).encode()


# What a notice says ------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["headers", "whole", "body"])
@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("5.1.1", "There is no such address. Check it."),
        ("5.2.2", "The mailbox is full."),
        ("5.2.1", "The mailbox is switched off."),
        ("5.7.26", "Their mail server took it for unwanted mail."),
        ("5.0.0", "Their mail server sent it back (5.0.0)."),
    ],
)
def test_bounce_when_for_good_then_failed_with_the_reason_in_words(part, status, reason, sent):
    assert bounces.take(notice(sent, status, part=part)) is Done.FAILED
    sent.refresh_from_db()
    assert (sent.state, sent.reason) == (Message.State.FAILED, reason)
    assert sent.bounced_at is not None
    event = AuditEvent.objects.about(sent).get()
    assert (event.verb, event.by_id, event.data) == ("bounce", None, {"status": status})


@pytest.mark.parametrize(("status", "action"), [("4.2.2", "delayed"), ("4.2.2", "failed")])
def test_bounce_when_only_for_now_then_noted_and_not_failed(status, action, sent):
    assert bounces.take(notice(sent, status, action)) is Done.DELAYED
    sent.refresh_from_db()
    assert (sent.state, sent.reason) == (Message.State.SENT, "The mailbox is full.")
    assert sent.bounced_at is None


def test_bounce_when_read_twice_then_once(sent):
    assert bounces.take(notice(sent)) is Done.FAILED
    assert bounces.take(notice(sent)) is Done.IGNORED
    assert AuditEvent.objects.about(sent).count() == 1


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", ""])
def test_notice_when_nothing_is_wrong_then_ignored(action, sent):
    assert bounces.take(notice(sent, "2.0.0", action)) is Done.IGNORED


def test_notice_when_its_number_is_nobodys_then_ignored(sent):
    assert bounces.take(notice(sent, number=uuid.uuid4())) is Done.IGNORED


def test_notice_when_the_row_is_not_marked_yet_then_read_again_later(sent):
    Message.objects.update(state="queued", claimed_at=sent.sent_at)
    assert bounces.take(notice(sent)) is Done.TOO_EARLY


def test_away_note_when_it_answers_our_mail_then_ignored(sent):
    away = EmailMessage()
    away["Subject"], away["In-Reply-To"] = "I am away until Monday", sent.message_id
    away["Auto-Submitted"] = "auto-replied"
    away.set_content(f"You wrote {sent.message_id}")
    assert bounces.take(away.as_bytes()) is Done.IGNORED
    sent.refresh_from_db()
    assert sent.state == Message.State.SENT


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"Content-Type: multipart/report; boundary=b\r\n\r\n--b",
        b"Content-Type: message/delivery-status\r\n\r\n",
        b"Content-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: x\r\n",
        b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: message/rfc822\r\n\r\n\r\n--b--",
    ],
)
def test_mail_when_it_is_broken_then_ignored(raw, db):
    assert bounces.take(raw) is Done.IGNORED


# What follows ------------------------------------------------------------------------------------


def test_mail_when_it_came_back_twice_then_its_person_is_to_be_rung(rep, coordinator):
    for key in ("one", "two"):
        assert not Person.objects.whose_mail_comes_back().exists()
        bounces.take(notice(_sent(rep, key)))
    assert Person.objects.whose_mail_comes_back().get() == rep
    Message.objects.filter(key="two").update(state="queued")
    outbox.deliver_due()  # the second try arrives
    assert not Person.objects.whose_mail_comes_back().exists()


def test_mail_when_a_households_address_comes_back_then_its_person_is_found(forum):
    person = PersonFactory(email=None, contact_email="family@larkmere.example")
    for key in ("one", "two"):
        bounces.take(notice(_sent(person, key)))
    assert Person.objects.whose_mail_comes_back().get() == person


# Where it is read --------------------------------------------------------------------------------


def test_command_when_a_mail_server_pipes_a_bounce_then_taken(sent, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(notice(sent))))
    call_command("bounced")
    assert "came back for good" in capsys.readouterr().out
    sent.refresh_from_db()
    assert sent.state == Message.State.FAILED


def test_command_when_too_early_then_asks_the_mail_server_to_come_again(sent, monkeypatch):
    Message.objects.update(state="queued", claimed_at=sent.sent_at)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(notice(sent))))
    with pytest.raises(SystemExit) as stopped:
        call_command("bounced")
    assert stopped.value.code == 75


def test_folder_when_read_then_each_mail_once_and_kept(sent, rep, settings, tmp_path):
    box = mailbox.Maildir(str(tmp_path / "box"))
    early = _sent(rep, "two")
    Message.objects.filter(pk=early.pk).update(state="queued", claimed_at=early.sent_at)
    for raw in (notice(sent), notice(early), b"Subject: Hello\r\n\r\nHello"):
        box.add(raw)
    settings.BOUNCE_URL = f"maildir:{tmp_path / 'box'}"
    assert bounces.read_box() == 1
    seen = [mail.get_subdir() for mail in mailbox.Maildir(str(tmp_path / "box"))]
    assert sorted(seen) == ["cur", "cur", "new"]
    Message.objects.filter(pk=early.pk).update(state="sent", claimed_at=None)
    assert bounces.read_box() == 1
    assert bounces.read_box() == 0


class FakeImap(socketserver.StreamRequestHandler):
    """As much of IMAP4rev1 as reading a box takes."""

    def handle(self):
        self.wfile.write(b"* OK ready\r\n")
        while line := self.rfile.readline():
            tag, command, *rest = line.decode().split()
            said = getattr(self, f"on_{command.lower()}", lambda rest: b"")(rest)
            self.wfile.write(said + f"{tag} OK done\r\n".encode())
            if command == "LOGOUT":
                break

    def on_capability(self, rest):
        return b"* CAPABILITY IMAP4rev1\r\n"

    def on_login(self, rest):
        self.server.login = [part.strip('"') for part in rest]
        return b""

    def on_select(self, rest):
        self.server.box = rest[0].strip('"')
        return f"* {len(self.server.mails)} EXISTS\r\n".encode()

    def on_search(self, rest):
        unseen = [str(n) for n in self.server.mails if n not in self.server.seen]
        return f"* SEARCH {' '.join(unseen)}\r\n".encode()

    def on_fetch(self, rest):
        raw = self.server.mails[int(rest[0])]
        head = f"* {rest[0]} FETCH (BODY[] {{{len(raw)}}}\r\n".encode()
        return head + raw + b")\r\n"

    def on_store(self, rest):
        self.server.seen.add(int(rest[0]))
        return b""

    def on_logout(self, rest):
        return b"* BYE\r\n"


@pytest.fixture
def imap(settings):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), FakeImap)
    server.daemon_threads = True
    server.mails, server.seen = {}, set()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    port = server.server_address[1]
    settings.BOUNCE_URL = f"imap://bounces%40larkmere:p%3Aw@127.0.0.1:{port}/Bounced"
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_imap_box_when_read_then_bounces_are_taken_and_mails_marked_as_seen(sent, imap):
    imap.mails = {1: b"Subject: Hello\r\n\r\nHello", 2: notice(sent)}
    assert bounces.read_box() == 1
    assert imap.login == ["bounces@larkmere", "p:w"]
    assert imap.box == "Bounced"
    assert imap.seen == {1, 2}
    sent.refresh_from_db()
    assert sent.state == Message.State.FAILED
    assert bounces.read_box() == 0


def test_imap_box_when_a_bounce_is_too_early_then_left_unseen(sent, imap):
    Message.objects.update(state="queued", claimed_at=sent.sent_at)
    imap.mails = {1: notice(sent)}
    assert bounces.read_box() == 0
    assert imap.seen == set()


def test_box_when_none_is_named_or_it_is_nothing_known_then_nothing_or_said(settings):
    settings.BOUNCE_URL = ""
    assert bounces.read_box() == 0
    settings.BOUNCE_URL = "pop3://somewhere"
    with pytest.raises(ImproperlyConfigured):
        bounces.read_box()
