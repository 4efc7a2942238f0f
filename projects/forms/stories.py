"""What changed because of parents, in four boxes and one choice."""

from django import forms

from coprod.forms import Field, ModelForm
from projects.models import Story


class StoryForm(ModelForm):
    """Before, what parents did, what changed, how far it is due to them."""

    labels = {
        "title": "In one line",
        "before": "How was it before?",
        "did": "What did parents do?",
        "changed": "What changed?",
        "reach": "Whom does it reach?",
        "due_to_parents": "How much is due to parents?",
    }
    hints = {
        "title": "Such as “Families are told the driver’s name a week before”",
        "before": "What families met. No child’s name, and nothing by which one can be known.",
        "changed": "What families have now that they didn’t have before.",
        "reach": "Such as “212 families”. Leave it empty if nobody has counted.",
    }
    words = {
        "title": "Enter what changed in one line",
        "before": "Enter how it was before",
        "did": "Enter what parents did",
        "changed": "Enter what changed",
        "due_to_parents": "Choose how much is due to parents",
    }
    layout = [
        "title",
        Field("before", count=2000),
        Field("did", count=2000),
        Field("changed", count=2000),
        "reach",
        "due_to_parents",
    ]
    submit = "Save the story"

    class Meta:
        model = Story
        fields = ["title", "before", "did", "changed", "reach", "due_to_parents"]
        widgets = {
            "before": forms.Textarea({"rows": 4}),
            "did": forms.Textarea({"rows": 4}),
            "changed": forms.Textarea({"rows": 4}),
            "due_to_parents": forms.RadioSelect,
        }
