"""The code by which somebody without e-mail confirms a claim: made from a salt and our key."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from expenses.models import ClaimCode

DIGITS = 8


def code_of(row: ClaimCode) -> str:
    """Its eight digits. They are kept nowhere: the database alone tells nobody."""
    made = salted_hmac(
        "expenses.claim_code", f"{row.claim_id}:{row.salt}", settings.SECRET_KEY, algorithm="sha256"
    )
    return f"{int.from_bytes(made.digest(), 'big') % 10**DIGITS:0{DIGITS}}"


def in_words(code: str) -> str:
    """``1234 5678``, which is easier to read and to type."""
    return f"{code[:4]} {code[4:]}"


def has_ended(row: ClaimCode) -> bool:
    """Whether wrong tries or time have ended it."""
    old = row.made_at < timezone.now() - timedelta(days=ClaimCode.DAYS)
    return old or row.tries >= ClaimCode.MOST_TRIES


def fits(row: ClaimCode, typed: str) -> bool:
    """Whether these are the digits of a code that still works."""
    digits = "".join(c for c in typed if c.isascii() and c.isdigit())
    return constant_time_compare(digits, code_of(row)) and not has_ended(row)
