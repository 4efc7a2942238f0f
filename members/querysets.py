"""Questions about many people, groups and seats; never writes."""

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.urls import reverse

from coprod.models import Message

if TYPE_CHECKING:
    from members.models import MemberGroup, Person, Role, Seat  # noqa: F401


class PersonQuerySet(models.QuerySet["Person"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def members(self) -> Self:
        """Everybody with a current seat in a member group or a current role."""
        return (
            self.active()
            .filter(
                Q(
                    seats__ended_at__isnull=True,
                    seats__isnull=False,
                    seats__group__standing="member",
                )
                | Q(roles__ended_at__isnull=True, roles__isnull=False)
            )
            .distinct()
        )

    def reps(self) -> Self:
        """Everybody who holds a seat in a member group today, parents and group staff."""
        return (
            self.active()
            .filter(seats__in=self._seats().filter(ended_at__isnull=True, group__standing="member"))
            .distinct()
        )

    def coordinators(self) -> Self:
        """Whoever coordinates the forum today."""
        return self._holding("coordinator")

    def treasurers(self) -> Self:
        """Whoever checks and pays claims today."""
        return self._holding("treasurer")

    def approvers(self) -> Self:
        """Whoever may be the second of two who approve a claim today, besides treasurers."""
        return self._holding("approver")

    def _holding(self, kind: str) -> Self:
        held = {"roles__kind": kind, "roles__ended_at__isnull": True}
        return self.active().filter(**held).distinct().order_by("pk")

    def officers(self) -> Self:
        """Officers of today, by organisation and name; ``answers_for`` is its name."""
        role = apps.get_model("members", "Role").objects.current()
        role = role.filter(person=OuterRef("pk"), kind="officer")
        named = self.active().annotate(answers_for=Subquery(role.values("organisation__name")[:1]))
        return named.filter(answers_for__isnull=False).order_by("answers_for", "name", "pk")

    def whose_mail_comes_back(self) -> Self:
        """People by e-mail whose present address was refused for good at least twice."""
        refused = Message.objects.filter(bounced_at__isnull=False, person=OuterRef("pk")).filter(
            Q(address=OuterRef("email"))
            | Q(address=OuterRef("contact_email"), person__email__isnull=True)
        )
        counted = refused.order_by().values("person").annotate(n=Count("pk")).values("n")
        return (
            self.active()
            .filter(channel=Message.Channel.EMAIL)
            .annotate(times_refused=Subquery(counted, output_field=models.IntegerField()))
            .filter(times_refused__gte=2)
        )

    @staticmethod
    def _seats() -> Any:
        return apps.get_model("members", "Seat").objects.all()

    def matching(self, words: str) -> Self:
        """Whose name or address holds each of the words that somebody searches for."""
        found = self
        for word in words.split()[:8]:
            found = found.filter(
                Q(name__icontains=word)
                | Q(email__icontains=word)
                | Q(contact_email__icontains=word)
            )
        return found

    def with_places(self) -> Self:
        """Each with ``roles_now`` and ``seats_now``, for lists."""
        roles = apps.get_model("members", "Role").objects.current()
        seats = self._seats().current()
        return self.prefetch_related(
            models.Prefetch("roles", roles.select_related("organisation"), "roles_now"),
            models.Prefetch("seats", seats.select_related("group"), "seats_now"),
        )

    def visible_to(self, user: Any) -> Self:
        """Whose page ``user`` may open: one's own; coordinators and administrators, all."""
        if not user.is_authenticated:
            return self.none()
        if user.is_coordinator or user.is_administrator:
            return self
        own_groups = [seat.group_id for seat in user.current_seats if seat.is_staff]
        return self.filter(
            Q(pk=user.pk)
            | Q(
                pk__in=self._seats()
                .filter(group__in=own_groups, ended_at__isnull=True)
                .values("person")
            )
        )


class RoleQuerySet(models.QuerySet["Role"]):
    def current(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def active_administrators(self) -> Self:
        """Who can still run the installation. While there is none, it can be set up."""
        return self.current().filter(kind="administrator", person__is_active=True)

    def visible_to(self, user: Any) -> Self:
        return self if user.is_authenticated and user.is_administrator else self.none()


class MemberGroupQuerySet(models.QuerySet["MemberGroup"]):
    def members(self) -> Self:
        """Groups that have joined: the ones that rules about agreement and votes mean."""
        return self.filter(standing="member")

    def visible_to(self, user: Any) -> Self:
        """Member groups are public; the rest of the map is the coordinator's work."""
        if user.is_authenticated and (user.is_coordinator or user.is_administrator):
            return self
        return self.members()

    def with_seat_counts(self) -> Self:
        """Each with ``seats_taken``, and of these ``parents_seated`` and ``staff_seated``."""
        current = Q(seats__ended_at__isnull=True)
        return self.annotate(
            seats_taken=models.Count("seats", filter=current),
            parents_seated=models.Count("seats", filter=current & Q(seats__is_staff=False)),
            staff_seated=models.Count("seats", filter=current & Q(seats__is_staff=True)),
        )


class SeatQuerySet(models.QuerySet["Seat"]):
    def current(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.is_coordinator or user.is_administrator:
            return self
        return self.filter(group__in=[seat.group_id for seat in user.current_seats])


def public_addresses() -> list[tuple[str, Any]]:
    """The pages about people and groups that everybody may read, for the sitemap."""
    groups = apps.get_model("members", "MemberGroup").objects.members()
    fixed = ["home", "promises", "members:about", "members:own_child_help", "members:group_list"]
    return [
        *((reverse(name), None) for name in fixed),
        *((group.get_absolute_url(), None) for group in groups),
    ]
