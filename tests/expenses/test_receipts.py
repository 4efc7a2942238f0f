"""Receipts: kept once, rewritten, only while nobody is deciding; handed to few, and noted."""

import errno
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coprod import uploads
from coprod.models import AuditEvent
from expenses import receipts, scanning
from expenses.models import Claim, Receipt
from expenses.services.receipts import (
    MOST_A_CLAIM,
    ReceiptRefused,
    remove_receipt,
    store_receipt,
    sweep_files,
)
from members.models import Role
from tests.factories.files import kept_bytes, kept_files, pdf, photo, upload
from tests.factories.members import PersonFactory, RoleFactory
from tests.factories.money import ClaimFactory, PolicyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(forum, rep):
    PolicyFactory()
    return ClaimFactory(person=rep)


@pytest.fixture
def receipt(claim):
    return store_receipt(claim=claim, upload=upload(photo()), by=claim.person)


def send(claim, state="submitted"):
    """As if it had been sent; deciding is tested elsewhere."""
    Claim.objects.filter(pk=claim.pk).update(state=state, sent_at=timezone.now())
    claim.refresh_from_db()


def address(receipt, view=""):
    found = reverse("expenses:receipt_detail", args=[receipt.key])
    return f"{found}?view={view}" if view else found


# Keeping ------------------------------------------------------------------------------------------


def test_receipt_when_stored_then_lies_under_a_random_name_that_only_we_read(claim, receipt):
    assert kept_files() == [receipt.path]
    assert "till" not in receipt.path
    assert (receipt.kind, receipt.pages, receipt.width, receipt.height) == ("image", 1, 640, 480)
    assert receipt.size == default_storage.size(receipt.path)
    assert receipt.scan == Receipt.Scan.NONE
    path = Path(default_storage.path(receipt.path))
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    event = AuditEvent.objects.get(verb="add_receipt", object_id=receipt.pk)
    assert event.by_id == claim.person_id
    assert "till" not in str(event.data)


def test_photo_when_it_is_larger_than_needed_then_made_smaller(claim):
    stored = store_receipt(claim=claim, upload=upload(photo((4000, 3000))), by=claim.person)
    assert (stored.width, stored.height) == (2400, 1800)


def test_receipt_when_added_or_removed_then_what_a_decider_read_is_out_of_date(claim, receipt):
    assert claim.edit_no == Claim.objects.get(pk=claim.pk).edit_no == 1
    remove_receipt(receipt=receipt, by=claim.person)
    assert Claim.objects.get(pk=claim.pk).edit_no == 2


def test_receipt_when_the_same_file_comes_twice_then_one_is_kept(claim, receipt):
    again = store_receipt(claim=claim, upload=upload(photo(), "other.jpg"), by=claim.person)
    assert again == receipt
    assert kept_files() == [receipt.path]
    assert Claim.objects.get(pk=claim.pk).edit_no == 1


def test_receipt_when_the_21st_then_refused_in_words_and_not_kept(claim, receipt):
    for number in range(MOST_A_CLAIM - 1):
        Receipt.objects.create(
            claim=claim, kind="image", path=str(number), size=1, fingerprint=str(number)
        )
    with pytest.raises(ReceiptRefused, match="20 receipts, which is the most"):
        store_receipt(claim=claim, upload=upload(pdf()), by=claim.person)
    assert kept_files() == [receipt.path]


@pytest.mark.parametrize("state", sorted(set(Claim.State.values) - {"draft", "questioned"}))
def test_receipt_when_the_claim_is_with_others_then_neither_added_nor_removed(state, rep, forum):
    PolicyFactory()
    claim = ClaimFactory(person=rep, state=state)
    held = Receipt.objects.create(claim=claim, kind="image", path="a", size=1, fingerprint="a")
    with pytest.raises(ReceiptRefused, match="being checked or has been decided"):
        store_receipt(claim=claim, upload=upload(photo()), by=rep)
    with pytest.raises(ReceiptRefused, match="being checked or has been decided"):
        remove_receipt(receipt=held, by=rep)
    assert kept_files() == []
    assert Receipt.objects.get() == held


def test_receipt_when_the_claim_is_sent_while_it_is_read_then_refused(claim, monkeypatch):
    """The end of it looks again, at the claim as it is by then."""
    rewrite = receipts.rewrite_apart

    def slowly(source, target):
        send(Claim.objects.get(pk=claim.pk))
        return rewrite(source, target)

    monkeypatch.setattr(receipts, "rewrite_apart", slowly)
    with pytest.raises(ReceiptRefused, match="being checked"):
        store_receipt(claim=claim, upload=upload(photo()), by=claim.person)
    assert kept_files() == []
    assert not Receipt.objects.exists()


def test_receipt_when_asked_about_then_one_can_be_added(claim):
    send(claim, "questioned")
    store_receipt(claim=claim, upload=upload(photo()), by=claim.person)
    assert claim.receipts.count() == 1


# The disk, and transactions -----------------------------------------------------------------------


def test_receipt_when_the_disk_is_full_then_said_plainly_and_no_row(claim, monkeypatch):
    def full(self, name, content):
        path = Path(self.path(name))
        path.parent.mkdir(parents=True)
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    with pytest.raises(ReceiptRefused, match="no room to keep the file"):
        store_receipt(claim=claim, upload=upload(photo()), by=claim.person)
    assert not Receipt.objects.exists()
    assert kept_files() == []


def test_receipt_when_there_is_no_room_to_write_it_anew_then_said_plainly(claim, monkeypatch):
    """The process apart tells of it, and isn’t taken for a file that can’t be read."""
    full = "\ndef full(*args): raise OSError(28, 'full')\nreceipts.rewrite = full\n"
    monkeypatch.setattr(receipts, "_START", receipts._START + full)
    with pytest.raises(ReceiptRefused, match="no room to keep the file"):
        store_receipt(claim=claim, upload=upload(photo()), by=claim.person)
    assert not Receipt.objects.exists()
    assert kept_files() == []


def test_receipt_when_its_row_can_not_be_written_then_its_file_goes(claim, monkeypatch):
    def fall_over(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(AuditEvent, "record", fall_over)
    with pytest.raises(RuntimeError):
        store_receipt(claim=claim, upload=upload(photo()), by=claim.person)
    assert kept_files() == []
    assert not Receipt.objects.exists()


def test_receipt_when_a_transaction_around_it_is_taken_back_then_swept_a_day_later(claim, receipt):
    with transaction.atomic():
        lost = store_receipt(claim=claim, upload=upload(pdf()), by=claim.person)
        transaction.set_rollback(True)
    assert kept_files() == sorted([receipt.path, lost.path])
    assert sweep_files() == 0
    assert sweep_files(now=timezone.now() + timedelta(hours=25)) == 1
    assert kept_files() == [receipt.path]


def test_receipt_when_its_removal_is_taken_back_then_its_file_is_still_there(
    claim, receipt, django_capture_on_commit_callbacks
):
    with transaction.atomic():
        remove_receipt(receipt=receipt, by=claim.person)
        transaction.set_rollback(True)
    assert kept_files() == [receipt.path]
    with django_capture_on_commit_callbacks(execute=True):
        remove_receipt(receipt=receipt, by=claim.person)
        assert kept_files() == [receipt.path]
    assert kept_files() == []
    remove_receipt(receipt=receipt, by=claim.person)  # pressed twice


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_receipt_when_the_same_file_comes_many_times_at_once_then_one_is_kept(claim):
    sent, barrier = photo((200, 200)), threading.Barrier(6)

    def add():
        barrier.wait()
        try:
            store_receipt(claim=claim, upload=upload(sent), by=claim.person)
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept_files() == [Receipt.objects.get().path]


# Coming in ----------------------------------------------------------------------------------------


@pytest.fixture
def sender(settings, rf):
    """What Django makes of a form with one file, of so many bytes."""
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000

    def send(content):
        return rf.post("/", {"what": "typed", "file": upload(content)})

    return send


def test_upload_when_it_is_too_large_then_arrives_as_its_size_alone(sender, claim):
    request = sender(b"x" * (uploads.MOST_OF_A_FILE + 1))
    file = request.FILES["file"]
    assert request.POST["what"] == "typed"
    assert (file.size, file.read()) == (uploads.MOST_OF_A_FILE + 1, b"")
    with pytest.raises(ReceiptRefused, match="11 MB"):
        store_receipt(claim=claim, upload=file, by=claim.person)


def test_upload_when_the_disk_is_full_then_the_form_is_kept_and_it_is_said(
    sender, claim, monkeypatch
):
    from django.core.files.uploadedfile import TemporaryUploadedFile

    def full(self, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(TemporaryUploadedFile, "write", full, raising=False)
    request = sender(photo())
    assert request.POST["what"] == "typed"
    with pytest.raises(ReceiptRefused, match="no room"):
        store_receipt(claim=claim, upload=request.FILES["file"], by=claim.person)
    assert not Receipt.objects.exists()


def test_upload_when_it_goes_to_disk_then_stored_as_it_came(sender, claim):
    stored = store_receipt(claim=claim, upload=sender(photo()).FILES["file"], by=claim.person)
    assert stored == store_receipt(claim=claim, upload=upload(photo()), by=claim.person)


def test_upload_when_it_is_enormous_then_refused_before_it_is_read(receipt, rep):
    rep_client = Client(enforce_csrf_checks=True)
    rep_client.force_login(rep)
    rep_client.cookies["csrftoken"] = "a" * 32

    class Endless:
        read_so_far = 0

        def read(self, size=-1):
            self.read_so_far += size
            return b"x" * max(size, 0)

        readline = read

    body = Endless()
    response = rep_client.post(
        reverse("expenses:receipt_remove", args=[receipt.key]),
        **{
            "wsgi.input": body,
            "CONTENT_LENGTH": str(3 * 1024**3),
            "CONTENT_TYPE": "multipart/form-data; boundary=x",
        },
    )
    assert response.status_code == 400
    assert "couldn’t read what was sent" in response.content.decode()
    assert body.read_so_far < 1024**2
    assert Receipt.objects.exists()


# Who may look -------------------------------------------------------------------------------------


@pytest.fixture
def rep_client(rep):
    client = Client()
    client.force_login(rep)
    return client


def as_(person):
    client = Client()
    client.force_login(person)
    return client


def test_receipt_when_its_claimant_looks_then_shown_and_nothing_is_noted(receipt, rep_client):
    page = rep_client.get(address(receipt))
    assert page.status_code == 200
    assert b"It is noted" not in page.content
    answer = rep_client.get(address(receipt, "file"))
    assert b"".join(answer.streaming_content) == kept_bytes(receipt)
    assert not AuditEvent.objects.filter(verb="see_receipt").exists()


@pytest.mark.parametrize("view", ["file", "picture", "small"])
def test_receipt_when_handed_out_then_as_an_attachment_that_nothing_can_run_in(
    view, receipt, rep_client
):
    answer = rep_client.get(address(receipt, view))
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


def test_receipt_when_a_treasurer_looks_then_every_time_is_noted(receipt, treasurer):
    send(receipt.claim)
    client = as_(treasurer)
    assert b"It is noted that you looked" in client.get(address(receipt)).content
    for view in ("small", "picture", "file"):
        assert client.get(address(receipt, view)).status_code == 200
    seen = AuditEvent.objects.filter(verb="see_receipt", object_id=receipt.pk, by_id=treasurer.pk)
    assert sorted(event.data["view"] for event in seen) == ["file", "picture", "small"]


def test_receipt_when_its_claim_is_not_theirs_to_see_then_not_there(
    receipt, treasurer, coordinator, administrator, officer, rep_of_other_group, stranger
):
    approver = RoleFactory(person=PersonFactory(), kind=Role.Kind.APPROVER).person
    for view in ("", "file", "picture", "small"):
        # Nobody but its own people sees a draft.
        assert as_(treasurer).get(address(receipt, view)).status_code == 404
    send(receipt.claim)
    for person in (
        coordinator, administrator, officer, rep_of_other_group, stranger, approver,
    ):  # fmt: skip
        for view in ("", "file", "picture", "small"):
            assert as_(person).get(address(receipt, view)).status_code == 404
        removal = reverse("expenses:receipt_remove", args=[receipt.key])
        assert as_(person).post(removal).status_code == 404
    assert Client().get(address(receipt, "file")).status_code == 302
    assert not AuditEvent.objects.filter(verb="see_receipt").exists()


def test_receipt_when_one_is_a_superuser_then_still_not_theirs(receipt, stranger):
    for flag in ("is_superuser", "is_staff"):
        setattr(stranger, flag, True)
    assert not stranger.has_perm("expenses.view_receipt", receipt)


def test_receipt_when_its_file_is_missing_then_404_and_not_a_fault(receipt, rep_client):
    default_storage.delete(receipt.path)
    assert rep_client.get(address(receipt, "file")).status_code == 404


def test_receipt_when_it_is_a_pdf_then_offered_but_not_drawn(claim, rep_client):
    stored = store_receipt(claim=claim, upload=upload(pdf(2)), by=claim.person)
    page = rep_client.get(address(stored)).content.decode()
    assert "A PDF of 2 pages" in page
    assert "<img class" not in page
    assert rep_client.get(address(stored, "picture")).status_code == 404
    assert rep_client.get(address(stored, "file"))["Content-Type"] == "application/pdf"


def test_receipt_when_another_way_to_see_it_is_asked_for_then_not_there(receipt, rep_client):
    assert rep_client.get(address(receipt, "../../secret_key")).status_code == 404


# Removing by page ---------------------------------------------------------------------------------


def test_removal_when_pressed_then_gone_and_said(receipt, rep_client):
    removal = reverse("expenses:receipt_remove", args=[receipt.key])
    assert b"Remove this receipt?" in rep_client.get(removal).content
    assert Receipt.objects.exists()
    answer = rep_client.post(removal)
    assert answer.url == reverse("expenses:claim_photo", args=[receipt.claim_id])
    assert not Receipt.objects.exists()


def test_removal_when_it_is_too_late_then_said_in_words(receipt, rep_client):
    send(receipt.claim)
    removal = reverse("expenses:receipt_remove", args=[receipt.key])
    assert b"It stays where it is" in rep_client.get(removal).content
    rep_client.post(removal)
    assert Receipt.objects.exists()
    assert b"Remove this receipt" not in rep_client.get(address(receipt)).content


def test_removal_when_a_treasurer_tries_then_forbidden(receipt, treasurer):
    send(receipt.claim, "questioned")
    removal = reverse("expenses:receipt_remove", args=[receipt.key])
    assert as_(treasurer).post(removal).status_code == 403
    assert Receipt.objects.exists()


# Scanning -----------------------------------------------------------------------------------------


@pytest.fixture
def scanner(settings, tmp_path):
    """A command that ends as it is told to, and writes down what it was asked about."""
    asked = tmp_path / "asked"

    def ends(code):
        script = tmp_path / "scanner"
        script.write_text(f'#!/bin/sh\necho "$2" >> {asked}\nexit {code}\n')
        script.chmod(0o700)
        settings.COPROD_SCANNER = f"{script} --quiet"
        return asked

    return ends


def test_receipt_when_it_was_not_scanned_then_handed_to_nobody(
    scanner, claim, rep_client, treasurer
):
    scanner(0)
    stored = store_receipt(claim=claim, upload=upload(photo()), by=claim.person)
    assert stored.scan == Receipt.Scan.WAITING
    for client in (rep_client, as_(treasurer)):
        for view in ("file", "picture", "small"):
            assert client.get(address(stored, view)).status_code == 404
        send(claim)
    assert b"is being checked for viruses" in rep_client.get(address(stored)).content


def test_receipt_when_the_scanner_finds_nothing_then_handed_out(scanner, claim, rep_client):
    asked = scanner(0)
    stored = store_receipt(claim=claim, upload=upload(photo()), by=claim.person)
    scanning.scan(receipt=stored)
    stored.refresh_from_db()
    assert stored.scan == Receipt.Scan.CLEAN
    assert asked.read_text().strip() == default_storage.path(stored.path)
    assert rep_client.get(address(stored, "file")).status_code == 200


def test_receipt_when_the_scanner_refuses_it_then_deleted_and_said_and_another_can_come(
    scanner, claim, rep_client, django_capture_on_commit_callbacks
):
    scanner(1)
    stored = store_receipt(claim=claim, upload=upload(photo()), by=claim.person)
    with django_capture_on_commit_callbacks(execute=True):
        scanning.scan(receipt=stored)
    assert kept_files() == []
    assert b"The virus check refused it" in rep_client.get(address(stored)).content
    assert rep_client.get(address(stored, "file")).status_code == 404
    again = store_receipt(claim=claim, upload=upload(photo()), by=claim.person)
    assert again.pk != stored.pk
    remove_receipt(receipt=stored, by=claim.person)


@pytest.mark.parametrize("code", [2, 127])
def test_receipt_when_the_scanner_fails_then_waits_and_is_asked_about_again(scanner, claim, code):
    scanner(code)
    stored = store_receipt(claim=claim, upload=upload(photo()), by=claim.person)
    scanning.scan(receipt=stored)
    stored.refresh_from_db()
    assert stored.scan == Receipt.Scan.WAITING
    asked = scanner(0)
    scanning.scan_stuck()  # not stuck yet
    assert len(asked.read_text().splitlines()) == 1
    scanning.scan_stuck(now=timezone.now() + timedelta(minutes=16))
    stored.refresh_from_db()
    assert stored.scan == Receipt.Scan.CLEAN


def test_receipt_when_it_is_taken_off_while_it_is_scanned_then_no_fault(
    scanner, claim, monkeypatch
):
    scanner(1)
    stored = store_receipt(claim=claim, upload=upload(photo()), by=claim.person)

    def meanwhile(path):
        Receipt.objects.all().delete()
        return 1

    monkeypatch.setattr(scanning, "_ask", meanwhile)
    scanning.scan(receipt=stored)
    assert not Receipt.objects.exists()
