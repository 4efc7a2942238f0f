"""Checking a copy: anybody, without an account; the answer in words, nothing kept."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from coprod.models import StoredPage
from meetings.models import Document, Minutes, Version
from meetings.models.versions import sha256_of
from meetings.services.publicity import withdraw_minutes
from tests.factories.meetings import past_meeting
from tests.factories.published import agreed_minutes, published_minutes, withhold  # noqa: F401
from tests.meetings.test_corrections import ITEMS, correct

CHECK = "/check/"


@pytest.fixture
def minutes(coordinator, rep, officer):
    meeting = past_meeting(rep, officer, coordinator, days=20)
    return published_minutes(meeting, by=coordinator, items=ITEMS)


def pdf(body: bytes, name: str = "minutes.pdf"):
    return SimpleUploadedFile(name, body, content_type="application/pdf")


def upload(body: bytes, **options):
    return Client(enforce_csrf_checks=True).post(CHECK, {"document": pdf(body, **options)})


def body_of(minutes, number=1):
    return bytes(Document.objects.get(version__number=number, version__minutes=minutes).body)


def test_page_when_asked_for_then_has_a_form_and_no_token(client_for):
    page = client_for(None).get(CHECK)
    assert page.status_code == 200
    assert 'type="file"' in page.text
    assert "csrfmiddlewaretoken" not in page.text
    assert not page.cookies


def test_pdf_when_it_is_ours_then_yes(minutes):
    page = upload(body_of(minutes))
    assert "Yes, this is the agreed record" in page.text
    assert "version 1, published" in page.text
    assert "unchanged" in page.text
    assert page["Cache-Control"] == "no-store"
    assert not page.cookies


def test_pdf_when_one_byte_differs_then_not_known(minutes):
    page = upload(body_of(minutes) + b" ")
    assert "We don’t know this" in page.text


def test_pdf_when_corrected_since_then_an_earlier_version(minutes, coordinator):
    old = body_of(minutes)
    correct(minutes, coordinator)
    page = upload(old)
    assert "This is an earlier version, corrected since" in page.text
    assert "The month was misheard." in page.text
    assert "Yes, this is the agreed record" in upload(body_of(minutes, 2)).text
    assert "version 2" in upload(body_of(minutes, 2)).text


def test_pdf_when_something_was_taken_out_since_then_says_delete(minutes, coordinator):
    old = body_of(minutes)
    correct(minutes, coordinator, kind="redaction", text="A parent drives.")
    assert "taken out of it since" in upload(old).text


def test_pdf_when_withdrawn_then_says_so(minutes, coordinator):
    old = body_of(minutes)
    withdraw_minutes(minutes=minutes, reason="Wrong figures.", by=coordinator)
    page = upload(old)
    assert "This record was withdrawn" in page.text
    assert "Wrong figures." in page.text


def test_pdf_of_parents_when_withdrawn_then_nothing_is_told(coordinator, rep):
    meeting = past_meeting(rep, coordinator, days=20, audience="parents", title="Secret parents")
    minutes = published_minutes(meeting, by=coordinator, items=ITEMS)
    old = body_of(minutes)
    assert "Yes, this is" in upload(old).text
    withdraw_minutes(minutes=minutes, reason="Wrong figures.", by=coordinator)
    page = upload(old)
    assert "We don’t know this" in page.text
    assert "ecret parents" not in page.text


def test_fingerprint_when_of_a_draft_then_not_known(coordinator, rep):
    minutes = agreed_minutes(past_meeting(rep, coordinator, days=20), by=coordinator)
    version = minutes.agreed_version
    for sha256 in (version.public_sha256, version.full_sha256):
        page = Client().get(CHECK, {"sha256": sha256})
        assert "We don’t know this" in page.text
        assert "A draft was never published" in page.text


def test_fingerprint_when_of_the_private_text_then_not_known(minutes, coordinator, rep):
    from tests.factories.published import agree, publish, send_out, written_minutes

    meeting = past_meeting(rep, coordinator, days=22)
    written = written_minutes(meeting, by=coordinator, items=ITEMS)
    withhold(written, "Barnaby", by=coordinator)
    version = publish(
        agree(send_out(written, by=coordinator, days_ago=10)), by=coordinator
    ).shown_version
    assert "We don’t know this" in Client().get(CHECK, {"sha256": version.full_sha256}).text
    assert "Yes, this is" in Client().get(CHECK, {"sha256": version.public_sha256}).text


@pytest.mark.parametrize("spaced", [" ", "-", "\u2013"])
def test_fingerprint_when_typed_in_groups_then_read(minutes, spaced):
    plain = Version.objects.get().public_sha256
    typed = spaced.join(plain[i : i + 4] for i in range(0, 64, 4)).upper()
    page = Client().post(CHECK, {"fingerprint": typed})
    assert "Yes, this is the agreed record" in page.text
    assert "This text is" in page.text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose a PDF, or type a fingerprint"),
        ({"fingerprint": "abc"}, "Type all of it"),
        ({"document": pdf(b"PK\x03\x04 not a pdf")}, "This isn’t a PDF"),
        ({"document": pdf(b"")}, "This file is empty"),
        ({"document": pdf(b"%PDF-" + b"x" * (10 * 1024 * 1024))}, "larger than 10 MB"),
        ({"document": pdf(b"%PDF-" + b"x" * (51 * 1024 * 1024))}, "larger than 10 MB"),
    ],
)
def test_check_when_nothing_can_be_checked_then_says_why(forum, data, words):
    page = Client().post(CHECK, data)
    assert page.status_code == 200
    assert words in page.text
    assert "<title>Error: " in page.text


def test_pdf_when_checked_then_nothing_is_kept(minutes, monkeypatch, tmp_path):
    """Neither in a temporary file nor in the database; the handler hands on no bytes."""
    monkeypatch.setattr("tempfile.NamedTemporaryFile", None)
    before = StoredPage.objects.count()
    body = b"%PDF-" + b"y" * (4 * 1024 * 1024)  # beyond what Django would keep in memory
    assert "We don’t know this" in upload(body).text
    assert StoredPage.objects.count() == before


def test_hash_when_file_comes_in_pieces_then_of_the_whole(forum):
    from meetings.forms.checking import HashOnly

    handler = HashOnly(None)
    handler.new_file("document", "a.pdf", "application/pdf", None)
    body = b"%PDF-1.7" + b"abc" * 100_000
    for start in range(0, len(body), 64 * 1024):
        assert handler.receive_data_chunk(body[start : start + 64 * 1024], start) is None
    assert handler.file_complete(len(body)).sha256 == hashlib.sha256(body).hexdigest()


def test_json_when_published_then_exactly_what_the_fingerprint_is_of(minutes):
    address = f"{minutes.meeting.get_absolute_url()}minutes.json"
    body = Client().get(address)
    assert body["Content-Type"] == "application/json"
    version = Version.objects.get()
    assert hashlib.sha256(body.content).hexdigest() == version.public_sha256
    assert sha256_of(body.json()) == version.public_sha256
    assert Client().get(address, HTTP_IF_NONE_MATCH=body["ETag"]).status_code == 304


def test_json_when_not_published_then_not_found(coordinator, rep):
    minutes = agreed_minutes(past_meeting(rep, coordinator, days=20), by=coordinator)
    address = f"{minutes.meeting.get_absolute_url()}minutes.json"
    assert Client().get(address).status_code == 404


def test_page_of_minutes_when_published_then_links_to_the_check(minutes, client_for):
    page = client_for(None).get(minutes.meeting.get_absolute_url()).text
    version = Minutes.objects.get().shown_version
    assert f"/check/?sha256={version.public_sha256}" in page
    assert "Check that this is what was agreed" in page
    groups = " ".join(version.public_sha256[i : i + 4] for i in range(0, 64, 4))
    assert groups in page


def test_upload_when_name_is_hostile_then_never_shown(minutes):
    page = upload(b"nothing", name='"><script>alert(1)</script>.pdf')
    assert "<script>alert" not in page.text
