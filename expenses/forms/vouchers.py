"""The drawer of vouchers: buying, handing over, and what is lost."""

from collections.abc import Sequence
from typing import Any

from django import forms

from coprod import clocks
from coprod.forms import Button, Buttons, Field, Form, Link, PlainDateField, Side
from coprod.templatetags.forum import day, plural
from coprod.templatetags.forum import pence as in_pounds
from expenses.forms.pounds import PoundsField
from expenses.forms.thanks import MOST as MOST_WORTH
from expenses.models import Heading, Recognition, VoucherBatch
from expenses.services.vouchers import MOST


class BuyForm(Form):
    """Vouchers of one shop and value that were bought together."""

    shop = forms.CharField(max_length=80)
    pence = PoundsField(most=MOST_WORTH)
    count = forms.IntegerField(min_value=1, max_value=MOST)
    bought_on = PlainDateField()
    expires_on = PlainDateField(required=False)
    heading = forms.ModelChoiceField(
        Heading.objects.none(), required=False, empty_label="No heading: it was paid elsewhere"
    )
    #: The newest batch that the page knew of: pressing twice buys once.
    after = forms.IntegerField(required=False, widget=forms.HiddenInput)

    labels = {
        "shop": "Which shop is it for?",
        "pence": "What is each worth?",
        "count": "How many did you buy?",
        "bought_on": "When did you buy them?",
        "expires_on": "When do they expire?",
        "heading": "From which heading of the budget?",
    }
    hints = {
        "shop": "As people know it",
        "expires_on": "Leave it empty if they don’t",
        "heading": "The sum is put down there as spent",
    }
    words = {
        "shop": "Enter the shop",
        "pence": "Enter what each is worth",
        "count": "Enter how many you bought",
        "bought_on": "Enter the day on which you bought them",
    }

    def __init__(self, *args: Any, back_url: str, **kwargs: Any) -> None:
        self.back_url = back_url
        super().__init__(*args, **kwargs)
        heading: Any = self.fields["heading"]
        heading.queryset = Heading.objects.current()
        self.fields["bought_on"].max_date = clocks.today()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        bought, ends = cleaned.get("bought_on"), cleaned.get("expires_on")
        if bought and ends and ends <= bought:
            self.add_error("expires_on", "Enter a day after the one on which you bought them")
        cleaned["after"] = cleaned.get("after") or 0
        return cleaned

    def make_layout(self) -> Sequence[Any]:
        return [
            Field("shop", width=20),
            Side(Field("pence", width=5, prefix="£"), Field("count", width=4)),
            Side(Field("bought_on", width=20), Field("expires_on", width=20)),
            "heading",
            "after",
            Buttons(Button("Put them in the drawer"), Link("Leave", self.back_url)),
        ]


class GiveForm(Form):
    """Which voucher goes to somebody, by its number."""

    batch = forms.ModelChoiceField(
        VoucherBatch.objects.none(), empty_label=None, widget=forms.RadioSelect
    )
    serial = forms.CharField(max_length=60)

    labels = {"batch": "Which voucher?", "serial": "The number on it"}
    hints = {"serial": "As printed on the voucher, so that it can be found again"}
    words = {"batch": "Choose a voucher", "serial": "Enter the number on the voucher"}

    def __init__(self, *args: Any, thanks: Recognition, back_url: str, **kwargs: Any) -> None:
        self.back_url = back_url
        super().__init__(*args, **kwargs)
        batch: Any = self.fields["batch"]
        batch.queryset = VoucherBatch.objects.to_give(thanks.pence, clocks.today())
        batch.label_from_instance = self._said
        first = batch.queryset.first()
        if first is not None:
            self.initial.setdefault("batch", first.pk)

    @staticmethod
    def _said(batch: Any) -> str:
        ends = f", until {day(batch.expires_on)}" if batch.expires_on else ""
        return f"{batch.shop}, {in_pounds(batch.pence)}{ends}: {batch.left} in the drawer"

    def make_layout(self) -> Sequence[Any]:
        return [
            "batch",
            Field("serial", width=20),
            Buttons(Button("Hand it over"), Link("Leave", self.back_url)),
        ]


class WriteOffForm(Form):
    """How many are gone, and what became of them."""

    count = forms.IntegerField(min_value=1, max_value=MOST)
    note = forms.CharField(max_length=200)
    #: The newest line of the ledger that the page showed.
    number = forms.IntegerField(required=False, widget=forms.HiddenInput)

    labels = {"count": "How many?", "note": "What happened to them?"}
    hints = {"note": "Such as “Expired before anybody chose them”. Name nobody"}
    words = {"count": "Enter how many", "note": "Enter what happened to them"}

    def __init__(self, *args: Any, back_url: str, left: int, **kwargs: Any) -> None:
        self.back_url = back_url
        super().__init__(*args, **kwargs)
        self.fields["count"].help_text = f"There are {plural(left, 'voucher')} in the drawer"

    def look_again(self, number: int) -> None:
        """After the ledger went on: what is sent next is about the newest line."""
        sent: Any = self.data.copy()  # type: ignore[attr-defined]
        sent[self.add_prefix("number")] = number
        self.data = sent

    def make_layout(self) -> Sequence[Any]:
        return [
            Field("count", width=4),
            "note",
            "number",
            Buttons(Button("Write them off"), Link("Leave", self.back_url)),
        ]
