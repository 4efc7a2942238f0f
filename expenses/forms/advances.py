"""Asking for money in advance, deciding, and noting what came back."""

from collections.abc import Sequence
from typing import Any

from django import forms

from coprod.forms import Button, Buttons, Field, Form, Link, Pick
from coprod.templatetags.forum import pence
from expenses.forms.pounds import PoundsField
from expenses.models import Claim
from members.models import Person


class AdvanceForm(Form):
    """What for, how much, and how it is paid."""

    what_for = forms.CharField(max_length=300)
    pence = PoundsField()
    pay_by = forms.ChoiceField(choices=Claim.PayBy, widget=forms.RadioSelect, initial="bank")

    labels = {
        "what_for": "What is it for?",
        "pence": "How much do you need?",
        "pay_by": "How shall we pay it?",
    }
    hints = {"what_for": "Such as “Train to the meeting on 8 December”. Name no child"}
    words = {
        "what_for": "Enter what it is for",
        "pence": "Enter how much you need",
        "pay_by": "Choose how we pay it",
    }

    def __init__(self, *args: Any, most: int, back_url: str, **kwargs: Any) -> None:
        self.back_url = back_url
        super().__init__(*args, **kwargs)
        self.fields["pence"].help_text = f"Up to {pence(most)} now"

    def make_layout(self) -> Sequence[Any]:
        return [
            "what_for",
            Field("pence", width=5, prefix="£"),
            Pick("pay_by"),
            Buttons(Button("Ask for the advance"), Link("Leave without asking", self.back_url)),
        ]


class AdvanceForAnotherForm(AdvanceForm):
    """A coordinator asks for somebody."""

    person = forms.ModelChoiceField(Person.objects.none(), empty_label="Choose a person")

    labels = {
        **AdvanceForm.labels,
        "person": "Who is it for?",
        "pence": "How much do they need?",
        "pay_by": "How shall we pay them?",
    }
    words = {
        **AdvanceForm.words,
        "person": "Choose who it is for",
        "pence": "Enter how much they need",
        "pay_by": "Choose how we pay them",
    }

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["person"]
        field.queryset = people

    def make_layout(self) -> Sequence[Any]:
        return ["person", *super().make_layout()]


class AdvanceDecideForm(Form):
    """Yes, or no with a reason."""

    answer = forms.ChoiceField(
        choices=[("yes", "Yes, pay it"), ("no", "No")], widget=forms.RadioSelect
    )
    reason = forms.CharField(required=False, max_length=1000, widget=forms.Textarea({"rows": 3}))

    labels = {"answer": "Shall the forum pay this in advance?", "reason": "If not, why?"}
    hints = {"reason": "They read this"}
    words = {"answer": "Choose yes or no"}

    def __init__(self, *args: Any, back_url: str, **kwargs: Any) -> None:
        self.back_url = back_url
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("answer") == "no" and not cleaned.get("reason"):
            self.add_error("reason", "Enter why not: they read it")
        return cleaned

    def make_layout(self) -> Sequence[Any]:
        return [
            Pick("answer"),
            "reason",
            Buttons(Button("Send the answer"), Link("Decide later", self.back_url)),
        ]


class AdvanceReturnForm(Form):
    """What somebody gave back."""

    pence = PoundsField()
    note = forms.CharField(required=False, max_length=200)

    labels = {"pence": "How much did they give back?", "note": "How, if you want to note it"}
    hints = {"note": "Such as “In cash, at the meeting”"}
    words = {"pence": "Enter how much they gave back"}

    def __init__(self, *args: Any, left: int, back_url: str, **kwargs: Any) -> None:
        self.back_url = back_url
        super().__init__(*args, **kwargs)
        field: Any = self.fields["pence"]
        field.most = left
        field.help_text = f"{pence(left)} is left"

    def make_layout(self) -> Sequence[Any]:
        return [
            Field("pence", width=5, prefix="£"),
            "note",
            Buttons(Button("Note it"), Link("Go back", self.back_url)),
        ]
