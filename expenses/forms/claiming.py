"""The pages of a claim that is being written: a photo, travel, other costs, a last look.

Each page is asked for ``said()``, what was typed, which is kept whatever it is worth, and for
``rows()``, what the page asks for in lines once it is right. Sums are pence.
"""

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from coprod import clocks
from coprod.forms import Field, Form, Pick, PlainDateField
from coprod.templatetags.forum import pence as in_pounds
from expenses.forms.numbers import Cost, Hours, Miles
from expenses.forms.parts import Fold, Way
from expenses.models import Claim, Line, Policy
from expenses.pricing import BY_MILE, to_the_penny

Kind = Line.Kind


# A page -------------------------------------------------------------------------------------------


class ClaimPage(Form):
    """One page of a claim. The template draws ``<form>`` and the buttons."""

    form_tag = False

    def __init__(self, *args: Any, claim: Claim, policy: Policy | None, **kwargs: Any) -> None:
        self.claim, self.policy = claim, policy
        super().__init__(*args, **kwargs)

    @property
    def rates(self) -> Mapping[str, Decimal]:
        """The rates of the claim's day; nothing where the forum has agreed none."""
        return {rate.kind: rate.pence for rate in self.policy.rates.all()} if self.policy else {}

    def said(self) -> dict[str, str]:
        """The boxes as they were typed."""
        names = [name for name in self.fields if name not in self.files]
        return {name: str(self.data[name]) for name in names if name in self.data}

    def rows(self) -> list[dict[str, Any]] | None:
        """What this page asks for; None while something on it isn't right."""
        if not self.is_valid():
            return None
        return [{k: v for k, v in row.items() if v not in (None, "")} for row in self.asked()]

    def asked(self) -> list[dict[str, Any]]:
        """The lines of a page that is right."""
        return []

    def _forget(self, *names: str) -> None:
        """Boxes that don't count with what was chosen: nothing in them can be wrong."""
        for name in names:
            self.errors.pop(name, None)
            self.cleaned_data[name] = None


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name)


class Photos(forms.FileField):
    """Any number of files; what they are is judged where they are kept."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        return list(data or [])


class PhotoForm(ClaimPage):
    """Photos of receipts, or why there is none. Miles need neither."""

    photos = Photos(required=False, widget=ManyFiles({"accept": "image/*,application/pdf"}))
    none = forms.BooleanField(required=False)
    why = forms.CharField(required=False, max_length=300)

    layout = ["photos", "none", "why"]
    labels = {
        "photos": "Take a photo, or choose one",
        "none": "I have no receipt for something I paid",
        "why": "Why is there none?",
    }
    hints = {
        "photos": "From your camera or your pictures, or a PDF. You can choose several. "
        "Where it was taken is removed before we keep it.",
        "why": "Such as “The machine was broken”.",
    }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["why"] = (cleaned.get("why") or "").strip()
        if cleaned.get("none") and not cleaned["why"] and "why" not in self.errors:
            self.add_error("why", "Say why there is no receipt, in a few words")
        return cleaned

    def said(self) -> dict[str, str]:
        """A reason counts without the tick."""
        boxes = super().said()
        return {**boxes, "none": "on"} if boxes.get("why", "").strip() else boxes


class TravelForm(ClaimPage):
    """How they came, and what it cost. Boxes of another way of travelling don't count."""

    CAR, NONE = "car", "none"
    WAYS = (
        (CAR, "My own car or van"),
        ("transport", "Bus, train or tram"),
        ("taxi", "Taxi"),
        ("bicycle", "Bicycle"),
        ("motorcycle", "Motorcycle"),
        ("other", "Something else"),
        (NONE, "Nothing to claim for travel"),
    )
    #: Which boxes count with which way.
    USES = {
        CAR: {"miles", "passengers", "with_whom", "parking", "elsewhere"},
        "motorcycle": {"miles", "parking"},
        "bicycle": {"miles"},
        "transport": {"fare"},
        "taxi": {"fare", "why_taxi"},
        "other": {"fare", "what"},
        NONE: set[str](),
    }

    by = forms.ChoiceField(choices=WAYS, widget=forms.RadioSelect)
    miles = Miles(required=False)
    passengers = forms.IntegerField(required=False, min_value=0, max_value=8)
    with_whom = forms.CharField(required=False, max_length=200)
    fare = Cost(required=False)
    why_taxi = forms.CharField(required=False, max_length=300)
    what = forms.CharField(required=False, max_length=200)
    parking = Cost(required=False)
    elsewhere = forms.IntegerField(required=False, min_value=0, max_value=200_000)

    labels = {
        "by": "The longest part of your journey",
        "miles": "Miles there and back",
        "passengers": "How many came with you?",
        "with_whom": "Who came with you?",
        "fare": "What it cost, there and back",
        "why_taxi": "Why a taxi?",
        "what": "What was it?",
        "parking": "Parking or tolls, if you paid",
        "elsewhere": "Miles you drove for other groups this year, if any",
    }
    hints = {
        "with_whom": "Their names, so that nobody is paid for the same journey. Name no child.",
        "why_taxi": "Such as “No bus that early”.",
        "what": "Such as “A lift that I paid petrol for”.",
        "elsewhere": "Since 6 April, as a volunteer or for work, claimed at a mileage rate. "
        "We ask once a year. Leave it empty if there were none.",
    }
    words = {"by": "Choose how you travelled"}

    def __init__(self, *args: Any, last_miles: str = "", asks_miles: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by: Any = self.fields["by"]
        by.choices = [way for way in self.WAYS if self._is_paid(way[0])]
        if last_miles:
            self.fields["miles"].help_text = f"Last time you put {last_miles}."
        each = to_the_penny(self.rates.get("passenger", Decimal(0)))
        extra = f"{each}p a mile more for each." if each else ""
        self.fields["passengers"].help_text = f"Who came to the same thing. {extra}".strip()
        if not asks_miles:
            del self.fields["elsewhere"]

    def _is_paid(self, way: str) -> bool:
        """Whether the forum has a rate for it; fares need none."""
        return self.policy is None or way not in BY_MILE or way in self.rates

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        by = cleaned.get("by")
        uses = self.USES.get(str(by), set())
        if by:
            self._forget(*(set(self.fields) - uses - {"by"}))
        if by in BY_MILE:
            self._need("miles", f"Enter {Miles.example}")
        elif "fare" in uses:
            self._need("fare", "Enter what it cost, such as 4.50")
        if by == "taxi":
            self._need("why_taxi", "Say why it had to be a taxi, in a few words")
        if by == "other":
            self._need("what", "Say what it was, in a few words")
        if cleaned.get("passengers"):
            self._need("with_whom", "Say who came with you")
        elif cleaned.get("with_whom"):
            self._need("passengers", "Say how many came with you")
        return cleaned

    def _need(self, name: str, words: str) -> None:
        if not self.cleaned_data.get(name) and name not in self.errors:
            self.add_error(name, words)

    @property
    def miles_elsewhere(self) -> int | None:
        """What to note for the year; None where it wasn't asked. An empty box means none."""
        if self.cleaned_data.get("by") != self.CAR or "elsewhere" not in self.fields:
            return None
        return self.cleaned_data.get("elsewhere") or 0

    def asked(self) -> list[dict[str, Any]]:
        said = self.cleaned_data
        by = said["by"]
        if by == self.NONE:
            return []
        row = {"kind": by, "what": said["what"], "reason": said["why_taxi"], "asked": said["fare"]}
        if by in BY_MILE:
            row |= {"miles": said["miles"], "with_whom": said["with_whom"]}
            row |= {"passengers": said["passengers"] or None}
        parked = [{"kind": Kind.PARKING.value, "asked": said["parking"]}] if said["parking"] else []
        return [row, *parked]

    def make_layout(self) -> Sequence[Any]:
        """Boxes of other ways of travelling are out of sight where a browser can do that."""
        company = ("passengers", "with_whom")
        is_open = any(self[name].value() or self[name].errors for name in company)
        elsewhere = [Field("elsewhere", width=5)] if "elsewhere" in self.fields else []
        car = Way("car", Fold("Somebody came with you?", Field("passengers", width=3), "with_whom",
                              is_open=is_open))  # fmt: skip
        return [
            Pick("by"),
            Way("car motorcycle bicycle", Field("miles", width=5)),
            car,
            Way("other", "what"),
            Way("transport taxi other", Field("fare", width=5, prefix="£")),
            Way("taxi", "why_taxi"),
            Way("car motorcycle", Field("parking", width=5, prefix="£")),
            *([Way("car", *elsewhere)] if elsewhere else []),
        ]


class CostsForm(ClaimPage):
    """Childcare and whatever else it cost. Never who was cared for."""

    childcare_hours = Hours(required=False)
    childcare_cost = Cost(required=False)
    childcare_by = forms.BooleanField(required=False)
    care_hours = Hours(required=False)
    care_cost = Cost(required=False)
    care_by = forms.BooleanField(required=False)
    meal_cost = Cost(required=False)
    phone_cost = Cost(required=False)
    printing_pages = forms.IntegerField(required=False, min_value=1, max_value=5000)
    other_what = forms.CharField(required=False, max_length=200)
    other_cost = Cost(required=False)

    labels = {
        "childcare_hours": "Hours of childcare",
        "childcare_cost": "What the childcare cost",
        "childcare_by": "By a relative who doesn’t live with us",
        "care_hours": "Hours of replacement care",
        "care_cost": "What the replacement care cost",
        "care_by": "By a relative who doesn’t live with us",
        "meal_cost": "What food and drink cost",
        "phone_cost": "What phone and data cost",
        "printing_pages": "Pages you printed",
        "other_what": "What was it?",
        "other_cost": "What that cost",
    }

    #: Each is a part of the page that can be opened: its name and its boxes.
    PARTS = (
        ("Childcare", ("childcare_hours", "childcare_cost", "childcare_by")),
        ("Care for an adult you look after", ("care_hours", "care_cost", "care_by")),
        ("Food and drink", ("meal_cost",)),
        ("Phone and data", ("phone_cost",)),
        ("Printing", ("printing_pages",)),
        ("Something else", ("other_what", "other_cost")),
    )

    def __init__(self, *args: Any, care_hours: Decimal | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rates = self.rates
        for kind in ("childcare", "care"):
            if self.policy and not self.policy.relatives_care:
                del self.fields[f"{kind}_by"]
            if kind in rates:
                most = in_pounds(to_the_penny(rates[kind]))
                self.fields[f"{kind}_cost"].help_text = f"Up to {most} an hour."
        if care_hours:
            hours = f"{care_hours.normalize():f}"
            self.fields[
                "childcare_hours"
            ].help_text = f"With the way there and back it may have been {hours}. Name no child."
        if self.policy:
            self._say_limits(self.policy)

    def _say_limits(self, policy: Policy) -> None:
        rates = self.rates
        most = "Paid"
        if "meal" in rates:
            most = f"Up to {in_pounds(to_the_penny(rates['meal']))} a day"
        self.fields["meal_cost"].help_text = (
            f"{most}, if you were away from home for {policy.meal_hours} hours or more "
            "and no meal was provided."
        )
        if "phone" in rates:
            limit = in_pounds(to_the_penny(rates["phone"]))
            self.fields["phone_cost"].help_text = f"Up to {limit}."
        if "printing" not in rates:
            del self.fields["printing_pages"]
        else:
            each = f"{rates['printing'].normalize():f}"
            self.fields["printing_pages"].help_text = f"{each}p a page, no receipt needed."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for kind, name in (("childcare", "childcare"), ("care", "replacement care")):
            self._pair(f"{kind}_hours", f"Enter the hours of {name}, such as 3 or 2.5",
                       f"{kind}_cost", f"Enter what the {name} cost, such as 24")  # fmt: skip
            if cleaned.get(f"{kind}_by") and not cleaned.get(f"{kind}_cost"):
                self._pair(f"{kind}_by", "", f"{kind}_cost", f"Enter what the {name} cost")
        self._pair("other_what", "Say what it was, in a few words", "other_cost",
                   "Enter what it cost, such as 5")  # fmt: skip
        return cleaned

    def _pair(self, one: str, words: str, other: str, more: str) -> None:
        """Both boxes or neither."""
        has = {name: self.cleaned_data.get(name) or name in self.errors for name in (one, other)}
        if has[one] and not has[other]:
            self.add_error(other, more)
        elif has[other] and not has[one] and words:
            self.add_error(one, words)

    def asked(self) -> list[dict[str, Any]]:
        said, rows = self.cleaned_data, []
        for kind in (Kind.CHILDCARE.value, Kind.CARE.value):
            if said[f"{kind}_cost"]:
                row = {"kind": kind, "hours": said[f"{kind}_hours"], "asked": said[f"{kind}_cost"]}
                rows.append({**row, "by_relative": said.get(f"{kind}_by") or None})
        for kind in (Kind.MEAL.value, Kind.PHONE.value):
            if said[f"{kind}_cost"]:
                rows.append({"kind": kind, "asked": said[f"{kind}_cost"]})
        if said.get("printing_pages"):
            rows.append({"kind": Kind.PRINTING.value, "pages": said["printing_pages"]})
        if said["other_cost"]:
            other = {"kind": Kind.OTHER.value, "what": said["other_what"]}
            rows.append({**other, "asked": said["other_cost"]})
        return rows

    def make_layout(self) -> Sequence[Any]:
        """One part after the other; one with something in it, or something wrong, stands open."""
        found = []
        for title, names in self.PARTS:
            boxes = [name for name in names if name in self.fields]
            is_open = any(self[name].value() or self[name].errors for name in boxes)
            if boxes:
                found.append(Fold(title, *(_drawn(name) for name in boxes), is_open=is_open))
        return found


def _drawn(name: str) -> Any:
    if name.endswith("_cost"):
        return Field(name, width=5, prefix="£")
    return Field(name, width=5) if name.endswith(("_hours", "_pages")) else name


class CheckForm(ClaimPage):
    """The last look: how to be paid, what is still missing, and the claimant's word for it."""

    why = forms.CharField(max_length=300)
    late_reason = forms.CharField(max_length=1000, widget=forms.Textarea({"rows": 3}))
    pay_by = forms.ChoiceField(choices=Claim.PayBy, widget=forms.RadioSelect)
    declared = forms.BooleanField()
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    labels = {
        "why": "Why is there no receipt?",
        "late_reason": "Why does it come late?",
        "pay_by": "How would you like to be paid?",
        "declared": "I spent this, and nobody else pays it back to me",
    }
    words = {
        "why": "Say why there is no receipt, or add a photo of it",
        "late_reason": "Say why it comes late, in a few words",
        "pay_by": "Choose how you would like to be paid",
        "declared": "Tick that you spent this and nobody else pays it back",
    }

    def __init__(
        self,
        *args: Any,
        needs_why: bool,
        late_by: str = "",
        account: str = "",
        whose: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if not needs_why:
            del self.fields["why"]
        else:
            most = in_pounds(self.policy.lost_receipt_most) if self.policy else ""
            extra = f" Above {most} we may ask you about it." if most else ""
            self.fields["why"].help_text = f"Such as “The machine was broken”.{extra}"
        if late_by:
            self.fields["late_reason"].help_text = late_by
        else:
            del self.fields["late_reason"]
        if whose:
            del self.fields["declared"]
            self.fields["pay_by"].label = f"How would {whose} like to be paid?"
        self._name_ways(account, whose)

    def _name_ways(self, account: str, whose: str) -> None:
        bank = f"To the bank {account}" if account else "To a bank account"
        if not whose:
            bank = f"To my bank {account}" if account else "To my bank account"
        field: Any = self.fields["pay_by"]
        names = {Claim.PayBy.BANK: bank}
        field.choices = [(way, names.get(way, way.label)) for way in Claim.PayBy]


# Beginning ----------------------------------------------------------------------------------------


class BeginForm(Form):
    """Something that was no meeting of ours: what and when."""

    occasion = forms.CharField(max_length=160)
    on = PlainDateField()
    key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    labels = {"occasion": "What was it?", "on": "Which day was it?"}
    hints = {
        "occasion": "Such as “Training day on short breaks”. Name no child.",
        "on": "Such as 3 May 2026 or 3/5/2026",
    }
    words = {"occasion": "Say what it was, in a few words", "on": "Enter the day"}
    layout = ["occasion", "on"]
    submit = "Go on to the receipt"

    def clean_on(self) -> Any:
        day = self.cleaned_data["on"]
        if day > clocks.today():
            raise ValidationError("Ask for your money back once it has been: this day lies ahead")
        return day

    def clean_key(self) -> uuid.UUID:
        try:
            return uuid.UUID(self.cleaned_data["key"])
        except ValueError:
            return uuid.uuid4()
