"""What people type about agreement beside an answer itself: what was said to a “not yet”, why
comments close although a letter waits, how a later meeting confirmed.
"""

from typing import Any

from django import forms

from coprod.forms import Button, Buttons, Form, Link


class NotYetForm(Form):
    """What we say to somebody who said “not yet”, where the text stays."""

    outcome = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))

    labels = {"outcome": "Why does the text stay as it is?"}
    hints = {"outcome": "They are sent this. Please name no child."}
    words = {"outcome": "Write what you want to tell them"}

    def __init__(self, *args: Any, back: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.back = back

    def make_layout(self) -> list[Any]:
        return ["outcome", Buttons(Button("Send this answer"), Link("Go back", self.back))]


class WindowForm(Form):
    """Why comments close although somebody hasn't had their copy."""

    reason = forms.CharField(max_length=300)

    labels = {"reason": "Why do comments close without them?"}
    hints = {"reason": "Everybody who reads the draft sees this. Name nobody."}
    words = {"reason": "Say why comments close without them"}

    def __init__(self, *args: Any, back: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.back = back

    def make_layout(self) -> list[Any]:
        return ["reason", Buttons(Button("Close comments now"), Link("Go back", self.back))]


class ConfirmForm(Form):
    """In which words a meeting confirmed earlier minutes."""

    words_said = forms.CharField(max_length=300)

    labels = {"words_said": "How was it agreed?"}
    hints = {"words_said": "Such as: Everyone who was there agreed. Name groups, not people."}
    words = {"words_said": "Say how it was agreed"}

    def __init__(self, *args: Any, back: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.back = back

    def make_layout(self) -> list[Any]:
        save = Button("Record that they were confirmed")
        return ["words_said", Buttons(save, Link("Not now", self.back))]
