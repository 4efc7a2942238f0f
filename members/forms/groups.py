"""Forms about groups, their standing and their seats."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from coprod.forms import Field, Form, Group, ModelForm, Pick
from members.models import MemberGroup, Person


class GroupForm(ModelForm):
    """What a group's page says."""

    class Meta:
        model = MemberGroup
        fields = ["name", "kind", "about", "contact", "needs"]

    labels = {
        "name": "The group’s name",
        "kind": "What kind of group is it?",
        "about": "About the group",
        "contact": "How families reach it",
        "needs": "What the group needs to take part",
    }
    hints = {
        "about": "For the public: whom it is for, what it does, where",
        "contact": "For the public: an address or number of the group, not of a person",
        "needs": "Only those who run the forum read this",
    }
    words = {"name": "Enter the group’s name", "kind": "Choose what kind of group it is"}
    layout = ["name", Pick("kind"), Field("about", count=600), "contact", Field("needs", count=600)]
    submit = "Save the group"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(
            label=self.labels["kind"],
            choices=MemberGroup.Kind.choices,
            widget=forms.RadioSelect,
            error_messages={"required": self.words["kind"]},
            initial=MemberGroup.Kind.PARENTS,
        )
        self.fields["about"].widget.attrs["rows"] = self.fields["needs"].widget.attrs["rows"] = 4
        self.fields["name"].error_messages["unique"] = "We have a group of this name already"

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        taken = MemberGroup.objects.exclude(pk=self.instance.pk).filter(name__iexact=name)
        if taken.exists():
            raise ValidationError("We have a group of this name already", code="taken")
        return name


class AddGroupForm(GroupForm):
    """A new group, with how far it has come."""

    class Meta(GroupForm.Meta):
        fields = [*GroupForm.Meta.fields, "standing"]

    labels = {**GroupForm.labels, "standing": "How far has it come?"}
    hints = {**GroupForm.hints, "standing": "Only member groups have seats and show to the public"}
    layout = [*GroupForm.layout, "standing"]
    submit = "Add this group"


class StandingForm(Form):
    """One step of a group's standing."""

    standing = forms.ChoiceField(
        label="Where does the group stand now?",
        choices=MemberGroup.Standing.choices,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label="What happened?",
        required=False,
        max_length=300,
        help_text="Such as “Visited their coffee morning”",
    )
    minutes = forms.IntegerField(
        label="How many minutes did it take?",
        required=False,
        min_value=0,
        max_value=6000,
        help_text="Outreach counts in the work plan",
    )
    layout = [Pick("standing"), "note", Field("minutes", width=4, suffix="minutes")]
    submit = "Save this step"


class SeatForm(Form):
    """Who takes a seat: somebody we know, or somebody new."""

    person = forms.ModelChoiceField(
        label="Somebody we know",
        queryset=Person.objects.none(),
        required=False,
        empty_label="Nobody from this list",
    )
    name = forms.CharField(label="Or the name of somebody new", required=False, max_length=120)
    email = forms.EmailField(
        label="Their e-mail address",
        required=False,
        help_text="They get an invitation. Leave it empty if they don’t use e-mail",
    )
    kind = forms.ChoiceField(
        label="They sit for the group as",
        widget=forms.RadioSelect,
        choices=[("parent", "A parent or carer"), ("staff", "Its paid staff")],
        error_messages={"required": "Choose whether they are a parent or staff"},
    )
    submit = "Give them the seat"

    def __init__(self, *args: Any, people: Any, staff_free: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        if people is None:
            del self.fields["person"]
            self.fields["name"].label = "Their name"
        if not staff_free:
            self.fields["kind"].help_text = "The group’s one staff seat is taken"
        self.initial.setdefault("kind", "parent")

    def make_layout(self) -> list[Any]:
        new = ["name", "email"] if self.people is None else ["person", "name", "email"]
        return [Group("Who", *new, heading=True), Pick("kind")]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("email"):
            cleaned["email"] = cleaned["email"].lower()
        if not cleaned.get("person") and not cleaned.get("name") and "name" not in self.errors:
            words = "Choose somebody from the list, or enter a name"
            self.add_error("name", "Enter their name" if self.people is None else words)
        if cleaned.get("person") and cleaned.get("name"):
            self.add_error("name", "Choose somebody from the list or enter a name, not both")
        return cleaned
