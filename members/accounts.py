"""How allauth signs people in: nobody signs up, and its mails go through the outbox."""

import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from coprod import outbox
from members.models import Person

#: The letters that allauth may ask for, and whether each carries a secret.
LETTERS = {
    "account/email/login_code": "members/login_code",
    "account/email/password_reset_key": "members/password_reset",
    "account/email/unknown_account": "members/unknown_account",
    "account/email/account_already_exists": "members/unknown_account",
    "account/email/password_changed": "members/password_changed",
    "account/email/password_set": "members/password_changed",
    "account/email/password_reset": "members/password_changed",
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are invited; nobody signs up."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put allauth's mail into the outbox. What it must not keep goes into ``secret``."""
        template = LETTERS.get(template_prefix)
        if template is None:
            return
        kept = {k: str(context[k]) for k in ("code", "password_reset_url") if context.get(k)}
        outbox.queue(
            key=f"account:{uuid.uuid4()}",
            template=template,
            person=Person.objects.filter(email=email.lower()).first(),
            address=email,
            channel="email",
            secret=kept,
            urgent=True,
        )
