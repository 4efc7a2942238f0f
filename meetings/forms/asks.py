"""What parents asked: finding it, putting it to somebody, answering it."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django import forms

from coprod import clocks
from coprod.forms import Button, Buttons, Field, Form, Link, Pick, PlainDateField, say_date
from coprod.templatetags.forum import day, nl2p
from meetings.forms.attendance import via_field
from meetings.models import Answer, Ask, AskState, Via

Outcome = Answer.Outcome
#: Said wherever people type what everybody reads.
NO_CHILD = "Everybody reads this. Please name no child, no parent and nobody’s health"


class AskFilter(Form):
    """Narrow the list: what became of it, whose it is, which project, words."""

    state = forms.ChoiceField(required=False)
    whom = forms.ChoiceField(required=False)
    project = forms.ChoiceField(required=False)
    text = forms.CharField(required=False, max_length=100)

    labels = {
        "state": "What became of it",
        "whom": "Who was asked",
        "project": "Project",
        "text": "Words",
    }
    method = "get"
    submit = "Show these"
    warn_before_leaving = False

    def __init__(
        self,
        *args: Any,
        whom: Iterable[str],
        projects: Iterable[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.set_choices("state", AskState.choices, "Anything")
        self.set_choices("whom", [(each, each) for each in whom], "Anybody")
        self.set_choices("project", projects, "Any project")

    def set_choices(self, name: str, choices: Iterable[tuple[str, str]], all_of: str) -> None:
        field: Any = self.fields[name]
        field.choices = [("", all_of), *choices]

    @property
    def chosen(self) -> dict[str, str]:
        """What is chosen now; an odd value in an address counts as nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def in_words(self, name: str, value: str) -> str:
        if name == "text":
            return f"“{value}”"
        choices: Any = self.fields[name]
        return str(dict(choices.choices)[value])


class HeardForm(Form):
    """What parents asked outside a meeting: where and when, never who."""

    text = forms.CharField(max_length=1000, widget=forms.Textarea({"rows": 4}))
    said_where = forms.CharField(max_length=200)
    said_on = PlainDateField()
    of_whom = forms.CharField(max_length=120)

    labels = {
        "text": "What do parents ask?",
        "said_where": "Where was it said?",
        "said_on": "When?",
        "of_whom": "Whom do they ask?",
    }
    hints = {
        "text": NO_CHILD,
        "said_where": "Such as “Open morning at the library” or “A call to the office”",
        "of_whom": "A service or a team, not a person",
    }
    words = {
        "text": "Enter what parents ask",
        "said_where": "Enter where it was said",
        "said_on": "Enter the day on which it was said",
        "of_whom": "Enter the service that should answer",
    }
    submit = "Add it"

    def __init__(self, *args: Any, projects: Any = None, ask: Ask | None = None, **kwargs: Any):
        if ask is not None:
            names = ("text", "said_where", "said_on", "of_whom")
            kwargs.setdefault("initial", {name: getattr(ask, name) for name in names})
        super().__init__(*args, **kwargs)
        said_on: Any = self.fields["said_on"]
        said_on.max_date = clocks.today()
        self.with_project = projects is not None
        if projects is not None:
            self.fields["project"] = project_field(projects)
        else:
            self.submit = "Save the words"

    def make_layout(self) -> Sequence[Any]:
        more = ["project"] if self.with_project else []
        return [
            Field("text", count=1000),
            "said_where",
            Field("said_on", width=20),
            "of_whom",
            *more,
        ]


def project_field(projects: Any, initial: Any = None) -> forms.ModelChoiceField:
    """Which project something is about, among those that its reader may see."""
    return forms.ModelChoiceField(
        projects,
        required=False,
        label="Which project is it about?",
        empty_label="None",
        initial=initial,
        help_text="It then stands on that project’s page, too",
    )


class ProjectForm(Form):
    """Which project an ask is about."""

    submit = "Save"

    def __init__(self, *args: Any, projects: Any, initial_project: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"] = project_field(projects, initial_project)


class OfficerChoice(forms.ModelChoiceField):
    """Officers by name and organisation."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}, {obj.answers_for}"


class NameForm(Form):
    """Who must answer, and by when where the words don't say it."""

    words = {"person": "Choose who must answer", "answer_by": "Enter the day for the answer"}

    def __init__(self, *args: Any, ask: Ask, officers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask, self.back = ask, ask.get_absolute_url()
        self.fields["person"] = OfficerChoice(
            officers,
            label="Who must answer?",
            empty_label="Choose an officer",
            initial=ask.answerer_id,
            help_text="They get a message at once, with a link to the page for the answer",
            error_messages={"required": "Choose who must answer"},
        )
        if ask.due_on is None:
            today = clocks.today()
            self.fields["answer_by"] = PlainDateField(
                label="By when?",
                help_text=f"Such as {say_date(today + timedelta(days=28))}, in four weeks",
                initial=ask.answer_by,
                error_messages={"required": "Enter the day for the answer"},
            )

    def make_layout(self) -> Sequence[Any]:
        dates = [Field("answer_by", width=20)] if "answer_by" in self.fields else []
        return ["person", *dates, Buttons(Button("Ask them"), Link("Leave", self.back))]


class ExtendForm(Form):
    """A new day for the answer, and why."""

    until = PlainDateField()
    reason = forms.CharField(max_length=300, widget=forms.Textarea({"rows": 3}))

    labels = {"until": "The new day", "reason": "Why does it take longer?"}
    hints = {"reason": NO_CHILD}
    words = {"until": "Enter the new day", "reason": "Say why it takes longer"}
    layout = [Field("until", width=20), Field("reason", count=300)]
    submit = "Give the new day"


class ChangedForm(Form):
    """What changed for families."""

    changed = forms.CharField(max_length=2000, widget=forms.Textarea({"rows": 5}))

    labels = {"changed": "What changed for families?"}
    hints = {"changed": NO_CHILD}
    words = {"changed": "Enter what changed"}
    layout = [Field("changed", count=2000)]
    submit = "Save what changed"


class AnswerForm(Form):
    """Done, will do, partly or not possible; the reason; what changed.

    First typed, then looked at as ``rows``, then sent.
    """

    outcome = forms.ChoiceField(
        choices=[
            (Outcome.DONE, "Done: it has happened"),
            (Outcome.WILL_DO, "Will do: it will happen by a day"),
            (Outcome.PARTLY, "Partly: some of it, and why not all"),
            (Outcome.NOT_POSSIBLE, "Not possible, and why"),
        ],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(max_length=4000, widget=forms.Textarea({"rows": 6}))
    will_do_by = PlainDateField(required=False)
    reason = forms.CharField(required=False, max_length=2000, widget=forms.Textarea({"rows": 4}))
    changed = forms.CharField(required=False, max_length=2000, widget=forms.Textarea({"rows": 4}))

    labels = {
        "outcome": "What is your answer?",
        "text": "Your answer to parents",
        "will_do_by": "If you will do it: by when?",
        "reason": "If partly or not possible: why?",
        "changed": "What has changed for families?",
    }
    hints = {
        "text": NO_CHILD,
        "will_do_by": "We ask again on that day",
        "reason": "Parents read it beside your answer",
        "changed": "Leave it empty if nothing has changed yet. You can come back and add it",
    }
    words = {"outcome": "Choose your answer", "text": "Write your answer to parents"}

    def __init__(
        self,
        *args: Any,
        ask: Ask,
        written_down: bool,
        back: str,
        corrects: bool = False,
        **kwargs: Any,
    ) -> None:
        """``corrects``: begin with the words of the newest answer."""
        kept: dict[str, Any] = {"changed": ask.changed}
        if corrects and (newest := ask.newest_answer) is not None:
            names = ("outcome", "text", "will_do_by", "reason")
            kept |= {name: getattr(newest, name) for name in names}
        kwargs["initial"] = kept | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.back, self.written_down = back, written_down
        self.keep = "" if written_down else f"ask/{ask.pk}"
        if written_down:
            self.fields["via"] = via_field()
            self.fields["outcome"].label = "What is their answer?"
            self.fields["text"].label = "Their answer to parents"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        outcome, by = cleaned.get("outcome"), cleaned.get("will_do_by")
        if outcome == Outcome.WILL_DO and "will_do_by" not in self.errors:
            if by is None:
                self.add_error("will_do_by", "Enter the day by which it will be done")
            elif by < clocks.today():
                self.add_error("will_do_by", "Enter a day from today on")
        says_why = outcome in (Outcome.PARTLY, Outcome.NOT_POSSIBLE)
        if says_why and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Say why. Parents read your reason with the answer")
        return cleaned

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What was typed, to check before it is sent."""
        given = self.cleaned_data
        shown = {
            "outcome": Outcome(given["outcome"]).label,
            "text": nl2p(given["text"]),
            "will_do_by": day(given["will_do_by"]) if given["outcome"] == Outcome.WILL_DO else "",
            "reason": nl2p(given["reason"]),
            "changed": nl2p(given["changed"]),
            "via": Via(given.get("via", "")).label if given.get("via") else "",
        }
        names = {"will_do_by": "By", "reason": "Why", "changed": "What has changed"}
        names |= {"outcome": "Answer", "text": "In words", "via": "How it reached you"}
        return [{"label": names[name], "value": value} for name, value in shown.items() if value]

    def make_layout(self) -> Sequence[Any]:
        heard = [Pick("via", across=True)] if "via" in self.fields else []
        return [
            Pick("outcome"),
            Field("text", count=4000),
            Field("will_do_by", width=20),
            Field("reason", count=2000),
            Field("changed", count=2000),
            *heard,
            Buttons(Button("Check the answer", name="do", value="look"), *self._leave()),
        ]

    def _leave(self) -> list[Link]:
        return [Link("Leave without answering", self.back)] if self.back else []


class MoveForm(Form):
    """What becomes of an ask whose line has gone: another line of the same minutes, or off."""

    submit = "Go on"

    def __init__(self, *args: Any, lines: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        if self.lines:
            self.fields["line"] = forms.ModelChoiceField(
                lines,
                required=False,
                label="What becomes of it?",
                help_text="A line of the same minutes can take over the officer and the answers",
                empty_label="Take it off: nobody is asked any more",
                widget=forms.RadioSelect,
            )
        else:
            self.submit = "Take it off"


class LinesForm(Form):
    """For each decision and ask of a meeting, the project that it is about.

    A line that has none yet begins with the project of its agenda item.
    """

    submit = "Save the projects"

    def __init__(self, *args: Any, lines: Iterable[Any], projects: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Read once, however many lines there are.
        self.known = {project.pk: project for project in projects}
        titles = [(pk, project.title) for pk, project in self.known.items()]
        for line in lines:
            kind = "Decision" if line.WORD == "decision" else "Ask"
            self.fields[self.name_of(line)] = forms.TypedChoiceField(
                label=f"{kind}: {line.text}",
                required=False,
                coerce=int,
                empty_value=None,
                initial=line.project_id or line.paragraph.section.item.project_id,
                choices=[("", "None"), *titles],
            )

    @staticmethod
    def name_of(line: Any) -> str:
        return f"{line.WORD}-{line.pk}"

    @property
    def chosen(self) -> dict[str, Any]:
        """Field name to project, or None."""
        return {name: self.known.get(pk) for name, pk in self.cleaned_data.items()}
