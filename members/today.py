"""What people and messages put on the coordinator's Today; never a write."""

from datetime import date
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse

from coprod import clocks
from coprod.models import Message
from coprod.registry import Desk, Thing
from coprod.templatetags.forum import plural
from members.models import Person


def coordinator_desk(person: Any, today: date) -> Desk:
    """Messages that failed, and whose e-mail doesn't arrive at all. Two questions at most."""
    if not person.is_coordinator:
        return Desk()
    failed = Message.objects.filter(state=Message.State.FAILED).aggregate(
        count=Count("pk"), since=Min("created_at")
    )
    if not failed["count"]:
        return Desk()
    names = [each.name for each in Person.objects.whose_mail_comes_back().order_by("name")[:3]]
    things = [
        Thing(
            title=f"Ring {name}: their e-mail doesn’t arrive",
            url=f"{reverse('members:message_list')}?show=failed",
            button="See what came back",
            by=today,
            note="Two messages or more came back. Put the address right, or send them by post.",
            minutes=5,
        )
        for name in names
    ]
    things.append(
        Thing(
            title=f"Look at {plural(failed['count'], 'message')} that failed",
            url=f"{reverse('members:message_list')}?show=failed",
            button="See why",
            by=clocks.today(failed["since"]),
            note="Each says why, and can go again or by another way.",
            minutes=2 * failed["count"],
        )
    )
    return Desk(things=things)
