"""Forms about the work itself: its words and dates, its end, its status, news, people, themes."""

from datetime import date
from typing import Any

from django import forms

from coprod import clocks
from coprod.forms import (
    Button,
    Buttons,
    Field,
    Form,
    Group,
    Link,
    ModelForm,
    Pick,
    PlainDateField,
    Side,
    StaleEditMixin,
)
from coprod.models import Forum
from members.models import Organisation, Person
from projects.models import Named, Project, Theme
from projects.services.people import may_be
from projects.status import Status
from projects.vague import Kind, VagueDate, understand


class ProjectForm(StaleEditMixin, ModelForm):
    """A project's words and dates. Dates that were guessed at, or aren't understood, are shown
    once before they are saved: ``checks`` lists them, and the same words sent again are saved.
    """

    review_on = PlainDateField(required=False)
    seen_started = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)
    seen_due = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)

    class Meta:
        model = Project
        fields = [
            *("title", "summary", "driver", "theme", "lead", "involved", "started_text"),
            *("due_text", "review_on", "wards", "is_public"),
        ]

    labels = {
        "title": "What is the work called?",
        "summary": "What it is",
        "driver": "Why it is done",
        "theme": "Theme",
        "lead": "Which service leads it?",
        "involved": "Who else is involved?",
        "started_text": "When does it start?",
        "due_text": "When is it due?",
        "review_on": "When do we look at it again?",
        "wards": "Where does it matter?",
        "is_public": "Show this project to everybody",
    }
    hints = {
        "summary": "In two lines, for somebody who hears of it for the first time",
        "driver": "Such as “Families told us at three open events that they give up on the form”",
        "involved": "Services and groups, as you would say it. No names of families",
        "started_text": "Or when did it? As exactly as you know: “3 May 2026”, “Jan 2026”, "
        "“autumn 2026”, “2026/27” or “TBC”",
        "due_text": "“31 May 2027”, “spring 2027”, “ongoing”, “every term” or “TBC”. "
        "Only a date that ends can become overdue",
        "review_on": "For work without an end. Leave it empty, and we ask in a year",
        "wards": "Parts of the area, if not all of it",
        "is_public": "Without the tick, only those who run the forum and the people named on it "
        "see that it exists",
    }
    words = {"title": "Enter what the work is called"}
    submit = "Save the project"

    def __init__(self, *args: Any, may_hide: bool, is_new: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_new = is_new
        self.checks: list[dict[str, str]] = []
        if not may_hide:
            del self.fields["is_public"]
        for name, model in (("theme", Theme), ("lead", Organisation)):
            field: Any = self.fields[name]
            field.queryset = model._default_manager.order_by("name")
            field.empty_label = "No theme yet" if name == "theme" else "Not said yet"
        for name in ("summary", "driver", "involved"):
            self.fields[name].widget = forms.Textarea(attrs={"rows": 3})
        for name in ("driver", "involved"):
            self.fields[name].max_length = 4000  # type: ignore[attr-defined]
        for name in ("started_text", "due_text"):
            self.fields[name].strip = False  # type: ignore[attr-defined]

    def make_layout(self) -> list[Any]:
        shown = ["wards"] + (["is_public"] if "is_public" in self.fields else [])
        label = "Add this project" if self.is_new else "Save the project"
        if self.checks:
            label = "It’s right, save it so"
        return [
            "title",
            Field("summary", count=1000),
            "driver",
            Group("Whose work it is", "lead", "involved", "theme", heading=True),
            Group(
                "Dates",
                Side("started_text", "due_text"),
                Field("review_on", width=20),
                hint="We keep your words as they are, and say how we understand them.",
                heading=True,
            ),
            Group("Where, and who sees it", *shown, heading=True),
            Buttons(Button(label)),
        ]

    def values(self) -> dict[str, Any]:
        """What the service sets."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields if name in self.fields}

    def dates(self) -> tuple[VagueDate, VagueDate]:
        """Both dates as they would be understood."""
        begins = Forum.current().year_begins
        start = understand(self.cleaned_data["started_text"], year_begins=begins)
        due = understand(self.cleaned_data["due_text"], near=start, year_begins=begins)
        return start, due

    def needs_check(self) -> bool:
        """Whether a changed date has to be looked at first; the page then shows ``checks``."""
        start, due = self.dates()
        if self.cleaned_data.get("seen_started") == start.text and (
            self.cleaned_data.get("seen_due") == due.text
        ):
            return False
        changed = set(self.changed_data)
        self.checks = [
            *_check("Start", start, start.as_start, "started_text" in changed),
            *_check("Due", due, due.in_words, bool({"started_text", "due_text"} & changed)),
        ]
        if self.checks:
            data: Any = self.data.copy()  # type: ignore[attr-defined]
            data[self.add_prefix("seen_started")] = start.text
            data[self.add_prefix("seen_due")] = due.text
            self.data = data
        return bool(self.checks)


def _check(label: str, read: VagueDate, words: str, changed: bool) -> list[dict[str, str]]:
    """One date to look at: nothing where it was clear, or stood there before."""
    if not changed or not (read.doubt or read.kind == Kind.UNREAD):
        return []
    return [{"label": label, "text": read.text.strip(), "words": words, "doubt": read.doubt}]


class CompleteForm(Form):
    """On which day it was completed, and what came of it."""

    on = PlainDateField(label="On which day was it completed?")
    text = forms.CharField(
        label="What came of it?",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="It stands on the project’s page as news of that day. You can leave it empty",
    )
    words = {"on": "Enter the day on which it was completed"}
    layout = [Field("on", width=20), Field("text", count=4000)]
    submit = "Mark it completed"

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > clocks.today():
            raise forms.ValidationError("Enter a day that has come already")
        return on


class OverrideForm(Form):
    """Another status than the dates give, with its reason."""

    status = forms.ChoiceField(
        label="Which status is right?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the status that is right"},
    )
    reason = forms.CharField(
        label="Why?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Everybody reads it, beside both statuses",
    )
    words = {"reason": "Say why the dates are wrong about it"}
    layout = [Pick("status"), Field("reason", count=300)]
    submit = "Show this status"

    def __init__(self, *args: Any, derived: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (status.value, status.label)
            for status in (Status.DUE_TO_START, Status.TO_COMPLETE, Status.OVERDUE)
            if status != derived
        ]
        self.fields["status"].choices = choices  # type: ignore[attr-defined]


class UpdateForm(Form):
    """What is new, in a few words."""

    text = forms.CharField(
        label="What’s new?",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Two or three sentences. No names of families or children",
    )
    on = PlainDateField(label="Of which day is this news?")
    words = {
        "text": "Write what is new",
        "on": "Enter the day",
    }
    layout = [Field("text", count=4000), Field("on", width=20)]
    submit = "Add this news"

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > clocks.today():
            raise forms.ValidationError("Enter today or a day that has been")
        return on


class ReviewForm(Form):
    """Ongoing work was looked at: what there is to say, and when the next time is."""

    next_on = PlainDateField(label="When do we look at it again?")
    text = forms.CharField(
        label="What did you find?",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="It stands on the project’s page as today’s news. You can leave it empty",
    )
    words = {"next_on": "Enter the day on which we look at it again"}
    layout = [Field("text", count=4000), Field("next_on", width=20)]
    submit = "It goes on"

    def clean_next_on(self) -> date:
        on: date = self.cleaned_data["next_on"]
        if on <= clocks.today():
            raise forms.ValidationError("Enter a day that lies ahead")
        return on


class NameForm(Form):
    """Who joins a project, and as what."""

    person = forms.ModelChoiceField(
        label="Who?",
        queryset=Person.objects.none(),
        empty_label="Choose a person",
        error_messages={"required": "Choose a person"},
    )
    part = forms.ChoiceField(
        label="As what?",
        choices=Named.Part,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what they are on this project"},
    )
    layout = ["person", Pick("part")]
    submit = "Name them on it"

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        person, part = cleaned.get("person"), cleaned.get("part")
        if person and part and not may_be(person, part):
            if part == Named.Part.REP:
                words = f"{person.name} has no seat in a member group. Choose “Officer”"
            else:
                words = f"{person.name} isn’t an officer. Choose “Representative”"
            self.add_error("part", words)
        return cleaned


class ThemeForm(Form):
    """A theme's name."""

    name = forms.CharField(label="Name of the theme", max_length=80)
    hints = {"name": "Short and plain, such as “Getting to school”"}
    words = {"name": "Enter a name for the theme"}
    layout = [Field("name", width=20)]
    submit = "Save the theme"

    def __init__(self, *args: Any, back: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.back = back

    def make_layout(self) -> list[Any]:
        if not self.back:
            return [Field("name", width=20), Buttons(Button("Add this theme"))]
        leave = Link("Leave it as it is", self.back)
        return [Field("name", width=20), Buttons(Button("Save the theme"), leave)]
