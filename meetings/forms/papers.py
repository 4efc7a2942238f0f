"""A paper: what it says in short, what is asked of its readers, and the whole text."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from coprod.forms import Button, Buttons, Field, ModelForm
from meetings.models import Paper


class PaperForm(ModelForm):
    """The summary and the question come first, as they do for whoever reads it."""

    link = forms.URLField(required=False, assume_scheme="https", max_length=200)

    labels = {
        "title": "Name of the paper",
        "summary": "The summary",
        "asked": "What do we ask of the people who read it?",
        "text": "The whole text",
        "link": "Where it can be read instead",
    }
    hints = {
        "summary": "Five lines at most: people decide from these whether to read on",
        "asked": "Such as “Tell us which of the two times suits you”",
        "text": "Plain text; a blank line begins a new paragraph, a line with * a list. Nothing "
        "about a single child",
        "link": "A web address, if the paper stands elsewhere",
    }
    words = {
        "title": "Enter the name of the paper",
        "summary": "Write a summary, five lines at most",
        "asked": "Say what you ask of the people who read it",
    }

    class Meta:
        model = Paper
        fields = ["title", "summary", "asked", "text", "link"]
        widgets = {
            "summary": forms.Textarea({"rows": 5}),
            "asked": forms.Textarea({"rows": 2}),
            "text": forms.Textarea({"rows": 18}),
        }

    def make_layout(self) -> list[Any]:
        return [
            "title",
            Field("summary", count=1200),
            "asked",
            "text",
            "link",
            Buttons(Button("Save the paper")),
        ]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if not self.errors and not said.get("text") and not said.get("link"):
            self.add_error(
                "text", ValidationError("Write the text, or give the address where it is")
            )
        return said
