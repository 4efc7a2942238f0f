"""What waits for the forum's own decision on the coordinator's Today: claims, and the logo."""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse

from coprod.registry import Desk, Thing
from coprod.templatetags.forum import day
from projects.models import Claim, Confirmation, LogoPermission

#: Of each kind; more than that are a list that nobody reads.
MOST = 5


def unanswered_claims() -> Any:
    """Claims that stand and that parents haven't decided about since, oldest first."""
    since = Confirmation.objects.filter(
        project=OuterRef("project"), confirmed_at__gte=OuterRef("claimed_at")
    )
    standing = Claim.objects.filter(~Exists(since), ended_at__isnull=True)
    return standing.select_related("project").order_by("claimed_at", "pk")


def deciding_desk(person: Any, today: date) -> Desk:
    """Two questions, for coordinators only."""
    if not person.is_coordinator:
        return Desk()
    asked = LogoPermission.objects.filter(state=LogoPermission.State.ASKED)
    logos = asked.select_related("project").order_by("asked_at", "pk")[:MOST]
    things = [_claim(claim, today) for claim in unanswered_claims()[:MOST]]
    return Desk(things=[*things, *(_logo(logo, today) for logo in logos)])


def _claim(claim: Claim, today: date) -> Thing:
    return Thing(
        title=f"Put a level to parents: {claim.project}",
        url=reverse("projects:level_confirm", args=[claim.project.slug]),
        button="Write what they decided",
        by=today,
        note=f"{claim.rung_name} has been claimed since {day(claim.claimed_at)}.",
        minutes=3,
        dated=False,
    )


def _logo(logo: LogoPermission, today: date) -> Thing:
    return Thing(
        title=f"Decide about our logo: {logo.document}",
        url=reverse("projects:logo_decide", args=[logo.pk]),
        button="Decide",
        by=today,
        note=f"Asked for “{logo.project}” on {day(logo.asked_at)}.",
        minutes=2,
        dated=False,
    )
