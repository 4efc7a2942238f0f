"""How allauth signs people in: nobody signs up, and its mails go through the outbox."""

import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse

from coprod import outbox
from members import sessions
from members.models import Person

#: The letters that allauth may ask for.
LETTERS = {
    "account/email/login_code": "members/login_code",
    "account/email/password_reset_key": "members/password_reset",
    "account/email/unknown_account": "members/unknown_account",
    "account/email/password_changed": "members/password_changed",
    "account/email/password_set": "members/password_changed",
    "account/email/password_reset": "members/password_changed",
    "mfa/email/totp_activated": "members/second_step_changed",
    "mfa/email/totp_deactivated": "members/second_step_changed",
    "mfa/email/webauthn_added": "members/second_step_changed",
    "mfa/email/webauthn_removed": "members/second_step_changed",
    "mfa/email/recovery_codes_generated": "members/second_step_changed",
}

#: Ways of showing who one is, as links to another one.
WAYS = {
    "mfa_reauthenticate": "Use a code from the app, or a recovery code",
    "mfa_reauthenticate:webauthn": "Use a passkey",
}

#: What is said when five wrong codes from a letter have ended it: another is to be had at once.
CODE_ENDED = (
    "That was too many wrong codes, so this one has ended. Ask for a new code: it comes at once."
)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": "This account is switched off. Ring us if that is a mistake.",
        "email_password_mismatch": "This e-mail address and password don’t belong together. "
        "Check both, or use a code instead",
        "enter_current_password": "This isn’t your present password",
        "incorrect_code": "This isn’t the code that we sent. Check its six digits",
        "incorrect_password": "This isn’t your password",
        "too_many_login_attempts": "That was too many tries. Wait an hour, or ring us",
        "rate_limited": "That was too many tries. Wait an hour, or ring us",
    }

    def is_safe_url(self, url: str) -> bool:
        """An address that can't even be read isn't one to go to."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are invited; nobody signs up."""
        return False

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """allauth has one sentence for every sort of too many tries; a code's end has its own."""
        said = kwargs.get("message")
        match = request.resolver_match
        if (
            match is not None
            and match.view_name == "account_confirm_login_code"
            and said == self.error_messages["too_many_login_attempts"]
            and request.POST.get("action") != "resend"
        ):
            kwargs["message"] = CODE_ENDED
        super().add_message(request, level, *args, **kwargs)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Our own measure: a sign-in of the last quarter of an hour is proof enough."""
        return not sessions.proved_recently(self.request)

    def get_reauthentication_methods(
        self, user: AbstractBaseUser | AnonymousUser
    ) -> list[dict[str, str]]:
        """How somebody shows again who they are. Whoever has a second step uses that."""
        if not isinstance(user, Person):
            return []
        methods: list[dict[str, str]] = super().get_reauthentication_methods(user)
        steps = [each for each in methods if each["id"] != "reauthenticate"]
        if not steps and user.email:
            by_code = {
                "id": "prove_by_code",
                "description": "Have a code sent to me",
                "url": reverse("members:prove_by_code"),
            }
            return [*methods, by_code]
        return [each | {"description": WAYS.get(each["id"], "")} for each in steps] or methods

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The path alone: letters add the configured origin, never a request's Host."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return path.replace("UID-KEY", key)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("members:my_details")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put allauth's mail into the outbox. What it must not keep goes into ``secret``.

        An unknown address costs the same row, so that the answer takes as long.
        """
        template = LETTERS.get(template_prefix)
        if template is None:
            return
        kept = {k: str(context[k]) for k in ("code", "password_reset_url") if context.get(k)}
        outbox.queue(
            key=f"account:{uuid.uuid4()}",
            template=template,
            person=Person.objects.active().filter(email=email.lower()).first(),
            address=email.lower(),
            channel="email",
            ids={"what": template_prefix.rpartition("/")[2]} if "mfa/" in template_prefix else {},
            secret=kept,
            urgent=True,
        )
