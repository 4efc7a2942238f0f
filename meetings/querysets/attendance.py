"""Who was invited and who came, counted."""

from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef

if TYPE_CHECKING:
    from meetings.models import Attendance, Invitation  # noqa: F401


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def with_people(self) -> Self:
        """Everything a list of invited people shows, in one query."""
        missed = apps.get_model("meetings", "Attendance").missed.through.objects.filter(
            attendance__invitation=OuterRef("pk")
        )
        related = ("person", "group", "organisation", "reply__for_group", "attendance")
        return (
            self.select_related(*related)
            .annotate(missed_some=Exists(missed))
            .order_by("capacity", "group__name", "organisation__name", "person__name")
        )

    def attended(self) -> Self:
        return self.filter(attendance__isnull=False)


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def of(self, meeting: models.Model) -> Self:
        return self.filter(invitation__meeting=meeting)
