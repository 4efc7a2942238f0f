"""Letters about people, roles and seats, and those of sign-in: one function each.

Never decides to send. Each asks again, at delivery, whether its reader may still have it.
"""

import contextlib
from dataclasses import replace
from datetime import timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from coprod import links, outbox
from coprod.exceptions import NoLongerDue
from coprod.letters import absolute, write
from coprod.models import Message
from coprod.registry import Letter, letter
from members.models import MemberGroup, Person

#: After this time a sign-in code or a link for a new password isn't worth sending.
CODE_LASTS = timedelta(minutes=15)
RESET_LASTS = timedelta(hours=24)
#: What happened to somebody's second step, by the end of allauth's name for its letter.
STEP_WORDS = {
    "totp_activated": "An app for codes was set up for signing in to your account.",
    "totp_deactivated": "The app for codes was taken off your account.",
    "webauthn_added": "A passkey was added to your account.",
    "webauthn_removed": "A passkey was taken off your account.",
    "recovery_codes_generated": "New recovery codes were made. The old ones no longer work.",
}


def reader_of(message: Message) -> Person:
    """Whose letter it is. Raises NoLongerDue for somebody who has been switched off."""
    if message.person is None or not message.person.is_active:
        raise NoLongerDue("This person doesn’t take part any more.")
    return message.person


def _secret(message: Message, name: str, lasts: timedelta) -> str:
    """A code or link kept for this letter only. Raises NoLongerDue once it has ended."""
    if not message.secret.get(name) or message.created_at < timezone.now() - lasts:
        raise NoLongerDue("The code or link had ended before it could be sent.")
    return str(message.secret[name])


@letter("members/welcome", mail_only=True)
def welcome(message: Message) -> Letter:
    """The invitation: what the forum is, and how to sign in."""
    person = reader_of(message)
    context = {
        "person": person,
        "groups": [seat.group.name for seat in person.current_seats],
        "url": reverse("members:join", args=[links.make("join", person=person, about=person.pk)]),
        "days": links.DAYS["join"],
    }
    return write("members/welcome", context, why="You get this because we invited you.")


@letter("members/weekly")
def weekly(message: Message) -> Letter:
    """What waited for the weekly letter, each part as its own letter has it now.

    Each part is asked again whether this reader may still have it. Mail programs offer to end
    it with one press (RFC 8058).
    """
    person = reader_of(message)
    parts = []
    for part in Message.objects.filter(pk__in=message.ids["parts"], person=person).order_by("pk"):
        part.person, part.channel = person, message.channel
        with contextlib.suppress(NoLongerDue):
            parts.append(outbox.write(part))
    if not parts:
        raise NoLongerDue("Nothing of it is news any more.")
    token = links.make("news", person=person, about=person.pk)
    leave = absolute(reverse("members:news_by_link", args=[token]))
    made = write(
        "members/weekly",
        {"person": person, "parts": parts, "first": parts[0].subject},
        why="You get this on Mondays, when there is news. It needs no answer.",
        parts=[part.words for part in parts if part.words],
        leave_url=leave,
        enclosed="".join(part.enclosed for part in parts),
    )
    headers = {
        "List-Unsubscribe": f"<{leave}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return replace(made, headers=headers)


@letter("members/details_changed")
def details_changed(message: Message) -> Letter:
    """Somebody else corrected this person's details."""
    person = reader_of(message)
    context = {"person": person, "fields": _labels(message.ids.get("fields", []))}
    return write(
        "members/details_changed",
        context,
        why="We always tell people when somebody else changes their details.",
    )


@letter("members/email_changed", keeps_address=True)
def email_changed(message: Message) -> Letter:
    """To the former address: sign-in codes go elsewhere from now on."""
    return write(
        "members/email_changed",
        {"person": reader_of(message)},
        why="We always tell the former address when an e-mail address is changed.",
    )


@letter("members/login_code", mail_only=True)
def login_code(message: Message) -> Letter:
    """The one-time code. It stands in the letter only, never in the subject."""
    code = _secret(message, "code", CODE_LASTS)
    context = {"person": reader_of(message), "code": f"{code[:3]} {code[3:]}"}
    return write("members/login_code", context, why="Somebody asked to sign in with this address.")


@letter("members/password_reset", mail_only=True)
def password_reset(message: Message) -> Letter:
    """The link for choosing a new password."""
    context = {
        "person": reader_of(message),
        "url": _secret(message, "password_reset_url", RESET_LASTS),
    }
    return write(
        "members/password_reset",
        context,
        why="Somebody asked for a new password with this address.",
    )


@letter("members/password_changed", mail_only=True)
def password_changed(message: Message) -> Letter:
    """A password was set or changed."""
    return write(
        "members/password_changed",
        {"person": reader_of(message)},
        why="We always tell people when their password changes.",
    )


@letter("members/prove_code", mail_only=True)
def prove_code(message: Message) -> Letter:
    """A code for somebody who is signed in and is asked whether it is still they."""
    code = _secret(message, "code", CODE_LASTS)
    context = {"person": reader_of(message), "code": f"{code[:3]} {code[3:]}"}
    return write(
        "members/prove_code", context, why="Somebody who is signed in as you asked for it."
    )


@letter("members/address_code", keeps_address=True)
def address_code(message: Message) -> Letter:
    """To a new address: the code that shows that it is theirs."""
    code = _secret(message, "code", CODE_LASTS)
    context = {"person": reader_of(message), "code": f"{code[:3]} {code[3:]}"}
    return write(
        "members/address_code",
        context,
        why="Somebody gave us this address as their own.",
        to_member=False,
    )


@letter("members/address_wanted")
def address_wanted(message: Message) -> Letter:
    """Somebody else typed this person's address as their new one."""
    return _notice(message, "members/address_wanted")


@letter("members/links_ended")
def links_ended(message: Message) -> Letter:
    """The links in all letters so far no longer answer."""
    return _notice(message, "members/links_ended", own=message.ids.get("own", False))


@letter("members/second_step_changed")
def second_step_changed(message: Message) -> Letter:
    """A second step was added, removed or renewed."""
    what = STEP_WORDS.get(message.ids.get("what", ""), "The second step was changed.")
    return _notice(message, "members/second_step_changed", what=what)


@letter("members/second_step_reset")
def second_step_reset(message: Message) -> Letter:
    """Another administrator took a lost second step away."""
    return _notice(message, "members/second_step_reset")


@letter("members/wrong_codes")
def wrong_codes(message: Message) -> Letter:
    """Somebody guesses at this account."""
    return _notice(message, "members/wrong_codes")


@letter("members/seat_offer", keeps_address=True)
def seat_offer(message: Message) -> Letter:
    """A group offers one of its seats; it is theirs when they say yes."""
    person = reader_of(message)
    group = MemberGroup.objects.filter(pk=message.ids["group"]).first()
    if group is None or not group.is_member:
        raise NoLongerDue("This group isn’t a member group any more.")
    token = links.make("seat", person=person, about=message.pk)
    context = {
        "person": person,
        "group": group,
        "is_staff": message.ids["is_staff"],
        "url": reverse("members:seat_offer", args=[token]),
        "days": links.DAYS["seat"],
    }
    return write("members/seat_offer", context, why=f"You get this because {group.name} named you.")


def _notice(message: Message, template: str, **context: object) -> Letter:
    """A security notice: nothing to press, only what happened and what to do."""
    return write(
        template,
        {"person": reader_of(message), **context},
        why="We always tell people when something about their way in changes.",
    )


@letter("members/unknown_account", keeps_address=True)
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
        "news": "when news comes",
    }
    return [said.get(field, field.replace("_", " ")) for field in fields]


def _invitations(person_id: int, about: int) -> QuerySet[Message]:
    return Message.objects.filter(person=person_id, template="members/welcome")


def _offers(person_id: int, about: int) -> QuerySet[Message]:
    return Message.objects.filter(person=person_id, pk=about)


links.letters_with |= {"join": _invitations, "seat": _offers}
