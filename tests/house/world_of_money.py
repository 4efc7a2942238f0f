"""The money that the permission matrix asks about: claims of R, and one that C entered for M."""

from uuid import uuid4

from coprod import clocks
from expenses.accounts import Account
from expenses.budget import year_of
from expenses.models import Advance, Receipt
from expenses.pricing import tax_year
from expenses.services.bank import save_details
from expenses.services.paying import make_run
from tests.factories.money import (
    AttendanceCheckFactory,
    ClaimFactory,
    HeadingFactory,
    PolicyFactory,
    ProposedPolicyFactory,
    RecognitionFactory,
    SpendingFactory,
    TimeGivenFactory,
    drawer,
)


def kwargs_of_money(people):
    """Rows of the matrix by name; ``people`` is one of each column."""
    policy = PolicyFactory(number=1)
    claim = ClaimFactory(person=people["R"], state="submitted")
    entered = ClaimFactory(person=people["M"], entered_by=people["C"], state="submitted")
    draft = ClaimFactory(person=people["R"])
    thanked = {"person": people["R"], "offered_by": people["C"]}
    voucher = RecognitionFactory(**thanked, kind="voucher", state="accepted")
    RecognitionFactory(**thanked, state="done")
    return {
        "thanks": {"pk": RecognitionFactory(**thanked).pk},
        "voucher thanks": {"pk": voucher.pk},
        "thanked person": {"public_id": people["R"].public_id},
        "vouchers": {"pk": drawer(people["T"]).pk},
        "policy": {"pk": policy.pk},
        "draft policy": {"pk": PolicyFactory(number=2, confirmed=False).pk},
        "proposed policy": {"pk": ProposedPolicyFactory(number=3, proposed_by=people["C"]).pk},
        "claim": {"pk": claim.pk},
        "entered claim": {"pk": entered.pk},
        **_to_decide(people, claim),
        "draft claim": {"pk": draft.pk},
        **_at_each_step(people),
        "receipt": _receipt_of(claim),
        "entered receipt": _receipt_of(entered),
        "draft receipt": _receipt_of(draft),
        **_planned(people),
        **_paid(people),
    }


def _paid(people):
    """R's account, which T pays into: a run that waits, and advances."""
    account = Account("R. Rep", "112233", "12345678")
    save_details(person=people["R"], account=account, by=people["R"])
    claim = ClaimFactory(person=people["R"], state="approved")
    run = make_run(claims=[claim], by=people["T"], key=uuid4())
    asked = {"person": people["R"], "asked_by": people["R"], "what_for": "Train", "pence": 500}
    return {
        "bank person": {"public_id": people["R"].public_id},
        "run": {"pk": run.pk},
        "payment": {"pk": run.payments.get().pk},
        "advance": {"pk": Advance.objects.create(**asked).pk},
        "open advance": {"pk": Advance.objects.create(**asked, state="paid").pk},
    }


def _to_decide(people, claim):
    """What T decides and C vouches for, and what neither does because it is their own."""
    late = ClaimFactory(person=people["R"], state="submitted", is_late=True)
    own = ClaimFactory(person=people["C"], state="submitted")
    return {
        "late claim": {"pk": late.pk},
        "line": {"pk": claim.pk, "line": claim.lines.get().pk},
        "attendance": {"pk": AttendanceCheckFactory(claim=claim).pk},
        "own attendance": {"pk": AttendanceCheckFactory(claim=own).pk},
    }


def _receipt_of(claim):
    """A receipt’s row; its file is asked for elsewhere."""
    receipt = Receipt.objects.create(
        claim=claim, kind="image", path=str(claim.pk), size=1, fingerprint="0", scan="none"
    )
    return {"key": receipt.key}


def _at_each_step(people):
    """Claims that wait for one thing each, in the hands of whoever may do it."""
    unconfirmed = ClaimFactory(person=people["M"], entered_by=people["C"], state="unconfirmed")
    questioned = ClaimFactory(person=people["R"], state="questioned")
    questioned.questions.create(text="What was the taxi for?", asked_by=people["T"])
    declined = ClaimFactory(person=people["R"], state="declined")
    return {
        "unconfirmed claim": {"pk": unconfirmed.pk},
        "questioned claim": {"pk": questioned.pk},
        "questioned receipt": _receipt_of(questioned),
        "declined claim": {"pk": declined.pk},
    }


def _planned(people):
    """The budget, and what T makes a statement of."""
    today = clocks.today()
    heading = HeadingFactory(name="Travel")
    spending = SpendingFactory(heading=heading, on=today, is_paid=False)
    given = TimeGivenFactory(person=people["R"], made_by=people["R"])
    ClaimFactory(person=people["R"], state="paid")
    return {
        "heading": {"pk": heading.pk},
        "heading year": {"year": year_of(today), "pk": heading.pk},
        "spending": {"pk": spending.pk},
        "time given": {"pk": given.pk},
        "this year": {"year": year_of(today)},
        "this tax year": {"year": tax_year(today)},
        "statement": {"public_id": people["R"].public_id, "year": tax_year(today)},
    }
