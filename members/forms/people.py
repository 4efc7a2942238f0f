"""Forms about people: adding, correcting, one's own details, the list's filter."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from coprod import texts
from coprod.forms import Button, Buttons, Field, Form, Group, ModelForm, Pick, Side
from coprod.models import Message
from members.models import MemberGroup, Organisation, Person, Role, Sector


def channels() -> list[tuple[str, str]]:
    """The ways to choose from. Texts are one where something carries them."""
    by_text = [(Message.Channel.TEXT.value, "By text message")] if texts.is_on() else []
    return [
        (Message.Channel.EMAIL.value, "By e-mail"),
        *by_text,
        (Message.Channel.LETTER.value, "By letter"),
        (Message.Channel.PHONE.value, "By phone call"),
    ]


def check_phone(number: str) -> None:
    """A number that can be rung: seven digits at least, and nothing but digits round them."""
    if not re.fullmatch(r"[\d\s()+./-]+(ext\.?\s*\d+)?", number, re.IGNORECASE) or (
        sum(c.isdigit() for c in number) < 7
    ):
        raise ValidationError("Enter a phone number such as 01632 960 123", code="invalid")


class _ReachedForm(ModelForm):
    """Whoever is to be reached in a way must have given what that way needs."""

    labels = {
        "name": "Name",
        "email": "E-mail address",
        "contact_email": "An address shared with somebody else",
        "phone": "Phone number",
        "postal_address": "Postal address",
        "channel": "How should we reach them?",
        "language": "Language",
        "what_helps": "What helps them to take part?",
    }
    hints = {
        "email": "Their own address, for letters and for signing in. Leave it empty if none",
        "contact_email": "A household’s, for letters only. It can’t be used for signing in",
        "postal_address": "As it stands on an envelope",
        "language": "If it isn’t English",
        "what_helps": "Such as large print, a lift, or a seat by the door",
    }
    words = {"name": "Enter their name", "channel": "Choose how we reach them"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"] = forms.ChoiceField(
            label=self.labels["channel"],
            choices=channels(),
            widget=forms.RadioSelect,
            error_messages={"required": self.words["channel"]},
        )
        if not self.instance.pk:
            self.initial.setdefault("channel", Message.Channel.EMAIL)
        elif self.instance.channel not in dict(channels()):
            self.initial["channel"] = self.instance.reached_by
        self.fields["phone"].validators.append(check_phone)
        self.fields["phone"].widget.input_type = "tel"
        self.fields["postal_address"].widget.attrs["rows"] = 4
        for name in {"what_helps", "access_needs"} & self.fields.keys():
            self.fields[name].widget.attrs["rows"] = 3

    def clean_email(self) -> str | None:
        email = (self.cleaned_data.get("email") or "").strip().lower() or None
        taken = Person.objects.exclude(pk=self.instance.pk).filter(email=email).first()
        if email and taken:
            raise ValidationError(self.taken_words(taken), code="taken")
        return email

    def taken_words(self, taken: Person) -> str:
        """What to say about an address that is somebody's already."""
        return (
            f"{taken.name} has this address already. Each person needs their own; put one that "
            "a household shares into the box below"
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        # One's own address for signing in has a page of its own.
        box = "email" if "email" in self.fields else "contact_email"
        email = cleaned.get("email") if box == "email" else self.instance.email
        needed = {
            Message.Channel.EMAIL: (box, email or cleaned.get("contact_email")),
            Message.Channel.LETTER: ("postal_address", cleaned.get("postal_address")),
            Message.Channel.PHONE: ("phone", cleaned.get("phone")),
            Message.Channel.TEXT: ("phone", texts.mobile(cleaned.get("phone") or "")),
        }
        words = {
            box: "Enter an e-mail address, or choose a letter or a phone call",
            "postal_address": "Enter a postal address, or choose another way",
            "phone": "Enter a phone number, or choose another way",
        }
        name, held = needed.get(cleaned.get("channel", ""), ("", True))
        if cleaned.get("channel") == Message.Channel.TEXT:
            words["phone"] = "Enter a UK mobile number such as 07700 900 123, or another way"
        if name and not held and name not in self.errors:
            self.add_error(name, words[name])
        return cleaned


class PersonForm(_ReachedForm):
    """What the forum holds about somebody, except what only they can say."""

    class Meta:
        model = Person
        fields = [
            "name",
            "email",
            "contact_email",
            "phone",
            "postal_address",
            "channel",
            "language",
            "what_helps",
        ]

    layout = [
        "name",
        Group(
            "How to reach them",
            "email",
            "contact_email",
            Field("phone", width=20),
            "postal_address",
            Pick("channel"),
            heading=True,
        ),
        Group("To take part well", Field("language", width=20), "what_helps", heading=True),
    ]
    submit = "Save the details"

    def __init__(self, *args: Any, own: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if own:
            self.fields["email"].disabled = True
            self.fields["email"].help_text = "Yours has its own page, under My details"


PLACES = [
    ("parent", "Sits for a group, as a parent"),
    ("staff", "Sits for a group, as its paid staff"),
    ("officer", "Works for a service, such as the council or the NHS"),
    ("", "Nothing yet"),
]


class AddPersonForm(PersonForm):
    """A new person with their place in the forum, in one go."""

    place = forms.ChoiceField(
        label="What do they do in the forum?",
        choices=PLACES,
        required=False,
        widget=forms.RadioSelect,
    )
    group = forms.ModelChoiceField(
        label="Which group do they sit for?",
        queryset=MemberGroup.objects.members(),
        required=False,
        empty_label="No group",
    )
    organisation = forms.ModelChoiceField(
        label="Which service do they work for?",
        queryset=Organisation.objects.all(),
        required=False,
        empty_label="None of these",
    )
    new_organisation = forms.CharField(
        label="Or the name of a new one", max_length=120, required=False
    )
    sector = forms.ChoiceField(
        label="Which part of the services is the new one?",
        choices=[("", "Choose"), *Sector.choices],
        required=False,
    )
    invite = forms.BooleanField(
        label="Send the invitation",
        required=False,
        initial=True,
        help_text="It says what the forum is and how to sign in. It goes to their own address.",
    )

    layout = [
        "name",
        Group(
            "What they do",
            Pick("place", quiet=True),
            "group",
            "organisation",
            Side("new_organisation", "sector"),
            heading=True,
        ),
        *PersonForm.layout[1:],
        "invite",
    ]

    def make_layout(self) -> list[Any]:
        another = Button("Add, and then another", name="another", value="1", look="quiet")
        return [*self.layout, Buttons(Button("Add this person"), another)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("place") in ("parent", "staff") and not cleaned.get("group"):
            self.add_error("group", "Choose the group that they sit for")
        if cleaned.get("place") == "officer":
            self._clean_organisation(cleaned)
        return cleaned

    def _clean_organisation(self, cleaned: dict[str, Any]) -> None:
        typed = (cleaned.get("new_organisation") or "").strip()
        if typed:
            known = Organisation.objects.filter(name__iexact=typed).first()
            if known is None and not cleaned.get("sector"):
                self.add_error("sector", "Choose which part of the services it is")
            cleaned["organisation"] = known or Organisation(
                name=typed, sector=cleaned.get("sector") or ""
            )
        elif not cleaned.get("organisation"):
            self.add_error("organisation", "Choose the service, or type the name of a new one")

    def person_fields(self) -> dict[str, Any]:
        """What belongs to the person's own row."""
        return {name: self.cleaned_data[name] for name in PersonForm.Meta.fields}


class MyDetailsForm(_ReachedForm):
    """One's own details, in one's own words."""

    class Meta:
        model = Person
        fields = [
            "name",
            "public_name",
            "contact_email",
            "phone",
            "postal_address",
            "channel",
            "language",
            "access_needs",
            "what_helps",
        ]

    labels = {
        **_ReachedForm.labels,
        "name": "Your name",
        "public_name": "How may the public read your name?",
        "channel": "How should we reach you?",
        "access_needs": "Your access needs",
        "what_helps": "What helps you to take part?",
    }
    hints = {
        **_ReachedForm.hints,
        "public_name": "In minutes and on your group’s page. Other members read your name",
        "contact_email": "A household’s, for letters only. It can’t be used for signing in",
        "access_needs": "Only you and the coordinator read this",
        "what_helps": "Such as a lift, or a break half way",
    }
    words = {"name": "Enter your name", "channel": "Choose how we reach you"}
    layout = [
        "name",
        Pick("public_name"),
        Group(
            "How we reach you",
            "contact_email",
            Field("phone", width=20),
            "postal_address",
            Pick("channel"),
            heading=True,
        ),
        Group(
            "So that you can take part",
            Field("language", width=20),
            "access_needs",
            "what_helps",
            heading=True,
        ),
    ]
    submit = "Save my details"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["public_name"] = forms.ChoiceField(
            label=self.labels["public_name"],
            help_text=self.hints["public_name"],
            choices=Person.PublicName.choices,
            widget=forms.RadioSelect,
            error_messages={"required": "Choose how the public may read your name"},
        )


class PeopleFilter(Form):
    """Narrowing the list of people."""

    q = forms.CharField(label="Name or e-mail address", required=False, max_length=100)
    group = forms.ModelChoiceField(
        label="Group",
        queryset=MemberGroup.objects.members(),
        required=False,
        to_field_name="slug",
        empty_label="Every group",
    )
    role = forms.ChoiceField(
        label="Role", choices=[("", "Every role"), *Role.Kind.choices], required=False
    )
    off = forms.BooleanField(label="Show those who are switched off too", required=False)

    layout = ["q", "group", "role", "off"]
    method = "get"
    submit = "Show these"


class RoleForm(Form):
    """A role that somebody gets from today on. Officers are made with their service."""

    kind = forms.ChoiceField(
        label="Which role?",
        widget=forms.RadioSelect,
        choices=[c for c in Role.Kind.choices if c[0] != Role.Kind.OFFICER],
    )
    submit = "Give this role"
