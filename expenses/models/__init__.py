"""Money back, thank-yous and the budget: rates, claims, payments, recognition."""

from expenses.models.advances import Advance, AdvanceUse
from expenses.models.bank import BankDetails
from expenses.models.budget import Allocation, Heading, Spending, TimeGiven
from expenses.models.claims import AttendanceCheck, Claim, ClaimCode, Line, Question, Receipt
from expenses.models.payments import Payment, Run
from expenses.models.policies import MilesElsewhere, Policy, Rate
from expenses.models.recognition import (
    Acknowledgement,
    Recognition,
    VoucherBatch,
    VoucherMove,
)

__all__ = [
    "Acknowledgement",
    "Advance",
    "AdvanceUse",
    "Allocation",
    "AttendanceCheck",
    "BankDetails",
    "Claim",
    "ClaimCode",
    "Heading",
    "Line",
    "MilesElsewhere",
    "Payment",
    "Policy",
    "Question",
    "Rate",
    "Receipt",
    "Recognition",
    "Run",
    "Spending",
    "TimeGiven",
    "VoucherBatch",
    "VoucherMove",
]
