"""What waits for the forum's own decision on the coordinator's Today: claims, and the logo."""

from datetime import date
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Value
from django.urls import reverse

from coprod.registry import Desk, Thing
from coprod.templatetags.forum import day
from projects.models import Claim, Confirmation, LogoPermission

#: More than that are a list that nobody reads.
MOST = 8
CLAIM, LOGO = "claim", "logo"


def deciding_desk(person: Any, today: date) -> Desk:
    """Claims that parents haven't decided about since, and requests for the logo; one question."""
    if not person.is_coordinator:
        return Desk()
    since = Confirmation.objects.filter(
        project=OuterRef("project"), confirmed_at__gte=OuterRef("claimed_at")
    )
    claims = Claim.objects.filter(~Exists(since), ended_at__isnull=True)
    logos = LogoPermission.objects.filter(state=LogoPermission.State.ASKED)
    waiting = (
        _rows(claims, CLAIM, "rung_name", "claimed_at")
        .union(_rows(logos, LOGO, "document", "asked_at"), all=True)
        .order_by("at", "pk")[:MOST]
    )
    return Desk(things=[_thing(row, today) for row in waiting])


def _rows(found: Any, kind: str, words: str, at: str) -> Any:
    return (
        found.order_by()
        .annotate(
            kind=Value(kind, output_field=CharField()),
            words=F(words),
            slug=F("project__slug"),
            name=F("project__title"),
            at=F(at),
        )
        .values("kind", "pk", "words", "slug", "name", "at")
    )


def _thing(row: dict[str, Any], today: date) -> Thing:
    words, name, on = row["words"], row["name"], day(row["at"])
    if row["kind"] == CLAIM:
        return Thing(
            title=f"Put a level to parents: {name}",
            url=reverse("projects:level_confirm", args=[row["slug"]]),
            button="Write what they decided",
            by=today,
            note=f"{words} has been claimed since {on}.",
            minutes=3,
            dated=False,
        )
    return Thing(
        title=f"Decide about our logo: {words}",
        url=reverse("projects:logo_decide", args=[row["pk"]]),
        button="Decide",
        by=today,
        note=f"Asked for “{name}” on {on}.",
        minutes=2,
        dated=False,
    )
