"""Who may read what is private, and why it is opened again."""

from collections.abc import Sequence
from typing import Any

from django import forms

from coprod.forms import Form, Pick, RowsField
from meetings.models import AgendaItem, Invitation, Meeting, Paragraph
from members.models import Person


class ReadersForm(Form):
    """Everybody who was there for it, or only the people that are ticked."""

    THERE, NAMED = "there", "named"

    who = forms.ChoiceField(
        choices=[(THERE, "Everybody who was there for it"), (NAMED, "Only people I name")],
        widget=forms.RadioSelect,
    )
    people = RowsField(Person.objects.none(), required=False, widget=forms.CheckboxSelectMultiple)

    labels = {"who": "Who may read it?", "people": "The people who may read it"}
    hints = {
        "who": "Coordinators and whoever takes the minutes always read it",
        "people": "Only if you chose “Only people I name”. They needn’t have been there",
    }
    words = {"who": "Choose who may read it"}
    layout = [Pick("who"), Pick("people")]
    submit = "Save who may read it"

    def __init__(
        self, *args: Any, meeting: Meeting, part: AgendaItem | Paragraph, **kwargs: Any
    ) -> None:
        named = list(part.named_readers.values_list("person", flat=True))
        who = self.NAMED if part.only_named else self.THERE
        kwargs.setdefault("initial", {"who": who, "people": named})
        super().__init__(*args, **kwargs)
        invited = [
            each
            for each in meeting.invitations.with_people()
            if each.capacity != Invitation.Capacity.COORDINATOR  # they read it anyway
        ]
        people: Any = self.fields["people"]
        people.queryset = Person.objects.filter(
            pk__in=[*(each.person_id for each in invited), *named]
        )
        people.choices = [
            (each.person_id, f"{each.person.name}, {each.on_behalf_of}") for each in invited
        ]
        self.anybody = bool(invited)

    def make_layout(self) -> Sequence[Any]:
        return self.layout if self.anybody else self.layout[:1]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("who") == self.NAMED and not cleaned.get("people"):
            self.add_error(
                "people" if self.anybody else "who",
                "Choose at least one person"
                if self.anybody
                else "Nobody is invited yet. Invite people first, then name them here",
            )
        return cleaned


class ReleaseForm(Form):
    """Who decided that everybody may read it, and why."""

    form_tag = False
    note = forms.CharField(required=False, max_length=300)

    labels = {"note": "Who decided that everybody may read it, and why?"}
    hints = {"note": "Such as: The family asked for it on 3 March. It is kept with the minutes"}
