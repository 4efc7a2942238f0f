"""Log entries and parents' own accounts, and which of them somebody may read."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from projects.methods import ASKING, Method

if TYPE_CHECKING:
    from projects.models import Involvement, OwnAccount  # noqa: F401


def _projects(user: Any) -> Any:
    return apps.get_model("projects", "Project").objects.visible_to(user)


class InvolvementQuerySet(models.QuerySet["Involvement"]):
    def standing(self) -> Self:
        """Those that weren't taken back."""
        return self.filter(taken_back_at__isnull=True)

    def visible_to(self, user: Any) -> Self:
        """A project's log is read by whoever reads the project."""
        return self.filter(project__in=_projects(user))

    def with_people(self) -> Self:
        """Each with who took part, for its words and numbers; two questions however many."""
        parts = apps.get_model("projects", "Participation").objects.select_related("group")
        return self.prefetch_related(models.Prefetch("participations", parts))

    def awaiting_reply(self) -> Self:
        """Parents are owed word of what became of it. As ``Involvement.awaits_reply``."""
        parents = apps.get_model("projects", "Participation").objects.filter(
            involvement=OuterRef("pk"), who="parents", came__gt=0
        )
        outcome = ~Q(changed="") | (~Q(unchanged="") & ~Q(why=""))
        asking = Q(method__in=ASKING)
        return (
            self.standing()
            .filter(Exists(parents), replied_on__isnull=True)
            .exclude(method=Method.TOLD)
            .filter(asking | ~outcome)
        )

    def reply_due_by(self, day: date) -> Self:
        """Replies that are owed on ``day`` or before it; see ``awaiting_reply``."""
        return self.awaiting_reply().filter(reply_due_on__lte=day)

    def on_projects_of(self, person: Any) -> Self:
        """Of projects that somebody is on as an officer today."""
        named = person.on_projects.holding().filter(part__in=("lead", "officer"))
        return self.filter(project__in=named.values("project"))


class AccountQuerySet(models.QuerySet["OwnAccount"]):
    def standing(self) -> Self:
        """Those that weren't taken back."""
        return self.filter(taken_back_at__isnull=True)

    def visible_to(self, user: Any) -> Self:
        """What parents say of a project is read by whoever reads the project."""
        return self.filter(project__in=_projects(user))

    def with_people(self) -> Self:
        return self.select_related("person", "group")

    def since(self, day: date) -> Self:
        """Said on that day or later, by UK days."""
        return self.filter(Q(made_at__date__gte=day))
