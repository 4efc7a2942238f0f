"""Forms of the ladder: a claim, a confirmation, a new count, and the ladders themselves."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from coprod import clocks
from coprod.forms import Field, Form, Group, Pick, PlainDateField
from projects.ladder import NAMES
from projects.models import Confirmation, Ladder, Rung
from projects.services.claims import Decision
from projects.services.ladders import MOST, Step

NO_CHILD = "Everybody can read this, so name no child and no family"


def _choices(rungs: Sequence[Rung]) -> list[tuple[str, str]]:
    """Highest first, as on the ladder."""
    return [
        (str(rung.number), f"{rung.number}. {rung.name}")
        for rung in sorted(rungs, key=lambda rung: -rung.number)
    ]


class _RungForm(Form):
    """Picks one rung of the ladder in use; ``rung`` is None below it."""

    rung = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, *args: Any, rungs: Sequence[Rung], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rungs = {str(rung.number): rung for rung in rungs}
        field = self.fields["rung"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = _choices(rungs)

    @property
    def chosen(self) -> Rung:
        """The rung that was picked; a rung of level 0 for "No parents involved"."""
        none = Rung(number=0, level=0, name=NAMES[0])
        return self.rungs.get(self.cleaned_data["rung"], none)


class ClaimForm(_RungForm):
    """Which level an officer says a project has, and why."""

    reason = forms.CharField(max_length=1000, widget=forms.Textarea({"rows": 5}))

    labels: ClassVar = {"rung": "The level", "reason": "Why?"}
    hints: ClassVar = {"reason": f"What parents did, and what came of it. {NO_CHILD}"}
    words: ClassVar = {"rung": "Choose a level", "reason": "Write why it has this level"}
    submit = "Say that it has this level"
    layout: ClassVar = [Pick("rung"), Field("reason", count=1000)]


class _ReplacesMixin(Form):
    """Remembers which confirmation its reader was looking at (``replaces``)."""

    replaces = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def look_again(self, standing: Confirmation | None) -> None:
        """After a refusal: the page shows what stands now, so the form goes by that."""
        sent: Any = self.data.copy()  # type: ignore[attr-defined]
        sent[self.add_prefix("replaces")] = standing.pk if standing else ""
        self.data = sent


class ConfirmForm(_ReplacesMixin, _RungForm):
    """Which level a parents' meeting decided on."""

    decided_on = PlainDateField()
    decided_where = forms.CharField(max_length=200)
    minutes = forms.CharField(max_length=200, required=False)
    what = forms.CharField(max_length=1000, required=False, widget=forms.Textarea({"rows": 5}))

    labels: ClassVar = {
        "rung": "Which level did parents decide on?",
        "decided_on": "On which day did they decide?",
        "decided_where": "At which meeting?",
        "minutes": "Where are its minutes?",
        "what": "What did they decide, and why?",
    }
    hints: ClassVar = {
        "decided_where": "Such as “the parents’ meeting at the Corn Exchange”",
        "minutes": "The address of the page, if parents have decided to publish them",
        "what": f"Needed where the log proves another level. {NO_CHILD}",
    }
    words: ClassVar = {
        "rung": "Choose the level",
        "decided_on": "Enter the day of the meeting",
        "decided_where": "Say at which meeting parents decided",
    }
    submit = "Confirm this level"
    layout: ClassVar = [
        Pick("rung"),
        Group("The meeting", "decided_on", "decided_where", "minutes", heading=True),
        Field("what", count=1000),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day, rung = self.fields["decided_on"], self.fields["rung"]
        assert isinstance(day, PlainDateField)
        assert isinstance(rung, forms.ChoiceField)
        day.max_date = clocks.today()
        rung.choices = [*_choices(list(self.rungs.values())), ("0", NAMES[0])]

    def clean_minutes(self) -> str:
        """An address of ours as a path, or one of the web; never a script's."""
        address: str = self.cleaned_data["minutes"]
        ours = address.startswith("/") and not address.startswith(("//", "/\\"))
        if address and not ours and not address.startswith(("https://", "http://")):
            raise ValidationError(
                "Copy the whole address of the page, beginning with https://", code="invalid"
            )
        return address

    @property
    def decision(self) -> Decision:
        said = self.cleaned_data
        return Decision(said["decided_on"], said["decided_where"], said["minutes"], said["what"])


class EndConfirmationForm(_ReplacesMixin):
    """Why the forum doesn't confirm a level any more."""

    reason = forms.CharField(max_length=300, widget=forms.Textarea({"rows": 3}))

    labels: ClassVar = {"reason": "Why?"}
    hints: ClassVar = {"reason": f"It stands on the project’s page. {NO_CHILD}"}
    words: ClassVar = {"reason": "Write why the forum doesn’t confirm it any more"}
    submit = "End the confirmation"
    layout: ClassVar = [Field("reason", count=300)]


class RoundForm(Form):
    """From which day on is counted anew, and what begins."""

    name = forms.CharField(max_length=160)
    began_on = PlainDateField()

    labels: ClassVar = {"name": "What begins?", "began_on": "On which day did it begin?"}
    hints: ClassVar = {"name": "Such as “Writing the second contract”"}
    words: ClassVar = {"name": "Say what begins", "began_on": "Enter the day on which it began"}
    submit = "Begin the new count"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = self.fields["began_on"]
        assert isinstance(day, PlainDateField)
        day.max_date = clocks.today()


class LadderForm(Form):
    """A ladder's name and its rungs, lowest first; a rung without a name is left out."""

    name = forms.CharField(max_length=80)

    labels: ClassVar = {"name": "Name of the ladder"}
    hints: ClassVar = {"name": "Only you see it, where you choose between ladders"}
    words: ClassVar = {"name": "Enter a name for the ladder"}
    submit = "Save the ladder"
    #: What a rung stands on, in the words of the page about the rungs.
    LEVELS: ClassVar = [
        ("0", "No parent was involved"),
        ("1", "Parents were told"),
        ("2", "Parents were asked and answered"),
        ("3", "Parents did some of the work"),
        ("4", "Shared from the first idea on"),
    ]

    def __init__(self, *args: Any, ladder: Ladder | None = None, **kwargs: Any) -> None:
        rungs = list(ladder.rungs.all()) if ladder else []
        self.count = min(MOST, max(len(rungs) + 1, 5))
        kwargs.setdefault("initial", _as_initial(ladder, rungs))
        super().__init__(*args, **kwargs)
        for n in range(1, self.count + 1):
            self._add_rung(n)

    def _add_rung(self, n: int) -> None:
        self.fields[f"name_{n}"] = forms.CharField(max_length=60, required=False, label="Name")
        self.fields[f"level_{n}"] = forms.ChoiceField(
            choices=self.LEVELS,
            required=False,
            label="What it stands on",
            initial=str(min(n, 4)),
        )
        self.fields[f"meaning_{n}"] = forms.CharField(
            max_length=300, required=False, label="What it means, in one sentence"
        )

    def make_layout(self) -> Sequence[Any]:
        groups = [
            Group(f"Rung {n}", Field(f"name_{n}", width=20), f"level_{n}", f"meaning_{n}")
            for n in range(1, self.count + 1)
        ]
        return ["name", *groups]

    @property
    def steps(self) -> list[Step]:
        said = self.cleaned_data
        return [
            Step(said[f"name_{n}"], int(said[f"level_{n}"] or 0), said[f"meaning_{n}"])
            for n in range(1, self.count + 1)
            if said[f"name_{n}"]
        ]


def _as_initial(ladder: Ladder | None, rungs: Sequence[Rung]) -> dict[str, Any]:
    initial: dict[str, Any] = {"name": ladder.name} if ladder else {}
    for n, rung in enumerate(rungs, 1):
        initial |= {
            f"name_{n}": rung.name,
            f"level_{n}": str(rung.level),
            f"meaning_{n}": rung.meaning,
        }
    return initial
