"""What the tables of money hold about one person, for the export of everything about them.

Bank details are masked: an export lies about, and they can read the whole on their own page.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Model

from coprod import registry
from expenses.models import (
    Acknowledgement,
    Advance,
    AttendanceCheck,
    BankDetails,
    Claim,
    Line,
    MilesElsewhere,
    Payment,
    Question,
    Receipt,
    Recognition,
    TimeGiven,
)
from expenses.services.bank import who_saw
from members.models import Person


def _rows(model: type[Model], whose: str, *fields: str) -> Callable[[Person], list[dict[str, Any]]]:
    """The named fields of the rows that are about somebody."""

    def rows(person: Person) -> list[dict[str, Any]]:
        found = model._default_manager.filter(**{whose: person}).order_by("pk")
        return list(found.values(*fields))

    return rows


#: heading, model, the relation to the person, is it direct, fields
_TABLES: tuple[tuple[str, type[Model], str, tuple[str, ...]], ...] = (
    (
        "Money that you asked back",
        Claim,
        "person",
        (
            "pk",
            "meeting__title",
            "occasion",
            "on",
            "state",
            "pay_by",
            "entered_at",
            "sent_at",
            "late_reason",
            "declined_reason",
            "appeal",
            "refused_reason",
            "paid_at",
            "typed",
        ),
    ),
    (
        "Lines of your claims",
        Line,
        "claim__person",
        (
            "claim",
            "kind",
            "on",
            "what",
            "miles",
            "passengers",
            "with_whom",
            "hours",
            "pages",
            "asked",
            "reason",
            "no_receipt",
            "pence",
            "workings",
        ),
    ),
    (
        "Receipts of your claims",
        Receipt,
        "claim__person",
        ("claim", "kind", "pages", "size", "added_at"),
    ),
    (
        "Questions about your claims",
        Question,
        "claim__person",
        ("claim", "text", "asked_at", "answer", "answered_at"),
    ),
    (
        "Whether you were there, asked for a claim",
        AttendanceCheck,
        "claimant",
        ("claim", "answer", "note", "answered_at"),
    ),
    ("Your bank account", BankDetails, "person", ("last_digits", "changed_at")),
    (
        "Money that you had in advance",
        Advance,
        "person",
        ("what_for", "pence", "state", "asked_at", "decided_at", "declined_reason", "paid_at"),
    ),
    (
        "Money that was paid to you",
        Payment,
        "payee",
        ("claim", "advance", "recognition", "pence", "offset", "pay_by", "paid_at"),
    ),
    (
        "Thank-yous",
        Recognition,
        "person",
        ("kind", "state", "what_for", "on", "pence", "given_to", "offered_at", "answered_at"),
    ),
    (
        "The page about benefits and tax, when you read it",
        Acknowledgement,
        "person",
        ("edition", "read_at"),
    ),
    (
        "Miles that you drove for others",
        MilesElsewhere,
        "person",
        ("tax_year", "miles", "declared_at"),
    ),
    ("Time that you gave", TimeGiven, "person", ("on", "what", "hours", "taken_back_at")),
)


def read_bank_details(person: Person) -> list[dict[str, Any]]:
    """When a treasurer read their whole bank details, on a page or in the file for the bank."""
    return [{"read_at": at, "read_by": who} for at, who in who_saw(person)]


def register() -> None:
    """Called when the app is ready."""
    for heading, model, whose, fields in _TABLES:
        covers = frozenset() if "__" in whose else frozenset({f"{model._meta.label}.{whose}"})
        registry.personal_data.append(
            registry.PersonalData(heading, covers, _rows(model, whose, *fields))
        )
    registry.personal_data.append(
        registry.PersonalData("Who read your bank details", frozenset(), read_bank_details)
    )
