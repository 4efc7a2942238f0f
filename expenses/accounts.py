"""Reading a UK bank account as people type it; never storing it."""

import re
import unicodedata
from dataclasses import dataclass, field

#: What people put between digits.
_BETWEEN = re.compile(r"[\s\-–—‐‑‒−./·]+")
SORT_CODE_WORDS = "A sort code has 6 digits, such as 12-34-56"
NUMBER_WORDS = "An account number has 8 digits, such as 12345678"
CARD_WORDS = (
    "This looks like the long number of a card. Enter the account number, which has 8 digits"
)
IBAN_WORDS = "This is an IBAN. Enter the account number, which has 8 digits"


@dataclass(frozen=True)
class Account:
    """Where money goes: never shown by accident, since it doesn't print itself."""

    name: str = field(repr=False)
    sort_code: str = field(repr=False)  # 6 digits
    number: str = field(repr=False)  # 8 digits

    @property
    def last_digits(self) -> str:
        return self.number[-4:]

    @property
    def sort_code_said(self) -> str:
        """``12-34-56``."""
        return "-".join((self.sort_code[:2], self.sort_code[2:4], self.sort_code[4:]))


def _digits(text: str) -> str:
    """Without what stands between; wide digits as plain ones."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text))


def read_sort_code(text: str) -> str:
    """Six digits. Raises ValueError with words for whoever typed it."""
    found = _digits(text)
    if not re.fullmatch(r"[0-9]{6}", found):
        raise ValueError(SORT_CODE_WORDS)
    if found == "000000":
        raise ValueError("No bank has this sort code. Look at your card or your banking app")
    return found


def read_number(text: str) -> str:
    """Eight digits; the shorter ones of older accounts get noughts before them, as banks do.

    Raises ValueError with words for whoever typed it.
    """
    found = _digits(text)
    if re.fullmatch(r"[0-9]{16}", found):
        raise ValueError(CARD_WORDS)
    if re.match(r"[A-Za-z]{2}[0-9]{2}[A-Za-z0-9]{10}", found):
        raise ValueError(IBAN_WORDS)
    if not re.fullmatch(r"[0-9]{6,8}", found):
        raise ValueError(NUMBER_WORDS)
    if not found.strip("0"):
        raise ValueError("No account has this number. Look at your card or your banking app")
    return found.zfill(8)
