"""Bank details, as people type them. Never kept on the device, in a draft or in a session."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from coprod.forms import Button, Buttons, Field, Form, Link, Words
from expenses.accounts import Account, read_number, read_sort_code

#: No browser offers to remember it, or what somebody else typed on a shared phone.
QUIET = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}


class BankForm(Form):
    """Name, sort code and account number. Its fields' names are ones that are never shown again
    on a page that gives words back (``coprod.views.typed_words``)."""

    account_name = forms.CharField(max_length=70, widget=forms.TextInput(QUIET))
    sort_code = forms.CharField(
        max_length=30, widget=forms.TextInput({**QUIET, "inputmode": "numeric"})
    )
    account_number = forms.CharField(
        max_length=40, widget=forms.TextInput({**QUIET, "inputmode": "numeric"})
    )
    next = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    labels = {
        "account_name": "Name on the account",
        "sort_code": "Sort code",
        "account_number": "Account number",
    }
    hints = {
        "account_name": "As it stands on the card or in the banking app",
        "sort_code": "6 digits, such as 12-34-56",
        "account_number": "8 digits. Some older accounts have 6 or 7",
    }
    words = {
        "account_name": "Enter the name on the account",
        "sort_code": "Enter the sort code",
        "account_number": "Enter the account number",
    }

    def __init__(self, *args: Any, back_url: str, **kwargs: Any) -> None:
        self.back_url = back_url
        super().__init__(*args, **kwargs)

    def make_layout(self) -> Sequence[Any]:
        return [
            "account_name",
            Field("sort_code", width=10),
            Field("account_number", width=10),
            *self.more(),
            Buttons(Button("Save the bank details"), Link("Leave without saving", self.back_url)),
        ]

    def more(self) -> Sequence[Any]:
        """What a form for somebody else asks besides."""
        return []

    def clean_account_name(self) -> str:
        name = " ".join(self.cleaned_data["account_name"].split())
        if sum(character.isdigit() for character in name) > 4:
            raise ValidationError("Enter a name here. The numbers come below")
        return name

    def clean_sort_code(self) -> str:
        return _read(read_sort_code, self.cleaned_data["sort_code"])

    def clean_account_number(self) -> str:
        return _read(read_number, self.cleaned_data["account_number"])

    def account(self) -> Account:
        """What was typed, once it is valid."""
        said = self.cleaned_data
        return Account(said["account_name"], said["sort_code"], said["account_number"])


def _read(reader: Any, text: str) -> str:
    try:
        return str(reader(text))
    except ValueError as wrong:
        raise ValidationError(str(wrong)) from None


class PaperBankForm(BankForm):
    """A treasurer types the details of somebody who doesn't sign in, from a form they signed."""

    signed = forms.BooleanField()

    labels = {**BankForm.labels, "signed": "I have the form that they signed in front of me"}
    words = {**BankForm.words, "signed": "Say that you have the form that they signed"}

    def more(self) -> Sequence[Any]:
        return ["signed", Words("They get a letter with the last four digits.")]
