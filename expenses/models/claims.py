"""A claim, its lines and receipts, and what is asked and answered about it."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from coprod import clocks
from expenses.models.parts import Steps, by_whom, differs, together
from expenses.models.policies import Policy
from expenses.querysets import (
    AttendanceCheckQuerySet,
    ClaimQuerySet,
    LineQuerySet,
    ReceiptQuerySet,
)


class Claim(Steps):
    """Money that somebody asks back for one occasion: whose turn it is, on which day of how many.

    Nobody decides or pays their own, nor one that they entered for somebody: the database
    refuses it whoever asks. The rules that it is judged by are copied when it is sent.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Not sent yet"
        UNCONFIRMED = "unconfirmed", "Waits for their confirmation"
        SUBMITTED = "submitted", "Being checked"
        QUESTIONED = "questioned", "A question to you"
        APPROVED = "approved", "Approved"
        PAYING = "paying", "Being paid"
        PAID = "paid", "Paid"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Taken back"

    class PayBy(models.TextChoices):
        BANK = "bank", "To my bank account"
        CHEQUE = "cheque", "By cheque, in the post"
        CASH = "cash", "In cash, at the next meeting"

    class Confirmed(models.TextChoices):
        CODE = "code", "By the code in the letter"
        PHONE = "phone", "By phone, to the treasurer"

    TRANSITIONS: ClassVar[dict[str, dict[str, str]]] = {
        "send": {"draft": "submitted"},
        "hand_over": {"draft": "unconfirmed"},
        "confirm": {"unconfirmed": "submitted"},
        "ask": {"submitted": "questioned"},
        "answer": {"questioned": "submitted"},
        "approve": {"submitted": "approved"},
        "decline": {"submitted": "declined"},
        "appeal": {"declined": "submitted"},
        "reopen": {"approved": "submitted"},
        "begin_paying": {"approved": "paying"},
        "stop_paying": {"paying": "approved"},
        "pay": {"paying": "paid"},
        "come_back": {"paid": "approved"},
        "change": {"draft": "draft"},
        "edit": {"unconfirmed": "draft", "submitted": "draft", "questioned": "draft"},
        "withdraw": {
            "draft": "withdrawn",
            "unconfirmed": "withdrawn",
            "submitted": "withdrawn",
            "questioned": "withdrawn",
            "declined": "withdrawn",
        },
    }
    REFUSALS: ClassVar[dict[str, str]] = {
        "send": "This claim has been sent already.",
        "hand_over": "This claim has been sent already.",
        "confirm": "This claim doesn’t wait to be confirmed.",
        "ask": "Only a claim that is being checked can be asked about.",
        "answer": "This claim has no open question.",
        "approve": "Only a claim that is being checked can be approved.",
        "decline": "Only a claim that is being checked can be declined.",
        "appeal": "Only a claim that was declined can be looked at again.",
        "reopen": "Only an approved claim can go back to be checked.",
        "begin_paying": "Only an approved claim that isn’t in a payment run can be paid.",
        "stop_paying": "This claim isn’t in a payment run.",
        "pay": "This claim isn’t in a payment run.",
        "come_back": "Only a payment that was made can come back.",
        "change": "This claim has been sent, so it can’t be changed. Take it back first.",
        "edit": "This claim has been decided, so it can’t be changed any more.",
        "withdraw": "This claim has been decided, so it can’t be taken back any more.",
    }
    #: What counts as asked for: everything but what isn’t sent, was refused or taken back.
    STANDING: ClassVar[tuple[str, ...]] = (
        State.UNCONFIRMED,
        State.SUBMITTED,
        State.QUESTIONED,
        State.APPROVED,
        State.PAYING,
        State.PAID,
    )

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="money_claims"
    )
    entered_by = by_whom(help_text="Null for a top-up that a new rate made by itself")
    entered_at = models.DateTimeField(default=timezone.now)
    key = models.UUIDField(default=uuid.uuid4, unique=True, help_text="So that one form makes one")
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    meeting = models.ForeignKey(
        "meetings.Meeting", null=True, blank=True, on_delete=models.PROTECT, related_name="claims"
    )
    occasion = models.CharField(max_length=160, blank=True, help_text="Where it was no meeting")
    on = models.DateField(help_text="The day of it; a line may have another")
    pay_by = models.CharField(max_length=8, choices=PayBy, default=PayBy.BANK)
    typed = models.JSONField(default=dict, blank=True, help_text="A draft’s pages, as typed")
    edit_no = models.PositiveIntegerField(default=0)
    # Sending, with the rules that it is judged by
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = by_whom()
    pay_days = models.PositiveSmallIntegerField(default=14)
    needs_two = models.BooleanField(default=False)
    is_late = models.BooleanField(default=False, help_text="Sent after the claim window")
    late_reason = models.TextField(blank=True, max_length=1000)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = by_whom(help_text="Who keyed in the code, or heard it on the phone")
    confirmed_how = models.CharField(max_length=6, choices=Confirmed, blank=True)
    # Deciding
    late_accepted_at = models.DateTimeField(null=True, blank=True)
    late_accepted_by = by_whom()
    late_accepted_reason = models.TextField(blank=True, max_length=1000)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = by_whom()
    second_at = models.DateTimeField(null=True, blank=True)
    second_by = by_whom()
    declined_at = models.DateTimeField(null=True, blank=True)
    declined_by = by_whom()
    declined_reason = models.TextField(blank=True, max_length=1000)
    appealed_at = models.DateTimeField(null=True, blank=True)
    appealed_by = by_whom()
    appeal = models.TextField(blank=True, max_length=2000)
    refused_at = models.DateTimeField(null=True, blank=True, help_text="The appeal, for good")
    refused_by = by_whom()
    refused_reason = models.TextField(blank=True, max_length=1000)
    paid_at = models.DateTimeField(null=True, blank=True)
    paid_by = by_whom()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = by_whom()

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-entered_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *(
                models.CheckConstraint(
                    condition=differs(f"{deed}_by", "person")
                    & (differs(f"{deed}_by", "entered_by")),
                    name=f"nobody_{deed}_their_own_claim",
                )
                for deed in (
                    "approved",
                    "second",
                    "declined",
                    "refused",
                    "late_accepted",
                    "paid",
                )
            ),
            models.CheckConstraint(
                condition=differs("second_by", "approved_by"), name="claim_by_two_people"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_how="code") | differs("confirmed_by", "entered_by"),
                name="claim_confirmed_to_somebody_else",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "paying", "paid"])
                | Q(approved_by__isnull=False, approved_at__isnull=False)
                & (Q(needs_two=False) | Q(second_by__isnull=False, second_at__isnull=False)),
                name="approved_claim_says_by_whom",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "paying", "paid"])
                | Q(is_late=False)
                | Q(late_accepted_by__isnull=False) & ~Q(late_accepted_reason=""),
                name="late_claim_let_in_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(paid_by__isnull=False, paid_at__isnull=False),
                name="paid_claim_says_by_whom",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(declined_reason=""),
                name="declined_claim_says_why",
            ),
            # Whoever declined it doesn't judge the appeal.
            models.CheckConstraint(
                condition=Q(appealed_at__isnull=True)
                | (
                    differs("approved_by", "declined_by")
                    & differs("second_by", "declined_by")
                    & differs("refused_by", "declined_by")
                ),
                name="appeal_judged_by_somebody_else",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"]) | Q(sent_at__isnull=False),
                name="sent_claim_says_when",
            ),
            models.CheckConstraint(
                condition=Q(meeting__isnull=False) | ~Q(occasion="") | Q(state="draft"),
                name="claim_says_what_for",
            ),
            models.CheckConstraint(
                condition=together("approved_at", "approved_by"), name="claim_approved_by"
            ),
        ]

    def __str__(self) -> str:
        return f"Claim {self.reference}"

    def get_absolute_url(self) -> str:
        return reverse("expenses:claim_detail", args=[self.pk])

    @property
    def reference(self) -> str:
        """What people say on the phone and read in their bank statement: ``MB-0042``."""
        return f"MB-{self.pk:04}"

    @property
    def title(self) -> str:
        return self.meeting.title if self.meeting else self.occasion or "Something else"

    @property
    def total(self) -> int:
        """Pence: the sum of its lines, and nothing else. Reads the prefetched lines."""
        return sum(line.pence for line in self.lines.all())

    @property
    def is_for_approvers(self) -> bool:
        """Whether somebody who isn't treasurer, such as the chair, has a say: as the second of
        two, and where a no is looked at again, so that a forum with one treasurer has a way.
        """
        return self.needs_two or self.appealed_at is not None

    @property
    def is_for_another(self) -> bool:
        """Whether somebody else entered it for them, or what it is the difference to."""
        return self.entered_by_id is not None and self.entered_by_id != self.person_id

    @property
    def is_top_up(self) -> bool:
        """Whether it is a difference to a new rate, which nobody typed and nobody changes."""
        return any(line.kind == Line.Kind.TOP_UP for line in self.lines.all())

    @property
    def is_held(self) -> bool:
        """Whether it came late and nobody has decided yet whether that matters."""
        return self.is_late and self.late_accepted_at is None

    @property
    def clock(self) -> clocks.Clock | None:
        """The promise that runs from the day it was sent to the day the money is back.

        From the day on which another look was asked for, where there was a no in between. None
        before it is sent, and once it was declined or taken back.
        """
        if self.sent_at is None or self.state in (self.State.DECLINED, self.State.WITHDRAWN):
            return None
        paid = clocks.today(self.paid_at) if self.paid_at else None
        begins = max(self.sent_at, self.appealed_at or self.sent_at)
        return clocks.Clock(clocks.today(begins), self.pay_days, paid)


class AttendanceCheck(models.Model):
    """Whether a claimant was there: by the register, else as the coordinator says.

    A row of its own, so that whoever confirms it needs to see neither sums nor receipts.
    """

    class Answer(models.TextChoices):
        REGISTER = "register", "The register says so"
        THERE = "there", "Was there"
        NOT_THERE = "not_there", "Wasn’t there"

    claim = models.OneToOneField(Claim, on_delete=models.CASCADE, related_name="attendance_check")
    claimant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="attendance_checks"
    )
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    note = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = by_whom()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = by_whom()

    objects = AttendanceCheckQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=differs("answered_by", "claimant"), name="nobody_vouches_for_themselves"
            )
        ]

    def __str__(self) -> str:
        return f"{self.claimant} at {self.claim.title}"


class Line(models.Model):
    """One thing to be paid, by the rate of its own day, with the workings kept beside it.

    ``pence`` is what is paid; ``asked`` what it cost them, where they say a sum.
    """

    class Kind(models.TextChoices):
        CAR = "car", "My own car or van"
        MOTORCYCLE = "motorcycle", "Motorcycle"
        BICYCLE = "bicycle", "Bicycle"
        TRANSPORT = "transport", "Bus, train or tram"
        TAXI = "taxi", "Taxi"
        PARKING = "parking", "Parking or tolls"
        CHILDCARE = "childcare", "Childcare"
        CARE = "care", "Replacement care"
        MEAL = "meal", "Food and drink"
        PHONE = "phone", "Phone and data"
        PRINTING = "printing", "Printing"
        OTHER = "other", "Something else"
        TOP_UP = "top_up", "Difference to a new rate"

    BY_MILE: ClassVar[tuple[str, ...]] = (Kind.CAR, Kind.MOTORCYCLE, Kind.BICYCLE)
    BY_HOUR: ClassVar[tuple[str, ...]] = (Kind.CHILDCARE, Kind.CARE)

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="lines")
    kind = models.CharField(max_length=12, choices=Kind)
    on = models.DateField(help_text="The day on which the journey began, or it was spent")
    what = models.CharField(max_length=200, blank=True, help_text="From where to where, or what")
    miles = models.DecimalField(max_digits=6, decimal_places=1, null=True, blank=True)
    passengers = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(8)])
    with_whom = models.CharField(max_length=200, blank=True, help_text="Who came in the car")
    hours = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MaxValueValidator(24)],
    )
    pages = models.PositiveSmallIntegerField(null=True, blank=True)
    asked = models.PositiveIntegerField(null=True, blank=True, help_text="Pence that it cost")
    reason = models.CharField(max_length=300, blank=True, help_text="Such as why a taxi")
    no_receipt = models.CharField(max_length=300, blank=True, help_text="Why there is no receipt")
    by_relative = models.BooleanField(default=False)
    pence = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    workings = models.CharField(
        max_length=300, blank=True, help_text="How the sum came about, in words"
    )
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="lines")
    heading = models.ForeignKey(
        "expenses.Heading", null=True, blank=True, on_delete=models.PROTECT, related_name="lines"
    )
    tops_up = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="top_ups"
    )
    position = models.PositiveSmallIntegerField(default=0)

    objects = LineQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["claim", "position", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(pence__gt=0), name="line_pays_something"),
            models.CheckConstraint(
                condition=~Q(kind__in=["car", "motorcycle", "bicycle"]) | Q(miles__gt=0),
                name="journey_has_miles",
            ),
            models.CheckConstraint(
                condition=~Q(kind="top_up") | Q(tops_up__isnull=False), name="top_up_names_its_line"
            ),
            models.UniqueConstraint(
                fields=["tops_up", "policy"],
                condition=Q(tops_up__isnull=False),
                name="one_top_up_a_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.pence}p"

    @property
    def is_cut(self) -> bool:
        """Whether less is paid than it cost them."""
        return self.asked is not None and self.pence < self.asked

    @property
    def cut(self) -> int:
        """Pence that it cost them and that aren't paid."""
        return max((self.asked or 0) - self.pence, 0)


class Receipt(models.Model):
    """A photo or PDF, rewritten by us before it is kept: nothing of the camera is left in it.

    The file lies under a random name in ``COPROD_DATA/files`` and is written before this row.
    ``fingerprint`` is of the bytes as they were sent, so that the same receipt is noticed twice.
    """

    class Kind(models.TextChoices):
        IMAGE = "image", "Photo"
        PDF = "pdf", "PDF"

    class Scan(models.TextChoices):
        WAITING = "waiting", "Waits to be scanned"
        CLEAN = "clean", "Scanned"
        NONE = "none", "No scanner is set up"
        REFUSED = "refused", "Refused by the scanner"

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="receipts")
    line = models.ForeignKey(
        Line, null=True, blank=True, on_delete=models.SET_NULL, related_name="receipts"
    )
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    kind = models.CharField(max_length=8, choices=Kind)
    path = models.CharField(max_length=120, unique=True)
    size = models.PositiveIntegerField(help_text="Bytes as kept")
    pages = models.PositiveSmallIntegerField(default=1)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    fingerprint = models.CharField(max_length=64, db_index=True)
    scan = models.CharField(max_length=8, choices=Scan, default=Scan.WAITING)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = by_whom()

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["added_at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.claim}"

    @property
    def can_be_served(self) -> bool:
        """Whether anybody may open it: what a scanner hasn't seen isn't handed out."""
        return self.scan in (self.Scan.CLEAN, self.Scan.NONE)


class Question(models.Model):
    """Something that whoever checks a claim asks about it, and what the claimant answered."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="questions")
    text = models.TextField(max_length=1000)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = by_whom()
    answer = models.TextField(blank=True, max_length=2000)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = by_whom()
    via = models.CharField(max_length=8, blank=True, help_text="How it came, where by phone")

    class Meta:
        ordering: ClassVar[list[str]] = ["asked_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["claim"],
                condition=Q(answered_at__isnull=True),
                name="one_open_question_a_claim",
            )
        ]

    def __str__(self) -> str:
        return f"Question on {self.claim}"


class ClaimCode(models.Model):
    """The code in the letter by which somebody without e-mail confirms what was entered for them.

    It follows from ``salt`` and the portal's secret key, so that the letter can be written again
    and the database alone tells nobody. It ends after wrong tries.
    """

    MOST_TRIES: ClassVar[int] = 5
    DAYS: ClassVar[int] = 60

    claim = models.OneToOneField(Claim, on_delete=models.CASCADE, related_name="code")
    salt = models.UUIDField(default=uuid.uuid4)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = by_whom()

    def __str__(self) -> str:
        return f"Code of {self.claim}"
