"""What somebody brings to be checked: a PDF, or its fingerprint; neither is kept."""

import hashlib
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.forms import FileInput

from coprod.forms import Button, Buttons, Field, Form
from meetings.checking import fingerprint_of

#: The largest file that is looked at, in bytes.
MOST_BYTES = 10 * 1024 * 1024


class Hashed:
    """What is left of an uploaded file: its name, size, first bytes and fingerprint."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.size = 0
        self.head = b""
        self.sha256 = ""

    @property
    def is_too_big(self) -> bool:
        return self.size > MOST_BYTES

    @property
    def is_pdf(self) -> bool:
        return self.head.startswith(b"%PDF-")


class HashOnly(FileUploadHandler):
    """Reads a file piece by piece into a hash; nothing of it is kept, in memory or on disk."""

    too_big = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.hashed = Hashed(self.file_name or "file")
        self.hash = hashlib.sha256()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if not self.hashed.head:
            self.hashed.head = bytes(raw_data[:8])
        self.hashed.size += len(raw_data)
        if self.hashed.size > 5 * MOST_BYTES:
            # So large that even reading it to the end would be a favour too many.
            self.too_big = True
            raise StopUpload(connection_reset=True)
        if not self.hashed.is_too_big:
            self.hash.update(raw_data)

    def file_complete(self, _size: int) -> Any:
        self.hashed.sha256 = self.hash.hexdigest()
        return self.hashed


class CheckForm(Form):
    """A PDF, or a fingerprint as it stands on the page or on paper."""

    document = forms.FileField(required=False, allow_empty_file=True, widget=FileInput)
    fingerprint = forms.CharField(required=False, max_length=200)

    labels = {"document": "The PDF that you have", "fingerprint": "Or type its fingerprint"}
    hints = {
        "document": "We don’t keep it. At most 10 MB.",
        "fingerprint": "64 letters and figures. Spaces don’t matter.",
    }

    # It changes nothing and belongs to nobody: see the view.
    warn_before_leaving = False

    def __init__(self, *args: Any, too_big: bool = False, **kwargs: Any) -> None:
        """``too_big``: reading stopped, so there is no file to ask."""
        super().__init__(*args, **kwargs)
        self.too_big = too_big

    @property
    def helper(self) -> FormHelper:
        helper = super().helper
        helper.disable_csrf = True
        return helper

    def make_layout(self) -> list[Any]:
        return [
            Field("document", accept="application/pdf,.pdf"),
            "fingerprint",
            Buttons(Button("Check it")),
        ]

    def clean_document(self) -> Hashed | None:
        found = self.cleaned_data.get("document")
        if self.too_big or (isinstance(found, Hashed) and found.is_too_big):
            raise forms.ValidationError("This file is larger than 10 MB, so it isn’t one of ours")
        if not isinstance(found, Hashed):
            return None
        if not found.size:
            raise forms.ValidationError("This file is empty. Choose the PDF itself")
        if not found.is_pdf:
            raise forms.ValidationError("This isn’t a PDF. Choose the file that ends in .pdf")
        return found

    def clean_fingerprint(self) -> str:
        text = self.cleaned_data["fingerprint"]
        if not text:
            return ""
        if not (plain := fingerprint_of(text)):
            raise forms.ValidationError(
                "A fingerprint has 64 letters from a to f and figures. Type all of it"
            )
        return plain

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not (cleaned.get("document") or cleaned.get("fingerprint")):
            self.add_error("document", "Choose a PDF, or type a fingerprint")
        return cleaned

    @property
    def sha256(self) -> str:
        document = self.cleaned_data["document"]
        return str(document.sha256 if document else self.cleaned_data["fingerprint"])
