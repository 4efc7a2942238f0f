"""Signing up to an open event: name, one way to be reached, how many, what would help."""

from collections.abc import Sequence
from typing import Any

from django import forms

from coprod.forms import Button, Buttons, Field, Form, Link
from members.forms.people import check_phone


class SignUpForm(Form):
    """What the public types. An e-mail address or a phone number, whichever they like."""

    name = forms.CharField(max_length=120)
    email = forms.EmailField(required=False)
    phone = forms.CharField(required=False, max_length=40, validators=[check_phone])
    people = forms.IntegerField(min_value=1, max_value=10, initial=1)
    needs = forms.CharField(required=False, max_length=600, widget=forms.Textarea({"rows": 3}))

    labels = {
        "name": "Your name",
        "email": "E-mail address",
        "phone": "Phone number",
        "people": "How many of you are coming?",
        "needs": "Anything that would help you on the day?",
    }
    hints = {
        "name": "A first name is enough",
        "email": "We confirm your place there and tell you if anything changes. Nothing else",
        "phone": "If you don’t use e-mail, or like a call better",
        "people": "Count children too",
        "needs": "Access, food, a quiet seat. Please don’t tell us about your child’s diagnosis. "
        "Leave it empty if there is nothing",
    }
    words = {"name": "Enter a name", "people": "Enter how many of you are coming, 1 or more"}
    submit = "Keep a place for us"

    def __init__(self, *args: Any, for_other: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].widget.input_type = "tel"
        for rule in ("min_value", "max_value"):
            self.fields["people"].error_messages[rule] = "How many: enter a number from 1 to 10"
        self.fields["people"].error_messages["invalid"] = "How many: enter a number, such as 2"
        if for_other:
            self.fields["name"].label = "Their name"
            self.fields["people"].label = "How many are coming?"
            self.fields["needs"].label = "Anything that would help them?"
            self.submit = "Keep this place"

    def make_layout(self) -> Sequence[Any]:
        width = Field("people", width=3)
        return ["name", "email", "phone", width, Field("needs", count=600)]

    def clean(self) -> dict[str, Any] | None:
        said = super().clean()
        if not {"email", "phone"} & self.errors.keys() and not (
            self.cleaned_data.get("email") or self.cleaned_data.get("phone")
        ):
            self.add_error("email", "Enter an e-mail address or a phone number, so we can tell you")
        return said


class OwnSignUpForm(Form):
    """What may be changed from the link in the confirmation."""

    people = forms.IntegerField(min_value=1, max_value=10)
    needs = forms.CharField(required=False, max_length=600, widget=forms.Textarea({"rows": 3}))

    labels = {k: SignUpForm.labels[k] for k in ("people", "needs")}
    hints = {"people": SignUpForm.hints["people"]}
    words = {"people": SignUpForm.words["people"]}
    layout = [
        Field("people", width=3),
        Field("needs", count=600),
        Buttons(
            Button("Save the change", name="do", value="change"),
            Button("We can’t come after all", name="do", value="cancel", look="tap"),
        ),
    ]


class SignUpCancelForm(Form):
    """Asks once before the coordinator takes somebody off the list."""

    submit = "Take them off the list"

    def __init__(self, *args: Any, back: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.back = back

    def make_layout(self) -> Sequence[Any]:
        return [Buttons(Button(self.submit), Link("Leave them on it", self.back))]
