"""Receipts: kept once, rewritten, and only while nobody is deciding."""

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from expenses.services.receipts import store_receipt
from tests.factories.files import kept_files, photo
from tests.factories.money import ClaimFactory, PolicyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(forum, rep):
    PolicyFactory()
    return ClaimFactory(person=rep)


def upload(content, name="till.jpg", content_type="image/jpeg"):
    return SimpleUploadedFile(name, content, content_type)


def test_receipt_when_stored_then_lies_under_a_random_name(claim):
    receipt = store_receipt(claim=claim, upload=upload(photo()), by=claim.person)
    assert kept_files() == [receipt.path]
    assert "till" not in receipt.path
    assert default_storage.size(receipt.path) == receipt.size
