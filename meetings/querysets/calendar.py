"""Which meetings somebody may see, and which are due for something."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from coprod import clocks

if TYPE_CHECKING:
    from meetings.models import ClosedPeriod, Meeting  # noqa: F401


#: How far back and ahead the clock of promises looks, in days: beyond its longest delay.
CLOCK_DAYS = 180


class ClosedPeriodQuerySet(models.QuerySet["ClosedPeriod"]):
    def touching(self, first: date, last: date) -> Self:
        """Periods with at least one day between two dates, both included."""
        return self.filter(first_day__lte=last, last_day__gte=first)


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: Any) -> Self:
        """Which meetings somebody may know of.

        Coordinators: all. Otherwise only announced ones. A parents' meeting shows to reps and
        to those invited, never to officers or the public, until its minutes are published.
        """
        if user.is_authenticated and user.is_coordinator:
            return self
        public = (Q(announced_at__isnull=False) & ~Q(audience="parents")) | Q(
            minutes__state="published"
        )
        if not user.is_authenticated:
            return self.filter(public)
        own = Q(invitations__person=user) & Q(invited_at__isnull=False)
        if user.is_rep or user.is_group_staff:
            own |= Q(announced_at__isnull=False)
        return self.filter(Q(pk__in=self.model._default_manager.filter(public | own).values("pk")))

    def public(self) -> Self:
        """What a reader without an account may know of."""
        return self.filter(
            (Q(announced_at__isnull=False) & ~Q(audience="parents")) | Q(minutes__state="published")
        )

    def taking_place(self) -> Self:
        """All but the cancelled ones, which stay at their address and ask nothing of anybody."""
        return self.filter(cancelled_at__isnull=True)

    def coming(self, now: datetime | None = None) -> Self:
        """Not yet over today, soonest first."""
        return self.filter(date__gte=clocks.today(now)).order_by("date", "starts")

    def past(self, now: datetime | None = None) -> Self:
        """Before today, newest first."""
        return self.filter(date__lt=clocks.today(now)).order_by("-date", "-starts")

    def due_for_invitation(self, now: datetime | None = None) -> list["Meeting"]:
        """Announced, not yet invited, and within its own number of days.

        Never a past one, never a cancelled one.
        """
        today = clocks.today(now)
        waiting = self.taking_place().filter(
            announced_at__isnull=False, invited_at__isnull=True, date__gte=today
        )
        return [meeting for meeting in waiting if meeting.invitation_due_on <= today]

    def owing_minutes(self, now: datetime | None = None) -> Self:
        """Announced, of a day that has come, and no draft has gone out."""
        today = clocks.today(now)
        return self.taking_place().filter(
            Q(minutes__isnull=True) | Q(minutes__state="draft"),
            announced_at__isnull=False,
            date__range=(today - timedelta(days=CLOCK_DAYS), today),
        )

    def owing_agenda(self, now: datetime | None = None) -> Self:
        """Announced, still to come, and no agenda has gone out."""
        today = clocks.today(now)
        return self.taking_place().filter(
            announced_at__isnull=False,
            agenda_sent_at__isnull=True,
            date__range=(today, today + timedelta(days=CLOCK_DAYS)),
        )
