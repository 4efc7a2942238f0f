"""What the tracker can be narrowed by: GET only, so that it works without script and as a link."""

from collections.abc import Iterable
from typing import Any

from django import forms

from coprod.forms import Form
from projects.status import Status

#: What "last news" can be: an address' word and its words on the page.
QUIET, LATELY = "quiet", "month"
#: The level of a project that isn't on the ladder yet, in an address.
NOT_YET = "not-yet"

Choice = tuple[str, str]


class TrackerFilter(Form):
    """Status, rung, theme, who leads it, last news, words."""

    status = forms.ChoiceField(required=False)
    level = forms.ChoiceField(required=False)
    theme = forms.ChoiceField(required=False)
    lead = forms.ChoiceField(required=False)
    news = forms.ChoiceField(required=False)
    words_in = forms.CharField(required=False, max_length=100)

    labels = {
        "status": "Status",
        "level": "Rung on the ladder",
        "theme": "Theme",
        "lead": "Who leads it",
        "news": "Last news",
        "words_in": "Words in it",
    }
    method = "get"
    submit = "Show these"
    warn_before_leaving = False

    def __init__(self, *args: Any, choices: dict[str, list[Choice]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        anything = {
            "status": "Any status",
            "level": "Any rung",
            "theme": "Any theme",
            "lead": "Anyone",
            "news": "Any time",
        }
        for name, words in anything.items():
            field: Any = self.fields[name]
            field.choices = [("", words), *choices[name]]
        for name in ("theme", "lead"):
            if not choices[name]:
                del self.fields[name]

    @property
    def chosen(self) -> dict[str, str]:
        """What is chosen now; an odd value in an address counts as nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def in_words(self, name: str, value: str) -> str:
        """What is chosen, for the link that takes it away."""
        if name == "words_in":
            return f"“{value}”"
        field: Any = self.fields[name]
        return str(dict(field.choices)[value]).rpartition(" (")[0]


def status_choices(counts: dict[str, int]) -> Iterable[Choice]:
    """In the order of the tiles, each with how many there are."""
    return [(each.value, f"{each.label} ({counts.get(each, 0)})") for each in Status]
