"""What a coordinator types when a promised date can't be kept."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from coprod.forms import (
    Button,
    Buttons,
    Field,
    Form,
    Link,
    PlainDateField,
    clean_text,
    read_date,
    say_date,
)
from meetings.models import Delay


class DelayForm(Form):
    """Why it takes longer, and the new date. First looked at as a letter, then recorded.

    ``promise`` is the one that the page was made for: once the meeting has begun, it is another.
    """

    promise = forms.CharField(widget=forms.HiddenInput, max_length=8)
    reason = forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    until = PlainDateField()

    labels = {"reason": "Why does it take longer?", "until": "The new date"}
    hints = {
        "reason": "Everybody invited gets these words, and they stand on our public pages. One or "
        "two sentences; please name no child and nobody’s health."
    }
    words = {"reason": "Say why it takes longer", "until": "Enter the new date"}

    def __init__(
        self,
        *args: Any,
        promise: str,
        between: tuple[date, date],
        parents_only: bool,
        back: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.current, self.back, self.seen = promise, back, False
        self.fields["promise"].initial = promise
        first, last = between
        until = self.fields["until"]
        until.min_date, until.max_date = first, last  # type: ignore[attr-defined]
        until.help_text = f"Any day from {say_date(first)} to {say_date(last)}"
        if parents_only:
            self.fields["reason"].help_text = (
                "Everybody invited gets these words. One or two sentences; please name no child "
                "and nobody’s health."
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("promise") != self.current:
            now = Delay.Promise(self.current).label.lower()
            self.add_error(None, f"The meeting has begun meanwhile. This is now about: {now}")
        return cleaned

    def repeats(self, recorded: Sequence[Delay]) -> bool:
        """Whether this is the newest delay once more: a second press, or Back and send."""
        typed, reason = self["until"].data, str(self["reason"].data or "")
        try:
            until = read_date(str(typed or "")[:60])
        except forms.ValidationError:
            return False
        said = clean_text(reason, lines=True).strip()
        return bool(recorded) and (recorded[0].until, recorded[0].reason) == (until, said)

    def make_layout(self) -> Sequence[Any]:
        if self.seen:
            buttons = [
                Button("Tell everybody", name="do", value="tell"),
                Button("See the letter again", name="do", value="look", look="quiet"),
            ]
        else:
            buttons = [Button("See the letter", name="do", value="look")]
        return [
            "promise",
            Field("reason", count=300),
            "until",
            Buttons(*buttons, Link("Go back", self.back)),
        ]
