"""Rates, claims and what hangs on them: valid and minimal. Sums are pence."""

from datetime import date

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from expenses.models import (
    AttendanceCheck,
    Claim,
    Heading,
    Line,
    Policy,
    Rate,
    Recognition,
    Spending,
    TimeGiven,
)
from expenses.services.vouchers import buy_vouchers
from expenses.usual import USUAL
from tests.factories.members import PersonFactory


class PolicyFactory(DjangoModelFactory):
    """A confirmed version with the usual rates, in force since 6 April 2026.

    ``rates={"car": "45"}`` changes some of them. It is confirmed last, as the database wants.
    """

    class Meta:
        model = Policy
        skip_postgeneration_save = True

    number = factory.Sequence(lambda n: n + 1)
    begins_on = date(2026, 4, 6)
    agreed_by = "The steering group, 3 March"

    @factory.post_generation
    def rates(self, create, extracted, **kwargs):
        for kind, pence in {**USUAL[-1][1], **(extracted or {})}.items():
            Rate.objects.create(policy=self, kind=kind, pence=pence)

    @factory.post_generation
    def confirmed(self, create, extracted, **kwargs):
        if extracted is False:
            return
        self.proposed_by = PersonFactory(name="Petra Proposes")
        self.confirmed_by = PersonFactory(name="Colin Confirms")
        self.proposed_at = self.confirmed_at = timezone.now()
        self.state = Policy.State.CONFIRMED
        self.save()


class ProposedPolicyFactory(PolicyFactory):
    """One that waits for the treasurer: ``proposed_by=coordinator``."""

    state = Policy.State.PROPOSED
    proposed_at = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def confirmed(self, create, extracted, **kwargs):
        """It isn't."""


class ClaimFactory(DjangoModelFactory):
    """A claim of 12 miles, £6.60; ``state="submitted"`` or later makes it as if it had been
    sent and decided by strangers. ``lines=[]`` leaves it without any."""

    class Meta:
        model = Claim
        skip_postgeneration_save = True

    class Params:
        policy = None

    person = factory.SubFactory(PersonFactory)
    entered_by = factory.SelfAttribute("person")
    occasion = "Parents’ meeting"
    on = date(2026, 11, 10)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        """As a draft first: lines of an approved claim can't be added any more."""
        wanted = kwargs.pop("state", Claim.State.DRAFT)
        claim = super()._create(model_class, *args, **kwargs)
        claim._wanted = wanted
        return claim

    @factory.post_generation
    def lines(self, create, extracted, **kwargs):
        if extracted is None:
            extracted = [{"kind": "car", "miles": "12.0", "pence": 660}]
        for line in extracted:
            LineFactory(claim=self, **{"on": self.on, **line})

    @factory.post_generation
    def moved(self, create, extracted, **kwargs):
        wanted, now = self._wanted, timezone.now()
        if wanted == Claim.State.DRAFT:
            return
        self.sent_at, self.sent_by = self.sent_at or now, self.person
        if wanted in ("approved", "paying", "paid"):
            self.approved_at, self.approved_by = now, PersonFactory(name="Anne Approves")
            if self.needs_two:
                self.second_at, self.second_by = now, PersonFactory(name="Sid Second")
        if wanted == "paid":
            self.paid_at, self.paid_by = now, PersonFactory(name="Paul Pays")
        if wanted == "declined":
            self.declined_at, self.declined_by = now, PersonFactory(name="Dina Declines")
            self.declined_reason = "It was another day."
        if wanted == "withdrawn":
            self.withdrawn_at, self.withdrawn_by = now, self.person
        self.state = wanted
        self.save()


class LineFactory(DjangoModelFactory):
    class Meta:
        model = Line

    claim = factory.SubFactory(ClaimFactory, lines=[])
    kind = Line.Kind.PARKING
    on = date(2026, 11, 10)
    pence = 320
    policy = factory.LazyFunction(lambda: Policy.objects.confirmed().first() or PolicyFactory())


class AttendanceCheckFactory(DjangoModelFactory):
    class Meta:
        model = AttendanceCheck

    claim = factory.SubFactory(ClaimFactory, state="submitted")
    claimant = factory.SelfAttribute("claim.person")


class HeadingFactory(DjangoModelFactory):
    class Meta:
        model = Heading

    name = factory.Sequence("Heading {}".format)


class RecognitionFactory(DjangoModelFactory):
    """A thank-you payment of £25 that was offered."""

    class Meta:
        model = Recognition

    person = factory.SubFactory(PersonFactory)
    kind = Recognition.Kind.HONORARIUM
    what_for = "Reading draft letters"
    on = date(2026, 11, 10)
    pence = 2500
    offered_by = factory.SubFactory(PersonFactory)


class SpendingFactory(DjangoModelFactory):
    """Stamps for £22, paid."""

    class Meta:
        model = Spending

    heading = factory.SubFactory(HeadingFactory)
    on = date(2026, 11, 10)
    what = "Stamps for 22 letters"
    pence = 2200


class TimeGivenFactory(DjangoModelFactory):
    class Meta:
        model = TimeGiven

    person = factory.SubFactory(PersonFactory)
    on = date(2026, 11, 10)
    what = "Read the draft letter"
    hours = "1.5"


def drawer(by, *, count=5, pence=2500, **fields):
    """Vouchers in the drawer, bought by somebody on 2 November 2026."""
    fields = {"shop": "Larkmere Market", "bought_on": date(2026, 11, 2), **fields}
    return buy_vouchers(count=count, pence=pence, by=by, **fields)
