"""Forms on and around the page of one claim: answers, appeals, and claims for somebody else."""

import re
import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from coprod import clocks
from coprod.forms import Button, Buttons, Field, Form, Link, Pick, PlainDateField, Words
from expenses.models import Claim
from members.models import Person

OTHER = "other"


class AnswerForm(Form):
    """The answer to the open question, with a receipt where one was missing."""

    text = forms.CharField(max_length=2000, widget=forms.Textarea({"rows": 4}))
    via = forms.ChoiceField(
        choices=[("phone", "On the phone"), ("letter", "By letter"), ("met", "We met")],
        widget=forms.RadioSelect,
    )
    receipt = forms.FileField(required=False, widget=forms.FileInput)

    labels = {
        "text": "Your answer",
        "via": "How did the answer reach you?",
        "receipt": "Add a photo or PDF of a receipt, if that helps",
    }
    hints = {
        "text": "Name no child, and nothing about anybody’s health",
        "receipt": "A photo (JPEG, PNG or HEIC) or a PDF, of 10 MB at most",
    }
    words = {"text": "Write your answer", "via": "Choose how the answer reached you"}

    def __init__(self, *args: Any, claim: Claim, by: Person, **kwargs: Any) -> None:
        self.back_url = claim.get_absolute_url()
        super().__init__(*args, **kwargs)
        if by.pk == claim.person_id:
            del self.fields["via"]
        else:
            self.fields["text"].label = f"What {claim.person.name} says"

    def make_layout(self) -> Sequence[Any]:
        via = [Pick("via", across=True)] if "via" in self.fields else []
        buttons = Buttons(Button("Send the answer"), Link("Leave it for now", self.back_url))
        return [*via, Field("text", count=2000), "receipt", buttons]


class AppealForm(Form):
    """Why somebody else should look at it again."""

    text = forms.CharField(max_length=2000, widget=forms.Textarea({"rows": 5}))

    labels = {"text": "What should they know?"}
    hints = {
        "text": "What was misunderstood, or what is missing. Name no child, and nothing about "
        "anybody’s health"
    }
    words = {"text": "Write what they should know"}

    def __init__(self, *args: Any, claim: Claim, **kwargs: Any) -> None:
        self.back_url = claim.get_absolute_url()
        super().__init__(*args, **kwargs)

    def make_layout(self) -> Sequence[Any]:
        buttons = Buttons(Button("Ask for another look"), Link("Leave it", self.back_url))
        return [Field("text", count=2000), buttons]


class RightForm(Form):
    """Is what somebody entered for me right? With the number of what was read."""

    edit_no = forms.IntegerField(widget=forms.HiddenInput)
    said = forms.CharField(max_length=1000, required=False, widget=forms.Textarea({"rows": 3}))

    labels = {"said": "What is wrong?"}
    hints = {"said": "You can also leave this empty, and we ring you"}
    yes = "Yes, this is right"
    no = "No, something is wrong"

    def make_layout(self) -> Sequence[Any]:
        return [
            Buttons(Button(self.yes, name="answer", value="yes")),
            Words("Is something wrong?", heading=True),
            Field("said", count=1000),
            Buttons(Button(self.no, name="answer", value="no", look="quiet")),
        ]

    @property
    def says_yes(self) -> bool:
        """Which of the two buttons was pressed; anything but yes is no."""
        return bool(self.data.get("answer") == "yes")


class PhoneForm(RightForm):
    """The same, written down by whoever reads the claim out on the phone."""

    labels = {"said": "What do they say?"}
    hints = {"said": "In their words. It goes back to whoever entered it"}
    yes = "They say that it is right"
    no = "They say that something is wrong"


class CodeForm(Form):
    """The number and the code that stand in the letter."""

    reference = forms.CharField(max_length=20)
    code = forms.CharField(
        max_length=20, widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"})
    )

    labels = {"reference": "Number of the claim", "code": "Code from the letter"}
    hints = {"reference": "Such as MB-0042", "code": "Eight digits, such as 1234 5678"}
    words = {
        "reference": "Enter the number of the claim, such as MB-0042",
        "code": "Enter the code from the letter, eight digits",
    }
    layout = [Field("reference", width=10), Field("code", width=10)]
    submit = "See the claim"

    def clean_code(self) -> str:
        digits = re.sub(r"[\s-]", "", str(self.cleaned_data["code"]))
        if not re.fullmatch(r"[0-9]{8}", digits):
            raise ValidationError("Enter the code from the letter, eight digits")
        return digits


class CodeRightForm(RightForm):
    """The same for somebody who typed number and code, which go with the answer."""

    reference = forms.CharField(max_length=20, widget=forms.HiddenInput)
    code = forms.CharField(max_length=20, widget=forms.HiddenInput)


class ForWhomForm(Form):
    """Whose claim it is: people without e-mail first, since the others can do it themselves."""

    person = forms.ChoiceField()

    labels = {"person": "Whose claim is it?"}
    hints = {"person": "People without e-mail come first. Everybody else can do it themselves"}
    words = {"person": "Choose whose claim it is"}
    method = "get"
    warn_before_leaving = False
    layout = [Field("person"), Buttons(Button("Go on to what it was for"))]

    def __init__(self, *args: Any, people: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        without = [(str(p.public_id), p.name) for p in people if not p.email]
        others = [(str(p.public_id), p.name) for p in people if p.email]
        groups: list[Any] = [("", "Choose a person")]
        if without:
            groups.append(("Without e-mail", without))
        if others:
            groups.append(("With e-mail", others))
        field: Any = self.fields["person"]
        field.choices = groups


class WhatForForm(Form):
    """The meeting it was for, or something else with its day."""

    key = forms.CharField(max_length=36, widget=forms.HiddenInput)
    meeting = forms.ChoiceField(widget=forms.RadioSelect)
    occasion = forms.CharField(max_length=160, required=False)
    on = PlainDateField(required=False)

    labels = {
        "meeting": "What was it for?",
        "occasion": "If something else: what was it?",
        "on": "If something else: on which day?",
    }
    hints = {"occasion": "Such as “Visit to the new school, for the forum”"}
    words = {"meeting": "Choose what it was for"}

    def __init__(self, *args: Any, person: Person, meetings: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [(str(m.pk), f"{m.title}, {_day(m.date)}") for m in meetings]
        field: Any = self.fields["meeting"]
        field.choices = [*rows, (OTHER, "Something else")]
        field.label = f"What was {person.name} at?"

    def make_layout(self) -> Sequence[Any]:
        about = "Then you fill in the same pages as they would: a photo, the way there, other costs"
        return [
            Pick("meeting"),
            "occasion",
            "on",
            Words(about),
            Buttons(Button("Go on to the photo")),
        ]

    def clean_key(self) -> uuid.UUID:
        try:
            return uuid.UUID(str(self.cleaned_data["key"]))
        except ValueError:
            raise ValidationError("This form is damaged. Open the page again") from None

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("meeting") == OTHER:
            if not said.get("occasion"):
                self.add_error("occasion", "Enter what it was")
            if not said.get("on") and "on" not in self.errors:
                self.add_error("on", "Enter the day, such as 10 November 2026")
            elif said.get("on") and said["on"] > clocks.today():
                self.add_error("on", "Enter a day that has been")
        return said


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
