"""For whom a claim can be entered: whoever may claim, people without e-mail first."""

from typing import Any

from django.db.models import Q

from members.models import Person


def people_for_another(by: Any) -> list[Person]:
    """Whoever may claim (as ``expenses.claim`` says) but never oneself. One question."""
    seated = Q(seats__ended_at__isnull=True, seats__isnull=False, seats__group__standing="member")
    came = Q(invitations__capacity__in=["parent", "staff"])
    runs = Q(roles__kind__in=["coordinator", "treasurer", "approver"], roles__ended_at__isnull=True)
    found = Person.objects.active().filter(seated | came | runs).exclude(pk=by.pk).distinct()
    return sorted(found, key=lambda person: (bool(person.email), person.name))
