"""Background work of money: a service called; never a rule."""

from celery import shared_task

from expenses import scanning
from expenses.models import Receipt
from expenses.services import bank, chasing, receipts, recognition, top_ups


@shared_task(ignore_result=True)
def remind_of_claims() -> None:
    """Remind whoever's turn it is with a claim. Harmless to run twice."""
    chasing.remind_when_due()


@shared_task(ignore_result=True)
def scan_receipt(pk: int) -> None:
    """Have one receipt scanned. Harmless to run twice, or at once."""
    receipt = Receipt.objects.filter(pk=pk).first()
    if receipt is not None:
        scanning.scan(receipt=receipt)


@shared_task(ignore_result=True)
def scan_receipts() -> None:
    """Ask again about receipts whose scan never ended. Harmless to run twice."""
    scanning.scan_stuck()


@shared_task(ignore_result=True)
def sweep_receipts() -> None:
    """Delete files that no receipt names. Harmless to run twice."""
    receipts.sweep_files()


@shared_task(ignore_result=True)
def remind_of_thanks() -> None:
    """Ask once about thank-yous that nobody answered. Harmless to run twice."""
    recognition.remind_of_offers()


@shared_task(ignore_result=True)
def forget_bank_details() -> None:
    """Delete bank details that nobody needs any more. Harmless to run twice."""
    bank.forget_when_due()


@shared_task(ignore_result=True)
def catch_up_with_rates() -> None:
    """Price what moved while new rates were confirmed. Harmless to run twice."""
    top_ups.catch_up()
