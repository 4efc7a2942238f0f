"""allauth's forms in our look and words; what they check stays allauth's."""

from typing import Any

from allauth.account import forms as allauth

from coprod.forms import PcfFormMixin

EMAIL = {"email": "E-mail address"}
EMAIL_WORDS = {"email": "Enter your e-mail address"}
LONG = "At least 10 characters"


class PasswordLoginForm(PcfFormMixin, allauth.LoginForm):
    """E-mail address and password: the other way in."""

    labels = {"login": "E-mail address", "password": "Password"}
    words = {"login": "Enter your e-mail address", "password": "Enter your password"}
    layout = ["login", "password"]
    submit = "Sign in"
    warn_before_leaving = False


class RequestCodeForm(PcfFormMixin, allauth.RequestLoginCodeForm):
    """Where to send a sign-in code."""

    labels = EMAIL
    words = EMAIL_WORDS
    submit = "Send me a code"
    warn_before_leaving = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs["autocomplete"] = "email"


class ConfirmCodeForm(PcfFormMixin, allauth.ConfirmLoginCodeForm):
    """The code from the e-mail."""

    labels = {"code": "Code"}
    hints = {"code": "Six digits from the e-mail that we sent you"}
    words = {"code": "Enter the code from the e-mail"}
    submit = "Sign in"
    warn_before_leaving = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {
            "inputmode": "numeric",
            "class": "govuk-input--width-10",
            "autocomplete": "one-time-code",
        }


class ForgottenPasswordForm(PcfFormMixin, allauth.ResetPasswordForm):
    """Where to send the link for a new password."""

    labels = EMAIL
    words = EMAIL_WORDS
    submit = "Send me a link"
    warn_before_leaving = False


class NewPasswordForm(PcfFormMixin, allauth.ResetPasswordKeyForm):
    """The new password, from the link in the e-mail."""

    labels = {"password1": "New password", "password2": "The same password again"}
    words = {"password1": "Enter a new password", "password2": "Enter the same password again"}
    hints = {"password1": LONG}
    submit = "Save the new password"


class SetPasswordForm(PcfFormMixin, allauth.SetPasswordForm):
    """A first password, for somebody who signs in by code."""

    labels = NewPasswordForm.labels
    words = NewPasswordForm.words
    hints = NewPasswordForm.hints
    submit = "Save the password"


class ChangePasswordForm(PcfFormMixin, allauth.ChangePasswordForm):
    """Another password, knowing the present one."""

    labels = {"oldpassword": "Your present password", **NewPasswordForm.labels}
    words = {"oldpassword": "Enter your present password", **NewPasswordForm.words}
    hints = NewPasswordForm.hints
    submit = "Save the new password"


class ProveByPasswordForm(PcfFormMixin, allauth.ReauthenticateForm):
    """The password again, from somebody who is signed in."""

    labels = {"password": "Your password"}
    words = {"password": "Enter your password"}
    submit = "Go on"
    warn_before_leaving = False
