"""Thank-yous: offering them, answering, handing over; and the letter for a benefits office."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from coprod import clocks
from coprod.forms import Button, Buttons, Field, Form, Link, Pick, PlainDateField, RowsField, Side
from coprod.templatetags.forum import pence as in_pounds
from expenses.forms.pounds import PoundsField
from expenses.models import Claim, Recognition
from expenses.services.recognition import Guest, has_read, rates_on
from members.models import Person

Kind = Recognition.Kind
ANSWERS = [
    ("accept", "Yes, thank you"),
    ("decline", "No, thank you"),
    ("give", "Give it to somebody else"),
]
#: What a voucher is worth at most: a slip of the finger must not make it £2,000.
MOST = 50_000
LENGTHS = [("half_day", "Half a day"), ("full_day", "A full day")]


def voucher_field() -> PoundsField:
    return PoundsField(required=False, most=MOST)


class _OfferForm(Form):
    """What is offered, the same for many and for one."""

    def use_kinds(self, kinds: Sequence[str]) -> None:
        kind: Any = self.fields["kind"]
        kind.choices = [(each, Kind(each).label) for each in kinds]

    def clean(self) -> dict[str, Any]:
        """A voucher says what it is worth."""
        cleaned = super().clean() or self.cleaned_data
        worth = cleaned.get("pence")
        if cleaned.get("kind") == Kind.VOUCHER and not worth and "pence" not in self.errors:
            self.add_error("pence", "Enter what the voucher is worth")
        cleaned["pence"] = worth or 0
        return cleaned


class MeetingOfferForm(_OfferForm):
    """One kind for those who came to a meeting as parents; whom, each by their own time."""

    kind = forms.ChoiceField(widget=forms.RadioSelect)
    pence = voucher_field()
    what_for = forms.CharField(required=False, max_length=200)
    people = RowsField(
        Person.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose people from the list"},
    )

    labels = {
        "kind": "What would you like to offer?",
        "pence": "What is each voucher worth?",
        "what_for": "What are you thanking them for?",
        "people": "Who is it for?",
    }
    hints = {
        "pence": "Only for vouchers",
        "what_for": "They read this in their message",
        "people": "Their time comes from the meeting’s register",
    }
    words = {"kind": "Choose what you would like to offer", "people": "Choose at least one person"}

    def __init__(
        self, *args: Any, guests: list[Guest], kinds: Sequence[str], back_url: str, **kwargs: Any
    ) -> None:
        self.back_url = back_url
        super().__init__(*args, **kwargs)
        self.use_kinds(kinds)
        said = {guest.person.pk: self._said(guest, Kind.HONORARIUM in kinds) for guest in guests}
        people: Any = self.fields["people"]
        people.queryset = Person.objects.filter(pk__in=said).order_by("name", "pk")
        people.label_from_instance = lambda person: said[person.pk]
        self.initial.setdefault("people", [guest.person.pk for guest in guests])

    @staticmethod
    def _said(guest: Guest, pays: bool) -> str:
        """Name, time, sum; and what they were offered for this meeting already."""
        words = guest.there.words
        if pays:
            words = guest.payment.workings if guest.payment else f"{words}: no payment"
        has = [Kind(kind).label.lower() for kind in sorted(guest.has)]
        again = f". Has been offered a {', a '.join(has)}" if has else ""
        return f"{guest.person.name}. {words}{again}"

    def make_layout(self) -> Sequence[Any]:
        return [
            Pick("kind"),
            Field("pence", width=5, prefix="£"),
            "what_for",
            Pick("people"),
            Buttons(Button("Send the offers"), Link("Leave without offering", self.back_url)),
        ]


class OneOfferForm(_OfferForm):
    """Something for one person, for work besides meetings."""

    person = forms.ModelChoiceField(Person.objects.none(), empty_label="Choose a person")
    what_for = forms.CharField(max_length=200)
    on = PlainDateField()
    kind = forms.ChoiceField(widget=forms.RadioSelect)
    length = forms.ChoiceField(required=False, choices=LENGTHS, widget=forms.RadioSelect)
    pence = voucher_field()

    labels = {
        "person": "Who is it for?",
        "what_for": "What are you thanking them for?",
        "on": "On which day was that?",
        "kind": "What would you like to offer?",
        "length": "How long did it take?",
        "pence": "What is the voucher worth?",
    }
    hints = {
        "what_for": "Such as “Reading draft letters”. Name no child and no family",
        "on": "If it took several days, the last one",
        "length": "Only for a thank-you payment: by the forum’s rates",
        "pence": "Only for a voucher",
    }
    words = {
        "person": "Choose who it is for",
        "what_for": "Enter what you are thanking them for",
        "on": "Enter the day of what they did",
        "kind": "Choose what you would like to offer",
    }

    def __init__(
        self, *args: Any, by: Person, kinds: Sequence[str], back_url: str, **kwargs: Any
    ) -> None:
        self.back_url = back_url
        super().__init__(*args, **kwargs)
        self.use_kinds(kinds)
        people: Any = self.fields["person"]
        people.queryset = thankable(by)
        self.fields["on"].max_date = clocks.today()  # type: ignore[attr-defined]
        if Kind.HONORARIUM not in kinds:
            del self.fields["length"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned.setdefault("length", "")
        if cleaned.get("kind") == Kind.HONORARIUM and cleaned.get("on"):
            _, rates = rates_on(cleaned["on"])
            if not cleaned["length"]:
                self.add_error("length", "Choose how long it took")
            elif not rates.get(cleaned["length"]):
                self.add_error("kind", "The forum’s rates hold no such payment for that day")
        return cleaned

    def make_layout(self) -> Sequence[Any]:
        length = [Pick("length", across=True)] if "length" in self.fields else []
        return [
            "person",
            "what_for",
            Field("on", width=20),
            Pick("kind"),
            *length,
            Field("pence", width=5, prefix="£"),
            Buttons(Button("Send the offer"), Link("Leave without offering", self.back_url)),
        ]


def thankable(by: Person) -> Any:
    """Who can be thanked: people with a seat, and who came or was invited as a parent."""
    seated = Q(pk__in=Person.objects.reps().values("pk"))
    invited = Q(invitations__capacity="parent")
    found = Person.objects.active().filter(seated | invited).exclude(pk=by.pk)
    return found.distinct().order_by("name", "pk")


class AnswerForm(Form):
    """Three choices that weigh the same; no reason is asked for any."""

    answer = forms.ChoiceField(choices=ANSWERS, widget=forms.RadioSelect)
    given_to = forms.CharField(required=False, max_length=160)

    labels = {"answer": "What would you like?", "given_to": "Who should have it instead?"}
    hints = {
        "answer": "All three are fine, and nobody asks why",
        "given_to": "Only if you give it to somebody else: a group, a charity, a person. "
        "Then it doesn’t count as paid to you here",
    }
    words = {"answer": "Choose what you would like"}

    def __init__(self, *args: Any, thanks: Recognition, back_url: str, **kwargs: Any) -> None:
        self.thanks, self.back_url = thanks, back_url
        kwargs.setdefault("initial", self.as_answered(thanks))
        super().__init__(*args, **kwargs)
        self.set_words()

    def set_words(self) -> None:
        """For whom it is asked; nothing to do where they answer themselves."""

    @staticmethod
    def as_answered(thanks: Recognition) -> dict[str, Any]:
        """What they said before."""
        state = Recognition.State
        said = {state.ACCEPTED: "accept", state.DECLINED: "decline", state.GIVEN_AWAY: "give"}
        return {"answer": said.get(thanks.state), "given_to": thanks.given_to}  # type: ignore[call-overload]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("answer") == "give" and not cleaned.get("given_to"):
            self.add_error("given_to", "Enter who should have it instead")
        return cleaned

    def make_layout(self) -> Sequence[Any]:
        return [
            Pick("answer"),
            "given_to",
            Buttons(Button("Send my answer"), Link("Decide later", self.back_url)),
        ]


def way_field() -> forms.ChoiceField:
    return forms.ChoiceField(choices=Claim.PayBy, widget=forms.RadioSelect)


class _HowForm(Form):
    """How a thank-you payment comes, and how much of it they would like."""

    def use_sum(self, thanks: Recognition) -> None:
        if thanks.kind != Kind.HONORARIUM:
            del self.fields["pay_by"], self.fields["pence"]
            return
        less: Any = self.fields["pence"]
        less.most = thanks.pence
        less.help_text = f"Leave it empty for all of it, {in_pounds(thanks.pence)}"
        self.initial.setdefault("pay_by", thanks.pay_by)

    @property
    def how(self) -> dict[str, Any]:
        """What the service takes, once it is valid."""
        fields = self.cleaned_data
        return {"pay_by": fields.get("pay_by", ""), "pence": fields.get("pence")}


class AcceptForm(_HowForm):
    """Accepting, beneath the page about benefits and tax where it hasn't been read."""

    pay_by = way_field()
    pence = PoundsField(required=False)

    labels = {"pay_by": "How should it come to you?", "pence": "Would you like to take less?"}
    words = {"pay_by": "Choose how it should come to you"}

    def __init__(self, *args: Any, thanks: Recognition, back_url: str, **kwargs: Any) -> None:
        self.thanks, self.back_url = thanks, back_url
        super().__init__(*args, **kwargs)
        self.is_new = thanks.has_value and not has_read(thanks.person_id)
        self.use_sum(thanks)

    def make_layout(self) -> Sequence[Any]:
        fields: list[Any] = []
        if "pay_by" in self.fields:
            fields = [Pick("pay_by"), Field("pence", width=5, prefix="£")]
        label = "I have read this, and accept" if self.is_new else "Accept"
        no = Button("No, thank you", name="decline", value="1", look="quiet")
        return [*fields, Buttons(Button(label), no, Link("Decide later", self.back_url))]


class NoteForm(AnswerForm, _HowForm):
    """An answer that somebody gave by phone or in person, noted by whoever heard it."""

    pay_by = way_field()
    pence = PoundsField(required=False)
    read = forms.BooleanField(required=False)

    labels = {
        "given_to": "Who should have it instead?",
        "pay_by": "If yes: how should it come to them?",
        "pence": "If yes: would they like less?",
        "read": "I have read them the words about benefits and tax",
    }
    hints = {
        "given_to": "Only if they give it to somebody else",
        "answer": "Don’t ask why: no reason is kept",
    }

    def set_words(self) -> None:
        answer: Any = self.fields["answer"]
        answer.label = f"What did {self.thanks.person.name} say?"
        answer.error_messages["required"] = f"Choose what {self.thanks.person.name} said"
        self.fields["pay_by"].required = False
        self.is_new = self.thanks.has_value and not has_read(self.thanks.person_id)
        self.use_sum(self.thanks)
        if not self.is_new:
            del self.fields["read"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.is_new and cleaned.get("answer") == "accept" and not cleaned.get("read"):
            self.add_error("read", "Read them the words about benefits and tax first")
        return cleaned

    def make_layout(self) -> Sequence[Any]:
        how = [Pick("pay_by"), Field("pence", width=5, prefix="£")]
        return [
            *(["read"] if self.is_new else []),
            Pick("answer"),
            "given_to",
            *(how if "pay_by" in self.fields else []),
            Buttons(Button("Keep this answer"), Link("Leave it as it is", self.back_url)),
        ]


class PeriodForm(Form):
    """From when to when the letter for a benefits office tells."""

    first = PlainDateField()
    last = PlainDateField()

    labels = {"first": "From", "last": "To"}
    words = {"first": "Enter the first day", "last": "Enter the last day"}
    submit = "Make the letter"
    warn_before_leaving = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first", "last"):
            self.fields[name].max_date = clocks.today()  # type: ignore[attr-defined]

    def make_layout(self) -> Sequence[Any]:
        return [Side(Field("first", width=20), Field("last", width=20))]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first"), cleaned.get("last")
        if isinstance(first, date) and isinstance(last, date) and last < first:
            self.add_error("last", "The last day can’t lie before the first")
        return cleaned
