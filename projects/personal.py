"""What projects hold about one person, for the export of everything about them."""

from typing import Any

from coprod import registry
from members.models import Person
from projects.models import Claim, Involvement, LogDraft, Named, OwnAccount, Update


def named(person: Person) -> list[dict[str, Any]]:
    """Each project they are or were on, and as what."""
    fields = ("project__title", "part", "named_at", "ended_at")
    return list(Named.objects.filter(person=person).order_by("pk").values(*fields))


def accounts(person: Person) -> list[dict[str, Any]]:
    """What they said of whether they were involved."""
    fields = (
        "project__title",
        "group__name",
        "were_involved",
        "when_text",
        "early",
        "text",
        "made_at",
        "taken_back_at",
    )
    return list(OwnAccount.objects.filter(person=person).order_by("pk").values(*fields))


def entries(person: Person) -> list[dict[str, Any]]:
    """What they logged of parents' involvement, in their words."""
    fields = (
        "project__title",
        "on",
        "title",
        "method",
        "stage",
        "said",
        "changed",
        "unchanged",
        "why",
        "made_at",
    )
    return list(Involvement.objects.filter(made_by=person).order_by("pk").values(*fields))


def unsaved(person: Person) -> list[dict[str, Any]]:
    """Entries that they began and haven't saved, as typed."""
    fields = ("project__title", "begun_at", "changed_at", "answers")
    drafts = LogDraft.objects.filter(person=person, entry__isnull=True)
    return list(drafts.order_by("pk").values(*fields))


def news(person: Person) -> list[dict[str, Any]]:
    """What they wrote as news of projects."""
    fields = ("project__title", "on", "text", "made_at")
    return list(Update.objects.filter(made_by=person).order_by("pk").values(*fields))


def claims(person: Person) -> list[dict[str, Any]]:
    """The levels they claimed, with their reasons."""
    fields = ("project__title", "rung_name", "reason", "claimed_at", "ended_at")
    return list(Claim.objects.filter(claimed_by=person).order_by("pk").values(*fields))


def register() -> None:
    """Called when the app is ready."""
    registry.personal_data += [
        registry.PersonalData("Projects you are on", frozenset({"projects.Named.person"}), named),
        registry.PersonalData(
            "What you said of being involved", frozenset({"projects.OwnAccount.person"}), accounts
        ),
        registry.PersonalData("What you logged", frozenset(), entries),
        registry.PersonalData(
            "What you began to log", frozenset({"projects.LogDraft.person"}), unsaved
        ),
        registry.PersonalData("Your news of projects", frozenset(), news),
        registry.PersonalData("Levels that you claimed", frozenset(), claims),
    ]
