"""Closed days: typed, changed, or read from what somebody sent."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from coprod.forms import Button, Buttons, Field, Form, Side
from meetings.forms.calendar import ClosedPeriodForm
from meetings.services.terms import LARGEST, NotReadable, text_of


class ClosedEditForm(ClosedPeriodForm):
    """The same days, changed."""

    prefix = ""
    layout = [Field("name", width=20), Side("first_day", "last_day")]
    submit = "Save these days"
    warn_before_leaving = True


class ImportForm(Form):
    """Pasted text or a file, and who sent it."""

    source = forms.CharField(max_length=120)
    text = forms.CharField(
        required=False,
        max_length=20_000,
        widget=forms.Textarea({"rows": 10, "spellcheck": "false"}),
    )
    file = forms.FileField(
        required=False, widget=forms.FileInput({"accept": ".csv,.tsv,.txt,.ics,text/*"})
    )

    labels = {
        "source": "Where do these dates come from?",
        "text": "Paste the dates",
        "file": "Or choose a file",
    }
    hints = {
        "source": "Such as “Larkmere Council, July 2026”. You can undo the import by this name",
        "text": "As they are: one holiday, term or inset day a line. Days in any usual form",
        "file": "A calendar file (.ics), a table (.csv) or plain text. Nothing is kept of it",
    }
    words = {"source": "Enter where these dates come from"}
    #: Whether it stands beneath what was read: then its button isn't the one to press.
    again = False

    def make_layout(self) -> Sequence[Any]:
        label, look = ("Read them again", "quiet") if self.again else ("Read the dates", "primary")
        button = Button(label, name="read", value="1", look=look)
        return ["source", "text", "file", Buttons(button)]

    def clean(self) -> dict[str, Any]:
        """``text`` holds what is to be read, wherever it came from."""
        cleaned = super().clean() or self.cleaned_data
        file = cleaned.get("file")
        if file is not None:
            cleaned["text"] = self._read(file)
        elif not (cleaned.get("text") or "").strip() and "text" not in self.errors:
            self.add_error("text", "Paste the dates, or choose a file with them")
        return cleaned

    def _read(self, file: Any) -> str:
        if file.size > LARGEST:
            self.add_error("file", "This file is too large. Copy only the dates and paste them")
            return ""
        try:
            return text_of(file.read(), file.name.lower()).replace("\r\n", "\n")
        except NotReadable as error:
            self.add_error("file", ValidationError(str(error)))
            return ""
