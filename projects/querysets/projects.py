"""Projects by status, news and words, and which of them somebody may see."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import CharField, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from coprod import clocks
from projects.periods import ENDS
from projects.status import Status, as_case

if TYPE_CHECKING:
    from projects.models import Named, Project, Update  # noqa: F401


class ProjectQuerySet(models.QuerySet["Project"]):
    def public(self) -> Self:
        return self.filter(is_public=True)

    def visible_to(self, user: Any) -> Self:
        """Public ones for everybody; the others for the coordinator and who is on them."""
        if not user.is_authenticated:
            return self.public()
        if user.is_coordinator:
            return self
        return self.filter(
            Q(is_public=True) | Q(pk__in=user.on_projects.holding().values("project"))
        )

    def with_status(self, today: date) -> Self:
        """Each with ``derived``, its status by its dates, and ``status``, the one shown.

        They differ while a status that was set by hand stands.
        """
        by_hand = _standing_overrides().values("status")[:1]
        return self.annotate(derived=as_case(today)).annotate(
            status=Coalesce(
                Subquery(by_hand), as_case(today), output_field=CharField(max_length=14)
            )
        )

    def gone_quiet(self, today: date, days: int) -> Self:
        """Those without news for so many days that aren't completed, nor start only later.

        Without any news the days count from when a project was added here.
        """
        by_hand = _standing_overrides()
        last = today - timedelta(days=days)
        rests = by_hand.filter(status__in=(Status.COMPLETED, Status.DUE_TO_START))
        goes_on = by_hand.filter(status__in=(Status.OVERDUE, Status.TO_COMPLETE))
        return (
            self.filter(Q(completed_on__isnull=True) | Exists(goes_on))
            .exclude(started_first__gt=today)
            .exclude(Exists(rests))
            .filter(
                Q(last_news_on__lte=last)
                | Q(last_news_on__isnull=True, created_at__lte=clocks.end_of(last))
            )
        )

    def review_due(self, today: date) -> Self:
        """Work that goes on without an end, whose day to be looked at again has come."""
        goes_on = self.filter(completed_on__isnull=True).exclude(due_kind__in=ENDS)
        return goes_on.filter(review_on__lte=today)


def _standing_overrides() -> models.QuerySet[Any]:
    """The statuses set by hand that stand, of the outer query's project."""
    overrides = apps.get_model("projects", "Override")._default_manager
    return overrides.filter(project=OuterRef("pk"), ended_at__isnull=True)


class NamedQuerySet(models.QuerySet["Named"]):
    def current(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def holding(self) -> Self:
        """Current ones of people who still have the role or the seat that their part needs.

        Both can end elsewhere, without anybody thinking of the project: from then on they may
        do no more than others. See ``services.people.may_be``.
        """
        who = {"person": OuterRef("person"), "ended_at__isnull": True}
        roles = apps.get_model("members", "Role")._default_manager.filter(kind="officer", **who)
        every = apps.get_model("members", "Seat")._default_manager
        seats = every.filter(group__standing="member", **who)
        as_rep, as_officer = Q(part="rep"), ~Q(part="rep")
        held = (as_rep & Exists(seats)) | (as_officer & Exists(roles))
        return self.current().filter(held, person__is_active=True)


class UpdateQuerySet(models.QuerySet["Update"]):
    def visible_to(self, user: Any) -> Self:
        """Whoever reads a project reads its news."""
        projects = self.model._meta.get_field("project").related_model
        return self.filter(project__in=projects._default_manager.visible_to(user))  # type: ignore[union-attr]
