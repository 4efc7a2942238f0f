"""Which claims somebody sees, and which wait for whom."""

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

if TYPE_CHECKING:
    from expenses.models import AttendanceCheck, Claim, Line, Receipt  # noqa: F401

#: Kept here as text because the models import this module; ``Claim.STANDING`` is the same.
NOT_SENT = ("draft",)
#: As ``Claim.is_for_approvers``.
FOR_APPROVERS = Q(needs_two=True) | Q(appealed_at__isnull=False)


class ClaimQuerySet(models.QuerySet["Claim"]):
    def visible_to(self, user: Any) -> Self:
        """One's own; a coordinator those that they entered for somebody; a treasurer all that
        were sent; a second approver those that need two or are looked at again. Nobody else,
        whatever their role."""
        if not user.is_authenticated:
            return self.none()
        mine = Q(person=user)
        if user.is_coordinator:
            mine |= Q(entered_by=user)
        if user.is_treasurer:
            mine |= ~Q(state__in=NOT_SENT)
        elif user.is_approver:
            mine |= ~Q(state__in=NOT_SENT) & FOR_APPROVERS
        return self.filter(mine)

    def with_all(self) -> Self:
        """With what a list or a page of claims reads, in a fixed number of questions."""
        return self.select_related(
            "person", "entered_by", "meeting", "attendance_check"
        ).prefetch_related("lines", "receipts", "questions")

    def decidable_by(self, user: Any) -> Self:
        """Of what is being checked, what this person may decide: not theirs, not entered by
        them, not approved by them already, and no appeal against their own no."""
        found = self.filter(state="submitted").exclude(person=user).exclude(entered_by=user)
        found = found.exclude(approved_by=user)
        found = found.exclude(appealed_at__isnull=False, declined_by=user)
        if user.is_treasurer:
            return found
        return found.filter(FOR_APPROVERS) if user.is_approver else found.none()

    def payable_by(self, user: Any) -> Self:
        """Approved ones that this treasurer may put into a payment run."""
        if not user.is_treasurer:
            return self.none()
        return self.filter(state="approved").exclude(person=user).exclude(entered_by=user)

    def unpaid(self) -> Self:
        """Sent and not paid, declined or taken back: what the promise of two weeks runs for."""
        return self.filter(
            state__in=["unconfirmed", "submitted", "questioned", "approved", "paying"]
        )

    def open_for_others(self, user: Any) -> Self:
        """What somebody entered for others and that isn't settled, drafts too."""
        found = self.filter(entered_by=user).exclude(person=user)
        return found.exclude(state__in=["paid", "withdrawn"])


class AttendanceCheckQuerySet(models.QuerySet["AttendanceCheck"]):
    def open(self) -> Self:
        """Asked and not answered, of claims that are being checked."""
        return self.filter(answer="", claim__state__in=["submitted", "questioned"])

    def visible_to(self, user: Any) -> Self:
        """Coordinators see whom they are asked about, never of themselves; a treasurer sees
        them with the claims. Who was there is no secret to either; the sums aren't here."""
        if not user.is_authenticated or not (user.is_coordinator or user.is_treasurer):
            return self.none()
        return self.exclude(claim__state__in=["draft", "withdrawn"])

    def asked_of(self, person: Any) -> Self:
        """Those that somebody answers: a coordinator, never of themselves; a treasurer where
        nobody but the claimant coordinates the forum."""
        theirs = self.exclude(claimant=person)
        if person.is_coordinator:
            return theirs
        if not person.is_treasurer:
            return self.none()
        people = apps.get_model("members", "Person").objects
        return theirs.exclude(Exists(people.coordinators().exclude(pk=OuterRef("claimant"))))


class LineQuerySet(models.QuerySet["Line"]):
    def standing(self) -> Self:
        """Lines of claims that count as asked for."""
        return self.exclude(claim__state__in=["draft", "declined", "withdrawn"])


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    def visible_to(self, user: Any) -> Self:
        """Those of claims that they see."""
        claims = apps.get_model("expenses", "Claim").objects.visible_to(user)
        return self.filter(claim__in=claims)
