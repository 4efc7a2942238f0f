"""Replies, who was there, and people who came without an invitation."""

from collections.abc import Sequence
from typing import Any

from django import forms

from coprod.forms import Field, Form, Pick
from meetings.forms.calendar import PlaceForm, say_day
from meetings.models import Attendance, Invitation, Reply
from meetings.models.attendance import HEARD
from meetings.services.attendance import answers_for

#: The same answers, told about somebody by whoever heard them.
TOLD = {
    Reply.Answer.ROOM: "They’ll be there in person",
    Reply.Answer.ONLINE: "They’ll join online",
    Reply.Answer.CANNOT: "They can’t come",
}


def via_field(*, required: bool = True) -> forms.ChoiceField:
    """How somebody's words reached whoever writes them down."""
    return forms.ChoiceField(
        label="How did it reach you?",
        choices=HEARD,
        required=required,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it reached you"},
    )


class ReplyForm(Form):
    """Room, online or can't; and what would help this time."""

    answer = forms.ChoiceField(widget=forms.RadioSelect)
    needs = forms.CharField(required=False, max_length=600, widget=forms.Textarea({"rows": 3}))
    #: The date and time that the page showed.
    planned = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    labels = {"answer": "Can you come?", "needs": "Anything you need this time?"}
    hints = {
        "needs": "Access, childcare, a lift, large print. Only the coordinator reads this. "
        "Leave it empty if there is nothing"
    }
    words = {"answer": "Choose whether you can come"}
    submit = "Send my answer"

    def __init__(self, *args: Any, invitation: Invitation, for_other: bool = False, **kwargs: Any):
        kept = getattr(invitation, "reply", None)
        if kept is not None:
            kwargs.setdefault("initial", {"answer": kept.answer, "needs": kept.needs})
        super().__init__(*args, **kwargs)
        self.meeting = invitation.meeting
        self.initial["planned"] = self._planned_now()
        answer: Any = self.fields["answer"]
        answer.choices = answers_for(invitation.meeting)
        if for_other:
            name = invitation.person.name
            answer.label = f"What did {name} say?"
            answer.choices = [(value, TOLD[value]) for value, _ in answer.choices]
            answer.error_messages["required"] = f"Choose what {name} said"
            self.fields["needs"].label = "Anything they need this time?"
            self.fields["via"] = via_field()
            self.submit = "Keep this answer"

    def make_layout(self) -> Sequence[Any]:
        heard = [Pick("via", across=True)] if "via" in self.fields else []
        return [Pick("answer"), Field("needs", count=600), *heard]

    def _planned_now(self) -> str:
        return f"{self.meeting.date} {self.meeting.starts:%H:%M}"

    def clean(self) -> dict[str, Any]:
        """Refuse an answer that was given to a date which the meeting no longer has."""
        cleaned = super().clean() or self.cleaned_data
        planned = cleaned.get("planned")
        if planned and planned != self._planned_now():
            date = say_day(self.meeting.date)
            self.add_error(None, f"This meeting has moved to {date}. Say if you can come then")
            data: Any = self.data.copy()
            data[self.add_prefix("planned")] = self._planned_now()
            self.data = data
        return cleaned


class AttendanceForm(Form):
    """One row of ticks a person: ``how_…`` as chosen and ``was_…`` as the page showed it.

    Only rows in which the two differ count as changes, so two people who save at once don't
    undo each other.
    """

    form_tag = False
    HOW = [("room", "In the room"), ("online", "Online"), ("", "Not there")]

    def __init__(self, *args: Any, invitations: Sequence[Invitation], **kwargs: Any) -> None:
        self.invitations = list(invitations)
        super().__init__(*args, **kwargs)
        for invitation in self.invitations:
            was = invitation.attendance.how if invitation.attended else ""
            self.fields[f"how_{invitation.pk}"] = forms.ChoiceField(
                choices=self.HOW,
                required=False,
                initial=was,
                label=invitation.person.name,
                widget=forms.RadioSelect,
            )
            self.fields[f"was_{invitation.pk}"] = forms.ChoiceField(
                choices=self.HOW, required=False, initial=was, widget=forms.HiddenInput
            )

    def changes(self) -> dict[int, str]:
        """Invitation id → how, for the rows that this page's reader changed."""
        found = {}
        for invitation in self.invitations:
            name = f"how_{invitation.pk}"
            if self.add_prefix(name) not in self.data:
                continue  # added by somebody else meanwhile: this page didn't show the row
            how, was = self.cleaned_data[name], self.cleaned_data[f"was_{invitation.pk}"]
            if how != was:
                found[invitation.pk] = how
        return found


class LatecomerForm(PlaceForm):
    """Somebody who came without being on the list."""

    how = forms.ChoiceField(
        choices=Attendance.How.choices, initial="room", widget=forms.RadioSelect
    )

    labels = {**PlaceForm.labels, "how": "They are"}
    words = {**PlaceForm.words, "how": "Choose whether they are in the room or online"}
    submit = "Add them"

    def make_layout(self) -> Sequence[Any]:
        return [*super().make_layout(), Pick("how", across=True)]
