"""How allauth signs people in: nobody signs up, and its mails go through the outbox."""

import uuid
from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from coprod import outbox
from members.models import Person

#: The letters that allauth may ask for.
LETTERS = {
    "account/email/login_code": "members/login_code",
    "account/email/password_reset_key": "members/password_reset",
    "account/email/unknown_account": "members/unknown_account",
    "account/email/password_changed": "members/password_changed",
    "account/email/password_set": "members/password_changed",
    "account/email/password_reset": "members/password_changed",
}

#: Those who run things sign in again after this time, whatever they do in between.
PRIVILEGED_HOURS = 12


def limit_session(request: HttpRequest, person: Person) -> None:
    """Let the session last as its owner's roles allow: half a day, or two weeks."""
    if person.role_kinds & {"coordinator", "treasurer", "administrator"}:
        request.session.set_expiry(timezone.now() + timedelta(hours=PRIVILEGED_HOURS))
    else:
        request.session.set_expiry(settings.SESSION_COOKIE_AGE)


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

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        super().login(request, user)
        assert isinstance(user, Person)
        limit_session(request, user)

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
            secret=kept,
            urgent=True,
        )
