"""Moving and cancelling a meeting with notice."""

from typing import Any

from django import forms

from coprod.forms import Field, Form, Group, PlainDateField, PlainTimeField, Side
from meetings.forms.calendar import HINTS, LABELS, WhenAndWhereMixin, where_group
from meetings.models import Meeting
from meetings.services.moves import Plan

WHY_WORDS = {
    "parents": "Those who are told read it, and parents on the meeting’s page. Name nobody",
    "": "Those who are told read it, and everybody on the meeting’s page. Name nobody",
}


def _why_hint(meeting: Meeting) -> str:
    return WHY_WORDS["parents" if meeting.is_parents_only else ""]


class MoveForm(WhenAndWhereMixin):
    """The new day, time and place, and why. Give it a copy of the meeting, which it changes."""

    date = PlainDateField(label="New date")
    starts = PlainTimeField(label="Starts at")
    ends = PlainTimeField(label="Ends at")
    online_link = forms.URLField(required=False, assume_scheme="https")
    reason = forms.CharField(max_length=300, widget=forms.Textarea({"rows": 2}))

    labels = {**LABELS, "reason": "Why does it change?"}
    hints = {**HINTS, "date": "Leave it as it is if only the time or the place changes"}
    words = {
        "date": "Enter the new date of the meeting",
        "starts": "Enter when it starts",
        "ends": "Enter when it ends",
        "reason": "Say why, in a few words: people forgive a change that is explained",
    }
    submit = "See what would be sent"
    layout = [
        Group("When", "date", Side("starts", "ends"), heading=True),
        where_group(),
        Field("reason", count=300),
    ]

    class Meta:
        model = Meeting
        fields = ["date", "starts", "ends", "format", "place", "online_link"]
        widgets = {"format": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _why_hint(self.instance)

    @property
    def plan(self) -> Plan:
        """What was typed, once it is valid."""
        return Plan(**{name: self.cleaned_data[name] for name in self.Meta.fields})


class CancelForm(Form):
    """Why a meeting doesn't take place."""

    reason = forms.CharField(max_length=300, widget=forms.Textarea({"rows": 2}))

    labels = {"reason": "Why is it cancelled?"}
    words = {"reason": "Say why, in a few words"}
    submit = "See what would be sent"
    layout = [Field("reason", count=300)]

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _why_hint(meeting)
