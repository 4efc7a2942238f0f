"""Forms of the second step, of codes and of one's own address, in our look and words."""

from typing import Any, ClassVar

from allauth.mfa.base import forms as mfa
from allauth.mfa.recovery_codes.forms import GenerateRecoveryCodesForm
from allauth.mfa.totp.forms import ActivateTOTPForm, DeactivateTOTPForm
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError

from coprod.forms import Form
from coprod.forms.base import PcfFormMixin
from members.second_step import SecondStepAdapter

CODE_ATTRS = {
    "inputmode": "numeric",
    "class": "govuk-input--width-10",
    "autocomplete": "one-time-code",
}
#: A code of an app is taken for a minute and a half in all: so long it must not work twice.
ONCE_FOR = 120


class _CodeMixin(PcfFormMixin):
    """One box for a code: of the app, or one of the recovery codes."""

    labels = {"code": "Code"}
    hints = {"code": "Six digits from your app, or one of your recovery codes"}
    words = {"code": "Enter the code that your app shows"}
    warn_before_leaving = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attrs = {k: v for k, v in self.fields["code"].widget.attrs.items() if k != "placeholder"}
        self.fields["code"].widget.attrs = attrs | CODE_ATTRS

    def clean_code(self) -> str:
        """As allauth checks it, and never the same code twice."""
        code: str = super().clean_code()  # type: ignore[misc]
        used = f"second-step-used:{self.user.pk}:{code.replace(' ', '')}"  # type: ignore[attr-defined]
        if not cache.add(used, "y", timeout=ONCE_FOR):
            words = SecondStepAdapter.error_messages["incorrect_code"]
            raise ValidationError(words, code="incorrect_code")
        return code


class SecondStepForm(_CodeMixin, mfa.AuthenticateForm):
    """The second step while signing in."""

    submit = "Sign in"


class ProveByAppForm(_CodeMixin, mfa.ReauthenticateForm):
    """The same, from somebody who is signed in."""

    submit = "Go on"


class SetUpAppForm(_CodeMixin, ActivateTOTPForm):
    """The first code shows that the app has the secret."""

    hints = {"code": "Six digits: the app shows them under the forum’s name"}
    submit = "Switch on the second step"


class RemoveAppForm(PcfFormMixin, DeactivateTOTPForm):
    """Nothing to type: the button says it."""

    submit = "Take the app off"
    warn_before_leaving = False


class NewRecoveryCodesForm(PcfFormMixin, GenerateRecoveryCodesForm):
    """Nothing to type: the button says it."""

    submit = "Make new recovery codes"
    warn_before_leaving = False


UNREAD = "Your device’s answer couldn’t be read. Try again"


class AddPasskeyForm(PcfFormMixin, webauthn.AddWebAuthnForm):
    """The passkey itself comes from the browser, into a hidden field."""

    labels = {"name": "What do you call it?"}
    hints = {"name": "So that you know it again, such as “My phone”"}
    warn_before_leaving = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"].error_messages |= {
            "required": "Press the button and follow what your device asks",
            "invalid": UNREAD,
        }

    def clean(self) -> dict[str, Any]:
        """What a browser sends is never so; what somebody types instead may be anything."""
        try:
            cleaned: dict[str, Any] = super().clean() or {}
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            raise ValidationError(UNREAD) from error
        return cleaned


class RenamePasskeyForm(PcfFormMixin, webauthn.EditWebAuthnForm):
    """Another name for a passkey."""

    labels = {"name": "What do you call it?"}
    words = {"name": "Enter a name for it"}
    submit = "Save the name"


class CodeForm(Form):
    """A code from a letter, checked by the view that sent it."""

    code = forms.CharField(
        label="Code",
        max_length=12,
        help_text="Six digits from the e-mail that we sent you",
        widget=forms.TextInput(attrs=CODE_ATTRS),
    )
    words: ClassVar = {"code": "Enter the code from the e-mail"}
    submit = "Go on"
    warn_before_leaving = False


class AddressForm(Form):
    """The new address for signing in."""

    email = forms.EmailField(
        label="Your new e-mail address",
        help_text="Your own. We send a code there, to be sure that it is yours",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    words: ClassVar = {"email": "Enter your new e-mail address"}
    submit = "Send a code there"

    def __init__(self, *args: Any, present: str | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.present = present

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        if email == self.present:
            raise ValidationError("This is the address that we have already", code="same")
        return email
