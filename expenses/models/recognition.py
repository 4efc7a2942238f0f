"""Thank-yous: offered, accepted, declined or given away; and the vouchers in the drawer."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from coprod.templatetags.forum import pence as in_pounds
from expenses.models.claims import Claim
from expenses.models.parts import Steps, by_whom, differs
from expenses.querysets import RecognitionQuerySet, VoucherBatchQuerySet


class Recognition(Steps):
    """One thank-you for somebody's time. Never money back: other lines, totals and reports.

    Saying no needs no reason and none is kept. Before the first that has a value somebody reads
    the page about benefits and tax (``Acknowledgement``). Pence.
    """

    class Kind(models.TextChoices):
        HONORARIUM = "honorarium", "Thank-you payment"
        VOUCHER = "voucher", "Voucher"
        THANKS = "thanks", "Thank-you letter"
        TRAINING = "training", "Training"

    class State(models.TextChoices):
        OFFERED = "offered", "Offered"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "No, thank you"
        GIVEN_AWAY = "given_away", "Given away"
        PAYING = "paying", "Being paid"
        DONE = "done", "Received"
        WITHDRAWN = "withdrawn", "Offer taken back"

    TRANSITIONS: ClassVar[dict[str, dict[str, str]]] = {
        "accept": {"offered": "accepted", "declined": "accepted", "given_away": "accepted"},
        "decline": {"offered": "declined", "accepted": "declined", "given_away": "declined"},
        "give_away": {"offered": "given_away", "accepted": "given_away", "declined": "given_away"},
        "begin_paying": {"accepted": "paying"},
        "stop_paying": {"paying": "accepted"},
        "hand_over": {"accepted": "done", "paying": "done"},
        "come_back": {"done": "accepted"},
        "withdraw": {"offered": "withdrawn", "accepted": "withdrawn"},
    }
    REFUSALS: ClassVar[dict[str, str]] = {
        "accept": "This can’t be accepted any more.",
        "decline": "This can’t be declined any more: it is on its way, or with you.",
        "give_away": "This can’t be given away any more: it is on its way, or with you.",
        "begin_paying": "Only what was accepted can be paid.",
        "stop_paying": "This isn’t in a payment run.",
        "hand_over": "Only what was accepted can be handed over.",
        "come_back": "Only what was handed over can come back.",
        "withdraw": "This can’t be taken back any more.",
    }

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="recognitions"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=12, choices=State, default=State.OFFERED)
    meeting = models.ForeignKey(
        "meetings.Meeting",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="recognitions",
    )
    what_for = models.CharField(max_length=200)
    on = models.DateField(help_text="The day of what they did")
    pence = models.PositiveIntegerField(default=0, help_text="0 where it has no value in money")
    workings = models.CharField(max_length=200, blank=True)
    pay_by = models.CharField(max_length=8, choices=Claim.PayBy, default=Claim.PayBy.BANK)
    given_to = models.CharField(max_length=160, blank=True, help_text="To whom it was given away")
    heading = models.ForeignKey(
        "expenses.Heading", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    offered_at = models.DateTimeField(default=timezone.now)
    offered_by = by_whom()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = by_whom()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = by_whom()

    objects = RecognitionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-offered_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=differs("offered_by", "person"), name="nobody_thanks_themselves"
            ),
            models.CheckConstraint(
                condition=differs("done_by", "person"), name="nobody_hands_it_to_themselves"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["honorarium", "voucher"]) | Q(pence__gt=0),
                name="paid_thanks_have_a_value",
            ),
            models.CheckConstraint(
                condition=~Q(state="given_away") | ~Q(given_to=""), name="given_away_to_somebody"
            ),
            models.UniqueConstraint(
                fields=["person", "meeting", "kind"],
                condition=Q(meeting__isnull=False) & ~Q(state="withdrawn"),
                name="one_thanks_of_a_kind_a_meeting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for {self.what_for}"

    @property
    def has_value(self) -> bool:
        """Whether it may count as income, so that the pause page comes before it."""
        return self.pence > 0

    @property
    def is_open(self) -> bool:
        """Whether they can still answer, or change their mind: nothing is on its way."""
        return self.state == self.State.ACCEPTED or self.can("accept")

    @property
    def title(self) -> str:
        """``Thank-you payment of £25``, ``Training``."""
        worth = f" of {in_pounds(self.pence)}" if self.pence else ""
        return f"{self.get_kind_display()}{worth}"


class Acknowledgement(models.Model):
    """That somebody has read the page about benefits and tax, in the words of that day."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="acknowledgements"
    )
    edition = models.CharField(max_length=20, help_text="Which words of the page")
    read_at = models.DateTimeField(default=timezone.now)
    read_by = by_whom(help_text="They themselves, or who read it to them on the phone")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "edition"], name="one_reading_an_edition")
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.edition}"


class VoucherBatch(models.Model):
    """Vouchers of one shop and value that were bought together. Pence each."""

    shop = models.CharField(max_length=80)
    pence = models.PositiveIntegerField()
    bought_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    heading = models.ForeignKey(
        "expenses.Heading", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)
    made_by = by_whom()

    objects = VoucherBatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "voucher batches"
        ordering: ClassVar[list[str]] = ["-bought_on", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(pence__gt=0), name="voucher_is_worth_something")
        ]

    def __str__(self) -> str:
        return f"{self.shop}, {self.pence}p"


class VoucherMove(models.Model):
    """One line of the voucher ledger: how many came or went, and how many there are then.

    Written once. ``before`` + ``change`` = ``after``, which is never below nothing, and each
    line begins with the number where the one before it ended.
    """

    class Kind(models.TextChoices):
        BOUGHT = "bought", "Bought"
        GIVEN = "given", "Given"
        RETURNED = "returned", "Came back"
        LOST = "lost", "Lost or expired"

    batch = models.ForeignKey(VoucherBatch, on_delete=models.PROTECT, related_name="moves")
    number = models.PositiveIntegerField(help_text="1, 2, 3 … within its batch")
    kind = models.CharField(max_length=10, choices=Kind)
    change = models.IntegerField()
    before = models.PositiveIntegerField()
    after = models.PositiveIntegerField()
    recognition = models.ForeignKey(
        Recognition, null=True, blank=True, on_delete=models.PROTECT, related_name="voucher_moves"
    )
    serial = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = by_whom()

    class Meta:
        ordering: ClassVar[list[str]] = ["batch", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["batch", "number"], name="one_move_a_number"),
            models.CheckConstraint(
                condition=Q(after=F("before") + F("change"), after__gte=0),
                name="voucher_move_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["bought", "returned"], change__gt=0)
                | Q(kind="lost", change__lt=0)
                | Q(kind="given", change=-1, recognition__isnull=False),
                name="voucher_move_goes_its_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch}: {self.change:+}"
