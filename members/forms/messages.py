"""Forms about messages: how a call ended, and how news reaches somebody."""

from typing import Any

from django import forms

from coprod import texts
from coprod.by_hand import Call
from coprod.forms import Form, Group, Pick
from coprod.models import Message
from members.models import Person

#: The three ways of news, as one would say them.
NEWS = [
    (Person.News.WEEKLY.value, "Once a week, together, on Monday morning"),
    (Person.News.EACH.value, "One by one, as it happens"),
    (Person.News.NONE.value, "No news, thank you"),
]


class CallForm(Form):
    """How a call ended, and what was said."""

    outcome = forms.ChoiceField(
        label="How did it go?", choices=Call.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label="What was said?",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Such as “Can come, needs a lift”",
    )
    words = {"outcome": "Choose how the call went"}
    layout = [Pick("outcome", across=True), "note"]
    form_tag = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        spoke = cleaned.get("outcome") == Call.SPOKE
        if spoke and not str(cleaned.get("note", "")).strip() and "note" not in self.errors:
            self.add_error("note", "Write what was said, if only “has heard it”")
        return cleaned


class NewsForm(Form):
    """When news comes."""

    news = forms.ChoiceField(label="When should news come?", choices=NEWS, widget=forms.RadioSelect)
    words = {"news": "Choose when news should come"}
    submit = "Save my choice"
    layout = [Pick("news")]


class ReachForm(NewsForm):
    """When news comes and how we reach somebody, who chooses among what we hold of them."""

    channel = forms.ChoiceField(label="How should we reach you?", widget=forms.RadioSelect)
    words = {**NewsForm.words, "channel": "Choose how we should reach you"}
    layout = [
        Group("News", Pick("news"), heading=True),
        Group("Reaching you", Pick("channel"), heading=True),
    ]

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["channel"]
        field.choices = ways(person)
        self.initial = {"news": person.news, "channel": person.reached_by, **self.initial}


def ways(person: Person) -> list[tuple[str, str]]:
    """The channels that work for this person, with what each would use."""
    channel = Message.Channel
    post = ", ".join(person.postal_address.split("\n")[:1])
    mobile = texts.mobile(person.phone) if texts.is_on() else ""
    held = [
        (channel.EMAIL.value, person.mail_address, f"By e-mail, to {person.mail_address}"),
        (channel.TEXT.value, mobile, f"By text message, to {person.phone}"),
        (channel.LETTER.value, post, f"By letter, to {post.strip()}"),
        (channel.PHONE.value, person.phone, f"By phone call, to {person.phone}"),
    ]
    return [(value, words) for value, has, words in held if has]
