"""Making a payment run, saying that it was paid, and that a payment came back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from coprod import clocks
from coprod.forms import Button, Buttons, Field, Form, Link, Pick, PlainDateField
from coprod.templatetags.forum import pence
from expenses.models import Payment, Run
from expenses.payables import Payable

#: By the name of a field: its question, and the hint beneath.
PARTS = {
    "bank": ("Into bank accounts", ""),
    "hand": ("By cheque or in cash", "These stand on a list to hand over"),
    "bare": (
        "No bank details",
        "Tick somebody to pay them by cheque instead, or wait for their bank details",
    ),
}


def part_of(payable: Payable) -> str:
    """Under which question something stands."""
    if payable.lacks_details:
        return "bare"
    return "hand" if payable.by_hand else "bank"


class RunForm(Form):
    """What goes into a run: all that can be paid is ticked."""

    key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    sure = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, payables: Sequence[Payable], back_url: str, **kwargs: Any):
        self.payables = {payable.key: payable for payable in payables}
        self.back_url = back_url
        super().__init__(*args, **kwargs)
        for name, (label, hint) in PARTS.items():
            mine = [payable for payable in payables if part_of(payable) == name]
            if mine:
                field = forms.MultipleChoiceField(
                    choices=[(payable.key, self._said(payable)) for payable in mine],
                    required=False,
                    label=label,
                    help_text=hint,
                    widget=forms.CheckboxSelectMultiple,
                    error_messages={"invalid_choice": "Something has changed. Look again"},
                )
                field.initial = [] if name == "bare" else [payable.key for payable in mine]
                self.fields[name] = field

    @staticmethod
    def _said(payable: Payable) -> str:
        part = payable.part
        where = " by cheque" if part.pay_by == "cheque" else " in cash"
        if payable.details is not None and part.pay_by == "bank":
            where = f" to the {payable.details.masked}"
        said = f"{payable.name}: {pence(part.pence)}{where if part.pence else ''}"
        said += f" ({payable.reference}, {payable.what})"
        if part.offset:
            said += f". {pence(part.offset)} of it was paid in advance"
        if payable.typed_by:
            said += f". Account typed from paper by {payable.typed_by}"
        if payable.came_back:
            said += f". Came back before: {payable.came_back}"
        return said

    def make_layout(self) -> Sequence[Any]:
        ticks = [Pick(name) for name in PARTS if name in self.fields]
        return [*ticks, Buttons(Button("Go on"), Link("Leave it for now", self.back_url))]

    def clean_key(self) -> UUID:
        """Which run it becomes, so that a button pressed twice makes one."""
        try:
            return UUID(self.cleaned_data["key"])
        except ValueError:
            raise ValidationError("Open this page again, and choose anew") from None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not self.chosen():
            raise ValidationError("Tick at least one payment")
        return cleaned

    def chosen(self) -> list[Payable]:
        """What is ticked."""
        keys = [key for name in PARTS for key in self.cleaned_data.get(name, [])]
        return [self.payables[key] for key in keys]


class PaidForm(Form):
    """On which day the bank paid."""

    paid_on = PlainDateField()

    labels = {"paid_on": "On which day did it leave the bank?"}
    hints = {"paid_on": "Such as 3 May 2026 or 3/5/2026"}
    words = {"paid_on": "Enter the day on which it left the bank"}

    def __init__(self, *args: Any, run: Run, back_url: str, **kwargs: Any) -> None:
        self.back_url = back_url
        super().__init__(*args, **kwargs)
        field: Any = self.fields["paid_on"]
        field.min_date, field.max_date = clocks.today(run.made_at), clocks.today()
        field.initial = clocks.today()

    def make_layout(self) -> Sequence[Any]:
        return [
            Field("paid_on", width=20),
            Buttons(Button("Mark as paid"), Link("Not paid yet", self.back_url)),
        ]


class CameBackForm(Form):
    """Why the bank sent a payment back."""

    reason = forms.CharField(max_length=300)

    labels = {"reason": "What does the bank say?"}
    hints = {"reason": "They read this. Such as “No account with this number”"}
    words = {"reason": "Enter what the bank says"}

    def __init__(self, *args: Any, payment: Payment, back_url: str, **kwargs: Any) -> None:
        self.back_url = back_url
        super().__init__(*args, **kwargs)
        if not payment.is_by_bank:
            reason = self.fields["reason"]
            reason.label, reason.help_text = "What happened?", "They read this"

    def make_layout(self) -> Sequence[Any]:
        return [
            "reason",
            Buttons(Button("Say that it came back"), Link("Go back", self.back_url)),
        ]
