"""Forms of the rates and rules: a version as people type it, and the steps it takes."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from coprod.forms import Button, Buttons, Field, Form, Group, Link, PlainDateField, say_date
from expenses import version
from expenses.models import Policy
from expenses.pricing import tax_year_days
from expenses.services.miles import MOST, years_to_ask

_AMOUNT = re.compile(r"(£)?\s*(\d{1,7}(?:\.\d{1,4})?)\s*(p)?", re.IGNORECASE)


#: What an empty box means, for its hint.
EMPTY = {
    version.NOT_PAID: "Leave it empty if you don’t pay it",
    version.NO_LIMIT: "Leave it empty for no limit",
    version.NOT_COUNTED: "Leave it empty if you don’t count it",
}


class RateField(forms.CharField):
    """A rate in one box: ``45``, ``45p``, ``24.5p``, ``£0.45``; the value is pence.

    ``unit``: what a bare number means, p or £. ``whole``: no parts of a penny. A bare ``0.45``
    where pence are meant is asked about, since most who write it mean pounds.
    """

    def __init__(self, *, unit: str, most: int, whole: bool = False, **kwargs: Any) -> None:
        self.unit, self.most, self.whole = unit, most, whole
        kwargs.setdefault("max_length", 20)
        super().__init__(**kwargs)
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:
        """Pence as people write them; what was typed stays as it is."""
        if value is None or isinstance(value, str):
            return value
        if self.unit == "p":
            return f"{Decimal(value).normalize():f}"
        pounds = Decimal(value) / 100
        return f"{pounds:.0f}" if pounds == int(pounds) else f"{pounds:.2f}"

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        found = _AMOUNT.fullmatch(text.replace(",", ""))
        such = "45 or 24.5" if self.unit == "p" else "10 or 10.50"
        if found is None or (found[1] and found[3]):
            raise ValidationError(f"{self.label}: enter a figure such as {such}")
        amount = Decimal(found[2])
        if self.unit == "p" and not found[1] and not found[3] and 0 < amount < 1:
            asked = (
                f"{self.label}: is that {amount}p or £{amount}? Write “{amount}p” or “£{amount}”"
            )
            raise ValidationError(asked)
        pence = amount * 100 if found[1] or (self.unit == "£" and not found[3]) else amount
        return self._checked(pence)

    def _checked(self, pence: Decimal) -> Decimal | int:
        if pence > self.most:
            most = version.say_money(self.most)
            raise ValidationError(f"{self.label}: enter at most {most}. Check the decimal point")
        if pence != round(pence, 0 if self.whole else 2):
            smallest = "whole pence" if self.whole else "at most two figures after the penny"
            raise ValidationError(f"{self.label}: enter {smallest}")
        return int(pence) if self.whole else pence


class _SealedForm(Form):
    """Carries what its reader saw (``version.seal``), so that they decide on that alone."""

    seal = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def look_again(self, seal: str) -> None:
        """After a refusal the page shows the version as it is now: go by that."""
        sent: Any = self.data.copy()  # type: ignore[attr-defined]
        sent["seal"] = seal
        self.data = sent


class PolicyForm(_SealedForm):
    """Everything that a version says, one box each, laid out by ``version.TABLE``."""

    begins_on = PlainDateField()
    agreed_by = forms.CharField(required=False, max_length=200)
    note = forms.CharField(required=False, max_length=2000, widget=forms.Textarea({"rows": 3}))

    labels: ClassVar = {
        "begins_on": "From which day does it count?",
        "agreed_by": "Who agreed it, and when?",
        "note": "What is new, and why?",
    }
    hints: ClassVar = {
        "begins_on": "The day of a journey decides. It may lie in the past: then people get the "
        "difference",
        "agreed_by": "Such as “The steering group, 3 March 2026”. Needed before it is proposed",
    }
    words: ClassVar = {"begins_on": "Enter the day from which it counts"}
    submit = "Save this version"

    def __init__(self, *args: Any, policy: Policy, seal: str, back: str, **kwargs: Any) -> None:
        initial = {
            **version.values(policy),
            "begins_on": policy.begins_on,
            "agreed_by": policy.agreed_by,
            "note": policy.note,
            "seal": seal,
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.back = back
        for item in version.ITEMS.values():
            self.fields[item.name] = _field(item)

    def make_layout(self) -> Sequence[Any]:
        groups = [
            Group(heading, *(_box(item) for item in items), heading=True)
            for heading, items in version.TABLE
        ]
        return [
            "begins_on",
            Field("agreed_by"),
            Field("note", count=2000),
            *groups,
            Buttons(Button(self.submit), Link("Leave without saving", self.back)),
        ]

    def clean(self) -> dict[str, Any]:
        """Rates that need each other."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("car") is not None and self._is_empty("car_above"):
            self.add_error(
                "car_above", "Enter what a mile above the yearly miles pays, if only the same again"
            )
        for one, other in (("half_day", "full_day"), ("full_day", "half_day")):
            if cleaned.get(one) is not None and self._is_empty(other):
                label = version.ITEMS[other].label
                self.add_error(other, f"{label}: enter a sum, or leave both boxes empty")
        half, full = cleaned.get("half_day"), cleaned.get("full_day")
        if half is not None and full is not None and full < half:
            self.add_error("full_day", "A full day pays less than half a day: check both")
        return cleaned

    def _is_empty(self, name: str) -> bool:
        """Left empty, rather than filled with something that can't be read."""
        return self.cleaned_data.get(name) is None and name not in self.errors


def _field(item: version.Item) -> forms.Field:
    """The box of one figure. A rate may be left empty, which means what its hint says."""
    given: dict[str, Any] = {"label": item.label, "help_text": item.hint}
    if item.unit in ("p", "£"):
        if item.is_rate:
            noun = "Pence" if item.unit == "p" else "Pounds"
            parts = [f"{noun} {item.per}".strip(), *filter(None, [item.hint]), EMPTY[item.empty]]
            given["help_text"] = ". ".join(parts)
        else:
            given["error_messages"] = {"required": f"{item.label}: enter a sum, 0 for nothing"}
        whole = not item.is_rate
        return RateField(
            unit=item.unit, most=item.most, whole=whole, required=not item.is_rate, **given
        )
    if not item.unit:
        return forms.BooleanField(required=False, **given)
    least = 1 if item.name in ("window_days", "pay_days", "full_day_hours") else 0
    words = f"{item.label}: enter a whole number from {least} to {item.most:,}"
    codes = ("required", "invalid", "min_value", "max_value")
    return forms.IntegerField(
        min_value=least, max_value=item.most, error_messages=dict.fromkeys(codes, words), **given
    )


def _box(item: version.Item) -> Any:
    if item.unit == "p":
        return Field(item.name, width=5, suffix=f"p {item.per}")
    if item.unit == "£":
        return Field(item.name, width=5, prefix="£", suffix=item.per)
    if not item.unit:
        return item.name
    return Field(item.name, width=5, suffix=item.unit.partition(",")[2])


class BeginForm(Form):
    """From which day a new version counts; the rest is copied and then changed."""

    begins_on = PlainDateField()

    labels: ClassVar = {"begins_on": "From which day should the new version count?"}
    hints: ClassVar = {
        "begins_on": "You can change it later. Such as 6 April 2027 or 6/4/2027",
    }
    words: ClassVar = {"begins_on": "Enter the day from which it counts"}
    submit = "Begin a new version"


class StepForm(_SealedForm):
    """A step that asks nothing but whether it is what they read."""

    submit = "Go on"

    def __init__(self, *args: Any, submit: str, back: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submit, self.back = submit, back

    def make_layout(self) -> Sequence[Any]:
        return [Buttons(Button(self.submit), Link("Go back", self.back))]


class ReturnForm(_SealedForm):
    """Why a version isn't confirmed as it is."""

    reason = forms.CharField(max_length=1000, widget=forms.Textarea({"rows": 4}))

    labels: ClassVar = {"reason": "What should be different?"}
    hints: ClassVar = {"reason": "Whoever proposed it reads this, changes it and proposes it again"}
    words: ClassVar = {"reason": "Write what should be different"}
    submit = "Return it"
    layout: ClassVar = [Field("reason", count=1000)]


class MilesForm(Form):
    """Miles driven for others, in one tax year."""

    year = forms.TypedChoiceField(coerce=int, widget=forms.RadioSelect)
    miles = forms.IntegerField(min_value=0, max_value=MOST)

    labels: ClassVar = {
        "year": "Which year?",
        "miles": "How many miles did you drive for others in that year, by car?",
    }
    hints: ClassVar = {
        "miles": "For work or other volunteering, where somebody paid you by the mile. A good "
        "guess is fine. 0 if none",
    }
    words: ClassVar = {"year": "Choose the year", "miles": "Enter the miles, 0 if none"}
    submit = "Save these miles"

    def __init__(self, *args: Any, said: Mapping[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.said = said
        field = self.fields["year"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(year, _year(year, said)) for year in reversed(years_to_ask())]
        words = f"Enter a whole number of miles, from 0 to {MOST:,}"
        for code in ("invalid", "min_value", "max_value"):
            self.fields["miles"].error_messages[code] = words

    layout: ClassVar = ["year", Field("miles", width=10, suffix="miles")]


def _year(year: int, said: Mapping[int, int]) -> str:
    first, last = tax_year_days(year)
    known = f" (you said {said[year]:,} miles)" if year in said else ""
    return f"{say_date(first)} to {say_date(last)}{known}"
