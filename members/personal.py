"""What the app of people holds about one person, for the export of everything about them."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from coprod import registry
from members.models import Person, Role, Seat
from members.sessions import device_words


def details(person: Person) -> list[dict[str, Any]]:
    """Their own row, without the password's hash."""
    fields = (
        "name",
        "public_name",
        "email",
        "contact_email",
        "phone",
        "postal_address",
        "channel",
        "news",
        "language",
        "access_needs",
        "what_helps",
        "is_active",
        "created_at",
        "last_login",
    )
    return list(Person.objects.filter(pk=person.pk).values(*fields))


def roles(person: Person) -> list[dict[str, Any]]:
    """Every role they had, from when to when."""
    fields = ("kind", "organisation__name", "started_at", "ended_at")
    return list(Role.objects.filter(person=person).order_by("pk").values(*fields))


def seats(person: Person) -> list[dict[str, Any]]:
    """Every seat they held, from when to when."""
    fields = ("group__name", "number", "is_staff", "started_at", "ended_at")
    return list(Seat.objects.filter(person=person).order_by("pk").values(*fields))


def devices(person: Person) -> list[dict[str, Any]]:
    """Where they are signed in: the kind of device and the times. No address is kept."""
    return [
        {
            "device": device_words(each.user_agent),
            "since": each.created_at,
            "last_seen": each.last_seen_at,
        }
        for each in UserSession.objects.filter(user=person).order_by("pk")
    ]


def second_steps(person: Person) -> list[dict[str, Any]]:
    """What they set up as a second step; never its secrets."""
    found = Authenticator.objects.filter(user=person).order_by("pk")
    return list(found.values("type", "created_at", "last_used_at"))


def register() -> None:
    """Called when the app is ready."""
    registry.personal_data += [
        registry.PersonalData("Your details", frozenset({"members.Person"}), details),
        registry.PersonalData("Your roles", frozenset({"members.Role.person"}), roles),
        registry.PersonalData("Your seats", frozenset({"members.Seat.person"}), seats),
        registry.PersonalData(
            "Where you are signed in", frozenset({"usersessions.UserSession.user"}), devices
        ),
        registry.PersonalData(
            "Your second step", frozenset({"mfa.Authenticator.user"}), second_steps
        ),
    ]
