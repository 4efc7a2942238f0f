"""What the coordinator adds to an edition of the progress report."""

from typing import Any, ClassVar

from django import forms

from coprod.forms import Button, Buttons, Field, Link, ModelForm
from projects.models import Edition


class EditionForm(ModelForm):
    """Who prepared it, what it changes, and thoughts for the board.

    ``number`` is the edition that its reader was looking at before it was made.
    """

    number = forms.IntegerField(required=False, widget=forms.HiddenInput)

    words: ClassVar[dict[str, str]] = {"prepared_by": "Enter who prepared this edition"}
    labels: ClassVar[dict[str, str]] = {
        "prepared_by": "Prepared by",
        "thoughts": "Thoughts (optional)",
        "note": "What is different from the last edition (optional)",
    }
    hints: ClassVar[dict[str, str]] = {
        "prepared_by": "Name and office, as the board should read it.",
        "thoughts": "What the board should know: what goes well, where parents came in too late, "
        "what you ask of the board. A blank line starts a new paragraph. Never name a child.",
        "note": "One line for the revision log.",
    }
    layout: ClassVar[list[Any]] = [
        "prepared_by",
        Field("thoughts", count=20000),
        "note",
        Buttons(Button("Make this edition"), Link("Leave", "/projects/reports/")),
    ]

    class Meta:
        model = Edition
        fields: ClassVar[list[str]] = ["prepared_by", "thoughts", "note"]

    def look_again(self, number: int) -> None:
        """After a refusal: the page shows the edition that would be next now."""
        sent: Any = self.data.copy()  # type: ignore[attr-defined]
        sent[self.add_prefix("number")] = number
        self.data = sent
