"""Mail kept in a folder instead of sent: what the embedded portal and the demo use."""

import mailbox
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


def folder() -> mailbox.Maildir:
    """The folder of mail, made when first needed."""
    return mailbox.Maildir(str(settings.MAIL_FOLDER), create=True)


class FolderBackend(BaseEmailBackend):
    """Write each mail as a file of its own, which other programs can read."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        box = folder()
        for mail in email_messages:
            box.add(mail.message().as_bytes())
        return len(email_messages)

    def __init__(self, fail_silently: bool = False, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)
