"""What is written when a claim is decided: a question, a reason, who was there.

Each carries the number of the claim as it was read, so that nobody decides what they haven't seen.
"""

from typing import Any, ClassVar

from django import forms

from coprod.forms import Field, Form, Pick
from expenses.models import Claim, Heading

NO_CHILD = "Name no child, and nothing about anybody’s health."
#: Words that are easy to read for whoever is told no; what is typed comes after them.
KIND_WORDS: tuple[tuple[str, str], ...] = (
    (
        "rules",
        "Thank you for what you did. What you ask for isn’t among the things that our rules pay.",
    ),
    (
        "receipt",
        "Thank you for what you did. We can’t pay this without a receipt. If you find it, "
        "please claim again: nothing is lost.",
    ),
    ("twice", "Thank you for what you did. This has been paid already, by another claim."),
    (
        "other",
        "Thank you for what you did. Somebody else is to pay this, and we will tell you who.",
    ),
    ("own", ""),
)


class Decision(Form):
    """One decision about one claim, as it was when ``edit_no`` was its number."""

    edit_no = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, claim: Claim, **kwargs: Any) -> None:
        kwargs["initial"] = {"edit_no": claim.edit_no, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)

    @property
    def read(self) -> int:
        """The number of the claim that they read; -1, which is none, where it is missing."""
        number: int | None = self.cleaned_data.get("edit_no")
        return -1 if number is None else number


class AskForm(Decision):
    """A question to the claimant."""

    text = forms.CharField(max_length=1000, widget=forms.Textarea({"rows": 4}))

    labels: ClassVar = {"text": "What would you like to know?"}
    hints: ClassVar = {"text": f"One thing at a time is easiest to answer. {NO_CHILD}"}
    words: ClassVar = {"text": "Write what you would like to know"}
    submit = "Send the question"
    layout: ClassVar = [Field("text", count=1000)]


class DeclineForm(Decision):
    """Why not, in words that the claimant reads."""

    opening = forms.ChoiceField(
        choices=[(key, words or "I write it all myself") for key, words in KIND_WORDS],
        widget=forms.RadioSelect,
        initial="own",
    )
    more = forms.CharField(max_length=700, required=False, widget=forms.Textarea({"rows": 4}))

    labels: ClassVar = {"opening": "How does the answer begin?", "more": "What else, or your words"}
    hints: ClassVar = {
        "more": f"Say which line it is about, and what they can do now. {NO_CHILD}",
    }
    words: ClassVar = {"opening": "Choose how the answer begins"}
    submit = "Decline the claim"
    layout: ClassVar = [Pick("opening"), Field("more", count=700)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("opening") == "own" and not cleaned.get("more"):
            self.add_error("more", "Write why it is declined")
        return cleaned

    @property
    def reason(self) -> str:
        """What is kept and told: the words chosen, then those typed."""
        opening = dict(KIND_WORDS)[self.cleaned_data["opening"]]
        return f"{opening}\n\n{self.cleaned_data['more']}".strip()


class ReasonForm(Decision):
    """A reason and nothing else."""

    reason = forms.CharField(max_length=1000, widget=forms.Textarea({"rows": 4}))

    layout: ClassVar = [Field("reason", count=1000)]


class LateForm(ReasonForm):
    """Why a claim is accepted that came after the claim window."""

    labels: ClassVar = {"reason": "Why is it accepted although it came late?"}
    hints: ClassVar = {"reason": f"Such as “She was away with her family”. {NO_CHILD}"}
    words: ClassVar = {"reason": "Write why it is accepted"}
    submit = "Accept it"


class RefuseForm(ReasonForm):
    """Why the claim stays declined, after it was looked at again."""

    labels: ClassVar = {"reason": "Why does it stay declined?"}
    hints: ClassVar = {
        "reason": "They read this, and there is no further look. Say what you looked at. "
        f"{NO_CHILD}"
    }
    words: ClassVar = {"reason": "Write why it stays declined"}
    submit = "Say no for good"


class HeadingForm(Form):
    """Under which heading of the budget a line falls."""

    heading = forms.ModelChoiceField(
        Heading.objects.none(), widget=forms.RadioSelect, empty_label=None
    )

    labels: ClassVar = {"heading": "Which heading of the budget is it under?"}
    words: ClassVar = {"heading": "Choose a heading"}
    submit = "Save the heading"
    layout: ClassVar = [Pick("heading")]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["heading"]
        field.queryset = Heading.objects.current().order_by("name")


class AttendanceForm(Form):
    """Was there, or wasn't; a note helps whoever decides."""

    there = forms.ChoiceField(widget=forms.RadioSelect)
    note = forms.CharField(max_length=300, required=False, widget=forms.Textarea({"rows": 2}))

    labels: ClassVar = {"note": "A note for whoever decides"}
    hints: ClassVar = {"note": f"Such as “Came for the second half”. {NO_CHILD}"}
    submit = "Save the answer"
    layout: ClassVar = [Pick("there"), Field("note", count=300)]

    def __init__(self, *args: Any, claim: Claim, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, field = claim.person.name, self.fields["there"]
        assert isinstance(field, forms.ChoiceField)
        if claim.meeting_id:
            field.label = f"Was {name} there?"
            field.choices = [("yes", "Yes, was there"), ("no", "No, wasn’t there")]
        else:
            field.label = f"Was {name} asked to do this for the forum?"
            field.choices = [("yes", "Yes"), ("no", "No")]
        field.error_messages["required"] = "Choose yes or no"
