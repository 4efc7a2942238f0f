"""“We were involved”, or not: one page."""

from collections.abc import Sequence
from typing import Any

from django import forms

from coprod.forms import Button, Buttons, Field, Form, Link, Pick
from members.models import MemberGroup, Person
from projects.models import OwnAccount, Project

INVOLVED = [("yes", "We were involved"), ("no", "We were not involved")]


class AccountForm(Form):
    """Whether, when, and early enough. A coordinator writes it down for somebody who rang."""

    involved = forms.ChoiceField(choices=INVOLVED, widget=forms.RadioSelect)
    when_text = forms.CharField(required=False, max_length=120)
    early = forms.ChoiceField(choices=OwnAccount.Early, required=False, widget=forms.RadioSelect)
    text = forms.CharField(required=False, max_length=2000, widget=forms.Textarea({"rows": 3}))

    labels = {
        "involved": "Were you involved in this work?",
        "when_text": "When?",
        "early": "Was it early enough to change something?",
        "text": "Anything else, in your own words",
    }
    hints = {
        "when_text": "As well as you know: “in spring”, “twice since Easter”",
        "early": "Leave it open if you were not involved",
        "text": "Everybody can read this, so name no child and no family",
    }
    words = {"involved": "Choose whether you were involved"}

    def __init__(
        self, *args: Any, project: Project, by: Person, back_url: str, **kwargs: Any
    ) -> None:
        self.project, self.by, self.back_url = project, by, back_url
        self.keep = f"account/{project.pk}"
        super().__init__(*args, **kwargs)
        if by.is_coordinator:
            self._ask_whose()
        elif len(self._groups(by)) > 1:
            self.fields["group"] = forms.ModelChoiceField(
                MemberGroup.objects.filter(pk__in=[g.pk for g in self._groups(by)]),
                label="For which group do you speak?",
                empty_label=None,
                widget=forms.RadioSelect,
                error_messages={"required": "Choose the group"},
            )

    def _ask_whose(self) -> None:
        """Whoever they may write it down for: representatives, and who is on the project."""
        named = self.project.named.current().values("person")
        reps = Person.objects.reps().values("pk")
        people = Person.objects.active().filter(pk__in=reps) | Person.objects.active().filter(
            pk__in=named
        )
        self.fields["person"] = forms.ModelChoiceField(
            people.exclude(pk=self.by.pk).distinct().order_by("name"),
            label="Whose words are these?",
            help_text="It stands as theirs, and says that you wrote it down",
            empty_label="Choose a person",
            error_messages={"required": "Choose whose words these are"},
        )
        self.fields["involved"].label = "Do they say that they were involved?"
        self.fields["text"].label = "Anything else, in their own words"

    @staticmethod
    def _groups(person: Person) -> list[MemberGroup]:
        return [seat.group for seat in person.current_seats if seat.group.is_member]

    def make_layout(self) -> Sequence[Any]:
        first = ["person"] if "person" in self.fields else []
        group = [Pick("group")] if "group" in self.fields else []
        buttons = Buttons(Button("Say so"), Link("Leave without saying", self.back_url))
        early = Pick("early", across=True)
        text = Field("text", count=2000)
        return [*first, Pick("involved"), "when_text", early, text, *group, buttons]

    def clean(self) -> dict[str, Any]:
        """Somebody who was involved says whether it was early enough."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("involved") == "yes" and not cleaned.get("early"):
            self.add_error("early", "Choose whether it was early enough, or that you’re not sure")
        return cleaned

    @property
    def account(self) -> dict[str, Any]:
        """What the service takes, once it is valid."""
        fields = self.cleaned_data
        person = fields.get("person") or self.by
        groups = self._groups(person)
        return {
            "person": person,
            "group": fields.get("group") or (groups[0] if groups else None),
            "were_involved": fields["involved"] == "yes",
            "when_text": fields["when_text"],
            "early": fields["early"],
            "text": fields["text"],
        }
