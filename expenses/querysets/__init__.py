"""Questions about many rows of money, and who sees which."""

from expenses.querysets.budget import HeadingQuerySet, SpendingQuerySet, TimeGivenQuerySet
from expenses.querysets.claims import (
    AttendanceCheckQuerySet,
    ClaimQuerySet,
    LineQuerySet,
    ReceiptQuerySet,
)
from expenses.querysets.payments import AdvanceQuerySet, BankDetailsQuerySet, RunQuerySet
from expenses.querysets.policies import PolicyQuerySet
from expenses.querysets.recognition import RecognitionQuerySet, VoucherBatchQuerySet

__all__ = [
    "AdvanceQuerySet",
    "AttendanceCheckQuerySet",
    "BankDetailsQuerySet",
    "ClaimQuerySet",
    "HeadingQuerySet",
    "LineQuerySet",
    "PolicyQuerySet",
    "ReceiptQuerySet",
    "RecognitionQuerySet",
    "RunQuerySet",
    "SpendingQuerySet",
    "TimeGivenQuerySet",
    "VoucherBatchQuerySet",
]
