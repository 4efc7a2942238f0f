"""Letters about people, roles and seats, and those of sign-in: one function each.

Never decides to send. Each asks again, at delivery, whether its reader may still have it.
"""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from coprod import links
from coprod.exceptions import NoLongerDue
from coprod.letters import write
from coprod.models import Message
from coprod.registry import Letter, letter
from members.models import Person

#: After this time a sign-in code or a link for a new password isn't worth sending.
CODE_LASTS = timedelta(minutes=15)
RESET_LASTS = timedelta(hours=24)


def _reader(message: Message) -> Person:
    """Whose letter it is. Raises NoLongerDue for somebody who has been switched off."""
    if message.person is None or not message.person.is_active:
        raise NoLongerDue("This person doesn’t take part any more.")
    return message.person


def _secret(message: Message, name: str, lasts: timedelta) -> str:
    """A code or link kept for this letter only. Raises NoLongerDue once it has ended."""
    if not message.secret.get(name) or message.created_at < timezone.now() - lasts:
        raise NoLongerDue("The code or link had ended before it could be sent.")
    return str(message.secret[name])


@letter("members/welcome")
def welcome(message: Message) -> Letter:
    """The invitation: what the forum is, and how to sign in."""
    person = _reader(message)
    context = {
        "person": person,
        "groups": [seat.group.name for seat in person.current_seats],
        "url": reverse("members:join", args=[links.make("join", person=person, about=person.pk)]),
        "days": links.DAYS["join"],
    }
    return write("members/welcome", context, why="You get this because we invited you.")


@letter("members/details_changed")
def details_changed(message: Message) -> Letter:
    """Somebody else corrected this person's details."""
    person = _reader(message)
    context = {"person": person, "fields": _labels(message.ids.get("fields", []))}
    return write(
        "members/details_changed",
        context,
        why="We always tell people when somebody else changes their details.",
    )


@letter("members/email_changed")
def email_changed(message: Message) -> Letter:
    """To the former address: sign-in codes go elsewhere from now on."""
    return write(
        "members/email_changed",
        {"person": _reader(message)},
        why="We always tell the former address when an e-mail address is changed.",
    )


@letter("members/login_code")
def login_code(message: Message) -> Letter:
    """The one-time code. It stands in the letter only, never in the subject."""
    code = _secret(message, "code", CODE_LASTS)
    context = {"person": _reader(message), "code": f"{code[:3]} {code[3:]}"}
    return write("members/login_code", context, why="Somebody asked to sign in with this address.")


@letter("members/password_reset")
def password_reset(message: Message) -> Letter:
    """The link for choosing a new password."""
    context = {
        "person": _reader(message),
        "url": _secret(message, "password_reset_url", RESET_LASTS),
    }
    return write(
        "members/password_reset",
        context,
        why="Somebody asked for a new password with this address.",
    )


@letter("members/password_changed")
def password_changed(message: Message) -> Letter:
    """A password was set or changed."""
    return write(
        "members/password_changed",
        {"person": _reader(message)},
        why="We always tell people when their password changes.",
    )


@letter("members/unknown_account")
def unknown_account(message: Message) -> Letter:
    """Somebody tried to sign in with an address that we don't know."""
    return write(
        "members/unknown_account",
        {"address": message.address},
        why="Somebody asked to sign in with this address.",
        to_member=False,
    )


def _labels(fields: list[str]) -> list[str]:
    """Field names in words."""
    said = {
        "email": "e-mail address",
        "contact_email": "address for letters by e-mail",
        "phone": "phone number",
        "channel": "how we reach you",
        "public_name": "how the public reads your name",
        "what_helps": "what helps you",
    }
    return [said.get(field, field.replace("_", " ")) for field in fields]
