"""Forms of the logo register: asking, deciding, ending, checking a code, misuse."""

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from coprod import clocks
from coprod.forms import Field, Form, Pick, PlainDateField

NO_CHILD = "Name no child and no parent"


class LogoAskForm(Form):
    """The one document that is asked for."""

    document = forms.CharField(max_length=200)

    labels: ClassVar = {"document": "Which document is it?"}
    hints: ClassVar = {"document": "Its whole title and version, as it is printed"}
    words: ClassVar = {"document": "Enter the document’s title"}
    submit = "Ask the forum"


class LogoDecideForm(Form):
    """Yes or no; a no says why."""

    allow = forms.ChoiceField(
        choices=[("yes", "Yes, this document may carry it"), ("no", "No")],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(max_length=300, required=False, widget=forms.Textarea({"rows": 3}))

    labels: ClassVar = {"allow": "May it carry our logo?", "reason": "If not, why?"}
    hints: ClassVar = {"reason": f"Whoever asked reads it. {NO_CHILD}"}
    words: ClassVar = {"allow": "Choose yes or no"}
    submit = "Save the decision"
    layout: ClassVar = [Pick("allow"), Field("reason", count=300)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("allow") == "no" and not cleaned.get("reason"):
            self.add_error("reason", "Write why it may not")
        return cleaned


class LogoWithdrawForm(Form):
    """Why a document may not carry the logo any more."""

    reason = forms.CharField(max_length=300, widget=forms.Textarea({"rows": 3}))

    labels: ClassVar = {"reason": "Why?"}
    hints: ClassVar = {"reason": f"It stands in the public register. {NO_CHILD}"}
    words: ClassVar = {"reason": "Write why it isn’t allowed any more"}
    submit = "End the permission"
    layout: ClassVar = [Field("reason", count=300)]


class LogoCheckForm(Form):
    """The code that stands beside a logo."""

    method = "get"
    code = forms.CharField(max_length=20)

    labels: ClassVar = {"code": "The code beside the logo"}
    hints: ClassVar = {"code": "Eight letters and digits, such as k7mw3tqz"}
    words: ClassVar = {"code": "Enter the code"}
    submit = "Check the code"
    layout: ClassVar = [Field("code", width=10)]

    def clean_code(self) -> str:
        """As people type it: capitals, spaces and dashes don't matter."""
        code = re.sub(r"[\s\-–]", "", self.cleaned_data["code"].lower())
        if not re.fullmatch(r"[a-z0-9]{8}", code):
            raise ValidationError("A code has eight letters and digits. Look at it again")
        return code


class MisuseForm(Form):
    """Where the logo was seen although it may not stand there."""

    where = forms.CharField(max_length=300)
    seen_on = PlainDateField()
    note = forms.CharField(max_length=2000, required=False, widget=forms.Textarea({"rows": 4}))

    labels: ClassVar = {
        "where": "Where did you see our logo?",
        "seen_on": "On which day?",
        "note": "Anything else that helps",
    }
    hints: ClassVar = {
        "where": "The document or page, and its address if it has one",
        "note": NO_CHILD,
    }
    words: ClassVar = {
        "where": "Say where you saw the logo",
        "seen_on": "Enter the day on which you saw it",
    }
    submit = "Send it to the coordinator"
    layout: ClassVar = ["where", "seen_on", Field("note", count=2000)]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = self.fields["seen_on"]
        assert isinstance(day, PlainDateField)
        day.max_date = clocks.today()


class MisuseSettleForm(Form):
    """What became of it."""

    outcome = forms.CharField(max_length=300, widget=forms.Textarea({"rows": 3}))

    labels: ClassVar = {"outcome": "What became of it?"}
    hints: ClassVar = {"outcome": f"Such as “They took it off on 3 November”. {NO_CHILD}"}
    words: ClassVar = {"outcome": "Write what became of it"}
    submit = "Save the outcome"
    layout: ClassVar = [Field("outcome", count=300)]
