"""Bank details for tests: invented, and easy to find again wherever they lie."""

from expenses.accounts import Account
from expenses.services.bank import save_details

SORT_CODE, NUMBER = "207391", "58316274"
ACCOUNT = Account("Canary Accountholder", SORT_CODE, NUMBER)
#: What must stand nowhere in the clear; the last four digits may.
CANARIES = (SORT_CODE, "20-73-91", NUMBER, "5831 6274", "Canary Accountholder")
TYPED = {
    "account_name": "Canary Accountholder",
    "sort_code": "20-73-91",
    "account_number": "5831 6274",
}


def with_bank(person, account=ACCOUNT, **more):
    return save_details(person=person, account=account, by=person, **more)


def found_in(text):
    return [canary for canary in CANARIES if canary in str(text)]
