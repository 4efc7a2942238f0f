"""What is done with an entry of the log: a last look, its reply, taking it back."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from coprod import clocks
from coprod.forms import Button, Buttons, Field, Form, Group, Link, PlainDateField
from projects.forms.entry_pages import NO_CHILD, PAST_DAY, WORDS, AfterForm, SaidForm, need_reason
from projects.models import Involvement
from projects.services.involvement import Reply


class SaveForm(Form):
    """The last look before saving; a reason where it puts another entry right."""

    form_tag = False

    def __init__(self, *args: Any, puts_right: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if puts_right:
            self.fields["reason"] = forms.CharField(
                max_length=280,
                label="What was wrong?",
                help_text="The old entry stays readable, struck through, with this beside it",
                error_messages={"required": "Say what was wrong, in a few words"},
            )


class ReplyForm(Form):
    """What became of it, and how and when parents were told."""

    changed = forms.CharField(required=False, max_length=4000, widget=WORDS)
    unchanged = forms.CharField(required=False, max_length=4000, widget=WORDS)
    why = forms.CharField(required=False, max_length=4000, widget=WORDS)
    told_how = forms.CharField(max_length=200)
    replied_on = PlainDateField()

    labels = {
        **SaidForm.labels,
        "told_how": "How were parents told?",
        "replied_on": "On which day were they told?",
    }
    hints = {
        "changed": NO_CHILD,
        "told_how": AfterForm.hints["told_how"],
        "replied_on": PAST_DAY,
    }
    words = {
        "told_how": "Write how they were told",
        "replied_on": "Enter the day on which they were told",
    }
    submit = "Save the reply"
    layout: ClassVar[list[Any]] = [
        "changed",
        "unchanged",
        "why",
        Group("Telling parents", "told_how", "replied_on", heading=True),
    ]

    def __init__(self, *args: Any, entry: Involvement, **kwargs: Any) -> None:
        self.entry = entry
        self.keep = f"involvement-reply/{entry.pk}"
        kept = {name: getattr(entry, name) for name in ("changed", "unchanged", "why")}
        super().__init__(*args, initial={**kept, "replied_on": clocks.today()}, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not (cleaned.get("changed") or cleaned.get("unchanged")):
            self.add_error("changed", "Say what changed, or below what didn’t and why")
        need_reason(self, cleaned)
        day = cleaned.get("replied_on")
        if day and not self.entry.on <= day <= clocks.today():
            words = "They can’t have been told before they were asked"
            late = "Write it down once they have been told"
            self.add_error("replied_on", words if day < self.entry.on else late)
        return cleaned

    @property
    def reply(self) -> Reply:
        """What was typed, once it is valid."""
        fields = self.cleaned_data
        return Reply(
            on=fields["replied_on"],
            how=fields["told_how"],
            changed=fields["changed"],
            unchanged=fields["unchanged"],
            why=fields["why"],
        )


class TakeBackForm(Form):
    """Why an entry is taken back."""

    reason = forms.CharField(max_length=300, widget=forms.Textarea({"rows": 2}))

    labels = {"reason": "Why do you take it back?"}
    hints = {"reason": "The entry stays readable, struck through, with this beside it"}
    words = {"reason": "Say why, in a few words"}

    def __init__(self, *args: Any, back_url: str, **kwargs: Any) -> None:
        self.back_url = back_url
        super().__init__(*args, **kwargs)

    def make_layout(self) -> Sequence[Any]:
        buttons = Buttons(Button("Take it back"), Link("Leave it as it is", self.back_url))
        return [Field("reason", count=300), buttons]
