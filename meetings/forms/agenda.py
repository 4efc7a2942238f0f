"""Agenda items, as the coordinator edits them and as invited people propose them."""

from typing import Any

from django import forms

from coprod.forms import Button, Buttons, Field, ModelForm, Pick, Side
from meetings.models import AgendaItem
from meetings.services.confidential import went_out_private

LABELS = {
    "title": "What is it about?",
    "purpose": "What is it for?",
    "lead": "Who leads it?",
    "minutes": "How long?",
    "can_decide": "Can this room decide?",
    "note": "Anything people should know beforehand",
    "project": "Which project is it about?",
    "is_private": "Keep this item private",
    "private_reason": "Why it is private",
}


class ItemForm(ModelForm):
    """Every part of an agenda item."""

    labels = LABELS
    hints = {
        "lead": "A name, a group or a service",
        "can_decide": "If it can’t, the minutes will ask who can",
        "project": "The meeting then stands on that project’s page, too",
        "is_private": "Others then read only that there is a private item, and why",
        "private_reason": "Everybody reads this: say it without details, such as "
        "“It would point to one family”",
    }
    words = {"title": "Enter what the item is about"}
    layout = [
        "title",
        Pick("purpose", across=True),
        Side("lead", Field("minutes", width=3, suffix="minutes")),
        Pick("can_decide", across=True),
        "note",
        "project",
        "is_private",
        "private_reason",
    ]

    def make_layout(self) -> list[Any]:
        another = Button("Save, and add another", name="another", value="1", look="quiet")
        rest = [another] if self.instance.pk is None else []
        note = ["note_on_release"] if "note_on_release" in self.fields else []
        return [*self.layout, *note, Buttons(Button("Save the item"), *rest)]

    class Meta:
        model = AgendaItem
        fields = [
            "title",
            "purpose",
            "lead",
            "minutes",
            "can_decide",
            "note",
            "project",
            "is_private",
            "private_reason",
        ]
        widgets = {
            "purpose": forms.RadioSelect,
            "can_decide": forms.RadioSelect,
            "note": forms.Textarea({"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.is_private and went_out_private(self.instance):
            self.fields["note_on_release"] = forms.CharField(
                required=False,
                max_length=300,
                label="If everybody may read it now: who decided that, and why?",
                help_text="A version went out with this item private, so opening it is a decision "
                "that stays on record",
            )
        project: Any = self.fields["project"]
        project.empty_label = "None"
        decide: Any = self.fields["can_decide"]
        decide.choices = [(v, label) for v, label in AgendaItem.CanDecide.choices if v] + [
            ("", AgendaItem.CanDecide.UNKNOWN.label)
        ]

    def clean_minutes(self) -> int | None:
        minutes: int | None = self.cleaned_data.get("minutes")
        if minutes is not None and not 1 <= minutes <= 480:
            raise forms.ValidationError("Enter the time in minutes, from 1 to 480")
        return minutes

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        unsaid = not cleaned.get("private_reason") and "private_reason" not in self.errors
        if cleaned.get("is_private") and unsaid:
            self.add_error("private_reason", "Say why it is private, without details")
        if not cleaned.get("is_private"):
            cleaned["private_reason"] = ""
        return cleaned


class ProposalForm(ModelForm):
    """What an invited person would like to talk about."""

    labels = {**LABELS, "note": "Say a little more, if you like"}
    hints = {
        "title": "A few words, such as “Waiting for speech therapy”",
        "note": "About families in general, please: no child’s name or school",
    }
    words = {"title": "Enter what you would like to talk about"}
    layout = ["title", Pick("purpose"), Field("note", count=1200)]
    submit = "Propose this item"

    class Meta:
        model = AgendaItem
        fields = ["title", "purpose", "note"]
        widgets = {"purpose": forms.RadioSelect, "note": forms.Textarea({"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keep = f"propose/{self.instance.meeting_id}"
