"""What the app of people holds about one person, for the export of everything about them."""

from typing import Any

from coprod import registry
from members.models import Person, Role, Seat


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


def register() -> None:
    """Called when the app is ready."""
    registry.personal_data += [
        registry.PersonalData("Your details", frozenset({"members.Person"}), details),
        registry.PersonalData("Your roles", frozenset({"members.Role.person"}), roles),
        registry.PersonalData("Your seats", frozenset({"members.Seat.person"}), seats),
    ]
