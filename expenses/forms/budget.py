"""Forms of the budget, of other spending, of time given, and of the report’s days."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from coprod import clocks
from coprod.forms import Button, Buttons, Field, Form, Link, Pick, PlainDateField, Side
from coprod.templatetags.forum import day, pence
from expenses.budget import Loose, year_name
from expenses.forms.pounds import PoundsField
from expenses.models import Allocation, Heading
from expenses.services.budget import KINDS
from members.models import Person

#: Far above any forum's grant, so that a slip of the finger is noticed.
MOST = 50_000_000


class HeadingForm(Form):
    """What a heading is called and what falls under it by itself."""

    name = forms.CharField(max_length=80)
    kinds = forms.MultipleChoiceField(
        choices=list(KINDS.items()), required=False, widget=forms.CheckboxSelectMultiple
    )
    is_ring_fenced = forms.BooleanField(required=False)
    for_no_email = forms.BooleanField(required=False)

    labels = {
        "name": "What is the heading called?",
        "kinds": "What falls under it by itself?",
        "is_ring_fenced": "The sum may only be spent on this",
        "for_no_email": "It is for reaching people without e-mail",
    }
    hints = {
        "name": "Such as “Childcare” or “Rooms and events”",
        "kinds": "Each can stand under one heading only. It counts for what is sent from now on.",
        "is_ring_fenced": "We warn you when little of it is used late in the year",
        "for_no_email": "Everything that people without an e-mail address claim falls here, "
        "besides what you put under it, such as postage",
    }
    words = {"name": "Enter what the heading is called"}

    def __init__(self, *args: Any, heading: Heading | None, back_url: str, **kwargs: Any) -> None:
        self.heading, self.back_url = heading, back_url
        if heading is not None:
            kwargs["initial"] = {
                name: getattr(heading, name)
                for name in ("name", "kinds", "is_ring_fenced", "for_no_email")
            }
        super().__init__(*args, **kwargs)

    def make_layout(self) -> Sequence[Any]:
        label = "Save the heading" if self.heading else "Add the heading"
        buttons = Buttons(Button(label), Link("Go back", self.back_url))
        return ["name", Pick("kinds"), Pick("is_ring_fenced"), Pick("for_no_email"), buttons]


class AllocationForm(Form):
    """A heading's sum for one year, who gives it, and a note."""

    pence = PoundsField(least=0, most=MOST)
    from_whom = forms.CharField(max_length=120, required=False)
    note = forms.CharField(max_length=300, required=False)
    instead_of = forms.IntegerField(required=False, widget=forms.HiddenInput)

    words = {"pence": "Enter the sum for the year"}

    def __init__(self, *args: Any, year: int, current: Allocation | None, **kwargs: Any) -> None:
        if current is not None:
            kwargs["initial"] = {
                "pence": current.pence,
                "from_whom": current.from_whom,
                "note": current.note,
                "instead_of": current.pk,
            }
        super().__init__(*args, **kwargs)
        self.fields["pence"].label = f"Sum for {year_name(year)}"

    labels = {"from_whom": "Who gives the money?", "note": "A note"}
    hints = {
        "pence": "From 1 April to 31 March",
        "from_whom": "Such as the grant’s name. It stands in the funder’s report.",
        "note": "Such as why it changes",
    }
    layout = (
        Field("pence", width=10, prefix="£"),
        "from_whom",
        "note",
        Buttons(Button("Set the sum")),
    )


class SpendingForm(Form):
    """What the forum paid or ordered."""

    what = forms.CharField(max_length=200)
    pence = PoundsField(most=MOST)
    on = PlainDateField()
    heading = forms.ModelChoiceField(
        Heading.objects.none(), empty_label=None, widget=forms.RadioSelect
    )
    is_paid = forms.ChoiceField(
        choices=[("yes", "It is paid"), ("no", "It is ordered, and not paid yet")],
        widget=forms.RadioSelect,
        initial="yes",
    )

    labels = {
        "what": "What was it for?",
        "pence": "What did it cost?",
        "on": "On which day?",
        "heading": "Under which heading?",
        "is_paid": "Is it paid?",
    }
    hints = {
        "what": "Such as “Stamps for 22 letters”. Name nobody: it is read in reports.",
        "on": "The day of the invoice or receipt, such as 15 December 2026",
    }
    words = {
        "what": "Enter what it was for",
        "pence": "Enter what it cost",
        "on": "Enter the day",
        "heading": "Choose a heading",
        "is_paid": "Choose whether it is paid",
    }

    def __init__(self, *args: Any, back_url: str, **kwargs: Any) -> None:
        self.back_url = back_url
        super().__init__(*args, **kwargs)
        choice = self.fields["heading"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = Heading.objects.current()

    def clean_is_paid(self) -> bool:
        return bool(self.cleaned_data["is_paid"] == "yes")

    def make_layout(self) -> Sequence[Any]:
        return [
            "what",
            Field("pence", width=10, prefix="£"),
            "on",
            Pick("heading"),
            Pick("is_paid"),
            Buttons(Button("Add this spending"), Link("Go back", self.back_url)),
        ]


class TakeBackForm(Form):
    """Why something counts no more."""

    reason = forms.CharField(max_length=300)
    labels = {"reason": "Why is it taken back?"}
    hints = {"reason": "Such as “Entered twice”. It stays readable."}
    words = {"reason": "Enter why it is taken back"}
    submit = "Take it back"


class PutUnderForm(Form):
    """Ticks for what stands under no heading, and the heading where it belongs."""

    things = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    heading = forms.ModelChoiceField(
        Heading.objects.none(), empty_label=None, widget=forms.RadioSelect
    )
    labels = {"things": "What do you want to put?", "heading": "Under which heading?"}
    words = {"things": "Tick what you want to put", "heading": "Choose a heading"}
    layout = (Pick("things"), Pick("heading"), Buttons(Button("Put these under the heading")))

    def __init__(self, *args: Any, things: Sequence[Loose], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (each.key, f"{each.what}, {day(each.on)}: {pence(each.pence)}") for each in things
        ]
        named = self.fields["things"]
        assert isinstance(named, forms.MultipleChoiceField)
        named.choices = choices
        choice = self.fields["heading"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = Heading.objects.current()


class TimeForm(Form):
    """Hours that somebody gave for nothing: one’s own, or written down for somebody."""

    what = forms.CharField(max_length=200)
    on = PlainDateField()
    hours = forms.DecimalField(
        min_value=Decimal("0.25"), max_value=Decimal(24), max_digits=4, decimal_places=2
    )

    labels = {"what": "What did you do?", "on": "On which day?", "hours": "How many hours?"}
    hints = {
        "what": "Such as “Read the draft letter”. Name no child and no family.",
        "hours": "Such as 1.5. As well as you know.",
    }
    words = {
        "what": "Enter what you did",
        "on": "Enter the day",
        "hours": "Enter how many hours, such as 1.5",
    }

    def __init__(self, *args: Any, for_others: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        on = self.fields["on"]
        assert isinstance(on, PlainDateField)
        on.max_date = clocks.today()
        hours = self.fields["hours"]
        hours.widget.attrs["inputmode"] = "decimal"
        hours.error_messages["invalid"] = "Enter hours as a number, such as 1.5"
        hours.error_messages["min_value"] = "Enter a quarter of an hour or more"
        hours.error_messages["max_value"] = "Enter 24 hours or fewer"
        if for_others:
            self._ask_whose()

    def _ask_whose(self) -> None:
        people = Person.objects.active().filter(seats__ended_at__isnull=True, seats__isnull=False)
        self.fields["person"] = forms.ModelChoiceField(
            people.distinct().order_by("name", "pk"),
            label="Who gave the time?",
            help_text="They see it in their own list, and can take it back",
            empty_label="Choose a person",
            error_messages={"required": "Choose who gave the time"},
        )
        self.fields["what"].label = "What did they do?"

    def make_layout(self) -> Sequence[Any]:
        whose = ["person"] if "person" in self.fields else []
        button = Buttons(Button("Add this time"))
        return [*whose, "what", Side("on", Field("hours", width=5)), button]

    def clean_hours(self) -> Decimal:
        """Quarters of an hour are fine enough, and add up to whole minutes."""
        hours: Decimal = self.cleaned_data["hours"]
        if hours * 4 != int(hours * 4):
            raise ValidationError("Enter hours in quarters, such as 0.25, 1.5 or 2.75")
        return hours


class PeriodForm(Form):
    """The days of a report."""

    first = PlainDateField(required=False)
    last = PlainDateField(required=False)
    labels = {"first": "From", "last": "To"}
    hints = {"first": "Such as 1 April 2026", "last": "Such as 31 March 2027"}
    layout = (Side("first", "last"),)
    method = "get"
    submit = "Count these days"

    def clean(self) -> dict[str, Any]:
        """Both or neither, in order, and no more than two years."""
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first"), cleaned.get("last")
        if self.errors:
            return cleaned
        if bool(first) != bool(last):
            self.add_error("last" if first else "first", "Enter both days, or neither")
        elif first and last and not first <= last <= date(first.year + 2, first.month, 1):
            self.add_error("last", "Choose a day after the first one, within two years of it")
        return cleaned
